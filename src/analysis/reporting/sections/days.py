"""The sections on time: which codes changed over the window, and which single days stand out."""

import pandas as pd
from markupsafe import Markup

from analysis.measures.trend_rule import ALPHA
from analysis.numbers import is_missing, period_text
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
    ("count_growth", "count_growth", "change"), ("days", "days", "count"),
]  # fmt: skip
_TREND_WORDS = ("growth", "decline", "flat", "no_trend", "not_testable")
_DAILY_COLUMNS = [
    ("date", "date", "text"), ("items", "items", "count"), ("families", "families", "count"),
    ("grade", "grade", "label"),
]  # fmt: skip


def trends(run: ReportContext) -> Section:
    """Say which codes changed over the window, and give the test behind each."""
    say, table = run.words, run.table("trends")
    figures = run.drawn("daily_negatives")
    if table.empty:
        return Section(
            "trends", say("section.trends"), figures=figures, absent=say("absent.trends")
        )
    judged = table[table["verdict"] != "not_testable"]
    if judged[judged["grievance"] != "all"].empty:
        why = run.notes("trends")
        absent = Markup(" ").join(why) if why else say("absent.trends")
        return Section(
            "trends", say("section.trends"), figures=figures, absent=absent,
            tables=[daily_view(run, "negative")] if figures else [],
        )  # fmt: skip
    sentence = (
        ("grievance", "grievance", "label"),
        (f"sentence_{say.language}", "sentence", "sentence"),
    )
    return Section(
        "trends", say("section.trends"),
        [
            *([] if run.is_audited else [say.markup("text.trends_unaudited")]),
            _verdicts(run, table),
            *_as_all(run, table),
            *_withdrawn(run, table),
            *run.notes("trends"),
        ],
        [say.markup("text.trend_rule")],
        figures,
        [
            view(run, "trends", _TREND_COLUMNS, rows=judged, is_open=True),
            view(run, "trends", sentence, caption=_of_own(run, say("table.sentences"))),
            daily_view(run, "negative"),
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


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _verdicts(run: ReportContext, table: pd.DataFrame) -> Listing:
    """Group the codes by the verdict of their trend."""
    say = run.words
    codes = table[~table["grievance"].isin(["all"])]
    groups = [(word, codes[codes["verdict"] == word]) for word in _TREND_WORDS]
    key, written = ("trend_group", _capital) if run.is_audited else ("trend_group_own", str)
    return Listing([
        say(f"text.{key}", verdict=written(say.label(word)),
            names=say("list.comma").join(say.label(code) for code in rows["grievance"]))
        for word, rows in groups if len(rows)
    ])  # fmt: skip


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
    ("terms", "terms", "text"), ("platform", "platform", "label"),
    ("platform_share", "platform_share", "share"), ("top_families", "top_families", "text"),
]  # fmt: skip


def breaks(run: ReportContext) -> Section:
    """Name the days that neither trend nor promotion explains, and what drives each."""
    say, table = run.words, run.table("breaks")
    if table.empty:
        return Section("breaks", say("section.breaks"), absent=say("absent.breaks"))
    found = table[table["is_found"].astype(bool)]
    notes = [say.markup("text.break_rule")]
    if found.empty:
        texts: list[Text] = [_looked_for(run, table)]
        return Section("breaks", say("section.breaks"), texts, notes)
    sentences = [_sentence(run, row) for _, row in found.iterrows()]
    texts = [
        _looked_for(run, table), say.markup("text.breaks", n=len(found)), Listing(sentences),
    ]  # fmt: skip
    tables = [view(run, "breaks", _COLUMNS, rows=found)]
    return Section("breaks", say("section.breaks"), texts, notes, tables=tables)


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
        day=period_text(row["date"], run.study.period, say.language),
        change=number("change", "change"), p=number("p_holm", "p"),
    )  # fmt: skip
    if not is_missing(row.get("items")):
        text += say.markup(
            "text.break_posts", items=number("items", "count"), families=number("families", "count")
        )
    if not is_missing(row.get("terms")):
        text += say.markup("text.break_terms", terms=str(row["terms"]))
    return text
