"""What all figures share: place and size, headline, source line, legend, and how they are saved."""

import inspect
import io
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from analysis.plots.arguments import Setting, document, with_look
from analysis.plots.style import (
    DARK_BLUE,
    FONT,
    INK,
    LEAST,
    MUTED,
    ORANGE,
    WIDTH,
    display_width,
    drawable,
    fit_lines,
    fold,
    text_width,
    theme,
    wrap,
)

_DPI = 160
_SOURCE_UNITS = 138  # of display width in a line
TOP, _BOTTOM = 1.02, 0.66  # inches for headline and source line
_LEFT, _RIGHT = 0.12, 0.3  # inches beside them
_LINE = 0.21  # inches of a further line of the subtitle
_TITLE_LINE = 0.28  # and of the headline
_TITLE_SIZE, _STAMP_SIZE = 14.5, 8.6  # points of the headline, and of the warning beside it
_SOURCE_LINE = 0.14  # and of the source line
EDGE = 0.06  # inches at the sides of a narrow figure
_NARROW_TITLE, _NARROW_TEXT = 12.5, 8.8  # points
_NARROW_LINES = (0.235, 0.175, 0.16)  # inches of a line of headline, subtitle and source
_NARROW_STAMP = 0.36  # inches of the warning above them
_ANY_HEIGHT = 2.4  # inches; the width does not depend on it


