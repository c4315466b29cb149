"""The trend rule on weeks and months: false trends where nothing trends, and its power.

    python benchmarks/validity/long_windows.py [--runs 200]

Writes long_windows.csv beside this file. Each run is one family of ten series, judged by
`judge_series`. In a null none has a trend, and a family with any growth or decline is false; for
the power one of them doubles over the window. A year's cycle is a null of months over years only:
within a year it is a change.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.measures.daily_series import DailySeries
from analysis.measures.trend_tests import judge_series
from analysis.study.periods import Period, next_period

SEED = 20261128
LEVELS = np.array([6000, 560, 400, 300, 160, 150, 90, 700, 650, 500])
SPARSE = np.array([4.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0])
WINDOWS: tuple[tuple[Period, int], ...] = (
    ("week", 12), ("week", 52), ("week", 78), ("month", 24), ("month", 60), ("month", 108),
)  # fmt: skip
POWER = "one of ten doubles"
Rates = Callable[[np.random.Generator, int], NDArray[np.float64]]


def noisy(sd: float, phi: float, levels: NDArray[np.float64] = LEVELS) -> Rates:
    """AR(1) noise, half of it common to the series, with heavy-tailed shocks."""

    def draw(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        parts = [_heavy(rng, rows, n, phi) for rows in (1, len(levels))]
        return levels[:, None] * np.exp(sd * (parts[0] + parts[1]) / np.sqrt(2))

    return draw


def _heavy(rng: np.random.Generator, rows: int, n: int, phi: float) -> NDArray[np.float64]:
    shocks = rng.standard_t(5, (rows, n + 60)) / np.sqrt(5 / 3)
    series = np.zeros_like(shocks)
    for step in range(1, n + 60):
        series[:, step] = phi * series[:, step - 1] + np.sqrt(1 - phi**2) * shocks[:, step]
    return series[:, 60:]


def yearly(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Draw a cycle of a year that starts anywhere, up to 40 % either way, and ordinary noise."""
    phase = rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * np.arange(n) / 12 + phase) * rng.uniform(0.1, 0.4)
    return noisy(0.1, 0.3)(rng, n) * np.exp(wave)[None, :]


def campaign(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Let one month of each year hold up to three times as much."""
    height = np.where((np.arange(n) + rng.integers(12)) % 12 == 0, rng.uniform(1.3, 3.0), 1.0)
    return noisy(0.1, 0.3)(rng, n) * height[None, :]


NULLS: dict[str, tuple[Rates, tuple[Period, ...]]] = {
    "noise, sd .15": (noisy(0.15, 0.0), ("week", "month")),
    "autocorrelation .3": (noisy(0.15, 0.3), ("week", "month")),
    "autocorrelation .6": (noisy(0.15, 0.6), ("week", "month")),
    "autocorrelation .7": (noisy(0.15, 0.7), ("week", "month")),
    "0.5 to 4 items a period": (noisy(0.1, 0.3, SPARSE), ("week", "month")),
    "yearly cycle": (yearly, ("month",)),
    "a campaign month": (campaign, ("month",)),
}


def doubling(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Let the first series double over the window, in autocorrelated noise."""
    rates = noisy(0.15, 0.3)(rng, n)
    rates[0] *= np.exp(np.log(2) * np.linspace(-0.5, 0.5, n))
    return rates


def find_trends(
    rates: NDArray[np.float64], period: Period, rng: np.random.Generator
) -> dict[str, str]:
    """Draw counts around the rates; give the verdict of every series that has a trend."""
    n = rates.shape[1]
    starts = [date(2012, 1, 1) if period == "month" else date(2012, 1, 2)]
    while len(starts) < n:
        starts.append(next_period(starts[-1], period))
    counts = rng.poisson(rates)
    series = DailySeries(
        tuple(starts), np.arange(n), {f"s{row}": counts[row] for row in range(len(counts))},
        (), (), period,
    )  # fmt: skip
    judged = judge_series(series, np.zeros(n, dtype=bool), {})
    verdicts = {name: found.verdict for name, found in judged.items()}
    return {name: word for name, word in verdicts.items() if word in ("growth", "decline")}


def measure(runs: int) -> pd.DataFrame:
    """Share of families with any false trend, and of those that find the doubling."""
    rows = []
    for name, (rates, periods) in (NULLS | {POWER: (doubling, ("week", "month"))}).items():
        for period, n in WINDOWS:
            if period in periods:
                rng = np.random.default_rng([SEED, n])
                found = [find_trends(rates(rng, n), period, rng) for _ in range(runs)]
                hits = [one.get("s0") == "growth" if name == POWER else bool(one) for one in found]
                share = np.mean(hits)
                error = 1.96 * np.sqrt(max(share, 1 / runs) * (1 - share) / runs)
                rows.append((name, period, n, runs, round(share, 4), round(error, 4)))
                print(*rows[-1])
    return pd.DataFrame(rows, columns=["series", "period", "periods", "runs", "share", "error"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    measured = measure(parser.parse_args().runs)
    measured.to_csv(Path(__file__).with_name("long_windows.csv"), index=False, lineterminator="\n")
