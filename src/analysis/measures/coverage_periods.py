"""Coverage of a long window: which empty days are holes, and the grade of each week or month.

Over years the number of posts moves by orders of magnitude, and a sparse corpus is empty on most
days. So what a day should hold is taken from the four weeks on either side of it, and an empty
stretch is a hole only where that rate, wild as it is, makes it one.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.coverage_gaps import CHANCE, runs
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
# Beyond a silence of so many periods at least, so few of the days with posts are strays.
SHORTEST_SILENCE = 3
APART_SHARE = 0.01


def find_holes(totals: Counts) -> NDArray[np.bool_]:
    """Mark the empty days that the days around them do not explain.

    A stretch of empty days is judged as one, from the four weeks on either side: how likely are so
    many days without a post after so many posts in so many days, at a rate that these alone tell
    (gamma-Poisson), the counts being as wild as they are? The side that makes it likelier counts,
    since a corpus may just have begun or ended. All stretches share one bound on false alarms.

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
        if known:
            chance = max(_log_chance_of_none(side, last - first + 1) for side in known)
            holes[first : last + 1] = chance < bound
    return holes


def _log_chance_of_none(beside: Counts, days: int) -> float:
    """Give the log-probability of so many empty days beside these ones."""
    wildness = max(1.0, float(beside.var() / max(beside.mean(), 1e-9)))
    return float(beside.sum() / wildness * np.log(len(beside) / (len(beside) + days)))


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
    holds no post at all and too few were to be expected to call that a hole. What a long silence
    sets apart at either end, a post or two of years before, is `partial`, too: the collection
    proper had not begun.

    Parameters
    ----------
    days
        `date, hour_gaps, plateaus, grade, reason` from `grade_coverage`.
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
    starts = list_periods(window.start, window.end, period)
    parts = _split(days, starts, window, period)
    filled = np.array([int((~_is_empty(part)).sum()) for part in parts])
    apart = _set_apart(filled)
    rows = [
        (start.isoformat(), *_row(part, _length(start, period), is_apart=is_apart))
        for start, part, is_apart in zip(starts, parts, apart.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _split(
    days: pd.DataFrame, starts: list[date], window: Window, period: Period
) -> list[pd.DataFrame]:
    """Cut the days of the window into its periods."""
    lengths = [len(days_within(start, period, window.start, window.end)) for start in starts]
    ends = np.cumsum(lengths)
    return [
        days.iloc[end - length : end]
        for end, length in zip(ends.tolist(), lengths, strict=True)
    ]  # fmt: skip


def _length(start: date, period: Period) -> int:
    return (next_period(start, period) - start).days


def _is_empty(days: pd.DataFrame) -> pd.Series:
    return days["reason"].fillna("").astype(str).isin([SMALL, "no_posts"])


def _set_apart(filled: Counts) -> NDArray[np.bool_]:
    """Mark what a long silence sets apart at either end, the silence included.

    Hardly any of the days with posts lie beyond it, and it is as long as what lies beyond.

    Examples
    --------
    >>> _set_apart(np.array([1, 0, 0, 0, 20, 30, 30, 30])).astype(int).tolist()
    [1, 1, 1, 1, 0, 0, 0, 0]
    """
    marked = np.zeros(len(filled), dtype=bool)
    for first, last in runs(filled == 0):
        silence = last - first + 1
        for beyond in (slice(0, first), slice(last + 1, len(filled))):
            few = filled[beyond].sum() <= APART_SHARE * filled.sum()
            if few and silence >= max(SHORTEST_SILENCE, len(filled[beyond])):
                marked[beyond] = True
                marked[first : last + 1] = True
    return marked


def _row(days: pd.DataFrame, length: int, *, is_apart: bool) -> tuple[object, ...]:
    grades, inside = days["grade"].astype(str), len(days)
    unfit = int((grades == "unfit").sum())
    is_small = days["reason"].fillna("").astype(str) == SMALL
    doubtful = int(((grades == "doubtful") & ~is_small).sum())
    many_doubtful = doubtful > (1 - FIT_SHARE) * inside
    told = ["apart"] if is_apart else []
    told += [] if length == inside else [write_reason("partial", inside)]
    told += [write_reason("unfit_days", unfit)] if unfit else []
    told += [write_reason("doubtful_days", doubtful)] if many_doubtful else []
    told += ["none_small"] if is_small.all() else []
    grade = "doubtful" if told else "good"
    if unfit > (1 - FIT_SHARE) * inside:
        grade = "unfit"
    elif is_apart or length != inside:
        grade = "partial"
    gaps, plateaus = (int(days[name].sum()) for name in ("hour_gaps", "plateaus"))
    return inside, inside - unfit, gaps, plateaus, grade, "; ".join(told)
