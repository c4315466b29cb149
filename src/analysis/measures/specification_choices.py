"""The defensible choices behind a trend sentence, each combination judged by the same rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
import pandas as pd

from analysis.measures.daily_series import UNITS, DailySeries, arrange_daily
from analysis.measures.day_grades import event_starts
from analysis.measures.specification_counts import ScoredItems, cuts_of
from analysis.measures.trend_family import Judgement, judge_family
from analysis.measures.trend_words import direction_word
from analysis.study.periods import Period

CHOICES = ("unit", "threshold", "event_days", "days_dropped", "coverage", "correction")
DIGITS = 6
DRAWS = 1_999
EDGES = {"none": (0, 0), "first day": (1, 0), "last day": (0, 1), "first and last": (1, 1)}
RESULTS = ("days", "growth", "low", "high", "p", "verdict")


@dataclass(frozen=True)
class Frame:
    """What the specifications of a study have in common.

    Parameters
    ----------
    event_days
        The promotion days, modelled or not.
    grades
        Coverage table: all days but the unfit, or only the good ones.
    thresholds
        Cut-offs of a code's probability, beside the coder's own decision.
    seed, draws
        Of the bootstrap.
    period
        Of the counts.
    """

    event_days: Iterable[date | str]
    grades: pd.DataFrame | None
    thresholds: Sequence[float]
    seed: int
    draws: int
    period: Period = "day"


def judge_choices(
    scored: ScoredItems, names: Collection[str], frame: Frame
) -> dict[str, pd.DataFrame]:
    """Judge the named series under every combination; the family is judged once for all of them.

    Parameters
    ----------
    scored
        From `read_scored`.
    names
        Codes, `negative` or `all`.
    frame
        Days, cuts and bootstrap.

    Returns
    -------
    dict
        By name, one row per specification: the choices, then `days, growth, low, high, p, verdict`.
        A series moves with the threshold only if it is a code.
    """
    asked = event_starts(frame.event_days, frame.period)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in names}
    for threshold, cut in cuts_of(scored, frame.thresholds).items():
        moved = {name for name in names if cut is None or name not in ("all", "negative")}
        daily = scored.count(cut) if moved and scored.dates else pd.DataFrame()
        units = [unit for unit in UNITS if unit in daily and daily[unit].any()]
        for unit, (coverage, graded) in product(units, _coverages(frame.grades).items()):
            series = arrange_daily(daily, unit=unit, grades=graded, period=frame.period)
            choices = {"unit": unit, "threshold": threshold, "coverage": coverage}
            for name, row in _judge_all(series, moved, asked, frame):
                rows[name].append(choices | row)
    columns = [*CHOICES, *RESULTS]
    return {name: pd.DataFrame(found, columns=columns) for name, found in rows.items()}


def _coverages(grades: pd.DataFrame | None) -> dict[str, pd.DataFrame | None]:
    """All days that are not unfit, and only the good ones where that is a different set."""
    if grades is None:
        return {"all days": None}
    kinds: dict[str, pd.DataFrame | None] = {"not unfit": grades}
    if (grades["grade"] == "doubtful").any():
        strict = grades.assign(grade=grades["grade"].replace("doubtful", "unfit"))
        kinds["good only"] = strict
    return kinds


def _judge_all(
    series: DailySeries, names: Collection[str], asked: list[date], frame: Frame
) -> Iterator[tuple[str, dict[str, object]]]:
    """Judge with and without event days, with edges dropped, corrected and not."""
    for edge, cut in EDGES.items():
        shorter = _without_edges(series, *cut)
        if not len(shorter.days):
            continue
        events = np.array([day in asked for day in shorter.days], dtype=bool)
        for kind, dummy in (("modelled", events), ("not modelled", np.zeros_like(events))):
            if kind == "modelled" and not events.any():
                continue
            family = judge_family(shorter, dummy, {}, seed=frame.seed, draws=frame.draws)
            common = {"event_days": kind, "days_dropped": edge, "days": len(shorter.days)}
            for name in sorted(family.keys() & set(names)):
                for correction in ("Holm", "none"):
                    items = int(shorter.counts[name].sum())
                    yield name, common | _result(family[name], correction, items)


def _without_edges(series: DailySeries, first: int, last: int) -> DailySeries:
    keep = slice(first, len(series.days) - last)
    numbers = series.day_numbers[keep]
    return DailySeries(
        days=series.days[keep],
        day_numbers=numbers - numbers[0] if len(numbers) else numbers,
        counts={name: counts[keep] for name, counts in series.counts.items()},
        missing=series.missing,
        doubtful=series.doubtful,
        period=series.period,
    )


def _result(judged: Judgement, correction: str, items: int) -> dict[str, object]:
    """Give the verdict of one test, corrected for the family or as if it stood alone."""
    fit = judged.fit
    p = judged.p_holm if correction == "Holm" else fit.p
    numbers = {"growth": fit.growth, "low": fit.low, "high": fit.high, "p": p}
    return {
        "correction": correction,
        **{name: round(value, DIGITS) for name, value in numbers.items()},
        "verdict": judged.verdict if correction == "Holm" else direction_word(fit, p, items),
    }
