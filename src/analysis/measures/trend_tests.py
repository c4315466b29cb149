"""Judge all series of a table together: the rule, Holm's correction, and the guards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.errors import CaodianError
from analysis.measures.daily_series import COUNT, SHARE, DailySeries, shortfalls
from analysis.measures.trend_rule import (
    ALPHA,
    NEGLIGIBLE,
    Array,
    Days,
    Fluctuation,
    Interval,
    LogSeries,
    TrendFit,
    direction_word,
    fit_trends,
    holm,
    measure_fluctuation,
    size_word,
    solve_design,
    take_out,
)

# Drift of the coder over the window, as the audit measured it, against a trend.
#
# A coder that finds 20 % more late than early makes a trend out of nothing. The audit gives,
# per grievance, an interval for that change; it is taken out of slope, interval and p-value
# (`take_out`), with the uncertainty of both.


@dataclass(frozen=True)
class Drift:
    """Change over the window that the coder makes, as an audit knows it: interval, p of none."""

    low: float
    high: float
    p: float

    @property
    def ends(self) -> Interval:
        """The 95 % interval."""
        return self.low, self.high


def read_drift(drift: pd.DataFrame | None) -> dict[str, Drift]:
    """Check a drift table and give the drift of each grievance.

    Where the table has no p-value of the test, it follows from the interval.
    """
    if drift is None:
        return {}
    if {"drift_low", "drift_high"} <= set(drift.columns):
        drift = drift.assign(low=drift["drift_low"], high=drift["drift_high"])
    missing = [name for name in ("grievance", "low", "high") if name not in drift.columns]
    if missing:
        raise CaodianError(
            "a drift table must have the columns grievance, low, high",
            value=f"missing: {', '.join(missing)}",
            remedy="Use the drift table of the audit.",
        )
    low = pd.to_numeric(drift["low"], errors="coerce")
    high = pd.to_numeric(drift["high"], errors="coerce")
    bad = (low <= -1) | (low > high)
    if bad.any():
        raise CaodianError(
            "a drift interval must run from low to high, both above -1",
            value=f"{low[bad].iloc[0]} to {high[bad].iloc[0]}",
            where=f"drift table, {drift['grievance'][bad].iloc[0]}",
        )
    middle, reach = (np.log1p(low) + np.log1p(high)) / 2, (np.log1p(high) - np.log1p(low)) / 2
    followed = 2 * special.ndtr(-_Z * middle.abs() / reach.where(reach > 0, 1e-9))
    p = pd.to_numeric(drift["p"], errors="coerce").fillna(followed) if "p" in drift else followed
    known = low.notna() & high.notna()
    rows = zip(drift["grievance"].astype(str), low, high, p, strict=True)
    return {
        name: Drift(float(a), float(b), float(c))
        for (name, a, b, c), is_known in zip(rows, known, strict=True) if is_known
    }  # fmt: skip


_Z = 1.959964


# Guards that may withdraw a trend which the rule found, and never make one.
#
# The rule knows only the event days. A promotion that reaches beyond them makes trends; two guards
# fit it, where the series of the table show it, and the p-value with it, Holm-corrected over the
# same series, must also be below .05:
#
# - beside: when the days next to the event days stand out over all series, a peak with shoulders,
#   they get a level of their own.
# - build_up: when the series differ in how much they rise towards the event days (what all share
#   is no matter of a share), that rise becomes a column, as long as fits best.

# A third needs no fit. Where posts of another kind are collected more or less, every share moves
# and no grievance did: a trend of a share stands only where the count moved the same way, and at
# least half as far on the log scale (`_is_of_base`).

_Dummy = NDArray[np.bool_]

_COUNT_FOLLOWS = 0.5
_WEEKEND = (5, 6)
_STANDS_OUT = 1.2
_DIFFERS = 2.5
_BUILD_UP_DAYS = (2, 4, 6, 8, 10, 12)
_FADING_DAYS = 3
_FEWEST_TO_DIFFER = 5


@dataclass(frozen=True)
class _TestedSeries:
    """The tested series of one table on the log scale."""

    series: Mapping[str, LogSeries]
    day_numbers: Days
    events: _Dummy
    drifts: Mapping[str, Drift] = field(default_factory=dict)

    @property
    def dummies(self) -> list[_Dummy]:
        """The event dummy, where there is an event day."""
        return [self.events] if self.events.any() else []

    def fit(self, *columns: Array | _Dummy) -> dict[str, TrendFit]:
        """Fit all series with these columns; the coder's drift is taken out where it is known."""
        return _without_drift(fit_trends(self.series, self.day_numbers, columns), self.drifts)


def _without_drift(
    fits: Mapping[str, TrendFit], drifts: Mapping[str, Drift]
) -> dict[str, TrendFit]:
    """Take the drift out of the fits for which it is known."""
    return {
        name: take_out(fit, drifts[name].ends) if name in drifts else fit
        for name, fit in fits.items()
    }


