"""Figure of sentiment: how negative posts sound by two scores, by day and by cut-off."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from analysis.frames import AnyFrame
from analysis.numbers import share_text
from analysis.plots.frame import (
    BLUE,
    DARK_BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE_BLUE,
    RULE,
    TOP,
    WIDTH,
    LegendEntry,
    ReportFigure,
    Setting,
    draw_legend,
    make_setting,
    nothing_to_show,
    open_frame,
    take_dated,
    take_other,
    take_table,
    themed,
)
from analysis.plots.time_axis import Bands, band_entries, find_bands, frame_days, line_width
from analysis.study.model import Study

_LEFT, _RIGHT, _GAP = 0.6, 0.3, 0.55  # inches
_TITLE, _PANEL, _DAYS = 0.45, 1.6, 1.5
_BY_DAY = ["date", "posts", "snownlp_negative", "negative", "low", "high"]
_BY_CUTOFF = ["cutoff", "posts", "snownlp_negative", "negative"]


@themed
def plot_sentiment(
    cutoffs: AnyFrame,
    days: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw how negative posts sound: the distribution, the share at each cut-off, and by day.

    Parameters
    ----------
    cutoffs
        pandas or Polars table of `sweep_cutoffs(posts)`.
    days
        Table of `sentiment_by_day(posts)`, for the panel below; without rows there is none.
    event_days
        As for `plot_daily`.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`; `table` is that of the cut-offs.

    Raises
    ------
    CaodianError
        When a column is missing, a date is none, or the language is another.

    Examples
    --------
    >>> cutoffs = pd.DataFrame({"cutoff": [0.5], "posts": [9], "snownlp_negative": [0.6],
    ...                         "negative": [0.4]})
    >>> plot_sentiment(cutoffs, language="en").alt
    'At a cut-off of 0.5 SnowNLP calls 60.0% of the posts negative, ours 40.0%.'
    """
    rows = take_table(cutoffs, _BY_CUTOFF)
    by_day = take_other(days, _BY_DAY)
    by_day = by_day if by_day.empty else take_dated(by_day, _BY_DAY)
    dates = by_day["date"].astype(str).tolist()
    setting = make_setting(
        language, title, source, study, scale, dates=dates, event_days=event_days
    )
    if rows.empty:
        return nothing_to_show(setting, "sentiment", rows)
    say = setting.words
    height = _TITLE + _PANEL + 0.3 + (_TITLE + _DAYS if dates else 0)
    figure, total = open_frame(setting, "sentiment", height=height)
    half = (WIDTH - _LEFT - _RIGHT - _GAP) / 2

    def panel(key: str, left: float, top: float, width: float, high: float) -> Axes:
        figure.text(
            left / WIDTH, 1 - (top - 0.16) / total, say(f"figure.sentiment.{key}"), size=9.2,
            color=INK,
        )  # fmt: skip
        box = (left / WIDTH, 1 - (top + high) / total, width / WIDTH, high / total)
        return figure.add_axes(box)

    top = TOP + _TITLE
    _draw_distribution(panel("distribution", _LEFT, top, half, _PANEL), rows)
    _draw_cutoffs(panel("cutoffs", _LEFT + half + _GAP, top, half, _PANEL), rows)
    bands = find_bands(setting)
    if dates:
        top += _PANEL + 0.3 + _TITLE
        wide = panel("days", _LEFT, top, WIDTH - _LEFT - _RIGHT, _DAYS)
        _draw_days(wide, by_day, setting, bands)
    entries = [
        LegendEntry("SnowNLP", ORANGE, "line"),
        LegendEntry(say("figure.sentiment.ours"), DARK_BLUE, "line"),
    ]
    if dates:
        entries.append(LegendEntry(say("figure.sentiment.interval"), PALE_BLUE))
    draw_legend(figure, entries + (band_entries(dates, setting, bands) if dates else []))
    return figure.describe(
        setting.title("sentiment"), say("figure.sentiment.subtitle"), _spell(rows, setting), rows
    )


def _spell(rows: pd.DataFrame, setting: Setting) -> str:
    """Say the shares at the cut-off nearest to a half."""
    middle = rows.iloc[int((rows["cutoff"] - 0.5).abs().argmin())]
    return setting.words(
        "figure.sentiment.alt", cutoff=f"{middle['cutoff']:g}",
        theirs=share_text(middle["snownlp_negative"]), ours=share_text(middle["negative"]),
    )  # fmt: skip


def _draw_distribution(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw which share of the posts lies between two cut-offs, by each score."""
    edges = np.array([0.0, *rows["cutoff"], 1.0])
    for name, color in (("snownlp_negative", ORANGE), ("negative", DARK_BLUE)):
        below = np.array([1.0, *rows[name], 0.0])
        axes.stairs(-np.diff(below), edges, color=color, lw=1.4)
    _frame(axes)


def _draw_cutoffs(axes: Axes, rows: pd.DataFrame) -> None:
    for name, color in (("snownlp_negative", ORANGE), ("negative", DARK_BLUE)):
        axes.plot(rows["cutoff"], rows[name], color=color, lw=1.4)
    axes.axvline(0.5, color=RULE, lw=1.0, zorder=0)
    _frame(axes)


def _draw_days(axes: Axes, days: pd.DataFrame, setting: Setting, bands: Bands) -> None:
    places, dates = np.arange(len(days)), days["date"].tolist()
    axes.fill_between(places, days["low"], days["high"], color=PALE_BLUE, lw=0)
    for name, color in (("snownlp_negative", ORANGE), ("negative", BLUE)):
        axes.plot(places, days[name], color=color, lw=line_width(len(days)))
    frame_days(axes, dates, setting, bands)
    axes.set_ylim(0, min(1.0, float(days[["snownlp_negative", "high"]].max().max()) * 1.15))
    _in_percent(axes)


def _frame(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="both", length=2, labelsize=7.8, colors=MUTED)
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    _in_percent(axes)


def _in_percent(axes: Axes) -> None:
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
