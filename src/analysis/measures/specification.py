"""Count in how many of the defensible choices a trend claim holds.

A published sentence rests on choices that nobody printed: posts or distinct texts or people, the
coder's threshold, whether the promotion is modelled, which days count, whether the test is
corrected for the other categories. Each combination is one specification; all are judged by the
same rule (Simonsohn, Simmons & Nelson 2020).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
import pandas as pd

from analysis.errors import CaodianError
from analysis.frames import AnyFrame
from analysis.measures.daily_series import DailySeries, arrange_daily
from analysis.measures.day_grades import parse_days
from analysis.measures.specification_counts import THRESHOLDS, count_by_threshold
from analysis.measures.trend_family import Judgement, judge_family
from analysis.measures.trend_rule import MINIMUM_DAYS
from analysis.measures.trend_words import direction_word

EXPECTED = ("growth", "decline", "flat")
DIGITS = 6
DRAWS = 1_999
UNITS = ("items", "families", "authors")
EDGES = {"none": (0, 0), "first day": (1, 0), "last day": (0, 1), "first and last": (1, 1)}
COLUMNS = (
    "unit", "threshold", "event_days", "days_dropped", "coverage", "correction", "days", "growth",
    "low", "high", "p", "verdict", "holds",
)  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """Result of one claim over all its specifications.

    Parameters
    ----------
    table
        One row per specification, sorted by growth.
    holds, tested
        In how many specifications the claim holds, and in how many it could be tested.
    """

    table: pd.DataFrame
    holds: int
    tested: int

    def sentence(self, language: str = "zh") -> str:
        """Say in how many choices the claim holds.

        Examples
        --------
        >>> Curve(pd.DataFrame(), 3, 8).sentence("en")
        'holds in 3 of 8 specifications'
        """
        if language == "zh":
            return f"{self.tested} 种合理设定中有 {self.holds} 种成立"
        return f"holds in {self.holds} of {self.tested} specifications"


def specify_trend(
    posts: AnyFrame,
    grievance: str,
    expected: str,
    *,
    event_days: Iterable[date | str] = (),
    grades: pd.DataFrame | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    seed: int = 618,
    draws: int = DRAWS,
) -> Curve:
    """Judge a trend claim under every combination of defensible choices.

    Parameters
    ----------
    posts
        Coded posts; `scores, family_id, author_key` open the choices that need them.
    grievance
        The code, `negative` or `all`.
    expected
        growth, decline or flat.
    event_days
        The promotion days, modelled or not.
    grades
        Coverage table: all days but the unfit, or only the good ones.
    thresholds
        Cut-offs of the code's probability, beside the coder's own decision.
    seed, draws
        Of the bootstrap.

    Returns
    -------
    Curve
        The specifications and in how many the claim holds.

    Raises
    ------
    CaodianError
        When the expectation is no verdict or the posts are not coded.

    Examples
    --------
    >>> import polars as pl
    >>> posts = pl.DataFrame({
    ...     "published_at": pd.date_range("2020-06-01", periods=20).repeat(range(10, 30)),
    ...     "is_negative": True, "grievances": [["price"]] * 390})
    >>> specify_trend(posts, "price", "growth", draws=499).sentence("en")
    'holds in 8 of 8 specifications'
    """
    if expected not in EXPECTED:
        raise CaodianError(
            f"a trend claim must expect one of {', '.join(EXPECTED)}", value=expected
        )
    given = pd.Series(list(event_days), dtype="object")
    asked = [] if given.empty else [day.date() for day in parse_days(given, "event days")]
    rows: list[dict[str, object]] = []
    counted = _count_all(posts, grievance, thresholds)
    for unit, (threshold, daily), (coverage, graded) in product(
        UNITS, counted.items(), _coverages(grades).items()
    ):
        if unit in daily.columns and grievance in set(daily["grievance"]):
            series = arrange_daily(daily, unit=unit, grades=graded)
            choices = {"unit": unit, "threshold": threshold, "coverage": coverage}
            rows += [choices | row for row in _judge_all(series, grievance, asked, seed, draws)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["holds"] = table["verdict"] == expected
    table = table.sort_values(["growth", *COLUMNS[:6]], ignore_index=True)
    return Curve(table, int(table["holds"].sum()), len(table))


def _count_all(
    posts: AnyFrame, grievance: str, thresholds: Sequence[float]
) -> dict[str, pd.DataFrame]:
    """Count by the coder's decision and, for a code, at every threshold of its score."""
    named: dict[str, float | None] = {"coder": None}
    if grievance not in ("all", "negative"):
        named |= {f"{cut:.2f}": cut for cut in thresholds}
    counted = {name: count_by_threshold(posts, cut) for name, cut in named.items()}
    return {name: daily for name, daily in counted.items() if daily is not None}


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
    series: DailySeries, grievance: str, asked: list[date], seed: int, draws: int
) -> Iterator[dict[str, object]]:
    """Judge with and without event days, with edges dropped, corrected and not."""
    for edge, cut in EDGES.items():
        shorter = _without_edges(series, *cut)
        if len(shorter.days) < MINIMUM_DAYS:
            continue
        events = np.array([day in asked for day in shorter.days], dtype=bool)
        for name, dummy in (("modelled", events), ("not modelled", np.zeros_like(events))):
            if name == "modelled" and not events.any():
                continue
            judged = judge_family(shorter, dummy, {}, seed=seed, draws=draws).get(grievance)
            if judged is not None:
                common = {"event_days": name, "days_dropped": edge, "days": len(shorter.days)}
                yield common | _result(judged, "Holm")
                yield common | _result(judged, "none")


def _without_edges(series: DailySeries, first: int, last: int) -> DailySeries:
    keep = slice(first, len(series.days) - last)
    numbers = series.day_numbers[keep]
    return DailySeries(
        days=series.days[keep],
        day_numbers=numbers - numbers[0] if len(numbers) else numbers,
        counts={name: counts[keep] for name, counts in series.counts.items()},
        missing=series.missing,
        doubtful=series.doubtful,
    )


def _result(judged: Judgement, correction: str) -> dict[str, object]:
    """Give the verdict of one test, corrected for the family or as if it stood alone."""
    fit = judged.fit
    p = judged.p_holm if correction == "Holm" else fit.p
    numbers = {"growth": fit.growth, "low": fit.low, "high": fit.high, "p": p}
    return {
        "correction": correction,
        **{name: round(value, DIGITS) for name, value in numbers.items()},
        "verdict": judged.verdict if correction == "Holm" else direction_word(fit, p),
    }
