"""The legend of a figure, one line below its subtitle, and the room that labels need."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.reporting.plots.canvas import DARK_BLUE, INK, ORANGE, WIDTH, ReportFigure

LEGEND_LINE = 0.83  # inches from the top


@dataclass(frozen=True)
class LegendEntry:
    """One entry of a legend: a patch, a patch with an interval across it, or an upright mark."""

    text: str
    color: str = ""
    kind: str = "patch"


def display_width(text: str) -> float:
    """Estimate the width of a line of 9.5-point text in inches: Han characters are square.

    Examples
    --------
    >>> round(display_width("价格"), 2), round(display_width("Price"), 2)
    (0.26, 0.32)
    """
    return sum(0.132 if ord(character) > 0x2E7F else 0.064 for character in text)


def room_for(labels: Sequence[str]) -> float:
    """Give the inches that the longest label needs at the left of the bars.

    Examples
    --------
    >>> room_for(["Price"]) < room_for(["SMS harassment and personal data"])
    True
    """
    lines = [line for label in labels for line in label.split("\n")]
    return min(3.2, max((display_width(line) for line in lines), default=0.5) + 0.28)


def draw_legend(figure: ReportFigure, entries: Sequence[LegendEntry]) -> None:
    """Write the entries in one line."""
    total = figure.get_figheight()
    y, x = 1 - (LEGEND_LINE + figure.lowered) / total, 0.12
    for entry in entries:
        _draw_entry(figure, entry, x, y, total)
        figure.text((x + 0.26) / WIDTH, y, entry.text, size=8.4, va="center", ha="left", color=INK)
        x += 0.26 + display_width(entry.text) * 0.9 + 0.25


def _draw_entry(figure: Figure, entry: LegendEntry, x: float, y: float, total: float) -> None:
    half = 0.055 / total
    left, right = x / WIDTH, (x + 0.19) / WIDTH

    def line(xs: list[float], ys: list[float], color: str, width: float, marker: str = "") -> None:
        figure.add_artist(
            Line2D(xs, ys, color=color, lw=width, marker=marker, ms=4.2, solid_capstyle="butt")
        )

    if entry.kind == "mark":
        line([left + 0.008] * 2, [y - half * 1.4, y + half * 1.4], entry.color or ORANGE, 2.4)
    elif entry.kind == "line":
        line([left, right], [y, y], entry.color, 1.6)
    else:
        line([left + 0.004, right - 0.004], [y, y], entry.color, 8.0)
    if entry.kind == "interval":
        line([left, right], [y, y], DARK_BLUE, 1.5)
        line([(left + right) / 2], [y], DARK_BLUE, 1.5, "o")