@dataclass(frozen=True)
class _Layout:
    """Where inches of a figure's own size stand on it, or on the axes that it is drawn into.

    Another size is taken by the data alone: what is left, right, above and below them keeps its
    inches. Places are from the left and from the top.
    """

    height: float
    margins: tuple[float, float]
    size: tuple[float, float] | None  # none on axes of the caller
    head: float = 0.0  # inches by which a headline of two lines moves everything down
    foot: float = 0.0  # inches that a long source line needs beside the usual
    width: float = WIDTH

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Give the shares of width and height at a place, from the lower left."""
        if self.size is None:
            left, right = self.margins
            return (x - left) / (self.width - left - right), 1 - (y - TOP) / self._tall
        across, down = self._grown(x, y)
        return (x + across) / self.size[0], 1 - (y + self.head + down) / self.size[1]

    def extent(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """Give the shares that a panel takes whose lower left corner stands at a place."""
        if self.size is None:
            return width / (self.width - sum(self.margins)), height / self._tall
        (across, down), (end, top) = self._grown(x, y), self._grown(x + width, y - height)
        return (width + end - across) / self.size[0], (height + down - top) / self.size[1]

    @property
    def _tall(self) -> float:
        return self.height - self.head - self.foot - TOP - _BOTTOM

    def _grown(self, x: float, y: float) -> tuple[float, float]:
        """Give the inches by which a place moves right and down."""
        if self.size is None:
            return 0.0, 0.0
        left, right = self.margins
        across = min(max((x - left) / (self.width - left - right), 0.0), 1.0)
        down = min(max((y - TOP) / self._tall, 0.0), 1.0)
        return across * (self.size[0] - self.width), down * (self.size[1] - self.height)


@dataclass(frozen=True)
class Readings:
    """What the marks of one pair of axes say: places in the units of the axes, and texts.

    ``along`` is the side on which a reader looks for the nearest: dates stand along ``x``, bars
    along ``y``.
    """

    axes: Axes
    places: Sequence[tuple[float, float]]
    texts: Sequence[str]
    along: str


class ReportFigure(Figure):
    """A matplotlib figure that shows itself in a notebook and carries its words and numbers.

    Attributes
    ----------
    title, caption
        What stands above the data.
    alt
        The figure in words, for those who cannot see it.
    table
        The rows behind it, in the order in which they are drawn; empty where there was nothing to
        show.
    """

    title: str = ""
    caption: str = ""
    alt: str = ""
    table: pd.DataFrame = pd.DataFrame()
    lowered: float = 0.0  # inches by which long headlines and subtitles move the legend down
    layout: _Layout
    host: Axes | None = None  # the caller's axes, which are drawn into instead
    is_narrow: bool = False  # laid out for a telephone

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.readings: list[Readings] = []  # what marks say, in the order in which they are read

    def add_panel(self, x: float, y: float, width: float, height: float) -> Axes:
        """Add axes with the lower left corner at inches of the figure's own size, from its top."""
        box = (*self.layout.place(x, y), *self.layout.extent(x, y, width, height))
        return self.add_axes(box) if self.host is None else self.host.inset_axes(box)

    def write(self, left: float, top: float, text: str, **style: Any) -> None:  # noqa: ANN401
        """Write beside a panel, placed as panels are."""
        x, y = self.layout.place(left, top)
        if self.host is None:
            self.text(x, y, text, **style)
        else:
            self.host.text(x, y, text, transform=self.host.transAxes, **style)

    def tell(
        self,
        axes: Axes,
        places: Iterable[tuple[float, float]],
        texts: Sequence[str],
        *,
        along: str = "x",
    ) -> None:
        """Say what marks stand for, where the figure can be asked: in a page."""
        self.readings.append(Readings(axes, list(places), texts, along))

    def insert_room(self, top: float, inches: float) -> None:
        """Make the figure higher by these inches at a place below its top.

        What lies above keeps its distance from the top, what lies below that from the bottom, and
        axes across the place grow.
        """
        old, new = self.get_figheight(), self.get_figheight() + inches

        def moved(share: float) -> float:
            place = (1 - share) * old
            return 1 - (place if place <= top else place + inches) / new

        for axes in self.axes:
            box = axes.get_position()
            low, high = moved(box.y0), moved(box.y1)
            axes.set_position((box.x0, low, box.width, high - low))
        for text in self.texts:
            text.set_y(moved(text.get_position()[1]))
        for line in self.lines:
            line.set_ydata([moved(float(y)) for y in np.asarray(line.get_ydata())])
        self.set_figheight(new)

    def draw(self, renderer: RendererBase) -> None:
        """Draw in the project's look, whoever asks for it: what is made late needs the font."""
        with theme():
            for text in self.findobj(Text):
                text.set_text(drawable(text.get_text()))
            super().draw(renderer)

    def describe(self, title: str, caption: str, alt: str, table: pd.DataFrame) -> "ReportFigure":
        """Keep the words of the figure and the numbers behind it."""
        self.title, self.caption, self.alt, self.table = title, caption, alt, table
        return self

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Show the figure in a notebook, with its alternative text."""
        return {"image/png": render(self, "png")}, {"image/png": {"alt": self.alt}}


def _show_as_drawn() -> None:
    """Keep IPython from cutting our figures to their ink, as it does with other figures."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    formatter = getattr(shell, "display_formatter", None)
    if formatter is not None:
        formatter.formatters["image/png"].for_type(
            ReportFigure, lambda figure: (render(figure, "png"), {"alt": figure.alt})
        )


P = ParamSpec("P")


def report_figure(plot: Callable[P, ReportFigure]) -> Callable[P, ReportFigure]:
    """Make a function that draws a figure one of the library.

    It takes what all figures share as ``**look: Unpack[Look]`` and hands it to `make_setting`.
    Here these become keyword arguments of its signature and parts of its docstring; it draws in
    the project's look and leaves matplotlib as it was. Its own section on what it returns holds
    only what is special to it.
    """
    signature = with_look(inspect.signature(plot))

    @wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> ReportFigure:
        try:
            ax = signature.bind(*args, **kwargs).arguments.get("ax")
        except TypeError as error:
            raise TypeError(f"{plot.__name__}() {error}") from None
        with theme():
            figure = plot(*args, **kwargs)
            if figure.is_narrow:
                _enlarge(figure)
            return figure if ax is None else cast(ReportFigure, _finish(ax))

    # `python -OO` leaves no docstring.
    drawn.__doc__ = document(plot.__doc__) if plot.__doc__ else None
    drawn.__signature__ = signature  # type: ignore[attr-defined]
    return drawn


