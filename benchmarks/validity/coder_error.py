"""What coder error does to the audit: one coder, two with halves, two adjudicated, and corrected.

    python benchmarks/validity/coder_error.py [--runs 1000]

Writes coder_error.csv beside this file: bias and coverage by error per post. Coders slip as
simulated coders do (`analysis.audit.simulated_coders`): one slip turns `negative`, or drops, adds
or swaps a code.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from coverage_audits import draw_rows, posts_by_stratum
from coverage_populations import TARGETS, Population, probit_population

from analysis.audit.correction import correct_bands
from analysis.audit.machine_scores import FULL
from analysis.audit.sampling import BANDS, allocate_strata, mean_scores, stratify
from analysis.audit.score import estimate_shared_error

HERE = Path(__file__).parent
SEED = 20200621
POSTS, SIZE = 100_000, 1_000
ERRORS = (0.0, 0.02, 0.05, 0.1, 0.2)
MODES = ("one coder", "two, halves", "two, adjudicated", "two, adjudicated and corrected")


def slip(truth: np.ndarray, error: float, generator: np.random.Generator) -> np.ndarray:
    """Return the codes of one coder: each post right, or with one slip."""
    coded = truth.copy()
    for row in np.flatnonzero(generator.random(len(truth)) < error):
        given = np.flatnonzero(coded[row, 1:]) + 1
        slips = ["turn", "add", "drop", "swap"] if len(given) else ["turn", "add"]
        kind = generator.choice(slips) if coded[row, 0] else "turn"
        if kind == "turn":
            coded[row, 0] = not coded[row, 0]
            coded[row, 1:] = False
            continue
        at = generator.choice(given) if len(given) else generator.integers(1, len(TARGETS))
        if kind in ("drop", "swap"):
            coded[row, at] = False
        if kind in ("add", "swap"):
            coded[row, 1 + at % (len(TARGETS) - 1)] = True  # the next code is the near one
    return coded


def measure_error(population: Population, error: float, runs: int, seed: int) -> pd.DataFrame:
    """Return bias and coverage of each way to settle the codes."""
    generator = np.random.default_rng([SEED, seed])
    strata = stratify(population.machine, SIZE)
    numbers = allocate_strata(strata, SIZE)
    members = posts_by_stratum(strata)
    truth = population.truth.sum(axis=0)
    frame = _frame(population, strata.bands)
    shape = (len(MODES), runs, len(TARGETS))
    estimates, hits = np.empty(shape), np.zeros(shape, dtype=bool)
    for run in range(runs):
        drawn = draw_rows(members, numbers, generator)
        weight = (strata.posts / numbers)[strata.of_post[drawn]]
        right = population.truth[drawn]
        a, b = (slip(right, error, generator) for _coder in range(2))
        judged = np.where(a == b, a, right)
        for mode, codes in enumerate((a, (a.astype(float) + b) / 2, judged, judged)):
            for target in range(len(TARGETS)):
                own, posts, mean = frame[target]
                y = codes[:, target].astype(float)
                audited = correct_bands(
                    posts,
                    mean,
                    band=own[drawn],
                    weight=weight,
                    score=population.machine.scores[drawn, target] / FULL,
                    y=y,
                    is_negative=codes[:, 0] if target else None,
                )
                low, high = audited.interval
                shift = 0.0
                if mode == 3:
                    columns = (values[:, target] for values in (a, b, judged))
                    shift = estimate_shared_error(*columns, weight).net
                estimates[mode, run, target] = audited.estimate + shift
                hits[mode, run, target] = low + shift <= truth[target] <= high + shift
    rows = [
        {
            "error": error,
            "mode": name,
            "target": target,
            "runs": runs,
            "bias_pct": 100 * (estimates[mode, :, number].mean() / truth[number] - 1),
            "coverage": hits[mode, :, number].mean(),
        }
        for mode, name in enumerate(MODES)
        for number, target in enumerate(TARGETS)
    ]
    return pd.DataFrame(rows)


def _frame(population: Population, bands: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    """Return, by target, each post's band, the bands' sizes and mean scores."""
    return [
        (own, np.bincount(own, minlength=BANDS), mean_scores(scores, own, BANDS))
        for own, scores in zip(bands.T.astype(np.int64), population.machine.scores.T, strict=True)
    ]


def main() -> None:
    """Measure every error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    options = parser.parse_args()
    population = probit_population(POSTS, np.random.default_rng(SEED), auc=0.976)
    tables = [
        measure_error(population, error, options.runs, number)
        for number, error in enumerate(ERRORS)
    ]
    pd.concat(tables).round(4).to_csv(HERE / "coder_error.csv", index=False)


if __name__ == "__main__":
    main()
