"""Check a table against its definition and name what breaks it."""

from __future__ import annotations

import polars as pl

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars
from analysis.schema.definition import Column, table


def check(frame: AnyFrame, name: str) -> None:
    """Raise when a table lacks a column or holds a value that its definition forbids.

    Parameters
    ----------
    frame
        The table, Polars or pandas, with more columns or not.
    name
        Name of the definition in `tables.yaml`.

    Raises
    ------
    CaodianError
        All missing columns at once, or the first forbidden value with its row.

    Examples
    --------
    >>> check(pl.DataFrame({"source_file": ["a.csv"], "row_number": [1], "reason": ["no text"]}),
    ...       "rejects")
    """
    definition = table(name)
    posts = as_polars(frame)
    require_columns(posts, definition.names, where=f"table {name}")
    for column in definition.columns:
        _check_values(posts[column.name], column, name)


def require_columns(frame: pl.DataFrame, names: list[str], *, where: str) -> None:
    """Raise when columns are missing, naming all of them and those that are there.

    Examples
    --------
    >>> require_columns(pl.DataFrame({"text": ["a"]}), ["text"], where="posts.csv")
    """
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise CaodianError(
            f"{where} must have the columns {', '.join(names)}",
            value=f"missing: {', '.join(missing)}",
            where=f"columns there: {', '.join(frame.columns)}",
            remedy="Rename the columns or run the stage that adds them.",
        )


def _check_values(series: pl.Series, column: Column, name: str) -> None:
    present = series.drop_nulls()
    if column.values:
        _refuse(present, ~present.cast(pl.String).is_in(list(column.values)), column, name)
    if column.minimum is not None and len(present):
        _refuse(present, present.cast(pl.Float64) < column.minimum, column, name)
    if column.maximum is not None and len(present):
        _refuse(present, present.cast(pl.Float64) > column.maximum, column, name)


def _refuse(present: pl.Series, bad: pl.Series, column: Column, name: str) -> None:
    if not bad.any():
        return
    limits = ", ".join(column.values) or f"{column.minimum} to {column.maximum}"
    raise CaodianError(
        f"{column.name} must be one of its allowed values ({limits})",
        value=present.filter(bad)[0],
        where=f"table {name}, {int(bad.sum())} rows",
        remedy="Correct the value where it is made, or add it to the definition.",
    )
