"""Measure the drift of the coder as an audit tells it: coverage of drift and of growth.

    python benchmarks/validity/drift.py [--runs 200] [--match WORDS]

Writes drift.csv beside this file, line by line; what the file already holds is left as it is. With
--match only the lines whose name holds the words are measured, and printed. A run is one simulated
corpus of 62,000 posts in 20 days (negative and nine codes, their shares those of the simulated
study), coded by a coder whose recall and false alarms change over the window, audited by the
project's own draw, and judged by `judge_series`. One code, as common as SMS harassment, grows by
31 %. `alone` is the drift of each code from its own posts, `pooled` that of `pool_drifts`, `design`
the slope of the corrected counts of the two halves, without the machine's days.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import trend_worlds as worlds
from coverage_audits import draw_rows, posts_by_stratum

from analysis.audit.drift import drift_alone, pool_drifts
from analysis.audit.machine_scores import FULL, UNCODED, MachineCoding
from analysis.audit.sampling import BANDS, allocate_strata, stratify
from analysis.measures.daily_series import arrange_daily
from analysis.measures.trend_rule import Interval
from analysis.measures.trend_tests import judge_series

HERE = Path(__file__).parent
SEED = 20261203  # the priors were compared on 5
POSTS, DAYS = 62_000, worlds.DAYS
NEGATIVE = 0.20
SHARES = np.array([1.8, 1.5, 1.0, 0.6, 0.5, 0.45, 2.2, 2.0, 1.9]) / 100
GROWN = worlds.CODES.index("sms_harassment")
GROWTH = 0.31
FOUND = np.array([0.80, *np.full(9, 0.68)])  # recall
ALARMS = np.array([0.08, *np.full(9, 0.30)])  # false alarms a true post
Changes = tuple[np.ndarray, np.ndarray]


def _none(_: np.random.Generator) -> Changes:
    return np.zeros(10), np.zeros(10)


def _common(rng: np.random.Generator) -> Changes:
    return np.full(10, rng.uniform(-0.35, 0.35)), np.zeros(10)


def _own(spread: float, common: float = 0.0) -> Callable[[np.random.Generator], Changes]:
    def draw(rng: np.random.Generator) -> Changes:
        recall = rng.uniform(-common, common) + spread * rng.uniform(-np.sqrt(3), np.sqrt(3), 10)
        return np.minimum(recall, 0.38), np.zeros(10)

    return draw


def _one(change: float) -> Callable[[np.random.Generator], Changes]:
    def draw(_: np.random.Generator) -> Changes:
        recall = np.zeros(10)
        recall[GROWN] = np.log1p(change)
        return recall, np.zeros(10)

    return draw


def _alarms(rng: np.random.Generator) -> Changes:
    return np.zeros(10), rng.normal(0, 0.5, 10)


DRIFTS: dict[str, Callable[[np.random.Generator], Changes]] = {
    "none": _none,
    "common, recall -30 to +42 %": _common,
    "own, sd .15": _own(0.15),
    "common and own, sd .15": _own(0.15, 0.3),
    "own, sd .25": _own(0.25),
    "false alarms, own, sd .5": _alarms,
    "only the growing code, recall -30 %": _one(-0.3),
    "only the growing code, recall halved": _one(-0.5),
}
SIZES = {name: (1_000, 4_000) if name == "none" else (1_000,) for name in DRIFTS}


@dataclass(frozen=True)
class Coded:
    """A coded corpus with what is true of it."""

    machine: MachineCoding
    truth: np.ndarray
    day: np.ndarray
    drift: np.ndarray


def draw_corpus(rng: np.random.Generator, changes: Changes) -> Coded:
    """Draw posts, what is true of them, and what a drifting coder says."""
    traffic = np.exp(rng.normal(0, 0.1, DAYS))
    day = rng.choice(DAYS, POSTS, p=traffic / traffic.sum())
    time = day / (DAYS - 1) - 0.5
    grows = np.where(np.arange(1, 10) == GROWN, np.log1p(GROWTH), 0.0)
    noise = 0.08 * rng.standard_normal((DAYS, 9))
    negative = rng.random(POSTS) < NEGATIVE
    chance = SHARES / NEGATIVE * np.exp(noise[day] + grows * time[:, None])
    truth = np.column_stack([negative, (rng.random(chance.shape) < chance) & negative[:, None]])
    recall, alarms = (
        start * np.exp(change * time[:, None])
        for start, change in zip((FOUND, ALARMS), changes, strict=True)
    )
    base = np.array([NEGATIVE, *SHARES])
    # seven false alarms of a code in ten are negative items about something else
    among = np.where(negative, 0.7 / NEGATIVE, 0.3 / (1 - NEGATIVE))[:, None]
    among = np.column_stack([np.full(POSTS, 1 / (1 - NEGATIVE)), np.repeat(among, 9, axis=1)])
    found = truth & (rng.random(truth.shape) < recall)
    alarm = ~truth & (rng.random(truth.shape) < alarms * base * among)
    high = np.where(found, rng.beta(3, 1, truth.shape), rng.beta(1.3, 1.3, truth.shape))
    is_near = rng.random(truth.shape) < np.where(truth, 0.4, 0.03)
    low = rng.random(truth.shape) * np.where(is_near, 0.19, 0.015)
    is_coded = found | alarm
    scores = np.round(np.where(is_coded, 0.2 + 0.8 * high, low) * FULL).astype(np.uint16)
    scores = np.where(is_coded, np.maximum(scores, UNCODED + 1), scores).astype(np.uint16)
    half, stars = (time > 0).astype(np.int8), np.zeros(POSTS, np.int8)
    posts = pl.DataFrame({"name": np.arange(POSTS)})
    machine = MachineCoding(posts, worlds.CODES, scores, is_coded, half, stars)
    ends = [FOUND * np.exp(changes[0] * t) + ALARMS * np.exp(changes[1] * t) for t in (-0.5, 0.5)]
    return Coded(machine, truth, day, np.log(ends[1] / ends[0]))


def audit_drift(corpus: Coded, size: int, rng: np.random.Generator) -> np.ndarray:
    """Audit a corpus, and return the drift of each target alone: change and error."""
    machine = corpus.machine
    strata = stratify(machine, size)
    numbers = allocate_strata(strata, size)
    rows = draw_rows(posts_by_stratum(strata), numbers, rng)
    weight = (strata.posts / numbers)[strata.of_post[rows]]
    half = machine.half.astype(np.int64)
    own = []
    for target in range(len(machine.targets)):
        band = strata.bands[:, target].astype(np.int64)
        posts = np.bincount(half * BANDS + band, minlength=2 * BANDS).reshape(2, BANDS)
        items = np.bincount(half[machine.is_coded[:, target]], minlength=2).astype(float)
        y = corpus.truth[rows, target].astype(float)
        own.append(drift_alone(posts, items, half=half[rows], band=band[rows], weight=weight, y=y))
    return np.array(own)


def judge_growth(corpus: Coded, ends: np.ndarray) -> list[Interval]:
    """Return the interval of each row's growth as a share of all posts, drift taken out."""
    counts = [np.bincount(corpus.day[coded], minlength=DAYS) for coded in corpus.machine.is_coded.T]
    counts.append(np.bincount(corpus.day, minlength=DAYS))
    series = arrange_daily(worlds.as_table(np.array(counts)))
    drifts = dict(zip(worlds.CODES, map(tuple, np.expm1(np.clip(ends, -7, 7))), strict=True))
    judged = judge_series(series, np.isin(worlds.DATES, worlds.EVENT_DAYS), drifts)
    return [(judged[code].fit.low, judged[code].fit.high) for code in worlds.CODES]


