"""The words of SnowNLP's naive Bayes, two to a line of memory, compared without a branch."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.lanes import peek

_START = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
LONG = np.uint64(1 << 63)
_POINT_BITS = np.uint64(21)
#: Words up to this length are their own key; longer ones are compared letter by letter.
_SHORT = 3
_CELLS = 4  # key, two logarithms, number of the word


class WordTables(NamedTuple):
    """The words that the model or the stop list knows, in one open-addressed table.

    Four cells a word: key, the logarithm for each class, number; two words a line. Stop words
    have two zeros there, and a sum stays what it is. A spare line at the end is the unseen word.
    `logs` is the same memory as `cells`, read as floats.
    """

    cells: npt.NDArray[np.uint64]
    logs: npt.NDArray[np.float64]
    spelling_from: npt.NDArray[np.int32]
    spelling: npt.NDArray[np.int32]  #: code points of all words, end to end
    prior_log: npt.NDArray[np.float64]  #: [class]
    is_space: npt.NDArray[np.bool_]  #: by code point; what Python's `str.split` splits at


@lean
def word_key(codes, start, stop):
    """Return the key of a word; two codes after it may be read."""
    length = stop - start
    if length <= _SHORT:
        first, second = np.uint64(peek(codes, start) + 1), np.uint64(peek(codes, start + 1) + 1)
        third = np.uint64(peek(codes, start + 2) + 1)
        key = first | second << _POINT_BITS | third << (_POINT_BITS + _POINT_BITS)
        return key & ((np.uint64(1) << _POINT_BITS * np.uint64(length)) - np.uint64(1))
    key = _START
    for at in range(start, stop):
        key = (key ^ np.uint64(peek(codes, at))) * _PRIME
    return key | LONG


@lean
def _is_spelled(spelling, first, last, codes, start, stop):
    same = last - first == stop - start
    for offset in range(min(last - first, stop - start)):
        same &= spelling[first + offset] == codes[start + offset]
    return same


@lean
def word_home(cells, key):
    """Return the line of two words where a word is searched first; the last line is spare."""
    return np.int64((key * _SPREAD) >> np.uint64(38)) & (cells.size - 16) & ~7


@compiled
def fill_words(spelling_from, spelling, word_logs, cells, logs):
    """Put every word with its two logarithms into the empty table."""
    for word in range(spelling_from.size - 1):
        key = word_key(spelling, spelling_from[word], spelling_from[word + 1])
        at = word_home(cells, key)
        while cells[at]:
            at = (at + _CELLS) % (cells.size - 8)
        cells[at] = key
        logs[at + 1], logs[at + 2] = word_logs[word, 0], word_logs[word, 1]
        cells[at + 3] = np.uint64(word)


@lean
def find_word(cells, key):
    """Return the place of a key, or the spare line; a line is compared without a branch."""
    line = word_home(cells, key)
    while True:
        at = line + 4 if peek(cells, line + 4) == key else cells.size - 8
        at = line if peek(cells, line) == key else at
        if (at == line) | (peek(cells, line + 4) == 0) | (at == line + 4):
            return at
        line = (line + 8) % (cells.size - 8)


@lean
def find_long_word(cells, spelling_from, spelling, key, codes, start, stop):
    """Return the place of a word longer than its key tells, or the spare line."""
    at = word_home(cells, key)
    while cells[at]:
        word = np.int64(cells[at + 3])
        first, last = spelling_from[word], spelling_from[word + 1]
        if cells[at] == key and _is_spelled(spelling, first, last, codes, start, stop):
            return at
        at = (at + _CELLS) % (cells.size - 8)
    return cells.size - 8
