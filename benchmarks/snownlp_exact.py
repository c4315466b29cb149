"""SnowNLP's score: the package beside the compiled one, on the same texts in one run.

    python benchmarks/snownlp_exact.py [--peer-texts 300]

Each scorer runs in a process of its own, so that its peak memory is its own. Speeds are texts a
second of CPU time on one core, the median of the passes; two threads are measured by the clock.
Texts are SnowNLP's own reviews, unique, 20 to 200 characters.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from process_memory import peak_megabytes

PASSES = 5


def median_seconds(run: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return the median time of the passes."""
    taken = []
    for _ in range(PASSES):
        start = clock()
        run()
        taken.append(clock() - start)
    return statistics.median(taken)


def measure_peer(texts: list[str]) -> dict[str, object]:
    """Return what the usual way takes."""
    from snownlp import SnowNLP

    scores: list[float] = []

    def run() -> None:
        scores[:] = [SnowNLP(text).sentiments for text in texts]

    seconds = median_seconds(run, time.process_time)
    return {"texts_per_second": len(texts) / seconds, "scores": scores, "peak": peak_megabytes()}


def measure_ours(texts: list[str], checked: int) -> dict[str, object]:
    """Return what the compiled way takes."""
    import polars as pl

    from analysis.sentiment.snownlp_exact import score_texts

    series = pl.Series(texts)
    start = time.perf_counter()
    scores = score_texts(series).to_list()
    first = time.perf_counter() - start
    cpu = median_seconds(lambda: score_texts(series), time.process_time)
    one = median_seconds(lambda: score_texts(series), time.perf_counter)
    two = median_seconds(lambda: score_texts(series, threads=2), time.perf_counter)
    return {
        "texts_per_second": len(texts) / cpu,
        "scores": scores[:: len(scores) // checked][:checked],
        "peak": peak_megabytes(),
        "first_call_seconds": first,
        "two_threads": one / two,
    }


def in_own_process(part: str, peer_texts: int) -> dict[str, object]:
    """Run one part alone and return what it printed."""
    command = [sys.executable, __file__, "--part", part, "--peer-texts", str(peer_texts)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout.splitlines()[-1]))


def read_texts() -> list[str]:
    """Return the texts that both score."""
    from analysis.sentiment.training_texts import read_reviews

    texts = read_reviews()["text"]
    return texts.filter(texts.str.len_chars().is_between(20, 200)).to_list()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-texts", type=int, default=300)
    parser.add_argument("--part", choices=("peer", "ours"))
    given = parser.parse_args()
    if given.part:
        texts = read_texts()
        step = len(texts) // given.peer_texts
        sample = texts[::step][: given.peer_texts]
        part = measure_peer(sample) if given.part == "peer" else measure_ours(texts, len(sample))
        print(json.dumps(part))
        return
    peer, ours = (in_own_process(part, given.peer_texts) for part in ("peer", "ours"))
    same = sum(a == b for a, b in zip(peer["scores"], ours["scores"], strict=True))
    print("| scorer | texts/s a core | ratio | peak memory, MB | first call, s | two threads |")
    print("|---|---|---|---|---|---|")
    slow, fast = peer["texts_per_second"], ours["texts_per_second"]
    print(f"| `SnowNLP(text).sentiments` | {slow:,.0f} | 1 | {peer['peak']:.0f} | | |")
    print(
        f"| `score_texts` | {fast:,.0f} | {fast / slow:,.0f} | {ours['peak']:.0f} "
        f"| {ours['first_call_seconds']:.1f} | x {ours['two_threads']:.2f} |"
    )
    print(f"\nEqual to the last bit: {same} of {len(peer['scores'])} texts.")


if __name__ == "__main__":
    main()
