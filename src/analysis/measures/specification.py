"""Count in how many of the defensible choices a trend claim holds.

A published sentence rests on choices that nobody printed: the share of all posts, of the negative
items, or the count; posts or distinct texts or people, the coder's threshold, whether the promotion
is modelled, which days count, whether the test is corrected for the other categories. Each
combination is one specification; all are judged by the same rule (Simonsohn, Simmons & Nelson
2020).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.machine_scores import countable
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.measures.coverage_hours import local_time
from analysis.measures.daily_series import (
    MEASURES,
    UNITS,
    DailySeries,
    arrange_daily,
    event_starts,
)
from analysis.measures.trend_rule import bears_out, direction_word
from analysis.measures.trend_tests import Drift, Judgement, judge_in_tiers, read_drift
from analysis.study.model import Study
from analysis.study.periods import Period, truncate

# Daily counts in three units at several thresholds of the coder, from one pass over the posts.
#
# Only the negative items are kept, and of each only its day, two hashes and its scores, so that
# a corpus of millions stays small in memory; a lazy frame is streamed.

_THRESHOLDS = (0.35, 0.5, 0.65)
_NEEDED = ("published_at", "is_negative", "grievances")
_UNIT_COLUMNS = {"families": "family_id", "authors": "author_key"}


@dataclass(frozen=True)
class _ScoredItems:
    """The dated negative items of a corpus, and what a threshold can move."""

    items: pl.DataFrame
    dates: list[date]
    total: pl.DataFrame

    @property
    def has_scores(self) -> bool:
        """Whether there is anything that a threshold could cut."""
        return any(name.startswith("score:") for name in self.items.columns)

    def count(self, threshold: float | None) -> pd.DataFrame:
        """Count items, families and authors by date and grievance."""
        parts = [self.total, self._of(pl.lit(True), "negative")]
        for code in load_codebook().code_names:
            held = f"code:{code}" if threshold is None else f"score:{code}"
            cut = pl.lit(threshold, dtype=pl.Float32)
            rule = pl.col(held) if threshold is None else pl.col(held) >= cut
            parts.append(self._of(rule, code))
        daily = pl.concat([part for part in parts if part.height])
        return pd.DataFrame(daily.to_dict(as_series=False))

    def _of(self, rule: pl.Expr, name: str) -> pl.DataFrame:
        rows = _count(self.items.lazy().filter(rule), name).collect()
        if name != "negative":
            return rows
        # A date without a single negative item is a date with zero, not a missing one.
        days = pl.DataFrame({"date": self.dates}, schema={"date": pl.Date})
        filled = days.join(rows, on="date", how="left").with_columns(grievance=pl.lit(name))
        return filled.fill_null(0).sort("date")


def _read_scored(posts: AnyFrame, *, period: Period = "day") -> _ScoredItems:
    """Read what a specification curve needs of coded posts."""
    lazy = as_lazy(posts)
    present = lazy.collect_schema()
    missing = [name for name in _NEEDED if name not in present]
    if missing:
        raise CaodianError(
            f"a specification curve needs the columns {', '.join(_NEEDED)}",
            value=f"missing: {', '.join(missing)}",
            remedy="Code the posts first (caodian code).",
        )
    day = truncate(local_time(present["published_at"]).dt.date(), period)
    rows = countable(lazy).with_columns(date=day).drop_nulls("date")
    hashes = [
        pl.when(pl.col(column).is_not_null()).then(pl.col(column).cast(pl.String).hash()).alias(unit)
        for unit, column in _UNIT_COLUMNS.items() if column in present
    ]  # fmt: skip
    counted = _count(rows.select("date", *hashes), "all").collect(engine="streaming").sort("date")
    negative = rows.filter(pl.col("is_negative").fill_null(False))
    items = negative.select("date", *hashes, *_codes(), *_scores(present))
    return _ScoredItems(
        items.collect(engine="streaming"),
        counted["date"].to_list(),
        counted,
    )


def _cuts_of(scored: _ScoredItems, thresholds: Sequence[float]) -> dict[str, float | None]:
    """Name the coder's own decision and, where there are scores, each threshold once."""
    cuts = sorted(set(thresholds)) if scored.has_scores else []
    return {"coder": None} | {f"{cut:.2f}": cut for cut in cuts}  # an id


def _codes() -> list[pl.Expr]:
    held = pl.col("grievances").cast(pl.List(pl.String))
    return [held.list.contains(code).alias(f"code:{code}") for code in load_codebook().code_names]


def _scores(present: pl.Schema) -> list[pl.Expr]:
    """Take the scores, `{"price":0.81,…}`, apart; a code that is absent there scores nothing."""
    if "scores" not in present:
        return []
    codes = list(load_codebook().code_names)
    shape = pl.Struct([pl.Field(code, pl.Float64) for code in codes])
    scores = pl.col("scores").cast(pl.String).str.json_decode(shape)
    fields = [scores.struct.field(code).cast(pl.Float32) for code in codes]
    return [field.alias(f"score:{code}") for field, code in zip(fields, codes, strict=True)]


