"""The character each character counts as: half width, lower case, simplified, emoji as words.

The table covers the first two planes of Unicode. It is made once, when the model is trained,
and shipped inside the weights, so that scores do not depend on the Unicode version of the
Python that scores.
"""

from __future__ import annotations

import unicodedata
from importlib import resources

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.kernels.hashed_linear import EMOJI, SEPARATOR
from analysis.yaml_text import read_yaml

TABLE_SIZE = 0x20000
#: Marks that hide a word from a keyword list when put between its characters.
_SEPARATORS = " .·•∙・*_-~|^`+=/\\'\"丨丿"
_PICTURES = ((0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
#: Where SnowNLP's table of Traditional characters picks the rarer reading.
_SIMPLIFIED = {"餘": "余", "馀": "余", "鍾": "钟", "麽": "么", "著": "着", "後": "后", "乾": "干"}


def build_foldings() -> npt.NDArray[np.int32]:
    """Return the folded code point of every code point, with the kernel's two flags.

    Examples
    --------
    >>> table = build_foldings()
    >>> [chr(table[ord(c)]) for c in "貨Ａ"], chr(table[ord("😡")] ^ EMOJI)
    (['货', 'a'], '怒')
    """
    simplified = _simplified_characters()
    table = np.zeros(TABLE_SIZE, np.int32)
    for code in _assigned_codes():
        table[code] = _fold(chr(code), simplified)
    for meaning, pictures in _emoji_meanings().items():
        for picture in pictures:
            table[ord(picture)] = ord(meaning) | EMOJI
    return table


def _assigned_codes() -> list[int]:
    """Return the code points of Unicode 14, so that a newer Python makes the same table."""
    codes = [code for code in range(TABLE_SIZE) if not 0xD800 <= code < 0xE000]
    is_assigned = pl.Series([chr(code) for code in codes]).str.contains(r"(?s)^\p{Age:14.0}$")
    return [code for code, assigned in zip(codes, is_assigned, strict=True) if assigned]


def _fold(character: str, simplified: dict[str, str]) -> int:
    category = unicodedata.category(character)
    if character.isspace():
        return ord(" ") | SEPARATOR
    if category in ("Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Sk") and character not in "^`":
        return 0
    folded = unicodedata.normalize("NFKC", character).casefold()[:1] or character
    folded = simplified.get(folded, folded)
    if folded in _SEPARATORS:
        return ord(folded) | SEPARATOR
    if category == "So" and any(low <= ord(character) <= high for low, high in _PICTURES):
        return ord(character) | EMOJI
    return ord(folded) if ord(folded) < TABLE_SIZE else ord(character)


def _simplified_characters() -> dict[str, str]:
    from snownlp.normal.zh import zh2hans  # two seconds to import, needed in training only

    single = {old: new for old, new in zh2hans.items() if len(old) == len(new) == 1}
    return single | _SIMPLIFIED


def _emoji_meanings() -> dict[str, str]:
    text = resources.files("analysis.sentiment").joinpath("emoji.yaml").read_text("utf-8")
    return dict(read_yaml(text))
