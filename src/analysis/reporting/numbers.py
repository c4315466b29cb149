"""How numbers are written for readers: thousands, shares, intervals, dates, scales."""

import math
from datetime import date

import pandas as pd

from analysis.reporting.words import Words
from analysis.study.periods import Period


def is_missing(value: object) -> bool:
    """Say whether a cell is empty.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(""), is_missing(0)
    (True, True, True, False)
    """
    if value is None or isinstance(value, str):
        return not value
    return bool(pd.isna(value)) if pd.api.types.is_scalar(value) else False  # type: ignore[call-overload]


def count_text(value: object) -> str:
    """Write a count with thousands separators; an empty cell is a dash.

    Examples
    --------
    >>> count_text(1232056), count_text(12.4), count_text(None)
    ('1,232,056', '12', '–')
    """
    return "–" if is_missing(value) else f"{round(float(value)):,}"  # type: ignore[arg-type]


def share_text(value: object, digits: int = 1) -> str:
    """Write a fraction in per cent.

    Examples
    --------
    >>> share_text(0.18988, 2), share_text(None)
    ('18.99%', '–')
    """
    return "–" if is_missing(value) else f"{float(value) * 100:.{digits}f}%"  # type: ignore[arg-type]


def change_text(value: object) -> str:
    """Write a change as a signed percentage with a true minus sign.

    Examples
    --------
    >>> change_text(0.18), change_text(-0.123)
    ('+18%', '−12%')
    """
    if is_missing(value):
        return "–"
    percent = round(float(value) * 100)  # type: ignore[arg-type]
    return f"{'−' if percent < 0 else '+'}{abs(percent):,}%"


def range_text(low: object, high: object, words: Words) -> str:
    """Write an interval of counts in the reader's language; empty when there is none.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> range_text(1003, 1245, load_words("en"))
    '1,003 to 1,245'
    """
    if is_missing(low) or is_missing(high):
        return ""
    return words("list.range", low=count_text(low), high=count_text(high))


def day_text(day: object, language: str) -> str:
    """Write a day without its year.

    Examples
    --------
    >>> day_text("2020-06-12", "zh"), day_text("2020-06-12", "en")
    ('6月12日', '12 June')
    """
    when = pd.Timestamp(str(day))
    return f"{when.month}月{when.day}日" if language == "zh" else f"{when.day} {when.month_name()}"


def month_text(day: date, language: str) -> str:
    """Write a month with its year, short enough for an axis.

    Examples
    --------
    >>> month_text(date(2012, 3, 1), "zh"), month_text(date(2012, 3, 1), "en")
    ('2012年3月', 'Mar 2012')
    """
    return f"{day.year}年{day.month}月" if language == "zh" else f"{day:%b} {day.year}"


def period_text(day: object, period: Period, language: str) -> str:
    """Write a day, the week that begins with it, or the month that does.

    Examples
    --------
    >>> period_text("2018-03-12", "week", "zh"), period_text("2018-03-12", "week", "en")
    ('2018年3月12日当周', 'the week of 12 March 2018')
    >>> period_text("2018-03-01", "month", "zh"), period_text("2018-03-01", "month", "en")
    ('2018年3月', 'March 2018')
    """
    when = date.fromisoformat(str(day)[:10])
    if period == "day":
        return day_text(day, language)
    if period == "month":
        return month_text(when, "zh") if language == "zh" else f"{when:%B} {when.year}"
    if language == "zh":
        return f"{when.year}年{when.month}月{when.day}日当周"
    return f"the week of {when.day} {when:%B} {when.year}"


def window_text(start: date, end: date, language: str) -> str:
    """Write the window with both its days inside.

    Examples
    --------
    >>> window_text(date(2020, 6, 1), date(2020, 6, 20), "en")
    '1 June 2020 to 20 June 2020'
    """
    if language == "zh":
        return f"{start.year}年{start.month}月{start.day}日至{end.year}年{end.month}月{end.day}日"
    return f"{start.day} {start:%B} {start.year} to {end.day} {end:%B} {end.year}"


def scale_text(scale: float) -> str:
    """Write the scale of a simulated corpus as a ratio.

    Examples
    --------
    >>> scale_text(0.01), scale_text(1.0)
    ('1:100', '1:1')
    """
    ratio = 1 / scale
    return f"1:{ratio:.0f}" if math.isclose(ratio, round(ratio), rel_tol=1e-6) else f"1:{ratio:.1f}"
