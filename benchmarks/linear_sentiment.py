"""Linear sentiment: scikit-learn's usual pipeline beside the compiled scorer, in one run.

    python benchmarks/linear_sentiment.py

The peer is what a notebook would use for the same model: `HashingVectorizer` on character
1-3-grams with `LogisticRegression`. Each runs in a process of its own. Speeds are texts a
second of CPU time on one core, the median of five passes, from a Polars column to probabilities.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import polars as pl
from process_memory import peak_megabytes

PASSES = 5
LENGTH = 51


def read_texts() -> pl.Series:
    """Return half a million pieces of reviews, as long as posts are on average."""
    from analysis.training.texts import read_reviews

    joined = "".join(read_reviews()["text"].to_list())
    pieces = [joined[at : at + LENGTH] for at in range(0, len(joined) - LENGTH, LENGTH)]
    return pl.Series((pieces * (500_000 // len(pieces) + 1))[:500_000])


def median_speed(texts: pl.Series, run: Callable[[pl.Series], object]) -> float:
    """Return texts a second of CPU time."""
    taken = []
    for _ in range(PASSES):
        start = time.process_time()
        run(texts)
        taken.append(time.process_time() - start)
    return len(texts) / statistics.median(taken)


def measure_peer() -> dict[str, float]:
    """Return what the usual way takes."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression

    texts = read_texts()
    vectorizer = HashingVectorizer(analyzer="char", ngram_range=(1, 3), n_features=1 << 20)
    model = LogisticRegression(solver="liblinear")
    some = vectorizer.transform(texts[:2_000].to_list())
    model.fit(some, [number % 2 for number in range(2_000)])  # the speed does not hang on it

    def run(part: pl.Series) -> object:
        return model.predict_proba(vectorizer.transform(part.to_list()))

    return {"speed": median_speed(texts[:20_000], run), "peak": peak_megabytes()}


def measure_ours() -> dict[str, float]:
    """Return what the compiled way takes."""
    from analysis.sentiment.linear import negative_probabilities

    texts = read_texts()
    negative_probabilities(texts[:10])
    return {"speed": median_speed(texts, negative_probabilities), "peak": peak_megabytes()}


def in_own_process(part: str) -> dict[str, float]:
    """Run one part alone and return what it printed."""
    command = [sys.executable, __file__, "--part", part]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(found.stdout.splitlines()[-1]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("peer", "ours"))
    given = parser.parse_args()
    if given.part:
        print(json.dumps(measure_peer() if given.part == "peer" else measure_ours()))
        return
    peer, ours = in_own_process("peer"), in_own_process("ours")
    print("| scorer | texts/s a core | ratio | peak memory, MB |")
    print("|---|---|---|---|")
    print(
        f"| scikit-learn, hashed char 1-3-grams | {peer['speed']:,.0f} | 1 | {peer['peak']:.0f} |"
    )
    ratio = ours["speed"] / peer["speed"]
    print(f"| `negative_probabilities` | {ours['speed']:,.0f} | {ratio:.0f} | {ours['peak']:.0f} |")


if __name__ == "__main__":
    main()
