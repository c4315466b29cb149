"""Measure the audit's intervals: coverage and width over a grid, beside the naive count.

    python benchmarks/validity/coverage.py [--runs 5000] [--only grid|rivals]

Writes coverage.csv (the grid) and coverage_rivals.csv (the same audits in bands of the highest
score) beside this file; cells that the files already hold are left as they are. Bands are compared
by `even_half_width_pct`, of intervals that leave 2.5 % on either side. A run draws one
audit from one population with the project's own strata, allocation and interval; the runs of a
cell are spread over several populations.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import coverage_populations as worlds
import numpy as np
import pandas as pd
from coverage_audits import Audits, audit_population, top_score_audits

HERE = Path(__file__).parent
SEED = 20200618
POSTS = 100_000
POPULATIONS = 5
Make = Callable[[int, np.random.Generator], worlds.Population]

CODERS: dict[str, dict[str, Make]] = {
    "strong, AUC .999": {
        "plain": partial(worlds.probit_population, auc=0.999),
        "timid scores": partial(worlds.probit_population, auc=0.999, bend=0.5),
        "copies": partial(worlds.probit_population, auc=0.999, copies=0.4),
        "drift": partial(worlds.probit_population, auc=0.999, drift=0.3),
    },
    "usual, AUC .976": {
        "plain": partial(worlds.probit_population, auc=0.976),
        "overconfident": partial(worlds.probit_population, auc=0.976, bend=1.6),
        "timid scores": partial(worlds.probit_population, auc=0.976, bend=0.6),
        "copies": partial(worlds.probit_population, auc=0.976, copies=0.4),
        "drift": partial(worlds.probit_population, auc=0.976, drift=0.4),
    },
    "weak, AUC .856": {
        "plain": partial(worlds.probit_population, auc=0.856),
        "overconfident": partial(worlds.probit_population, auc=0.856, bend=1.8),
        "copies": partial(worlds.probit_population, auc=0.856, copies=0.4),
        "drift": partial(worlds.probit_population, auc=0.856, drift=0.4),
    },
    "hardly any, AUC .65": {"plain": partial(worlds.probit_population, auc=0.65)},
    "two-valued": {
        "recall .8": partial(worlds.two_valued_population, recall=0.8),
        "recall .5": partial(worlds.two_valued_population, recall=0.5),
    },
    "lumpy (second generator)": {
        "blind to 15 %": partial(worlds.lumpy_population, blind=0.15),
        "blind to 40 %": partial(worlds.lumpy_population, blind=0.4),
        "copies": partial(worlds.lumpy_population, blind=0.15, copies=0.4),
    },
}
SIZES = (300, 500, 1_000)


def cells() -> Iterator[tuple[str, str, Make, int]]:
    """Yield coder, condition, maker of populations, audit size."""
    for coder, conditions in CODERS.items():
        for condition, make in conditions.items():
            for size in SIZES if condition == "plain" else (min(SIZES), max(SIZES)):
                yield coder, condition, make, size


def measure_cell(
    make: Make, size: int, runs: int, audit: Callable[..., Audits], cell: int
) -> pd.DataFrame:
    """Return coverage, misses on either side and half-width by target."""
    parts = []
    for number in range(POPULATIONS):
        generator = np.random.default_rng([SEED, cell, number])
        population = make(POSTS, generator)
        audits = audit(population, size, runs // POPULATIONS, generator)
        truth = population.truth.sum(axis=0)
        items = population.machine.is_coded.sum(axis=0)
        parts.append(
            pd.DataFrame(
                {
                    "target": worlds.TARGETS,
                    "share": truth / POSTS,
                    "coverage": ((audits.low <= truth) & (truth <= audits.high)).mean(axis=0),
                    "truth_below": (truth < audits.low).mean(axis=0),
                    "truth_above": (truth > audits.high).mean(axis=0),
                    "half_width_pct": 100 * ((audits.high - audits.low) / 2 / truth).mean(axis=0),
                    "even_half_width_pct": (
                        100 * ((audits.high - audits.even_low) / 2 / truth).mean(axis=0)
                    ),
                    "bias_pct": 100 * (audits.estimate.mean(axis=0) / truth - 1),
                    "naive_bias_pct": 100 * (items / truth - 1),
                    "naive_coverage": np.abs(items - truth) <= 1.96 * np.sqrt(items),
                }
            )
        )
    table = pd.concat(parts).groupby("target", sort=False).mean().reset_index()
    table.insert(1, "runs", POPULATIONS * (runs // POPULATIONS))
    return table


def measure_grid(runs: int, audit: Callable[..., Audits], file: Path, share: str) -> None:
    """Measure every cell that the file does not hold yet, and write it down at once."""
    part, parts = (int(number) for number in share.split("/"))
    keys = ["coder", "condition", "size"]
    done = pd.read_csv(file)[keys] if file.exists() else pd.DataFrame(columns=keys)
    for number, (coder, condition, make, size) in enumerate(cells()):
        is_known = (
            (done["coder"] == coder) & (done["condition"] == condition) & (done["size"] == size)
        )
        if number % parts != part - 1 or is_known.any():
            continue
        table = measure_cell(make, size, runs, audit, number)
        for name, value in (("size", size), ("condition", condition), ("coder", coder)):
            table.insert(0, name, value)
        table.round(5).to_csv(file, index=False, mode="a", header=not file.exists())
        worst = table.loc[table["coverage"].idxmin()]
        print(
            f"{coder}, {condition}, {size}: worst {worst['coverage']:.4f} at {worst['target']}",
            flush=True,
        )


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5_000)
    parser.add_argument("--only", choices=["grid", "rivals"])
    parser.add_argument("--share", default="1/1", help="1/2 and 2/2 divide the cells over two runs")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    parts = {
        "grid": ("coverage.csv", audit_population, options.runs),
        "rivals": ("coverage_rivals.csv", top_score_audits, options.runs // 10),
    }
    for name, (file, audit, runs) in parts.items():
        if options.only in (None, name):
            measure_grid(runs, audit, options.out / file, options.share)


if __name__ == "__main__":
    main()
