"""The sections on time: which codes changed over the window, and which single days stand out."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from analysis.measures.trend_rule import ALPHA
from analysis.measures.trend_tests import count_follows
from analysis.numbers import is_manifold, is_missing, period_text, range_text
from analysis.reporting.sections.section import (
    Listing,
    ReportContext,
    Section,
    TableView,
    Text,
    mark,
    view,
)

_TREND_COLUMNS = [
    ("grievance", "grievance", "label"), ("measure", "measure", "label"),
    ("verdict", "verdict", "label"), ("growth", "growth", "change"),
    ("low", "interval", "interval:change"), ("p", "p", "p"), ("p_holm", "p_holm", "p"),
    ("count_growth", "count_growth", "change"), ("tier", "tier", "tier"),
    ("drift_p", "drift_p", "p"), ("days", "days", "count"),
]  # fmt: skip
_DAILY_COLUMNS = [
    ("date", "date", "text"), ("items", "items", "count"), ("families", "families", "count"),
    ("grade", "grade", "label"),
]  # fmt: skip


def trends(run: ReportContext) -> Section:
    """Say which codes changed over the window; the tests stand in a part of their own."""
    say, table = run.words, run.table("trends")
    key, title = "trends", say("section.trends")
    figures = run.drawn("daily_negatives")
    tables = [daily_view(run, "negative")] if figures else []
    if not has_judged(run):
        why = run.notes("trends") if len(table) else []
        absent = say.sentences(why) if why else say("absent.trends")
        return Section(key, title, figures=figures, absent=absent, tables=tables)
    found = [
        Markup("{}{}{}").format(say.label(code), say("list.colon"), told_trend(run, code))
        for code in _codes_of(run, table, _FOUND)
    ]
    texts: list[Text] = [
        *([] if run.is_audited else [say.markup("text.trends_unaudited")]),
        *([Listing(found)] if found else []),
        *_as_all(run, table),
        *_signs(run, table),
    ]
    lead = _verdicts(run, table) if found else none_changed(run)
    return Section(key, title, texts, figures=figures, tables=tables, lead=lead)


def _verdicts(run: ReportContext, table: pd.DataFrame) -> Markup:
    """Name the series of each verdict in one sentence."""
    say = run.words
    parts = [
        say(f"text.found_{word}", names=run.listed(codes))
        for word in _FOUND if (codes := _codes_of(run, table, [word]))
    ]  # fmt: skip
    text = Markup(say("list.semicolon")).join(parts)  # noqa: S704 - our own file
    return say.markup("text.found" if run.is_audited else "text.found_own", text=text)


_FOUND = ("growth", "decline", "flat")
_MOVED = ("growth", "decline")


def moved_by(run: ReportContext, row: pd.Series) -> tuple[str, str]:
    """Give what was found of a series, and the columns that say it: of the share, else the count.

    A count tells nothing where it may have grown with the collection alone; where all that was
    posted was collected, a count that clearly grew did grow, and the page says both.
    """
    is_whole = run.simulated
    if is_whole and row["verdict"] not in _FOUND and row.get("count_verdict") in _MOVED:
        return str(row["count_verdict"]), "count_"
    return str(row["verdict"]), ""


def has_judged(run: ReportContext, *, of_kinds: bool = False) -> bool:
    """Say whether a trend could be tested: of negative items or any code, or of codes alone."""
    table = run.table("trends")
    if table.empty:
        return False
    apart = ["all", "negative"] if of_kinds else ["all"]
    return bool(((table["verdict"] != "not_testable") & ~table["grievance"].isin(apart)).any())


def _codes_of(run: ReportContext, table: pd.DataFrame, verdicts: Sequence[str]) -> list[str]:
    """List the series of which one of these was found, all posts apart."""
    return [
        str(row["grievance"])
        for _, row in table[table["grievance"] != "all"].iterrows()
        if moved_by(run, row)[0] in verdicts
    ]


def none_changed(run: ReportContext) -> Markup:
    """Say in one sentence that no series clearly rose or fell, and where no code was tested, so."""
    table = run.table("trends")
    code = str(table.loc[table["verdict"] != "not_testable", "grievance"].iloc[-1])
    days = run.number("trends", code, "days")
    key = "none_changed" if has_judged(run, of_kinds=True) else "total_changed"
    return run.words.markup(f"text.{key}", days=days)


def told_trend(run: ReportContext, code: str) -> Markup:
    """Say in words and with its interval how a series moved; empty where none was looked at.

    No statistic stands here: whoever wants p-values finds the whole sentence in the table of tests.
    """
    row = run.row("trends", code)
    if row is None:
        return Markup()
    if row["verdict"] == "not_testable":
        return run.words.markup("text.change_not_testable")
    if is_missing(row["low"]):  # withheld with the days it was fitted to
        found = run.words.label(str(row["verdict"])) + run.words("text.fit_withheld")
        return run.words.sentences([found[:1].upper() + found[1:]])
    found, before = moved_by(run, row)
    interval = change_interval(run, code, row, before)
    text = run.words.markup(
        f"text.change_{found if before else _way(row)}", days=run.number("trends", code, "days"),
        measure=run.words.label("count" if before else str(row["measure"])), interval=interval,
        growth=run.number("trends", code, f"{before}growth", "change"),
        tier=tell_tier(run, code, row, before),
    )  # fmt: skip
    if before:
        text = run.words.sentences([text, _share_beside(run, code, row)])
    return text if run.is_audited else run.words.markup("text.by_coder", text=text)


def change_interval(run: ReportContext, code: str, row: pd.Series, before: str = "") -> Markup:
    """Write the interval of a change, of the share or of the count."""
    ends = {end: row[f"{before}{end}"] for end in ("low", "high")}
    is_large = is_manifold(float(ends["high"]))  # both ends in one form
    low, high = (
        mark("trends", (code,), f"{before}{end}", value,
             kind="multiple" if is_large else "change", words=run.words)
        for end, value in ends.items()
    )  # fmt: skip
    return range_text(low, high, run.words.language)


def tell_tier(run: ReportContext, code: str, row: pd.Series, before: str) -> Markup:
    """Say what a change rests on; nothing where no coder or no audit was at work."""
    tier: Any = row.get(f"{before}tier")
    if is_missing(tier) or is_missing(row.get("drift_p")) or not run.is_audited:
        return Markup()
    drift = change_interval(run, code, row, "drift_")
    return run.words.markup(f"tier.said_{int(tier)}", drift=drift)


def _share_beside(run: ReportContext, code: str, row: pd.Series) -> Markup:
    """Say beside a count that moved what is known of its share."""
    return run.words.markup(
        "text.share_beside", measure=run.words.label(str(row["measure"])),
        interval=change_interval(run, code, row),
    )  # fmt: skip


def _way(row: pd.Series) -> str:
    """Tell a trend that is established from a mere sign, and a sign from nothing.

    A sign is what the corrected p-value found and a further check withdrew. An interval that leaves
    out nought is none by itself: of six reports on eight kinds without a trend, one has such a one.
    Nor is a share whose count stood still or went the other way: a sign of a fall among twice as
    many complaints tells of what else was collected.
    """
    if row["verdict"] != "no_trend":
        return str(row["verdict"])
    low, high = float(row["low"]), float(row["high"])
    if low == high == 0:
        return "constant"  # such as the share of negative items where all posts are
    if low <= 0 <= high:
        return "wide" if low <= _TENTH and high >= _TENFOLD else "no_trend"
    if is_missing(row["p_holm"]) or float(row["p_holm"]) >= ALPHA:
        return "alone"
    if not _count_follows(row):
        return "base"
    return "sign_up" if low > 0 else "sign_down"


_TENTH, _TENFOLD = -0.9, 9.0  # changes; what may be either says nothing


def _count_follows(row: pd.Series) -> bool:
    """Tell whether the count of a share moved with it; where there is none it was tested itself."""
    share, count = row["growth"], row.get("count_growth", math.nan)
    if is_missing(share) or is_missing(count):
        return True
    return count_follows(np.log1p(share), np.log1p(count))


def _signs(run: ReportContext, table: pd.DataFrame) -> list[Markup]:
    """Name the series that may have moved, without enough to be sure."""
    say, lines = run.words, []
    rows = table[(table["verdict"] == "no_trend") & (table["grievance"] != "all")]
    for way in ("sign_up", "sign_down"):
        codes = [str(row["grievance"]) for _, row in rows.iterrows() if _way(row) == way]
        if codes:
            lines.append(say.markup(f"text.{way}", names=run.listed(codes)))
    return lines


_EVENT_COLUMNS = [
    ("grievance", "grievance", "label"), ("verdict", "verdict", "label"),
    ("ratio", "ratio", "decimal"), ("low", "interval", "interval:decimal"),
    ("p_holm", "p_holm", "p"), ("items_event", "items_event", "count"),
    ("items_other", "items_other", "count"),
]  # fmt: skip


def event_days(run: ReportContext) -> Section:
    """Say which codes have another share on event days than on the others."""
    say, table = run.words, run.table("event_days")
    key, title = "event-days", say("section.event_days")
    if table.empty:
        return Section(key, title, absent=say("absent.event_days"), part_of="trends")
    if (table["verdict"] == "not_testable").all():
        return Section(key, title, absent=say("text.event_untold"))
    found = [
        say.markup(f"text.event_{word}", names=_ratios(run, told.sort_values(
            "ratio", ascending=word == "lower", kind="stable")))
        for word in ("higher", "lower") if len(told := table[table["verdict"] == word])
    ]  # fmt: skip
    return Section(
        key, title, notes=[say.markup("text.event_note")], figures=run.drawn("event_days"),
        tables=[view(run, "event_days", _EVENT_COLUMNS)],
        lead=say.sentences(found) if found else say.markup("text.event_none"),
    )  # fmt: skip


def _ratios(run: ReportContext, rows: pd.DataFrame) -> Markup:
    """List series with the ratio of their two shares; the interval opens from it."""
    say = run.words
    parts = [
        say.markup(
            "text.event_ratio", label=run.words.inside(str(row["grievance"])),
            ratio=run.number("event_days", str(row["grievance"]), "ratio", "decimal"),
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    return Markup(say("list.semicolon")).join(parts)  # noqa: S704 - our own file


def trend_tests(run: ReportContext) -> Section:
    """Give the rule of the trends, the test behind each word, and its whole sentence."""
    say, table = run.words, run.table("trends")
    key, title = "trend-tests", say("section.trend_tests")
    if not has_judged(run):
        return Section(key, title, absent=say("absent.trends"), part_of="trends")
    judged = table[table["verdict"] != "not_testable"]
    sentence = (
        ("grievance", "grievance", "label"),
        (f"sentence_{say.language}", "sentence", "sentence"),
    )
    breaks = [say.markup("text.break_rule")] if len(run.table("breaks")) else []
    return Section(
        key, title,
        [say.markup("text.trend_rule"), *_withdrawn(run, table), *run.notes("trends"), *breaks],
        tables=[
            view(run, "trends", _TREND_COLUMNS, rows=judged),
            view(run, "trends", sentence, caption=_of_own(run, say("table.sentences"))),
        ],
    )  # fmt: skip


def _as_all(run: ReportContext, table: pd.DataFrame) -> list[Markup]:
    """Say when all posts move the same way: more posts bring more complaints, no worse ones."""
    say = run.words
    whole = table.loc[table["grievance"] == "all", "verdict"].tolist()
    if not whole or whole[0] not in ("growth", "decline"):
        return []
    if not (table.loc[table["grievance"] != "all", "verdict"] == whole[0]).any():
        return []
    row = run.row("trends", "all")
    if row is None or is_missing(row["growth"]):  # withheld
        return []
    change = run.number("trends", "all", "growth", "change")
    return [say.markup(f"text.all_{whole[0]}", change=change)]


def _withdrawn(run: ReportContext, table: pd.DataFrame) -> list[Markup]:
    """Name the series whose small p did not make a trend, and say where the reason stands."""
    say = run.words
    held = table[(table["verdict"] == "no_trend") & (table["p_holm"].astype(float) < ALPHA)]
    names = [say.label(code) for code in held["grievance"] if code != "all"]
    if not names:
        return []
    listed, sentences = say("list.comma").join(names), say("table.sentences")
    return [say.markup("text.withdrawn", names=listed, sentences=sentences)]


def _of_own(run: ReportContext, caption: str) -> str:
    """Say where a table is of the coder's own counts."""
    return caption if run.is_audited else run.words("table.coders_own", caption=caption)


