"""Judge all series of a table together: the rule, Holm's correction, and the guards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import CaodianError
from analysis.measures.daily_series import DailySeries, shortfalls
from analysis.measures.trend_rule import (
    ALPHA,
    PHI_RANGE,
    Array,
    Days,
    TrendFit,
    design_matrix,
    direction_word,
    fit_trend,
    holm,
    is_fluctuating,
    lag_one,
    size_word,
    tail_share,
)

# Drift of the coder over the window, as the audit measured it, against a trend.
#
# A coder that finds 20 % more late than early makes a trend out of nothing. The audit gives,
# per grievance, an interval for that change; a trend stands only if it remains when the drift
# is taken out, with the uncertainty of both.

Interval = tuple[float, float]


def read_drift(drift: pd.DataFrame | None) -> dict[str, Interval]:
    """Check a drift table and give the interval of each grievance.

    Parameters
    ----------
    drift
        Columns `grievance, low, high`: 95 % interval of the change, over the window, that the
        coder's error alone makes in the counts, as fractions (0.1 = 10 % more late than early).

    Returns
    -------
    dict
        Interval by grievance; empty without a table. A row without an interval says nothing.

    Raises
    ------
    CaodianError
        A column is missing, an end is no number above −1, or the ends are the wrong way round.

    Examples
    --------
    >>> read_drift(pd.DataFrame({"grievance": ["price"], "low": [-0.1], "high": [0.2]}))
    {'price': (-0.1, 0.2)}
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
    known = low.notna() & high.notna()
    names = drift["grievance"].astype(str)
    return {
        name: (float(a), float(b))
        for name, a, b in zip(names[known], low[known], high[known], strict=True)
    }


def _drift_p(fit: TrendFit, interval: Interval, seed: int) -> float:
    """Test the change that remains when the coder's drift is taken out, with both uncertainties."""
    low, high = np.log1p(interval[0]), np.log1p(interval[1])
    error = (high - low) / (2 * 1.959964)
    noise = np.random.default_rng([seed, 1]).standard_normal(len(fit.null))
    remaining = fit.span * fit.slope - (low + high) / 2
    if remaining * fit.slope <= 0:
        return 1.0
    return max(fit.p, tail_share(fit.span * fit.null + error * noise, remaining))


def _is_drift_shown(interval: Interval) -> bool:
    """Tell whether the audit shows a drift at all: then a flat series may hide a change."""
    return interval[0] > 0 or interval[1] < 0


# Guards that may withdraw a trend which the rule found, and never make one.
#
# The rule trusts one short series with its own autocorrelation and knows only the event days.
# Measured on other generators (benchmarks/validity/trends.py) it then reports too many trends
# in three situations; each has a guard, whose p-value, Holm-corrected over the same series,
# must also be below .05:
#
# - autocorrelation: the series of a table share their days, so their residuals together tell
#   more than each alone. Three parts of the pooled and one part of the own estimate, bias removed
#   for the design, plus .10 and .45 of the pooled estimate for what is still unsure: an estimate
#   from twenty days errs as far up as down, and the spread of a slope grows faster than φ.
# - beside: when the days next to the event days stand out over all series, a peak with shoulders,
#   they get a level of their own.
# - drift: the change that the coder makes, as the audit measured it, is taken out with its
#   uncertainty.

_Dummy = NDArray[np.bool_]

_POOLED_PART = 0.75
_PHI_MARGIN = 0.10
_PHI_MARGIN_SHARE = 0.45
_LARGEST_PHI = 0.92
_STANDS_OUT = 1.2
_PHI_GRID = np.linspace(-0.9, 0.95, 186)


@dataclass(frozen=True)
class _TestedSeries:
    """The tested series of one table."""

    counts: Mapping[str, NDArray[np.int64]]
    day_numbers: Days
    events: _Dummy
    fits: Mapping[str, TrendFit]
    seed: int
    draws: int

    @property
    def dummies(self) -> list[_Dummy]:
        """The event dummy, where there is an event day."""
        return [self.events] if self.events.any() else []


