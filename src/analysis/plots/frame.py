"""What all figures share: place and size, headline, source line, legend, and how they are saved."""

import inspect
import io
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, cast

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

from analysis.plots.arguments import LOOK_DEFAULTS, Look, Setting
from analysis.plots.style import (
    DARK_BLUE,
    FONT,
    INK,
    MUTED,
    ORANGE,
    WIDTH,
    display_width,
    drawable,
    fold,
    theme,
    wrap,
)

_DPI = 160
_SOURCE_UNITS = 138  # of display width in a line
TOP, _BOTTOM = 1.02, 0.66  # inches for headline and source line
_LEFT, _RIGHT = 0.12, 0.3  # inches beside them
_LINE = 0.21  # inches of a further line of the subtitle
_TITLE_LINE = 0.28  # and of the headline
_TITLE_SIZE = 1.5  # of the headline over the text that `display_width` measures
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

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Give the shares of width and height at a place, from the lower left."""
        if self.size is None:
            left, right = self.margins
            return (x - left) / (WIDTH - left - right), 1 - (y - TOP) / self._tall
        across, down = self._grown(x, y)
        return (x + across) / self.size[0], 1 - (y + self.head + down) / self.size[1]

    def extent(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """Give the shares that a panel takes whose lower left corner stands at a place."""
        if self.size is None:
            return width / (WIDTH - sum(self.margins)), height / self._tall
        (across, down), (end, top) = self._grown(x, y), self._grown(x + width, y - height)
        return (width + end - across) / self.size[0], (height + down - top) / self.size[1]

    @property
    def _tall(self) -> float:
        return self.height - self.head - TOP - _BOTTOM

    def _grown(self, x: float, y: float) -> tuple[float, float]:
        """Give the inches by which a place moves right and down."""
        if self.size is None:
            return 0.0, 0.0
        left, right = self.margins
        across = min(max((x - left) / (WIDTH - left - right), 0.0), 1.0)
        down = min(max((y - TOP) / self._tall, 0.0), 1.0)
        return across * (self.size[0] - WIDTH), down * (self.size[1] - self.height)


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


_LOOK_PARAMETERS = """
language
    `zh` or `en`.
title
    Another headline.
source
    Where the posts come from, for the source line; an empty text for no such line.
study
    The study (`load_study`), for the source line, event days and published values.
scale
    Scale of a simulated corpus, `0.01` for 1:100: published counts are multiplied by it, and
    the figure says that its data are simulated.
ax
    Axes of yours to draw into: then there are no headline and no source line, and the legend
    stands above the data.
size
    Width, or width and height, in inches. Text keeps its size, the data take the room.
"""
_LOOK_RETURNS = """ReportFigure
    A matplotlib figure that a notebook shows; `table` has the rows behind it, empty where there
    was nothing to show, and `alt` says it in words. With `ax` the figure of those axes, which has
    neither.
"""
_LOOK_RAISES = """CaodianError
    When a column is missing, a date or code is none, the language is another, or a size is too
    small.
