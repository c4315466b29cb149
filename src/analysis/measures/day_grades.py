"""Days, or periods, and their coverage grades, read from tables that people and files hand in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from analysis.errors import CaodianError
from analysis.study.periods import Period, period_start

GRADES = ("good", "doubtful", "partial", "unfit")
# What a trend cannot use: a period of which the window holds a part, and one not collected well.
UNUSABLE = ("partial", "unfit")


def parse_days(column: pd.Series, where: str) -> pd.Series:
    """Read a column of days (text, dates or timestamps); one that does not parse is an error.

    Examples
    --------
    >>> parse_days(pd.Series(["2020-06-18"]), "daily table")[0]
    Timestamp('2020-06-18 00:00:00')
    """
    days = pd.to_datetime(column.astype("string"), errors="coerce", format="mixed", yearfirst=True)
    if days.isna().any():
        raise CaodianError(
            "every date must be a day such as 2020-06-18",
            value=column[days.isna()].iloc[0],
            where=where,
            remedy="Correct the date column.",
        )
    if days.dt.tz is not None:
        days = days.dt.tz_localize(None)
    return days.dt.normalize()


def event_starts(event_days: Iterable[date | str], period: Period = "day") -> list[date]:
    """Give the days, or the first days of the weeks or months, that hold an event day.

    Examples
    --------
    >>> event_starts(["2020-06-18", "2020-06-16"], "week")
    [datetime.date(2020, 6, 15)]
    """
    given = pd.Series(list(event_days), dtype="object")
    if given.empty:
        return []
    days = parse_days(given, "event days")
    return sorted({period_start(day.date(), period) for day in days})


def worst_grades(
    daily: pd.DataFrame, days: pd.Series, grades: pd.DataFrame | None
) -> dict[pd.Timestamp, str]:
    """Give the worst grade of each day over both places where one may stand.

    Parameters
    ----------
    daily
        The daily table, with a column `grade` or without.
    days
        Its parsed dates, row by row.
    grades
        The coverage table (`date, grade`), where there is one.

    Returns
    -------
    dict
        Grade by day; a day without a grade is left out.

    Raises
    ------
    CaodianError
        A column is missing or a grade is none of good, doubtful, partial, unfit.

    Examples
    --------
    >>> day = pd.Series([pd.Timestamp("2020-06-01")])
    >>> worst_grades(pd.DataFrame({"grade": ["good"]}), day,
    ...              pd.DataFrame({"date": ["2020-06-01"], "grade": ["unfit"]}))
    {Timestamp('2020-06-01 00:00:00'): 'unfit'}
    """
    pairs: list[tuple[pd.Timestamp, str]] = []
    if "grade" in daily.columns:
        pairs += zip(days, _grade_words(daily["grade"]), strict=True)
    if grades is not None:
        absent = [name for name in ("date", "grade") if name not in grades.columns]
        if absent:
            raise CaodianError(
                "a coverage table must have the columns date, grade",
                value=f"missing: {', '.join(absent)}",
                remedy="Use the table coverage.csv of a report.",
            )
        parsed = parse_days(grades["date"], "coverage table")
        pairs += zip(parsed, _grade_words(grades["grade"]), strict=True)
    worst: dict[pd.Timestamp, str] = {}
    for day, grade in pairs:
        if grade:
            worst[day] = max(worst.get(day, "good"), grade, key=GRADES.index)
    return worst


def _grade_words(column: pd.Series) -> list[str]:
    words = column.astype("string").fillna("").str.strip().tolist()
    unknown = [word for word in words if word and word not in GRADES]
    if unknown:
        raise CaodianError(
            f"a grade must be one of {', '.join(GRADES)}",
            value=unknown[0],
            remedy="Leave it empty where the day was not graded.",
        )
    return words
