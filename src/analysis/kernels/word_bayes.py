"""SnowNLP's words and their naive Bayes sums, compiled: texts in, two log-likelihoods out."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import math

import numpy as np

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.lanes import peek, prefetch
from analysis.kernels.segment_lookup import find_rows, number_characters
from analysis.kernels.segment_viterbi import BEGIN, END, SINGLE, tag_run
from analysis.kernels.utf8 import code_point
from analysis.kernels.word_lookup import LONG, find_long_word, find_word, word_home, word_key


@lean
def _cut_tagged(start, stop, tags, bounds, count):
    """Cut a tagged run into words as SnowNLP does, whatever the order of the tags."""
    ended = True
    for at in range(start, stop):
        tag = peek(tags, at)
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
        if at == stop or (peek(codes, at) < is_space.size and peek(is_space, peek(codes, at))):
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
        begun, is_han = at, peek(numbers, at) != outside
        while at < length and (peek(numbers, at) != outside) == is_han:
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
        keys[word] = key = word_key(codes, bounds[word, 0], bounds[word, 1])
        prefetch(cells, word_home(cells, key))
    first, second = words.prior_log[0], words.prior_log[1]
    for word in range(count):
        key, start, stop = peek(keys, word), bounds[word, 0], bounds[word, 1]
        if key & LONG:
            at = find_long_word(cells, words.spelling_from, words.spelling, key, codes, start, stop)
        else:
            at = find_word(cells, key)
        first += peek(logs, at + 1)
        second += peek(logs, at + 2)
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
