"""Figures of the collection: what each step left out, and which days can bear a trend."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.numbers import count_text
from analysis.reporting.plots.bars import style_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    RULE,
    Drawing,
    Setting,
    open_canvas,
)  # fmt: skip
from analysis.reporting.plots.day_axes import band_signs, frame_days
from analysis.reporting.plots.keys import Sign, draw_key, room_for
from analysis.reporting.tables import table_or_empty

Tables = dict[str, pd.DataFrame]
GRADES = {"good": PALE_BLUE, "doubtful": PALE_ORANGE, "partial": RULE, "unfit": GREY}


def plot_funnel(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the posts left after each step and what each step dropped."""
    rows = table_or_empty(tables, "funnel")
    if rows.empty:
        return None
    rows, say = rows.reset_index(drop=True), setting.words
    labels = [step_label(step, setting) for step in rows["step"]]
    canvas, axes = open_canvas(
        setting, "funnel", height=0.42 * len(rows) + 0.1, left=room_for(labels)
    )
    edge = max(float(rows[["posts_in", "posts_out"]].max().max()), 1.0)
    axes.barh(range(len(rows)), rows["posts_in"], height=0.56, color=PALE_ORANGE, zorder=1)
    axes.barh(range(len(rows)), rows["posts_out"], height=0.56, color=BLUE, zorder=2)
    for position, row in enumerate(rows.fillna({"posts_in": 0, "dropped": 0}).to_dict("records")):
        _label_step(axes, position, row, edge, setting)
    style_bars(axes, labels, edge, room=1.42)
    parts = [
        say("figure.funnel.part", step=label, out=count_text(out))
        for label, out in zip(labels, rows["posts_out"], strict=True)
    ]
    return Drawing(
        "funnel", canvas, say("figure.funnel.title"), say("figure.funnel.subtitle"),
        say("figure.funnel.alt", values=say("list.semicolon").join(parts)), rows, ("funnel",),
    )  # fmt: skip


def _label_step(
    axes: Axes, position: int, row: dict[Any, Any], edge: float, setting: Setting
) -> None:
    """Write what is left after a step, and smaller what it dropped."""
    out = axes.text(
        row["posts_in"] + edge * 0.015, position, count_text(row["posts_out"]), va="center",
        size=9.2, color=INK,
    )  # fmt: skip
    if row["dropped"]:
        text = setting.words("figure.funnel.dropped", dropped=count_text(row["dropped"]))
        axes.annotate(f"  {text}", xy=(1, 0.5), xycoords=out, va="center", size=8.2, color=ORANGE)


def step_label(step: str, setting: Setting) -> str:
    """Name a step of the pipeline; an unknown one keeps its own name."""
    return setting.words.texts.get(f"step.{step}", str(step).replace("_", " "))


def plot_coverage(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw all posts by day, coloured by the grade of the day's collection."""
    study = setting.study
    daily, grades = table_or_empty(tables, study.series), table_or_empty(tables, study.coverage)
    if daily.empty or grades.empty:
        return None
    say = setting.words
    totals = daily[daily["grievance"] == "all"].set_index("date")["items"]
    rows = grades.sort_values("date", kind="stable").reset_index(drop=True)
    rows["items"] = rows["date"].map(totals).fillna(0)
    canvas, axes = open_canvas(setting, "coverage", height=2.3, left=0.7)
    colors = [GRADES.get(str(grade), GREY) for grade in rows["grade"]]
    axes.bar(
        range(len(rows)),
        rows["items"],
        width=0.78 if len(rows) <= 60 else 1.0,
        color=colors,
        zorder=2,
    )
    days = rows["date"].astype(str).tolist()
    frame_days(axes, days, setting, tables)
    axes.set_ylim(0, max(float(rows["items"].max()), 1.0) * 1.1)
    parts = [
        say(
            "figure.coverage.part", grade=say.label(grade),
            n=int((rows["grade"].astype(str) == grade).sum()),
        )
        for grade in _present_grades(rows)
    ]  # fmt: skip
    kinds = _present_grades(rows)
    signs = [Sign(part, GRADES[grade]) for part, grade in zip(parts, kinds, strict=True)]
    draw_key(canvas, signs + band_signs(days, setting, {}))
    return Drawing(
        "collection_coverage", canvas, say("figure.coverage.title"),
        say("figure.coverage.subtitle"),
        say("figure.coverage.alt", values=say("list.semicolon").join(parts)), rows,
        (study.coverage, study.series),
    )  # fmt: skip


def _present_grades(rows: pd.DataFrame) -> list[str]:
    """Give the grades of the legend: partial weeks and months are named where there are any."""
    has_partial = bool((rows["grade"].astype(str) == "partial").any())
    return [grade for grade in GRADES if grade != "partial" or has_partial]
