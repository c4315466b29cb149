"""Audit one population many times, with the project's own draw and interval.

Drawing and estimating are those of `analysis.audit`, called on numbers instead of tables so that
thousands of audits take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from coverage_populations import Population

from analysis.audit.correction import correct_bands, merge_thin
from analysis.audit.machine_scores import FULL
from analysis.audit.sampling import (
    BANDS,
    CUTS,
    Strata,
    allocate_strata,
    mean_scores,
    stratify,
)


@dataclass(frozen=True)
class Audits:
    """Estimates of many audits, one row an audit, one column a target."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


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
    bands, numbers = strata.bands, allocate_strata(strata, size)
    members = posts_by_stratum(strata)
    weight = strata.posts / numbers
    count = max(BANDS, int(bands.max()) + 1)
    known = [_frame_bands(population, bands, target, count) for target in range(bands.shape[1])]
    result = np.empty((3, runs, bands.shape[1]))
    for run in range(runs):
        drawn = draw_rows(members, numbers, generator)
        weights = weight[strata.of_post[drawn]]
        for target, (posts, totals) in enumerate(known):
            own, y = bands[drawn, target], population.truth[drawn, target].astype(float)
            merged = merge_thin(np.bincount(own, minlength=count))
            sizes = np.bincount(merged, weights=posts, minlength=count)
            expected = np.bincount(merged, weights=totals, minlength=count) / np.maximum(sizes, 1)
            counted = correct_bands(
                sizes,
                expected,
                band=merged[own],
                weight=weights,
                score=population.machine.scores[drawn, target] / FULL,
                y=y,
                is_negative=population.truth[drawn, 0] if target else None,
            )
            result[:, run, target] = counted.estimate, *counted.interval
    return Audits(*result)


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


def _frame_bands(
    population: Population, bands: np.ndarray, target: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    own = bands[:, target].astype(np.int64)
    scores = population.machine.scores[:, target] / FULL
    return np.bincount(own, minlength=count), np.bincount(own, weights=scores, minlength=count)
