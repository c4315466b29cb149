"""The look of all figures: a font that has every character, the palette, and how wide text is."""

import base64
import importlib.util
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from analysis.errors import CaodianError
from analysis.storage.write import show_hidden

# The Chinese font: found inside a dependency, registered in memory, cut down for the report.
#
# The font file is Noto Sans SC Regular (SIL Open Font License), which the package ``zhplot``
# carries. The package itself is never imported, because importing it changes matplotlib for the
# whole process.

FONT = "Noto Sans SC"


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
    return FONT


def _cut(font_file: Path | io.BytesIO, characters: frozenset[str]) -> bytes:
    """Cut a font down to some characters."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 13, 14]  # names and the licence, as the licence asks
    options.notdef_outline = True
    font = TTFont(font_file, recalcTimestamp=False, lazy=True)
    cutter = subset.Subsetter(options=options)
    cutter.populate(unicodes=sorted(map(ord, characters)))
    cutter.subset(font)
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


class _Font:
    """The font, and its widest cut so far, from which others are cut in a fifth of the time.

    The whole one has thirty thousand characters, and the pages of a process nearly the same few
    hundred. What is cut from a cut has the same bytes as what is cut from the whole.
    """

    def __init__(self) -> None:
        self.widest: tuple[frozenset[str], bytes] = (frozenset(), b"")

    def cut_to(self, characters: frozenset[str]) -> bytes:
        """Give the bytes of the font with these characters alone."""
        held, cut = self.widest
        if not characters <= held:
            held |= characters
            cut = _cut(_font_path(), held)
            self.widest = (held, cut)
        return cut if characters == held else _cut(io.BytesIO(cut), characters)


_font = cache(_Font)


@lru_cache(16)
def _subset_font(characters: frozenset[str]) -> bytes:
    """Cut the font down to the characters that a page uses; many pages use the same ones."""
    return _font().cut_to(characters)


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
    content = base64.b64encode(_subset_font(frozenset(characters))).decode("ascii")
    reach = " unicode-range: U+2E80-FFFF;" if only_wide else ""
    return (
        f'@font-face {{ font-family: "Caodian Sans";{reach} '
        f'src: url(data:font/ttf;base64,{content}) format("truetype"); }}\n'
    )


def drawable(text: str) -> str:
    """Show what is hidden, and put a square for each character that the font cannot draw."""
    known = _known_characters()
    shown = show_hidden(text)
    return "".join(c if ord(c) in known or c == "\n" else "□" for c in shown)


@cache
def _known_characters() -> frozenset[int]:
    return frozenset(TTFont(_font_path(), lazy=True).getBestCmap())


# Blue against orange keeps apart for readers with any of the usual colour deficiencies;
# everything else is ink and greys.
INK, MUTED, RULE = "#1c232b", "#66707a", "#dfe3e7"
BLUE, PALE_BLUE, DARK_BLUE = "#2d6f9f", "#aecbde", "#123f5e"
ORANGE, PALE_ORANGE, GREY = "#d3711f", "#f0c9a5", "#c2c8ce"
EVENT = "#f7e3d0"  # behind the days of the event
WIDTH, NARROW = 7.6, 3.6  # inches; a column of text, and a telephone held upright
LEAST = 8.4  # points of the smallest text on a telephone, where it is 11 pixels high
# What a page calls the colours, so that its style can set each for light and for dark.
COLOR_NAMES = {
    INK: "ink", MUTED: "muted", RULE: "rule", BLUE: "blue", PALE_BLUE: "pale-blue",
    DARK_BLUE: "dark-blue", ORANGE: "orange", PALE_ORANGE: "pale-orange", GREY: "grey",
    EVENT: "event", "#ffffff": "paper",
}  # fmt: skip
SHADES = ("#ffffff", PALE_BLUE, BLUE, DARK_BLUE)  # of painted cells, from none to the most
_STEPS = 10


@cache
def cell_names() -> dict[str, str]:
    """Name the shades of painted cells in a page, where few steps do."""
    ramp = LinearSegmentedColormap.from_list("shades", SHADES)
    steps = {to_hex(ramp(step / _STEPS)): f"shade-{step}" for step in range(_STEPS + 1)}
    return {**steps, PALE_ORANGE: COLOR_NAMES[PALE_ORANGE]}


# The style `white` in the context `paper` of seaborn, whose import takes a second; a test compares.
_WHITE_PAPER: dict[Any, object] = {
    "figure.facecolor": "white", "axes.facecolor": "white", "axes.axisbelow": True,
    "axes.grid": False, "grid.linestyle": "-", "axes.spines.left": True,
    "axes.spines.bottom": True, "axes.labelsize": 9.6, "axes.titlesize": 9.6,
    "legend.fontsize": 8.8, "legend.title_fontsize": 9.6,
    "font.sans-serif": ["Arial", "DejaVu Sans", "Liberation Sans", "Bitstream Vera Sans",
                        "sans-serif"],
    "lines.solid_capstyle": "round", "lines.linewidth": 1.2, "lines.markersize": 4.8,
    "patch.edgecolor": "w", "xtick.direction": "out", "ytick.direction": "out",
    "xtick.top": False, "xtick.bottom": False, "ytick.left": False, "ytick.right": False,
    "xtick.major.width": 1.0, "ytick.major.width": 1.0, "xtick.minor.width": 0.8,
    "ytick.minor.width": 0.8, "xtick.major.size": 4.8, "ytick.major.size": 4.8,
    "xtick.minor.size": 3.2, "ytick.minor.size": 3.2,
}  # fmt: skip
_OWN: dict[Any, object] = {
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


@contextmanager
def theme() -> Iterator[None]:
    """Use the project's look inside the block and leave matplotlib as it was."""
    with mpl.rc_context({**_WHITE_PAPER, **_OWN, "font.family": [_register_font()]}):
        yield


