"""Strata that serve all targets at once: who makes a post uncertain, how much, and when.

A post is worth auditing in proportion to what it adds to the variances of all targets, each
variance in units of that target's size (power allocation, Bankier 1988, power 1/2, so that rare
codes are not starved and do not take everything). The stratum is the target that adds most, its
own-score band and the half of the window; posts in the lowest band of every target are
`surely_not`. Where posts have stars, those whose stars contradict the coder make strata of their
own: negative items that are well rated and reviews with few stars that are none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.audit.machine_scores import FULL, PANNED, PRAISED, MachineCoding

# Own-score bands: for every target the posts cut by that target's own score.
#
# One sample serves all targets because every target is estimated in its own bands. Bands of the
# highest score over the codes mix posts that are certain for one code and hopeless for another:
# with 1,000 audited posts and a usual coder they give a code of 5 % a half-width of 18 %
# instead of 14 % (benchmarks/validity/coverage.csv and coverage_rivals.csv).

CUTS = (200, 2_000, 6_000)  # scores .02, .2, .6
BANDS = len(CUTS) + 1
_THIN = 5


def cut_bands(scores: np.ndarray) -> np.ndarray:
    """Return the band, 0 to 3, of every post for one target.

    A coder whose scores never come near 0 would leave the surely-not band empty; then the lowest
    cut rises until half the posts lie below it, though never past the second cut.

    Parameters
    ----------
    scores
        Scores of one target in ten-thousandths.

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


def _cut_all_bands(scores: np.ndarray) -> np.ndarray:
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

    Examples
    --------
    >>> merge_thin(np.array([200, 30, 2, 40])).tolist()
    [0, 1, 1, 3]
    >>> merge_thin(np.array([1, 30, 20, 40])).tolist()
    [1, 1, 2, 3]
    """
    counts, target = audited.astype(np.int64), np.arange(len(audited))
    for band in range(len(audited) - 1, 0, -1):
        if counts[band] < _THIN:
            target[target == band] = band - 1
            counts[band - 1] += counts[band]
            counts[band] = 0
    rich = np.flatnonzero(counts >= _THIN)
    if counts[0] < _THIN and len(rich):
        target[target == 0] = rich[0]
    return target


# How many posts of each stratum to audit: near-Neyman, with minima, caps and a floor.
#
# Neyman (1934): the variance of a stratified total is least when a stratum's part is
# proportional to its size times its standard deviation.


def _allocate(size: int, posts: np.ndarray, spread: np.ndarray, at_least: np.ndarray) -> np.ndarray:
    """Divide a sample over strata in proportion to posts × spread."""
    size = min(size, int(posts.sum()))
    floor = np.minimum(at_least, posts).astype(float)
    if floor.sum() > size:
        floor *= size / floor.sum()
    exact = _fit_multiplier(size, posts.astype(float), posts * spread, floor)
    return _round_to(size, exact, posts)


def _fit_multiplier(
    size: int, posts: np.ndarray, wanted: np.ndarray, floor: np.ndarray
) -> np.ndarray:
    """Scale the wanted numbers until, cut to floor and cap, they add up to the size."""
    wanted = np.where(posts > 0, np.maximum(wanted, 1e-9), 0.0)
    low, high = -40.0, 40.0  # log of the multiplier
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(np.exp(middle) * wanted, floor, posts).sum() > size:
            high = middle
        else:
            low = middle
    return np.asarray(np.clip(np.exp(low) * wanted, floor, posts))


def _round_to(size: int, exact: np.ndarray, posts: np.ndarray) -> np.ndarray:
    """Round down, then give what is left to the largest remainders."""
    whole = np.floor(exact + 1e-9).astype(np.int64)
    while (missing := size - int(whole.sum())) > 0:
        remainder = np.where(whole < posts, exact - whole, -np.inf)
        for stratum in np.argsort(-remainder, kind="stable")[:missing]:
            if whole[stratum] < posts[stratum]:
                whole[stratum] += 1
    return whole


_LEAST_VARIANCE = 0.0003  # what a band may hide, whatever its scores say
_LEAST_SHARE = 0.003
_HALVES = ("early", "late")
_SURELY_NOT = "surely_not"
# Strata of `MachineCoding.against_stars`, by their numbers.
_AGAINST_STARS = {PRAISED: "negative_best_stars", PANNED: "other_few_stars"}
_FEWEST_AGAINST = 8


@dataclass(frozen=True)
class Strata:
    """Strata of the frame and what they hold."""

    names: list[str]
    of_post: np.ndarray
    posts: np.ndarray
    spread: np.ndarray
    bands: np.ndarray

    @property
    def is_against_stars(self) -> np.ndarray:
        """Tell which strata hold posts whose stars contradict the coder."""
        return np.array([name.startswith(tuple(_AGAINST_STARS.values())) for name in self.names])

    @property
    def is_surely_not(self) -> np.ndarray:
        """Tell which strata hold the posts that no target claims."""
        return np.array([name.startswith(_SURELY_NOT) for name in self.names])


def stratify(machine: MachineCoding, size: int) -> Strata:
    """Divide the frame into strata, as fine as a sample of this size can bear.

    Parameters
    ----------
    machine
        The machine's coding of the frame.
    """
    bands = _cut_all_bands(machine.scores)
    worth, gain = _worth(machine, bands)
    kept, of_post, names = _finest_that_fits(bands, gain, machine, size)
    posts = np.bincount(of_post)
    spread = np.sqrt(np.bincount(of_post, weights=worth) / posts)
    return Strata([names[key] for key in kept], of_post, posts, spread, bands)


def allocate_strata(strata: Strata, size: int) -> np.ndarray:
    """Allocate the sample: at least a tenth of it, and 50, to the surely-not posts.

    Misses live there. A thirtieth goes at least to each kind of posts whose stars contradict the
    coder. Every other stratum gets at least one post, two when the sample is large.
    """
    least = np.full(len(strata.posts), 2 if size >= 500 else 1, dtype=np.int64)
    sure = strata.is_surely_not
    if sure.any():
        floor = min(max(50, size // 10), size // 2)
        part = strata.posts[sure] / strata.posts[sure].sum()
        least[sure] = np.maximum(np.ceil(floor * part), 1)
    against = strata.is_against_stars
    least[against] = np.maximum(least[against], size // 60)
    return _allocate(size, strata.posts, strata.spread, least)


def _worth(machine: MachineCoding, bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each post's scaled variance over all targets, and what each target adds to it."""
    gain = np.empty(bands.shape, dtype=np.float32)
    worth = np.zeros(machine.size)
    for number, scores in enumerate(machine.scores.T):
        own = bands[:, number]
        mean = mean_scores(scores, own, BANDS)
        share = max(float(scores.mean()) / FULL, _LEAST_SHARE)
        variance = np.maximum(mean * (1 - mean), _LEAST_VARIANCE) / share
        worth += variance[own]
        gain[:, number] = (variance - variance[0])[own]
    return worth, gain


