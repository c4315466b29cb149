"""How often event days are called higher or lower where nothing happens on them, and when they are.

Run `python benchmarks/validity/event_days.py --out benchmarks/validity/event_days.csv`.

Each world has 20 days, the row `all` and nine series of which the first may be `effect` times as
large on days 16 to 18. Counts are Poisson around a level that swings by `noise` (standard deviation
of its logarithm) with autocorrelation `phi` from day to day. Seeds are none that the rule was made
with. Columns: the share of worlds in which any of the eight other series is called higher or lower
(false alarms of the whole table), the share of their intervals that hold 1, and the share of worlds
in which the first is called higher.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.measures.conspicuous_days import compare_event_days

DAYS = [f"2020-06-{day:02d}" for day in range(1, 21)]
EVENTS = DAYS[15:18]
CODES = 9
WORLDS = [
    (5, 0.0, 0.0),
    (30, 0.0, 0.0),
    (30, 0.2, 0.0),
    (30, 0.2, 0.3),
    (30, 0.2, 0.6),
    (300, 0.2, 0.6),
]  # mean a day, noise, phi


def swing(generator: np.random.Generator, noise: float, phi: float) -> np.ndarray:
    """Return the logarithm of a level by day, around nought."""
    steps = generator.normal(size=len(DAYS))
    level = [steps[0]]
    for step in steps[1:]:
        level.append(phi * level[-1] + np.sqrt(1 - phi**2) * step)
    return noise * np.array(level)


def world(
    generator: np.random.Generator, mean: float, noise: float, phi: float, effect: float
) -> pd.DataFrame:
    """Return counts by day and grievance."""
    rows = [("all", generator.poisson(3000 * np.exp(swing(generator, 0.1, phi))))]
    for code in range(CODES):
        level = mean * np.exp(swing(generator, noise, phi))
        if code == 0:
            level[15:18] *= effect
        rows.append((f"code{code}", generator.poisson(level)))
    return pd.concat(
        pd.DataFrame({"date": DAYS, "grievance": name, "items": items}) for name, items in rows
    )


def main() -> None:
    """Draw the worlds, judge them and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--worlds", type=int, default=100)
    options = parser.parse_args()
    rows = []
    for (mean, noise, phi), effect in product(WORLDS, (1.0, 1.5)):
        generator = np.random.default_rng([int(mean), int(10 * noise), int(10 * phi), 71])
        alarms, held, found = 0, [], 0
        for _ in range(options.worlds):
            table = compare_event_days(world(generator, mean, noise, phi, effect), EVENTS)
            told = table.set_index("grievance")
            others = told.drop(index="code0")
            alarms += bool(others["verdict"].isin(["higher", "lower"]).any())
            known = others[others["ratio"].notna()]
            held += ((known["low"] <= 1) & (known["high"] >= 1)).tolist()
            found += told.loc["code0", "verdict"] == "higher"
        rows.append(
            {"mean_a_day": mean, "noise": noise, "phi": phi, "effect": effect,
             "worlds": options.worlds, "false_alarms": alarms / options.worlds,
             "coverage": round(float(np.mean(held)), 4), "found": found / options.worlds}
        )  # fmt: skip
        print(rows[-1], flush=True)
    result = pd.DataFrame(rows)
    if options.out:
        result.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
