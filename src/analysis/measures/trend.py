"""Judge the trend of every daily series and write its sentence and evidence in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.coding.codebook import load_codebook
from analysis.frames import AnyFrame, as_small, like_frame
from analysis.measures.daily_series import DailySeries, arrange_daily, order_grievances, shortfalls
from analysis.measures.day_grades import event_starts, parse_days
from analysis.measures.drift import read_drift
from analysis.measures.minimum import Shortfall
from analysis.measures.trend_family import OUTSIDE_FAMILY, Judgement, judge_family
from analysis.measures.trend_rule import DRAWS
from analysis.measures.trend_sentence import (
    Evidence,
    write_chinese,
    write_english,
    write_untestable,
)
from analysis.study.periods import Period, tell_period

COLUMNS = (
    "grievance", "days", "growth", "low", "high", "p", "p_holm", "verdict", "size",
    "is_fluctuating", "sentence_zh", "sentence_en",
)  # fmt: skip
TOTAL_NAMES = {"all": ("全部信息", "All posts"), "negative": ("全部吐槽", "All negative items")}
DIGITS = 6


def judge_trend(
    daily: AnyFrame,
    event_days: Iterable[date | str] = (),
    *,
    grades: AnyFrame | None = None,
    drift: AnyFrame | None = None,
    unit: str = "items",
    seed: int = 618,
    names: Mapping[str, tuple[str, str]] | None = None,
    draws: int = DRAWS,
    period: Period | None = None,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Judge for every grievance whether its counts grew, fell, stayed flat or show no trend.

    Log-linear growth; the p-value comes from autocorrelated null series (Davison & Hinkley 1997),
    corrected by Holm (1979); `docs/method.md` has the rule and its measured error rates. Every row
    but `all` belongs to one Holm family, `negative` included; a row that cannot be tested leaves
    it. `growth, low, high, p, p_holm` are the rule's own; a guard may still
    withdraw a trend (see `trend_guards`), and the sentence then says why.

    Parameters
    ----------
    daily
        pandas or Polars, from `count_grievances(posts, by="date")`: `date, grievance` and the unit,
        optionally `grade`.
    event_days
        Promotion days, fixed before the data are seen; modelled by a dummy.
    grades
        Table of `grade_coverage`; days graded unfit are missing for every grievance.
    drift
        Coder drift from the audit (`grievance, low, high`, change over the window as fractions).
    unit
        items, families or authors.
    seed, draws
        Of the bootstrap.
    names
        Chinese and English name of each grievance for the sentences; the codebook's by default.
    period
        What a row of the table counts: day, week or month; by default as its dates tell (all
        Mondays, or all firsts of a month). A week or month with an event day in it is an event
        week or month.

    Returns
    -------
    The same kind of frame
        `grievance, days` (usable ones), `growth, low, high` (fractions over the window, 95 %),
        `p, p_holm, verdict` (growth, decline, flat, no_trend, or not_testable where there is too
        little), `size, is_fluctuating, sentence_zh, sentence_en`; rows `all`, `negative`, then the
        codes. No row for a table without rows.

    Raises
    ------
    CaodianError
        When the daily, coverage or drift table breaks its contract.

    Examples
    --------
    >>> dates = pd.date_range("2020-06-01", periods=20).strftime("%Y-%m-%d")
    >>> daily = pd.DataFrame({"date": dates, "grievance": "price", "items": [1500, 1540] * 10})
    >>> judge_trend(daily)[["grievance", "days", "verdict"]].values.tolist()
    [['price', 20, 'flat']]
    """
    table = as_small(daily)
    if table.empty and {"date", "grievance", unit} <= set(table.columns):
        return like_frame(daily, pd.DataFrame(columns=list(COLUMNS)))
    judged = _judge(
        table, event_days, names, seed=seed, draws=draws, unit=unit,
        grades=None if grades is None else as_small(grades),
        drift=None if drift is None else as_small(drift),
        period=period or _tell_period(table),
    )  # fmt: skip
    return like_frame(daily, judged)


def _tell_period(table: pd.DataFrame) -> Period:
    """Tell the period by the dates; what is wrong with them is told where they are tested."""
    if "date" not in table:
        return "day"
    return tell_period(day.date() for day in parse_days(table["date"], "daily table"))


def _judge(
    daily: pd.DataFrame,
    event_days: Iterable[date | str],
    names: Mapping[str, tuple[str, str]] | None,
    *,
    grades: pd.DataFrame | None,
    drift: pd.DataFrame | None,
    unit: str,
    seed: int,
    draws: int,
    period: Period,
) -> pd.DataFrame:
    series = arrange_daily(daily, unit=unit, grades=grades, period=period)
    asked = event_starts(event_days, period)
    events = np.array([day in asked for day in series.days], dtype=bool)
    drifts = read_drift(drift)
    short = shortfalls(series)
    judged = judge_family(series, events, drifts, seed=seed, draws=draws)
    labels = TOTAL_NAMES | (_names_of_codes() if names is None else dict(names))
    rows = []
    for name in order_grievances(series.counts, load_codebook().code_names):
        label = labels.get(name, (name, name))
        if name in judged:
            evidence = _evidence(name, judged[name], series, asked, unit)
            evidence = replace(evidence, drift=drifts.get(name))
            rows.append(_row(name, label, len(series.days), evidence))
        else:
            rows.append(_untestable_row(name, label, series, short[name]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _evidence(
    name: str, judgement: Judgement, series: DailySeries, asked: list[date], unit: str
) -> Evidence:
    """Put the companions beside the judgement: Kendall's τ, Sen's slope, the days."""
    counts = series.counts[name]
    return Evidence(
        judgement=judgement,
        is_in_family=name != OUTSIDE_FAMILY,
        event_days=[day for day in series.days if day in asked],
        asked_event_days=asked,
        missing=len(series.missing),
        doubtful=len(series.doubtful),
        tau=_finite(stats.kendalltau(series.day_numbers, counts).statistic),
        sen=_finite(stats.theilslopes(counts, series.day_numbers).slope),
        unit=unit,
        period=series.period,
    )


def _finite(value: float) -> float:
    """Kendall's τ of a constant series is undefined; it is printed as 0."""
    return float(value) if np.isfinite(value) else 0.0


def _names_of_codes() -> dict[str, tuple[str, str]]:
    return {code: (entry.zh, entry.en) for code, entry in load_codebook().codes.items()}


def _row(name: str, label: tuple[str, str], days: int, evidence: Evidence) -> tuple[object, ...]:
    judgement, fit = evidence.judgement, evidence.judgement.fit
    numbers = (fit.growth, fit.low, fit.high, fit.p, judgement.p_holm)
    return (
        name,
        days,
        *(round(value, DIGITS) for value in numbers),
        judgement.verdict,
        judgement.size,
        judgement.is_fluctuating,
        write_chinese(label[0], evidence),
        write_english(label[1], evidence),
    )


def _untestable_row(
    name: str, label: tuple[str, str], series: DailySeries, lack: Shortfall
) -> tuple[object, ...]:
    days = len(series.days)
    sentences = write_untestable(*label, lack, series.period)
    return (name, days, *[np.nan] * 5, "not_testable", "", False, *sentences)