# No line begins with the first or ends with the second (GB/T 15834).
_NOT_FIRST = frozenset("，。、；：？！）」』》〉】〕”’…—～·％,.;:?!)]}%")
_NOT_LAST = frozenset("（「『《〈【〔“‘([{")


def wrap(text: str, units: int) -> str:
    r"""Break a text at a display width: Han characters and their marks count two."""
    lines, line, width = [], "", 0
    for part in _breakable(text):
        size = _units_of(part)
        if line and width + size > units:
            lines.append(line.rstrip())
            line, width = "", 0
        line, width = line + (part if line else part.lstrip()), width + size
    return "\n".join([*lines, line])


def fold(title: str, units: int) -> str:
    r"""Break a headline wider than this into two lines, after a mark of punctuation if it can be.

    What is too long for two lines stays in two.
    """
    whole = _units_of(title)
    if whole <= units:
        return title
    places = [match.end() for match in re.finditer("[，；：。]|[,;:.] ", title)]
    halves = [(title[:place].rstrip(), title[place:]) for place in places]
    fitting = [pair for pair in halves if max(map(_units_of, pair)) <= units]
    if fitting:
        return "\n".join(min(fitting, key=lambda pair: max(map(_units_of, pair))))
    tries = (wrap(title, even) for even in range(whole // 2, whole + 1))
    return next(lines for lines in tries if lines.count("\n") <= 1)


def shorten(text: str, units: int) -> str:
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


def _units_of(text: str) -> int:
    return sum(2 if _is_han(character) else 1 for character in text)


def fit_lines(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines that are no wider than this, a long word where it must be."""
    lines = [""]
    for part in _breakable(text):
        if text_width(lines[-1] + part.rstrip(), size) <= width or not lines[-1]:
            lines[-1] += part if lines[-1] else part.lstrip()
        else:
            lines[-1] = lines[-1].rstrip()
            lines.append(part.lstrip())
        while len(lines[-1]) > 1 and text_width(lines[-1].rstrip(), size) > width:
            most = next(
                end for end in range(len(lines[-1]) - 1, 0, -1)
                if end == 1 or text_width(lines[-1][:end], size) <= width
            )  # fmt: skip
            lines[-1:] = [lines[-1][:most], lines[-1][most:]]
    return lines


def text_width(text: str, size: float) -> float:
    """Measure a text in inches, at this many points; of several lines the longest."""
    return max(text_size(line)[0] for line in drawable(text).split("\n")) * size / 72


@lru_cache(4096)
def text_size(line: str) -> tuple[float, float, float]:
    """Measure a line in its own font size: width, height, and how far it goes below its foot.

    Shaping a line is slow, and its size the same in each drawing.
    """
    font = FontProperties(fname=str(_font_path()), size=1)
    width, height, descent = text_to_path.get_text_width_height_descent(line, font, False)
    return float(width), float(height), float(descent)


def _is_han(character: str) -> bool:
    return ord(character) > 0x2E7F


def display_width(text: str) -> float:
    """Estimate the width of a line of 9.5-point text in inches: Han characters are square."""
    return sum(0.132 if _is_han(character) else 0.064 for character in text)


def room_for(labels: Sequence[str]) -> float:
    """Give the inches that the longest label needs at the left of the bars."""
    lines = [line for label in labels for line in label.split("\n")]
    return min(3.2, max((display_width(line) for line in lines), default=0.5) + 0.28)
