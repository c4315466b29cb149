"""The decision rule for one daily series: slope, interval and p-value.

Log-linear growth with an event dummy; the p-value comes from AR(1) null series with the estimated
autocorrelation held between 0.2 and 0.8, because twenty days cannot estimate it and every
correction that trusts the estimate reports trends where there are none. The p-value is
(1 + count)/(B + 1) (Davison & Hinkley 1997). The rule's fixed choices and its measured error rates
stand in docs/method.md and benchmarks/validity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.measures.ar1_null import (
    NEGLIGIBLE,
    Array,
    estimate_phi,
    innovation_scale,
    null_draws,
    null_weights,
)

DRAWS = 9_999
MINIMUM_DAYS = 10
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
    phi
        Autocorrelation used for the null series.
    """

    slope: float
    margin: float
    p: float
    span: int
    phi: float

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
    day_numbers: NDArray[np.int64],
    events: NDArray[np.bool_],
    *,
    seed: int,
    draws: int = DRAWS,
) -> TrendFit:
    """Fit the log-linear trend of a daily series and test it against AR(1) null series.

    Parameters
    ----------
    counts
        Items a day.
    day_numbers
        Position of each day on the calendar, rising; a jump is a gap.
    events
        True on event days; all false for a fit without the dummy.
    seed, draws
        Of the null series. All categories share the same draws up to scale.

    Returns
    -------
    TrendFit
        Slope, interval and p-value.

    Examples
    --------
    >>> days = np.arange(20)
    >>> fit = fit_trend(np.exp(6 + 0.03 * days).astype("int64"), days, days < 0, seed=618)
    >>> round(fit.growth, 2), fit.p
    (0.77, 0.0001)
    """
    design = design_matrix(day_numbers, events)
    n, columns = design.shape
    solver = np.linalg.pinv(design)
    logs = np.log(counts + 0.5)
    coefficients = solver @ logs
    residuals = logs - design @ coefficients
    gaps = np.diff(day_numbers)
    phi = estimate_phi(residuals, gaps)
    scale = innovation_scale(residuals, gaps, phi, columns)
    weights = null_weights(solver[1], gaps, phi)
    normals, factors = null_draws(n, n - columns - 1, draws, seed)
    # einsum keeps one order of summation whatever the number of threads
    null = np.abs(scale * factors * np.einsum("bi,i->b", normals, weights))
    slope = float(coefficients[1]) if abs(coefficients[1]) > NEGLIGIBLE else 0.0
    p = (1 + int(np.count_nonzero(null >= abs(slope)))) / (draws + 1)
    return TrendFit(
        slope, float(np.quantile(null, 1 - ALPHA)), p, int(day_numbers[-1] - day_numbers[0]), phi
    )


def design_matrix(day_numbers: NDArray[np.int64], events: NDArray[np.bool_]) -> Array:
    """Build intercept, centred day and, where it can be told from them, the event dummy.

    Examples
    --------
    >>> design_matrix(np.arange(3), np.array([False, False, True]))[:, 1].tolist()
    [-1.0, 0.0, 1.0]
    """
    middle = (day_numbers[0] + day_numbers[-1]) / 2
    plain = np.column_stack([np.ones(len(day_numbers)), day_numbers - middle])
    full = np.column_stack([plain, events.astype(float)])
    return full if np.linalg.matrix_rank(full) == 3 else plain
