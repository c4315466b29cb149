"""One section a code that the model report singles out: size, days, parts."""

import pandas as pd
from markupsafe import Markup

from analysis.numbers import is_missing
from analysis.reporting.estimates import best_values, is_corrected
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
    if row is None or not float(row["items"]):
        return Section(key, title, absent=say("absent.code", label=say.label(code)))
    texts: list[Text] = [_size(run, code, row)]
    trend = run.row("trends", code)
    if daily and trend is not None and not is_missing(trend[f"sentence_{say.language}"]):
        column = f"sentence_{say.language}"
        texts.append(quoted("trends", (code,), column, str(trend[column])))
    subs = run.table("sub_grievances")
    parts = subs[subs["grievance"] == code].copy() if len(subs) else subs
    tables = []
    if len(parts):
        parts["sub_grievance"] = [qualified_sub(code, sub) for sub in parts["sub_grievance"]]
        texts.append(_parts(run, code, parts))
        caption = say("table.subs_of", label=say.label(code))
        tables.append(view(run, "sub_grievances", SUB_COLUMNS, rows=parts, caption=caption))
    if daily and len(run.table("daily")):
        tables.append(daily_view(run, code))
    return Section(key, title, texts, figures=run.drawn(figure), tables=tables)


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


def _parts(run: Run, code: str, parts: pd.DataFrame) -> Markup:
    say = run.words
    best = best_values(parts)
    ordered = parts.loc[best.sort_values(ascending=False, kind="stable").index]
    texts = [
        say.markup(
            "text.leader", label=say.label(row["sub_grievance"]),
            items=marked_best(
                "sub_grievances", (code, row["sub_grievance"]), row, run.posts, say
            ),
        )
        for _, row in ordered.iterrows()
    ]  # fmt: skip
    return say.markup("text.parts", parts=Markup(say("list.comma")).join(texts))  # noqa: S704