def daily_view(run: ReportContext, code: str) -> TableView:
    """Show a code by day, week or month."""
    name = run.study.series
    daily = run.table(name)
    caption = run.words("table.daily_of", label=run.words.label(code))
    rows = daily[daily["grievance"] == code] if len(daily) else daily
    return view(run, name, _DAILY_COLUMNS, rows=rows, caption=caption)


# The section on single days: where a series breaks or bursts, and what the posts are about.

_COLUMNS = [
    ("grievance", "grievance", "label"), ("break_kind", "break_kind", "label"),
    ("date", "date", "text"),
    ("change", "break_change", "change"), ("p_holm", "p_holm", "p"), ("items", "items", "count"),
    ("families", "families", "count"), ("top_family_share", "top_family_share", "share"),
    ("terms", "terms", "terms"), ("platform", "platform", "label"),
    ("platform_share", "platform_share", "share"), ("top_families", "top_families", "text"),
]  # fmt: skip


def breaks(run: ReportContext) -> Section:
    """Name the days that neither trend nor promotion explains, and what drives each."""
    say, table = run.words, run.table("breaks")
    title = say("section.breaks")
    if table.empty:
        return Section("breaks", title, absent=say("absent.breaks"))
    found = table[table["is_found"].astype(bool)]
    if found.empty:
        return Section("breaks", title, absent=_looked_for(run, table))
    sentences = [_sentence(run, row) for _, row in found.iterrows()]
    return Section(
        "breaks", title, [Listing(sentences), _looked_for(run, table)],
        tables=[view(run, "breaks", _COLUMNS, rows=found)],
        lead=say.markup("text.breaks", n=len(found)),
    )  # fmt: skip


