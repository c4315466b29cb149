"""The common look of all figures: one theme, one palette, one frame around the data."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text

from analysis.numbers import scale_text
from analysis.reporting.font import drawable, register_font
from analysis.reporting.words import Words, window_of
from analysis.study.model import Study

# Blue against orange keeps apart for readers with any of the usual colour deficiencies;
# everything else is ink and greys.
INK, MUTED, RULE = "#1c232b", "#66707a", "#dfe3e7"
BLUE, PALE_BLUE, DARK_BLUE = "#2d6f9f", "#aecbde", "#123f5e"
ORANGE, PALE_ORANGE, GREY = "#d3711f", "#f0c9a5", "#c2c8ce"
WIDTH = 7.6  # inches; at 100 % this is a column of text
DPI = 160
TITLE_UNITS = 80  # of display width; a report may be called after a file of any name
TOP, BOTTOM = 1.02, 0.66  # inches for headline and source line
# No line begins with the first or ends with the second (GB/T 15834).
NOT_FIRST = frozenset("，。、；：？！）」』》〉】〕”’…—～·％,.;:?!)]}%")
NOT_LAST = frozenset("（「『《〈【〔“‘([{")


@dataclass(frozen=True)
class Setting:
    """What every figure must know beside its data."""

    study: Study
    words: Words
    simulated: bool
    scale: float

    @property
    def source(self) -> str:
        """The source line below a figure."""
        title = self.study.title_zh if self.words.language == "zh" else self.study.title_en
        key = "figure.source" if self.study.days else "figure.source_undated"
        return self.words(
            key, study=shorten(title, TITLE_UNITS), window=window_of(self.study, self.words)
        )

    @property
    def tag(self) -> str:
        """The warning on figures of simulated data; empty on real data."""
        if not self.simulated:
            return ""
        return self.words("scale.simulated", scale=scale_text(self.scale))


@dataclass(frozen=True)
class Drawing:
    """A finished figure with its words and the numbers behind it."""

    name: str
    canvas: Canvas
    title: str
    caption: str
    alt: str
    data: pd.DataFrame
    source_tables: tuple[str, ...] = field(default=())

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Show the figure in a notebook, with its alternative text."""
        return {"image/png": render(self.canvas, "png")}, {"image/png": {"alt": self.alt}}


@contextmanager
def theme() -> Iterator[None]:
    """Use the project's look inside the block and leave matplotlib as it was."""
    settings = sns.axes_style("white") | sns.plotting_context("paper")
    settings |= {
        "font.family": [register_font()],  # after seaborn's settings, which would reset it
        "font.size": 9.5,
        "text.color": INK,
        "axes.edgecolor": GREY,
        "axes.labelcolor": MUTED,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "patch.linewidth": 0.0,  # a white edge would hide the thin bars of a long window
        "patch.force_edgecolor": False,
        "text.parse_math": False,  # a dollar sign in a label is a dollar sign
        "axes.unicode_minus": True,
        "xtick.color": MUTED,
        "ytick.color": INK,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 9.5,
        "grid.color": RULE,
        "grid.linewidth": 0.7,
        "svg.hashsalt": "caodian",
        "svg.fonttype": "path",
    }
    with mpl.rc_context(settings):
        yield


def open_canvas(
    setting: Setting,
    key: str,
    *,
    height: float,
    left: float = 1.0,
    right: float = 0.3,
    subtitle: str | None = None,
) -> tuple[Canvas, Axes]:
    """Start a figure with headline, subtitle, source line and one pair of axes.

    ``height``, ``left`` and ``right`` are inches; the height is that of the data area.
    """
    canvas, _ = open_frame(setting, key, height=height, subtitle=subtitle)
    total = height + TOP + BOTTOM
    box = (left / WIDTH, BOTTOM / total, (WIDTH - left - right) / WIDTH, height / total)
    return canvas, canvas.add_axes(box)


def own_counts(setting: Setting, key: str, *, has_intervals: bool = False) -> str:
    """Give the subtitle of a figure of counts; without intervals it calls them the coder's own.

    Nothing by day or channel is corrected: the audit's sample is too small to be split so far.
    """
    subtitle = setting.words(f"figure.{key}.subtitle")
    if has_intervals:
        return subtitle
    return setting.words("figure.coders_own", subtitle=subtitle)


