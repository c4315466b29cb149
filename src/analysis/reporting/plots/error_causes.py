"""Errors of a coder by cause: one bar a cause, its share beside it."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.frames import AnyFrame
from analysis.reporting.plots.bars import style_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    INK,
    MUTED,
    ORANGE,
    WIDTH,
    ReportFigure,
    blank_figure,
    make_setting,
    nothing_to_show,
    take_table,
    themed,
)  # fmt: skip
from analysis.reporting.plots.keys import room_for
from analysis.reporting.words import Words, load_words

COLORS = {"negative": BLUE, "codes": ORANGE, "voice": DARK_BLUE}
ROW, TOP, BOTTOM = 0.27, 0.85, 0.4  # inches


@themed
def plot_error_causes(table: AnyFrame, *, language: str = "zh") -> ReportFigure:
    """Draw how many errors each cause has, in the order of the table.

    Parameters
    ----------
    table
        pandas or Polars table: `about` (`negative`, `codes` or `voice`), `cause, errors, posts`.
    language
        `zh` or `en`.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows; `table` has the rows drawn.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> rows = pd.DataFrame([("codes", "neighbour_code", 3, 60, 0.05)], columns=[
    ...     "about", "cause", "errors", "posts", "share"])
    >>> plot_error_causes(rows, language="en").alt
    'wrong neighbour code 3 of 60'
    """
    say, table = load_words(language), take_table(table, ["about", "cause", "errors", "posts"])
    if table.empty:
        return nothing_to_show(make_setting(language, source=""), "error_causes", table)
    labels = [say(f"figure.error_causes.{cause}") for cause in table["cause"]]
    values = [
        say("figure.error_causes.value", errors=int(errors), posts=int(posts))
        for errors, posts in zip(table["errors"], table["posts"], strict=True)
    ]
    figure = _draw(table, labels, values, say)
    alt = [f"{label} {value}" for label, value in zip(labels, values, strict=True)]
    return figure.describe(
        say("figure.error_causes.title"), say("figure.error_causes.subtitle"),
        say("list.semicolon").join(alt), table,
    )  # fmt: skip


def _draw(table: pd.DataFrame, labels: list[str], values: list[str], say: Words) -> ReportFigure:
    height = ROW * len(table) + 0.1
    total = height + TOP + BOTTOM
    figure = blank_figure(total)
    for y, key, size, color in (
        (0.30, "title", 14.5, INK),
        (0.60, "subtitle", 9.2, MUTED),
        (total - 0.18, "source", 7.4, MUTED),
    ):
        text = say(f"figure.error_causes.{key}")
        figure.text(0.12 / WIDTH, 1 - y / total, text, va="center", size=size, color=color)
    left = room_for(labels)
    box = (left / WIDTH, BOTTOM / total, (WIDTH - left - 0.3) / WIDTH, height / total)
    _bars(figure.add_axes(box), table, labels, values)
    return figure


def _bars(axes: Axes, table: pd.DataFrame, labels: list[str], values: list[str]) -> None:
    edge = max(float(table["errors"].max()), 1.0)
    colors = [COLORS[about] for about in table["about"]]
    axes.barh(range(len(table)), table["errors"], height=0.56, color=colors, zorder=2)
    for at, (errors, value) in enumerate(zip(table["errors"], values, strict=True)):
        axes.text(errors + edge * 0.015, at, value, va="center", color=INK, size=9.0)
    style_bars(axes, labels, edge)
