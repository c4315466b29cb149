"""Estimates of small cells, alone and leaning on the coder's own count.

    python benchmarks/validity/small_cells.py --audits 60

A made corpus of 20,000 posts (as in the tests) has nine cells of 5 to 300 posts beside one code,
which the coder finds with its usual errors; audits of 300 and 1,000 posts are drawn, coded
without error and scored. Told are, by size of the cell and rule, the root mean square error over
the truth,
the coverage of the interval, and how often a cell with at least 20 true posts is estimated as 0.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "audit"))

from analysis.audit import correction
from analysis.audit.sampling import draw_sample
from conftest import make_corpus

CODE = "live_streaming"
SIZES = [5, 10, 20, 40, 60, 80, 100, 150, 300]


def make_cells(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Give the posts of one code sub-grievances of known sizes; the coder mistakes a fifth."""
    coded, truth = make_corpus(seed=seed)
    generator = np.random.default_rng(seed)
    holds = truth["grievances"].list.contains(CODE).to_numpy()
    right = np.full(len(holds), "", dtype=object)
    place = generator.permutation(np.flatnonzero(holds))
    start = 0
    for number, size in enumerate(SIZES):
        right[place[start : start + size]] = f"{CODE}.s{number}"
        start += size
    found = right.copy()
    wrong = generator.random(len(right)) < 0.2
    names = [f"{CODE}.s{number}" for number in range(len(SIZES))]
    found[wrong & (right != "")] = generator.choice(names, int((wrong & (right != "")).sum()))
    found[~coded["grievances"].list.contains(CODE).to_numpy()] = ""
    lists = [
        pl.Series([[n] if n else [] for n in part], dtype=pl.List(pl.String))
        for part in (right, found)
    ]
    counts = {name: int((right == name).sum()) for name in names}
    both = coded.with_columns(sub_grievances=lists[1]), truth.with_columns(subs=lists[0])
    return *both, counts


def score(coded: pl.DataFrame, truth: pl.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """Score an audit without coder error."""
    sample = draw_sample(coded, size=size, seed=seed)
    rows = truth.join(sample.select("post_id"), on="post_id", how="semi")
    names = [f"{CODE}.s{number}" for number in range(len(SIZES))]
    coding = pd.DataFrame({"post_id": rows["post_id"], "negative": rows["is_negative"].cast(int)})
    for name in names:
        coding[name] = rows["subs"].list.contains(name).cast(int).to_numpy()
    return correction.estimate_counts(sample, coding).set_index("grievance").reindex(names)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=60)
    audits = parser.parse_args().audits
    found = []
    enough = correction._ENOUGH
    for seed in range(audits):
        coded, truth, counts = make_cells(seed)
        for size in (300, 1000):
            for rule, least in (("alone", 0), ("leaning", enough)):
                correction._ENOUGH = max(least, 1e-9)
                table = score(coded, truth, size, seed)
                for true, row in zip(counts.values(), table.itertuples(), strict=True):
                    if pd.isna(row.items):
                        continue
                    found.append(
                        (
                            size,
                            rule,
                            true,
                            (row.estimate - true) / true,
                            row.low <= true <= row.high,
                            row.estimate == 0,
                        )
                    )
    columns = ["audited", "rule", "true_items", "error", "is_covered", "is_zero"]
    table = pd.DataFrame(found, columns=columns)
    table["cell"] = pd.cut(
        table["true_items"], [0, 19, 60, 1000], labels=["5-10", "20-60", "80-300"]
    )
    told = table.groupby(["audited", "rule", "cell"], observed=True).agg(
        rmse=("error", lambda e: float(np.sqrt((e**2).mean()))),
        coverage=("is_covered", "mean"),
        zero=("is_zero", "mean"),
        n=("error", "size"),
    )
    print(told.round(3).to_string())


if __name__ == "__main__":
    main()
