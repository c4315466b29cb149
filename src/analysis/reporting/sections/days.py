"""The section on trends: which codes changed over the window, with the test behind each."""

import pandas as pd
from markupsafe import Markup

from analysis.measures.trend_rule import ALPHA
from analysis.reporting.sections.blocks import Listing
from analysis.reporting.sections.shape import Run, Section, TableView
from analysis.reporting.sections.views import view

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


def trends(run: Run) -> Section:
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
            _verdicts(run, table),
            *_as_all(run, table),
            *_withdrawn(run, table),
            *run.notes("trends"),
        ],
        [say.markup("text.trend_rule")],
        figures,
        [
            view(run, "trends", TREND_COLUMNS, rows=judged, is_open=True),
            view(run, "trends", sentence, caption=say("table.sentences")),
            daily_view(run, "negative"),
        ],
    )  # fmt: skip


def _as_all(run: Run, table: pd.DataFrame) -> list[Markup]:
    """Say when all posts move the same way: more posts bring more complaints, no worse ones."""
    say = run.words
    whole = table.loc[table["grievance"] == "all", "verdict"].tolist()
    if not whole or whole[0] not in ("growth", "decline"):
        return []
    if not (table.loc[table["grievance"] != "all", "verdict"] == whole[0]).any():
        return []
    change = run.number("trends", "all", "growth", "change")
    return [say.markup(f"text.all_{whole[0]}", change=change)]


def _withdrawn(run: Run, table: pd.DataFrame) -> list[Markup]:
    """Name the series whose small p did not make a trend, and say where the reason stands."""
    say = run.words
    held = table[(table["verdict"] == "no_trend") & (table["p_holm"].astype(float) < ALPHA)]
    names = [say.label(code) for code in held["grievance"] if code != "all"]
    if not names:
        return []
    listed, sentences = say("list.comma").join(names), say("table.sentences")
    return [say.markup("text.withdrawn", names=listed, sentences=sentences)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _verdicts(run: Run, table: pd.DataFrame) -> Listing:
    """Group the codes by the verdict of their trend."""
    say = run.words
    codes = table[~table["grievance"].isin(["all"])]
    groups = [(word, codes[codes["verdict"] == word]) for word in TREND_WORDS]
    return Listing([
        say("text.trend_group", verdict=_capital(say.label(word)),
            names=say("list.comma").join(say.label(code) for code in rows["grievance"]))
        for word, rows in groups if len(rows)
    ])  # fmt: skip


def daily_view(run: Run, code: str) -> TableView:
    """Show a code by day, week or month."""
    name = run.study.series
    daily = run.table(name)
    caption = run.words("table.daily_of", label=run.words.label(code))
    rows = daily[daily["grievance"] == code] if len(daily) else daily
    return view(run, name, DAILY_COLUMNS, rows=rows, caption=caption)
