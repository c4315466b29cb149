"""Guards that may withdraw a trend which the rule found, and never make one.

The rule trusts one short series with its own autocorrelation and knows only the event days.
Measured on other generators (benchmarks/validity/trends.py) it then reports too many trends in
three situations; each has a guard, whose p-value, Holm-corrected over the same family, must also be
below .05:

- autocorrelation: the series of a family share their days, so their residuals together tell more
  than each alone. Three parts of the pooled and one part of the own estimate, bias removed for the
  design, plus .10 and .45 of the pooled estimate for what is still unsure: an estimate from twenty
  days errs as far up as down, and the spread of a slope grows faster than φ.
- beside: when the days next to the event days stand out in the family, a peak with shoulders, they
  get a level of their own.
- drift: the change that the coder makes, as the audit measured it, is taken out with its
  uncertainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.measures.ar1_null import PHI_RANGE, Array, Days, lag_one
from analysis.measures.drift import Interval, drift_p
from analysis.measures.trend_rule import TrendFit, design_matrix, fit_trend

Dummy = NDArray[np.bool_]

POOLED_PART = 0.75
PHI_MARGIN = 0.10
PHI_MARGIN_SHARE = 0.45
LARGEST_PHI = 0.92
STANDS_OUT = 1.2
PHI_GRID = np.linspace(-0.9, 0.95, 186)


@dataclass(frozen=True)
class Family:
    """The tested series of one table.

    Parameters
    ----------
    counts
        Counts by grievance.
    day_numbers
        Position of each day on the calendar.
    events
        True on event days.
    fits
        The fits that decide.
    seed, draws
        Of the null series.
    """

    counts: Mapping[str, NDArray[np.int64]]
    day_numbers: Days
    events: Dummy
    fits: Mapping[str, TrendFit]
    seed: int
    draws: int

    @property
    def dummies(self) -> list[Dummy]:
        """The event dummy, where there is an event day."""
        return [self.events] if self.events.any() else []


def guard_p_values(family: Family, drifts: Mapping[str, Interval]) -> dict[str, dict[str, float]]:
    """Give the p-value of every guard that applies, by guard and grievance, uncorrected.

    Parameters
    ----------
    family
        The tested series.
    drifts
        Drift interval by grievance; a grievance without one keeps the rule's p-value.

    Returns
    -------
    dict
        `autocorrelation` always; `beside` when the days beside the event days stand out; `drift`
        when there is an audit.
    """
    guards = {"autocorrelation": _p_values(family, family.dummies)}
    beside = days_beside(family.events, family.day_numbers)
    if beside.any() and stand_out(family, beside):
        guards["beside"] = _p_values(family, [*family.dummies, beside])
    if drifts:
        guards["drift"] = {
            name: drift_p(fit, drifts[name], family.seed) if name in drifts else fit.p
            for name, fit in family.fits.items()
        }
    return guards


def _p_values(family: Family, dummies: Sequence[Dummy]) -> dict[str, float]:
    phis = pooled_phi(family, dummies)
    return {
        name: fit_trend(
            family.counts[name], family.day_numbers, dummies,
            seed=family.seed, draws=family.draws, phi=phis[name],
        ).p
        for name in family.fits
    }  # fmt: skip


def pooled_phi(family: Family, dummies: Sequence[Dummy]) -> dict[str, float]:
    """Estimate the autocorrelation of each series with the help of the others."""
    design = design_matrix(family.day_numbers, dummies)
    gaps = np.diff(family.day_numbers)
    maker = np.eye(len(design)) - design @ np.linalg.pinv(design)
    curve = expected_lag_one(design, family.day_numbers)
    found = {name: lag_one(maker @ np.log(family.counts[name] + 0.5), gaps) for name in family.fits}
    pooled = np.interp(np.mean(list(found.values())), curve, PHI_GRID)
    margin = PHI_MARGIN + PHI_MARGIN_SHARE * max(0.0, float(pooled))
    own = {name: np.interp(r, curve, PHI_GRID) for name, r in found.items()}
    return {
        name: float(
            np.clip(
                POOLED_PART * pooled + (1 - POOLED_PART) * value + margin,
                PHI_RANGE[0],
                LARGEST_PHI,
            )
        )
        for name, value in own.items()
    }


def expected_lag_one(design: Array, day_numbers: Days) -> Array:
    """Give the residual lag-one correlation that each φ of the grid leads to under this design.

    E[e'Ae]/E[e'e] with e the residuals of an AR(1) series: fitting takes autocorrelation away, the
    more the more columns there are.

    Examples
    --------
    >>> curve = expected_lag_one(design_matrix(np.arange(20)), np.arange(20))
    >>> bool((np.diff(curve) > 0).all()), round(float(curve[PHI_GRID.searchsorted(0.6)]), 2)
    (True, 0.38)
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
    powers = PHI_GRID[:, None] ** np.arange(reach)[None, :]
    # einsum keeps one order of summation whatever the number of threads
    curve = np.einsum("pd,d->p", powers, upper) / np.einsum("pd,d->p", powers, lower)
    return np.maximum.accumulate(curve)


def days_beside(events: Dummy, day_numbers: Days) -> Dummy:
    """Mark the days next to an event day that are none themselves.

    Examples
    --------
    >>> days_beside(np.array([False, False, True, False]), np.arange(4)).tolist()
    [False, True, False, True]
    """
    distance = np.abs(day_numbers[:, None] - day_numbers[events][None, :]).min(axis=1, initial=99)
    beside: Dummy = (distance == 1) & ~events
    return beside


def stand_out(family: Family, beside: Dummy) -> bool:
    """Tell whether the days beside the event days differ, by the median t-value of the family."""
    design = design_matrix(family.day_numbers, [*family.dummies, beside])
    n, columns = design.shape
    if columns < 4:
        return False
    solver = np.linalg.pinv(design)
    values = []
    for name in family.fits:
        logs = np.log(family.counts[name] + 0.5)
        effects = solver @ logs
        residuals = logs - design @ effects
        error = np.sqrt(residuals @ residuals / (n - columns)) * np.linalg.norm(solver[-1])
        values.append(effects[-1] / error if error > 0 else 0.0)
    return bool(abs(np.median(values)) > STANDS_OUT)