def _enlarge(figure: ReportFigure) -> None:
    """Let no text be smaller than a telephone shows legibly."""
    for text in figure.findobj(Text):
        text.set_fontsize(max(LEAST, float(text.get_fontsize())))


def _finish(ax: Axes) -> Figure:
    """Give the texts on the caller's axes the font that has them all, and return their figure."""
    for text in ax.findobj(Text):
        text.set_text(drawable(text.get_text()))
        text.set_fontfamily(FONT)
        text.set_parse_math(False)
    return cast(Figure, ax.get_figure(root=True))


def open_figure(
    setting: Setting,
    key: str,
    *,
    height: float,
    left: float = 1.0,
    right: float = 0.3,
    subtitle: str | None = None,
    source: str | None = None,
    note: str = "",
    has_legend: bool = False,
) -> tuple[ReportFigure, Axes]:
    """Start a figure with headline, subtitle, source line and one pair of axes, or the caller's.

    ``height``, ``left`` and ``right`` are inches; the height is that of the data area. A legend
    stands lower where the subtitle has more than one line. ``note`` and ``source`` are as for
    `open_frame`.
    """
    text = setting.words(f"figure.{key}.subtitle") if subtitle is None else subtitle
    lines = wrap(text, setting.subtitle_units).count("\n") if has_legend else 0
    lowered = 0.0 if setting.is_narrow else _LINE * lines
    figure = open_frame(
        setting, key, height=height + lowered, margins=(left, right), subtitle=text, note=note,
        source=source,
    )  # fmt: skip
    figure.lowered += lowered
    if setting.ax is not None:
        setting.ax.set_axis_on()
        setting.ax.spines[["top", "right"]].set_visible(False)
        return figure, setting.ax
    if setting.is_narrow:
        right = max(EDGE, right - 0.2)
    wide, total = figure.get_size_inches()
    bottom = _BOTTOM + figure.layout.foot
    tall = total - bottom - TOP - figure.lowered
    return figure, figure.add_axes(
        (left / wide, bottom / total, (wide - left - right) / wide, tall / total)
    )


def own_counts(setting: Setting, key: str, *, has_intervals: bool = False) -> str:
    """Give the subtitle of a figure of counts; without intervals it calls them the coder's own.

    Nothing by day or channel is corrected: the audit's sample is too small to be split so far.
    """
    subtitle = setting.words(f"figure.{key}.subtitle")
    if has_intervals:
        return subtitle
    return setting.words("figure.coders_own", subtitle=subtitle)


def open_frame(
    setting: Setting,
    key: str,
    *,
    height: float,
    margins: tuple[float, float] = (_LEFT, _RIGHT),
    subtitle: str | None = None,
    note: str = "",
    source: str | None = None,
) -> ReportFigure:
    """Start a figure without axes, white and unknown to pyplot, so that it is shown once.

    ``height`` and the ``margins`` at the left and right are inches. ``note`` stands before the
    source line; ``source`` in its place, where the caller of the figure names none.
    """
    head = _Head("", "", "")
    if setting.ax is None:
        last = setting.source if source is None or setting.own_source is not None else source
        text = setting.words(f"figure.{key}.subtitle") if subtitle is None else subtitle
        head = _fit_head(setting, setting.title(key), text, note + last)
    own = height + TOP + _BOTTOM + head.lift + head.foot
    width, total = setting.size_for(own)
    figure = blank_figure(total, width)
    figure.host, figure.lowered, figure.is_narrow = setting.ax, head.lift, setting.is_narrow
    figure.layout = _Layout(
        own, margins, (width, total) if setting.ax is None else None, head.lift, head.foot,
        setting.width,
    )  # fmt: skip
    if setting.ax is not None:
        setting.ax.set_axis_off()  # panels stand inside
    elif setting.is_narrow:
        _write_narrow_head(figure, setting, head)
    else:
        _write_head_and_foot(figure, setting, head)
    if setting.tag:
        stamp(figure, setting.tag)
    return figure


