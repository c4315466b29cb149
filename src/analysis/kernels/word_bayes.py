"""SnowNLP's words and their naive Bayes sums, compiled: texts in, two log-likelihoods out."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.lanes import prefetch
from analysis.kernels.segment_lookup import find_rows, number_characters
from analysis.kernels.segment_viterbi import BEGIN, END, SINGLE, tag_run
from analysis.kernels.utf8 import code_point

_START = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_LONG = np.uint64(1 << 63)
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
def _word_key(codes, start, stop):
    """Return the key of a word; two codes after it may be read."""
    length = stop - start
    if length <= _SHORT:
        first, second = np.uint64(codes[start] + 1), np.uint64(codes[start + 1] + 1)
        third = np.uint64(codes[start + 2] + 1)
        key = first | second << _POINT_BITS | third << (_POINT_BITS + _POINT_BITS)
        return key & ((np.uint64(1) << _POINT_BITS * np.uint64(length)) - np.uint64(1))
    key = _START
    for at in range(start, stop):
        key = (key ^ np.uint64(codes[at])) * _PRIME
    return key | _LONG


@lean
def _is_spelled(spelling, first, last, codes, start, stop):
    same = last - first == stop - start
    for offset in range(min(last - first, stop - start)):
        same &= spelling[first + offset] == codes[start + offset]
    return same


@lean
def _word_home(cells, key):
    """Return the line of two words where a word is searched first; the last line is spare."""
    return np.int64((key * _SPREAD) >> np.uint64(38)) & (cells.size - 16) & ~7


@compiled
def fill_words(spelling_from, spelling, word_logs, cells, logs):
    """Put every word with its two logarithms into the empty table."""
    for word in range(spelling_from.size - 1):
        key = _word_key(spelling, spelling_from[word], spelling_from[word + 1])
        at = _word_home(cells, key)
        while cells[at]:
            at = (at + _CELLS) % (cells.size - 8)
        cells[at] = key
        logs[at + 1], logs[at + 2] = word_logs[word, 0], word_logs[word, 1]
        cells[at + 3] = np.uint64(word)


@lean
def _find_word(cells, key):
    """Return the place of a key, or the spare line; a line is compared without a branch."""
    line = _word_home(cells, key)
    while True:
        at = line + 4 if cells[line + 4] == key else cells.size - 8
        at = line if cells[line] == key else at
        if (at == line) | (cells[line + 4] == 0) | (at == line + 4):
            return at
        line = (line + 8) % (cells.size - 8)


@lean
def _find_long_word(cells, spelling_from, spelling, key, codes, start, stop):
    """Return the place of a word longer than its key tells, or the spare line."""
    at = _word_home(cells, key)
    while cells[at]:
        word = np.int64(cells[at + 3])
        first, last = spelling_from[word], spelling_from[word + 1]
        if cells[at] == key and _is_spelled(spelling, first, last, codes, start, stop):
            return at
        at = (at + _CELLS) % (cells.size - 8)
    return cells.size - 8


@lean
def _cut_tagged(start, stop, tags, bounds, count):
    """Cut a tagged run into words as SnowNLP does, whatever the order of the tags."""
    ended = True
    for at in range(start, stop):
        tag = tags[at]
        bounds[count, 0] = at
        count += ended | (tag == BEGIN) | (tag == SINGLE)
        bounds[count - 1, 1] = at + 1
        ended = tag == END
    return count


@lean
def _cut_pieces(is_space, codes, start, stop, bounds, count):
    """Take what stands between Chinese characters apart at white space."""
    begun = start
    for at in range(start, stop + 1):
        if at == stop or (codes[at] < is_space.size and is_space[codes[at]]):
            if begun < at:
                bounds[count, 0], bounds[count, 1] = begun, at
                count += 1
            begun = at + 1
    return count


@lean
def cut_words(segments, is_space, codes, length, room, bounds):
    """Write where each word of the text begins and ends into `bounds`; return their number.

    `room` is made by `make_room`; `bounds` has a row more than there are characters.
    """
    numbers, pairs, rows, triples, tags, viterbi = room
    number_characters(segments, codes, length, numbers, pairs)
    find_rows(segments, length, numbers, pairs, rows, triples)
    outside = segments.number[segments.number.size - 1]
    at, count = 0, 0
    while at < length:
        begun, is_han = at, numbers[at] != outside
        while at < length and (numbers[at] != outside) == is_han:
            at += 1
        if is_han:
            tag_run(segments, begun, at, numbers, rows, triples, viterbi, tags)
            count = _cut_tagged(begun, at, tags, bounds, count)
        else:
            count = _cut_pieces(is_space, codes, begun, at, bounds, count)
    return count


@compiled
def make_room(length):
    """Return room to cut a text of this many characters in."""
    numbers, pairs = np.empty(length, np.int64), np.empty(length, np.uint64)
    rows, triples = np.empty(length, np.int64), np.empty(length, np.uint64)
    viterbi = np.empty(32), np.empty(length, np.uint32), np.empty(5, np.int64)
    return numbers, pairs, rows, triples, np.empty(length, np.uint8), viterbi


@lean
def _sum_words(words, codes, bounds, count, keys, sums, row):
    cells, logs = words.cells, words.logs
    for word in range(count):
        keys[word] = key = _word_key(codes, bounds[word, 0], bounds[word, 1])
        prefetch(cells, _word_home(cells, key))
    first, second = words.prior_log[0], words.prior_log[1]
    for word in range(count):
        key, start, stop = keys[word], bounds[word, 0], bounds[word, 1]
        if key & _LONG:
            at = _find_long_word(
                cells, words.spelling_from, words.spelling, key, codes, start, stop
            )
        else:
            at = _find_word(cells, key)
        first += logs[at + 1]
        second += logs[at + 2]
    sums[row, 0], sums[row, 1] = first, second


@lean
def _decode(data, start, stop, codes):
    length = 0
    while start < stop:
        codes[length], start = code_point(data, start)
        length += 1
    return length


@compiled
def sum_logs(segments, words, offsets, data, first, last, sums):
    """Write the two log-likelihoods of the texts `first` to `last` into `sums`."""
    longest = 1
    for row in range(first, last):
        longest = max(longest, offsets[row + 1] - offsets[row])
    codes, bounds = np.empty(longest + 2, np.int32), np.empty((longest + 1, 2), np.int64)
    room, keys = make_room(longest), np.empty(longest, np.uint64)
    for row in range(first, last):
        length = _decode(data, offsets[row], offsets[row + 1], codes)
        count = cut_words(segments, words.is_space, codes, length, room, bounds)
        _sum_words(words, codes, bounds, count, keys, sums, row)


@compiled
def positive_share(sums, positive, out):
    """Turn log-likelihoods into SnowNLP's score; its `OverflowError` branch is 1 / inf here."""
    other = 1 - positive
    for row in range(sums.shape[0]):
        against = 1.0 / (math.exp(sums[row, positive] - sums[row, other]) + 1.0)
        share = 1.0 / (1.0 + math.exp(sums[row, other] - sums[row, positive]))
        wins = share > against or (share == against and positive == 0)
        out[row] = share if wins else 1.0 - against
