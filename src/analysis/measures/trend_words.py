"""The words of the rule: direction after Holm, size by the interval, fluctuating by two signs.

Holm 1979 for the family. The cuts at 10, 50 and 75 % were fixed before any data were opened.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.measures.ar1_null import Array
from analysis.measures.minimum import FEWEST_FOR_FLAT
from analysis.measures.trend_rule import ALPHA, TrendFit, design_matrix

FLAT_WITHIN = 0.10
MARKED_ABOVE = 0.50
SLIGHT_UP_TO = 0.75


def holm(p_values: Array) -> Array:
    """Correct the p-values of a family by Holm's step-down rule (Holm 1979).

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    m = len(p_values)
    stepped = np.maximum.accumulate((m - np.arange(m)) * p_values[order])
    corrected = np.empty(m)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def direction_word(fit: TrendFit, p_holm: float, items: int) -> str:
    """Say growth, decline, flat or no_trend, by the corrected p-value, interval and items.

    Examples
    --------
    >>> fit = TrendFit(0.0, 0.004, 0.9, 19)
    >>> direction_word(fit, 0.9, items=9_000), direction_word(fit, 0.9, items=40)
    ('flat', 'no_trend')
    """
    if p_holm < ALPHA and fit.slope != 0:
        return "growth" if fit.slope > 0 else "decline"
    if fit.low > -FLAT_WITHIN and fit.high < FLAT_WITHIN and items >= FEWEST_FOR_FLAT:
        return "flat"
    return "no_trend"


def size_word(fit: TrendFit, verdict: str) -> str:
    """Say how large a growth is: marked is tested before slight; empty for other verdicts.

    Examples
    --------
    >>> size_word(TrendFit(0.02, 0.004, 0.0001, 19), "growth")
    'slight'
    """
    if verdict != "growth":
        return ""
    if fit.low > MARKED_ABOVE:
        return "marked"
    return "slight" if fit.high <= SLIGHT_UP_TO else "uncertain"


def is_fluctuating(counts: NDArray[np.int64], day_numbers: NDArray[np.int64]) -> bool:
    """Tell whether the counts vary more than chance allows and turn often.

    Overdispersion: D = Σ(y−μ)²/μ about the log-linear fit, upper tail of χ² with n − 2 degrees.
    Turning points: at least a third of the places where the series could turn (6 of 18 in twenty
    days; a random series expects 12). A zero difference makes no turn; places beside a gap are no
    places.

    Examples
    --------
    >>> is_fluctuating(np.array([10, 40] * 10), np.arange(20))
    True
    """
    design = design_matrix(day_numbers)
    expected = np.exp(design @ (np.linalg.pinv(design) @ np.log(counts + 0.5)))
    dispersion = float(((counts - expected) ** 2 / expected).sum())
    overdispersed = stats.chi2.sf(dispersion, len(counts) - 2) < ALPHA
    consecutive = (np.diff(day_numbers)[1:] == 1) & (np.diff(day_numbers)[:-1] == 1)
    signs = np.sign(np.diff(counts))
    turns = int(np.count_nonzero((signs[1:] * signs[:-1] < 0) & consecutive))
    return bool(overdispersed and turns * 3 >= int(consecutive.sum()) > 0)
