"""Judge the published statements of a study by the tables of a run.

On a real corpus the words are reproduced, consistent, contradicted and not_testable. A simulated
corpus was calibrated to the published totals, so there the question is whether the pipeline finds
what was planted: recovered or missed. That tests the method and not the world.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import polars as pl

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars, as_small
from analysis.numbers import count_text, mean_text, number_text, quoted_share_text, share_text
from analysis.reporting.claim_days import judge_peak, judge_trend_claim
from analysis.reporting.claim_lists import judge_ranking, judge_subs
from analysis.reporting.measured import Measured, measure
from analysis.reporting.verdicts import (
    EXACT,
    NEAR,
    Verdict,
    judge_against_published,
    judge_against_truth,
    untestable,
)  # fmt: skip
from analysis.reporting.words import load_words
from analysis.study.model import Claim, Study

COLUMNS = [
    "claim_id", "statement", "published", "estimate", "low", "high", "verdict", "reason",
    "statement_en", "reason_en", "held", "tested",
]  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """What the judge knows about the corpus behind the tables."""

    study: Study
    tables: dict[str, pd.DataFrame]
    simulated: bool
    scale: float
    truth: Mapping[str, float]
    is_monitored_whole: bool = False

    def planted(self, name: str) -> float | None:
        """Give the planted count of a code, a sub-grievance or a platform, where it is known."""
        count = self.truth.get(name, self.truth.get(f"platform:{name}"))
        return None if count is None else float(count)


def judge_claims(
    study: Study,
    tables: Mapping[str, AnyFrame],
    *,
    simulated: bool = False,
    scale: float = 1.0,
    truth_counts: Mapping[str, float] | None = None,
    is_monitored_whole: bool = False,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Give a verdict, with its reason, on each published claim of the study.

    Parameters
    ----------
    study
        The study with its claims, from `load_study`.
    tables
        pandas or Polars tables by the names of a report's: `counts` (`count_grievances(posts)`),
        `daily` (by date), `sub_grievances`, `platforms`, `channels`, `trends` (`judge_trend`),
        `coverage` (`grade_coverage`), `specifications`. A claim whose table is not there cannot be
        tested.
    simulated
        Whether the corpus was simulated; the verdicts then are recovered or missed.
    scale
        Scale of the simulated corpus.
    truth_counts
        Planted counts of the simulated corpus by ``all``, ``negative``, code, ``code.sub`` and
        ``platform:NAME``. For an absent one the published value times the scale stands.
    is_monitored_whole
        Whether a real corpus holds all that the published report monitored; else levels cannot
        be tested.

    Returns
    -------
    The same kind of frame
        Polars where every table is, else pandas. One row per claim:
        claim_id, statement, published, estimate, low, high, verdict, reason,
        then statement and reason in English, and for a trend claim in how many of the tested
        specifications it held. Verdicts: reproduced, consistent, contradicted, not_testable, on a
        simulated corpus recovered or missed. Estimates are in posts of this corpus, published
        values as printed.

    Raises
    ------
    CaodianError
        When there is no study, `tables` is no dictionary of frames, or one lacks a column.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> counts = pd.DataFrame({"grievance": ["all"], "items": [4]})
    >>> judge_claims(study, {"counts": counts}).empty
    True
    """
    if not isinstance(study, Study):
        raise CaodianError(
            "claims are those of a study",
            value=type(study).__name__,
            remedy='Give load_study("studies/my-study.yaml").',
        )
    small = _as_small(tables)
    corpus = Corpus(study, small, simulated, scale, truth_counts or {}, is_monitored_whole)
    rows = [
        _row(claim, _judge(claim, corpus)) | count_specifications(small, claim.id)
        for claim in study.claims
    ]
    judged = pd.DataFrame(rows, columns=COLUMNS).astype({"held": "Int64", "tested": "Int64"})
    are_polars = [isinstance(table, pl.DataFrame | pl.LazyFrame) for table in tables.values()]
    return as_polars(judged) if are_polars and all(are_polars) else judged


# What a verdict looks at in a table, where the table is there.
_LOOKED_AT = {
    "counts": ("grievance", "items"),
    "platforms": ("platform", "items"),
    "sub_grievances": ("sub_grievance", "items"),
    "channels": ("channel", "items"),
    "daily": ("date", "grievance", "items"),
    "trends": ("grievance", "growth", "low", "high", "verdict", "sentence_zh", "sentence_en"),
    "coverage": ("date", "grade"),
    "specifications": ("claim_id", "holds"),
}


def _as_small(tables: Mapping[str, AnyFrame]) -> dict[str, pd.DataFrame]:
    if not isinstance(tables, Mapping):
        raise CaodianError(
            "claims are judged by a dictionary of tables",
            value=type(tables).__name__,
            remedy='Give {"counts": count_grievances(posts), ...}.',
        )
    small = {name: as_small(table) for name, table in tables.items()}
    for name, table in small.items():
        missing = [column for column in _LOOKED_AT.get(name, ()) if column not in table.columns]
        if missing and len(table.columns):
            raise CaodianError(
                f"the table {name} must have the columns {', '.join(_LOOKED_AT[name])}",
                value=f"missing: {', '.join(missing)}",
                where=f"columns there: {', '.join(map(str, table.columns))}",
            )
        if "date" in table.columns:  # days are written as in a report, whatever kind was given
            small[name] = table.assign(date=[str(day)[:10] for day in table["date"]])
    return small


