"""The folded alphabet: case, width, script and look-alikes brought to one sign."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analysis.coding.places import codebook_directory
from analysis.kernels.folding import (
    CONTINUES,
    DIGIT,
    EMOJI_BASE,
    ENDS,
    LATIN,
    NOISE,
    NUMBER,
    SKIP,
)
from analysis.yaml_text import read_yaml

IntArray = npt.NDArray[np.int32]

SIZE = 0x20000
FIRST_SYMBOL = NUMBER + 1
_SENTENCE_ENDS = "。!?;\n…"
_NOISE = "·•・-_/|~^+=`'\"‘’“”*、:>"
_DIGITS = "0123456789零一二两三四五六七八九十百千万亿几半*"
_CONTINUES = "多来余.,"
_LATIN = "abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=1)
def traditional_characters() -> dict[str, str]:
    """Traditional characters with their simplified form, from the codebook.

    Examples
    --------
    >>> traditional_characters()["貨"]
    '货'
    """
    path = codebook_directory() / "traditional.yaml"
    pairs = read_yaml(path.read_text(encoding="utf-8"))["pairs"].split()
    return {pair[0]: pair[1] for pair in pairs}


@lru_cache(maxsize=1 << 18)
def fold_character(character: str) -> str:
    """Return the sign under which a character is matched.

    Examples
    --------
    >>> fold_character("Ａ"), fold_character("貨"), fold_character("Ⅴ")
    ('a', '货', 'v')
    """
    plain = unicodedata.normalize("NFKC", character).casefold()
    if len(plain) != 1:
        return character
    return traditional_characters().get(plain, plain)


class Alphabet:
    """Symbols of the characters that terms hold, numbered from 2 as they come."""

    def __init__(self) -> None:
        self._symbols: dict[str, int] = {}
        for character in _DIGITS + _CONTINUES + _LATIN + _SENTENCE_ENDS:
            self.symbol(character)

    def symbols(self, wording: str) -> list[int]:
        """Return the symbols of a wording; # is any numeral."""
        return [
            NUMBER if character == "#" else self.symbol(character)
            for character in map(fold_character, wording)
        ]

    def symbol(self, character: str) -> int:
        """Return the symbol of a folded character, made on first use."""
        return self._symbols.setdefault(character, len(self._symbols) + FIRST_SYMBOL)

    @property
    def n_symbols(self) -> int:
        """One more than the largest symbol so far."""
        return len(self._symbols) + FIRST_SYMBOL

    def kinds(self) -> IntArray:
        """Return what each symbol is: digit, inside of a numeral, Latin letter, sentence end."""
        kinds = np.zeros(self.n_symbols, np.int32)
        groups = (
            (_DIGITS, DIGIT),
            (_CONTINUES, CONTINUES),
            (_LATIN, LATIN),
            (_SENTENCE_ENDS, ENDS),
        )
        for characters, kind in groups:
            for character in characters:
                kinds[self._symbols[character]] = kind
        return kinds

    def fold_table(self, emojis: dict[str, int]) -> IntArray:
        """Return the symbol of each code point, or what else the kernel does with it."""
        table = np.zeros(SIZE, np.int32)
        for point in range(SIZE):
            if not 0xD800 <= point < 0xE000:
                table[point] = self._entry(chr(point), emojis)
        return table

    def _entry(self, character: str, emojis: dict[str, int]) -> int:
        if character in emojis:
            return EMOJI_BASE - emojis[character]
        folded = fold_character(character)
        category = unicodedata.category(character)
        if folded in _NOISE:
            return NOISE
        if character != "\n" and (character.isspace() or category in ("Cf", "Mn")):
            return SKIP
        if folded in self._symbols:
            return self._symbols[folded]
        return NOISE if category == "So" else 0
