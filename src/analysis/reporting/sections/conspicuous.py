"""The section on single days: where a series breaks or bursts, and what the posts are about."""

import pandas as pd
from markupsafe import Markup

from analysis.numbers import is_missing, period_text
from analysis.reporting.sections.blocks import Listing, Text
from analysis.reporting.sections.marks import mark
from analysis.reporting.sections.shape import Run, Section
from analysis.reporting.sections.views import view

COLUMNS = [
    ("grievance", "grievance", "label"), ("break_kind", "break_kind", "label"),
    ("date", "date", "text"),
    ("change", "break_change", "change"), ("p_holm", "p_holm", "p"), ("items", "items", "count"),
    ("families", "families", "count"), ("top_family_share", "top_family_share", "share"),
    ("terms", "terms", "text"), ("platform", "platform", "label"),
    ("platform_share", "platform_share", "share"), ("top_families", "top_families", "text"),
]  # fmt: skip


def breaks(run: Run) -> Section:
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
    tables = [view(run, "breaks", COLUMNS, rows=found)]
    return Section("breaks", say("section.breaks"), texts, notes, tables=tables)


def _looked_for(run: Run, table: pd.DataFrame) -> Markup:
    """Say in how many series was searched, and how many were left out as too small."""
    say, searched = run.words, table["grievance"].nunique()
    series = [name for name in run.table("trends").get("grievance", []) if name != "all"]
    others = max(0, len(series) - searched)
    none = "" if table["is_found"].astype(bool).any() else "none_"
    key = f"text.{none}searched_{'some' if others else 'all'}"
    return say.markup(key, n=searched, others=others)


def _sentence(run: Run, row: pd.Series) -> Markup:
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