def count_specifications(tables: Mapping[str, pd.DataFrame], claim: str) -> dict[str, object]:
    """Count the specifications of a claim, and those in which it held; empty without any.

    Examples
    --------
    >>> rows = pd.DataFrame({"claim_id": ["C7", "C7"], "holds": [True, False]})
    >>> count_specifications({"specifications": rows}, "C7")
    {'held': 1, 'tested': 2}
    """
    table = tables.get("specifications")
    rows = None if table is None or table.empty else table[table["claim_id"] == claim]
    if rows is None or rows.empty:
        return {"held": None, "tested": None}
    return {"held": int(rows["holds"].astype(bool).sum()), "tested": len(rows)}


def _row(claim: Claim, verdict: Verdict) -> dict[str, object]:
    found = verdict.measured
    note = claim.note
    return {
        "claim_id": claim.id,
        "statement": claim.statement_zh,
        "published": claim.published,
        "estimate": None if found is None else _rounded(found.value),
        "low": None if found is None or found.low is None else _rounded(found.low),
        "high": None if found is None or found.high is None else _rounded(found.high),
        "verdict": verdict.word,
        "reason": verdict.explain(load_words("zh")),
        "statement_en": claim.statement_en,
        "reason_en": verdict.explain(load_words("en")) + (f" ({note})" if note else ""),
    }


def _rounded(value: float) -> float:
    return round(value, 6)


def _judge(claim: Claim, corpus: Corpus) -> Verdict:
    judges: dict[str, Callable[[Claim, Corpus], Verdict]] = {
        "count": _judge_level,
        "daily_mean": _judge_level,
        "share": _judge_share,
        "arithmetic": _judge_arithmetic,
        "trend": judge_trend_claim,
        "peak": judge_peak,
        "sub_grievances": judge_subs,
        "ranking": judge_ranking,
    }
    if claim.kind == "daily_mean" and not corpus.study.days:
        return untestable("no_days")
    return judges[claim.kind](claim, corpus)


def _judge_level(claim: Claim, corpus: Corpus) -> Verdict:
    """Judge a count or a mean per day."""
    name = claim.platform or claim.grievance or "all"
    found = measure(name, corpus.tables)
    if found is None:
        return untestable("no_data")
    days = len(corpus.study.days) if claim.kind == "daily_mean" else 1
    found = found.over(days)
    if corpus.simulated:
        truth = _truth(name, claim, corpus, days)
        if truth is None:
            return untestable("no_published", found)
        shown = mean_text(truth) if claim.kind == "daily_mean" else count_text(truth)
        return judge_against_truth(found, truth, shown, EXACT if name == "all" else NEAR)
    if not corpus.is_monitored_whole:
        return untestable("partial_corpus", found)
    if claim.published is None:
        return untestable("no_published", found)
    if name == "all":  # a total carries no coder error, so a band of 10 % stands for the interval
        found = Measured(found.value, found.value * 0.9, found.value * 1.1)
    return judge_against_published(found, claim.published, count_text(claim.published))


def _truth(name: str, claim: Claim, corpus: Corpus, days: int) -> float | None:
    """Give what was planted: the truth where it is known, else the published value to scale."""
    parts = name.split("+")
    planted = [corpus.planted(part) for part in parts]
    if all(count is not None for count in planted):
        return sum(count for count in planted if count is not None) / days
    printed = _printed(corpus.study)  # exact counts, where a claim may print a rounded mean
    if all(part in printed for part in parts):
        return sum(printed[part] for part in parts) * corpus.scale / days
    return None if claim.published is None else claim.published * corpus.scale


def _printed(study: Study) -> dict[str, int]:
    return (study.published.counts | study.published.platforms) if study.published else {}


def _judge_share(claim: Claim, corpus: Corpus) -> Verdict:
    """Judge a share of one count in another; where both have an error, the ends take both."""
    name, whole_name = claim.grievance or claim.platform or "negative", claim.of or "all"
    part, whole = measure(name, corpus.tables), measure(whole_name, corpus.tables)
    if part is None or whole is None or whole.value == 0:
        return untestable("no_data")
    found = part.share_of(whole)
    if not found.has_interval and _audited(corpus):
        return untestable("not_all_corrected", found)
    if corpus.simulated:
        target = _true_share(name, whole_name, claim, corpus)
        if target is None:
            return untestable("no_published", found)
        return judge_against_truth(found, target, share_text(target))
    if claim.published is None:
        return untestable("no_published", found)
    return judge_against_published(found, claim.published, quoted_share_text(claim.published))


def _audited(corpus: Corpus) -> bool:
    counts = corpus.tables.get("counts")
    return counts is not None and "low" in counts and bool(counts["low"].notna().any())


def _true_share(name: str, whole: str, claim: Claim, corpus: Corpus) -> float | None:
    planted = [corpus.planted(part) for part in name.split("+")]
    divisor = corpus.planted(whole)
    if divisor and all(count is not None for count in planted):
        return sum(count for count in planted if count is not None) / divisor
    return claim.published


def _judge_arithmetic(claim: Claim, corpus: Corpus) -> Verdict:
    """Recompute a printed quotient from the printed counts; no corpus is needed."""
    known = _printed(corpus.study)
    parts = (claim.grievance or claim.platform or "").split("+")
    if claim.published is None or not all(part in known for part in parts):
        return untestable("no_published")
    value = float(sum(known[part] for part in parts))
    divisor = known[claim.of] if claim.of in known else len(corpus.study.days)
    if not divisor:
        return untestable("no_days")
    value /= divisor
    holds = abs(value - claim.published) <= 0.02 * abs(claim.published)
    text = f"{number_text(value)} ≈ {number_text(claim.published)}"
    word = "reproduced" if holds else "contradicted"
    return Verdict(
        word, f"arithmetic_{'holds' if holds else 'fails'}", {"sum": text}, Measured(value)
    )
