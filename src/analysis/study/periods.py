"""The calendar periods that a window is told in: days, weeks from Monday, months.

A series of years by day is mostly noise, weekdays and empty days; nobody reads it and no test was
checked on it. So the length of the window decides, before any count is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import polars as pl

Period = Literal["day", "week", "month"]

PERIODS: tuple[Period, ...] = ("day", "week", "month")
# The longest window, in days, that is told by day and by week; any longer one is told by month.
LONGEST_BY_DAY = 60
_LONGEST_BY_WEEK = 548
# The table of a run that holds the counts by such a period.
SERIES: dict[Period, str] = {"day": "daily", "week": "weekly", "month": "monthly"}
_EVERY: dict[Period, str] = {"day": "1d", "week": "1w", "month": "1mo"}


def choose_period(days: int) -> Period:
    """Choose the period of a window by its length in days.

    Examples
    --------
    >>> choose_period(20), choose_period(61), choose_period(3_000)
    ('day', 'week', 'month')
    """
    if days <= LONGEST_BY_DAY:
        return "day"
    return "week" if days <= _LONGEST_BY_WEEK else "month"


def period_start(day: date, period: Period) -> date:
    """Give the first day of the period that a day lies in: itself, its Monday, the 1st.

    Examples
    --------
    >>> period_start(date(2020, 6, 18), "week"), period_start(date(2020, 6, 18), "month")
    (datetime.date(2020, 6, 15), datetime.date(2020, 6, 1))
    """
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def next_period(start: date, period: Period) -> date:
    """Give the first day of the period after the one that begins on a day.

    Examples
    --------
    >>> next_period(date(2020, 12, 1), "month"), next_period(date(2020, 6, 15), "week")
    (datetime.date(2021, 1, 1), datetime.date(2020, 6, 22))
    """
    if period == "month":
        return date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return start + timedelta(days=7 if period == "week" else 1)


def period_number(start: date, period: Period) -> int:
    """Give the place of a period on the calendar, so that a gap stays a gap.

    Examples
    --------
    >>> period_number(date(2021, 1, 1), "month") - period_number(date(2020, 11, 1), "month")
    2
    """
    if period == "month":
        return 12 * start.year + start.month
    return start.toordinal() // (7 if period == "week" else 1)


def list_periods(first: date, last: date, period: Period) -> list[date]:
    """List the first days of all periods that two days and the time between them touch.

    Examples
    --------
    >>> [day.isoformat() for day in list_periods(date(2020, 5, 30), date(2020, 7, 2), "month")]
    ['2020-05-01', '2020-06-01', '2020-07-01']
    """
    starts = [period_start(first, period)]
    while (start := next_period(starts[-1], period)) <= last:
        starts.append(start)
    return starts


def days_within(start: date, period: Period, first: date, last: date) -> list[date]:
    """List the days of a period that lie between two days, both inside.

    Examples
    --------
    >>> len(days_within(date(2020, 6, 1), "month", date(2020, 6, 21), date(2020, 12, 31)))
    10
    """
    day, end = max(start, first), min(next_period(start, period) - timedelta(days=1), last)
    return [day + timedelta(days=n) for n in range((end - day).days + 1)]


def truncate(days: pl.Expr, period: Period) -> pl.Expr:
    """Give the first day of the period of each day of a column of dates.

    Examples
    --------
    >>> frame = pl.DataFrame({"day": [date(2020, 6, 18)]})
    >>> frame.select(truncate(pl.col("day"), "week"))["day"].to_list()
    [datetime.date(2020, 6, 15)]
    """
    return days if period == "day" else days.dt.truncate(_EVERY[period])


def tell_period(days: Iterable[date]) -> Period:
    """Tell the period of a table from its dates: all Mondays are weeks, all firsts are months.

    Fewer than three dates tell nothing and are days.

    Examples
    --------
    >>> tell_period([date(2020, 6, 1), date(2020, 6, 8), date(2020, 6, 15)])
    'week'
    >>> tell_period([date(2020, 6, 1), date(2020, 6, 2)])
    'day'
    """
    known = set(days)
    if len(known) < 3:
        return "day"
    if all(day.day == 1 for day in known):
        return "month"
    return "week" if all(day.weekday() == 0 for day in known) else "day"


# A date far from all others is mostly a slip, and makes the period of a report long and empty.

_STRAY_DAYS = 180
_STRAY_SPANS = 2
_FEWEST_TOLD = 20
_MOST_STRAYS = 0.01


def find_main_range(posts: Mapping[date, int]) -> tuple[date, date] | None:
    """Return the first and last day of all posts but very few that lie far away; None without such.

    Far is half a year, and twice the length of what lies between.

    Parameters
    ----------
    posts
        How many there are on each day.

    Examples
    --------
    >>> days = {date(2023, 6, 1): 60, date(2023, 6, 20): 60}
    >>> find_main_range(days) is None
    True
    >>> [str(day) for day in find_main_range({**days, date(2050, 1, 1): 1})]
    ['2023-06-01', '2023-06-20']
    """
    days = sorted(day for day, number in posts.items() if number)
    total = sum(posts.values())
    few = max(1, int(total * _MOST_STRAYS))
    if total < _FEWEST_TOLD:
        return None
    first, last = _after_few(days, posts, few), _after_few(days[::-1], posts, few)
    far = max(_STRAY_DAYS, _STRAY_SPANS * (last - first).days)
    main = [day for day in days if (first - day).days <= far and (day - last).days <= far]
    return None if len(main) == len(days) else (main[0], main[-1])


def _after_few(days: Sequence[date], posts: Mapping[date, int], few: int) -> date:
    passed = 0
    for day in days:
        passed += posts[day]
        if passed > few:
            return day
    return days[-1]


def find_dense_range(posts: Mapping[date, int], minimum: int) -> tuple[date, date] | None:
    """Return the days between which a period is told that begins and ends with enough posts.

    The first and last day of all posts are those of one person each. In their place stand the ends
    of the first and last day, week or month, as its length asks, with the minimum of posts; where
    none has so many, whole months.

    Parameters
    ----------
    posts
        How many there are on each day.

    Examples
    --------
    >>> june = {date(2023, 6, day): 60 for day in range(3, 20)}
    >>> [str(day) for day in find_dense_range({date(2022, 1, 9): 1, **june}, 5)]
    ['2023-06-03', '2023-06-19']
    >>> [str(day) for day in find_dense_range({date(2023, 6, 3): 1, date(2023, 8, 9): 1}, 5)]
    ['2023-06-01', '2023-08-31']
    """
    days = sorted(day for day, number in posts.items() if number)
    if not days:
        return None
    months = [period_start(day, "month") for day in days]
    found = months[0], next_period(months[-1], "month") - timedelta(days=1)
    told: Period | None = None
    while told != (period := choose_period((found[1] - found[0]).days + 1)):
        told, within = period, Counter[date]()
        for day in days:
            if found[0] <= day <= found[1]:
                within[period_start(day, period)] += posts[day]
        enough = sorted(start for start, number in within.items() if number >= minimum)
        if enough:
            found = enough[0], next_period(enough[-1], period) - timedelta(days=1)
    return found
