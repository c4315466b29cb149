"""Counts cut at a page limit, and hours of which only one half came.

Search pages end at a limit, so the fullest hours of a keyword all hold the same number. Free counts
thin out towards their maximum; a limit heaps them there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.measures.coverage_gaps import CHANCE

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]

SMALLEST_CAP = 30
FEWEST_CAPPED = 4


def find_caps(cells: Counts) -> Mask:
    """Mark the cells of one keyword that are heaped at its maximum.

    Cells within 1 % of the maximum M are compared with those in the next 2√M (twice a Poisson
    standard deviation): if counts were free, the top would hold at most its share of the two
    widths.

    Parameters
    ----------
    cells
        Posts by hour, or by day, of any shape.

    Returns
    -------
    array of bool
        True where a limit cut the count.

    Examples
    --------
    >>> cells = np.array([12, 40, 90, 200, 200, 200, 200, 199, 150, 60])
    >>> int(find_caps(cells).sum())
    5
    """
    nothing = np.zeros(cells.shape, dtype=bool)
    top = int(cells.max(initial=0))
    if top < SMALLEST_CAP:
        return nothing
    width = max(1, round(0.01 * top))
    below = max(2, round(2 * np.sqrt(top)))
    heaped = cells >= top - width
    near = (cells < top - width) & (cells >= top - width - below)
    # The maximum itself is always at the top and is no evidence.
    others, all_near = int(heaped.sum()) - 1, int(heaped.sum()) - 1 + int(near.sum())
    share = (width + 1) / (width + 1 + below)
    if others + 1 < FEWEST_CAPPED:
        return nothing
    from scipy import stats  # half a second, and hardly any corpus needs it

    chance = stats.binom.sf(others - 1, all_near, share)
    return heaped if chance < CHANCE / 10 else nothing


def find_half_hours(halves: Counts, variance_ratio: float) -> Mask:
    """Mark the hours of which one half is empty although the other holds many posts.

    Parameters
    ----------
    halves
        Posts by day × 24 × 2.
    variance_ratio
        How much wilder than Poisson the counts are: posts that come in bursts are less evidence.

    Returns
    -------
    array of bool
        Day × 24.

    Examples
    --------
    >>> halves = np.full((2, 24, 2), 20); halves[1, 9, 0] = 0
    >>> np.argwhere(find_half_hours(halves, 1.0)).tolist()
    [[1, 9]]
    """
    total = halves.sum(axis=2)
    log_chance = (1 - total / variance_ratio) * np.log(2)
    marked: Mask = (halves.min(axis=2) == 0) & (log_chance < np.log(CHANCE / total.size))
    return marked
