"""Coverage of a long window: which empty days are holes, and the grade of each week or month.

Over years the number of posts moves by orders of magnitude, and a sparse corpus is empty on most
days. So what a day should hold is taken from the four weeks on either side of it, and an empty
stretch is a hole only where that rate, wild as it is, makes it one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.coverage_gaps import CHANCE, log_chance_of_none, runs
from analysis.measures.reason_words import write_reason
from analysis.study.model import Window
from analysis.study.periods import Period, days_within, list_periods, next_period

Counts = NDArray[np.int64]
Array = NDArray[np.float64]

COLUMNS = ("date", "days", "fit_days", "hour_gaps", "plateaus", "grade", "reason")
# Days on either side that tell what a day should hold.
REACH = 28
# A week with two unfit days is unfit, and so is a month with seven.
FIT_SHARE = 0.8
SMALL = "no_posts_small"


def find_holes(totals: Counts) -> NDArray[np.bool_]:
    """Mark the empty days that the days around them do not explain.

    A stretch of empty days is judged as one: with the smaller of the two rates beside it, since a
    corpus may just have begun or ended, and with how wild the counts beside it are. All stretches
    share one bound on false alarms.

    Examples
    --------
    >>> totals = np.array([40, 38, 44] * 20); totals[20:24] = 0
    >>> np.flatnonzero(find_holes(totals)).tolist()
    [20, 21, 22, 23]
    >>> bool(find_holes(np.array([0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1])).any())
    False
    """
    holes = np.zeros(len(totals), dtype=bool)
    bound = np.log(CHANCE / max(1, len(totals)))
    for first, last in runs(totals == 0):
        sides = [totals[max(0, first - REACH) : first], totals[last + 1 : last + 1 + REACH]]
        known = [side for side in sides if len(side)]
        if not known:
            continue
        expected = min(float(side.mean()) for side in known) * (last - first + 1)
        beside = np.concatenate(known)
        wildness = max(1.0, float(beside.var() / max(beside.mean(), 1e-9)))
        holes[first : last + 1] = log_chance_of_none(expected, wildness) < bound
    return holes


def usual_around(totals: Counts) -> Array:
    """Give for each day the median of the days with posts around it; nothing near, no usual.

    Examples
    --------
    >>> usual_around(np.array([4, 0, 6])).tolist()
    [5.0, 5.0, 5.0]
    """
    usual = np.full(len(totals), np.inf)
    for day in range(len(totals)):
        near = totals[max(0, day - REACH) : day + REACH + 1]
        if near.any():
            usual[day] = np.median(near[near > 0])
    return usual


def grade_periods(days: pd.DataFrame, window: Window, period: Period) -> pd.DataFrame:
    """Grade the weeks or months of a window by the grades of their days.

    A period that the window cuts is `partial`; with less than 80 % of its days fit it is unfit; it
    is doubtful when a day is unfit, when more than a fifth of its days are doubtful, or when it
    holds no post at all and too few were to be expected to call that a hole.

    Parameters
    ----------
    days
        `date, hour_gaps, plateaus, grade, reason` from `grade_days`.
    window
        First and last day.
    period
        week or month.

    Returns
    -------
    pd.DataFrame
        One row a period: `date` (its first day), `days` of it in the window, `fit_days` of these,
        hours and plateaus summed, `grade, reason`.

    Examples
    --------
    >>> from datetime import date
    >>> dates = [day.isoformat() for day in pd.date_range("2020-06-01", "2020-06-10").date]
    >>> table = pd.DataFrame({"date": dates, "hour_gaps": 0, "plateaus": 0,
    ...                       "grade": ["good"] * 5 + ["unfit"] * 2 + ["good"] * 3, "reason": ""})
    >>> window = Window(start=date(2020, 6, 1), end=date(2020, 6, 10))
    >>> grade_periods(table, window, "week")[["date", "grade", "reason"]].values.tolist()
    [['2020-06-01', 'unfit', 'unfit_days(2)'], ['2020-06-08', 'partial', 'partial(3)']]
    """
    rows = list(_rows(days, window, period))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(days: pd.DataFrame, window: Window, period: Period) -> Iterator[tuple[object, ...]]:
    place = 0
    for start in list_periods(window.start, window.end, period):
        inside = len(days_within(start, period, window.start, window.end))
        part = days.iloc[place : place + inside]
        place += inside
        is_whole = (next_period(start, period) - start).days == inside
        grades = part["grade"].astype(str)
        reasons = part["reason"].fillna("").astype(str)
        unfit = int((grades == "unfit").sum())
        doubtful = int(((grades == "doubtful") & (reasons != SMALL)).sum())
        is_empty = bool((reasons == SMALL).all())
        grade, told = _judge(inside, unfit, doubtful, is_whole=is_whole, is_empty=is_empty)
        yield (
            start.isoformat(), inside, inside - unfit,
            int(part["hour_gaps"].sum()), int(part["plateaus"].sum()), grade, "; ".join(told),
        )  # fmt: skip


def _judge(
    days: int, unfit: int, doubtful: int, *, is_whole: bool, is_empty: bool
) -> tuple[str, list[str]]:
    told = [] if is_whole else [write_reason("partial", days)]
    told += [write_reason("unfit_days", unfit)] if unfit else []
    many_doubtful = doubtful > (1 - FIT_SHARE) * days
    told += [write_reason("doubtful_days", doubtful)] if many_doubtful else []
    told += ["no_posts_small"] if is_empty else []
    if unfit > (1 - FIT_SHARE) * days:
        return "unfit", told
    if not is_whole:
        return "partial", told
    return ("doubtful" if told else "good"), told
