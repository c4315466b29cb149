"""Hours without a post where the corpus itself lets one expect posts.

Expected counts come from the corpus's own profile over the hours of the day, so that a small corpus
with quiet nights is not blamed for being small. Bursts make counts wilder than Poisson; the
variance is estimated robustly and the chance of an empty stretch taken from the negative binomial
with that variance (NB1). The bound is shared over all hours of the window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Array = NDArray[np.float64]

CHANCE = 0.01
# About half of the lowest share that an hour has in public review, shoe and app exports (percent):
# below it a whole window never falls by itself.
_LOWEST_SHARE = np.array(
    [0.6, 0.2, 0.05, 0.04, 0.04, 0.07, 0.3, 0.6, 1.3, 1.8, 2, 2, 2, 2, 1.5, 2, 2, 2, 2, 2, 1.8, 1.6,
     1.5, 0.7]
) / 100  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """A stretch of empty hours on one day.

    Parameters
    ----------
    day
        Number of the day in the window.
    lost
        Share of the day's posts that the stretch would usually hold.
    """

    day: int
    first: int
    last: int
    lost: float

    @property
    def hours(self) -> range:
        """The empty hours."""
        return range(self.first, self.last + 1)


def find_gaps(hours: Counts, *, sharing: int = 1) -> list[Gap]:
    """Find the stretches of empty hours that chance does not explain.

    Parameters
    ----------
    hours
        Posts by day × 24; days without any post are judged elsewhere and passed over here.
    sharing
        How many such tables share one bound on false alarms (the keywords of a corpus).

    Returns
    -------
    list of Gap
        In order of day and hour.

    Examples
    --------
    >>> hours = np.full((20, 24), 30); hours[4, 0:6] = 0
    >>> [(gap.day, gap.first, gap.last) for gap in find_gaps(hours)]
    [(4, 0, 5)]
    """
    if not hours.any():
        return []
    lost = np.zeros(hours.shape, dtype=bool)
    gaps: list[Gap] = []
    # A second look, with the holes of the first kept out of the profile.
    for _ in range(2):
        profile = hour_profile(hours, lost)
        expected = expected_counts(hours, lost, profile)
        gaps = _empty_hours(hours, expected, profile, sharing)
        lost = np.zeros(hours.shape, dtype=bool)
        for gap in gaps:
            lost[gap.day, gap.first : gap.last + 1] = True
    return gaps


def hour_profile(hours: Counts, lost: NDArray[np.bool_]) -> Array:
    """Estimate the share of each hour in a full day, from the hours that were not lost.

    An hour that is empty on all days keeps the lowest share seen anywhere.
    """
    kept = np.where(lost, 0, hours)
    days = (hours.sum(axis=1) > 0)[:, None] & ~lost
    level = hours.sum(axis=1, keepdims=True)
    weights = np.where(days, level, 0).sum(axis=0)
    share = np.divide(kept.sum(axis=0), weights, out=np.zeros(24), where=weights > 0)
    share = np.where(share > 0, share, _LOWEST_SHARE)
    profile: Array = share / share.sum()
    return profile


def expected_counts(hours: Counts, lost: NDArray[np.bool_], profile: Array) -> Array:
    """Expect in each hour the day's level, but never above the usual day, × profile.

    A burst on one day must not make its quiet hours look lost, hence the usual day as ceiling.
    """
    seen = np.where(lost, 0.0, profile).sum(axis=1)
    level = np.divide(hours.sum(axis=1), seen, out=np.zeros(len(hours)), where=seen > 0)
    usual = np.median(level[level > 0])
    expected: Array = np.minimum(level, usual)[:, None] * profile
    return expected


def dispersion(hours: Counts, expected: Array) -> float:
    """Estimate variance over mean of the cells, at least 1, from the median absolute deviation."""
    known = (expected >= 1) & (hours > 0)
    if known.sum() < 10:
        return 1.0
    residual = (hours[known] - expected[known]) / np.sqrt(expected[known])
    spread = np.median(np.abs(residual - np.median(residual))) / 0.6745
    return float(max(1.0, spread**2))


def _log_chance_of_none(expected: float, variance_ratio: float) -> float:
    """Give the log-probability of no post where so many are expected."""
    if variance_ratio <= 1 + 1e-9:
        return -expected
    return float(-expected * np.log(variance_ratio) / (variance_ratio - 1))


def _empty_hours(hours: Counts, expected: Array, profile: Array, sharing: int) -> list[Gap]:
    ratio = dispersion(hours, expected)
    bound = np.log(CHANCE / (hours.size * sharing))
    gaps = []
    for day in np.flatnonzero(hours.any(axis=1)).tolist():
        for first, last in runs(hours[day] == 0):
            inside = slice(first, last + 1)
            if _log_chance_of_none(float(expected[day, inside].sum()), ratio) < bound:
                gaps.append(Gap(day, first, last, float(profile[inside].sum())))
    return gaps


def runs(empty: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give first and last place of every stretch of true values.

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    edges = np.diff(np.concatenate([[False], empty, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


# Counts cut at a page limit, and hours of which only one half came.
#
# Search pages end at a limit, so the fullest hours of a keyword all hold the same number. Free
# counts thin out towards their maximum; a limit heaps them there.

Mask = NDArray[np.bool_]

_SMALLEST_CAP = 30
_FEWEST_CAPPED = 4


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
    if top < _SMALLEST_CAP:
        return nothing
    width = max(1, round(0.01 * top))
    below = max(2, round(2 * np.sqrt(top)))
    heaped = cells >= top - width
    near = (cells < top - width) & (cells >= top - width - below)
    # The maximum itself is always at the top and is no evidence.
    others, all_near = int(heaped.sum()) - 1, int(heaped.sum()) - 1 + int(near.sum())
    share = (width + 1) / (width + 1 + below)
    if others + 1 < _FEWEST_CAPPED:
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
