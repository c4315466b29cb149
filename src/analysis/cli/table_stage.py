"""Run a stage on one file: same rows, same columns, the stage's own columns added."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import polars as pl

from analysis.errors import CaodianError, nearest
from analysis.progress import is_quiet
from analysis.storage import read_table
from analysis.storage.suffix import table_suffix


def open_posts(
    path: str, text_columns: Sequence[str], *, out: str, limit: int | None
) -> pl.DataFrame:
    """Read the file and check that its text columns are there and hold text.

    Raises
    ------
    CaodianError
        When a column is absent (naming those that are there), or no row holds a text.
    """
    table_suffix(Path(out))
    frame = read_table(path, limit=limit)
    for column in text_columns:
        _require_column(frame, column, path)
    frame = frame.with_columns(pl.col(list(text_columns)).cast(pl.String))
    if frame.height and all(frame[column].null_count() == frame.height for column in text_columns):
        raise CaodianError(
            "at least one row must hold a text",
            where=f"{path}, column {', '.join(text_columns)}",
            remedy="Name the right column with --text-column.",
        )
    return frame


def _require_column(frame: pl.DataFrame, column: str, path: str) -> None:
    if column in frame.columns:
        return
    near = nearest(column, frame.columns)
    hint = f" Nearest: {near!r}." if near else ""
    raise CaodianError(
        "the text column must be in the file",
        value=column,
        where=f"{path}; columns there: {', '.join(frame.columns) or 'none'}",
        remedy=f"Name it with --text-column.{hint}",
    )


def say_written(frame: pl.DataFrame, out: str) -> None:
    """Tell on stderr what was written, unless --quiet."""
    if not is_quiet():
        click.echo(f"{frame.height:,} rows written to {out}", err=True)