def blank_figure(height: float, width: float = WIDTH) -> ReportFigure:
    """Start a white figure, unknown to pyplot, so that it is shown once; sizes are inches."""
    figure = ReportFigure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    _show_as_drawn()
    return figure


@dataclass(frozen=True)
class _Head:
    """Headline, subtitle and source line, broken into lines, and the inches they take beyond."""

    title: str
    text: str
    last: str
    lift: float = 0.0
    foot: float = 0.0


def _fit_head(setting: Setting, title: str, text: str, last: str) -> _Head:
    """Break the lines above and below the data at the width of the figure."""
    width = setting.size_for(_ANY_HEIGHT)[0]
    if setting.is_narrow:
        room = width - 2 * EDGE
        lines = ["\n".join(fit_lines(line, room, size)) if line else "" for line, size in (
            (title, _NARROW_TITLE), (text, _NARROW_TEXT), (last, LEAST))]  # fmt: skip
        named, told, sourced = (line.count("\n") + bool(line) for line in lines)
        taken = _NARROW_LINES[0] * named + _NARROW_LINES[1] * told + 0.18
        taken += _NARROW_STAMP if setting.tag else 0.0
        headline, told_lines, source = lines
        foot = _NARROW_LINES[2] * max(0, sourced - 1)
        return _Head(headline, told_lines, source, taken - TOP, foot)
    title = _fold_title(title, width - _LEFT - _RIGHT - _room_for_stamp(setting))
    last = wrap(last, int(_SOURCE_UNITS * width / WIDTH))
    foot = _SOURCE_LINE * max(0, last.count("\n") - 1)
    return _Head(
        title, wrap(text, setting.subtitle_units), last, _TITLE_LINE * title.count("\n"), foot
    )


def _write_head_and_foot(figure: ReportFigure, setting: Setting, head: _Head) -> None:
    """Write headline and subtitle above the data, and the source line below them."""
    width = figure.get_figwidth()
    put = _Placer(figure)
    headline = head.title.split("\n")
    room = width - _LEFT - _RIGHT - _room_for_stamp(setting)
    longest = max(text_width(line, _TITLE_SIZE) for line in headline)
    small = min(1.0, room / longest) if longest else 1.0
    for number, line in enumerate(headline):
        put(0.30 + number * _TITLE_LINE, line, size=_TITLE_SIZE * small, color=INK)
    put(
        0.56 + head.lift,
        head.text,
        size=9.2 * min(1.0, width / WIDTH),
        color=MUTED,
        va="center" if "\n" not in head.text else "top",
    )
    put(figure.get_figheight() - 0.14, head.last, size=7.4, color=MUTED, va="bottom")


def _write_narrow_head(figure: ReportFigure, setting: Setting, head: _Head) -> None:
    """Write the lines of a figure for a telephone, the warning in a line of its own above them."""
    put = _Placer(figure, EDGE)
    y = _NARROW_STAMP + 0.02 if setting.tag else 0.02
    for text, size, line, color in (
        (head.title, _NARROW_TITLE, _NARROW_LINES[0], INK),
        (head.text, _NARROW_TEXT, _NARROW_LINES[1], MUTED),
    ):
        for part in filter(None, text.split("\n")):
            put(y + line / 2, part, size=size, color=color)
            y += line
        y += 0.03
    put(figure.get_figheight() - 0.08, head.last, size=LEAST, color=MUTED, va="bottom")


