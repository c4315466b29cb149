"""SnowNLP's words and their naive Bayes sums, compiled: texts in, two log-likelihoods out."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled
from analysis.kernels.segment_viterbi import END, FIRST_HAN, LAST_HAN, MIDDLE, tag_run
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

    Four cells a word: key, the logarithm for each class, number. Stop words have two zeros
    there, and a sum stays what it is. `logs` is the same memory as `cells`, read as floats.
    """

    cells: npt.NDArray[np.uint64]
    logs: npt.NDArray[np.float64]
    spelling_from: npt.NDArray[np.int32]
    spelling: npt.NDArray[np.int32]  #: code points of all words, end to end
    unseen_log: npt.NDArray[np.float64]  #: [class]
    prior_log: npt.NDArray[np.float64]  #: [class]
    is_space: npt.NDArray[np.bool_]  #: by code point; what Python's `str.split` splits at


@compiled
def _word_key(codes, start, stop):
    if stop - start <= _SHORT:
        key = np.uint64(0)
        for at in range(start, stop):
            key = key << _POINT_BITS | np.uint64(codes[at] + 1)
        return key
    key = _START
    for at in range(start, stop):
        key = (key ^ np.uint64(codes[at])) * _PRIME
    return key | _LONG


@compiled
def _is_spelled(spelling, first, last, codes, start, stop):
    same = last - first == stop - start
    for offset in range(min(last - first, stop - start)):
        same &= spelling[first + offset] == codes[start + offset]
    return same


@compiled
def _word_place(cells, spelling_from, spelling, codes, start, stop):
    """Return where the word `codes[start:stop]` stands, or the free place for it."""
    key = _word_key(codes, start, stop)
    at = np.int64(((key * _SPREAD) >> np.uint64(40)) * np.uint64(_CELLS)) & (cells.size - 1)
    while cells[at]:
        if cells[at] == key:
            word = np.int64(cells[at + 3])
            first, last = spelling_from[word], spelling_from[word + 1]
            if not key & _LONG or _is_spelled(spelling, first, last, codes, start, stop):
                return at
        at = (at + _CELLS) & (cells.size - 1)
    return at


@compiled
def fill_words(spelling_from, spelling, word_logs, cells, logs):
    """Put every word with its two logarithms into the empty table."""
    for word in range(spelling_from.size - 1):
        start, stop = spelling_from[word], spelling_from[word + 1]
        at = _word_place(cells, spelling_from, spelling, spelling, start, stop)
        cells[at] = _word_key(spelling, start, stop)
        logs[at + 1], logs[at + 2] = word_logs[word, 0], word_logs[word, 1]
        cells[at + 3] = np.uint64(word)


@compiled
def _cut_tagged(start, length, tags, bounds, count):
    """Cut a tagged run into words as SnowNLP does, whatever the order of the tags."""
    begun = 0
    for at in range(length):
        tag = tags[at]
        if tag == END or (tag != MIDDLE and begun < at):
            stop = at + 1 if tag == END else at
            bounds[count, 0], bounds[count, 1] = start + begun, start + stop
            begun, count = stop, count + 1
    if begun < length:
        bounds[count, 0], bounds[count, 1] = start + begun, start + length
        count += 1
    return count


@compiled
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


@compiled
def _is_han(code):
    return FIRST_HAN <= code <= LAST_HAN


@compiled
def cut_words(segments, is_space, codes, length, room, bounds):
    """Write where each word of the text begins and ends into `bounds`; return their number."""
    tags, choices, numbers, paths, logs = room
    at, count = 0, 0
    while at < length:
        begun, is_han = at, _is_han(codes[at])
        while at < length and _is_han(codes[at]) == is_han:
            at += 1
        if is_han:
            tag_run(segments, codes, begun, at, tags, choices, numbers, paths, logs)
            count = _cut_tagged(begun, at - begun, tags, bounds, count)
        else:
            count = _cut_pieces(is_space, codes, begun, at, bounds, count)
    return count


@compiled
def _sum_words(words, codes, bounds, count, sums, row):
    cells, logs, unseen = words.cells, words.logs, words.unseen_log
    spelling_from, spelling = words.spelling_from, words.spelling
    first, second = words.prior_log[0], words.prior_log[1]
    for word in range(count):
        start, stop = bounds[word, 0], bounds[word, 1]
        at = _word_place(cells, spelling_from, spelling, codes, start, stop)
        is_known = cells[at] != 0
        first += logs[at + 1] if is_known else unseen[0]
        second += logs[at + 2] if is_known else unseen[1]
    sums[row, 0], sums[row, 1] = first, second


@compiled
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
    codes, bounds = np.empty(longest, np.int32), np.empty((longest, 2), np.int64)
    tags, choices = np.empty(longest, np.uint8), np.empty(longest, np.uint32)
    room = tags, choices, np.empty(longest + 1, np.int64), np.empty(32), np.empty(16)
    for row in range(first, last):
        length = _decode(data, offsets[row], offsets[row + 1], codes)
        count = cut_words(segments, words.is_space, codes, length, room, bounds)
        _sum_words(words, codes, bounds, count, sums, row)


@compiled
def positive_share(sums, positive, out):
    """Turn log-likelihoods into SnowNLP's score; its `OverflowError` branch is 1 / inf here."""
    other = 1 - positive
    for row in range(sums.shape[0]):
        against = 1.0 / (math.exp(sums[row, positive] - sums[row, other]) + 1.0)
        share = 1.0 / (1.0 + math.exp(sums[row, other] - sums[row, positive]))
        wins = share > against or (share == against and positive == 0)
        out[row] = share if wins else 1.0 - against
