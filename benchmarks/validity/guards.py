"""Three guards for what nobody saw, on the same audits.

    python benchmarks/validity/guards.py [--runs 600]

Some cells of the grid, and worlds in which one code is unlike the others: a part of its posts looks
to the coder like any other. The guards are the one of the project, half of it, and one that follows
what all codes together show (posts missed in the sample in proportion to the scores of the lowest
band, or to the code's size, whichever is more; between .2 and .75).
Prints coverage and width.
"""

from __future__ import annotations

import argparse
from functools import partial

import numba  # noqa: F401 - before a module that is called coverage can be mistaken for another
import numpy as np
import pandas as pd
from coverage_audits import draw_rows, posts_by_stratum
from coverage_populations import (
    NEGATIVE,
    SHARES,
    TARGETS,
    Population,
    _population,
    _true_codes,
    lumpy_population,
    probit_population,
    two_valued_population,
)
from scipy.special import betaincinv
from scipy.stats import norm

from analysis.audit.correction import correct_bands, merge_thin
from analysis.audit.machine_scores import FULL
from analysis.audit.sampling import BANDS, allocate_strata, mean_scores, stratify

SEED = 20261129
POSTS = 100_000
OWN, HALF, SHARED = "as it is", "half", "from all codes"


def blind_population(
    posts: int, generator: np.random.Generator, *, code: int, blind: float
) -> Population:
    """Draw a strong coder to whom a part of one code's posts looks like any other post."""
    half = (generator.random(posts) < 0.5).astype(np.int8)
    truth = _true_codes(posts, generator)
    seen = truth.copy()
    seen[:, code] &= generator.random(posts) > blind
    mean = np.array([NEGATIVE, *SHARES])
    reach = np.sqrt(2) * norm.ppf(0.995)
    pull = 0.5 * (truth[:, :1] - NEGATIVE) * (np.arange(len(TARGETS)) > 0)
    signal = generator.normal(size=truth.shape) + reach * seen + pull
    scores = 1 / (1 + np.exp(-(np.log(mean / (1 - mean)) + reach * signal - reach**2 / 2)))
    return _population(scores, scores > 0.5, truth, half)


def audit_parts(
    population: Population, size: int, runs: int, generator: np.random.Generator
) -> np.ndarray:
    """Return of each audit and target what an interval is made of.

    Estimate, variance, posts, weight of a miss, misses seen, misses that the scores expect.
    """
    strata = stratify(population.machine, size)
    numbers, members = allocate_strata(strata, size), posts_by_stratum(strata)
    weight = (strata.posts / numbers)[strata.of_post]
    scores = population.machine.scores / FULL
    found = np.empty((runs, len(TARGETS), 6))
    for run in range(runs):
        drawn = draw_rows(members, numbers, generator)
        for target in range(len(TARGETS)):
            whole = strata.bands[:, target].astype(np.int64)
            merged = merge_thin(np.bincount(whole[drawn], minlength=BANDS))
            mean = mean_scores(population.machine.scores[:, target], merged[whole], BANDS)
            posts = np.bincount(merged[whole], minlength=BANDS)
            band, y = merged[whole[drawn]], population.truth[drawn, target].astype(float)
            counted = correct_bands(
                posts, mean, band=band, weight=weight[drawn], score=scores[drawn, target], y=y,
                is_negative=population.truth[drawn, 0] if target else None,
            )  # fmt: skip
            lowest = int(band.min())
            found[run, target] = (
                counted.estimate, counted.variance, counted.posts, counted.missed_weight,
                y[band == lowest].sum(), posts[lowest] * mean[lowest] / counted.missed_weight,
            )  # fmt: skip
    return found


def upper_ends(parts: np.ndarray, guard: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the intervals with a guard of so many missed posts."""
    estimate, variance, posts, weight = np.moveaxis(parts[..., :4], -1, 0)
    unseen = guard * weight
    low = _beta_end(0.025, estimate, variance, posts)
    high = _beta_end(0.975, estimate + unseen / 2, variance + unseen * weight, posts)
    return np.minimum(low, estimate), np.maximum(high, estimate)


def _beta_end(
    level: float, mean: np.ndarray, variance: np.ndarray, posts: np.ndarray
) -> np.ndarray:
    share = np.clip(mean / posts, 1e-9, 1 - 1e-9)
    size = np.maximum(share * (1 - share) / np.maximum(variance / posts**2, 1e-18) - 1, 1e-3)
    ends = posts * betaincinv(share * size, (1 - share) * size, level)
    return np.where((mean <= 0) | (variance <= 0), mean, ends)


def shared_guard(parts: np.ndarray) -> np.ndarray:
    """Return the guard that follows what all codes together show."""
    seen, expected = parts[..., 4], parts[..., 5]
    size = np.maximum(parts[..., 0], 1) / parts[..., 3]
    codes = slice(1, None)
    misses = seen[:, codes].sum(axis=1, keepdims=True)
    by_score = (misses + 1) / (expected[:, codes].sum(axis=1, keepdims=True) + 0.5) * expected
    by_size = (misses + 0.5) / (size[:, codes].sum(axis=1, keepdims=True) + 0.5) * size
    return np.clip(np.maximum(by_score, by_size), 0.2, 0.75)


def worlds():  # noqa: ANN201
    """Yield name, maker of a population, and the targets to look at (all where none is named)."""
    for size in (300, 1_000):
        yield "strong coder", partial(probit_population, auc=0.999), size, None
        yield "usual coder", partial(probit_population, auc=0.976), size, None
        yield "two-valued", partial(two_valued_population, recall=0.5), size, None
        yield "second generator", partial(lumpy_population, blind=0.4), size, None
        for code in range(3, 9):
            maker = partial(blind_population, code=code, blind=0.3)
            yield "one code missed in 30 %", maker, size, code


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=600)
    runs = parser.parse_args().runs
    rows = []
    for number, (name, make, size, only) in enumerate(worlds()):
        generator = np.random.default_rng([SEED, number])
        population = make(POSTS, generator)
        parts = audit_parts(population, size, runs, generator)
        truth = population.truth.sum(axis=0)
        for rule, guard in ((OWN, 0.75), (HALF, 0.375), (SHARED, shared_guard(parts))):
            low, high = upper_ends(parts, guard)
            covered = ((low <= truth) & (truth <= high)).mean(axis=0)
            width = ((high - low) / 2 / truth).mean(axis=0)
            targets = range(len(TARGETS)) if only is None else [only]
            rows += [(name, size, rule, t, covered[t], 100 * width[t]) for t in targets]
    columns = ["world", "size", "guard", "target", "coverage", "half_width_pct"]
    table = pd.DataFrame(rows, columns=columns)
    told = table.groupby(["world", "size", "guard"], sort=False).agg(
        lowest=("coverage", "min"), mean=("coverage", "mean"),
        above_98=("coverage", lambda c: (c > 0.98).mean()),
        half_width_pct=("half_width_pct", "mean"),
    )  # fmt: skip
    print(told.round(3).to_string())


if __name__ == "__main__":
    main()
