"""Figures of the collection: what each step left out, and which days can bear a trend."""

from collections.abc import Collection
from datetime import date
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.frames import AnyFrame
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
    ReportFigure,
    Setting,
    make_setting,
    nothing_to_show,
    open_figure,
    take_dated,
    take_table,
    themed,
)  # fmt: skip
from analysis.reporting.plots.day_axes import Bands, band_entries, find_bands, frame_days
from analysis.reporting.plots.keys import LegendEntry, draw_legend, room_for
from analysis.study.model import Study

GRADES = {"good": PALE_BLUE, "doubtful": PALE_ORANGE, "partial": RULE, "unfit": GREY}


@themed
def plot_funnel(
    funnel: AnyFrame,
    *,
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw the posts left after each step and what each step dropped.

    Parameters
    ----------
    funnel
        pandas or Polars table of a run, `funnel`: `step, posts_in, posts_out, dropped`, in posts.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> funnel = pd.DataFrame({"step": ["read"], "posts_in": [9], "posts_out": [8], "dropped": [1]})
    >>> plot_funnel(funnel, language="en").alt
    'Funnel: 8 left after reading.'
    """
    setting = make_setting(language, title, source, study, scale)
    rows = take_table(funnel, ["step", "posts_in", "posts_out", "dropped"])
    if rows.empty:
        return nothing_to_show(setting, "funnel", rows)
    say = setting.words
    labels = [step_label(step, setting) for step in rows["step"]]
    figure, axes = open_figure(
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
    return figure.describe(
        setting.title("funnel"), say("figure.funnel.subtitle"),
        say("figure.funnel.alt", values=say("list.semicolon").join(parts)), rows,
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


@themed
def plot_coverage(
    coverage: AnyFrame,
    daily: AnyFrame,
    *,
    event_days: Collection[str | date] = (),
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw all posts by day, coloured by the grade of the day's collection.

    Parameters
    ----------
    coverage
        pandas or Polars table of the collection: `date, grade` (`good`, `doubtful`, `unfit`, and
        `partial` for a week or month that is not whole).
    daily
        Table of `count_grievances(posts, by="date")`; its rows `all` are the heights.
    event_days
        As for `plot_daily`.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`; `table` is the coverage by date with `items`.

    Raises
    ------
    CaodianError
        When a column is missing, a date is none, or the language is another.

    Examples
    --------
    >>> coverage = pd.DataFrame({"date": ["2020-06-01"], "grade": ["good"]})
    >>> daily = pd.DataFrame({"date": ["2020-06-01"], "grievance": ["all"], "items": [9]})
    >>> plot_coverage(coverage, daily, language="en").table.values.tolist()
    [['2020-06-01', 'good', 9]]
    """
    rows, counted = take_dated(coverage, ["date", "grade"]), take_dated(daily)
    setting = make_setting(
        language, title, source, study, scale, dates=rows["date"].tolist(), event_days=event_days
    )
    if rows.empty or counted.empty:
        return nothing_to_show(setting, "coverage", rows)
    say, bands = setting.words, find_bands(setting, rows)
    totals = counted[counted["grievance"] == "all"].set_index("date")["items"]
    rows = rows.sort_values("date", kind="stable").reset_index(drop=True)
    rows["items"] = rows["date"].map(totals).fillna(0)
    figure, axes = open_figure(setting, "coverage", height=2.3, left=0.7, has_legend=True)
    colors = [GRADES.get(str(grade), GREY) for grade in rows["grade"]]
    axes.bar(
        range(len(rows)), rows["items"], width=0.78 if len(rows) <= 60 else 1.0, color=colors,
        zorder=2,
    )  # fmt: skip
    days = rows["date"].tolist()
    frame_days(axes, days, setting, bands)
    axes.set_ylim(0, max(float(rows["items"].max()), 1.0) * 1.1)
    kinds = _present_grades(rows)
    parts = [
        say(
            "figure.coverage.part", grade=say.label(grade),
            n=int((rows["grade"].astype(str) == grade).sum()),
        )
        for grade in kinds
    ]  # fmt: skip
    entries = [LegendEntry(part, GRADES[grade]) for part, grade in zip(parts, kinds, strict=True)]
    events = Bands(events=bands.events)  # the grades are in the legend by their colours
    draw_legend(figure, entries + band_entries(days, setting, events))
    return figure.describe(
        setting.title("coverage"), say("figure.coverage.subtitle"),
        say("figure.coverage.alt", values=say("list.semicolon").join(parts)), rows,
    )  # fmt: skip


def _present_grades(rows: pd.DataFrame) -> list[str]:
    """Give the grades of the legend: partial weeks and months are named where there are any."""
    has_partial = bool((rows["grade"].astype(str) == "partial").any())
    return [grade for grade in GRADES if grade != "partial" or has_partial]
