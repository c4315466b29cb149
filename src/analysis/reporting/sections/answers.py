"""The first answers: how many items, what share, about what; and what others had published."""

import shlex
from dataclasses import dataclass
from importlib import resources

import pandas as pd
from markupsafe import Markup, escape

from analysis.measures.quantities import (
    Form,
    best_values,
    is_corrected,
    is_told,
    printed_as,
    qualified_sub,
    write_as,
)
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import is_missing, range_text, scale_text, share_text
from analysis.plots.findings import MOST_NAMED, find_leaders
from analysis.reporting.sections.days import daily_view, told_trend
from analysis.reporting.sections.section import (
    Cell,
    Listing,
    ReportContext,
    Section,
    TableView,
    Text,
    evidence_id,
    mark,
    marked_best,
    marked_range,
    quoted,
    view,
)
from analysis.study.model import Claim
from analysis.study.names import shell_word
from analysis.words import window_of
from analysis.yaml_text import read_yaml

# One section a code that the model report singles out: size, days, parts.

_SUB_COLUMNS = [
    ("sub_grievance", "sub_grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "best"), ("low", "interval", "interval"),
    ("families", "families", "count"),
]  # fmt: skip
_OWN_SECTION = ("live_streaming", "sms_harassment", "red_envelope", "price")


def live_streaming(run: ReportContext) -> Section:
    """Show live streaming: its count, its days, its parts."""
    return _of_code(run, "live_streaming", "live_streaming_by_day", daily=True)


def sms(run: ReportContext) -> Section:
    """Show SMS harassment: its count, its days, its parts."""
    return _of_code(run, "sms_harassment", "sms_by_day", daily=True)


def red_envelopes(run: ReportContext) -> Section:
    """Show what is wrong with red envelopes."""
    return _of_code(run, "red_envelope", "red_envelopes", daily=False)


def price(run: ReportContext) -> Section:
    """Show the strands of price complaints."""
    return _of_code(run, "price", "price_strands", daily=False)


def _of_code(run: ReportContext, code: str, figure: str, *, daily: bool) -> Section:
    say, row = run.words, run.row("counts", code)
    key, title = code.replace("_", "-"), say(f"section.{code}")
    if row is None or is_missing(row["items"]) or not float(row["items"]):
        return Section(key, title, absent=say("absent.code", label=say.label(code)))
    if not is_told(row):
        return Section(key, title, [_small(run, code)], part_of="grievances")
    trend = told_trend(run, code)
    texts: list[Text] = [trend] if trend and run.study.days else []
    parts = _parts_of(run, code)
    tables = []
    listed = _listed(run, code, parts)
    if listed:
        texts.append(say.markup("text.parts", parts=listed))
    if len(parts):
        caption = say("table.subs_of", label=say.label(code))
        tables.append(view(run, "sub_grievances", _SUB_COLUMNS, rows=parts, caption=caption))
    if daily and len(run.table(run.study.series)):
        tables.append(daily_view(run, code))
    lead = _size(run, code, row)
    return Section(key, title, texts, figures=run.drawn(figure), tables=tables, lead=lead)


def _small_codes(run: ReportContext) -> list[Markup]:
    """Give a line on the parts of each code that has no section of its own."""
    subs, lines = run.table("sub_grievances"), []
    for code in dict.fromkeys(subs["grievance"]) if len(subs) else []:
        row = run.row("counts", str(code))
        if row is None or is_missing(row["items"]) or not float(row["items"]):
            continue
        if code not in _OWN_SECTION or not is_told(row):
            lines.append(_small(run, str(code)))
    return lines


def _small(run: ReportContext, code: str) -> Markup:
    """Say in one line what there is to say of a code without a section of its own."""
    say = run.words
    size = say.markup("text.leader", label=say.label(code), items=run.best(code))
    listed = _listed(run, code, _parts_of(run, code))
    if not listed:
        row = run.row("counts", code)
        items = None if row is None or is_missing(row["items"]) else int(row["items"])
        return say.markup("text.code_without_parts", size=size, n=items)
    return say.markup("text.code_small", size=size, parts=listed)


def _parts_of(run: ReportContext, code: str) -> pd.DataFrame:
    """Take the sub-grievances of a code under their whole names."""
    subs = run.table("sub_grievances")
    if subs.empty:
        return subs
    parts = subs[subs["grievance"] == code].copy()
    parts["sub_grievance"] = [qualified_sub(code, sub) for sub in parts["sub_grievance"]]
    return parts


def _size(run: ReportContext, code: str, row: pd.Series) -> Markup:
    say = run.words
    label, share = say.label(code), run.share(code)
    if not is_corrected(row):
        units = run.units(code)
        return say.markup(f"text.code_size{run.units_suffix}", label=label, share=share, **units)
    return say.markup(
        "text.code_corrected", label=label, estimate=run.best(code), share=share,
        interval=run.interval(code),
    )  # fmt: skip


def _listed(run: ReportContext, code: str, parts: pd.DataFrame) -> Markup:
    """List the parts of a code that have items, the largest of the printed numbers first."""
    say = run.words
    if parts.empty:
        return Markup("")
    best = best_values(parts)
    there = (best > 0) | (parts["items"].astype(float) > 0)
    printed = [
        float(row["high"]) if printed_as(row) in ("interval", "fewer") else size
        for size, (_, row) in zip(best, parts.iterrows(), strict=True)
    ]
    shown = pd.Series(printed, parts.index)
    order = shown[there].sort_values(ascending=False, kind="stable").index
    texts = [
        say.markup(
            "text.leader", label=run.words.inside(row["sub_grievance"]),
            items=marked_best("sub_grievances", (code, row["sub_grievance"]), row, say),
        )
        for _, row in parts.loc[order].iterrows()
    ]  # fmt: skip
    return Markup(say("list.parts")).join(texts)  # noqa: S704 - our own file


_BEST_STARS = ("4", "5")
# More negative items than this share among the best ratings ask for a warning.
_PRAISED = 0.1
_FEW_PRAISED = 3  # one or two posts are no pattern, however few there are in all
_COUNT_COLUMNS = [
    ("grievance", "grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "best"), ("low", "interval", "interval"),
    ("share", "share", "code_share"), ("families", "families", "count"),
    ("authors", "authors", "count"), ("published", "published", "count"),
]  # fmt: skip


def unaudited_note(run: ReportContext) -> Markup:
    """Say, where no audit corrected the counts, how far the coder is off on the test data."""
    if run.is_audited or run.table("counts").empty:
        return Markup()
    say, errors = run.words, run.table("count_errors")
    words = shlex.split(str(run.manifest.get("verify") or "")) or [f"build/{run.study.name}"]
    command = f"caodian audit draw {shell_word(words[-1])} --out audit"
    codes = errors[errors["grievance"] != "negative"] if len(errors) else errors
    if codes.empty or run.row("count_errors", "negative") is None:
        text = say.markup("text.unaudited_unmeasured")
    else:
        worst = str(codes["grievance"].iloc[int(codes["error"].abs().argmax())])
        text = say.markup(
            "text.unaudited", label=say.inside(worst),
            posts=run.number("count_errors", "negative", "posts"),
            negative=run.number("count_errors", "negative", "error", "change"),
            worst=run.number("count_errors", worst, "error", "change"),
        )  # fmt: skip
    return run.words.sentences([*_nearest(run), text]) + Markup(" <code>{}</code>").format(command)


def _nearest(run: ReportContext) -> list[Markup]:
    """Say how far the coder was off on the real posts that are most like these."""
    channels, say = run.table("channels"), run.words
    known = channels[channels["items"].notna()] if len(channels) else channels
    if known.empty:
        return []
    largest = str(known["channel"].iloc[int(known["items"].astype(float).argmax())])
    text = resources.files("analysis.reporting").joinpath(_NEAREST).read_text("utf-8")
    one = read_yaml(text).get(largest)
    if one is None:
        return []
    numbers = {name: one[name] for name in ("posts", "voiced", "called")}
    return [say.markup("text.nearest", kind=one[say.language], **numbers)]


_NEAREST = "nearest_text.yaml"


def headline(run: ReportContext) -> Section:
    """Answer first: how many negative items, what share, in which units, how sure."""
    say = run.words
    total, negative = run.row("counts", "all"), run.row("counts", "negative")
    if total is None or negative is None:
        return Section("headline", say("section.headline"), absent=say("absent.counts"))
    period = {"window": window_of(run.study, say), "days": len(run.study.days)}
    lead, *more = _answer(run, negative, period)
    texts: list[Text] = list(more)
    if negative["items"] != 0:
        texts.append(say.markup(f"text.units{run.units_suffix}", **run.units("negative")))
    if _has_praised_negatives(run.table("ratings")):
        texts.append(_praised(run))
    notes = [
        say.markup(run.by_recoding("text.covers"), who=say(f"text.audited_{_audited_by(run)}"))
        if run.is_audited
        else say.markup("text.covers_nothing")
    ]
    if run.period != "day":
        notes.append(say.markup("text.by_period"))
    notes = [*run.notes("language"), *run.notes("days"), *run.notes("strays"), *notes]
    return Section("headline", say("section.headline"), texts, notes, lead=lead)


def _audited_by(run: ReportContext) -> str:
    """Tell who coded the audit and what became of their differences."""
    audit = run.table("audit")
    if "coders" not in audit or audit.empty:
        return "simulated" if run.simulated else "sample"
    row = audit.iloc[0]
    if not row["coders"]:
        return "simulated"
    if not row["coded_twice"]:
        return run.by_recoding("one")
    told = "open" if audit["open"].sum() else "judged" if audit["disputes"].sum() else "agreed"
    return run.by_recoding(f"part_{told}") if row["coded_twice"] < row["audited"] else told


def _has_praised_negatives(ratings: pd.DataFrame) -> bool:
    """Say whether more than a tenth of the negative items, and three, have the two best ratings."""
    if ratings.empty or ratings["negative_items"].isna().any():
        return False
    praised = ratings.loc[ratings["stars"].isin(_BEST_STARS), "negative_items"].sum()
    return bool(praised >= _FEW_PRAISED and praised > _PRAISED * ratings["negative_items"].sum())


def _praised(run: ReportContext) -> Markup:
    """Warn that many negative items are well rated, and say how many."""
    say = run.words
    parts = [
        say.markup(
            "text.praised_part", stars=say(f"stars.{stars}"),
            n=run.number("ratings", stars, "negative_items"),
        )
        for stars in _BEST_STARS
        if run.row("ratings", stars) is not None
    ]  # fmt: skip
    return say.markup("text.praised", parts=Markup(say("list.comma")).join(parts))  # noqa: S704


def _answer(run: ReportContext, negative: pd.Series, period: dict[str, object]) -> list[Markup]:
    """Say how many: the corrected estimate first where there was an audit."""
    say, whole = run.words, ("counts", "all", "items")
    counted = {
        "all": run.number("counts", "all", "items"),
        "negative": run.number("counts", "negative", "items"),
        "share": run.number("counts", "negative", "share", "share"),
    }
    if is_missing(negative.get("low")):
        counted_key = "text.counted" if run.study.days else "text.counted_undated"
        return [say.markup(counted_key, **period, **counted), say.markup("text.uncorrected")]
    low, high = (run.ratio(("counts", "negative", end), whole) for end in ("low", "high"))
    lead = say.markup(
        "text.corrected" if run.study.days else "text.corrected_undated",
        **period, all=counted["all"], estimate=run.best("negative"),
        interval=run.interval("negative"), share=run.share("negative"),
        share_interval=range_text(low, high, say.language),
    )  # fmt: skip
    del counted["all"]
    return [lead, say.markup("text.own_count", **counted)]


def leaders(run: ReportContext) -> Markup:
    """Say which codes are the largest, as far as their intervals let that be told.

    Of corrected counts the first is named alone only where its interval lies above all others;
    else those that its interval overlaps are named with it. The coder's own counts follow the rule
    of the figure beside them; where no code has enough, all are listed and none leads.
    """
    say, counts = run.words, run.table("counts")
    codes = counts[~counts["grievance"].isin(["all", "negative"]) & (counts["items"] > 0)]
    if codes.empty:
        return say.markup("text.no_codes")
    if run.is_audited and codes["items"].sum() >= FEWEST_ITEMS:
        return _leaders_corrected(run, codes)
    first = find_leaders(codes)
    if len(first) > MOST_NAMED:
        return say.markup("text.leaders_many", n=len(first))
    order = best_values(codes).sort_values(ascending=False, kind="stable").index[:MOST_NAMED]
    names = codes.iloc[first]["grievance"] if first else codes.loc[order, "grievance"]
    parts = [
        say.markup("text.leader", label=run.words.inside(code), items=run.best(code))
        for code in names
    ]
    key = "text.leaders" if first else "text.few_leaders"
    return say.markup(key, n=len(parts), least=FEWEST_ITEMS, leaders=say.listed(parts))


def first_codes(run: ReportContext) -> list[str]:
    """List the largest code and all that cannot be told from it, by size; empty without an audit.

    Codes without an interval cannot be told from anything, so they are left out; the rest of the
    codes must be smaller, or there is no first one.
    """
    counts = run.table("counts")
    if counts.empty or not run.is_audited:
        return []
    codes = counts[~counts["grievance"].isin(["all", "negative"])].dropna(
        subset=["estimate", "low", "high"]
    )
    if codes.empty:
        return []
    codes = codes.sort_values("estimate", ascending=False, kind="stable")
    tied = codes[codes["high"] >= codes["low"].iloc[0]]
    return [str(code) for code in tied["grievance"]] if len(tied) < len(codes) else []


def _leaders_corrected(run: ReportContext, codes: pd.DataFrame) -> Markup:
    say, first = run.words, first_codes(run)
    if not first:
        return say.markup("text.all_tied", n=len(codes))
    names = [
        say.markup("text.leader", label=run.words.inside(code), items=run.best(code))
        for code in first
    ]
    return say.markup(
        "text.first_alone" if len(first) == 1 else "text.first_tied",
        leaders=say.listed(names),
    )  # fmt: skip


def grievances(run: ReportContext) -> Section:
    """Show every code in all units, with its interval and the published value."""
    say = run.words
    if run.table("counts").empty:
        return Section("grievances", say("section.grievances"), absent=say("absent.counts"))
    texts: list[Text] = [say.markup("text.overlap")]
    if run.study.published and run.simulated:
        texts.append(say.markup("text.published_simulated", scale=scale_text(run.scale)))
    notes = [say.markup("text.rare")] if run.is_audited else []
    lines = _small_codes(run)
    if lines:
        texts.append(Listing(lines))
    caption = say("table.counts" if run.is_audited else "table.counts_bare")
    return Section(
        "grievances", say("section.grievances"), texts, notes, figures=run.drawn("grievances"),
        tables=[view(run, "counts", _COUNT_COLUMNS, is_open=True, caption=caption)],
        lead=leaders(run),
    )  # fmt: skip


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
    chip = chip_of(run, row["claim_id"], verdict)
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


def _number(run: ReportContext, row: pd.Series, kind: str, claim: Claim | None) -> Markup:
    """Write our number in the form of what the claim is about."""
    say, key = run.words, (row["claim_id"],)
    form = "estimate" if claim is None else _form(run, row, claim)

    def number(column: str) -> Markup:
        return mark("claims", key, column, row[column], kind=kind, words=say)

    return write_as(form, say.language, number, of_shares=kind == "share")


def _ours(run: ReportContext, row: pd.Series, kind: str, claim: Claim | None) -> Markup:
    """Write our number and its interval below it."""
    say, key = run.words, (row["claim_id"],)
    ours = _number(run, row, kind, claim)
    interval = marked_range("claims", key, row, kind=kind, words=say)
    if interval in ("–", ours):
        return ours
    return ours + Markup('<br><span class="why">{}</span>').format(interval)


def _form(run: ReportContext, row: pd.Series, claim: Claim) -> Form:
    """Say in which form the number of a claim is written: as its count, or a sum by its width."""
    if claim.kind not in ("count", "daily_mean", "share"):
        return "estimate"
    name = str(claim.grievance or claim.platform)
    known = run.row("counts", name), run.row("platforms", name)
    counted = next((one for one in known if one is not None), row)
    form = printed_as(counted)
    return "estimate" if form == "items" else form


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


@dataclass(frozen=True)
class Judged:
    """A claim as page one sets it beside what we find: found, how sure, and the verdict."""

    statement: Markup
    found: Markup
    sure: Markup
    verdict: str
    chip: Markup


def set_beside(run: ReportContext) -> list[Judged]:
    """Set each published claim beside what was found, in the order in which it was published."""
    return [_beside(run, row) for _, row in run.table("claims").iterrows()]


def _beside(run: ReportContext, row: pd.Series) -> Judged:
    say, key = run.words, (row["claim_id"],)
    suffix = "_en" if say.language == "en" and "statement_en" in row else ""
    claim = next((one for one in run.study.claims if one.id == row["claim_id"]), None)
    kind = "count" if claim is None else _KINDS.get(claim.kind, "count")
    verdict = str(row["verdict"])

    def text(name: str) -> Markup:
        column = f"{name}{suffix}"
        value = row.get(column)
        return Markup() if is_missing(value) else quoted("claims", key, column, str(value))

    interval = marked_range("claims", key, row, kind=kind, words=say)
    told = text("found")
    has_number = not is_missing(row["estimate"])
    if verdict == "not_testable" or interval == "–" or (told and kind == "change"):
        sure = text("reason")
    else:
        half = (float(row["high"]) - float(row["low"])) / 2 / abs(float(row["estimate"]) or 1)
        key_sure = "first.sure_interval" if kind in ("count", "mean") else "first.sure_range"
        sure = say.markup(key_sure, interval=interval, half=share_text(half))
    number = _number(run, row, kind, claim) if has_number else Markup("–")
    return Judged(
        text("statement"), told or number, sure, verdict,
        chip_of(run, row["claim_id"], verdict),
    )  # fmt: skip


def chip_of(run: ReportContext, claim: object, verdict: str) -> Markup:
    """Write a verdict with its evidence."""
    return Markup('<span class="chip {}" data-evidence="{}">{}</span>').format(
        verdict, evidence_id("claims", (claim,), "verdict"), run.words.label(verdict)
    )


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
