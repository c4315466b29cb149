"""Columns that a file types: numbers and times as they are where that is what their words say."""

from __future__ import annotations

import calendar

import polars as pl

from analysis.corpus.readers.values.columns import LARGEST_PLAIN, are_between
from analysis.corpus.readers.values.times import FIRST_YEAR, LAST_YEAR, SHANGHAI_OFFSET
from analysis.schema.definition import ZONE

TIME_FORM = "%Y-%m-%d %H:%M:%S%.f"
STEPS_A_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}
FIRST_SECOND = calendar.timegm((FIRST_YEAR, 1, 1, 0, 0, 0))
LAST_SECOND = calendar.timegm((LAST_YEAR, 12, 31, 23, 59, 59))


def keep_typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return numbers and times as they are, and every other column as strings.

    Examples
    --------
    >>> frame = keep_typed(pl.DataFrame({"likes": [3], "is_new": [True], "stars": [float("nan")]}))
    >>> frame.row(0)
    (3, 'true', None)
    """
    odd = [column.name for column in frame if not _is_typed(column)]
    return frame.with_columns(as_strings(frame.select(odd))) if odd else frame


def _is_typed(column: pl.Series) -> bool:
    """Tell strings, and what is a number or a time and null where its words would be null."""
    if column.dtype.is_float():
        return bool(column.is_finite().all())
    return column.dtype.is_integer() or isinstance(column.dtype, (pl.String, pl.Datetime))


def as_strings(frame: pl.DataFrame) -> pl.DataFrame:
    """Return every column as strings that read back as what they were.

    Examples
    --------
    >>> as_strings(pl.DataFrame({"id": [4973000000000001], "tags": [["a", "b"]]})).row(0)
    ('4973000000000001', 'a,b')
    """
    return frame.select(_as_string(pl.col(name), dtype) for name, dtype in frame.schema.items())


def _as_string(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.String):
        return column
    if isinstance(dtype, pl.Datetime):
        local = column.dt.convert_time_zone(ZONE) if dtype.time_zone else column
        return local.dt.to_string(TIME_FORM)
    if isinstance(dtype, (pl.Float32, pl.Float64)):
        whole = column.cast(pl.Int64, strict=False)
        is_whole = column.is_finite() & (column.abs() < 2.0**53) & (whole.cast(dtype) == column)
        number = pl.when(column.is_finite()).then(column).cast(pl.String)
        return pl.when(is_whole).then(whole.cast(pl.String)).otherwise(number)
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String), strict=False).list.join(",")
    if isinstance(dtype, pl.Struct):
        return column.struct.json_encode()
    return column.cast(pl.String, strict=False)


def plain_numbers(column: pl.Series | None, dtype: pl.DataType) -> pl.Series | None:
    """Return a typed column as numbers where every word for them is read as nothing else.

    Parameters
    ----------
    column
        As `keep_typed` left it; None where the file has none that is typed.
    dtype
        Type of the numbers.

    Examples
    --------
    >>> plain_numbers(pl.Series([3.0, None]), pl.Int64()).to_list()
    [3, None]
    >>> plain_numbers(pl.Series([-3]), pl.Int64()) is plain_numbers(pl.Series([2.5]), pl.Int64())
    True
    """
    if column is None or not column.dtype.is_numeric() or not are_between(column, 0, LARGEST_PLAIN):
        return None
    whole = column.cast(pl.Int64)
    is_whole = column.dtype.is_integer() or (whole == column).all()
    return whole.cast(dtype) if is_whole else None


def plain_times(column: pl.Series | None) -> tuple[pl.Series, pl.Series] | None:
    """Return a typed column as Shanghai wall-clock times and their precision: whole seconds.

    Parameters
    ----------
    column
        As `keep_typed` left it. One with parts of a second, or with years that no post has, is
        left to those who read words, as is None.

    Examples
    --------
    >>> from datetime import datetime
    >>> times, precision = plain_times(pl.Series([datetime(2020, 6, 12, 8, 3), None]))
    >>> str(times[0]), precision.to_list()
    ('2020-06-12 08:03:00', ['second', None])
    """
    if column is None or not isinstance(column.dtype, pl.Datetime):
        return None
    steps, a_second = column.to_physical(), STEPS_A_SECOND[column.dtype.time_unit]
    seconds = steps // a_second
    if not (seconds * a_second == steps).all():
        return None
    if column.dtype.time_zone:
        seconds += int(SHANGHAI_OFFSET.total_seconds())  # all year, in the years that are read
    if not are_between(seconds, FIRST_SECOND, LAST_SECOND):
        return None
    precision = pl.Series(["second"], dtype=pl.String).new_from_index(0, len(column))
    if column.null_count():
        precision = precision.set(column.is_null(), None)
    return (seconds * STEPS_A_SECOND["us"]).cast(pl.Datetime("us")), precision
