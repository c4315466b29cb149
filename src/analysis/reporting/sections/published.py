"""The sections that set published statements and other campaigns beside this run."""

import pandas as pd
from markupsafe import Markup, escape

from analysis.measures.quantities import RARE, find_quantity
from analysis.numbers import fewer_text, is_missing, scale_text
from analysis.reporting.sections.section import (
    Cell,
    ReportContext,
    Section,
    TableView,
    Text,
    evidence_id,
    mark,
    marked_range,
    quoted,
    view,
)
from analysis.study.model import Claim

# The section that sets published statements beside our figures.

_ORDER = ("reproduced", "consistent", "contradicted", "recovered", "missed", "not_testable")
# How the numbers of a kind of claim are written.
_KINDS = {
    "share": "share", "trend": "change", "peak": "decimal", "arithmetic": "number",
    "daily_mean": "mean", "sub_grievances": "share",
}  # fmt: skip


def claims(run: ReportContext) -> Section:
    """Set the published statements beside our figures, each with a verdict and its reason."""
    say, table = run.words, run.table("claims")
    if table.empty:
        # Whoever reports on a file of their own has no published claims.
        asked = "" if run.study.claims else "method"
        return Section("claims", say("section.claims"), absent=say("absent.claims"), part_of=asked)
    texts: list[Text] = [
        say.markup("text.claims_simulated" if run.simulated else "text.claims_real")
    ]
    tables = [_view(run, table)]
    return Section("claims", say("section.claims"), texts, tables=tables, lead=verdicts_told(run))


def verdicts_told(run: ReportContext) -> Markup:
    """Say in one sentence how many claims there are, and how they were judged."""
    say, table = run.words, run.table("claims")
    counted = table["verdict"].value_counts()
    parts = [
        say("text.verdict_count", label=say.label(word), n=int(counted[word]))
        for word in _ORDER if word in counted
    ]  # fmt: skip
    return say.markup("text.verdicts", n=len(table), parts=say("list.comma").join(parts))


def specifications(run: ReportContext) -> Section:
    """Show whether a trend claim depends on choices that nobody prints."""
    say, figures = run.words, run.drawn("specifications")
    if run.table("specifications").empty:
        why = say("absent.figure")
        return Section(
            "specifications", say("section.specifications"), absent=why, part_of="claims"
        )
    texts: list[Text] = [say.markup("text.specifications")]
    return Section("specifications", say("section.specifications"), texts, figures=figures)


def _view(run: ReportContext, table: pd.DataFrame) -> TableView:
    say = run.words
    suffix = "_en" if say.language == "en" and "statement_en" in table else ""
    claims = {claim.id: claim for claim in run.study.claims}
    headers = [say(f"header.{name}") for name in ("claim_id", "verdict", "statement", "published")]
    # Published numbers are whole, ours those of a corpus simulated on a smaller scale.
    own = "ours_scaled" if run.simulated else "ours"
    headers.append(say(f"header.{own}", scale=scale_text(run.scale)))
    rows = [_row(run, row, suffix, claims.get(str(row["claim_id"]))) for _, row in table.iterrows()]
    numeric = [False, False, False, True, True]
    return TableView("claims", say("table.claims"), headers, rows, numeric, is_open=True)


def _row(run: ReportContext, row: pd.Series, suffix: str, claim: Claim | None) -> list[Cell]:
    say, key = run.words, (row["claim_id"],)
    kind = "count" if claim is None else _KINDS.get(claim.kind, "count")
    quoted_kind = "quoted_share" if kind == "share" else kind
    published = mark("claims", key, "published", row["published"], kind=quoted_kind, words=say)
    verdict = str(row["verdict"])
    chip = Markup('<span class="chip {}" data-evidence="{}">{}</span>').format(
        verdict, evidence_id("claims", key, "verdict"), say.label(verdict)
    )
    statement = Markup('{}<br><span class="why">{}</span>').format(
        *(quoted("claims", key, f"{name}{suffix}", str(row[f"{name}{suffix}"]))
          for name in ("statement", "reason"))
    )  # fmt: skip
    statement += _specified(run, row) + _by_chance(run, row)
    return [
        Cell(escape(row["claim_id"]), str(row["claim_id"])),
        Cell(chip, say.label(verdict)),
        Cell(statement, str(row[f"statement{suffix}"])),
        Cell(published, "", is_number=True),
        Cell(_ours(run, row, kind, claim), "", is_number=True),
    ]


def _ours(run: ReportContext, row: pd.Series, kind: str, claim: Claim | None) -> Markup:
    """Write our number under the rule for what is rare, and its interval below it."""
    say, key = run.words, (row["claim_id"],)
    is_rare = claim is not None and _is_rare(run, claim)
    column = "high" if is_rare else "estimate"
    ours = mark("claims", key, column, row[column], kind=kind, words=say)
    if is_rare:
        ours = fewer_text(ours, say.language, of_shares=kind == "share")
    interval = marked_range("claims", key, row, kind=kind, words=say)
    if interval == "–":
        return ours
    return ours + Markup('<br><span class="why">{}</span>').format(interval)


def _is_rare(run: ReportContext, claim: Claim) -> bool:
    """Say whether a claim is about a number of posts that is too small to be printed bare."""
    name = claim.grievance or claim.platform
    if claim.kind not in ("count", "daily_mean", "share") or not name:
        return False
    found = find_quantity(name, dict(run.tables))
    return found is not None and found.has_interval and found.value < RARE * run.posts


def _by_chance(run: ReportContext, row: pd.Series) -> Markup:
    """Say how often a random answer as vague as ours would have been a success."""
    verdict = str(row["verdict"])
    if verdict not in ("recovered", "reproduced") or is_missing(row.get("by_chance")):
        return Markup("")
    say, key = run.words, (row["claim_id"],)
    chance = mark("claims", key, "by_chance", row["by_chance"], kind="share", words=say)
    text = say.markup("text.by_chance", chance=chance, verdict=say.label(verdict))
    return Markup('<br><span class="why">{}</span>').format(text)


def _specified(run: ReportContext, row: pd.Series) -> Markup:
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


_COLUMNS = [
    ("campaign", "campaign", "label"), ("grievance", "grievance", "label"),
    ("days", "days", "count"), ("published", "published", "count"),
    ("share", "share", "campaign_share"), ("low", "interval", "interval:share"),
    ("peak_days", "peak_days", "terms"),
]  # fmt: skip


def campaigns(run: ReportContext) -> Section:
    """Compare campaigns by share and shape, with the warning that their scope changed."""
    say = run.words
    if run.table("campaigns").empty:
        # Whoever reports on a file of their own did not ask for it.
        asked = "" if run.study.claims else "method"
        why = say("absent.campaigns")
        return Section("campaigns", say("section.campaigns"), absent=why, part_of=asked)
    texts = [say.markup("text.campaigns")]
    days = run.table("campaigns")["peak_days"].astype("string").str.replace(";", "、")
    rows = run.table("campaigns").assign(peak_days=days)
    if run.simulated:
        texts.append(say.markup("text.campaigns_simulated"))
    return Section(
        "campaigns", say("section.campaigns"), [*texts], [say.markup("text.campaigns_scope")],
        run.drawn("campaigns"), [view(run, "campaigns", _COLUMNS, rows=rows)],
    )  # fmt: skip
