"""Write a simulated corpus for `caodian simulate`: one file, or partitions at large scale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import polars as pl

from analysis.corpus.simulate import Knobs, simulate
from analysis.pipeline.executor import open_processes
from analysis.pipeline.partitions import partition_path, renew_folder
from analysis.progress import track
from analysis.storage import write_table
from analysis.study import Study

ROWS_IN_ONE_FILE = 1_000_000
# Starting processes takes as long as writing some ten thousand posts.
ROWS_IN_ONE_PROCESS = 50_000


def write_simulation(
    study: Study, scale: float, seed: int, out: Path, knobs: Knobs | None = None
) -> int:
    """Write posts and truth; return the number of posts.

    Up to a million posts stand in `posts.parquet` and `truth.parquet`; beyond it they stand in
    partitions, `posts/*.parquet` and `truth/*.parquet`, written as they come.
    """
    if _expected(study, scale) > ROWS_IN_ONE_FILE:
        return write_partitions(study, scale, seed, out, knobs)
    parts = list(_partitions(study, scale, seed, knobs))
    posts = pl.concat([posts for posts, _ in parts])
    write_table(posts, out / "posts.parquet")
    write_table(pl.concat([truth for _, truth in parts]), out / "truth.parquet")
    return posts.height


def write_partitions(
    study: Study, scale: float, seed: int, out: Path, knobs: Knobs | None = None
) -> int:
    """Write `posts/` and `truth/` as they come; return the number of posts."""
    posts_folder, truth_folder = renew_folder(out / "posts"), renew_folder(out / "truth")
    written = 0
    for number, (posts, truth) in enumerate(_partitions(study, scale, seed, knobs)):
        write_table(posts, partition_path(posts_folder, number))
        write_table(truth, partition_path(truth_folder, number))
        written += posts.height
    return written


def _partitions(
    study: Study, scale: float, seed: int, knobs: Knobs | None
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    is_large = _expected(study, scale) > ROWS_IN_ONE_PROCESS
    with open_processes() if is_large else nullcontext() as executor:
        parts = simulate(study, scale=scale, seed=seed, knobs=knobs, executor=executor)
        yield from track(parts, description="simulate")


def _expected(study: Study, scale: float) -> float:
    return (study.simulation.posts if study.simulation else 0) * scale
