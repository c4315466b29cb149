"""What was published, beside this run: claims with a verdict, other campaigns by their shares."""

from collections.abc import Collection, Hashable, Mapping
from typing import Any, TypeAlias

import pandas as pd
import polars as pl

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars, as_small
from analysis.measures.conspicuous_days import compare_event_days
from analysis.measures.quantities import Quantity, find_quantity, row_of, table_or_empty
from analysis.measures.trend import judge_trend
from analysis.measures.verdicts import Corpus, Verdict, judge
from analysis.study.model import Claim, Study
from analysis.words import load_words, reader_names

# The published claims of the study, each with its verdict.

_COLUMNS = [
    "claim_id", "statement", "published", "estimate", "low", "high", "verdict", "reason",
    "statement_en", "reason_en", "found", "found_en", "held", "tested", "by_chance",
]  # fmt: skip


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
        then statement and reason in English, what was found where no one number says it (`found,
        found_en`), for a trend claim in how many of the tested
        specifications it held, and `by_chance`: how often a random answer as vague as ours would
        have borne the claim out. Verdicts: reproduced, consistent, contradicted, not_testable, on a
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
        _row(claim, judge(claim, corpus)) | count_specifications(small, claim.id)
        for claim in study.claims
    ]
    judged = pd.DataFrame(rows, columns=_COLUMNS).astype(
        {"held": "Int64", "tested": "Int64", "by_chance": "Float64"}
    )
    are_polars = [isinstance(table, pl.DataFrame | pl.LazyFrame) for table in tables.values()]
    return as_polars(judged) if are_polars and all(are_polars) else judged