def _guard_p_values(
    tested: _TestedSeries, drifts: Mapping[str, Interval]
) -> dict[str, dict[str, float]]:
    """Give the p-value of every guard that applies, by guard and grievance, uncorrected."""
    guards = {"autocorrelation": _p_values(tested, tested.dummies)}
    beside = _days_beside(tested.events, tested.day_numbers)
    if beside.any() and _stand_out(tested, beside):
        guards["beside"] = _p_values(tested, [*tested.dummies, beside])
    if drifts:
        guards["drift"] = {
            name: _drift_p(fit, drifts[name], tested.seed) if name in drifts else fit.p
            for name, fit in tested.fits.items()
        }
    return guards


def _p_values(tested: _TestedSeries, dummies: Sequence[_Dummy]) -> dict[str, float]:
    phis = _pooled_phi(tested, dummies)
    return {
        name: fit_trend(
            tested.counts[name], tested.day_numbers, dummies,
            seed=tested.seed, draws=tested.draws, phi=phis[name],
        ).p
        for name in tested.fits
    }  # fmt: skip


def _pooled_phi(tested: _TestedSeries, dummies: Sequence[_Dummy]) -> dict[str, float]:
    """Estimate the autocorrelation of each series with the help of the others."""
    design = design_matrix(tested.day_numbers, dummies)
    gaps = np.diff(tested.day_numbers)
    maker = np.eye(len(design)) - design @ np.linalg.pinv(design)
    curve = _expected_lag_one(design, tested.day_numbers)
    found = {name: lag_one(maker @ np.log(tested.counts[name] + 0.5), gaps) for name in tested.fits}
    pooled = np.interp(np.mean(list(found.values())), curve, _PHI_GRID)
    margin = _PHI_MARGIN + _PHI_MARGIN_SHARE * max(0.0, float(pooled))
    own = {name: np.interp(r, curve, _PHI_GRID) for name, r in found.items()}
    return {
        name: float(
            np.clip(
                _POOLED_PART * pooled + (1 - _POOLED_PART) * value + margin,
                PHI_RANGE[0],
                _LARGEST_PHI,
            )
        )
        for name, value in own.items()
    }


def _expected_lag_one(design: Array, day_numbers: Days) -> Array:
    """Give the residual lag-one correlation that each φ of the grid leads to under this design.

    E[e'Ae]/E[e'e] with e the residuals of an AR(1) series: fitting takes autocorrelation away, the
    more the more columns there are.
    """
    return _curve(design.tobytes(), design.shape[1], tuple(day_numbers.tolist()))


@lru_cache(maxsize=64)
def _curve(design_bytes: bytes, columns: int, days: tuple[int, ...]) -> Array:
    """Compute the curve once for all series that share the days."""
    design = np.frombuffer(design_bytes).reshape(-1, columns)
    day_numbers, n = np.array(days), len(days)
    maker = np.eye(n) - design @ np.linalg.pinv(design)
    adjacent = (np.diff(day_numbers) == 1).astype(float)
    pairs = np.diag(adjacent, 1) * (n - 1) / max(1.0, adjacent.sum())
    distance = np.abs(day_numbers[:, None] - day_numbers[None, :])
    # tr(P M S M) with S = φ^distance is a polynomial in φ: its weights are summed once, so that a
    # long series costs no more than its matrix. M M = M.
    reach = int(distance.max()) + 1
    upper, lower = (
        np.bincount(distance.ravel(), weights=weights.ravel(), minlength=reach)
        for weights in (maker @ pairs @ maker, maker)
    )
    powers = _PHI_GRID[:, None] ** np.arange(reach)[None, :]
    # einsum keeps one order of summation whatever the number of threads
    curve = np.einsum("pd,d->p", powers, upper) / np.einsum("pd,d->p", powers, lower)
    return np.maximum.accumulate(curve)


def _days_beside(events: _Dummy, day_numbers: Days) -> _Dummy:
    """Mark the days next to an event day that are none themselves."""
    distance = np.abs(day_numbers[:, None] - day_numbers[events][None, :]).min(axis=1, initial=99)
    beside: _Dummy = (distance == 1) & ~events
    return beside


def _stand_out(tested: _TestedSeries, beside: _Dummy) -> bool:
    """Tell whether the days beside the event days differ, by the median t-value of all series."""
    design = design_matrix(tested.day_numbers, [*tested.dummies, beside])
    n, columns = design.shape
    if columns < 4:
        return False
    solver = np.linalg.pinv(design)
    values = []
    for name in tested.fits:
        logs = np.log(tested.counts[name] + 0.5)
        effects = solver @ logs
        residuals = logs - design @ effects
        error = np.sqrt(residuals @ residuals / (n - columns)) * np.linalg.norm(solver[-1])
        values.append(effects[-1] / error if error > 0 else 0.0)
    return bool(abs(np.median(values)) > _STANDS_OUT)


