"""Own-score bands: for every target the posts cut by that target's own score.

One sample serves all targets because every target is estimated in its own bands. Bands of the
highest score over the codes mix posts that are certain for one code and hopeless for another: with
1,000 audited posts and a usual coder they give a code of 5 % a half-width of 29 % instead of 16 %
(benchmarks/validity/coverage.csv and coverage_rivals.csv).
"""

from __future__ import annotations

import numpy as np

from analysis.audit.machine_scores import FULL

CUTS = (200, 2_000, 6_000)  # scores .02, .2, .6
BANDS = len(CUTS) + 1
THIN = 5


def cut_bands(scores: np.ndarray) -> np.ndarray:
    """Return the band, 0 to 3, of every post for one target.

    A coder whose scores never come near 0 would leave the surely-not band empty; then the lowest
    cut rises until half the posts lie below it, though never past the second cut.

    Parameters
    ----------
    scores
        Scores of one target in ten-thousandths.

    Returns
    -------
    np.ndarray
        Band numbers.

    Examples
    --------
    >>> cut_bands(np.array([0, 0, 0, 150, 300, 3000, 9000])).tolist()
    [0, 0, 0, 0, 1, 2, 3]
    >>> cut_bands(np.array([500, 500, 500, 900, 3000])).tolist()
    [0, 0, 0, 1, 2]
    """
    counts = np.cumsum(np.bincount(scores, minlength=FULL + 1))
    median = int(np.searchsorted(counts, counts[-1] / 2))
    lowest = min(max(CUTS[0], median + 1), CUTS[1])
    return np.searchsorted((lowest, *CUTS[1:]), scores, side="right").astype(np.int8)


def cut_all_bands(scores: np.ndarray) -> np.ndarray:
    """Return the bands of every post for every target, one column a target."""
    return np.column_stack([cut_bands(column) for column in scores.T])


def mean_scores(scores: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Return the mean score (0 to 1) of each group of posts; an empty group has 0."""
    totals = np.bincount(groups, weights=scores, minlength=count)
    return np.asarray(totals / np.maximum(np.bincount(groups, minlength=count), 1) / FULL)


def merge_thin(audited: np.ndarray) -> np.ndarray:
    """Tell into which band each band goes when those with few audited posts join a neighbour.

    Known before anybody codes, since it looks at the sizes only. A thin band joins the next lower
    one; a thin lowest band joins the next higher one.

    Parameters
    ----------
    audited
        Audited posts by band.

    Returns
    -------
    np.ndarray
        New band of each band.

    Examples
    --------
    >>> merge_thin(np.array([200, 30, 2, 40])).tolist()
    [0, 1, 1, 3]
    >>> merge_thin(np.array([1, 30, 20, 40])).tolist()
    [1, 1, 2, 3]
    """
    counts, target = audited.astype(np.int64), np.arange(len(audited))
    for band in range(len(audited) - 1, 0, -1):
        if counts[band] < THIN:
            target[target == band] = band - 1
            counts[band - 1] += counts[band]
            counts[band] = 0
    rich = np.flatnonzero(counts >= THIN)
    if counts[0] < THIN and len(rich):
        target[target == 0] = rich[0]
    return target
