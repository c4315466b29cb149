"""Audit one population many times, with the project's own draw and interval.

Drawing and intervals are those of `analysis.audit`, called on numbers instead of tables; estimates
are compiled (`correct_rows`), so that thousands of audits take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba  # noqa: F401 - before a module called coverage can be mistaken for another
import numpy as np
from coverage_populations import Population
from numba import njit

from analysis.audit import correction
from analysis.audit.correction import interval_ends
from analysis.audit.machine_scores import FULL
from analysis.audit.sampling import (
    BANDS,
    CUTS,
    Strata,
    allocate_strata,
    mean_scores,
    stratify,
)

THIN, LEAST_PART = correction.FEW, correction._LEAST_PART


@dataclass(frozen=True)
class Audits:
    """Estimates of many audits, one row an audit, one column a target.

    `even_low` is the lower end that leaves 2.5 %, as the upper one does.
    """

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    even_low: np.ndarray


def audit_population(
    population: Population, size: int, runs: int, generator: np.random.Generator
) -> Audits:
    """Draw and estimate as `draw_sample` and `estimate_counts` do."""
    strata = stratify(population.machine, size)
    return _repeat(population, strata, size, runs, generator)


def top_score_audits(
    population: Population, size: int, runs: int, generator: np.random.Generator
) -> Audits:
    """Draw and estimate in bands of the highest score over all targets, crossed with halves."""
    machine = population.machine
    top = machine.scores.max(axis=1)
    band = np.searchsorted(CUTS, top, side="right")
    names, of_post = np.unique(band * 2 + machine.half, return_inverse=True)
    mean = mean_scores(top, of_post, len(names))
    spread = np.sqrt(np.maximum(mean * (1 - mean), 0.002))
    labels = ["surely_not" if name < 2 else "any" for name in names]
    bands = np.repeat(of_post[:, None], population.truth.shape[1], axis=1)
    strata = Strata(labels, of_post, np.bincount(of_post), spread, bands)
    return _repeat(population, strata, size, runs, generator)


def _repeat(
    population: Population,
    strata: Strata,
    size: int,
    runs: int,
    generator: np.random.Generator,
) -> Audits:
    numbers = allocate_strata(strata, size)
    bands = strata.bands.astype(np.int64)
    scores = population.machine.scores / FULL
    count, targets = max(BANDS, int(bands.max()) + 1), range(bands.shape[1])
    posts, totals = (
        np.array([np.bincount(bands[:, t], weights=w, minlength=count) for t, w in values])
        for values in (((t, None) for t in targets), ((t, scores[:, t]) for t in targets))
    )
    weight = (strata.posts / numbers)[strata.of_post]
    order = np.concatenate(posts_by_stratum(strata))
    seed = int(generator.integers(2**31))
    given = bands, scores, population.truth, weight, posts.astype(float), totals
    parts = audit_often(order, strata.posts.astype(np.int64), numbers, given, runs, seed)
    numbers = np.moveaxis(parts, -1, 0)
    low, high = interval_ends(*numbers)
    even = correction._beta_end(correction._TAIL, *numbers[:3])
    return Audits(parts[..., 0], low, high, np.minimum(even, low))


@njit
def audit_often(order, sizes, numbers, given, runs, seed):  # noqa: ANN001, ANN201, PLR0917
    """Draw without replacement in each stratum and correct all targets, again and again."""
    bands, scores, truth, weight, posts, totals = given
    np.random.seed(seed)
    parts = np.empty((runs, bands.shape[1], 4))
    rows = np.empty(numbers.sum(), np.int64)
    for run in range(runs):
        start, drawn = 0, 0
        for stratum in range(len(sizes)):
            for step in range(numbers[stratum]):
                here = start + step
                there = here + int(np.random.random() * (sizes[stratum] - step))
                order[here], order[there] = order[there], order[here]
                rows[drawn] = order[here]
                drawn += 1
            start += sizes[stratum]
        parts[run] = correct_rows(
            bands[rows], scores[rows], truth[rows], weight[rows], posts, totals
        )
    return parts


@njit
def correct_rows(bands, scores, truth, weight, posts, totals):  # noqa: ANN001, ANN201, PLR0912, PLR0915, PLR0917
    """Do for all targets of one audit what `correct_bands` and `merge_thin` do, compiled.

    Takes of each audited post its bands, scores and codes by target and its weight; posts and
    summed scores of the frame by target and band. Returns estimate, variance, posts and the weight
    of a miss by target. A test holds it to these two functions.
    """
    size, targets = bands.shape
    count = posts.shape[1]
    found = np.zeros((targets, 4))
    for target in range(targets):
        drawn_posts = np.zeros(count, np.int64)
        for post in range(size):
            drawn_posts[bands[post, target]] += 1
        into = np.arange(count)
        for band in range(count - 1, 0, -1):
            if drawn_posts[band] < THIN:
                into[into == band] = band - 1
                drawn_posts[band - 1] += drawn_posts[band]
                drawn_posts[band] = 0
        if drawn_posts[0] < THIN:
            for band in range(count):
                if drawn_posts[band] >= THIN:
                    into[into == 0] = band
                    break
        held, expected = np.zeros(count), np.zeros(count)
        for band in range(count):
            held[into[band]] += posts[target, band]
            expected[into[band]] += totals[target, band]
        drawn, share, square, seen = np.zeros((4, count))
        for post in range(size):
            band, w = into[bands[post, target]], weight[post]
            drawn[band] += w
            share[band] += w * truth[post, target]
            square[band] += w * (w - 1)
            seen[band] += w * scores[post, target]
        kept = drawn > 0
        safe = np.where(kept, drawn, 1.0)
        share, seen = share / safe, seen / safe
        lowest = np.flatnonzero(kept)[0]
        xx, xy = 0.0, 0.0
        for post in range(size):
            band = into[bands[post, target]]
            if band > lowest:
                x, y = scores[post, target] - seen[band], truth[post, target] - share[band]
                xx += weight[post] ** 2 * x * x
                xy += weight[post] ** 2 * x * y
        slope = min(max(xy / xx, 0.0), 1.0) if xx > 0 else 0.0
        spread = np.zeros(count)
        likely, missed, any_post, any_missed = 0.0, 0.0, 0.0, 0.0
        for post in range(size):
            band, w = into[bands[post, target]], weight[post]
            off = truth[post, target] - share[band]
            if band > lowest:
                off -= slope * (scores[post, target] - seen[band])
            spread[band] += w * (w - 1) * off**2
            if band == lowest:
                any_post += w
                any_missed += w * (w - 1)
                if target == 0 or truth[post, 0]:
                    likely += w
                    missed += w * (w - 1)
        for band in range(count):
            if kept[band]:
                variance = spread[band] * (held[band] / drawn[band]) ** 2
                found[target, 0] += held[band] * share[band]
                if band > lowest:
                    mean = expected[band] / max(held[band], 1.0)
                    found[target, 0] += held[band] * slope * (mean - seen[band])
                    effective = drawn[band] ** 2 / max(square[band], 1e-9)
                    smooth = (share[band] * effective + 0.5) / (effective + 1)
                    least = LEAST_PART * held[band] ** 2 * smooth * (1 - smooth) / effective
                    variance = max(variance, least)
                found[target, 1] += variance
                found[target, 2] += held[band]
        found[target, 0] = max(found[target, 0], 0.0)
        found[target, 3] = missed / likely if likely > 0 else any_missed / any_post
    return found


def posts_by_stratum(strata: Strata) -> list[np.ndarray]:
    """Return the posts of each stratum."""
    order = np.argsort(strata.of_post, kind="stable")
    return np.split(order, np.cumsum(strata.posts)[:-1])


def draw_rows(
    members: list[np.ndarray], numbers: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Draw posts without replacement in each stratum."""
    pairs = zip(members, numbers, strict=True)
    return np.concatenate(
        [posts[generator.choice(len(posts), number, replace=False)] for posts, number in pairs]
    )