def _alike(bases: Mapping[str, tuple[str, object]]) -> list[list[str]]:
    """Group the series that are tested as the same thing; all posts stand for themselves."""
    kinds = {name: (name == OUTSIDE_TESTS, kind) for name, (kind, _) in bases.items()}
    return [
        [name for name in bases if kinds[name] == chosen]
        for chosen in dict.fromkeys(kinds.values())
    ]


def _guard_p_values(tested: _TestedSeries) -> dict[str, dict[str, float]]:
    """Give the p-value of every guard that applies, by guard and grievance, uncorrected."""
    guards: dict[str, Array | _Dummy] = {}
    beside = _days_beside(tested.events, tested.day_numbers)
    if beside.any() and abs(np.median(_t_values(tested, beside))) > _STANDS_OUT:
        guards["beside"] = beside
    rise = _build_up(tested)
    if rise is not None:
        guards["build_up"] = rise
    return {
        guard: {name: fit.p for name, fit in tested.fit(*tested.dummies, column).items()}
        for guard, column in guards.items()
    }


def _is_of_base(fit: TrendFit, base_slope: float) -> bool:
    """Tell whether a share moved by its base: the count went elsewhere, or not half as far."""
    counted = fit.slope + base_slope  # the logarithm of a count is that of share and base
    return not count_follows(fit.slope, counted)


def count_follows(share: float, count: float) -> bool:
    """Tell whether a count moved as its share did and at least half as far, both as logarithms.

    Examples
    --------
    >>> count_follows(-0.8, -0.4), count_follows(-0.8, -0.3), count_follows(-0.8, 0.7)
    (True, False, False)
    """
    return bool(count * np.sign(share) >= _COUNT_FOLLOWS * abs(share))


def _base_slope(series: DailySeries, base: NDArray[np.int64] | None, events: _Dummy) -> float:
    """Slope of what a series is a share of, without event days and weekends; 0 for a count.

    Posts are fewer on weekends, and shares are not: left in, twenty days that begin on a Monday and
    end on a Saturday would fall by themselves.
    """
    if base is None:
        return 0.0
    is_daily = series.period == "day"
    weekends = np.array([is_daily and day.weekday() in _WEEKEND for day in series.days])
    _, solver = solve_design(
        series.day_numbers, [dummy for dummy in (events, weekends) if dummy.any()]
    )
    return float(np.einsum("n,n->", LogSeries.of(base).logs, solver[1]))


def _days_beside(events: _Dummy, day_numbers: Days) -> _Dummy:
    """Mark the days next to an event day that are none themselves."""
    beside: _Dummy = (_days_from(events, day_numbers) == 1) & ~events
    return beside


def _days_from(events: _Dummy, day_numbers: Days) -> NDArray[np.int64]:
    distance = np.abs(day_numbers[:, None] - day_numbers[events][None, :])
    nearest: NDArray[np.int64] = distance.min(axis=1, initial=_FAR)
    return nearest


def _build_up(tested: _TestedSeries) -> Array | None:
    """Give the rise towards the event days in which the series differ most, if they differ."""
    if len(tested.series) < _FEWEST_TO_DIFFER or not tested.events.any():
        return None
    rises = [_rise(tested.events, tested.day_numbers, days) for days in _BUILD_UP_DAYS]
    differ = [float(np.var(_t_values(tested, rise), ddof=1)) for rise in rises]
    best = int(np.argmax(differ))
    return rises[best] if differ[best] > _DIFFERS else None


def _rise(events: _Dummy, day_numbers: Days, days: int) -> Array:
    """Draw a straight rise over so many days to the next event day, and a fall after the last."""
    ahead = day_numbers[events][None, :] - day_numbers[:, None]
    until = np.where(ahead > 0, ahead, _FAR).min(axis=1, initial=_FAR)
    since = np.where(ahead < 0, -ahead, _FAR).min(axis=1, initial=_FAR)
    rise = np.maximum(1 - until / days, 1 - since / _FADING_DAYS)
    return np.where(events, 0.0, np.maximum(0.0, rise))


def _t_values(tested: _TestedSeries, column: Array | _Dummy) -> Array:
    """t-value of one more column in every series; 0 where the design already holds it."""
    design, solver = solve_design(tested.day_numbers, [*tested.dummies, column])
    n, columns = design.shape
    if columns < 2 + len(tested.dummies) + 1:
        return np.zeros(len(tested.series))
    logs = np.array([one.logs for one in tested.series.values()])
    effects = np.einsum("sn,kn->sk", logs, solver)
    residuals = logs - np.einsum("sk,nk->sn", effects, design)
    errors = np.sqrt((residuals**2).sum(axis=1) / (n - columns)) * np.linalg.norm(solver[-1])
    values: Array = np.divide(
        effects[:, -1], errors, out=np.zeros(len(errors)), where=errors > NEGLIGIBLE
    )
    return values