def _finest_that_fits(
    bands: np.ndarray, gain: np.ndarray, machine: MachineCoding, size: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return the finest division with at least four audited posts a stratum on average."""
    top = bands.max(axis=1).astype(np.int64)
    leader = np.where(bands > 0, gain, -np.inf).argmax(axis=1)
    leading = np.where(top > 0, 1 + leader * BANDS + bands[np.arange(len(top)), leader], 0)
    by_leader = [_SURELY_NOT, *(f"{name}:{n}" for name in machine.targets for n in range(BANDS))]
    by_top = [_SURELY_NOT, *(f"any:{n}" for n in range(1, BANDS))]
    either = [_SURELY_NOT, "any"]
    against = _enough_against(machine.against_stars)
    divisions = [(leading, by_leader), (top, by_top), ((top > 0).astype(np.int64), either)]
    for scored, by_score in divisions:
        groups = np.where(against > 0, len(by_score) + against - 1, scored)
        labels = [*by_score, *_AGAINST_STARS.values()]
        names = [f"{label}|{half}" for label in labels for half in _HALVES]
        keys, of_post = np.unique(groups * 2 + machine.half, return_inverse=True)
        if len(keys) * 4 <= size:
            return keys, of_post, names
    # so few posts that a stratum might get none: then chances must be equal to be above zero
    return np.zeros(1, dtype=np.int64), np.zeros(machine.size, dtype=np.int64), ["all"]


def _enough_against(against_stars: np.ndarray) -> np.ndarray:
    """Return which posts the strata of contradicting stars hold; few posts make none."""
    counts = np.bincount(against_stars, minlength=len(_AGAINST_STARS) + 1)
    return np.where(counts[against_stars] >= _FEWEST_AGAINST, against_stars, 0).astype(np.int64)
