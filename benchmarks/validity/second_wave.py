"""Two waves of an audit beside one of the same size: coverage, width and bias.

    python benchmarks/validity/second_wave.py [--runs 1000]

Writes second_wave.csv beside this file; cells that it holds are left as they are. Fourteen cells of
the grid of `coverage.py`, each audited in one wave, in two (the second drawn by `aim_second_wave`
from what the first found), and in two of which the second is aimed at one code (`c1.7`) and the
negative items. Coders make no error.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numba  # noqa: F401 - before a module called coverage can be mistaken for another
import numpy as np
import pandas as pd
from coverage import CODERS, POPULATIONS, POSTS
from coverage_audits import audit_population, correct_rows, posts_by_stratum
from coverage_populations import TARGETS, Population
from numba import njit

from analysis.audit.correction import interval_ends
from analysis.audit.machine_scores import FULL
from analysis.audit.sampling import BANDS, allocate_strata, stratify
from analysis.audit.second_wave import aim_second_wave, describe_uncertainty

HERE = Path(__file__).parent
SEED = 20261206  # allocation and priors were looked at on 7
AIM = TARGETS.index("c1.7")
CELLS = [
    ("strong, AUC .999", "plain"),
    ("strong, AUC .999", "copies"),
    ("usual, AUC .976", "plain"),
    ("usual, AUC .976", "overconfident"),
    ("usual, AUC .976", "timid scores"),
    ("weak, AUC .856", "plain"),
    ("two-valued", "recall .5"),
    ("lumpy (second generator)", "blind to 40 %"),
]
SIZES = {(500, 500): CELLS, (300, 700): CELLS[::2], (300, 300): CELLS[1::4]}


@njit
def draw_on(order, sizes, done, numbers, seed):  # noqa: ANN001, ANN201
    """Draw on in each stratum, where some posts were drawn before."""
    np.random.seed(seed)
    rows = np.empty(numbers.sum(), np.int64)
    start, drawn = 0, 0
    for stratum in range(len(sizes)):
        first = start + done[stratum]
        for step in range(numbers[stratum]):
            here = first + step
            there = here + int(np.random.random() * (sizes[stratum] - done[stratum] - step))
            order[here], order[there] = order[there], order[here]
            rows[drawn] = order[here]
            drawn += 1
        start += sizes[stratum]
    return rows


class TwoWaves:
    """One population, audited in two waves again and again."""

    def __init__(self, population: Population, first: int, second: int, aims: list[int]) -> None:
        self.truth, self.second, self.aims = population.truth, second, np.array(aims)
        self.strata = stratify(population.machine, first)
        self.numbers = allocate_strata(self.strata, first)
        self.unsure = describe_uncertainty(population.machine, self.strata)
        self.planned = self.unsure.spread(self.unsure.expected, self.aims)
        self.bands = self.strata.bands.astype(np.int64)
        self.scores = population.machine.scores / FULL
        columns = list(zip(self.bands.T, self.scores.T, strict=True))
        self.posts = np.array([np.bincount(b, minlength=BANDS) for b, _ in columns], dtype=float)
        self.totals = np.array([np.bincount(b, weights=s, minlength=BANDS) for b, s in columns])
        self.order = np.concatenate(posts_by_stratum(self.strata))

    def audit(self, generator: np.random.Generator) -> np.ndarray:
        """Return estimate, variance, posts and weight of a miss of each target."""
        strata, none = self.strata, np.zeros_like(self.numbers)
        sizes, (one, two) = strata.posts.astype(np.int64), generator.integers(2**31, size=2)
        rows = draw_on(self.order, sizes, none, self.numbers, int(one))
        weight = (strata.posts / self.numbers)[strata.of_post[rows]]
        rates = self.unsure.measure(rows, weight, self.truth[rows].astype(float))
        waves = aim_second_wave(
            strata.posts, self.numbers, self.second,
            planned=self.planned, measured=self.unsure.spread(rates, self.aims),
        )  # fmt: skip
        more = draw_on(self.order, sizes, self.numbers, waves.second, int(two))
        drawn = np.concatenate([rows, more])
        weight = np.concatenate(
            [waves.first_weight[strata.of_post[rows]], waves.second_weight[strata.of_post[more]]]
        )
        return np.asarray(
            correct_rows(
                self.bands[drawn], self.scores[drawn], self.truth[drawn], weight,
                self.posts, self.totals,
            )
        )  # fmt: skip


def measure(coder: str, condition: str, sizes: tuple[int, int], runs: int) -> pd.DataFrame:
    """Audit a cell in each of the three ways."""
    first, second = sizes
    part, tables = runs // POPULATIONS, []
    for number in range(POPULATIONS):
        name = f"{coder}{condition}"
        generator = np.random.default_rng([SEED, *name.encode(), first, second, number])
        population = CODERS[coder][condition](POSTS, generator)
        truth = population.truth.sum(axis=0)
        one = audit_population(population, first + second, part, generator)
        ways = {"one wave": (one.estimate, one.low, one.high)}
        for way, aims in (("two waves", [*range(len(TARGETS))]), ("aimed at c1.7", [0, AIM])):
            waves = TwoWaves(population, first, second, aims)
            parts = np.moveaxis(np.array([waves.audit(generator) for _ in range(part)]), -1, 0)
            ways[way] = (parts[0], *interval_ends(*parts))
        tables += [
            pd.DataFrame(
                {
                    "way": way, "target": TARGETS,
                    "coverage": ((low <= truth) & (truth <= high)).mean(axis=0),
                    "half_width_pct": 100 * ((high - low) / 2 / truth).mean(axis=0),
                    "bias_pct": 100 * (estimate.mean(axis=0) / truth - 1),
                }
            )
            for way, (estimate, low, high) in ways.items()
        ]  # fmt: skip
    table = pd.concat(tables).groupby(["way", "target"], sort=False).mean().reset_index()
    keys = {"coder": coder, "condition": condition, "first": first, "second": second}
    for place, (name, value) in enumerate(keys.items()):
        table.insert(place, name, value)
    return table.assign(runs=POPULATIONS * part)


def main() -> None:
    """Measure all cells, and print what two waves do to the width."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--out", type=Path, default=HERE / "second_wave.csv")
    options = parser.parse_args()
    file = options.out
    done = set()
    if file.exists():
        keys = pd.read_csv(file)[["coder", "condition", "first", "second"]]
        done = set(keys.itertuples(index=False, name=None))
    for sizes, cells in SIZES.items():
        for coder, condition in cells:
            if (coder, condition, *sizes) in done:
                continue
            table = measure(coder, condition, sizes, options.runs)
            table.round(4).to_csv(file, index=False, mode="a", header=not file.exists())
            wide = table.pivot_table(
                index="target", columns="way", values=["half_width_pct", "coverage"], sort=False
            )
            width = wide["half_width_pct"]
            ratio = width["two waves"] / width["one wave"]
            aimed = width["aimed at c1.7"] / width["one wave"]
            print(
                f"{coder}, {condition}, {sizes}: width times {ratio.mean():.3f}, "
                f"lowest cover {wide['coverage', 'two waves'].min():.3f}; aimed at c1.7 times "
                f"{aimed['c1.7']:.2f}, covered {wide['coverage', 'aimed at c1.7']['c1.7']:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
