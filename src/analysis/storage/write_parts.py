"""Write a table that comes in parts, so that it never stands in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from analysis.storage.nested import join_lists
from analysis.storage.suffix import table_suffix
from analysis.storage.write import replacing, times_as_text, write_table


def write_parts(parts: Iterable[pl.DataFrame], schema: pl.Schema, path: str | Path) -> Path:
    """Write the parts of a table one after the other, atomically.

    Parameters
    ----------
    parts
        Frames of one schema.
    schema
        That schema, for a table without any part.
    path
        Where to. CSV and Parquet are written part by part; the other kinds are made for tables
        that fit into memory.

    Examples
    --------
    >>> import tempfile
    >>> parts = [pl.DataFrame({"text": ["慢"]}), pl.DataFrame({"text": ["坏"]})]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_parts(parts, parts[0].schema, Path(folder) / "posts.parquet")
    ...     pl.read_parquet(path)["text"].to_list()
    ['慢', '坏']
    """
    path = Path(path)
    writers = {".csv": _write_csv, ".parquet": _write_parquet}
    writer = writers.get(table_suffix(path))
    if writer is None:
        return write_table(pl.concat([schema.to_frame(), *parts]), path)
    with replacing(path) as unfinished:
        writer(parts, schema, unfinished)
    return path


def _write_csv(parts: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    with path.open("wb") as stream:
        times_as_text(join_lists(schema.to_frame())).write_csv(stream)
        for part in parts:
            times_as_text(join_lists(part)).write_csv(stream, include_header=False)


def _write_parquet(parts: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    arrow = schema.to_frame().to_arrow().schema
    with pq.ParquetWriter(path, arrow, compression="zstd", write_statistics=False) as writer:
        for part in parts:
            writer.write_table(part.to_arrow())
