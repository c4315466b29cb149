"""Measure the trend rule: false trends per family in every null, and its power.

    python benchmarks/validity/trends.py [--runs 1000] [--only nulls|power]

Writes trends_false.csv and trends_power.csv beside this file. Each run is one family of ten rows
(negative and nine grievances) judged by `decide_trends` as a report would.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import trend_worlds as worlds

from analysis.measures.trend import decide_trends

HERE = Path(__file__).parent
SEED = 20260618
TRENDS = ("growth", "decline")
Draw = Callable[[np.random.Generator], worlds.Drawn]

NULLS: dict[str, Draw] = {
    "noise, sd .10": worlds.plain(0.10, 0.0),
    "noise, sd .25": worlds.plain(0.25, 0.0),
    "pure Poisson": worlds.plain(0.0, 0.0),
    "pure Poisson, 3 a day": worlds.plain(0.0, 0.0, np.full(10, 3)),
    "autocorrelation .3": worlds.plain(0.15, 0.3),
    "autocorrelation .6": worlds.plain(0.15, 0.6),
    "moving average": worlds.moving_average,
    "promotion peak": worlds.peak(0.0),
    "promotion peak with shoulders": worlds.peak(0.4),
    "weekday cycle": worlds.weekday_cycle,
    "repost cascades, items": partial(worlds.cascades, by_families=False),
    "repost cascades, families": partial(worlds.cascades, by_families=True),
    "coder drift, audited": partial(worlds.coder_drift, audited=True),
    "coder drift, not audited": partial(worlds.coder_drift, audited=False),
}
GROWTHS = (0.3, 0.6, 1.0)
NOISES = (0.05, 0.10, 0.15, 0.25)
LEVELS = (150, 1500)


def judge(drawn: worlds.Drawn) -> pd.DataFrame:
    """Judge one simulated family."""
    return decide_trends(
        drawn.daily, event_days=drawn.event_days, drift=drawn.drift, unit=drawn.unit
    ).set_index("grievance")


def measure_false(runs: int) -> pd.DataFrame:
    """Share of families with any false trend, with and without Holm."""
    rows = []
    for name, draw in NULLS.items():
        rng = np.random.default_rng(SEED)
        tables = [judge(draw(rng)) for _ in range(runs)]
        false = np.array([table["verdict"].isin(TRENDS).any() for table in tables])
        naive = np.array([(table["p"] < 0.05).any() for table in tables])
        flat = np.mean([(table["verdict"] == "flat").mean() for table in tables])
        error = 1.96 * np.sqrt(max(false.mean(), 1 / runs) * (1 - false.mean()) / runs)
        rows.append((name, runs, false.mean(), error, naive.mean(), flat))
        print(name, f"{false.mean():.3f}", f"unadjusted {naive.mean():.3f}", flush=True)
    columns = ["null", "families", "false_trend", "plus_minus", "without_holm", "rows_called_flat"]
    return pd.DataFrame(rows, columns=columns).round(4)


def measure_power(runs: int) -> pd.DataFrame:
    """Share of families in which the planted growth is found, by size, noise and level."""
    rows = []
    for level in LEVELS:
        for sd in NOISES:
            for growth in GROWTHS:
                rng = np.random.default_rng(SEED)
                draw = worlds.growing(growth, level, sd, 0.2)
                found = pd.DataFrame([judge(draw(rng)).loc["sms_harassment"] for _ in range(runs)])
                inside = (found["low"] <= growth) & (growth <= found["high"])
                sizes = found.loc[found["verdict"] == "growth", "size"]
                shares = [
                    (sizes == word).sum() / runs for word in ("slight", "marked", "uncertain")
                ]
                power = (found["verdict"] == "growth").mean()
                rows.append((level, sd, growth, runs, power, inside.mean(), *shares))
                print(level, sd, growth, f"{power:.2f}", flush=True)
    columns = [
        "items_a_day", "noise_sd", "growth", "families", "power", "interval_covers",
        "called_slight", "called_marked", "called_uncertain",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


def main() -> None:
    """Run both measurements and write their tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--only", choices=["nulls", "power"])
    options = parser.parse_args()
    if options.only != "power":
        measure_false(options.runs).to_csv(HERE / "trends_false.csv", index=False)
    if options.only != "nulls":
        measure_power(options.runs // 4).to_csv(HERE / "trends_power.csv", index=False)


if __name__ == "__main__":
    main()
