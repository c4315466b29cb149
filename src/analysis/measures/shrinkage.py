"""Rates per unit of exposure, drawn together: an empirical-Bayes gamma-Poisson model.

Counts k over exposures E; rates come from Gamma(a, b), fitted by marginal maximum likelihood (the
counts are then negative binomial); the posterior of a platform is Gamma(a + k, b + E). Sources:
Clayton & Kaldor 1987 for the model, Spiegelhalter 2005 for funnel limits with overdispersion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Array = NDArray[np.float64]

# Beyond this shape the platforms do not differ and the likelihood is flat.
LARGEST_SHAPE = 1e5
SMALLEST_SHAPE = 1e-2
QUANTILES = 41


@dataclass(frozen=True)
class RatePosterior:
    """Posterior of the rates of all platforms.

    Parameters
    ----------
    shape, rate
        a + k and b + E, one a platform.
    """

    shape: Array
    rate: Array

    @property
    def mean(self) -> Array:
        """Posterior mean rate."""
        mean: Array = self.shape / self.rate
        return mean

    @property
    def reference(self) -> float:
        """Median of the posterior means: what a platform is compared with."""
        return float(np.median(self.mean))

    def quantile(self, q: float) -> Array:
        """Quantile of each posterior."""
        value: Array = special.gammaincinv(self.shape, q) / self.rate
        return value


def fit_gamma(counts: Array, exposure: Array) -> tuple[float, float]:
    """Fit the gamma distribution of the rates by marginal maximum likelihood.

    Parameters
    ----------
    counts
        Items, or corrected estimates (need not be whole).
    exposure
        Units of exposure, above 0.

    Returns
    -------
    tuple of float
        Shape a and rate b.

    Examples
    --------
    >>> a, b = fit_gamma(np.array([50.0, 100, 150, 80, 120]), np.full(5, 10.0))
    >>> round(a / b, 1)
    10.0
    """
    # In units of the mean exposure the two parameters have similar scale.
    unit = float(exposure.mean())
    scaled = exposure / unit
    if counts.sum() == 0:
        return 1.0, unit
    found = optimize.minimize_scalar(
        lambda log_a: -_log_likelihood(np.exp(log_a), counts, scaled),
        bounds=(np.log(SMALLEST_SHAPE), np.log(LARGEST_SHAPE)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    a = float(np.exp(found.x))
    return a, _best_rate(a, counts, scaled) * unit


def _best_rate(a: float, counts: Array, exposure: Array) -> float:
    """Give the b that maximises the likelihood at this a: the root of a monotone equation."""

    def slope(log_b: float) -> float:
        b = np.exp(log_b)
        return float(len(counts) * a - ((a + counts) * b / (b + exposure)).sum())

    middle = float(np.log(a * exposure.sum() / counts.sum()))
    return float(np.exp(optimize.brentq(slope, middle - 20, middle + 20, xtol=1e-10)))


def _log_likelihood(a: float, counts: Array, exposure: Array) -> float:
    """Negative binomial log-likelihood at shape a and its best b, without the constant."""
    b = _best_rate(a, counts, exposure)
    terms = (
        special.gammaln(a + counts)
        - special.gammaln(a)
        + a * np.log(b / (b + exposure))
        - counts * np.log(b + exposure)
    )
    return float(terms.sum())


def posterior(counts: Array, exposure: Array) -> RatePosterior:
    """Fit and combine with each platform's own count.

    Examples
    --------
    >>> drawn = posterior(np.array([2.0, 100, 110, 90, 105]), np.array([0.1, 10, 10, 10, 10]))
    >>> bool(drawn.mean[0] < 20)
    True
    """
    a, b = fit_gamma(counts, exposure)
    return RatePosterior(a + counts, b + exposure)


def probability_above(drawn: RatePosterior, spread: Array, factor: float) -> Array:
    """Give the probability that a rate exceeds factor × the reference.

    Parameters
    ----------
    drawn
        The posterior at the estimates.
    spread
        Standard deviation of each estimate from the audit; 0 for plain counts. The probability is
        averaged over it.
    factor
        Multiple of the reference.

    Returns
    -------
    array
        One probability a platform.

    Examples
    --------
    >>> drawn = RatePosterior(np.array([400.0, 200, 200]), np.full(3, 10.0))
    >>> probability_above(drawn, np.zeros(3), 1.25).round(2).tolist()
    [1.0, 0.0, 0.0]
    """
    steps = special.ndtri((np.arange(QUANTILES) + 0.5) / QUANTILES)
    shapes = np.maximum(drawn.shape[:, None] + spread[:, None] * steps, 1e-9)
    chance = special.gammaincc(shapes, factor * drawn.reference * drawn.rate[:, None])
    mean: Array = chance.mean(axis=1)
    return mean
