"""Intervals where both coders err alike, before and after experts recode a hundred posts.

    python benchmarks/validity/gold.py [--runs 200] [--size 100]

Both coders make the same slip on a share of the posts, so that no adjudication sees it. A thousand
posts are audited, a hundred of these recoded without error. Writes gold.csv beside this file:
coverage and half-width by world and target, before and after the recoding. The error belongs to
the posts: each world has several populations, and each population many audits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numba  # noqa: F401 - before a module that is called coverage can be mistaken for another
import numpy as np
import pandas as pd
from coder_error import slip
from coverage_audits import draw_rows, posts_by_stratum
from coverage_populations import TARGETS, Population, probit_population

from analysis.audit.correction import correct_bands
from analysis.audit.machine_scores import FULL
from analysis.audit.recoding import draw_gold, widen_by_gold
from analysis.audit.sampling import BANDS, allocate_strata, mean_scores, stratify

HERE = Path(__file__).parent
SEED = 20261129
POSTS, SIZE, POPULATIONS = 100_000, 1_000, 4
NAMES = [target.replace(".", "_") for target in TARGETS]  # a dot would make a sub-grievance of it
Codes = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def overlook(truth: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Take a twentieth of the negative items for harmless."""
    coded = truth.copy()
    coded[truth[:, 0] & (generator.random(len(truth)) < 0.05)] = False
    return coded


def accuse(truth: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Take a twentieth of the harmless posts for negative items, half of them with a code."""
    coded = truth.copy()
    wrong = np.flatnonzero(~truth[:, 0] & (generator.random(len(truth)) < 0.05))
    coded[wrong, 0] = True
    half = wrong[::2]
    coded[half, generator.integers(1, truth.shape[1], len(half))] = True
    return coded


def confuse(truth: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Take a fifth of each code's posts for the next code's."""
    coded = truth.copy()
    for code in range(1, truth.shape[1]):
        wrong = truth[:, code] & (generator.random(len(truth)) < 0.2)
        coded[wrong, code] = False
        coded[wrong, 1 + code % (truth.shape[1] - 1)] = True
    return coded


WORLDS: dict[str, Codes] = {
    "no shared error": lambda truth, _: truth,
    "slips on 1 %": lambda truth, generator: slip(truth, 0.01, generator),
    "slips on 5 %": lambda truth, generator: slip(truth, 0.05, generator),
    "overlook 5 % of negative items": overlook,
    "take 5 % of harmless posts for negative": accuse,
    "take a fifth of each code for another": confuse,
}


def measure_population(
    population: Population, coded: np.ndarray, runs: int, size: int, seed: int
) -> pd.DataFrame:
    """Return what the intervals of many audits hold, before and after the recoding."""
    strata = stratify(population.machine, SIZE)
    numbers, members = allocate_strata(strata, SIZE), posts_by_stratum(strata)
    chance = (numbers / strata.posts)[strata.of_post]
    scores = population.machine.scores
    bands = strata.bands.astype(np.int64)
    sides = [
        (np.bincount(own, minlength=BANDS), mean_scores(column, own, BANDS))
        for own, column in zip(bands.T, scores.T, strict=True)
    ]
    truth = population.truth.sum(axis=0)
    generator = np.random.default_rng([SEED, seed])
    rows = []
    for run in range(runs):
        drawn = draw_rows(members, numbers, generator)
        weight, given = 1 / chance[drawn], coded[drawn].astype(float)
        ends = []
        for target, (posts, mean) in enumerate(sides):
            counted = correct_bands(
                posts, mean, band=bands[drawn, target], weight=weight,
                score=scores[drawn, target] / FULL, y=given[:, target],
                is_negative=given[:, 0] if target else None,
            )  # fmt: skip
            ends.append((counted.estimate, *counted.interval))
        counts = pd.DataFrame(ends, columns=["estimate", "low", "high"])
        counts.insert(0, "grievance", NAMES)
        names = [str(post) for post in drawn]
        chosen = draw_gold(names, given[:, 0] > 0, weight, size=size, seed=run)
        final = pd.DataFrame(given, columns=NAMES)
        gold = pd.DataFrame(population.truth[drawn].astype(float), columns=NAMES)
        gold[~chosen] = np.nan
        wider = widen_by_gold(counts, final, gold, weight)
        for when, table in (("before", counts), ("after", wider)):
            low, high = table["low"].to_numpy(), table["high"].to_numpy()
            rows.append(
                pd.DataFrame(
                    {
                        "target": NAMES,
                        "when": when,
                        "coverage": (low <= truth) & (truth <= high),
                        "half_width_pct": 100 * (high - low) / 2 / truth,
                    }
                )
            )
    return pd.concat(rows).groupby(["target", "when"], sort=False).mean().reset_index()


def main() -> None:
    """Measure every world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--out", type=Path, default=HERE / "gold.csv")
    options = parser.parse_args()
    parts = []
    for number in range(POPULATIONS):
        generator = np.random.default_rng([SEED, number])
        population = probit_population(POSTS, generator, auc=0.976)
        for place, (world, change) in enumerate(WORLDS.items()):
            coded = change(population.truth, generator)
            runs = options.runs // POPULATIONS
            part = measure_population(population, coded, runs, options.size, 10 * number + place)
            parts.append(part.assign(world=world))
    table = pd.concat(parts).groupby(["world", "target", "when"], sort=False).mean().reset_index()
    table["runs"] = POPULATIONS * (options.runs // POPULATIONS)
    table.round(4).to_csv(options.out, index=False)
    wide = table.pivot_table(
        index="world", columns="when", values="coverage", aggfunc=["min", "mean"]
    )
    print(wide.round(3).to_string())
    shown = table.pivot_table(
        index=["world", "when"], columns="target", values="coverage", sort=False
    )
    print(shown.round(2).to_string())
    shown = table.pivot_table(
        index=["world", "when"], columns="target", values="half_width_pct", sort=False
    )
    print(shown.round(0).to_string())


if __name__ == "__main__":
    main()