# What a verdict looks at in a table, where the table is there; other tables are left as they are.
_LOOKED_AT = {
    "counts": ("grievance", "items"),
    "platforms": ("platform", "items"),
    "platform_sub_grievances": (),
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
    small = {name: as_small(tables[name]) for name in _LOOKED_AT if name in tables}
    for name, table in small.items():
        missing = [column for column in _LOOKED_AT[name] if column not in table.columns]
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


def judge_whole(
    tables: Mapping[str, pd.DataFrame],
    gaps: Collection[str],
    study: Study,
    drift: pd.DataFrame | None = None,
    *,
    simulated: bool = False,
    scale: float = 1.0,
) -> dict[str, pd.DataFrame]:
    """Judge trends and event days again without the series of which days are withheld.

    Series that are tested as one thing share an autocorrelation and lean on each other's spread, so
    that the interval of one tells the days of the others: with two posts moved between withheld
    days of one code, the trend of all negative items had other digits.

    Parameters
    ----------
    tables
        As they were measured.
    gaps
        The series of which days are withheld; their rows stay, for what was found of them.
    study, drift, simulated, scale
        What trends and claims were judged by.

    Returns
    -------
    dict of pd.DataFrame
        The tables with the rows of whole series judged among themselves, the claims judged by
        these, and no specifications, whose families are those of all series; the same tables where
        no series with a gap was tested.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 20), [])
    >>> trends = pd.DataFrame({"grievance": ["price"], "growth": [None]})
    >>> sorted(judge_whole({"trends": trends}, {"price"}, study))
    ['trends']
    """
    trends, series = tables.get("trends"), tables.get(study.series)
    if trends is None or series is None:
        return dict(tables)
    tested = set(trends.loc[trends["growth"].notna(), "grievance"])
    for name in tables.keys() & {"event_days"}:
        tested |= set(tables[name].loc[tables[name]["p"].notna(), "grievance"])
    if not tested & set(gaps):
        return dict(tables)
    out = dict(tables)
    if "specifications" in out:
        out["specifications"] = out["specifications"].iloc[:0]
    whole, grades = series[~series["grievance"].isin(gaps)], tables.get(study.coverage)
    if "all" not in gaps and len(whole):  # else what is a share of it is withheld, too
        again = judge_trend(
            whole, study.event_days, grades=grades, drift=drift, claimed=study.claimed_trends,
            names=reader_names(), period=study.period,
        )  # fmt: skip
        out["trends"] = _with_rows(trends, again)
        if len(out.get("event_days", ())):
            days = compare_event_days(whole, study.event_days, grades, period=study.period)
            out["event_days"] = _with_rows(out["event_days"], days)
    if "claims" in out and study.claims:
        planted = out.get("planted")
        counts: dict[str, float] | None = None
        if planted is not None:
            counts = dict(zip(planted["grievance"], planted["items"], strict=True))
        out["claims"] = judge_claims(
            study, out, simulated=simulated, scale=scale, truth_counts=counts
        )
    return out


def _with_rows(table: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """Put rows in the place of those of the same grievance, in the order of the table."""
    kept = table[~table["grievance"].isin(set(again["grievance"]))]
    place = {name: row for row, name in enumerate(table["grievance"])}
    parts = [one.astype(object) for one in (kept, again) if len(one)]
    rows = pd.concat(parts, ignore_index=True)[list(table.columns)]
    rows = rows.sort_values("grievance", key=lambda names: names.map(place), kind="stable")
    return rows.reset_index(drop=True).infer_objects()


def withhold_verdicts(claims: pd.DataFrame, withheld: Collection[str]) -> pd.DataFrame:
    """Withhold what was measured for claims that rest on a withheld count, and their verdict.

    "Reproduced" says that the count is the published one, or near it.

    Examples
    --------
    >>> told = pd.DataFrame({"claim_id": ["C1", "C2"], "estimate": 3.0, "verdict": "reproduced"})
    >>> withhold_verdicts(told, ["C1"])["verdict"].tolist()
    ['not_testable', 'reproduced']
    """
    rows = claims["claim_id"].isin(withheld)
    out = claims.copy()
    numbers = [name for name in ("estimate", "low", "high", "by_chance") if name in out]
    out[numbers] = out[numbers].astype(float).mask(rows)
    counted = [name for name in ("held", "tested") if name in out]
    out[counted] = out[counted].astype(object).mask(rows, None)
    words = {"verdict": "not_testable", "found": "", "found_en": ""}
    for language, name in (("zh", "reason"), ("en", "reason_en")):
        words[name] = load_words(language)("reason.withheld")
    for name in words.keys() & set(out):
        out[name] = out[name].astype(object).mask(rows, words[name])
    return out


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
        "reason": verdict.explain(load_words("zh"))
        + (f"（{claim.note_zh}）" if claim.note_zh else ""),
        "statement_en": claim.statement_en,
        "reason_en": verdict.explain(load_words("en")) + (f" ({note})" if note else ""),
        "found": verdict.found.get("zh", ""),
        "found_en": verdict.found.get("en", ""),
        "by_chance": None if verdict.chance is None else _rounded(verdict.chance),
    }


def _rounded(value: float) -> float:
    return round(value, 6)


# The other campaigns of 2019-2024, as published: by share and shape only.

PUBLISHED = "data/raw/published/published_figures.csv"
OURS = "this_run"
_CAMPAIGN_COLUMNS = [
    "campaign",
    "grievance",
    "days",
    "published",
    "share",
    "low",
    "high",
    "peak_days",
]
_CAMPAIGN = r"^(?:618|双11)-\d{4}$"
# Categories that recur under changing names; the rest of the reports' lists changes every year.
_NAMES = {
    "negative": ("吐槽类 消费维权", "负面信息"),
    "live_streaming": ("直播带货",),
    "product_quality": ("产品质量", "商品质量"),
    "price": ("价格", "价格促销", "价格争议", "促销价格争议"),
    "delivery": ("快递", "快递配送", "快递服务", "快递、外卖配送"),
}
_Figures: TypeAlias = list[dict[Hashable, Any]]
_SHARES = ("negative_share", "category_share_of_negative")
_ITEMS = ("negative_items", "category_items")
_PEAKS = ("category_peak_day", "category_relative_peak_day", "category_peak_day_items",
         "negative_peak_day_items", "category_higher_day")  # fmt: skip


def compare_campaigns(
    published: pd.DataFrame, tables: Mapping[str, pd.DataFrame], study: Study
) -> pd.DataFrame:
    """Set the campaigns' published shares and peak days beside each other and beside this run.

    Parameters
    ----------
    published
        ``data/raw/published/published_figures.csv``.
    tables
        The run's tables, for its own row.
    study
        The study; without published figures there is nothing to set beside.

    Returns
    -------
    pd.DataFrame
        campaign, grievance, days, published (items as printed), share (of all posts for
        ``negative``, of the negative items for a code; as printed, else the quotient of printed
        counts), low, high (this run's alone), peak_days.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> compare_campaigns(pd.DataFrame(), {}, study).empty
    True
    """
    if study.published is None or published.empty:
        return pd.DataFrame(columns=_CAMPAIGN_COLUMNS)
    known = published[published["report"].astype(str).str.match(_CAMPAIGN)]
    rows = []
    for campaign, of_campaign in known.groupby("report", sort=True):
        figures: _Figures = of_campaign.to_dict("records")
        rows += [_campaign_row(str(campaign), name, figures) for name in _NAMES]
    rows += [_our_row(name, tables, study) for name in _NAMES]
    table = pd.DataFrame(rows, columns=_CAMPAIGN_COLUMNS)
    told = table["share"].notna() | table["published"].notna() | (table["peak_days"] != "")
    return table[told].reset_index(drop=True)


def parse_figures(raw: pd.DataFrame) -> pd.DataFrame:
    """Read the values of the published figures as numbers; texts and dates have none.

    Examples
    --------
    >>> parse_figures(pd.DataFrame({"value": ["3.5", ""]}))["value"].tolist()
    [3.5, nan]
    """
    return raw.assign(value=pd.to_numeric(raw["value"], errors="coerce"))


def _campaign_row(campaign: str, name: str, figures: _Figures) -> dict[str, object]:
    mine = [one for one in figures if one["category"] in _NAMES[name]]
    items = _first(mine, _ITEMS)
    share = _first(mine, _SHARES)
    whole = _first(figures, ("total_items",) if name == "negative" else ("negative_items",))
    if share is not None:
        share = round(share / 100, 6)
    elif items is not None and whole:
        share = round(items / whole, 6)
    start, end = (pd.Timestamp(figures[0][f"window_{edge}"]) for edge in ("start", "end"))
    peaks = {str(one["date_or_period"]) for one in mine if one["measure"] in _PEAKS}
    days = sorted(day for day in peaks if len(day) == len("2020-06-12"))
    return {
        "campaign": campaign,
        "grievance": name,
        "days": (end - start).days + 1,
        "published": items,
        "share": share,
        "peak_days": ";".join(days),
    }


def _first(figures: _Figures, measures: tuple[str, ...]) -> float | None:
    values = (one["value"] for one in figures if one["measure"] in measures)
    return next((float(value) for value in values if pd.notna(value)), None)


def _our_row(name: str, tables: Mapping[str, pd.DataFrame], study: Study) -> dict[str, object]:
    found = _our_share(name, dict(tables))
    daily = table_or_empty(dict(tables), "daily")
    peak = ""
    if found is not None and len(daily):
        mine = daily[daily["grievance"] == name]
        if len(mine) and mine["items"].notna().any():
            peak = str(mine["date"].iloc[int(mine["items"].astype(float).argmax())])
    numbers = [None] * 3 if found is None else [found.value, found.low, found.high]
    share, low, high = (None if value is None else round(value, 6) for value in numbers)
    return {
        "campaign": OURS, "grievance": name, "days": len(study.days) or None, "share": share,
        "low": low, "high": high, "peak_days": peak,
    }  # fmt: skip


def _our_share(name: str, tables: dict[str, pd.DataFrame]) -> Quantity | None:
    part = find_quantity(name, tables)
    whole = find_quantity("all" if name == "negative" else "negative", tables)
    if row_of(table_or_empty(tables, "counts"), "grievance", name) is None:
        return None
    return None if part is None or whole is None or not whole.value else part.share_of(whole)
