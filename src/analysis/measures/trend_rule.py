"""The decision rule for one daily series: slope, interval and p-value.

Log-linear growth with an event dummy; the p-value comes from AR(1) null series with the estimated
autocorrelation held between 0.2 and 0.8, because twenty days cannot estimate it and every
correction that trusts the estimate reports trends where there are none. The p-value is
(1 + count)/(B + 1) (Davison & Hinkley 1997). The rule's fixed choices and its measured error rates
stand in docs/method.md and benchmarks/validity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.measures.ar1_null import (
    NEGLIGIBLE,
    Array,
    Days,
    correct_phi,
    innovation_scale,
    lag_one,
    null_draws,
    null_weights,
)

DRAWS = 9_999
ALPHA = 0.05


@dataclass(frozen=True)
class TrendFit:
    """Slope of a series on the log scale, with its null distribution.

    Parameters
    ----------
    slope, margin
        Log change a day and the half-width of its 95 % interval.
    p
        Two-sided bootstrap p-value.
    span
        Days from the first to the last usable day.
    r
        Lag-one correlation of the residuals.
    null
        Slopes of the null series.
    """

    slope: float
    margin: float
    p: float
    span: int
    r: float = 0.0
    null: Array = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)

    @property
    def growth(self) -> float:
        """Change over the window as a fraction."""
        return float(np.expm1(self.span * self.slope))

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval of `growth`."""
        return float(np.expm1(self.span * (self.slope - self.margin)))

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval of `growth`."""
        return float(np.expm1(self.span * (self.slope + self.margin)))


def fit_trend(
    counts: NDArray[np.int64],
    day_numbers: Days,
    dummies: Sequence[NDArray[np.bool_]] = (),
    *,
    seed: int,
    draws: int = DRAWS,
    phi: float | None = None,
) -> TrendFit:
    """Fit the log-linear trend of a daily series and test it against AR(1) null series.

    Parameters
    ----------
    counts
        Items a day.
    day_numbers
        Position of each day on the calendar, rising; a jump is a gap.
    dummies
        Sets of days that get a level of their own: the event days.
    seed, draws
        Of the null series. All categories share the same draws up to scale.
    phi
        Autocorrelation of the null series; estimated from this series when it is not given.

    Returns
    -------
    TrendFit
        Slope, interval and p-value.

    Examples
    --------
    >>> days = np.arange(20)
    >>> fit = fit_trend(np.exp(6 + 0.03 * days).astype("int64"), days, seed=618)
    >>> round(fit.growth, 2), fit.p
    (0.77, 0.0001)
    """
    design = design_matrix(day_numbers, dummies)
    n, columns = design.shape
    solver = np.linalg.pinv(design)
    logs = np.log(counts + 0.5)
    coefficients = solver @ logs
    residuals = logs - design @ coefficients
    gaps = np.diff(day_numbers)
    r = lag_one(residuals, gaps)
    phi = correct_phi(r, n) if phi is None else phi
    scale = innovation_scale(residuals, gaps, phi, columns)
    weights = null_weights(solver[1], gaps, phi)
    normals, factors = null_draws(n, n - columns - 1, draws, seed)
    # einsum keeps one order of summation whatever the number of threads
    null = scale * factors * np.einsum("bi,i->b", normals, weights)
    slope = float(coefficients[1]) if abs(coefficients[1]) > NEGLIGIBLE else 0.0
    margin = float(np.quantile(np.abs(null), 1 - ALPHA))
    span = int(day_numbers[-1] - day_numbers[0])
    return TrendFit(slope, margin, tail_share(null, slope), span, r, null)


def tail_share(null: Array, value: float) -> float:
    """Give the two-sided bootstrap p-value, (1 + count)/(B + 1)."""
    return (1 + int(np.count_nonzero(np.abs(null) >= abs(value)))) / (len(null) + 1)


def design_matrix(day_numbers: Days, dummies: Sequence[NDArray[np.bool_]] = ()) -> Array:
    """Build intercept, centred day and every dummy that can be told from the columns before it.

    Examples
    --------
    >>> design_matrix(np.arange(3), [np.array([False, False, True])])[:, 1].tolist()
    [-1.0, 0.0, 1.0]
    """
    middle = (day_numbers[0] + day_numbers[-1]) / 2
    design = np.column_stack([np.ones(len(day_numbers)), day_numbers - middle])
    for dummy in dummies:
        wider = np.column_stack([design, dummy.astype(float)])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            design = wider
    return design