def open_frame(
    setting: Setting, key: str, *, height: float, subtitle: str | None = None, note: str = ""
) -> tuple[Canvas, float]:
    """Start a figure without axes and return it with its whole height in inches.

    ``note`` stands before the source line.
    """
    total = height + TOP + BOTTOM
    canvas = Canvas(figsize=(WIDTH, total), facecolor="white")
    FigureCanvasAgg(canvas)
    say = setting.words
    put = _Placer(canvas, total)
    put(0.12, 0.30, say(f"figure.{key}.title"), size=14.5, color=INK)
    text = wrap(say(f"figure.{key}.subtitle") if subtitle is None else subtitle, 104)
    put(0.12, 0.56, text, size=9.2, color=MUTED, va="center" if "\n" not in text else "top")
    put(0.12, total - 0.14, wrap(note + setting.source, 138), size=7.4, color=MUTED, va="bottom")
    if setting.tag:
        stamp(canvas, setting.tag, total)
    return canvas, total


def wrap(text: str, units: int) -> str:
    r"""Break a text at a display width: Han characters and their marks count two.

    Examples
    --------
    >>> wrap("one two three", 8)
    'one two\nthree'
    """
    lines, line, width = [], "", 0
    for part in _breakable(text):
        size = sum(2 if ord(character) > 0x2E7F else 1 for character in part)
        if line and width + size > units:
            lines.append(line.rstrip())
            line, width = "", 0
        line, width = line + (part if line else part.lstrip()), width + size
    return "\n".join([*lines, line])


def shorten(text: str, units: int) -> str:
    """Cut a text at a display width, with an ellipsis in place of what is cut.

    Examples
    --------
    >>> shorten("一二三四", 6), shorten("a-long-name", 6), shorten("short", 6)
    ('一二…', 'a-lon…', 'short')
    """
    kept, width = "", 0
    for character in text:
        width += 2 if _is_han(character) else 1
        # The ellipsis takes one unit, where anything follows.
        if width > units - (len(kept) + 1 < len(text)):
            return f"{kept}…"
        kept += character
    return kept


def _breakable(text: str) -> list[str]:
    """Split a text where a line may end: before a space, and beside a Han character.

    Examples
    --------
    >>> _breakable("来源：甲（2011年）"), _breakable("to A. B")
    (['来', '源：', '甲', '（2011', '年）'], ['to', ' A.', ' B'])
    """
    parts: list[str] = []
    for character in text:
        last = parts[-1][-1] if parts else " "
        may_end = character == " " or _is_han(character) or _is_han(last)
        if parts and (not may_end or character in NOT_FIRST or last in NOT_LAST):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _is_han(character: str) -> bool:
    return ord(character) > 0x2E7F


@dataclass(frozen=True)
class _Placer:
    """Put text at inches from the top left."""

    canvas: Canvas
    total: float

    def __call__(self, x: float, y: float, text: str, *, va: str = "center", **style: Any) -> None:  # noqa: ANN401
        self.canvas.text(
            x / WIDTH, 1 - y / self.total, text, ha="left", va=va, linespacing=1.35, **style
        )


def stamp(canvas: Canvas, text: str, total: float) -> None:
    """Say on the figure itself that the data are simulated; ``total`` is its height in inches.

    Examples
    --------
    >>> canvas = Canvas()
    >>> stamp(canvas, "Simulated data", 4.0)
    >>> [text.get_text() for text in canvas.texts]
    ['Simulated data']
    """
    canvas.text(
        1 - 0.16 / WIDTH, 1 - 0.30 / total, text, ha="right", va="center", size=8.6, color=ORANGE,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": ORANGE, "lw": 0.9},
    )  # fmt: skip


def render(canvas: Canvas, kind: str) -> bytes:
    """Turn a figure into the bytes of a PNG or SVG file, the same bytes on every run."""
    metadata: dict[str, Any] = {"Software": None} if kind == "png" else {"Date": None}
    if kind == "svg":
        metadata["Creator"] = None
    buffer = io.BytesIO()
    with theme():
        for text in canvas.findobj(Text):
            text.set_text(drawable(text.get_text()))
        canvas.savefig(buffer, format=kind, dpi=DPI, metadata=metadata)
    return buffer.getvalue()
