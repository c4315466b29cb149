"""Page one: what was found, how sure it is, and a summary to copy, all by fixed rules.

Nothing here is written by hand for a study. A headline, up to three cards and a summary follow from
the tables of the run; what the tables cannot bear is left out, and where they bear nothing the page
says that there is not enough to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan

import pandas as pd
from markupsafe import Markup

from analysis.corpus.readers.recognition import BY_TEXTS
from analysis.measures.quantities import best_values, is_corrected, is_rare, is_told
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import is_missing, period_text, rounded_text, scale_text
from analysis.reporting.sections.answers import first_codes
from analysis.reporting.sections.days import has_judged, none_changed, told_trend
from analysis.reporting.sections.section import ReportContext, mark
from analysis.reporting.sections.sources import UNKNOWN_CHANNEL
from analysis.words import window_of

# How sure a number is, by the ratio of the ends of its interval: up to the width at which a claim
# can be judged at all (`quantities`), and up to twice as wide again.
_SURE, _ROUGH = 1.5, 3.0
# The published report gives these two a passage of their own; where a study tests its claims and
# has them, they have the second and third card.
_SINGLED_OUT = ("sms_harassment", "red_envelope")
_CARDS = 3
# The summary stays below what an editor can paste into a paragraph.
_LONGEST = {"zh": 120, "en": 80}
# Where none of so many is negative, less than one per cent of such posts is (rule of three).
_ENOUGH_FOR_NONE = 300
# A curve of fewer points than this shows nothing.
_FEWEST_POINTS = 5


@dataclass(frozen=True)
class Card:
    """One finding: its number, how sure it is, its days, and what they say."""

    key: str
    title: str
    number: Markup
    rounded: str
    interval: Markup
    sure: str
    sure_why: str
    spark: Markup
    spark_says: Markup
    sentences: list[Markup]


@dataclass(frozen=True)
class FirstPage:
    """What stands above everything else."""

    headline: Markup
    cards: list[Card] = field(default_factory=list)
    more: str = ""
    summary: Markup = field(default_factory=Markup)
    sources: Markup = field(default_factory=Markup)
    limits: str = ""


def first_page(run: ReportContext) -> FirstPage:
    """Build page one from the tables of a run."""
    say = run.words
    codes = _codes_of_cards(run)
    told = [_card(run, code) for code in codes]
    rest = "first.no_more" if len(told) > 1 else "first.no_kind"
    more = "" if len(told) == _CARDS or not told else say(rest, least=FEWEST_ITEMS)
    return FirstPage(
        _headline(run), told, more, _summary(run), _sources(run), _limits(run),
    )  # fmt: skip


# How much there is to go by.


def _number(run: ReportContext, code: str, column: str = "items") -> float:
    """Give a cell of the counts table, 0 where it is empty or withheld."""
    row = run.row("counts", code)
    value = None if row is None else row.get(column)
    return 0.0 if is_missing(value) else float(value)  # type: ignore[arg-type]


def _is_enough(run: ReportContext) -> bool:
    """Say whether there are enough negative items for more than their number."""
    row = run.row("counts", "negative")
    return row is not None and is_told(row)


def _codes_of_cards(run: ReportContext) -> list[str]:
    """Choose what the cards tell: negative items, then two codes that are large enough.

    They are those that the published report singles out, where the study tests claims; else the
    largest code, and of the others the clearest trend, or the next in size.
    """
    if not _is_enough(run):
        return ["negative"] if _number(run, "all") else []
    counts = run.table("counts")
    rows = counts[~counts["grievance"].isin(["all", "negative"])]
    rows = rows[[is_told(row) for _, row in rows.iterrows()]]
    sizes = best_values(rows)
    order = list(rows.loc[sizes.sort_values(ascending=False, kind="stable").index, "grievance"])
    chosen = [code for code in _SINGLED_OUT if code in order] if run.study.claims else []
    rest = [code for code in order if code not in chosen]
    if rest and not chosen:
        chosen.append(rest.pop(0))
    moved = [code for code in _moved(run) if code in rest]
    chosen += [code for code in [*moved, *rest] if code not in chosen]
    return ["negative", *chosen[: _CARDS - 1]]


def _moved(run: ReportContext) -> list[str]:
    """List the codes that clearly rose or fell, the clearest first; none without an audit."""
    table = run.table("trends")
    if table.empty or not run.is_audited:
        return []
    rows = table[
        table["verdict"].isin(["growth", "decline"]) & ~table["grievance"].isin(["all", "negative"])
    ]
    return [str(code) for code in rows.sort_values("p_holm", kind="stable")["grievance"]]


# The headline.


def _headline(run: ReportContext) -> Markup:
    """State the share of negative items, and of all else the one thing that is surest."""
    say, posts = run.words, _number(run, "all")
    if not posts:
        return say.markup("first.nothing")
    numbers = {
        "all": run.number("counts", "all", "items"),
        "negative": run.number("counts", "negative", "items"),
    }
    if posts < FEWEST_ITEMS:
        return say.markup("first.few_posts", all=numbers["all"])
    if not _is_enough(run):
        return say.markup(f"first.{_tell_few(run, posts)}", **numbers)
    share = say.markup(
        "first.share" if run.is_audited else "first.share_unaudited", share=run.share("negative")
    )
    clause = _clause(run) if run.is_audited else Markup()
    return say.markup("first.headline", share=share, clause=clause) if clause else share


def _tell_few(run: ReportContext, posts: float) -> str:
    """Choose how few negative items are told. That there are none needs posts enough to say so."""
    row = run.row("counts", "negative")
    items = None if row is None else row.get("items")
    if run.is_audited or is_missing(items) or items:
        return "few_negative"
    return "none_negative" if posts >= _ENOUGH_FOR_NONE else "none_of_few"


def _clause(run: ReportContext) -> Markup:
    """Choose the second half of the headline: what moved, what is largest, or that none moved."""
    say, moved, first = run.words, _moved(run), first_codes(run)
    if moved:
        verdict = str(run.row("trends", moved[0])["verdict"])  # type: ignore[index]
        return say.markup(f"first.clause_{verdict}", label=run.words.inside(moved[0]))
    if len(first) == 1:
        return say.markup("first.clause_first", label=run.words.inside(first[0]))
    if has_judged(run, of_kinds=True):
        code = _last_judged(run)
        return say.markup("first.clause_none", days=run.number("trends", code, "days"))
    return Markup()


def _last_judged(run: ReportContext) -> str:
    table = run.table("trends")
    return str(table.loc[table["verdict"] != "not_testable", "grievance"].iloc[-1])


# The cards.


def _card(run: ReportContext, code: str) -> Card:
    say, row = run.words, run.row("counts", code)
    row = pd.Series(dtype=object) if row is None else row
    sure, why = _sureness(run, row)
    spark, says = _spark(run, code) if is_told(row) else (Markup(), Markup())
    best = row.get("estimate") if is_corrected(row) else row.get("items")
    rounded = "" if is_rare(row, run.posts) else rounded_text(best, say.language)
    return Card(
        code, say.label(code), run.best(code), rounded,
        run.interval(code) if is_corrected(row) else Markup(),
        sure, why, spark, says, _sentences(run, code, row),
    )  # fmt: skip


def _sureness(run: ReportContext, row: pd.Series) -> tuple[str, str]:
    """Give the word for how sure a number is, and why, by the one rule for it.

    Without an audit nothing is known of the coder's error on these posts: not checked. Below the
    minimum: too few. Else by the ratio of the ends of the interval: sure, rough or unsure.
    """
    say = run.words
    if not is_told(row):
        return "few", say("first.why_few", least=FEWEST_ITEMS)
    if not is_corrected(row):
        return "unchecked", say("first.why_unchecked")
    low, high = float(row["low"]), float(row["high"])
    word = next(
        (word for word, most in (("sure", _SURE), ("rough", _ROUGH)) if high <= most * low),
        "unsure",
    )
    return word, say(f"first.why_{word}")


def _sentences(run: ReportContext, code: str, row: pd.Series) -> list[Markup]:
    """Say what share a number is, and how it moved."""
    if not is_told(row):
        return [run.words.markup("first.too_few")]
    key = "first.of_posts" if code == "negative" else "first.of_negative"
    is_known = is_corrected(row) or not is_missing(row["share"])
    told = [run.words.markup(key, share=run.share(code))] if is_known else []
    trend = told_trend(run, code)
    if trend:
        told.append(trend)
    elif not run.study.days:
        told.append(run.words.markup("first.undated"))
    return told


def _spark(run: ReportContext, code: str) -> tuple[Markup, Markup]:
    """Draw the days of a code as a small curve, and name its lowest and its highest day.

    Days that were withheld or that the collection cannot vouch for leave a gap.
    """
    say, name = run.words, run.study.series
    table = run.table(name)
    rows = table[table["grievance"] == code] if len(table) else table
    if len(rows) < _FEWEST_POINTS:
        return Markup(), Markup()
    rows = rows.sort_values("date", kind="stable")
    items = pd.to_numeric(rows["items"], errors="coerce").astype(float)
    if "grade" in rows:
        items = items.mask(rows["grade"].astype(str).isin(["unfit", "partial"]))
    # Where no post at all was collected, no complaint is no lowest count.
    whole = table[table["grievance"] == "all"].set_index("date")["items"]
    items = items.mask(rows["date"].map(whole).eq(0).to_numpy())
    known = items.dropna()
    if len(known) < _FEWEST_POINTS or known.max() <= 0:
        return Markup(), Markup()
    ends: dict[str, object] = {}
    for end, at in (("lowest", int(known.argmin())), ("highest", int(known.argmax()))):
        row = rows[items.notna()].iloc[at]
        ends[end] = mark(name, (row["date"], code), "items", row["items"], kind="count", words=say)
        often = int(known.eq(known.iloc[at]).sum())
        ends[f"{end}_day"] = (
            period_text(row["date"], run.period, say.language)
            if often == 1
            else say("first.spark_often", n=often)
        )
    says = say.markup("first.spark", **ends)
    label = say("first.spark_alt", label=say.label(code), says=says.striptags())
    return _curve(items.tolist(), label), says


_WIDE, _HIGH, _MARGIN = 240.0, 56.0, 4.0


def _curve(values: Sequence[float], label: str) -> Markup:
    """Draw values as an SVG line that starts at zero, with a dot at the last highest one."""
    top = max(value for value in values if not isnan(value))
    step = (_WIDE - 2 * _MARGIN) / max(len(values) - 1, 1)
    points = [
        None
        if isnan(value)
        else (_MARGIN + step * n, _HIGH - _MARGIN - (_HIGH - 2 * _MARGIN) * value / top)
        for n, value in enumerate(values)
    ]  # fmt: skip
    path, is_open = [], False
    for point in points:
        if point is not None:
            path.append(f"{'L' if is_open else 'M'}{round(point[0], 1)} {round(point[1], 1)}")
        is_open = point is not None
    x, y = next(p for p, v in zip(points, values, strict=True) if p is not None and v == top)
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line x1="0" x2="{}" y1="{}" y2="{}"/><path d="{}"/>'
        '<circle cx="{}" cy="{}" r="3.5"/></svg>'
    ).format(
        round(_WIDE), round(_HIGH), label, round(_WIDE), _HIGH - _MARGIN, _HIGH - _MARGIN,
        " ".join(path), round(x, 1), round(y, 1),
    )  # fmt: skip


# What can be copied, and what it rests on.


def _summary(run: ReportContext) -> Markup:
    """Write what a run found in a few sentences that stay true when they travel alone.

    A sentence is taken while it fits; the first ones, which say what kind of data these are and
    how many negative items there are, always do.
    """
    say = run.words
    if not _number(run, "all"):
        return Markup()
    parts = [say.markup("first.summary_simulated", scale=scale_text(run.scale))] * run.simulated
    parts.append(_summary_count(run))
    more: list[Markup] = []
    if _is_enough(run) and run.is_audited:
        more = [
            *_summary_trend(run),
            *_summary_first(run),
            say.markup(run.by_recoding("first.summary_interval")),
        ]
    more += _summary_families(run)
    if not _is_enough(run):
        parts.append(say.markup("first.too_few"))
    for part in more:
        longer = say.sentences([*parts, part])
        if _length(longer, say.language) <= _LONGEST[say.language]:
            parts.append(part)
    return say.sentences(parts)


def _length(text: Markup, language: str) -> int:
    """Count characters in Chinese, words in English."""
    shown = text.striptags()
    return len(shown) if language == "zh" else len(shown.split())


def _summary_count(run: ReportContext) -> Markup:
    say, row = run.words, run.row("counts", "negative")
    corrected = row is not None and is_corrected(row)
    key = "first.summary_corrected" if corrected else "first.summary_counted"
    return say.markup(
        key if run.study.days else f"{key}_undated",
        window=window_of(run.study, say), all=run.number("counts", "all", "items"),
        negative=run.best("negative"), share=run.share("negative"),
        **({"interval": run.interval("negative")} if corrected else {}),
    )  # fmt: skip


def _summary_families(run: ReportContext) -> list[Markup]:
    """Say of how few different texts the negative items are, where these are half or fewer."""
    families = _number(run, "negative", "families")
    if not _is_enough(run) or not families or families * 2 > _number(run, "negative"):
        return []
    number = run.number("counts", "negative", "families")
    return [run.words.markup("first.summary_families", families=number)]


def _summary_trend(run: ReportContext) -> list[Markup]:
    moved = _moved(run)
    if moved:
        verdict = str(run.row("trends", moved[0])["verdict"])  # type: ignore[index]
        return [run.words.markup(f"first.summary_{verdict}", label=run.words.inside(moved[0]))]
    return [none_changed(run)] if has_judged(run) else []


def _summary_first(run: ReportContext) -> list[Markup]:
    first, say = first_codes(run), run.words
    if not first:
        return []
    key = "first.summary_first" if len(first) == 1 else "first.summary_tied"
    return [say.markup(key, names=run.listed(first))]


def _sources(run: ReportContext) -> Markup:
    """Say in one line where the posts come from, and of how many nobody knows."""
    say, table = run.words, run.table("channels")
    files = len(run.table("reconciliation"))
    posts = run.number("counts", "all", "items")
    if not _number(run, "all"):
        return Markup()
    if table.empty:
        return say.markup("first.sources_files", n=files, all=posts)
    named = table[table["channel"] != UNKNOWN_CHANNEL]
    if named.empty:
        return say.markup("first.sources_unknown", all=posts)
    largest = named.sort_values(["items", "channel"], ascending=[False, True], kind="stable")
    names = [str(channel) for channel in largest["channel"].head(3)]
    key = "first.sources_some" if len(named) > len(names) else "first.sources"
    read = run.table("reconciliation")
    is_told = "era" in read and read["era"].astype(str).str.endswith(BY_TEXTS).any()
    if is_told and len(table) == 1:
        key = "first.sources_told"  # where no file and no column names the place
    told = [say.markup(key, names=run.listed(names), n=len(named), all=posts)]
    if is_told and len(table) > 1:
        told.append(say.markup("first.sources_guessed"))
    unknown = run.row("channels", UNKNOWN_CHANNEL)
    if unknown is not None and not is_missing(unknown["items"]) and unknown["items"]:
        number = run.number("channels", UNKNOWN_CHANNEL, "items")
        told.append(say.markup("first.sources_partly", n=number))
    return say.sentences(told)


def _limits(run: ReportContext) -> str:
    say = run.words
    if not _number(run, "all"):
        return ""
    return say("first.limits_simulated" if run.simulated else "first.limits") + say(
        run.by_recoding("first.limits_audited") if run.is_audited else "first.limits_unaudited"
    )
