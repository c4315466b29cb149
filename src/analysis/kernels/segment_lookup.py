"""The logarithms of SnowNLP's tagger, found for all characters of a text before they are added.

A trip to memory takes longer than the work on a character. So a text is walked twice: the first
walk asks for the slots of its pairs, the second finds the row of each pair and asks for it and
for the line of its trigram. Slots and entries are compared four at a time, without a branch.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.lanes import peek, prefetch

FIRST_HAN, LAST_HAN = 0x4E00, 0x9FA5
#: Room for the number of any Chinese character and one more.
CHARACTER_BITS = 15
#: No trigram has this key.
NO_KEY = np.uint64((1 << 58) - 1)
#: A word of a trigram's entry is its key and, in the last bits, three tags.
TAG_BITS = np.uint64(6)
_ROW_BITS = np.uint64(32)
_ROW = np.uint64((1 << 32) - 1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class SegmentTables(NamedTuple):
    """The tagger's logarithms.

    Known Chinese characters are numbered in the order of their code points; the number after
    the last, `outside`, is every other character, and the beginning of a run. Each known
    character has a row, each pair seen in training one after those: 16 logarithms, one for
    each pair of tags, if the tag before did not matter.
    """

    number: npt.NDArray[np.int32]  #: of FIRST_HAN and on; -1 is unknown; the last is `outside`
    row_logs: npt.NDArray[np.float64]  #: row * 16 + first tag * 4 + second tag
    pair_slots: npt.NDArray[np.uint64]  #: open-addressed: pair << 32 | row
    triple_words: npt.NDArray[np.uint64]  #: open-addressed: word and logarithm side by side
    triple_logs: npt.NDArray[np.float64]  #: the same memory, read as floats


@lean
def pair_key(first, second):
    """Return the key of a pair of character numbers; never 0, which marks a free slot."""
    return np.uint64(first << CHARACTER_BITS | second) + np.uint64(1)


@lean
def triple_key(row, third):
    """Return the key of a trigram, by the row of its first two characters; never 0."""
    return np.uint64(row << CHARACTER_BITS | third) + np.uint64(1)


@lean
def _pair_home(slots, key):
    """Return the first of the four slots where a pair is searched first."""
    return np.int64((key * _SPREAD) >> np.uint64(38)) & (slots.size - 4)


@lean
def triple_home(words, key):
    """Return the line of four entries where a trigram is searched first; the last is spare."""
    home = np.int64((key * _SPREAD) >> np.uint64(38)) & (words.size - 16) & ~7
    return home if key != NO_KEY else words.size - 8


@compiled
def fill_pairs(keys, first_row, slots):
    """Put pairs into the empty table, rows numbered in their order from `first_row` on."""
    for entry in range(keys.size):
        at = _pair_home(slots, keys[entry])
        while slots[at]:
            at = (at + 1) & (slots.size - 1)
        slots[at] = keys[entry] << _ROW_BITS | np.uint64(first_row + entry)


@compiled
def fill_triples(keys, tags, entry_logs, words, logs):
    """Put trigrams into the empty table, each into the first line from its home on with room."""
    for entry in range(keys.size):
        at = triple_home(words, keys[entry])
        while words[at]:
            at = (at + 2) % (words.size - 8)
        words[at] = keys[entry] << TAG_BITS | np.uint64(tags[entry])
        logs[at + 1] = entry_logs[entry]


@lean
def find_row(slots, key, otherwise):
    """Return the row of a pair, or `otherwise`."""
    at, row = _pair_home(slots, key), np.int64(otherwise)
    while True:
        for slot in range(at, at + 4):
            row = (
                np.int64(peek(slots, slot) & _ROW) if peek(slots, slot) >> _ROW_BITS == key else row
            )
        if peek(slots, at + 3) == 0:
            return row
        at = (at + 4) & (slots.size - 1)


@lean
def number_characters(tables, codes, length, numbers, pairs):
    """Write the number of each character and the key of its pair, and ask for the pair's slots.

    The key 0 is no pair.
    """
    number, slots, last = tables.number, tables.pair_slots, tables.number.size - 1
    outside = np.int64(peek(number, last))
    before = outside
    for at in range(length):
        place = peek(codes, at) - FIRST_HAN
        numbers[at] = here = np.int64(peek(number, place if 0 <= place < last else last))
        is_pair = (before >= 0) & (here >= 0) & (here != outside)
        pairs[at] = key = pair_key(before, here) if is_pair else np.uint64(0)
        prefetch(slots, _pair_home(slots, key))
        before = here


@lean
def find_rows(tables, length, numbers, pairs, rows, triples):
    """Find the row of each character after the last, and ask for it and for its trigram."""
    slots, words, row_logs = tables.pair_slots, tables.triple_words, tables.row_logs
    outside = np.int64(tables.number[tables.number.size - 1])
    before = outside
    for at in range(length):
        row = peek(numbers, at)
        if peek(pairs, at):
            row = find_row(slots, peek(pairs, at), row)
            prefetch(row_logs, row * 16)
            prefetch(row_logs, row * 16 + 8)
        rows[at] = row
        # Rows after `outside` are those of pairs, and trigrams are made of pairs.
        is_triple = (row > outside) & (before > outside)
        triples[at] = key = triple_key(before, peek(numbers, at)) if is_triple else NO_KEY
        prefetch(words, triple_home(words, key))
        before = row
