"""Level breaks and single-day bursts, looked for only after the trend is taken out.

Every possible step and every single day is tried beside intercept, slope and event dummy; the
largest t-value is compared with the largest t-values of AR(1) null series, so that trying many
places costs what it should. Found dummies stay in the design and the search goes on. A break that
is looked for without detrending is found in half of all plain trends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.ar1_null import NEGLIGIBLE, Array, Days, correct_phi, gap_factor, lag_one
from analysis.measures.daily_series import DailySeries, arrange_daily
from analysis.measures.day_grades import event_starts
from analysis.measures.trend_family import correct_family
from analysis.measures.trend_rule import ALPHA, MINIMUM_DAYS, design_matrix
from analysis.study.periods import Period

COLUMNS = ("grievance", "kind", "date", "change", "p", "p_holm", "is_found")
DRAWS = 1_999
MOST_FINDS = 3
SHORTEST_LEVEL = 3

Candidates = list[tuple[str, int, NDArray[np.bool_]]]


@dataclass(frozen=True)
class _Find:
    """The place of a series that fits worst with trend and events."""

    kind: str
    day: int
    change: float
    p: float


def find_breaks(
    daily: pd.DataFrame,
    *,
    event_days: Iterable[date | str] = (),
    grades: pd.DataFrame | None = None,
    unit: str = "items",
    seed: int = 618,
    draws: int = DRAWS,
    period: Period = "day",
) -> pd.DataFrame:
    """Find days on which a detrended series breaks to another level or bursts for one day.

    Parameters
    ----------
    daily, event_days, grades, unit, seed, period
        As for `decide_trends`; by week or month, a day here is its first day.
    draws
        Null series a search.

    Returns
    -------
    pd.DataFrame
        `grievance, kind (break, burst), date, change, p, p_holm, is_found`: all that was found, and
        for a series without a find its likeliest place with `is_found` false. `change` is the step,
        or the burst over what the day should hold, as a fraction.

    Raises
    ------
    CaodianError
        When the daily or coverage table breaks its contract.

    Examples
    --------
    >>> items = [100, 104] * 10
    >>> items[7] = 300
    >>> daily = pd.DataFrame({"date": pd.date_range("2020-06-01", periods=20), "grievance": "price",
    ...                       "items": items})
    >>> find_breaks(daily, draws=499)[["kind", "date", "is_found"]].values.tolist()[0]
    ['burst', '2020-06-08', True]
    """
    series = arrange_daily(daily, unit=unit, grades=grades, period=period)
    asked = event_starts(event_days, period)
    events = np.array([day in asked for day in series.days], dtype=bool)
    if len(series.days) < MINIMUM_DAYS:
        return pd.DataFrame(columns=list(COLUMNS))
    searched = {
        name: _search(counts, series.day_numbers, events, seed, draws)
        for name, counts in series.counts.items()
        if counts.any()
    }
    return _table(searched, series)


def _table(searched: dict[str, list[_Find]], series: DailySeries) -> pd.DataFrame:
    """One row per find; Holm over the first find of every series, later ones only after it."""
    corrected = correct_family({name: finds[0].p for name, finds in searched.items()})
    rows = []
    for name, finds in searched.items():
        factor = corrected[name] / finds[0].p
        is_found = True
        for find in finds:
            p_holm = min(1.0, find.p * factor)
            is_found = is_found and p_holm < ALPHA
            if is_found or find is finds[0]:
                day = series.days[find.day].isoformat()
                rows.append(
                    (
                        name,
                        find.kind,
                        day,
                        round(find.change, 6),
                        find.p,
                        round(p_holm, 6),
                        is_found,
                    )
                )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _search(
    counts: NDArray[np.int64], days: Days, events: NDArray[np.bool_], seed: int, draws: int
) -> list[_Find]:
    """Scan, keep what was found in the design, scan again."""
    dummies = [events]
    finds: list[_Find] = []
    for _ in range(MOST_FINDS):
        find, dummy = scan(counts, days, dummies, seed=seed, draws=draws)
        finds.append(find)
        if find.p >= ALPHA:
            break
        dummies.append(dummy)
    return finds


def candidates(n: int) -> Candidates:
    """List every step with at least three days on either side, and every single day.

    Examples
    --------
    >>> len(candidates(20))
    35
    """
    days = np.arange(n)
    steps: Candidates = [
        ("break", day, days >= day) for day in range(SHORTEST_LEVEL, n - SHORTEST_LEVEL + 1)
    ]
    return steps + [("burst", day, days == day) for day in range(n)]


def scan(
    counts: NDArray[np.int64],
    days: Days,
    dummies: list[NDArray[np.bool_]],
    *,
    seed: int,
    draws: int,
) -> tuple[_Find, NDArray[np.bool_]]:
    """Find the candidate with the largest t-value and its bootstrap p-value."""
    design = design_matrix(days, dummies)
    maker = np.eye(len(days)) - design @ np.linalg.pinv(design)
    listed = candidates(len(days))
    raw = np.array([dummy for _, _, dummy in listed], dtype=float) @ maker
    lengths = np.linalg.norm(raw, axis=1)
    # A candidate that the design already explains has nothing left of it.
    usable = lengths > 0.1
    units = np.where(usable[:, None], raw / np.where(usable, lengths, 1)[:, None], 0.0)
    freedom = len(days) - design.shape[1] - 1
    residuals = maker @ np.log(counts + 0.5)
    observed = np.abs(_t_values(residuals[None, :], units, freedom)[0])
    best = int(np.argmax(observed))
    null = _null_residuals(residuals, days, maker, seed, draws)
    largest = np.abs(_t_values(null, units, freedom)).max(axis=1)
    p = (1 + int(np.count_nonzero(largest >= observed[best]))) / (draws + 1)
    if observed[best] == 0:
        p = 1.0
    kind, day, dummy = listed[best]
    change = np.expm1(units[best] @ residuals / lengths[best]) if usable[best] else 0.0
    return _Find(kind, day, float(change), p), dummy


def _t_values(residuals: Array, units: Array, freedom: int) -> Array:
    """t-values of all candidates (columns) for all series (rows), each tried alone."""
    parts = np.einsum("bi,ci->bc", residuals, units)
    left = (residuals**2).sum(axis=1, keepdims=True) - parts**2
    scale = np.sqrt(np.maximum(left, NEGLIGIBLE**2) / freedom)
    values: Array = np.where(np.abs(parts) < NEGLIGIBLE, 0.0, parts / scale)
    return values


def _null_residuals(residuals: Array, days: Days, maker: Array, seed: int, draws: int) -> Array:
    """Residuals of AR(1) null series under the same design."""
    gaps = np.diff(days)
    phi = correct_phi(lag_one(residuals, gaps), len(days))
    noise = np.random.default_rng(seed).standard_normal((draws, len(days)))
    series = np.empty_like(noise)
    series[:, 0] = noise[:, 0] / np.sqrt(1 - phi**2)
    steps = gap_factor(gaps, phi)
    for i, gap in enumerate(gaps):
        series[:, i + 1] = phi**gap * series[:, i] + steps[i] * noise[:, i + 1]
    # t-values do not depend on the scale of the noise, so the draws keep scale 1.
    null: Array = np.einsum("bi,ij->bj", series, maker)
    return null