_FAR = 9_999
OUTSIDE_TESTS = "all"
OF_BASE = "base"  # the guard that asks whether the count moved with the share
_TRENDS = ("growth", "decline")
# What a judgement rests on: it holds whatever the coder did, or if the coder judged alike.
HELD, ALIKE = 1, 2


@dataclass(frozen=True)
class Judgement:
    """What the rule decided on one series."""

    verdict: str
    size: str
    fluctuation: Fluctuation
    fit: TrendFit
    plain_fit: TrendFit
    raw_fit: TrendFit
    p_holm: float
    measure: str = COUNT
    withdrawn_by: str = ""
    guard_p: float = 0.0
    is_of_base: bool = False
    tier: int = HELD
    drift: Drift | None = None


def judge_in_tiers(
    series: DailySeries,
    events: NDArray[np.bool_],
    drifts: Mapping[str, Drift],
    *,
    measure: str = SHARE,
    claimed: Collection[str] = (),
) -> dict[str, Judgement]:
    """Judge every series in two tiers, and give of each the stronger one that says something.

    HELD: the drift that the audit measured is taken out with all its uncertainty, so that the word
    holds whatever the coder did. ALIKE: the coder is taken to judge early and late posts alike; it
    stands only where the audit finds no sign against that. Where neither finds anything, the
    numbers are those of the second, unless the audit speaks against it. All posts have no coder.
    """
    alike = judge_series(series, events, {}, measure=measure, claimed=claimed)
    held = judge_series(series, events, drifts, measure=measure, claimed=claimed) if drifts else {}
    judged = {}
    for name, one in alike.items():
        drift = drifts.get(name)
        is_told = name in held and held[name].verdict != "no_trend"
        if name == OUTSIDE_TESTS:
            judged[name] = one
        elif drift is not None and (is_told or drift.p < ALPHA):
            judged[name] = replace(held[name], drift=drift)
        else:
            judged[name] = replace(one, tier=ALIKE, drift=drift)
    return judged


def judge_series(
    series: DailySeries,
    events: NDArray[np.bool_],
    drifts: Mapping[str, Drift],
    *,
    measure: str = SHARE,
    claimed: Collection[str] = (),
) -> dict[str, Judgement]:
    """Judge every series that has enough to tell (`analysis.minimum`)."""
    short = shortfalls(series)
    counts = {name: values for name, values in series.counts.items() if name not in short}
    if not counts:
        return {}
    bases = {name: series.base_of(name, measure) for name in counts}
    raw: dict[str, TrendFit] = {}
    plain: dict[str, TrendFit] = {}
    guards: dict[str, dict[str, float]] = {}
    base_slopes: dict[str, float] = {}
    for group in _alike(bases):
        logs = {name: LogSeries.of(counts[name], bases[name][1]) for name in group}
        tested = _TestedSeries(logs, series.day_numbers, events, drifts)
        base_slopes |= {name: _base_slope(series, bases[name][1], events) for name in group}
        raw |= fit_trends(logs, series.day_numbers, tested.dummies)
        plain |= tested.fit()
        for guard, values in _guard_p_values(tested).items():
            guards.setdefault(guard, {}).update(values)
    fits = _without_drift(raw, drifts)
    corrected = holm_adjust({name: fit.p for name, fit in fits.items()}, claimed)
    guards = {
        guard: holm_adjust({name: values.get(name, fits[name].p) for name in fits}, claimed)
        for guard, values in guards.items()
    }
    judged = {}
    for name, daily in counts.items():
        fit = fits[name]
        failing = {guard: p[name] for guard, p in guards.items() if p[name] >= ALPHA}
        verdict = direction_word(fit, corrected[name], int(daily.sum()))
        is_of_base = _is_of_base(fit, base_slopes[name])
        withdrawn = max(failing, key=lambda guard: failing[guard], default="")
        withdrawn = OF_BASE if is_of_base else withdrawn
        withdrawn = withdrawn if verdict in _TRENDS else ""
        verdict = "no_trend" if withdrawn else verdict
        kind, base = bases[name]
        judged[name] = Judgement(
            verdict=verdict,
            size=size_word((fit.low, fit.high), verdict),
            fluctuation=measure_fluctuation(daily, series.day_numbers, base),
            fit=fit,
            plain_fit=plain[name],
            raw_fit=raw[name],
            p_holm=corrected[name],
            measure=kind,
            withdrawn_by=withdrawn,
            guard_p=failing.get(withdrawn, 0.0),
            is_of_base=is_of_base,
        )
    return judged


def holm_adjust(p_values: Mapping[str, float], claimed: Collection[str] = ()) -> dict[str, float]:
    """Correct by Holm over every row but `all`, which keeps its own p-value."""
    corrected = dict(p_values)
    inside = [name for name in p_values if name != OUTSIDE_TESTS]
    for is_claimed in (True, False):
        names = [name for name in inside if (name in claimed) == is_claimed]
        if names:
            values = holm(np.array([p_values[name] for name in names])).tolist()
            corrected.update(zip(names, values, strict=True))
    return corrected
