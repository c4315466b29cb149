"""The dates of the daily, weekly or monthly table: all of the window, with posts or without."""

from __future__ import annotations

from datetime import date

import pandas as pd
import polars as pl

from analysis.errors import CaodianError
from analysis.study.periods import Period, list_periods, truncate


def with_dates(items: pl.LazyFrame, period: Period = "day") -> pl.LazyFrame:
    """Return the dated items with their `date` in China: the day, or the first of its period."""
    day = truncate(pl.col("published_at").dt.date(), period)
    return items.with_columns(day.alias("date")).filter(pl.col("date").is_not_null())


def dates_of(
    found: pd.DataFrame, window: tuple[date, date] | None, period: Period = "day"
) -> list[date]:
    """Return every date of the window; without one, of the range that was found.

    Examples
    --------
    >>> dates_of(pd.DataFrame({"date": [date(2020, 6, 1), date(2020, 6, 3)]}), None)[1]
    datetime.date(2020, 6, 2)
    """
    if window is None:
        if found.empty:
            raise CaodianError(
                "daily counts need dates", remedy="Name the time column (--time-column)."
            )
        window = (min(found["date"]), max(found["date"]))
    return list_periods(*window, period)


def grades_by_date(days: pd.Series, grades: pd.DataFrame | None) -> pd.Series:
    """Return the coverage grade of each day, or nothing where none was given."""
    if grades is None:
        return pd.Series([None] * len(days), dtype="object")
    dates = [str(day)[:10] for day in grades["date"]]
    known = dict(zip(dates, grades["grade"], strict=True))
    return pd.Series([known.get(day.isoformat()) for day in days], dtype="object")