def _looked_for(run: ReportContext, table: pd.DataFrame) -> Markup:
    """Say in how many series was searched, and how many were left out as too small."""
    say, searched = run.words, table["grievance"].nunique()
    series = [name for name in run.table("trends").get("grievance", []) if name != "all"]
    others = max(0, len(series) - searched)
    none = "" if table["is_found"].astype(bool).any() else "none_"
    key = f"text.{none}searched_{'some' if others else 'all'}"
    return say.markup(key, n=searched, others=others)


def _sentence(run: ReportContext, row: pd.Series) -> Markup:
    say, key = run.words, (row["grievance"], row["date"], row["break_kind"])

    def number(column: str, kind: str) -> Markup:
        return mark("breaks", key, column, row.get(column), kind=kind, words=say)

    text = say.markup(
        f"text.break_{row['break_kind']}", label=say.label(str(row["grievance"])),
        day=period_text(row["date"], run.period, say.language),
        change=number("change", "change"),
    )  # fmt: skip
    if not is_missing(row.get("items")):
        text += say.markup(
            "text.break_posts", items=number("items", "count"), families=number("families", "count")
        )
    if not is_missing(row.get("terms")):
        terms = str(row["terms"]).replace("、", say("list.comma"))
        text += say.markup("text.break_terms", terms=terms)
    return text
