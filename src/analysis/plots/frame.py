"""What all figures share: font, palette, headline, source line, legend, and the room for labels."""

import base64
import importlib.util
import io
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
import pandas as pd
import polars as pl
import seaborn as sns
from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, to_pandas
from analysis.numbers import scale_text
from analysis.study.model import Study
from analysis.study.periods import Period, period_start
from analysis.words import Words, load_words, window_of

# The Chinese font: found inside a dependency, registered in memory, cut down for the report.
#
# The font file is Noto Sans SC Regular (SIL Open Font License), which the package ``zhplot``
# carries. The package itself is never imported, because importing it changes matplotlib for the
# whole process.

_FAMILY = "Noto Sans SC"


@cache
def _font_path() -> Path:
    """Locate the font file without importing the package that carries it."""
    spec = importlib.util.find_spec("zhplot")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    path = folder / "fonts" / "NotoSansSC-Regular.ttf" if folder else None
    if path is None or not path.is_file():
        raise CaodianError(
            "the Chinese font must be installed",
            value="zhplot/fonts/NotoSansSC-Regular.ttf",
            remedy="Install the locked environment again, or pip install zhplot.",
        )
    return path


@cache
def _register_font() -> str:
    """Make the font known to matplotlib in this process only."""
    font_manager.fontManager.addfont(_font_path())
    return _FAMILY


def _subset_font(characters: str) -> bytes:
    """Cut the font down to the characters that a page uses."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 13, 14]  # names and the licence, as the licence asks
    options.notdef_outline = True
    font = TTFont(_font_path(), recalcTimestamp=False, lazy=True)
    cutter = subset.Subsetter(options=options)
    cutter.populate(unicodes=sorted(map(ord, set(characters))))
    cutter.subset(font)
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def font_face(page: str, *, only_wide: bool = False) -> str:
    """Write the CSS rule that embeds the characters of a page as ``Caodian Sans``.

    Parameters
    ----------
    only_wide
        Embed Han characters and their punctuation alone, where the reader has Latin fonts.

    Returns
    -------
    str
        An ``@font-face`` rule with the font as data.

    Examples
    --------
    >>> font_face("槽点").startswith('@font-face { font-family: "Caodian Sans"')
    True
    """
    characters = "".join(c for c in page if ord(c) > 0x2E7F) if only_wide else page
    content = base64.b64encode(_subset_font(characters)).decode("ascii")
    reach = " unicode-range: U+2E80-FFFF;" if only_wide else ""
    return (
        f'@font-face {{ font-family: "Caodian Sans";{reach} '
        f'src: url(data:font/ttf;base64,{content}) format("truetype"); }}\n'
    )


def drawable(text: str) -> str:
    """Put a square for each character that the font cannot draw, such as an emoji in a label.

    Examples
    --------
    >>> drawable("鲜花🌹")
    '鲜花□'
    """
    known = _known_characters()
    return "".join(c if ord(c) in known or c == "\n" else "□" for c in text)


@cache
def _known_characters() -> frozenset[int]:
    return frozenset(TTFont(_font_path(), lazy=True).getBestCmap())


# The common look of all figures: one theme, one palette, one frame around the data.

# Blue against orange keeps apart for readers with any of the usual colour deficiencies;
# everything else is ink and greys.
INK, MUTED, RULE = "#1c232b", "#66707a", "#dfe3e7"
BLUE, PALE_BLUE, DARK_BLUE = "#2d6f9f", "#aecbde", "#123f5e"
ORANGE, PALE_ORANGE, GREY = "#d3711f", "#f0c9a5", "#c2c8ce"
WIDTH = 7.6  # inches; at 100 % this is a column of text
_DPI = 160
_TITLE_UNITS = 80  # of display width; a report may be called after a file of any name
_SUBTITLE_UNITS = 104  # of display width in a line
TOP, _BOTTOM = 1.02, 0.66  # inches for headline and source line
_LINE = 0.21  # inches of a further line of the subtitle
# No line begins with the first or ends with the second (GB/T 15834).
_NOT_FIRST = frozenset("，。、；：？！）」』》〉】〕”’…—～·％,.;:?!)]}%")
_NOT_LAST = frozenset("（「『《〈【〔“‘([{")


P = ParamSpec("P")


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
    lowered: float = 0.0  # inches by which a long subtitle moves legend and data down

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


@dataclass(frozen=True)
class Setting:
    """What a figure must know beside its data."""

    words: Words
    study: Study | None = None
    period: Period = "day"
    scale: float | None = None  # of a simulated corpus
    own_title: str | None = None
    own_source: str | None = None
    dates: tuple[date, ...] = ()

    def title(self, key: str) -> str:
        """Give the headline: the caller's, else that of the kind of figure."""
        return self.own_title or self.words(f"figure.{key}.title")

    def naming(self, key: str, grievance: str, counted: Collection[str]) -> "Setting":
        """Put a code into the headline of a figure that is drawn of any code.

        Raises
        ------
        CaodianError
            When neither the table nor the codebook knows the code.
        """
        if grievance not in counted and f"label.{grievance}" not in self.words.texts:
            near = nearest(str(grievance), sorted(counted))
            raise CaodianError(
                "a figure of one code must be of one that is counted",
                value=grievance,
                remedy=f"Did you mean {near!r}?" if near else None,
            )
        title = self.own_title or self.words(
            f"figure.{key}.title", label=self.words.label(grievance)
        )
        return replace(self, own_title=title)

    @property
    def source(self) -> str:
        """The source line below a figure."""
        if self.own_source == "":
            return ""
        if self.own_source is not None:
            return self.words("figure.source_named", source=_shorten(self.own_source, _TITLE_UNITS))
        if self.study is None:
            return self.words("figure.unit")
        title = self.study.title_zh if self.words.language == "zh" else self.study.title_en
        key = "figure.source" if self.study.days else "figure.source_undated"
        return self.words(
            key, study=_shorten(title, _TITLE_UNITS), window=window_of(self.study, self.words)
        )

    @property
    def tag(self) -> str:
        """The warning on figures of simulated data; empty on real data."""
        if self.scale is None:
            return ""
        return self.words("scale.simulated", scale=scale_text(self.scale))

    @property
    def event_days(self) -> set[str]:
        """The event days, or the weeks or months that hold one, as tables name them."""
        return {period_start(day, self.period).isoformat() for day in self.dates}


