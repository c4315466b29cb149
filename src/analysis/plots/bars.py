"""Horizontal bars with labels at their ends, and intervals where there are any."""

from collections.abc import Sequence
from typing import cast

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.measures.quantities import best_values, spell_best
from analysis.numbers import is_missing
from analysis.plots.frame import BLUE, DARK_BLUE, GREY, INK, MUTED, ORANGE, PALE_BLUE, drawable
from analysis.words import Words

_NARROWEST_DATA = 4.1  # inches that a figure of its own size leaves beside the longest labels


def draw_bars(
    axes: Axes,
    rows: pd.DataFrame,
    labels: Sequence[str],
    words: Words,
    *,
    posts: float = 0.0,
    colors: Sequence[str] | None = None,
) -> None:
    """Draw one bar a row: its length is the estimate where there is one, else the count.

    ``rows`` has ``items`` and may have ``estimate, low, high`` and ``published_scaled``, a value
    to mark; ``posts`` is the number of all posts, below a hundredth of which the label says "fewer
    than". The first row is drawn on top. A suppressed count has no bar and a dash.
    """
    values = best_values(rows).fillna(0)
    reach = _reach(rows, values)
    edge = max(float(reach.max()), 1.0)
    axes.barh(range(len(rows)), values, height=0.56, color=colors or _bar_colors(rows), zorder=2)
    for position, (_, row) in enumerate(rows.iterrows()):
        _mark_bar(axes, position, row)
        place = (float(reach.iloc[position]) + edge * 0.015, position)
        _label_bar(axes, place, spell_best(row, posts, words))
    style_bars(axes, labels, edge)


def _bar_colors(rows: pd.DataFrame) -> list[str]:
    """Colour corrected estimates pale, behind their intervals, and bare counts beside them grey."""
    if not has_intervals(rows):
        return [BLUE] * len(rows)
    return [GREY if is_missing(high) else PALE_BLUE for high in rows["high"]]


def _reach(rows: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Say how far right each row draws: bar, interval and mark."""
    ends = [
        values,
        *(rows[name].astype(float) for name in ("high", "published_scaled") if name in rows),
    ]
    return pd.concat(ends, axis=1).max(axis=1)


def _mark_bar(axes: Axes, position: int, row: pd.Series) -> None:
    """Draw the interval of a bar and the published value beside it."""
    if not is_missing(row.get("high")):
        axes.plot([row["low"], row["high"]], [position] * 2, color=DARK_BLUE, lw=1.6, zorder=4)
        axes.plot([row["estimate"]], [position], "o", color=DARK_BLUE, ms=4.2, zorder=5)
    if not is_missing(row.get("published_scaled")):
        ends = [position - 0.4, position + 0.4]
        axes.plot([row["published_scaled"]] * 2, ends, color=ORANGE, lw=2.4, zorder=3)


def _label_bar(axes: Axes, place: tuple[float, int], texts: tuple[str, str]) -> None:
    """Write the value of a bar, and its interval smaller behind it."""
    best, interval = texts
    label = axes.text(*place, best, va="center", ha="left", color=INK, size=9.2, zorder=6)
    if interval:
        axes.annotate(
            f" ({interval})", xy=(1, 0.5), xycoords=label, va="center", ha="left", color=MUTED,
            size=8.2,
        )  # fmt: skip


def style_bars(axes: Axes, labels: Sequence[str], edge: float, room: float = 1.34) -> None:
    """Name the bars, leave room for the labels at the ends, take the frame away.

    ``room`` is in lengths of the longest bar; on narrower axes the labels need a larger part.
    """
    axes.set_yticks(range(len(labels)), [drawable(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.6)
    width = axes.get_position().width * cast(Figure, axes.get_figure(root=True)).get_figwidth()
    labels_part = min((1 - 1 / room) * _NARROWEST_DATA / width, 0.7)
    axes.set_xlim(0, edge * max(room, 1 / (1 - labels_part)))
    axes.tick_params(axis="both", length=0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def has_intervals(rows: pd.DataFrame) -> bool:
    """Say whether the table carries audited estimates.

    Examples
    --------
    >>> has_intervals(pd.DataFrame({"items": [3], "high": [None]}))
    False
    """
    return "high" in rows and bool(rows["high"].notna().any())


def spell_bars(
    rows: pd.DataFrame, labels: Sequence[str], words: Words, *, posts: float = 0.0
) -> str:
    """Write the bars as words for readers who cannot see them.

    A bare count among estimates is called the coder's.

    Examples
    --------
    >>> from analysis.words import load_words
    >>> spell_bars(pd.DataFrame({"items": [3]}), ["Price"], load_words("en"))
    'Price 3'
    """
    parts = []
    for label, (_, row) in zip(labels, rows.iterrows(), strict=True):
        best, interval = spell_best(row, posts, words)
        if interval:
            best = words("list.with_interval", best=best, interval=interval)
        elif has_intervals(rows):
            best = words("list.coders_own", best=best)
        parts.append(f"{label} {best}")
    return words("list.semicolon").join(parts)
