"""Page one: what was found, how sure it is, and a summary to copy, all by fixed rules.

Nothing here is written by hand for a study. A headline, up to three cards and a summary follow from
the tables of the run; what the tables cannot bear is left out, and where they bear nothing the page
says that there is not enough to tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, log1p

import pandas as pd
from markupsafe import Markup

from analysis.corpus.readers.recognition import BY_TEXTS
from analysis.measures.quantities import best_values, is_corrected, is_told, printed_as
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import is_missing, period_text, rounded_text, scale_text
from analysis.reporting.sections.answers import Judged, first_codes, set_beside
from analysis.reporting.sections.days import (
    change_interval,
    has_judged,
    moved_by,
    none_changed,
    tell_tier,
    told_trend,
)
from analysis.reporting.sections.section import ReportContext, mark
from analysis.reporting.sections.sources import UNKNOWN_CHANNEL
from analysis.study.model import Study
from analysis.words import load_words, window_of

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
    findings: list[Markup] = field(default_factory=list)
    claims: list[Judged] = field(default_factory=list)
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
        _headline(run), find_headlines(run), set_beside(run), told, more, _summary(run),
        _sources(run), _limits(run),
    )  # fmt: skip


def headlines(
    tables: Mapping[str, pd.DataFrame],
    study: Study,
    language: str,
    *,
    simulated: bool = False,
    scale: float = 1.0,
) -> list[str]:
    """Give the two or three largest findings of a run as plain sentences.

    Parameters
    ----------
    tables
        The run's tables by name.
    study
        Its study.
    language
        ``zh`` or ``en``.
    simulated, scale
        Whether the corpus was simulated, and on what scale.
    """
    words = load_words(language, study.period)
    run = ReportContext(tables, {}, study, words, simulated, scale, (), {})
    return [" ".join(text.striptags().split()) for text in find_headlines(run)]


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
    moved = [code for code in _moved_kinds(run) if code in rest]
    chosen += [code for code in [*moved, *rest] if code not in chosen]
    return ["negative", *chosen[: _CARDS - 1]]


def _moved(run: ReportContext) -> list[str]:
    """List what clearly rose or fell, the surest first; none without an audit."""
    table = run.table("trends")
    if table.empty or not run.is_audited:
        return []
    sure = {}
    for _, row in table[table["grievance"] != "all"].iterrows():
        found, before = moved_by(run, row)
        if found in ("growth", "decline") and not is_missing(row[f"{before}growth"]):
            growth, low, high = (log1p(max(float(row[before + name]), -0.999))
                                 for name in ("growth", "low", "high"))  # fmt: skip
            # a share that moved comes before a count that did, since more may have been collected
            sure[str(row["grievance"])] = (before != "", -abs(growth) / max(high - low, 1e-9))
    return sorted(sure, key=lambda code: sure[code])


def _moved_kinds(run: ReportContext) -> list[str]:
    return [code for code in _moved(run) if code != "negative"]


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
    """Choose the second half of the headline: what moved, else what is largest."""
    say, moved, first = run.words, _moved_kinds(run), first_codes(run)
    if moved:
        return _tell_moved(run, moved[0], "clause")
    if len(first) == 1:
        return say.markup("first.clause_first", label=say.inside(first[0]))
    most = _largest(run)
    return say.markup("first.clause_most", names=run.listed(most)) if most else Markup()


def _tell_moved(run: ReportContext, code: str, key: str) -> Markup:
    """Tell how much a series rose or fell."""
    row = run.row("trends", code)
    if row is None:
        return Markup()
    found, before = moved_by(run, row)
    change = mark(
        "trends", (code,), f"{before}growth", row[f"{before}growth"], kind="size", words=run.words
    )
    return run.words.markup(
        f"first.{key}_{before}{found}", label=run.words.inside(code), growth=change,
        subject=run.words(f"first.{'number' if before else 'part'}{'_all' * (code == 'negative')}",
                          label=run.words.inside(code)),
        days=run.number("trends", code, "days"), interval=change_interval(run, code, row, before),
        tier=tell_tier(run, code, row, before),
    )  # fmt: skip


_MOST_FINDINGS = 3


def find_headlines(run: ReportContext) -> list[Markup]:
    """State the two or three largest findings: how many complain, what moved, what is largest."""
    say = run.words
    if not _is_enough(run) or _number(run, "all") < FEWEST_ITEMS:
        return []
    sizes = {
        "all": run.number("counts", "all", "items"), "share": run.share("negative"),
        "negative": run.best("negative"), "interval": run.interval("negative"),
    }  # fmt: skip
    row = run.row("counts", "negative")
    corrected = row is not None and is_corrected(row)
    told = [say.markup("first.finding_size" if corrected else "first.finding_counted", **sizes)]
    moved = _moved_kinds(run) or _moved(run)
    told += [_tell_moved(run, code, "finding") for code in moved[:1]]
    most = _largest(run)
    if most:
        parts = [
            say.markup("text.leader", label=say.inside(code), items=run.best(code)) for code in most
        ]
        told.append(say.markup("first.finding_most", n=len(parts), leaders=say.listed(parts)))
    told += [_tell_moved(run, code, "finding") for code in moved[1:2]]
    return told[:_MOST_FINDINGS]


def _largest(run: ReportContext) -> list[str]:
    """Give the largest code, with those that cannot be told from it, up to three."""
    counts = run.table("counts")
    rows = counts[~counts["grievance"].isin(["all", "negative"])]
    rows = rows[[is_told(row) for _, row in rows.iterrows()]]
    order = best_values(rows).sort_values(ascending=False, kind="stable").index
    ranked = list(rows.loc[order, "grievance"])
    tied = first_codes(run)
    return ranked[: min(max(len(tied), 1), 3) if tied else 2]


# The cards.


def _card(run: ReportContext, code: str) -> Card:
    say, row = run.words, run.row("counts", code)
    row = pd.Series(dtype=object) if row is None else row
    sure, why = _sureness(run, row)
    spark, says = _spark(run, code) if is_told(row) else (Markup(), Markup())
    best = row.get("estimate") if is_corrected(row) else row.get("items")
    rounded = (
        "" if printed_as(row) not in ("items", "estimate") else rounded_text(best, say.language)
    )
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
    moved = _moved_kinds(run) or _moved(run)
    if moved:
        return [_tell_moved(run, moved[0], "summary")]
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