def make_setting(
    language: str,
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
    *,
    dates: Sequence[str] = (),
    event_days: Collection[str | date] = (),
) -> Setting:
    """Gather what the caller of a figure says; ``dates`` are those of its table.

    Examples
    --------
    >>> make_setting("en", dates=["2020-06-01", "2020-06-08"]).period
    'week'
    """
    period: Period = _period_of(dates) if study is None else study.period
    days = as_dates(event_days)
    if study is not None and not days:
        days = study.event_days
    return Setting(load_words(language, period), study, period, scale, title, source, tuple(days))


def _period_of(dates: Sequence[str]) -> Period:
    """Tell days, weeks and months apart by the shortest step between two dates."""
    days = sorted({_day(day) for day in dates})
    steps = [(after - before).days for before, after in pairwise(days)]
    shortest = min(steps, default=1)
    return "day" if shortest < 7 else "week" if shortest < 28 else "month"


def as_dates(days: Collection[str | date]) -> list[date]:
    """Give days that may be written `YYYY-MM-DD` as dates."""
    return [_day(str(day)) for day in days]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise CaodianError(
            "a date must be written YYYY-MM-DD", value=text, remedy="Count posts by date."
        ) from None


def take_table(table: AnyFrame, needed: Sequence[str]) -> pd.DataFrame:
    """Give a table as pandas, with rows numbered from 0.

    Raises
    ------
    CaodianError
        When a column is missing, naming it and the columns there are; or when it is no frame.

    Examples
    --------
    >>> take_table(pl.DataFrame({"items": [3]}), ["items"])["items"].tolist()
    [3]
    """
    if isinstance(table, pl.LazyFrame):
        table = table.collect()
    taken = to_pandas(table) if isinstance(table, pl.DataFrame) else table
    if not isinstance(taken, pd.DataFrame):
        raise CaodianError(
            "a figure is drawn from a pandas or Polars frame",
            value=type(table).__name__,
            remedy="Give the table of the function that counts, such as count_grievances.",
        )
    for name in needed:
        if name not in taken:
            names = [str(column) for column in taken]
            near = nearest(name, names)
            raise CaodianError(
                f"the table of the figure must have the column {name}",
                value=f"columns there: {', '.join(names) or 'none'}",
                remedy=f"Did you mean {near!r}?" if near else None,
            )
    return taken.reset_index(drop=True)


