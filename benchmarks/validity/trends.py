"""Measure the trend rule: false trends per family in every null, and its power.

    python benchmarks/validity/trends.py [--runs 1000] [--only nulls|power]

Writes trends_false.csv and trends_power.csv beside this file. Each run is one family of ten rows
(negative and nine grievances) judged by `judge_series`, which decides for `judge_trend`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import trend_worlds as worlds

from analysis.measures.daily_series import arrange_daily
from analysis.measures.trend_rule import ALPHA, DRAWS
from analysis.measures.trend_tests import Judgement, judge_series, read_drift

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
    "autocorrelation .7": worlds.plain(0.15, 0.7),
    "moving average": worlds.moving_average,
    "promotion peak": worlds.peak(0.0),
    "promotion peak with shoulders": worlds.peak(0.4),
    "weekday cycle": worlds.weekday_cycle,
    "repost cascades, items": partial(worlds.cascades, by_families=False),
    "repost cascades, families": partial(worlds.cascades, by_families=True),
    "coder drift, audited": partial(worlds.coder_drift, audited=True),
    "coder drift, not audited": partial(worlds.coder_drift, audited=False),
}
# Items a day, sd of the daily noise on the log scale, its autocorrelation, growth over the window.
# "Ordinary noise" is the first row: sd .10, no autocorrelation.
POWER_GRID = (
    (1500, 0.10, 0.0, 0.6), (1500, 0.10, 0.3, 0.6), (1500, 0.05, 0.0, 0.6), (1500, 0.15, 0.0, 0.6),
    (1500, 0.20, 0.0, 0.6), (1500, 0.05, 0.0, 0.3), (1500, 0.10, 0.0, 0.3), (1500, 0.10, 0.0, 1.0),
    (1500, 0.15, 0.0, 1.0), (1500, 0.20, 0.0, 1.0), (150, 0.05, 0.0, 0.6), (150, 0.10, 0.0, 0.6),
    (150, 0.10, 0.0, 1.0), (150, 0.20, 0.0, 1.0),
)  # fmt: skip
SIZES = ("slight", "marked", "uncertain")


def judge(drawn: worlds.Drawn) -> dict[str, Judgement]:
    """Judge one simulated family."""
    return judge_series(
        arrange_daily(drawn.daily, unit=drawn.unit),
        np.isin(worlds.DATES, drawn.event_days),
        read_drift(drawn.drift),
        seed=618,
        draws=DRAWS,
    )


def measure_false(runs: int) -> pd.DataFrame:
    """Share of families with any false trend, with and without Holm."""
    rows = []
    for name, draw in NULLS.items():
        rng = np.random.default_rng(SEED)
        tables = [judge(draw(rng)) for _ in range(runs)]
        false = np.array([any(j.verdict in TRENDS for j in table.values()) for table in tables])
        alone = np.array([any(j.p_holm < ALPHA for j in table.values()) for table in tables])
        naive = np.array([any(j.fit.p < ALPHA for j in table.values()) for table in tables])
        flat = np.mean([j.verdict == "flat" for table in tables for j in table.values()])
        error = 1.96 * np.sqrt(max(false.mean(), 1 / runs) * (1 - false.mean()) / runs)
        rows.append((name, runs, false.mean(), error, alone.mean(), naive.mean(), flat))
        print(*rows[-1], sep=" | ", flush=True)
    columns = [
        "null", "families", "false_trend", "plus_minus", "without_guards", "without_holm",
        "rows_called_flat",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


def measure_power(runs: int) -> pd.DataFrame:
    """Share of families in which the planted growth is found, by size, noise and level."""
    rows = []
    for level, sd, phi, growth in POWER_GRID:
        rng = np.random.default_rng(SEED)
        draw = worlds.growing(growth, level, sd, phi)
        found = [judge(draw(rng))["sms_harassment"] for _ in range(runs)]
        inside = np.mean([j.fit.low <= growth <= j.fit.high for j in found])
        power = np.mean([j.verdict == "growth" for j in found])
        alone = np.mean([j.p_holm < ALPHA and j.fit.slope > 0 for j in found])
        sizes = [np.mean([j.size == word for j in found]) for word in SIZES]
        rows.append((level, sd, phi, growth, runs, power, alone, inside, *sizes))
        print(*rows[-1], sep=" | ", flush=True)
    columns = [
        "items_a_day", "noise_sd", "autocorrelation", "growth", "families", "power",
        "without_guards", "interval_covers", *(f"called_{word}" for word in SIZES),
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
        measure_power(options.runs).to_csv(HERE / "trends_power.csv", index=False)


if __name__ == "__main__":
    main()
