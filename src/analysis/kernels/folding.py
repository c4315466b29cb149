"""Fold UTF-8 text to small symbols: case, width and script folded, word breakers dropped."""

# Compiled loops need many arguments.
# ruff: noqa: PLR0917
import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int32]

# Symbols of the alphabet start at 1; 0 is a character that no term holds. Values of the fold
# table below zero are not symbols: EMOJI_BASE - concept is an emoji that itself is a concept.
SKIP, NOISE, EMOJI_BASE = -1, -2, -1000
NUMBER = 1
DIGIT, CONTINUES, LATIN, ENDS = 1, 2, 3, 4


@numba.njit(cache=True, nogil=True)
def _decode(data: Bytes, position: int) -> tuple[int, int]:
    """Code point at `position` of valid UTF-8, and its length in bytes."""
    first = int(data[position])
    if first < 0x80:
        return first, 1
    if first < 0xE0:
        return ((first & 31) << 6) | (data[position + 1] & 63), 2
    if first < 0xF0:
        point = ((first & 15) << 12) | ((data[position + 1] & 63) << 6)
        return point | (data[position + 2] & 63), 3
    point = ((first & 7) << 18) | ((data[position + 1] & 63) << 12)
    return point | ((data[position + 2] & 63) << 6) | (data[position + 3] & 63), 4


@numba.njit(cache=True, nogil=True)
def _is_letter(point: int) -> bool:
    return 0x3400 <= point <= 0x9FFF or 97 <= (point | 32) <= 122


@numba.njit(cache=True, nogil=True)
def fold_text(
    data: Bytes,
    bounds: tuple[int, int],
    fold: IntArray,
    kinds: IntArray,
    symbols: IntArray,
    sentences: IntArray,
    emojis: IntArray,
) -> tuple[int, int]:
    """Write the folded symbols of one text.

    Parameters
    ----------
    data, bounds
        UTF-8 bytes and where the text begins and ends in them.
    fold, kinds
        Symbol of each code point (code points beyond are unknown characters), kind of each symbol.
    symbols, sentences, emojis
        Filled with the symbols, the sentence that each stands in, and the emoji concepts.

    Returns
    -------
    tuple of int
        Number of symbols and of emojis. A noise character or emoji between two letters only
        breaks a word (假·货), so it is left out; whitespace always is.
    """
    position, end = bounds
    length, n_emoji, sentence, before = 0, 0, 0, 0
    while position < end:
        point, width = _decode(data, position)
        position += width
        value = int(fold[point]) if point < fold.size else 0
        if value <= EMOJI_BASE and n_emoji < emojis.size:
            emojis[n_emoji] = EMOJI_BASE - value
            n_emoji += 1
        if value == SKIP:
            continue
        if value <= NOISE:
            after = _decode(data, position)[0] if position < end else 0
            if _is_letter(before) and _is_letter(after):
                continue
        before = point
        symbols[length] = max(value, 0)
        sentences[length] = sentence
        length += 1
        if kinds[max(value, 0)] == ENDS:
            sentence += 1
    return length, n_emoji


@numba.njit(cache=True, nogil=True)
def number_ends(symbols: IntArray, length: int, kinds: IntArray, ends: IntArray) -> None:
    """Write where the numeral that holds each position ends, 0 outside of numerals.

    A numeral begins with a digit and may hold signs that only continue it (多, a point).
    """
    end = 0
    for position in range(length - 1, -1, -1):
        kind = kinds[symbols[position]]
        if kind not in (DIGIT, CONTINUES):
            end = 0
        elif end == 0:
            end = position + 1
        ends[position] = end if kind == DIGIT else 0
