"""Horizontal bars with labels at their ends, and intervals where there are any."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from analysis.reporting.numbers import count_text, is_missing, range_text
from analysis.reporting.plots.canvas import BLUE, DARK_BLUE, INK, MUTED, PALE_BLUE
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

    ``rows`` has ``items`` and may have ``estimate, low, high``. The first row is drawn on top.
    """
    values = best_values(rows)
    corrected = has_intervals(rows)
    fills = list(colors) if colors else [PALE_BLUE if corrected else BLUE] * len(rows)
    positions = range(len(rows))
    axes.barh(positions, values, height=0.56, color=fills, zorder=2)
    highs = rows["high"].astype(float).fillna(values) if corrected else values
    edge = float(max(highs.max(), values.max(), 1.0))
    for position, (_, row) in zip(positions, rows.iterrows(), strict=True):
        _label_bar(axes, position, row, words, edge)
    style_bars(axes, labels, edge)


def _label_bar(axes: Axes, position: int, row: pd.Series, words: Words, edge: float) -> None:
    """Draw the interval of a bar and write its value behind whatever reaches furthest."""
    end = float(row["items"])
    text, detail = count_text(row["items"]), ""
    if not is_missing(row.get("high")):
        low, high, middle = float(row["low"]), float(row["high"]), float(row["estimate"])
        axes.plot([low, high], [position, position], color=DARK_BLUE, lw=1.6, zorder=4)
        axes.plot([middle], [position], "o", color=DARK_BLUE, ms=4.2, zorder=5)
        end, text = max(high, middle), count_text(middle)
        detail = f" ({range_text(low, high, words)})"
    label = axes.text(
        end + edge * 0.015, position, text, va="center", ha="left", color=INK, size=9.2, zorder=6
    )
    if detail:
        axes.annotate(
            detail, xy=(1, 0.5), xycoords=label, va="center", ha="left", color=MUTED, size=8.2
        )


def style_bars(axes: Axes, labels: Sequence[str], edge: float, room: float = 1.34) -> None:
    """Name the bars, leave room for the labels at the ends, take the frame away."""
    axes.set_yticks(range(len(labels)), labels)
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
