"""Fold UTF-8 text to small symbols: case, width and script folded, word breakers dropped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import lean, spliced
from analysis.engine.flat_columns import code_point
from analysis.engine.lanes import peek, poke

IntArray = npt.NDArray[np.int32]

# Symbols of the alphabet start at 1; 0 is a character that no term holds. Values of the fold
# table below zero are not symbols: EMOJI_BASE - concept is an emoji that itself is a concept.
SKIP, NOISE, SPACE, EMOJI_BASE = -1, -2, -3, -1000
NUMBER = 1
# What a symbol can be; from DIGIT on it may stand in a numeral.
LATIN, ENDS, CONTINUES, DIGIT = 1, 2, 3, 4
# What stands for the end of a numeral at a Latin letter before which something was left out.
WORD = -1
_MAX_EMOJIS = 64

TRADITIONAL = Path(__file__).with_name("traditional.txt")


@cache
def traditional_characters() -> dict[str, str]:
    """Return the simplified form of each traditional character, one character for one.

    Examples
    --------
    >>> "師傅".translate(str.maketrans(traditional_characters()))
    '师傅'
    """
    lines = TRADITIONAL.read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {pair[0]: pair[1] for pair in pairs}


@spliced
def _is_letter(point):
    return 0x3400 <= point <= 0x9FFF or 97 <= (point | 32) <= 122


@lean
def _end_numeral(kinds, symbols, begin, end, ends):
    """Note at each digit where its numeral ends."""
    for place in range(begin, end):
        if kinds[symbols[place]] == DIGIT:
            ends[place] = end


@lean
def fold_texts(
    data, offsets, begin, size, fold, kinds, symbols, sentences, ends, places, bounds, emojis
):
    """Write the folded symbols of several texts one after the other, a 0 behind each."""
    n, n_emojis = 0, 0
    for text in range(size):
        bounds[text, 0] = n
        bounds[text, 1] = n_emojis
        position, stop = offsets[begin + text], offsets[begin + text + 1]
        sentence, before, numeral, character, parted = 0, 0, -1, -1, -1
        while position < stop:
            point, position = code_point(data, position)
            character += 1
            value = peek(fold, point) if point < fold.size else 0
            if value < 0:
                if value <= EMOJI_BASE and n_emojis < bounds[text, 1] + _MAX_EMOJIS:
                    emojis[n_emojis] = EMOJI_BASE - value
                    n_emojis += 1
                if value == SKIP:
                    continue
                if value == SPACE:
                    parted = n
                    continue
                after = code_point(data, position)[0] if position < stop else 0
                if _is_letter(before) and _is_letter(after):
                    parted = n
                    continue
                value = 0
            before = point
            kind = peek(kinds, value)
            if kind >= CONTINUES:
                numeral = n if numeral < 0 else numeral
            elif numeral >= 0:
                _end_numeral(kinds, symbols, numeral, n, ends)
                numeral = -1
            poke(symbols, n, value)
            poke(sentences, n, sentence)
            poke(ends, n, WORD * (kind == LATIN) * (parted == n))
            if places.size:
                poke(places, n, character)
            n += 1
            sentence += kind == ENDS
        if numeral >= 0:
            _end_numeral(kinds, symbols, numeral, n, ends)
        poke(symbols, n, 0)
        poke(ends, n, 0)
        n += 1
    bounds[size, 0] = n
    bounds[size, 1] = n_emojis


def folded_room(
    offsets: npt.NDArray[np.int64], block: int, *, with_places: bool = False
) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Return the arrays that `fold_texts` fills for any `block` texts in a row."""
    firsts = np.arange(0, offsets.size, block)
    lasts = np.minimum(firsts + block, offsets.size - 1)
    room = int((offsets[lasts] - offsets[firsts]).max(initial=0)) + block
    symbols, sentences, ends = (np.empty(room, np.int32) for _ in range(3))
    places = np.empty(room if with_places else 0, np.int32)
    bounds = np.empty((block + 1, 2), np.int32)
    return symbols, sentences, ends, places, bounds, np.empty(block * _MAX_EMOJIS, np.int32)
