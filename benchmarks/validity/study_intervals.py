"""Measure the intervals of an audit of a simulated study, whose truth is known.

    python benchmarks/validity/study_intervals.py CODED TRUTH [--posts 62000] [--runs 500]

CODED and TRUTH are the folders that a run of the study leaves
(`data/processed/618-2020/coded`, `data/raw/618-2020/truth`). Each run draws 1,000 of the posts (of
a random part of them with --posts) with the project's own strata and allocation; coders make no
error. Prints coverage and half-width of every row.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from coverage_audits import audit_population
from coverage_populations import Population

from analysis.audit.machine_scores import read_machine_coding
from analysis.coding.codebook import load_codebook

SEED = 20261204
SIZE = 1_000


def read_population(coded: Path, truth: Path, posts: int | None) -> Population:
    """Read the coder's decisions and what is true of the same posts."""
    codes = load_codebook().code_names
    machine = read_machine_coding(pl.scan_parquet(coded / "*.parquet"), codes)
    names = pl.concat_str("source", pl.lit(":"), pl.col("post_id").cast(pl.String))
    true = pl.read_parquet(truth / "*.parquet").select(
        names.alias("key"),
        "is_negative",
        *((pl.col("is_negative") & pl.col("grievances").list.contains(c)).alias(c) for c in codes),
    )
    joined = machine.posts.join(true, on="key", how="left", maintain_order="left")
    found = joined.select("is_negative", *codes).fill_null(False).to_numpy().astype(bool)
    size = min(posts or machine.size, machine.size)
    kept = np.sort(np.random.default_rng(SEED).permutation(machine.size)[:size])
    part = replace(
        machine,
        posts=machine.posts[kept],
        scores=machine.scores[kept],
        is_coded=machine.is_coded[kept],
        half=machine.half[kept],
        against_stars=machine.against_stars[kept],
    )
    return Population(part, found[kept])


def main() -> None:
    """Audit the study many times and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("coded", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--posts", type=int)
    parser.add_argument("--runs", type=int, default=500)
    options = parser.parse_args()
    population = read_population(options.coded, options.truth, options.posts)
    generator = np.random.default_rng([SEED, 1])
    audits = audit_population(population, SIZE, options.runs, generator)
    truth = population.truth.sum(axis=0)
    table = pd.DataFrame(
        {
            "target": population.machine.targets,
            "truth": truth,
            "coverage": ((audits.low <= truth) & (truth <= audits.high)).mean(axis=0),
            "truth_below": (truth < audits.low).mean(axis=0),
            "half_width_pct": 100 * ((audits.high - audits.low) / 2 / truth).mean(axis=0),
            "bias_pct": 100 * (audits.estimate.mean(axis=0) / truth - 1),
        }
    )
    print(table.round(3).to_string(index=False))
    print(table[["coverage", "half_width_pct"]].mean().round(3).to_string())


if __name__ == "__main__":
    main()
