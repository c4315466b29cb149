"""How large an audit finds the planted growth of SMS harassment, 31 % in 20 days.

    python benchmarks/validity/power.py [--runs 24]

Prints a table, and writes power.csv beside this file. A run is one simulated corpus of 620,000
posts (as in `drift.py`; its days are as noisy as those of the study at 1:1 but for a hundredth: .09
against .08), audited by the project's own draw with 1,000 to 64,000 posts and judged by
`judge_series`. `all codes` is the audit of the project; `one code` is drawn for the negative items
and this code alone. Told are by how much the interval reaches to either side on the log scale (a
growth of 31 % is .27) and in how many runs it excludes none; and what `caodian audit plan` says of
such an audit, the half-width of the code's count in per cent.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import drift
import numpy as np
import pandas as pd

from analysis.audit.drift import pool_drifts
from analysis.audit.machine_scores import MachineCoding
from analysis.audit.sampling import _plan_size

HERE = Path(__file__).parent
SEED = 20261205
POSTS = 620_000
SIZES = (1_000, 4_000, 16_000, 64_000)
WORLDS = ("none", "own, sd .15")


def of_one_code(corpus: drift.Coded) -> drift.Coded:
    """Keep the negative items and the growing code of a corpus."""
    kept = [0, drift.GROWN]
    whole = corpus.machine
    machine = MachineCoding(
        whole.posts, tuple(whole.targets[place] for place in kept), whole.scores[:, kept],
        whole.is_coded[:, kept], whole.half, whole.against_stars,
    )  # fmt: skip
    return replace(corpus, machine=machine, truth=corpus.truth[:, kept])


def measure(world: str, runs: int) -> list[dict[str, object]]:
    """Measure one world: a row a size, kind of audit and way to estimate the drift."""
    rng = np.random.default_rng([SEED, WORLDS.index(world)])
    rows = []
    for run in range(runs):
        corpus = drift.draw_corpus(rng, drift.DRIFTS[world](rng))
        narrow = of_one_code(corpus)
        for audit, audited, place in (("all codes", corpus, drift.GROWN), ("one code", narrow, 1)):
            for size in SIZES:
                change, error = drift.audit_drift(audited, size, rng).T
                pooled = pool_drifts(change, error)
                ways = {
                    "alone": (change - 1.96 * error, change + 1.96 * error),
                    "together": (pooled.low, pooled.high),
                }
                for way, ends in ways.items():
                    own = np.zeros((10, 2))
                    own[drift.GROWN] = [end[place] for end in ends]
                    low, high = np.log1p(drift.judge_growth(corpus, own))[drift.GROWN]
                    row = {"drift": world, "audit": audit, "size": size, "way": way}
                    rows.append(
                        row | {
                            "half_width": (high - low) / 2, "found": low > 0,
                            "covered": low <= np.log1p(drift.GROWTH) <= high,
                            "planned_pct": planned(audited, size, place) if run == 0 else np.nan,
                        }
                    )  # fmt: skip
    return rows


def planned(corpus: drift.Coded, size: int, place: int) -> float:
    """Return the half-width of the code's count that the planner tells, per cent."""
    return float(str(_plan_size(corpus.machine, size)[place]["half_width_pct"]))


def main() -> None:
    """Run both worlds and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=24)
    options = parser.parse_args()
    drift.POSTS = POSTS
    keys = ["drift", "audit", "size", "way"]
    tables = []
    for world in WORLDS:
        table = pd.DataFrame(measure(world, options.runs)).groupby(keys, sort=False).mean()
        tables.append(table.reset_index().assign(runs=options.runs))
        print(tables[-1].round(3).to_string(index=False), flush=True)
    pd.concat(tables).round(4).to_csv(HERE / "power.csv", index=False)


if __name__ == "__main__":
    main()