def _fold_title(title: str, room: float) -> str:
    """Break a headline into two lines where one does not fit these inches."""
    if text_width(title, _TITLE_SIZE) <= room:
        return title
    # Half its units are enough for two even lines; more leave a longer first or second one.
    units = int(room / (display_width("x") * _TITLE_SIZE / 9.5))
    tries = [fold(title, few) for few in range(units + 8, units // 2, -1)]
    folded = [lines for lines in tries if "\n" in lines]
    widest = [max(text_width(line, _TITLE_SIZE) for line in lines.split("\n")) for lines in folded]
    fits = [lines for lines, inches in zip(folded, widest, strict=True) if inches <= room]
    if not folded:  # one long word
        return title
    return fits[0] if fits else folded[widest.index(min(widest))]


def _room_for_stamp(setting: Setting) -> float:
    """Give the inches that the warning of simulated data takes at the right of the headline."""
    return text_width(setting.tag, _STAMP_SIZE) + 0.3 if setting.tag else 0.0


def nothing_to_show(setting: Setting, key: str, table: pd.DataFrame) -> ReportFigure:
    """Make the figure of an empty table, which says so in one line; its table has no rows."""
    say = setting.words("figure.nothing")
    figure = open_frame(setting, key, height=0.1, subtitle=say)
    if setting.ax is not None:
        setting.ax.text(0.5, 0.5, say, transform=setting.ax.transAxes, ha="center", color=MUTED)
    return figure.describe(setting.title(key), say, say, table.head(0))


@dataclass(frozen=True)
class _Placer:
    """Put text at inches from the top, at the left margin."""

    figure: Figure
    left: float = _LEFT

    def __call__(self, y: float, text: str, *, va: str = "center", **style: Any) -> None:  # noqa: ANN401
        width, height = self.figure.get_size_inches()
        self.figure.text(
            self.left / width, 1 - y / height, text, ha="left", va=va, linespacing=1.35, **style
        )


def stamp(figure: ReportFigure, text: str) -> None:
    """Say on the figure itself, or above the caller's axes, that the data are simulated."""
    box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": ORANGE, "lw": 0.9}
    look: dict[str, Any] = {"ha": "right", "size": _STAMP_SIZE, "color": ORANGE, "bbox": box}
    if figure.host is not None:
        figure.host.annotate(
            text, (1, 1), xycoords="axes fraction", xytext=(0, 8), textcoords="offset points",
            va="bottom", **look,
        )  # fmt: skip
        return
    width, height = figure.get_size_inches()
    if figure.is_narrow:
        look["ha"] = "left"
        figure.text((EDGE + 0.05) / width, 1 - 0.17 / height, text, va="center", **look)
        return
    figure.text(1 - 0.16 / width, 1 - 0.30 / height, text, va="center", **look)


def render(figure: Figure, kind: str, *, dpi: float = _DPI) -> bytes:
    """Turn a figure into the bytes of a PNG, SVG or PDF file, the same bytes on every run."""
    metadata: dict[str, Any] = {
        "png": {"Software": None}, "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }[kind]  # fmt: skip
    buffer = io.BytesIO()
    with theme():
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata)
    return buffer.getvalue()


_LEGEND_LINE, _LEGEND_STEP, _LEGEND_GAP = 0.83, 0.19, 0.25  # inches: from the top, lines, entries
_LEGEND_SIZE = 8.4  # points


@dataclass(frozen=True)
class LegendEntry:
    """One entry of a legend.

    Its kind is a patch, an interval (a patch with one across), a line, a mark, a point, a dot (a
    point on its interval) or a ring.
    """

    text: str
    color: str = ""
    kind: str = "patch"


def draw_legend(figure: ReportFigure, entries: Sequence[LegendEntry]) -> None:
    """Write the entries in one line above the data."""
    if figure.host is not None:
        _draw_host_legend(figure.host, entries)
        return
    edge = EDGE if figure.is_narrow else _LEFT
    lines = _legend_lines(entries, figure.get_figwidth() - edge - EDGE)
    top = _LEGEND_LINE + figure.lowered
    if figure.is_narrow:
        top = TOP + figure.layout.head + 0.02
        figure.insert_room(top - 0.1, _LEGEND_STEP * len(lines) + 0.06 if lines else 0.0)
    elif len(lines) > 1:
        figure.insert_room(top + 0.05, _LEGEND_STEP * (len(lines) - 1))
    width, total = figure.get_size_inches()
    for number, line in enumerate(lines):
        x, y = edge, 1 - (top + number * _LEGEND_STEP) / total
        for entry, text in line:
            if entry is not None:
                _draw_entry(figure, entry, x, y)
            figure.text(
                (x + 0.26) / width, y, text, size=_LEGEND_SIZE, va="center", ha="left", color=INK
            )
            x += _entry_width(text)


def _legend_lines(
    entries: Sequence[LegendEntry], room: float
) -> list[list[tuple[LegendEntry | None, str]]]:
    """Put entries into lines; one that is longer than a line goes on in the next."""
    lines: list[list[tuple[LegendEntry | None, str]]] = []
    taken = room
    for entry in entries:
        needed = _entry_width(entry.text)
        if taken + needed - _LEGEND_GAP > room:
            first, *rest = fit_lines(entry.text, room - 0.26, _LEGEND_SIZE)
            lines.append([(entry, first)])
            lines += [[(None, part)] for part in rest]
            taken = _entry_width(lines[-1][-1][1])
        else:
            lines[-1].append((entry, entry.text))
            taken += needed
    return lines


def _entry_width(text: str) -> float:
    return 0.26 + max(text_width(text, _LEGEND_SIZE), display_width(text) * 0.9) + _LEGEND_GAP


_POINTS = ("point", "dot", "ring")


def _draw_entry(figure: Figure, entry: LegendEntry, x: float, y: float) -> None:
    width, total = figure.get_size_inches()
    half = 0.055 / total
    left, right = x / width, (x + 0.19) / width

    def line(xs: list[float], ys: list[float], color: str, width: float, marker: str = "") -> None:
        figure.add_artist(
            Line2D(xs, ys, color=color, lw=width, marker=marker, ms=4.2, solid_capstyle="butt")
        )

    if entry.kind == "mark":
        line([left + 0.008] * 2, [y - half * 1.4, y + half * 1.4], entry.color or ORANGE, 2.4)
    elif entry.kind == "line":
        line([left, right], [y, y], entry.color, 1.6)
    elif entry.kind in _POINTS:
        if entry.kind == "dot":
            line([left, right], [y, y], entry.color, 1.5)
        line([(left + right) / 2], [y], entry.color, 0.0, "o")
        if entry.kind == "ring":
            figure.artists[-1].set(markerfacecolor="white", markeredgewidth=1.4)
    else:
        line([left + 0.004, right - 0.004], [y, y], entry.color, 8.0)
    if entry.kind == "interval":
        line([left, right], [y, y], DARK_BLUE, 1.5)
        line([(left + right) / 2], [y], DARK_BLUE, 1.5, "o")


def _draw_host_legend(ax: Axes, entries: Sequence[LegendEntry]) -> None:
    """Put a legend of matplotlib's own above the caller's axes, over a stamp if there is one."""
    if not entries:
        return
    lift = 24 if any(text.get_bbox_patch() for text in ax.texts) else 2  # points
    legend = ax.legend(
        [_handle(entry) for entry in entries], [entry.text for entry in entries],
        handler_map={tuple: HandlerTuple(ndivide=1)}, loc="lower left", ncols=len(entries),
        frameon=False, fontsize=8.4, borderaxespad=0, handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip
    up = ScaledTranslation(0, lift / 72, cast(Figure, ax.get_figure(root=True)).dpi_scale_trans)
    legend.set_bbox_to_anchor((0, 1), ax.transAxes + up)


def _handle(entry: LegendEntry) -> Line2D | Patch | tuple[Patch, Line2D]:
    color = entry.color or ORANGE
    if entry.kind == "line":
        return Line2D([], [], color=color, lw=1.6)
    if entry.kind == "mark":
        return Line2D([], [], color=color, lw=0, marker="|", ms=8, mew=2.4)
    if entry.kind in _POINTS:
        face = "white" if entry.kind == "ring" else color
        return Line2D(
            [], [], color=color, lw=1.5 if entry.kind == "dot" else 0, marker="o", ms=4.2, mfc=face,
            mew=1.4 if entry.kind == "ring" else 0,
        )  # fmt: skip
    patch = Patch(facecolor=color)
    if entry.kind == "patch":
        return patch
    return patch, Line2D([], [], color=DARK_BLUE, lw=1.5, marker="o", ms=4.2)
