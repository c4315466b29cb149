"""Errors of a coder by cause: one bar a cause, its share beside it."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from analysis.reporting.plots.bars import style_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    INK,
    MUTED,
    ORANGE,
    WIDTH,
    Drawing,
    theme,
)  # fmt: skip
from analysis.reporting.plots.keys import room_for
from analysis.reporting.words import Words, load_words

COLORS = {"negative": BLUE, "codes": ORANGE, "voice": DARK_BLUE}
ROW, TOP, BOTTOM = 0.27, 0.85, 0.4  # inches


def plot_error_causes(table: pd.DataFrame, language: str = "zh") -> Drawing:
    """Draw how many errors each cause has, in the order of the table.

    Parameters
    ----------
    table
        ``about, cause, errors, posts, share``.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Drawing
        The figure; its rows are those drawn.

    Examples
    --------
    >>> rows = pd.DataFrame([("codes", "neighbour_code", 3, 60, 0.05)], columns=[
    ...     "about", "cause", "errors", "posts", "share"])
    >>> plot_error_causes(rows, "en").alt
    'wrong neighbour code 3 of 60'
    """
    say = load_words(language)
    labels = [say(f"figure.error_causes.{cause}") for cause in table["cause"]]
    values = [
        say("figure.error_causes.value", errors=int(errors), posts=int(posts))
        for errors, posts in zip(table["errors"], table["posts"], strict=True)
    ]
    with theme():
        canvas = _draw(table, labels, values, say)
    alt = [f"{label} {value}" for label, value in zip(labels, values, strict=True)]
    return Drawing(
        "error_causes", canvas, say("figure.error_causes.title"),
        say("figure.error_causes.subtitle"), say("list.semicolon").join(alt), table,
        ("error_causes",),
    )  # fmt: skip


def _draw(table: pd.DataFrame, labels: list[str], values: list[str], say: Words) -> Canvas:
    height = ROW * len(table) + 0.1
    total = height + TOP + BOTTOM
    canvas = Canvas(figsize=(WIDTH, total), facecolor="white")
    FigureCanvasAgg(canvas)
    for y, key, size, color in (
        (0.30, "title", 14.5, INK),
        (0.60, "subtitle", 9.2, MUTED),
        (total - 0.18, "source", 7.4, MUTED),
    ):
        text = say(f"figure.error_causes.{key}")
        canvas.text(0.12 / WIDTH, 1 - y / total, text, va="center", size=size, color=color)
    left = room_for(labels)
    box = (left / WIDTH, BOTTOM / total, (WIDTH - left - 0.3) / WIDTH, height / total)
    _bars(canvas.add_axes(box), table, labels, values)
    return canvas


def _bars(axes: Axes, table: pd.DataFrame, labels: list[str], values: list[str]) -> None:
    edge = max(float(table["errors"].max()), 1.0)
    colors = [COLORS[about] for about in table["about"]]
    axes.barh(range(len(table)), table["errors"], height=0.56, color=colors, zorder=2)
    for at, (errors, value) in enumerate(zip(table["errors"], values, strict=True)):
        axes.text(errors + edge * 0.015, at, value, va="center", color=INK, size=9.0)
    style_bars(axes, labels, edge)
