"""Do the coders agree? Krippendorff's alpha with an interval, and companions that know prevalence.

Alpha (nominal, missing codes allowed) after Krippendorff, *Content Analysis*, 2004, chapter 11;
checked against his worked example. On rare codes alpha is low even where coders hardly ever
differ, so Gwet's AC1 (2008) and the agreement on each value stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_BOOTSTRAPS = 2_000
_SEED = 618


@dataclass(frozen=True)
class Agreement:
    """Agreement of the coders on one code; NaN where it is not defined."""

    units: int
    alpha: float
    alpha_low: float
    alpha_high: float
    ac1: float
    by_value: dict[object, float]


def _krippendorff_alpha(codings: pd.DataFrame | np.ndarray) -> float:
    """Return Krippendorff's alpha for nominal codes."""
    counts, _ = _count_values(codings)
    size, differing = _unit_terms(counts)
    alpha = _alpha(np.array([differing.sum()]), counts.sum(axis=0)[None, :], size.sum())
    return float(alpha[0])


def measure_agreement(
    codings: pd.DataFrame | np.ndarray, *, bootstraps: int = _BOOTSTRAPS, seed: int = _SEED
) -> Agreement:
    """Return alpha with its 95 % interval, AC1 and the agreement on each value.

    The interval resamples units. Where the coders never differed every resample gives 1; then the
    lower end is that of a disagreement that would stay unseen in 1 of 40 such samples.

    Parameters
    ----------
    codings
        One row per unit, one column per coder.

    Returns
    -------
    Agreement
        Units that at least two coders coded, and what they agree on.

    Examples
    --------
    >>> codings = np.array([[1, 1]] * 20 + [[0, 0]] * 70 + [[1, 0]] * 10)
    >>> agreement = measure_agreement(codings)
    >>> round(agreement.alpha, 2), agreement.alpha_low < 0.73 < agreement.alpha_high
    (0.73, True)
    >>> agreement.by_value
    {0: 0.9333333333333333, 1: 0.8}
    """
    counts, values = _count_values(codings)
    size, differing = _unit_terms(counts)
    alpha = _krippendorff_alpha(codings)
    low, high = _bootstrap(counts, size, differing, bootstraps, seed)
    if len(size) and differing.sum() == 0 and not np.isnan(alpha):
        low, high = _unseen_disagreement(counts, size), 1.0
    return Agreement(
        units=len(size),
        alpha=alpha,
        alpha_low=min(low, alpha),
        alpha_high=max(high, alpha),
        ac1=_ac1(counts, size),
        by_value=_agreement_by_value(counts, size, values),
    )


def _count_values(codings: pd.DataFrame | np.ndarray) -> tuple[np.ndarray, list[object]]:
    """Count how often each unit was given each value, for units that two coders coded."""
    table = pd.DataFrame(codings)
    flat = pd.Series(table.to_numpy(dtype=object).ravel())
    values = sorted(flat.dropna().unique(), key=lambda value: (str(type(value)), value))
    counts = np.column_stack(
        [(table == value).sum(axis=1).to_numpy() for value in values] or [np.zeros(len(table))]
    ).astype(np.int64)
    return counts[counts.sum(axis=1) >= 2], values


def _unit_terms(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return codes per unit, and the unit's share of observed disagreement."""
    size = counts.sum(axis=1)
    pairs = size**2 - (counts**2).sum(axis=1)
    return size, pairs / np.maximum(size - 1, 1)


def _alpha(differing: np.ndarray, totals: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return alpha for each row of totals; NaN where only one value occurs."""
    expected = (size**2 - (totals.astype(float) ** 2).sum(axis=1)) / np.maximum(size - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(expected > 0, 1 - differing / expected, np.nan))


def _bootstrap(
    counts: np.ndarray, size: np.ndarray, differing: np.ndarray, bootstraps: int, seed: int
) -> tuple[float, float]:
    units = len(size)
    if units == 0:
        return np.nan, np.nan
    kinds, first, often = np.unique(counts, axis=0, return_index=True, return_counts=True)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(units, often / units, size=bootstraps)  # alike units are one kind
    alphas = _alpha(drawn @ differing[first], drawn @ kinds, drawn @ size[first])
    known = alphas[~np.isnan(alphas)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _unseen_disagreement(counts: np.ndarray, size: np.ndarray) -> float:
    rate = 1 - 0.025 ** (1 / len(size))
    totals = counts.sum(axis=0)
    chance = 1 - (totals / totals.sum()) @ (totals / totals.sum())
    return float(1 - rate / chance)


def _ac1(counts: np.ndarray, size: np.ndarray) -> float:
    if not len(size):
        return np.nan
    observed = ((counts * (counts - 1)).sum(axis=1) / (size * (size - 1))).mean()
    shares = (counts / size[:, None]).mean(axis=0)
    chance = (shares * (1 - shares)).sum() / max(len(shares) - 1, 1)
    return float((observed - chance) / (1 - chance))


def _agreement_by_value(
    counts: np.ndarray, size: np.ndarray, values: list[object]
) -> dict[object, float]:
    """Return, for each value, how often another coder gave it too when one coder did."""
    given = (counts * (size - 1)[:, None]).sum(axis=0)
    same = (counts * (counts - 1)).sum(axis=0)
    return {
        value: float(same[number] / given[number])
        for number, value in enumerate(values)
        if given[number] > 0
    }
