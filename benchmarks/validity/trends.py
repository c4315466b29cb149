"""Measure the trend rule: false trends per family in every null, and its power.

    python benchmarks/validity/trends.py [--runs 1000] [--only nulls|power] [--match WORDS]

Writes trends_false.csv and trends_power.csv beside this file; with --match only prints the lines
whose name holds the words. Each run is one family of ten rows (negative and nine grievances) and
all posts, judged by `judge_in_tiers`, which decides for `judge_trend`: as shares of all posts,
which is the rule, and beside it as counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import trend_worlds as worlds
from numpy.typing import NDArray

from analysis.measures.daily_series import COUNT, SHARE, DailySeries, arrange_daily
from analysis.measures.trend_rule import ALPHA
from analysis.measures.trend_tests import (
    OUTSIDE_TESTS,
    Drift,
    Judgement,
    judge_in_tiers,
    judge_series,
    read_drift,
)

HERE = Path(__file__).parent
SEED = 20261201  # no seed that the rule, its margins or its guards were chosen on
TRENDS = ("growth", "decline")
CLAIMED = ("live_streaming", "sms_harassment")  # a family of their own, as in studies/618-2020.yaml
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
    "coder drift, audited": partial(worlds.coder_drift, audited="together"),
    "coder drift, not audited": partial(worlds.coder_drift, audited=""),
    "no coder drift, audited, sd .10": worlds.growing_audited(0.0, 300, 0.10, "together", 0.0),
    "no coder drift, audited, sd .05": worlds.growing_audited(0.0, 300, 0.05, "together", 0.0),
    "all posts grow by 80 %": worlds.collected_more(0.8, 0.10),
    "all posts grow by 80 %, sd .05": worlds.collected_more(0.8, 0.05),
    "all posts fall by half": worlds.collected_more(-0.5, 0.10),
    "only other posts grow, all by 60 %": worlds.other_posts(0.6, 0.10),
    "only other posts grow, all by 60 %, sd .05": worlds.other_posts(0.6, 0.05),
    "only other posts shrink, all by 40 %": worlds.other_posts(-0.4, 0.10),
    "only other posts shrink, all by 40 %, sd .05": worlds.other_posts(-0.4, 0.05),
    "promotion that builds up": worlds.build_up(0.0),
    "promotion that builds up, sd of heights .15": worlds.build_up(0.15),
    "promotion that builds up, sd of heights .3": worlds.build_up(0.3),
    "negative binomial .10, weekdays": worlds.counted(0.0, 300, 0.10),
    "negative binomial .25, weekdays": worlds.counted(0.0, 300, 0.25),
    "negative binomial .10, weekdays, days .7": worlds.counted(0.0, 300, 0.10, phi=0.7),
    "negative binomial .10, all grow by 80 %": worlds.counted(0.0, 300, 0.10, more=0.8),
}
# "Ordinary noise" is an sd of .10 on the log scale, without autocorrelation or with days that hang
# together by .3, half of it common to the day or none.
POWER: dict[str, tuple[float, Draw]] = {
    **{
        f"{level:,} a day, noise {sd:.2f}, autocorrelation {phi:.1f}": (
            growth, worlds.growing(growth, level, sd, phi)
        )
        for level, sd, phi, growth in (
            (1500, 0.10, 0.0, 0.6), (1500, 0.10, 0.3, 0.6), (1500, 0.05, 0.0, 0.6),
            (1500, 0.15, 0.0, 0.6), (1500, 0.20, 0.0, 0.6), (150, 0.05, 0.0, 0.6),
            (150, 0.10, 0.0, 0.6),
        )
    },
    **{
        f"{level:,} a day, noise {sd:.2f}": (growth, worlds.growing(growth, level, sd, 0.0))
        for level, sd, growth in (
            (1500, 0.05, 0.3), (1500, 0.10, 1.0), (1500, 0.15, 1.0),
            (1500, 0.20, 1.0), (150, 0.10, 1.0), (150, 0.20, 1.0),
        )
    },
    **{
        f"{level:,} a day, +{growth:.0%}, negative binomial {cv:.2f}, weekdays": (
            growth, worlds.counted(growth, level, cv)
        )
        for level, cv, growth in (
            (1500, 0.05, 0.6), (1500, 0.10, 0.6), (1500, 0.15, 0.6), (1500, 0.10, 0.3),
            (150, 0.10, 0.6), (1500, 0.10, 1.0),
        )
    },
    "1,500 a day, negative binomial 0.10, weekdays, all grow by 80 %": (
        0.6, worlds.counted(0.6, 1500, 0.10, more=0.8)
    ),
    **{
        f"1,500 a day, +{growth:.0%}, noise 0.10, drift audited {audited}": (
            growth, worlds.growing_audited(growth, 1500, 0.10, audited)
        )
        for growth in (0.6, 1.0) for audited in ("alone", "together")
    },
}  # fmt: skip
TIERS = True  # both, as `judge_trend` prints them; else the first alone, with the drift taken out
THIRD = 3  # of the families are judged as counts, too
SIZES = ("slight", "marked", "uncertain")


def arrange(drawn: worlds.Drawn) -> tuple[DailySeries, NDArray[np.bool_], dict[str, Drift]]:
    """Arrange one simulated family for all ways of judging it."""
    series = arrange_daily(drawn.daily, unit=drawn.unit)
    return series, np.isin(worlds.DATES, drawn.event_days), read_drift(drawn.drift)


def judge(
    arranged: tuple[DailySeries, NDArray[np.bool_], dict[str, Drift]],
    measure: str = SHARE,
    claimed: Collection[str] = (),
) -> dict[str, Judgement]:
    """Judge one simulated family; the row of all posts is what the others are shares of."""
    tiers = judge_in_tiers if TIERS else judge_series
    return tiers(*arranged, measure=measure, claimed=claimed)


def is_any(judged: dict[str, Judgement]) -> bool:
    """Tell whether any of the ten rows is called growth or decline."""
    return any(j.verdict in TRENDS for name, j in judged.items() if name != OUTSIDE_TESTS)


def measure_false(runs: int, match: str = "") -> pd.DataFrame:
    """Share of families with any false trend: the rule, with claims apart, counts, no Holm."""
    rows = []
    for place, (name, draw) in enumerate(NULLS.items()):
        if match not in name:
            continue
        rng = np.random.default_rng([SEED, place])
        families = [arrange(draw(rng)) for _ in range(runs)]
        tables = [judge(family) for family in families]
        ten = [[j for n, j in table.items() if n != OUTSIDE_TESTS] for table in tables]
        false = np.array([is_any(table) for table in tables])
        some = families[: max(1, runs // THIRD)]
        claimed = np.mean([is_any(judge(family, claimed=CLAIMED)) for family in families])
        counts = np.mean([is_any(judge(family, COUNT)) for family in some])
        alone = np.mean([any(j.p_holm < ALPHA for j in table) for table in ten])
        naive = np.mean([any(j.fit.p < ALPHA for j in table) for table in ten])
        flat = np.mean([j.verdict == "flat" for table in ten for j in table])
        error = 1.96 * np.sqrt(max(false.mean(), 1 / runs) * (1 - false.mean()) / runs)
        rows.append((name, runs, false.mean(), error, claimed, counts, alone, naive, flat))
        print(*rows[-1], sep=" | ", flush=True)
    columns = [
        "null", "families", "false_trend", "plus_minus", "with_two_claims", "as_counts",
        "without_guards", "without_holm", "rows_called_flat",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


def measure_power(runs: int, match: str = "") -> pd.DataFrame:
    """Share of families in which the planted growth is found, by size, noise and level."""
    rows = []
    for place, (name, (growth, draw)) in enumerate(POWER.items()):
        if match not in name:
            continue
        rng = np.random.default_rng([SEED, place])
        families = [arrange(draw(rng)) for _ in range(runs)]
        found = [judge(family)["sms_harassment"] for family in families]
        inside = np.mean([j.fit.low <= growth <= j.fit.high for j in found])
        power = np.mean([j.verdict == "growth" for j in found])
        some = families[: max(1, runs // THIRD)]
        apart = [judge(family, claimed=CLAIMED)["sms_harassment"] for family in families]
        claimed = np.mean([j.verdict == "growth" for j in apart])
        counts = np.mean([judge(f, COUNT)["sms_harassment"].verdict == "growth" for f in some])
        alone = np.mean([j.p_holm < ALPHA and j.fit.slope > 0 for j in found])
        sizes = [np.mean([j.size == word for j in found]) for word in SIZES]
        rows.append((name, growth, runs, power, claimed, counts, alone, inside, *sizes))
        print(*rows[-1], sep=" | ", flush=True)
    columns = [
        "world", "growth", "families", "power", "with_two_claims", "as_counts", "without_guards",
        "interval_covers", *(f"called_{word}" for word in SIZES),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).round(4)


def main() -> None:
    """Run both measurements and write their tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--only", choices=["nulls", "power"])
    parser.add_argument("--match", default="", help="Only lines whose name holds this; no file.")
    options = parser.parse_args()
    for kind, measure in (("nulls", measure_false), ("power", measure_power)):
        if options.only in (None, kind):
            table = measure(options.runs, options.match)
            if not options.match:
                name = "trends_false.csv" if kind == "nulls" else "trends_power.csv"
                table.to_csv(HERE / name, index=False)


if __name__ == "__main__":
    main()
