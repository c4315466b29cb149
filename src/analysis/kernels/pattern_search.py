"""Search one text for many patterns at once."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, PLR0917
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.kernels.blotted_words import blotted_width
from analysis.kernels.compiled import lean
from analysis.kernels.pattern_match import NOWHERE, ROOM, match_at
from analysis.kernels.pattern_paths import DEPTH
from analysis.kernels.pattern_writer import MOST_GROUPS
from analysis.kernels.utf8 import TextBuffers, code_point

# A pattern that is found at so many places of a text is not tried at the others: it may be at any.
MANY = 16
_LOWEST_BIT = np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.zeros(64, np.int64)
_PLACES[[(0x03F79D71B4CB0A89 << place & (1 << 64) - 1) >> 58 for place in range(64)]] = range(64)


def search_room(texts: TextBuffers) -> tuple[npt.NDArray[Any], ...]:
    """Return what a search fills: symbols, waiting ways, groups; places of 64 patterns."""
    longest = int(np.diff(texts.offsets).max(initial=0))
    text = np.empty(longest + DEPTH, np.uint16)
    stack = np.empty((ROOM + 4, 4), np.int32)
    groups = np.zeros(1 + 2 * MOST_GROUPS, np.int64)
    return text, stack, groups, np.zeros((64, 3), np.int32)


@lean
def search(length, openings, entries, program, room):
    """Return the patterns that are found, and note their first and last places."""
    text, stack, groups, places = room
    before_it, first, second, third, fourth, fifth = openings
    end = np.uint16(first.size - 1)
    text[length : length + DEPTH] = end
    found, done, before = np.uint64(0), np.uint64(0), end
    for at in range(length):
        likely = first[text[at]] & ~done
        if likely:
            likely &= second[text[at + 1]] & third[text[at + 2]] & before_it[before]
            likely &= fourth[text[at + 3]] & fifth[text[at + 4]]
        before = text[at]
        while likely:
            pattern, likely = next_bit(likely)
            if match_at(program, entries[pattern], text, at, stack, groups) != NOWHERE:
                bit = np.uint64(1) << np.uint64(pattern)
                if not found & bit:
                    places[pattern, 0] = at
                    places[pattern, 2] = 0
                found |= bit
                places[pattern, 1] = at
                places[pattern, 2] += 1
                if places[pattern, 2] == MANY:
                    places[pattern, 1] = length
                    done |= bit
    return found


@lean
def next_bit(bits):
    """Return the place of the lowest bit, and the bits without it."""
    bit = bits & (~bits + np.uint64(1))
    return _PLACES[(bit * _LOWEST_BIT) >> np.uint64(58)], bits ^ bit


@lean
def read_symbols(data, at, end, blotted, symbols, text):
    """Write the symbols of a text; return how many there are."""
    length = 0
    while at < end:
        point, after = code_point(data, at)
        text[length] = symbols[point]
        length += 1
        if blotted.size and point == blotted[0, 0]:
            width, behind = blotted_width(data, at, end, blotted)
            if width:
                text[length - 1 : length - 1 + width] = symbols[0]
                length += width - 1
                after = behind
        at = after
    return length
