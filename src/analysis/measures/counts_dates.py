"""The dates of the daily table: every date of the window, whether anything was posted or not."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import polars as pl

from analysis.errors import CaodianError


def with_dates(items: pl.LazyFrame) -> pl.LazyFrame:
    """Return the dated items with their `date` in China."""
    return items.with_columns(pl.col("published_at").dt.date().alias("date")).filter(
        pl.col("date").is_not_null()
    )


def dates_of(found: pd.DataFrame, window: tuple[date, date] | None) -> list[date]:
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
    first, last = window
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def grades_by_date(days: pd.Series, grades: pd.DataFrame | None) -> pd.Series:
    """Return the coverage grade of each day, or nothing where none was given."""
    if grades is None:
        return pd.Series([None] * len(days), dtype="object")
    dates = [str(day)[:10] for day in grades["date"]]
    known = dict(zip(dates, grades["grade"], strict=True))
    return pd.Series([known.get(day.isoformat()) for day in days], dtype="object")
