"""Folders of Parquet partitions: one file a partition, read lazily as one table.

A folder may stand on this machine or, for a cluster, in any storage that fsspec knows
(`s3://bucket/run`): it then is a `UPath`, which has the methods of `pathlib.Path`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import cast

import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from analysis.errors import CaodianError
from analysis.schema.definition import table

# Columns of few values or of many nulls, which a dictionary makes small.
REPETITIVE = (
    *("source", "source_format", "source_file", "kind", "channel", "region", "author_type"),
    *("published_precision", "like_count", "comment_count", "share_count", "title", "demand"),
    *("status", "masked"),
)


def open_folder(address: str | Path) -> Path:
    """Return a folder of this machine, or of the storage that a URL names.

    Raises
    ------
    CaodianError
        When the package for this kind of storage is not installed.

    Examples
    --------
    >>> open_folder("data/processed").as_posix()
    'data/processed'
    """
    if "://" not in str(address):
        return Path(address)
    try:
        from upath import UPath

        folder = UPath(address)
        folder.exists()
    except (ImportError, ValueError) as error:
        raise CaodianError(
            "storage by URL needs the extra `cluster` and the fsspec package of its protocol",
            value=str(address),
            where=str(error),
            remedy="pip install .[cluster], and for s3:// also s3fs.",
        ) from None
    return cast(Path, folder)


def partition_path(folder: Path, *numbers: int) -> Path:
    """Return the file of a partition, by its number or by that of its table and its own.

    Examples
    --------
    >>> partition_path(Path("posts"), 3, 0).name
    'part-00003-00000.parquet'
    """
    return folder / f"part-{'-'.join(f'{number:05d}' for number in numbers)}.parquet"


def renew_folder(folder: Path) -> Path:
    """Empty a folder that a step writes anew, so that no partition of an older run is left."""
    remove_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder and all in it; it need not be there."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists():
        folder.fs.rm(folder.path, recursive=True)


def partition_files(folder: Path) -> list[Path]:
    """Return the partitions of a folder in order."""
    return sorted(folder.glob("part-*.parquet"), key=lambda path: path.name)


def largest_first(files: list[Path]) -> list[Path]:
    """Return files by size: where the last tasks are short, no worker waits long for another."""
    return sorted(files, key=lambda path: path.stat().st_size, reverse=True)


def write_partition(posts: pl.DataFrame, path: Path) -> None:
    """Write one partition; it appears when it is whole, so a killed worker leaves no half of it."""
    partial = path.with_name(f".{path.name}.partial")
    # A URL is read as a data set of Arrow, which cannot filter the newest type of strings.
    level = pl.CompatLevel.newest() if isinstance(path, Path) else pl.CompatLevel.oldest()
    with partial.open("wb") as stream:
        # Read once or twice by the next steps: speed counts more than size.
        pq.write_table(
            posts.to_arrow(compat_level=level),
            stream,
            compression="none",
            write_statistics=False,
            use_dictionary=[name for name in REPETITIVE if name in posts.columns],
        )
    partial.rename(path)


def read_partition(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """Read one partition, or some columns of it."""
    if isinstance(path, Path):
        return pl.read_parquet(path, columns=columns, glob=False)
    with path.open("rb") as stream:
        return pl.read_parquet(stream, columns=columns)


def scan_partitions(folder: Path) -> pl.LazyFrame:
    """Return all partitions as one lazy table."""
    files = partition_files(folder)
    if not files:
        return pl.LazyFrame(schema=table("posts").polars_schema)
    if isinstance(folder, Path):
        return pl.scan_parquet(files, glob=False)
    names = [path.path for path in files]
    return pl.scan_pyarrow_dataset(ds.dataset(names, format="parquet", filesystem=folder.fs))
