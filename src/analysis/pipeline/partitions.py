"""Folders of Parquet partitions: one file a partition, read lazily as one table."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from analysis.schema.definition import table


def partition_path(folder: Path, number: int) -> Path:
    """Return the file of a partition.

    Examples
    --------
    >>> partition_path(Path("coded"), 3).name
    'part-00003.parquet'
    """
    return folder / f"part-{number:05d}.parquet"


def renew_folder(folder: Path) -> Path:
    """Empty a folder that a step writes anew, so that no partition of an older run is left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def partition_files(folder: Path) -> list[Path]:
    """Return the partitions of a folder in order."""
    return sorted(folder.glob("part-*.parquet"))


def scan_partitions(folder: Path) -> pl.LazyFrame:
    """Return all partitions as one lazy table."""
    files = partition_files(folder)
    if not files:
        return pl.LazyFrame(schema=table("posts").polars_schema)
    return pl.scan_parquet(files, glob=False)


def read_partitions(folder: Path) -> Iterator[pl.DataFrame]:
    """Yield the partitions one after the other."""
    for path in partition_files(folder):
        yield pl.read_parquet(path, glob=False)