"""


P = ParamSpec("P")


def report_figure(plot: Callable[P, ReportFigure]) -> Callable[P, ReportFigure]:
    """Make a function that draws a figure one of the library.

    It takes what all figures share as ``**look: Unpack[Look]`` and hands it to `make_setting`.
    Here these become keyword arguments of its signature and parts of its docstring; it draws in
    the project's look and leaves matplotlib as it was. Its own section on what it returns holds
    only what is special to it.
    """
    signature = _with_look(inspect.signature(plot))

    @wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> ReportFigure:
        try:
            ax = signature.bind(*args, **kwargs).arguments.get("ax")
        except TypeError as error:
            raise TypeError(f"{plot.__name__}() {error}") from None
        with theme():
            figure = plot(*args, **kwargs)
            return figure if ax is None else cast(ReportFigure, _finish(ax))

    drawn.__doc__ = _document(plot.__doc__ or "")
    drawn.__signature__ = signature  # type: ignore[attr-defined]
    return drawn


def _with_look(signature: inspect.Signature) -> inspect.Signature:
    """Put the shared keyword arguments in the place of ``**look``."""
    own = [part for part in signature.parameters.values() if part.kind is not part.VAR_KEYWORD]
    shared = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=value,
            annotation=Look.__annotations__[name],
        )
        for name, value in LOOK_DEFAULTS.items()
    ]
    return signature.replace(parameters=[*own, *shared])


def _document(text: str) -> str:
    """Put what all figures share into a docstring, section by section."""
    summary, *rest = re.split(r"\n\n(?=[A-Z]\w+\n-+\n)", inspect.cleandoc(text))
    own = dict(re.split(r"\n-+\n", part) for part in rest)
    returned = own.get("Returns", "").removeprefix("ReportFigure").rstrip()
    sections = {
        "Parameters": own["Parameters"] + _LOOK_PARAMETERS,
        "Returns": _LOOK_RETURNS.rstrip() + returned,
        "Raises": _LOOK_RAISES,
        "Examples": own["Examples"],
    }
    told = [f"{name}\n{'-' * len(name)}\n{body.strip()}" for name, body in sections.items()]
    return "\n\n".join([summary, *told]) + "\n"


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
    lowered = _LINE * lines
    figure = open_frame(
        setting, key, height=height + lowered, margins=(left, right), subtitle=text, note=note,
        source=source,
    )  # fmt: skip
    figure.lowered += lowered
    if setting.ax is not None:
        setting.ax.set_axis_on()
        setting.ax.spines[["top", "right"]].set_visible(False)
        return figure, setting.ax
    y, width = figure.layout.height - figure.layout.head - _BOTTOM, WIDTH - left - right
    box = figure.layout.extent(left, y, width, height)
    return figure, figure.add_axes(
        (left / figure.get_figwidth(), _BOTTOM / figure.get_figheight(), *box)
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
    title, head = "", 0.0
    if setting.ax is None:
        title = fold(setting.title(key), _title_units(setting))
        head = _TITLE_LINE * title.count("\n")
    own = height + TOP + _BOTTOM + head
    width, total = setting.size_for(own)
    figure = blank_figure(total, width)
    figure.host, figure.lowered = setting.ax, head
    figure.layout = _Layout(own, margins, (width, total) if setting.ax is None else None, head)
    if setting.ax is not None:
        setting.ax.set_axis_off()  # panels stand inside
    if setting.ax is None:
        text = setting.words(f"figure.{key}.subtitle") if subtitle is None else subtitle
        last = setting.source if source is None or setting.own_source is not None else source
        _write_head_and_foot(figure, setting, (title, text, note + last))
    if setting.tag:
        stamp(figure, setting.tag)
    return figure


def blank_figure(height: float, width: float = WIDTH) -> ReportFigure:
    """Start a white figure, unknown to pyplot, so that it is shown once; sizes are inches."""
    figure = ReportFigure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    _show_as_drawn()
    return figure


def _write_head_and_foot(
    figure: ReportFigure, setting: Setting, lines: tuple[str, str, str]
) -> None:
    """Write headline and subtitle above the data, and the source line below them."""
    (title, text, last), width = lines, figure.get_figwidth()
    text, last = wrap(text, setting.subtitle_units), wrap(last, int(_SOURCE_UNITS * width / WIDTH))
    put = _Placer(figure)
    headline = title.split("\n")
    room = width - _LEFT - _RIGHT - _room_for_stamp(setting)
    small = min(1.0, room / (max(map(display_width, headline)) * _TITLE_SIZE or 1.0))
    for number, line in enumerate(headline):
        put(0.30 + number * _TITLE_LINE, line, size=14.5 * small, color=INK)
    put(
        0.56 + figure.layout.head,
        text,
        size=9.2 * min(1.0, width / WIDTH),
        color=MUTED,
        va="center" if "\n" not in text else "top",
    )
    put(figure.get_figheight() - 0.14, last, size=7.4, color=MUTED, va="bottom")


def _shrink(figure: ReportFigure, needed: float) -> float:
    """Say how much smaller a line must be written to fit a figure narrower than its own size."""
    width = figure.get_figwidth()
    return min(1.0, (width - _LEFT - _RIGHT) / needed) if needed and width < WIDTH else 1.0


def _title_units(setting: Setting) -> int:
    """Give the display width of a line of the headline, beside the warning if there is one."""
    room = setting.size_for(_ANY_HEIGHT)[0] - _LEFT - _RIGHT - _room_for_stamp(setting)
    return int(room / (display_width("x") * _TITLE_SIZE))


def _room_for_stamp(setting: Setting) -> float:
    """Give the inches that the warning of simulated data takes at the right of the headline."""
    return display_width(setting.tag) * 0.95 + 0.25 if setting.tag else 0.0


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

    def __call__(self, y: float, text: str, *, va: str = "center", **style: Any) -> None:  # noqa: ANN401
        width, height = self.figure.get_size_inches()
        self.figure.text(
            _LEFT / width, 1 - y / height, text, ha="left", va=va, linespacing=1.35, **style
        )


def stamp(figure: ReportFigure, text: str) -> None:
    """Say on the figure itself, or above the caller's axes, that the data are simulated."""
    box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": ORANGE, "lw": 0.9}
    look: dict[str, Any] = {"ha": "right", "size": 8.6, "color": ORANGE, "bbox": box}
    if figure.host is not None:
        figure.host.annotate(
            text, (1, 1), xycoords="axes fraction", xytext=(0, 8), textcoords="offset points",
            va="bottom", **look,
        )  # fmt: skip
        return
    width, height = figure.get_size_inches()
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


_LEGEND_LINE = 0.83  # inches from the top


@dataclass(frozen=True)
class LegendEntry:
    """One entry of a legend: a patch, one with an interval across, a line, a point or a mark."""

    text: str
    color: str = ""
    kind: str = "patch"


def draw_legend(figure: ReportFigure, entries: Sequence[LegendEntry]) -> None:
    """Write the entries in one line above the data."""
    if figure.host is not None:
        _draw_host_legend(figure.host, entries)
        return
    width, total = figure.get_size_inches()
    y, x = 1 - (_LEGEND_LINE + figure.lowered) / total, _LEFT
    small = _shrink(figure, sum(_entry_width(entry) for entry in entries))
    for entry in entries:
        _draw_entry(figure, entry, x, y)
        figure.text(
            (x + 0.26 * small) / width, y, entry.text, size=8.4 * small, va="center", ha="left",
            color=INK,
        )  # fmt: skip
        x += _entry_width(entry) * small


def _entry_width(entry: LegendEntry) -> float:
    return 0.26 + display_width(entry.text) * 0.9 + 0.25


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
    elif entry.kind == "point":
        line([(left + right) / 2], [y], entry.color, 0.0, "o")
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
    if entry.kind in ("mark", "point"):
        marker = "|" if entry.kind == "mark" else "o"
        return Line2D(
            [],
            [],
            color=color,
            lw=0,
            marker=marker,
            ms=8 if marker == "|" else 4.2,
            mew=2.4 if marker == "|" else 0,
        )
    patch = Patch(facecolor=color)
    if entry.kind == "patch":
        return patch
    return patch, Line2D([], [], color=DARK_BLUE, lw=1.5, marker="o", ms=4.2)