def take_dated(
    table: AnyFrame, needed: Sequence[str] = ("date", "grievance", "items")
) -> pd.DataFrame:
    """Give a table by date as pandas, its dates as text.

    Raises
    ------
    CaodianError
        As `take_table`; or when a date and grievance have two rows.

    Examples
    --------
    >>> daily = pl.DataFrame({"date": [date(2020, 6, 1)], "grade": ["good"]})
    >>> take_dated(daily, ["date", "grade"])["date"].tolist()
    ['2020-06-01']
    """
    taken = take_table(table, needed)
    taken = taken.assign(date=[str(day)[:10] for day in taken["date"]])
    if "grievance" in needed and taken.duplicated(["date", "grievance"]).any():
        twice = taken[taken.duplicated(["date", "grievance"])].iloc[0]
        raise CaodianError(
            "a table by date must have one row a date and grievance",
            value=f"{twice['date']} {twice['grievance']}",
            remedy="Add up what stands twice, or draw one part alone.",
        )
    return taken


def take_other(table: AnyFrame | None, needed: Sequence[str]) -> pd.DataFrame:
    """Give a table that a figure can do without: an empty one where there is none."""
    return pd.DataFrame(columns=list(needed)) if table is None else take_table(table, needed)


@contextmanager
def theme() -> Iterator[None]:
    """Use the project's look inside the block and leave matplotlib as it was."""
    settings = sns.axes_style("white") | sns.plotting_context("paper")
    settings |= {
        "font.family": [_register_font()],  # after seaborn's settings, which would reset it
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


def themed(plot: Callable[P, ReportFigure]) -> Callable[P, ReportFigure]:
    """Let a function draw in the project's look and leave matplotlib as it was."""

    @wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> ReportFigure:
        with theme():
            return plot(*args, **kwargs)

    return drawn


def open_figure(
    setting: Setting,
    key: str,
    *,
    height: float,
    left: float = 1.0,
    right: float = 0.3,
    subtitle: str | None = None,
    has_legend: bool = False,
) -> tuple[ReportFigure, Axes]:
    """Start a figure with headline, subtitle, source line and one pair of axes.

    ``height``, ``left`` and ``right`` are inches; the height is that of the data area. A legend
    stands lower where the subtitle has more than one line.
    """
    text = setting.words(f"figure.{key}.subtitle") if subtitle is None else subtitle
    lowered = _LINE * wrap(text, _SUBTITLE_UNITS).count("\n") if has_legend else 0.0
    figure, total = open_frame(setting, key, height=height + lowered, subtitle=text)
    figure.lowered = lowered
    box = (left / WIDTH, _BOTTOM / total, (WIDTH - left - right) / WIDTH, height / total)
    return figure, figure.add_axes(box)


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
    subtitle: str | None = None,
    note: str = "",
) -> tuple[ReportFigure, float]:
    """Start a figure without axes and return it with its whole height in inches.

    ``note`` stands before the source line.
    """
    total = height + TOP + _BOTTOM
    figure = blank_figure(total)
    say = setting.words
    put = _Placer(figure, total)
    put(0.12, 0.30, setting.title(key), size=14.5, color=INK)
    text = wrap(say(f"figure.{key}.subtitle") if subtitle is None else subtitle, _SUBTITLE_UNITS)
    put(0.12, 0.56, text, size=9.2, color=MUTED, va="center" if "\n" not in text else "top")
    put(0.12, total - 0.14, wrap(note + setting.source, 138), size=7.4, color=MUTED, va="bottom")
    if setting.tag:
        stamp(figure, setting.tag, total)
    return figure, total