OUTSIDE_TESTS = "all"
_TRENDS = ("growth", "decline")


@dataclass(frozen=True)
class Judgement:
    """What the rule decided on one series.

    Parameters
    ----------
    fit, plain_fit
        The fit that decides, and the one without the event dummy, printed beside it.
    p_holm
        Corrected p-value; for `all`, which is outside the correction, its own.
    withdrawn_by
        The guard that withdrew a trend or a flat series; empty when none did.
    """

    verdict: str
    size: str
    is_fluctuating: bool
    fit: TrendFit
    plain_fit: TrendFit
    p_holm: float
    withdrawn_by: str = ""
    guard_p: float = 0.0


def judge_series(
    series: DailySeries,
    events: NDArray[np.bool_],
    drifts: Mapping[str, Interval],
    *,
    seed: int,
    draws: int,
) -> dict[str, Judgement]:
    """Judge every series that has enough to tell (`analysis.minimum`).

    Parameters
    ----------
    events
        True on event days.
    drifts
        Drift interval by grievance.

    Returns
    -------
    dict
        Judgement by grievance; what cannot be tested is left out.

    Examples
    --------
    >>> from analysis.measures.daily_series import arrange_daily
    >>> import pandas as pd
    >>> daily = pd.DataFrame({"date": pd.date_range("2020-06-01", periods=20), "grievance": "price",
    ...                       "items": [1500, 1540] * 10})
    >>> judged = judge_series(arrange_daily(daily), np.zeros(20, bool), {}, seed=618, draws=999)
    >>> judged["price"].verdict
    'flat'
    """
    short = shortfalls(series)
    counts = {name: values for name, values in series.counts.items() if name not in short}
    if not counts:
        return {}
    days = series.day_numbers
    plain = {name: fit_trend(y, days, seed=seed, draws=draws) for name, y in counts.items()}
    fits = plain
    if events.any():
        fits = {
            name: fit_trend(y, days, [events], seed=seed, draws=draws) for name, y in counts.items()
        }
    corrected = holm_adjust({name: fit.p for name, fit in fits.items()})
    tested = _TestedSeries(counts, days, events, fits, seed, draws)
    guards = {
        guard: holm_adjust(values) for guard, values in _guard_p_values(tested, drifts).items()
    }
    return {
        name: _judge(
            name, tested, plain[name], corrected[name],
            guards={guard: values[name] for guard, values in guards.items()},
            drift=drifts.get(name),
        )
        for name in counts
    }  # fmt: skip


def holm_adjust(p_values: Mapping[str, float]) -> dict[str, float]:
    """Correct by Holm over every row but `all`, which keeps its own p-value.

    Examples
    --------
    >>> holm_adjust({"all": 0.03, "negative": 0.03, "price": 0.01})
    {'all': 0.03, 'negative': 0.03, 'price': 0.02}
    """
    names = [name for name in p_values if name != OUTSIDE_TESTS]
    corrected = dict(p_values)
    if names:
        values = holm(np.array([p_values[name] for name in names])).tolist()
        corrected.update(zip(names, values, strict=True))
    return corrected


def _judge(
    name: str,
    tested: _TestedSeries,
    plain: TrendFit,
    p_holm: float,
    *,
    guards: Mapping[str, float],
    drift: Interval | None,
) -> Judgement:
    fit = tested.fits[name]
    verdict, withdrawn_by = direction_word(fit, p_holm, int(tested.counts[name].sum())), ""
    if verdict in _TRENDS:
        failed = [guard for guard, p in guards.items() if p >= ALPHA]
        withdrawn_by = max(failed, key=lambda guard: guards[guard], default="")
    elif verdict == "flat" and drift is not None and _is_drift_shown(drift):
        withdrawn_by = "drift"
    verdict = "no_trend" if withdrawn_by else verdict
    return Judgement(
        verdict=verdict,
        size=size_word(fit, verdict),
        is_fluctuating=is_fluctuating(tested.counts[name], tested.day_numbers),
        fit=fit,
        plain_fit=plain,
        p_holm=p_holm,
        withdrawn_by=withdrawn_by,
        guard_p=guards.get(withdrawn_by, 0.0),
    )
