"""One section a code that the model report singles out: size, days, parts."""

import pandas as pd
from markupsafe import Markup

from analysis.numbers import is_missing
from analysis.reporting.estimates import best_values, is_corrected, is_told
from analysis.reporting.sections.blocks import Text
from analysis.reporting.sections.days import daily_view
from analysis.reporting.sections.marks import marked_best, quoted
from analysis.reporting.sections.shape import Run, Section
from analysis.reporting.sections.views import view
from analysis.reporting.tables import qualified_sub

SUB_COLUMNS = [
    ("sub_grievance", "sub_grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "best"), ("low", "interval", "interval"),
    ("families", "families", "count"),
]  # fmt: skip
OWN_SECTION = ("live_streaming", "sms_harassment", "red_envelope", "price")


def live_streaming(run: Run) -> Section:
    """Show live streaming: its count, its days, its parts."""
    return _of_code(run, "live_streaming", "live_streaming_by_day", daily=True)


def sms(run: Run) -> Section:
    """Show SMS harassment: its count, its days, its parts."""
    return _of_code(run, "sms_harassment", "sms_by_day", daily=True)


def red_envelopes(run: Run) -> Section:
    """Show what is wrong with red envelopes."""
    return _of_code(run, "red_envelope", "red_envelopes", daily=False)


def price(run: Run) -> Section:
    """Show the strands of price complaints."""
    return _of_code(run, "price", "price_strands", daily=False)


def _of_code(run: Run, code: str, figure: str, *, daily: bool) -> Section:
    say, row = run.words, run.row("counts", code)
    key, title = code.replace("_", "-"), say(f"section.{code}")
    if row is None or is_missing(row["items"]) or not float(row["items"]):
        return Section(key, title, absent=say("absent.code", label=say.label(code)))
    if not is_told(row):
        return Section(key, title, [_small(run, code)], part_of="grievances")
    texts: list[Text] = [_size(run, code, row)]
    trend = run.row("trends", code)
    if daily and trend is not None and not is_missing(trend[f"sentence_{say.language}"]):
        column = f"sentence_{say.language}"
        texts.append(quoted("trends", (code,), column, str(trend[column])))
    parts = _parts_of(run, code)
    tables = []
    listed = _listed(run, code, parts)
    if listed:
        texts.append(say.markup("text.parts", parts=listed))
    if len(parts):
        caption = say("table.subs_of", label=say.label(code))
        tables.append(view(run, "sub_grievances", SUB_COLUMNS, rows=parts, caption=caption))
    if daily and len(run.table(run.study.series)):
        tables.append(daily_view(run, code))
    return Section(key, title, texts, figures=run.drawn(figure), tables=tables)


def small_codes(run: Run) -> list[Markup]:
    """Give a line on the parts of each code that has no section of its own."""
    subs, lines = run.table("sub_grievances"), []
    for code in dict.fromkeys(subs["grievance"]) if len(subs) else []:
        row = run.row("counts", str(code))
        if row is None or is_missing(row["items"]) or not float(row["items"]):
            continue
        if code not in OWN_SECTION or not is_told(row):
            lines.append(_small(run, str(code)))
    return lines


def _small(run: Run, code: str) -> Markup:
    """Say in one line what there is to say of a code without a section of its own."""
    say = run.words
    size = say.markup("text.leader", label=say.label(code), items=run.best(code))
    listed = _listed(run, code, _parts_of(run, code))
    if not listed:
        return say.markup("text.code_without_parts", size=size)
    return say.markup("text.code_small", size=size, parts=listed)


def _parts_of(run: Run, code: str) -> pd.DataFrame:
    """Take the sub-grievances of a code under their whole names."""
    subs = run.table("sub_grievances")
    if subs.empty:
        return subs
    parts = subs[subs["grievance"] == code].copy()
    parts["sub_grievance"] = [qualified_sub(code, sub) for sub in parts["sub_grievance"]]
    return parts


def _size(run: Run, code: str, row: pd.Series) -> Markup:
    say = run.words
    label, share = say.label(code), run.share(code)
    units = run.units(code)
    if not is_corrected(row):
        return say.markup(f"text.code_size{run.units_suffix}", label=label, share=share, **units)
    lead = say.markup(
        "text.code_corrected", label=label, estimate=run.best(code), share=share,
        interval=run.interval(code),
    )  # fmt: skip
    return lead + say.markup(f"text.code_own{run.units_suffix}", **units)


def _listed(run: Run, code: str, parts: pd.DataFrame) -> Markup:
    """List the parts of a code that have items, largest first."""
    say = run.words
    if parts.empty:
        return Markup("")
    best = best_values(parts)
    there = (best > 0) | (parts["items"].astype(float) > 0)
    order = best[there].sort_values(ascending=False, kind="stable").index
    texts = [
        say.markup(
            "text.leader", label=say.label(row["sub_grievance"]),
            items=marked_best("sub_grievances", (code, row["sub_grievance"]), row, run.posts, say),
        )
        for _, row in parts.loc[order].iterrows()
    ]  # fmt: skip
    return Markup(say("list.parts")).join(texts)  # noqa: S704 - our own file
