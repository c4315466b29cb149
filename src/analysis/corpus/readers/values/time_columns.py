"""Read whole columns of times: the common forms at once, each rare form once."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from analysis.corpus.readers.values.columns import all_null, are_between
from analysis.corpus.readers.values.times import (
    FIRST_YEAR,
    LAST_YEAR,
    SHANGHAI_OFFSET,
    parse_time,
)
from analysis.schema.definition import ZONE

_COMMON_TIMES = (
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "%Y-%m-%d %H:%M:%S", "second", 19),
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d$", "%Y-%m-%d %H:%M", "minute", 16),
)


def read_times(
    cells: pl.Series, *, order: str | None = None, printed_dates: bool = False
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Read a column of times.

    Parameters
    ----------
    cells
        Cleaned cells.
    order
        Order of day and month in dates such as 06/12/20.
    printed_dates
        Only the date as printed counts, whatever clock and zone stand beside it.

    Returns
    -------
    tuple
        Shanghai wall-clock times, their precision, and the reason where there is none.

    Examples
    --------
    >>> times, precision, reasons = read_times(pl.Series(["2020-06-12 08:03", "昨天"]))
    >>> str(times[0]), precision.to_list(), reasons[1]
    ('2020-06-12 08:03:00', ['minute', None], 'the time has no year')
    """
    quick = _read_one_form(cells)
    if quick is not None:
        return quick
    if printed_dates:
        cells = cells.str.replace(r"^(\d{4}-\d\d-\d\d)T.*$", "${1}")
    frame = pl.DataFrame({"cell": cells.rename("cell")})
    moments, precisions = [], []
    for shape, form, precision, _ in _COMMON_TIMES:
        fits = pl.col("cell").str.contains(shape)
        moment = (
            pl.when(fits).then(pl.col("cell")).str.to_datetime(form, time_unit="us", strict=False)
        )
        moment = pl.when(moment.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(moment)
        moments.append(moment)
        precisions.append(pl.when(moment.is_not_null()).then(pl.lit(precision)))
    frame = frame.with_columns(moment=pl.coalesce(moments), precision=pl.coalesce(precisions))
    return _read_rare_times(frame, order)


def _read_one_form(cells: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series] | None:
    """Read a column in which every cell has the same common form; None where one has not."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    if all_null(cells):
        return nothing.cast(pl.Datetime("us")), nothing, nothing
    lengths = cells.str.len_bytes()
    for _, form, precision, length in _COMMON_TIMES:
        if lengths.min() != length or lengths.max() != length:
            continue
        moments = cells.str.to_datetime(form, time_unit="us", strict=False)
        is_read = moments.null_count() == cells.null_count()
        if is_read and are_between(moments.dt.year(), FIRST_YEAR, LAST_YEAR):
            word = pl.Series([precision], dtype=pl.String).new_from_index(0, len(cells))
            return moments, word.set(cells.is_null(), None), nothing
    return None


def _read_rare_times(
    frame: pl.DataFrame, order: str | None
) -> tuple[pl.Series, pl.Series, pl.Series]:
    rare = frame.filter(pl.col("moment").is_null())["cell"].drop_nulls().unique(maintain_order=True)
    parsed = [parse_time(cell, order=order) for cell in rare.to_list()]
    table = pl.DataFrame(
        {
            "cell": rare,
            "rare_moment": _moments([moment for moment, _ in parsed]),
            "note": pl.Series([note for _, note in parsed], dtype=pl.String),
        }
    )
    joined = frame.join(table, on="cell", how="left", maintain_order="left")
    is_rare = pl.col("rare_moment").is_not_null()
    done = joined.select(
        pl.coalesce("moment", "rare_moment").alias("moment"),
        pl.coalesce("precision", pl.when(is_rare).then("note")).alias("precision"),
        pl.when(pl.col("moment").is_null() & ~is_rare).then("note").alias("reason"),
    )
    return done["moment"], done["precision"], done["reason"]


def _moments(moments: list[datetime | None]) -> pl.Series:
    return pl.Series(moments, dtype=pl.Datetime("us"))


def in_shanghai(moments: pl.Series) -> pl.Series:
    """Return wall-clock times as times of the zone.

    Its offset is the same in all years that are read, so the rules of the zone need not be asked.

    Examples
    --------
    >>> str(in_shanghai(pl.Series([datetime(2020, 6, 12, 8, 3)]))[0])
    '2020-06-12 08:03:00+08:00'
    """
    return (moments - SHANGHAI_OFFSET).dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)