def blank_figure(height: float, width: float = WIDTH) -> ReportFigure:
    """Start a white figure, of the common width, unknown to pyplot, so that it is shown once."""
    figure = ReportFigure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    _show_as_drawn()
    return figure


def nothing_to_show(setting: Setting, key: str, table: pd.DataFrame) -> ReportFigure:
    """Make the figure of an empty table, which says so in one line; its table has no rows."""
    say = setting.words("figure.nothing")
    figure, _ = open_frame(setting, key, height=0.1, subtitle=say)
    return figure.describe(setting.title(key), say, say, table.head(0))


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


def _shorten(text: str, units: int) -> str:
    """Cut a text at a display width, with an ellipsis in place of what is cut."""
    kept, width = "", 0
    for character in text:
        width += 2 if _is_han(character) else 1
        # The ellipsis takes one unit, where anything follows.
        if width > units - (len(kept) + 1 < len(text)):
            return f"{kept}…"
        kept += character
    return kept


def _breakable(text: str) -> list[str]:
    """Split a text where a line may end: before a space, and beside a Han character."""
    parts: list[str] = []
    for character in text:
        last = parts[-1][-1] if parts else " "
        may_end = character == " " or _is_han(character) or _is_han(last)
        if parts and (not may_end or character in _NOT_FIRST or last in _NOT_LAST):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _is_han(character: str) -> bool:
    return ord(character) > 0x2E7F


@dataclass(frozen=True)
class _Placer:
    """Put text at inches from the top left."""

    figure: Figure
    total: float

    def __call__(self, x: float, y: float, text: str, *, va: str = "center", **style: Any) -> None:  # noqa: ANN401
        self.figure.text(
            x / WIDTH, 1 - y / self.total, text, ha="left", va=va, linespacing=1.35, **style
        )


def stamp(figure: Figure, text: str, total: float) -> None:
    """Say on the figure itself that the data are simulated; ``total`` is its height in inches.

    Examples
    --------
    >>> figure = Figure()
    >>> stamp(figure, "Simulated data", 4.0)
    >>> [text.get_text() for text in figure.texts]
    ['Simulated data']
    """
    figure.text(
        1 - 0.16 / WIDTH, 1 - 0.30 / total, text, ha="right", va="center", size=8.6, color=ORANGE,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": ORANGE, "lw": 0.9},
    )  # fmt: skip


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
    """One entry of a legend: a patch, a patch with an interval across it, or an upright mark."""

    text: str
    color: str = ""
    kind: str = "patch"


def _display_width(text: str) -> float:
    """Estimate the width of a line of 9.5-point text in inches: Han characters are square."""
    return sum(0.132 if ord(character) > 0x2E7F else 0.064 for character in text)


def room_for(labels: Sequence[str]) -> float:
    """Give the inches that the longest label needs at the left of the bars.

    Examples
    --------
    >>> room_for(["Price"]) < room_for(["SMS harassment and personal data"])
    True
    """
    lines = [line for label in labels for line in label.split("\n")]
    return min(3.2, max((_display_width(line) for line in lines), default=0.5) + 0.28)


def draw_legend(figure: ReportFigure, entries: Sequence[LegendEntry]) -> None:
    """Write the entries in one line."""
    total = figure.get_figheight()
    y, x = 1 - (_LEGEND_LINE + figure.lowered) / total, 0.12
    for entry in entries:
        _draw_entry(figure, entry, x, y, total)
        figure.text((x + 0.26) / WIDTH, y, entry.text, size=8.4, va="center", ha="left", color=INK)
        x += 0.26 + _display_width(entry.text) * 0.9 + 0.25


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