def _count(rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
    present = rows.collect_schema()
    units = [pl.len().cast(pl.Int64).alias("items")]
    units += [
        pl.col(unit).drop_nulls().n_unique().cast(pl.Int64).alias(unit)
        for unit in _UNIT_COLUMNS if unit in present
    ]  # fmt: skip
    counted = rows.group_by("date").agg(units).sort("date")
    return counted.select("date", pl.lit(name).alias("grievance"), pl.exclude("date"))


# The defensible choices behind a trend sentence, each combination judged by the same rule.

CHOICES = ("measure", "unit", "threshold", "event_days", "days_dropped", "coverage", "correction")
_DIGITS = 6
_EDGES = {"none": (0, 0), "first day": (1, 0), "last day": (0, 1), "first and last": (1, 1)}
_CHOICE_RESULTS = ("days", "growth", "low", "high", "p", "verdict")


@dataclass(frozen=True)
class _Setup:
    """What the specifications of a study have in common."""

    event_days: Iterable[date | str]
    claimed: Collection[str]
    grades: pd.DataFrame | None
    thresholds: Sequence[float]
    drifts: Mapping[str, Drift]
    period: Period = "day"


def _judge_choices(
    scored: _ScoredItems, names: Collection[str], setup: _Setup
) -> dict[str, pd.DataFrame]:
    """Judge the named series under every combination; the family is judged once for all of them."""
    asked = event_starts(setup.event_days, setup.period)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in names}
    for threshold, cut in _cuts_of(scored, setup.thresholds).items():
        moved = {name for name in names if cut is None or name not in ("all", "negative")}
        daily = scored.count(cut) if moved and scored.dates else pd.DataFrame()
        units = [unit for unit in UNITS if unit in daily and daily[unit].any()]
        for unit, (coverage, graded) in product(units, _coverages(setup.grades).items()):
            series = arrange_daily(daily, unit=unit, grades=graded, period=setup.period)
            choices = {"unit": unit, "threshold": threshold, "coverage": coverage}
            for name, row in _judge_all(series, moved, asked, setup):
                rows[name].append(choices | row)
    columns = [*CHOICES, *_CHOICE_RESULTS]
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
    series: DailySeries, names: Collection[str], asked: list[date], setup: _Setup
) -> Iterator[tuple[str, dict[str, object]]]:
    """Judge with and without event days, with edges dropped, corrected and not."""
    for edge, cut in _EDGES.items():
        shorter = _without_edges(series, *cut)
        if not len(shorter.days):
            continue
        events = np.array([day in asked for day in shorter.days], dtype=bool)
        for kind, dummy in (("modelled", events), ("not modelled", np.zeros_like(events))):
            if kind == "modelled" and not events.any():
                continue
            common = {"event_days": kind, "days_dropped": edge, "days": len(shorter.days)}
            for measure in MEASURES:
                family = judge_in_tiers(
                    shorter, dummy, setup.drifts, measure=measure, claimed=setup.claimed
                )
                # What has nothing to be a share of is a count, which stands there already.
                for name in sorted(family.keys() & set(names)):
                    if family[name].measure != measure:
                        continue
                    for correction in ("Holm", "none"):
                        items = int(shorter.counts[name].sum())
                        chosen = common | {"measure": measure}
                        yield name, chosen | _result(family[name], correction, items)


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
    """Give the verdict of one test, corrected for the family or as if it stood alone.

    A share that moved because of what else was collected is no trend of the code in either.
    """
    fit = judged.fit
    p = judged.p_holm if correction == "Holm" else fit.p
    numbers = {"growth": fit.growth, "low": fit.low, "high": fit.high, "p": p}
    alone = direction_word(fit, p, items)
    if judged.is_of_base and alone in ("growth", "decline"):
        alone = "no_trend"
    return {
        "correction": correction,
        **{name: round(value, _DIGITS) for name, value in numbers.items()},
        "verdict": judged.verdict if correction == "Holm" else alone,
    }


_RESULTS = ("days", "growth", "low", "high", "p", "verdict", "holds")
_COLUMNS = (*CHOICES, *_RESULTS)
TABLE = ("claim_id", "specification", "grievance", *_COLUMNS)


def specify_claims(
    posts: AnyFrame,
    study: Study,
    grades: pd.DataFrame | None = None,
    drift: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Judge every trend claim of a study under every combination of defensible choices.

    Parameters
    ----------
    posts
        Coded posts; a LazyFrame is streamed, and read once for all claims.
    study
        Its trend claims, event days and `thresholds.negative`, which is one of the cuts.
    grades
        Coverage table of the study's period.
    drift
        Coder drift from the audit, as for `judge_trend`: it is taken out of every specification.

    Returns
    -------
    pd.DataFrame
        `claim_id, specification` (numbered by growth), the grievance, the choices, the result, and
        `holds`, whether the result bears the claim out (`bears_out`); no row without a trend claim.

    Raises
    ------
    CaodianError
        When the posts are not coded, or the drift table breaks its contract.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 20), [])
    >>> specify_claims(pd.DataFrame(), study).empty
    True
    """
    claims = [claim for claim in study.claims if claim.kind == "trend" and claim.expected]
    if not claims:
        return pd.DataFrame(columns=list(TABLE))
    cuts = (*_THRESHOLDS, study.thresholds.negative)
    names = {claim.grievance or "negative" for claim in claims}
    setup = _Setup(study.event_days, names, grades, cuts, read_drift(drift), study.period)
    scored = _read_scored(posts, period=study.period)
    judged = _judge_choices(scored, names, setup)
    parts = []
    for claim in claims:
        name = claim.grievance or "negative"
        curve = _sorted(judged[name], str(claim.expected))
        numbered = curve.assign(
            claim_id=claim.id, grievance=name, specification=range(1, len(curve) + 1)
        )
        parts.append(numbered[list(TABLE)])
    return pd.concat(parts, ignore_index=True)


def _sorted(table: pd.DataFrame, expected: str) -> pd.DataFrame:
    """Sort by growth, and say of each whether it bears the claim out, as its verdict does."""
    results = zip(table["verdict"], table["low"], table["high"], strict=True)
    holds = [
        bears_out(str(verdict), (float(low), float(high)), expected) is True
        for verdict, low, high in results
    ]
    table = table.assign(holds=np.array(holds, dtype=bool))[list(_COLUMNS)]
    return table.sort_values(["growth", *CHOICES], ignore_index=True)


_JUDGED = ("verdict", "low", "high", "holds")
