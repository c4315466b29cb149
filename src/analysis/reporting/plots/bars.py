"""Horizontal bars with labels at their ends, and intervals where there are any."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from analysis.reporting.font import drawable
from analysis.reporting.numbers import count_text, is_missing, range_text
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALE_BLUE,
)  # fmt: skip
from analysis.reporting.words import Words


def draw_bars(
    axes: Axes,
    rows: pd.DataFrame,
    labels: Sequence[str],
    words: Words,
    *,
    colors: Sequence[str] | None = None,
) -> None:
    """Draw one bar a row: its length is the estimate where there is one, else the count.

    ``rows`` has ``items`` and may have ``estimate, low, high`` and ``published_scaled``, a value
    to mark. The first row is drawn on top. A suppressed count has no bar and a dash.
    """
    values = best_values(rows).fillna(0)
    reach = _reach(rows, values)
    edge = max(float(reach.max()), 1.0)
    axes.barh(range(len(rows)), values, height=0.56, color=colors or bar_colors(rows), zorder=2)
    for position, (_, row) in enumerate(rows.iterrows()):
        _mark_bar(axes, position, row)
        _label_bar(axes, position, row, float(reach.iloc[position]) + edge * 0.015, words)
    style_bars(axes, labels, edge)


def bar_colors(rows: pd.DataFrame) -> list[str]:
    """Colour corrected estimates pale, behind their intervals, and bare counts beside them grey.

    Examples
    --------
    >>> bar_colors(pd.DataFrame({"items": [3], "high": [None]})) == [BLUE]
    True
    """
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


def _label_bar(axes: Axes, position: int, row: pd.Series, x: float, words: Words) -> None:
    """Write the value of a bar, and its interval smaller behind it."""
    corrected = not is_missing(row.get("high"))
    text = count_text(row["estimate"] if corrected else row["items"])
    label = axes.text(x, position, text, va="center", ha="left", color=INK, size=9.2, zorder=6)
    if corrected:
        detail = f" ({range_text(row['low'], row['high'], words)})"
        axes.annotate(
            detail, xy=(1, 0.5), xycoords=label, va="center", ha="left", color=MUTED, size=8.2
        )


def style_bars(axes: Axes, labels: Sequence[str], edge: float, room: float = 1.34) -> None:
    """Name the bars, leave room for the labels at the ends, take the frame away."""
    axes.set_yticks(range(len(labels)), [drawable(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.6)
    axes.set_xlim(0, edge * room)
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


def best_values(rows: pd.DataFrame) -> pd.Series:
    """Take the corrected estimate of each row, or its count where there is none.

    Examples
    --------
    >>> best_values(pd.DataFrame({"items": [3, 5], "estimate": [None, 4.0]})).tolist()
    [3.0, 4.0]
    """
    items = rows["items"].astype(float)
    return rows["estimate"].astype(float).fillna(items) if "estimate" in rows else items


def spell_bars(rows: pd.DataFrame, labels: Sequence[str], words: Words) -> str:
    """Write the bars as words for readers who cannot see them.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> spell_bars(pd.DataFrame({"items": [3]}), ["Price"], load_words("en"))
    'Price 3'
    """
    parts = []
    for label, value, (_, row) in zip(labels, best_values(rows), rows.iterrows(), strict=True):
        interval = range_text(row.get("low"), row.get("high"), words)
        parts.append(f"{label} {count_text(value)}" + (f" ({interval})" if interval else ""))
    return words("list.semicolon").join(parts)