def measure(name: str, size: int, runs: int) -> list[dict[str, object]]:
    """Measure one world at one size of the audit."""
    place = list(DRIFTS).index(name)
    rng = np.random.default_rng([SEED, place, size])
    drift_in, growth_in, growth_width, drift_width, found, false = ([] for _ in range(6))
    true_growth = np.where(np.arange(10) == GROWN, np.log1p(GROWTH), 0.0)
    for _ in range(runs):
        corpus = draw_corpus(rng, DRIFTS[name](rng))
        change, error = audit_drift(corpus, size, rng).T
        pooled = pool_drifts(change, error)
        alone = np.column_stack([change - 1.96 * error, change + 1.96 * error])
        together = np.column_stack([pooled.low, pooled.high])
        growths = [np.log1p(judge_growth(corpus, ends)) for ends in (alone, together)]
        growths.append(design_slope(corpus, change, error))
        drift_in.append([_holds(ends, corpus.drift) for ends in (alone, together)])
        drift_width.append([np.diff(ends, axis=1)[:, 0] / 2 for ends in (alone, together)])
        growth_in.append([_holds(ends, true_growth) for ends in growths])
        growth_width.append([np.diff(ends, axis=1)[:, 0] / 2 for ends in growths])
        found.append([ends[GROWN, 0] > 0 for ends in growths])
        false.append([((ends[:, 0] > 0) | (ends[:, 1] < 0))[_steady].mean() for ends in growths])
    rows = []
    for way, label in enumerate(("alone", "pooled", "design")):
        inside, width = np.array(growth_in)[:, way], np.array(growth_width)[:, way]
        row: dict[str, object] = {"drift": name, "audited": size, "runs": runs, "way": label}
        if label != "design":
            row |= {
                "drift_covered": np.array(drift_in)[:, way, 1:].mean(),
                "drift_half_width": np.array(drift_width)[:, way, 1:].mean(),
            }
        row |= {
            "growth_covered": inside[:, 1:].mean(),
            "growth_covered_negative": inside[:, 0].mean(),
            "growth_covered_grown": inside[:, GROWN].mean(),
            "growth_half_width": width[:, 1:].mean(),
            "growth_half_width_grown": width[:, GROWN].mean(),
            "excludes_none_grown": np.array(found)[:, way].mean(),
            "excludes_none_steady": np.array(false)[:, way].mean(),
        }
        rows.append(row)
    return rows


_steady = np.array([row not in (0, GROWN) for row in range(10)])


def _holds(ends: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return (ends[:, 0] <= truth) & (truth <= ends[:, 1])


def design_slope(corpus: Coded, change: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return the slope of the corrected shares of the two halves, over the whole window."""
    half = corpus.machine.half
    items = np.array([corpus.machine.is_coded[half == one].sum(axis=0) for one in (0, 1)])
    grown = 2 * np.log(items[1] / items[0] * np.sum(half == 0) / np.sum(half == 1)) - change
    return np.column_stack([grown - 1.96 * error, grown + 1.96 * error])


def main() -> None:
    """Run all worlds and write their table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--match", default="", help="Only lines whose name holds this; no file.")
    options = parser.parse_args()
    file = HERE / "drift.csv"
    done = pd.read_csv(file) if file.exists() else pd.DataFrame(columns=["drift", "audited"])
    for name, sizes in SIZES.items():
        for size in sizes:
            is_done = ((done["drift"] == name) & (done["audited"] == size)).any()
            if options.match not in name or (is_done and not options.match):
                continue
            table = pd.DataFrame(measure(name, size, options.runs)).round(4)
            print(table.round(3).to_string(index=False), flush=True)
            if not options.match:
                table.to_csv(file, index=False, mode="a", header=not file.exists())


if __name__ == "__main__":
    main()
