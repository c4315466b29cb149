"""Null series for the trend test: AR(1) noise as wild as the residuals of the data.

Each null slope is studentised by a χ² draw, since the noise is estimated from few days.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Days = NDArray[np.int64]

PHI_RANGE = (0.2, 0.8)
# Below this a residual is rounding noise of the logarithm, not variation of the data.
NEGLIGIBLE = 1e-9


def lag_one(residuals: Array, gaps: Days) -> float:
    """Correlate consecutive days; over gaps the sum is scaled to the pairs of a whole series.

    Examples
    --------
    >>> lag_one(np.array([1.0, -1.0, 1.0, -1.0]), np.ones(3, dtype=int))
    -0.75
    """
    adjacent = gaps == 1
    total = float(residuals @ residuals)
    if total < NEGLIGIBLE**2 or not adjacent.any():
        return 0.0
    products = float((residuals[1:] * residuals[:-1])[adjacent].sum())
    return products / total * len(gaps) / int(adjacent.sum())


def correct_phi(r: float, days: int) -> float:
    """Correct a lag-one correlation for the bias of short series and hold it in its range.

    Examples
    --------
    >>> correct_phi(-0.75, 20), round(correct_phi(0.3, 20), 2)
    (0.2, 0.46)
    """
    return float(np.clip(r + (1 + 4 * r) / days + 1 / days, *PHI_RANGE))


def innovation_scale(residuals: Array, gaps: Days, phi: float, columns: int) -> float:
    """Estimate the sd of the AR(1) innovations, each step over a gap standardised to a day."""
    steps = phi**gaps
    innovations = (residuals[1:] - steps * residuals[:-1]) / gap_factor(gaps, phi)
    centred = innovations - innovations.mean()
    scale = float(np.sqrt((centred**2).sum() / (len(residuals) - columns - 1)))
    return scale if scale > NEGLIGIBLE else 0.0


def gap_factor(gaps: Days, phi: float) -> Array:
    """Say how much wider the innovation over a gap is than over one day (1 without a gap)."""
    factor: Array = np.sqrt((1 - phi ** (2 * gaps)) / (1 - phi**2))
    return factor


def null_weights(slope_row: Array, gaps: Days, phi: float) -> Array:
    """Give the weights that turn standard normal draws into the slope of an AR(1) series.

    The slope of a simulated series is linear in its innovations, so the series itself need not be
    built: walking backwards collects what each innovation does to all later days.

    Examples
    --------
    >>> row = np.array([-0.5, 0.0, 0.5])
    >>> null_weights(row, np.ones(2, dtype=int), 0.5).round(3).tolist()
    [-0.433, 0.25, 0.5]
    """
    influence = np.array(slope_row, dtype=np.float64)
    for i in range(len(gaps) - 1, -1, -1):
        influence[i] += phi ** gaps[i] * influence[i + 1]
    influence[0] /= np.sqrt(1 - phi**2)
    influence[1:] *= gap_factor(gaps, phi)
    return influence


@lru_cache(maxsize=8)
def null_draws(n: int, freedom: int, draws: int, seed: int) -> tuple[Array, Array]:
    """Draw standard normals (draws × n) and the studentising factors √(df / χ²)."""
    generator = np.random.default_rng(seed)
    normals = generator.standard_normal((draws, n))
    factors = np.sqrt(freedom / generator.chisquare(freedom, draws))
    normals.flags.writeable = False
    factors.flags.writeable = False
    return normals, factors
