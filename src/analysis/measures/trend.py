"""Judge the trend of every daily series and write its sentence and evidence in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.measures.daily_series import DailySeries, arrange_daily
from analysis.measures.day_grades import parse_days
from analysis.measures.drift import could_drift_explain, read_drift
from analysis.measures.trend_rule import DRAWS, MINIMUM_DAYS, TrendFit, fit_trend
from analysis.measures.trend_sentence import (
    Evidence,
    write_chinese,
    write_english,
    write_untestable,
)
from analysis.measures.trend_words import direction_word, holm, is_fluctuating, size_word

COLUMNS = (
    "grievance", "days", "growth", "low", "high", "p", "p_holm", "verdict", "size",
    "is_fluctuating", "sentence_zh", "sentence_en",
)  # fmt: skip
OUTSIDE_FAMILY = "all"
TOTAL_NAMES = {"all": ("全部信息", "All posts"), "negative": ("全部吐槽", "All negative items")}
DIGITS = 6

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class _Fits:
    """The two fits of a series: with the event dummy, which decides, and without it."""

    deciding: TrendFit
    plain: TrendFit


def decide_trends(
    daily: pd.DataFrame,
    *,
    event_days: Iterable[date | str] = (),
    grades: pd.DataFrame | None = None,
    drift: pd.DataFrame | None = None,
    unit: str = "items",
    seed: int = 618,
    names: Mapping[str, tuple[str, str]] | None = None,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Decide for every grievance whether its daily counts grew, fell, stayed flat or show no trend.

    Every row but `all` belongs to one Holm family, `negative` included; a row that cannot be tested
    leaves it.

    Parameters
    ----------
    daily
        Columns `date, grievance` and the unit, optionally `grade`.
    event_days
        Promotion days, fixed before the data are seen; modelled by a dummy.
    grades
        Coverage table; days graded unfit are missing for every grievance.
    drift
        Coder drift from the audit (`grievance, low, high`, change over the window as fractions).
    unit
        items, families or authors.
    seed, draws
        Of the bootstrap.
    names
        Chinese and English name of each grievance for the sentences; the codebook's by default.

    Returns
    -------
    pd.DataFrame
        Columns of the table `trends`; `all`, `negative`, then the codes.

    Raises
    ------
    CaodianError
        When the daily, coverage or drift table breaks its contract.

    Examples
    --------
    >>> dates = pd.date_range("2020-06-01", periods=20).strftime("%Y-%m-%d")
    >>> daily = pd.DataFrame({"date": dates, "grievance": "price", "items": [1500, 1540] * 10})
    >>> decide_trends(daily)[["grievance", "days", "verdict"]].values.tolist()
    [['price', 20, 'flat']]
    """
    series = arrange_daily(daily, unit=unit, grades=grades)
    asked = _event_dates(event_days)
    events = np.array([day in asked for day in series.days], dtype=bool)
    drifts = read_drift(drift)
    fits = {
        name: _fit_both(counts, series, events, seed, draws)
        for name, counts in series.counts.items()
        if len(series.days) >= MINIMUM_DAYS and counts.any()
    }
    corrected = _correct(fits)
    rows = []
    for name, counts in series.counts.items():
        label = _label(name, names)
        if name not in fits:
            rows.append(_untestable_row(name, label, len(series.days), int(counts.sum())))
            continue
        evidence = _judge(
            name,
            fits[name],
            corrected[name],
            series,
            asked=asked,
            unit=unit,
            interval=drifts.get(name),
        )
        rows.append(_row(name, label, len(series.days), evidence, corrected[name]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


# The name that the working interfaces use; pytest must not take it for a test.
test_trends = decide_trends
decide_trends.__test__ = False  # type: ignore[attr-defined]


def _event_dates(event_days: Iterable[date | str]) -> list[date]:
    given = pd.Series(list(event_days), dtype="object")
    if given.empty:
        return []
    return sorted({day.date() for day in parse_days(given, "event days")})


def _fit_both(
    counts: Counts, series: DailySeries, events: NDArray[np.bool_], seed: int, draws: int
) -> _Fits:
    none = np.zeros_like(events)
    plain = fit_trend(counts, series.day_numbers, none, seed=seed, draws=draws)
    if not events.any():
        return _Fits(plain, plain)
    return _Fits(fit_trend(counts, series.day_numbers, events, seed=seed, draws=draws), plain)


def _correct(fits: dict[str, _Fits]) -> dict[str, float]:
    """Holm over every tested row but `all`, which keeps its own p-value."""
    family = [name for name in fits if name != OUTSIDE_FAMILY]
    corrected = dict.fromkeys(fits, 1.0)
    if family:
        values = holm(np.array([fits[name].deciding.p for name in family]))
        corrected.update(zip(family, values.tolist(), strict=True))
    if OUTSIDE_FAMILY in fits:
        corrected[OUTSIDE_FAMILY] = fits[OUTSIDE_FAMILY].deciding.p
    return corrected


def _judge(
    name: str,
    fits: _Fits,
    p_holm: float,
    series: DailySeries,
    *,
    asked: list[date],
    unit: str,
    interval: tuple[float, float] | None,
) -> Evidence:
    counts, fit = series.counts[name], fits.deciding
    verdict = direction_word(fit, p_holm)
    is_drift_enough = interval is not None and could_drift_explain(fit, verdict, interval)
    verdict = "no_trend" if is_drift_enough else verdict
    modelled = [day for day in series.days if day in asked] if fit is not fits.plain else []
    return Evidence(
        verdict=verdict,
        size=size_word(fit, verdict),
        is_fluctuating=is_fluctuating(counts, series.day_numbers),
        fit=fit,
        plain_fit=fits.plain,
        p_holm=None if name == OUTSIDE_FAMILY else p_holm,
        event_days=modelled,
        asked_event_days=asked,
        missing=len(series.missing),
        doubtful=len(series.doubtful),
        tau=_finite(stats.kendalltau(series.day_numbers, counts).statistic),
        sen=_finite(stats.theilslopes(counts, series.day_numbers).slope),
        unit=unit,
        drift=interval,
        is_drift_enough=is_drift_enough,
    )


def _finite(value: float) -> float:
    """Kendall's τ of a constant series is undefined; it is printed as 0."""
    return float(value) if np.isfinite(value) else 0.0


def _label(name: str, names: Mapping[str, tuple[str, str]] | None) -> tuple[str, str]:
    return (names or {}).get(name) or TOTAL_NAMES.get(name) or (name, name)


def _row(
    name: str, label: tuple[str, str], days: int, evidence: Evidence, p_holm: float
) -> tuple[object, ...]:
    fit = evidence.fit
    numbers = (fit.growth, fit.low, fit.high, fit.p, p_holm)
    return (
        name,
        days,
        *(round(value, DIGITS) for value in numbers),
        evidence.verdict,
        evidence.size,
        evidence.is_fluctuating,
        write_chinese(label[0], evidence),
        write_english(label[1], evidence),
    )


def _untestable_row(name: str, label: tuple[str, str], days: int, total: int) -> tuple[object, ...]:
    sentences = write_untestable(*label, days, total)
    return (name, days, *[np.nan] * 5, "not_testable", "", False, *sentences)
