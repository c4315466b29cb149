"""The sections that answer: how many, about what, and how it changed by day."""

import pandas as pd
from markupsafe import Markup

from analysis.reporting.figures import Figure
from analysis.reporting.numbers import is_missing, scale_text, window_text
from analysis.reporting.plots.bars import best_values
from analysis.reporting.sections.blocks import Listing, Text
from analysis.reporting.sections.shape import (
    Run,
    Section,
    TableView,
    interval,
    mark,
    quoted,
    ratio,
    view,
)
from analysis.reporting.tables import qualified_sub

COUNT_COLUMNS = [
    ("grievance", "grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "count"), ("low", "interval", "interval"),
    ("families", "families", "count"), ("authors", "authors", "count"),
    ("share", "share", "share"), ("published", "published", "count"),
]  # fmt: skip
SUB_COLUMNS = [
    ("sub_grievance", "sub_grievance", "label"), ("items", "items", "count"),
    ("estimate", "estimate", "count"), ("low", "interval", "interval"),
    ("families", "families", "count"),
]  # fmt: skip
TREND_COLUMNS = [
    ("grievance", "grievance", "label"), ("verdict", "verdict", "label"),
    ("growth", "growth", "change"), ("low", "interval", "interval:change"),
    ("p", "p", "p"), ("p_holm", "p_holm", "p"), ("days", "days", "count"),
]  # fmt: skip
TREND_WORDS = ("growth", "decline", "flat", "no_trend", "not_testable")
DAILY_COLUMNS = [
    ("date", "date", "text"), ("items", "items", "count"), ("families", "families", "count"),
    ("grade", "grade", "label"),
]  # fmt: skip


def headline(run: Run) -> Section:
    """Answer first: how many negative items, what share, in which units, how sure."""
    say, counts = run.words, run.table("counts")
    total, negative = run.row("counts", "all"), run.row("counts", "negative")
    if total is None or negative is None:
        return Section("headline", say("section.headline"), absent=say("absent.counts"))
    window = run.study.window
    period = {
        "window": window_text(window.start, window.end, say.language),
        "days": len(window.days),
    }
    texts: list[Text] = [
        *_answer(run, negative, period),
        say.markup("text.units", **_units(run, "negative")),
        _leaders(run, counts),
    ]
    notes = [say.markup("text.covers" if run.is_audited else "text.covers_nothing")]
    return Section("headline", say("section.headline"), texts, notes)


def _answer(run: Run, negative: pd.Series, period: dict[str, object]) -> list[Markup]:
    """Say how many: the corrected estimate first where there was an audit."""
    say, whole = run.words, ("counts", "all", "items")
    counted = {
        "all": run.number("counts", "all", "items"),
        "negative": run.number("counts", "negative", "items"),
        "share": run.number("counts", "negative", "share", "share"),
    }
    if is_missing(negative.get("low")):
        return [say.markup("text.counted", **period, **counted), say.markup("text.uncorrected")]
    shares = {
        end: ratio(run, ("counts", "negative", end), whole) for end in ("estimate", "low", "high")
    }
    lead = say.markup(
        "text.corrected", **period, all=counted["all"],
        estimate=run.number("counts", "negative", "estimate"),
        interval=interval(run, "counts", "negative"), share=shares["estimate"],
        share_interval=say.markup("list.range", low=shares["low"], high=shares["high"]),
    )  # fmt: skip
    del counted["all"]
    return [lead, say.markup("text.own_count", **counted)]


def _units(run: Run, code: str) -> dict[str, Markup]:
    return {unit: run.number("counts", code, unit) for unit in ("items", "families", "authors")}


def _leaders(run: Run, counts: pd.DataFrame) -> Markup:
    say = run.words
    codes = counts[~counts["grievance"].isin(["all", "negative"]) & (counts["items"] > 0)]
    if codes.empty:
        return say.markup("text.no_codes")
    best = best_values(codes)
    order = best.sort_values(ascending=False, kind="stable").index[:3]
    column = "estimate" if run.is_audited else "items"
    parts = [
        say.markup("text.leader", label=say.label(code), items=run.number("counts", code, column))
        for code in codes.loc[order, "grievance"]
    ]
    return say.markup("text.leaders", leaders=Markup(say("list.comma")).join(parts))  # noqa: S704


def grievances(run: Run) -> Section:
    """Show every code in all units, with its interval and the published value."""
    say = run.words
    if run.table("counts").empty:
        return Section("grievances", say("section.grievances"), absent=say("absent.counts"))
    texts: list[Text] = [say.markup("text.overlap")]
    if run.study.published and run.simulated:
        texts.append(say.markup("text.published_simulated", scale=scale_text(run.scale)))
    elif not run.study.published:
        texts.append(say.markup("text.no_published"))
    if not run.is_audited:
        texts.append(say.markup("text.uncorrected"))
    return Section(
        "grievances", say("section.grievances"), texts, figures=figures_of(run, "grievances"),
        tables=[view(run, "counts", COUNT_COLUMNS, is_open=True)],
    )  # fmt: skip


def trends(run: Run) -> Section:
    """Say which codes changed over the window, and give the test behind each."""
    say, table = run.words, run.table("trends")
    figures = figures_of(run, "daily_negatives")
    if table.empty:
        return Section(
            "trends", say("section.trends"), figures=figures, absent=say("absent.trends")
        )
    sentence = (
        ("grievance", "grievance", "label"),
        (f"sentence_{say.language}", "sentence", "sentence"),
    )
    return Section(
        "trends", say("section.trends"), [_verdicts(run, table)], [say.markup("text.trend_rule")],
        figures,
        [
            view(run, "trends", TREND_COLUMNS, is_open=True),
            view(run, "trends", sentence, caption=say("table.sentences")),
            _daily_view(run, "negative"),
        ],
    )  # fmt: skip


def _verdicts(run: Run, table: pd.DataFrame) -> Listing:
    """Group the codes by the verdict of their trend."""
    say = run.words
    codes = table[~table["grievance"].isin(["all"])]
    groups = [(word, codes[codes["verdict"] == word]) for word in TREND_WORDS]
    return Listing([
        say("text.trend_group", verdict=say.label(word),
            names=say("list.comma").join(say.label(code) for code in rows["grievance"]))
        for word, rows in groups if len(rows)
    ])  # fmt: skip


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
        tables.append(_daily_view(run, code))
    return Section(key, title, texts, figures=figures_of(run, figure), tables=tables)


def _size(run: Run, code: str, row: pd.Series) -> Markup:
    say = run.words
    values = {
        "label": say.label(code), **_units(run, code),
        "share": run.number("counts", code, "share", "share"),
    }  # fmt: skip
    text = say.markup("text.code_size", **values)
    if is_missing(row.get("low")):
        return text
    return text + say.markup(
        "text.code_corrected",
        estimate=run.number("counts", code, "estimate"), interval=interval(run, "counts", code),
    )  # fmt: skip


def _parts(run: Run, code: str, parts: pd.DataFrame) -> Markup:
    say = run.words
    best = best_values(parts)
    ordered = parts.loc[best.sort_values(ascending=False, kind="stable").index]
    column = "estimate" if "estimate" in parts and parts["estimate"].notna().any() else "items"
    texts = [
        say.markup(
            "text.leader", label=say.label(row["sub_grievance"]),
            items=mark(
                "sub_grievances", (code, row["sub_grievance"]), column, row[column],
                kind="count", words=say,
            ),
        )
        for _, row in ordered.iterrows()
    ]  # fmt: skip
    return say.markup("text.parts", parts=Markup(say("list.comma")).join(texts))  # noqa: S704


def _daily_view(run: Run, code: str) -> TableView:
    daily = run.table("daily")
    caption = run.words("table.daily_of", label=run.words.label(code))
    rows = daily[daily["grievance"] == code] if len(daily) else daily
    return view(run, "daily", DAILY_COLUMNS, rows=rows, caption=caption)


def figures_of(run: Run, *names: str) -> list[Figure]:
    """Give those of the named figures that the run has."""
    return [run.figures[name] for name in names if name in run.figures]
