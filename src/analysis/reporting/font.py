"""The Chinese font: found inside a dependency, registered in memory, cut down for the report.

The font file is Noto Sans SC Regular (SIL Open Font License), which the package ``zhplot`` carries.
The package itself is never imported, because importing it changes matplotlib for the whole process.
"""

import base64
import importlib.util
import io
from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from analysis.errors import CaodianError

FAMILY = "Noto Sans SC"


@cache
def font_path() -> Path:
    """Locate the font file without importing the package that carries it.

    Returns
    -------
    Path
        The TrueType file.

    Raises
    ------
    CaodianError
        When the package or the file is not there.

    Examples
    --------
    >>> font_path().name
    'NotoSansSC-Regular.ttf'
    """
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
def register_font() -> str:
    """Make the font known to matplotlib in this process only.

    Returns
    -------
    str
        The family name to put into ``font.family``.

    Examples
    --------
    >>> register_font()
    'Noto Sans SC'
    """
    font_manager.fontManager.addfont(font_path())
    return FAMILY


def subset_font(characters: str) -> bytes:
    """Cut the font down to the characters that a page uses.

    Parameters
    ----------
    characters
        Any text; each distinct character is kept once. Those that the font lacks are left out.

    Returns
    -------
    bytes
        A TrueType font with the same bytes for the same characters, in whatever order they come.

    Examples
    --------
    >>> subset_font("槽点") == subset_font("点槽点")
    True
    """
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 13, 14]  # names and the licence, as the licence asks
    options.notdef_outline = True
    font = TTFont(font_path(), recalcTimestamp=False, lazy=True)
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
    page
        The text of the page.
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
    content = base64.b64encode(subset_font(characters)).decode("ascii")
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
    return frozenset(TTFont(font_path(), lazy=True).getBestCmap())
