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

from analysis.audit.allocation import allocate
from analysis.audit.bands import BANDS, cut_all_bands, mean_scores
from analysis.audit.machine_scores import FULL, PANNED, PRAISED, MachineCoding

LEAST_VARIANCE = 0.002  # what a band may hide, whatever its scores say
LEAST_SHARE = 0.003
HALVES = ("early", "late")
SURELY_NOT = "surely_not"
# Strata of `MachineCoding.against_stars`, by their numbers.
AGAINST_STARS = {PRAISED: "negative_best_stars", PANNED: "other_few_stars"}
FEWEST_AGAINST = 8


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
        return np.array([name.startswith(tuple(AGAINST_STARS.values())) for name in self.names])

    @property
    def is_surely_not(self) -> np.ndarray:
        """Tell which strata hold the posts that no target claims."""
        return np.array([name.startswith(SURELY_NOT) for name in self.names])


def stratify(machine: MachineCoding, size: int) -> Strata:
    """Divide the frame into strata, as fine as a sample of this size can bear.

    Parameters
    ----------
    machine
        The machine's coding of the frame.
    size
        Posts to audit.

    Returns
    -------
    Strata
        Only strata that hold posts.
    """
    bands = cut_all_bands(machine.scores)
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
    return allocate(size, strata.posts, strata.spread, least)


def _worth(machine: MachineCoding, bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each post's scaled variance over all targets, and what each target adds to it."""
    gain = np.empty(bands.shape, dtype=np.float32)
    worth = np.zeros(machine.size)
    for number, scores in enumerate(machine.scores.T):
        own = bands[:, number]
        mean = mean_scores(scores, own, BANDS)
        share = max(float(scores.mean()) / FULL, LEAST_SHARE)
        variance = np.maximum(mean * (1 - mean), LEAST_VARIANCE) / share
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
    by_leader = [SURELY_NOT, *(f"{name}:{n}" for name in machine.targets for n in range(BANDS))]
    by_top = [SURELY_NOT, *(f"any:{n}" for n in range(1, BANDS))]
    either = [SURELY_NOT, "any"]
    against = _enough_against(machine.against_stars)
    divisions = [(leading, by_leader), (top, by_top), ((top > 0).astype(np.int64), either)]
    for scored, by_score in divisions:
        groups = np.where(against > 0, len(by_score) + against - 1, scored)
        labels = [*by_score, *AGAINST_STARS.values()]
        names = [f"{label}|{half}" for label in labels for half in HALVES]
        keys, of_post = np.unique(groups * 2 + machine.half, return_inverse=True)
        if len(keys) * 4 <= size:
            return keys, of_post, names
    # so few posts that a stratum might get none: then chances must be equal to be above zero
    return np.zeros(1, dtype=np.int64), np.zeros(machine.size, dtype=np.int64), ["all"]


def _enough_against(against_stars: np.ndarray) -> np.ndarray:
    """Return which posts the strata of contradicting stars hold; few posts make none."""
    counts = np.bincount(against_stars, minlength=len(AGAINST_STARS) + 1)
    return np.where(counts[against_stars] >= FEWEST_AGAINST, against_stars, 0).astype(np.int64)
