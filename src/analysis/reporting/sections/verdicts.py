"""The section that sets published statements beside our figures."""

import pandas as pd
from markupsafe import Markup, escape

from analysis.reporting.numbers import is_missing
from analysis.reporting.sections.blocks import Text
from analysis.reporting.sections.marks import evidence_id, join_ends, mark, quoted
from analysis.reporting.sections.shape import Cell, Run, Section, TableView

ORDER = ("reproduced", "consistent", "contradicted", "recovered", "missed", "not_testable")
# How the numbers of a kind of claim are written.
KINDS = {"share": "percent", "trend": "change", "peak": "decimal", "arithmetic": "number"}


def claims(run: Run) -> Section:
    """Set the published statements beside our figures, each with a verdict and its reason."""
    say, table = run.words, run.table("claims")
    if table.empty:
        return Section("claims", say("section.claims"), absent=say("absent.claims"))
    counted = table["verdict"].value_counts()
    parts = [
        say("text.verdict_count", label=say.label(word), n=int(counted[word]))
        for word in ORDER if word in counted
    ]  # fmt: skip
    texts: list[Text] = [
        say.markup("text.claims_simulated" if run.simulated else "text.claims_real"),
        say.markup("text.verdicts", n=len(table), parts=say("list.comma").join(parts)),
    ]
    figures = run.drawn("specifications")
    notes = [say.markup("text.specifications")] if figures else []
    return Section("claims", say("section.claims"), texts, notes, figures, [_view(run, table)])


def _view(run: Run, table: pd.DataFrame) -> TableView:
    say = run.words
    suffix = "_en" if say.language == "en" and "statement_en" in table else ""
    kinds = {claim.id: KINDS.get(claim.kind, "count") for claim in run.study.claims}
    headers = [
        say(f"header.{name}") for name in ("claim_id", "verdict", "statement", "published", "ours")
    ]
    rows = [
        _row(run, row, suffix, kinds.get(str(row["claim_id"]), "count"))
        for _, row in table.iterrows()
    ]
    numeric = [False, False, False, True, True]
    return TableView("claims", say("table.claims"), headers, rows, numeric, is_open=True)


def _row(run: Run, row: pd.Series, suffix: str, kind: str) -> list[Cell]:
    say, key = run.words, (row["claim_id"],)
    numbers = {
        column: mark("claims", key, column, row[column], kind=kind, words=say)
        for column in ("published", "estimate", "low", "high")
    }
    ours = numbers["estimate"]
    if "–" not in (numbers["low"], numbers["high"]):
        ends = join_ends({end: numbers[end] for end in ("low", "high")}, kind, say)
        ours = ours + Markup('<br><span class="why">{}</span>').format(ends)
    verdict = str(row["verdict"])
    chip = Markup('<span class="chip {}" data-evidence="{}">{}</span>').format(
        verdict, evidence_id("claims", key, "verdict"), say.label(verdict)
    )
    statement = Markup('{}<br><span class="why">{}</span>').format(
        *(quoted("claims", key, f"{name}{suffix}", str(row[f"{name}{suffix}"]))
          for name in ("statement", "reason"))
    )  # fmt: skip
    statement += _specified(run, row)
    return [
        Cell(escape(row["claim_id"]), str(row["claim_id"])),
        Cell(chip, say.label(verdict)),
        Cell(statement, str(row[f"statement{suffix}"])),
        Cell(numbers["published"], "", is_number=True),
        Cell(ours, "", is_number=True),
    ]


def _specified(run: Run, row: pd.Series) -> Markup:
    """Say in how many of the defensible choices a trend claim holds."""
    if is_missing(row.get("tested")):
        return Markup("")
    say = run.words
    numbers = {
        column: mark("claims", (row["claim_id"],), column, row[column], kind="count", words=say)
        for column in ("held", "tested")
    }
    text = say.markup("text.specified", **numbers)
    return Markup('<br><span class="why">{}</span>').format(text)
