"""Measure the audit's intervals on a real corpus whose negative items are labelled.

    python benchmarks/validity/real_labels.py CODED LABELS.csv [--runs 500] [--size 300]

CODED is the folder of coded posts of a run (data/processed/NAME/coded), LABELS a table with
`post_id` and `negative` (1 or 0) that says what every audit finds. No set that we know labels the
codes, so they are made up in two ways: a negative post has a code where the coder's score of it is
.3 at least (`by score`), or at random with the score as its chance, and with a chance of .005 where
the coder sees nothing (`at random`). Prints by target how many audits hold the truth, how many lie
above and below it, and the half-width in per cent.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from coverage_audits import draw_rows, posts_by_stratum

from analysis.audit.correction import correct_bands, interval_ends
from analysis.audit.machine_scores import FULL, MachineCoding, leave_out, read_machine_coding
from analysis.audit.sampling import BANDS, allocate_strata, mean_scores, stratify
from analysis.coding.codebook import load_codebook

SEED = 20261130
LEAST_SCORE, LEAST_CHANCE = 0.3, 0.005


def make_truth(machine: MachineCoding, labels: dict[str, bool], way: str) -> np.ndarray:
    """Return what every audit finds: the label, and codes that are made up for it."""
    negative = np.array([labels[name] for name in machine.posts["name"]])
    scores = machine.scores[:, 1:] / FULL
    has_code = scores >= LEAST_SCORE
    if way == "at random":
        lots = np.random.default_rng(SEED).random(scores.shape)
        has_code = lots < np.maximum(scores, LEAST_CHANCE)
    return np.column_stack([negative, has_code & negative[:, None]])


def measure(machine: MachineCoding, truth: np.ndarray, size: int, runs: int) -> pd.DataFrame:
    """Return cover, misses and half-width by target."""
    strata = stratify(machine, size)
    numbers, members = allocate_strata(strata, size), posts_by_stratum(strata)
    weight = (strata.posts / numbers)[strata.of_post]
    bands = strata.bands.astype(np.int64)
    sides = [
        (np.bincount(own, minlength=BANDS), mean_scores(column, own, BANDS))
        for own, column in zip(bands.T, machine.scores.T, strict=True)
    ]
    generator = np.random.default_rng(SEED)
    rows = []
    for _ in range(runs):
        drawn = draw_rows(members, numbers, generator)
        for target, (posts, mean) in enumerate(sides):
            counted = correct_bands(
                posts, mean, band=bands[drawn, target], weight=weight[drawn],
                score=machine.scores[drawn, target] / FULL, y=truth[drawn, target].astype(float),
                is_negative=truth[drawn, 0] if target else None,
            )  # fmt: skip
            parts = counted.estimate, counted.variance, counted.posts, counted.missed_weight
            rows.append((target, *parts))
    target, *parts = np.array(rows).T
    low, high = interval_ends(*parts)
    planted = truth.sum(axis=0)
    table = pd.DataFrame({"target": target.astype(int), "low": low, "high": high})
    table["truth"] = planted[table["target"]]
    table = table[table["truth"] > 0]
    table["covered"] = table["truth"].between(table["low"], table["high"])
    table["truth_below"] = table["truth"] < table["low"]
    table["truth_above"] = table["truth"] > table["high"]
    table["half_width_pct"] = 50 * (table["high"] - table["low"]) / table["truth"]
    return table.drop(columns=["low", "high"]).groupby("target").mean()


def main() -> None:
    """Measure both ways of making codes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("coded", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--size", type=int, default=300)
    options = parser.parse_args()
    codes = load_codebook().code_names
    coded = pl.scan_parquet(options.coded / "*.parquet")
    machine = leave_out(read_machine_coding(coded, codes), ())
    table = pl.read_csv(options.labels, schema_overrides={"post_id": pl.String})
    labels = {post: bool(mark) for post, mark in table.select("post_id", "negative").iter_rows()}
    for way in ("by score", "at random"):
        found = measure(machine, make_truth(machine, labels, way), options.size, options.runs)
        found.index = pd.Index([("negative", *codes)[target] for target in found.index])
        print(f"codes {way}, {machine.size:,} posts, {options.size} audited, {options.runs} audits")
        print(found.round(3).to_string())
        covered = found["covered"]
        print(f"covered in {covered.min():.3f} at least, {covered.mean():.3f} in the mean\n")


if __name__ == "__main__":
    main()
