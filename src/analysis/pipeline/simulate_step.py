"""Write a simulated corpus for `caodian simulate`: one file, or partitions at large scale."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.corpus.simulate import simulate
from analysis.pipeline.partitions import partition_path, renew_folder
from analysis.progress import track
from analysis.storage import write_table
from analysis.study import Study

ROWS_IN_ONE_FILE = 1_000_000


def write_simulation(study: Study, scale: float, seed: int, out: Path) -> int:
    """Write posts and truth; return the number of posts.

    Up to a million posts stand in `posts.parquet` and `truth.parquet`; beyond it they stand in
    partitions, `posts/*.parquet` and `truth/*.parquet`, written as they come.
    """
    expected = (study.published.counts["all"] if study.published else 0) * scale
    if expected > ROWS_IN_ONE_FILE:
        return write_partitions(study, scale, seed, out)
    parts = list(track(simulate(study, scale=scale, seed=seed), description="simulate"))
    posts = pl.concat([posts for posts, _ in parts])
    write_table(posts, out / "posts.parquet")
    write_table(pl.concat([truth for _, truth in parts]), out / "truth.parquet")
    return posts.height


def write_partitions(study: Study, scale: float, seed: int, out: Path) -> int:
    """Write `posts/` and `truth/` as they come; return the number of posts."""
    posts_folder, truth_folder = renew_folder(out / "posts"), renew_folder(out / "truth")
    written = 0
    partitions = simulate(study, scale=scale, seed=seed)
    for number, (posts, truth) in enumerate(track(partitions, description="simulate")):
        write_table(posts, partition_path(posts_folder, number))
        write_table(truth, partition_path(truth_folder, number))
        written += posts.height
    return written
