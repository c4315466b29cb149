"""Tell which of many patterns a text holds, in one compiled pass without the interpreter's lock.

Every pattern is a pattern of `re` and is searched for by its rules, look-arounds included, on the
UTF-8 bytes of a whole column. So a slow rule that is written in Python need see only the texts in
which it finds something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import compiled, lean, spliced
from analysis.engine.flat_columns import TextBuffers, code_point
from analysis.engine.regex_program import (
    AHEAD,
    DEPTH,
    FORGET,
    JUMP,
    LOOK,
    LOOKED,
    MOST_GROUPS,
    NOTE,
    PAIR_STEP,
    PAIRS,
    RUN,
    SAME,
    SPLIT,
    TAKE,
    build_program,
)

# Match one pattern at one place of a text, by the rules of `re`: its end and its groups.


# A search that needs more steps or more room is given up, and its pattern counts as found.
_STEPS, _ROOM = 20_000, 2048
# What waits on the stack: another way; shorter runs; a look-around that has not ended; where a
# group was before.
_WAY, _SHORTER, _MUST, _MUST_NOT, _NOTED = range(5)
# No match. And the place among the groups that tells that a search was given up.
NOWHERE, DOUBT = -1, 0


@spliced
def _is_in(members, one, symbol):
    """Tell whether a set, a row of bits, holds a symbol."""
    return members[one, symbol >> 5] >> (symbol & 31) & 1 != 0


@lean
def match_at(program, entry, text, at, stack, groups):
    """Return where the match ends that begins at this place, or `NOWHERE`.

    Parameters
    ----------
    program, entry
        Instructions, sets and leaps; the pattern's first instruction.
    text, at
        Symbols, the last of which ends the text, and a place among them.
    stack, groups
        Room for the search; filled with where the named groups begin and end, from 1 on. A search
        that is given up counts as a match without characters, and sets `groups[DOUBT]`.
    """
    code, members, leaps = program
    place, depth, look = entry, 0, -1
    for _ in range(_STEPS):
        if depth >= _ROOM:
            break
        kind, one, other, more = code[place, 0], code[place, 1], code[place, 2], code[place, 3]
        goes_on = True
        if kind == TAKE:
            goes_on = _is_in(members, one, text[at])
            at += 1
            place += 1
        elif kind == RUN:
            first = at + other
            last = at
            while last - at < more and _is_in(members, one, text[last]):
                last += 1
            while last > first and not _is_in(members, code[place, 4], text[last]):
                last -= 1
            goes_on = last >= first
            if last > first:
                stack[depth, 0], stack[depth, 1] = _SHORTER, place + 1
                stack[depth, 2], stack[depth, 3] = last - 1, first
                depth += 1
            at = last
            place += 1
        elif kind == SPLIT:
            if not _is_in(members, code[place, 4], text[at]):
                place = place + leaps[more, text[at]] if more else other
            else:
                if _is_in(members, code[place, 5], text[at]):
                    stack[depth, 0], stack[depth, 1], stack[depth, 2] = _WAY, other, at
                    depth += 1
                place = one
        elif kind == JUMP:
            place = one
        elif kind == LOOK:
            stack[depth, 0] = _MUST_NOT if one else _MUST
            stack[depth, 1], stack[depth, 2], stack[depth, 3] = more, at, look
            look = depth
            depth += 1
            place += 1
            if other != AHEAD:
                at -= other
                goes_on = at >= 0
        elif kind == LOOKED:
            depth = look
            goes_on = stack[depth, 0] == _MUST
            place, at, look = stack[depth, 1], stack[depth, 2], stack[depth, 3]
        elif kind == NOTE:
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = _NOTED, one, groups[one]
            depth += 1
            groups[one] = at
            place += 1
        elif kind == SAME:
            first = groups[one]
            goes_on = first >= 0
            while goes_on and first < groups[one + 1]:
                goes_on = text[at] == text[first]
                at += 1
                first += 1
            place = more
        elif kind == FORGET:
            groups[1 : 1 + one] = NOWHERE
            place += 1
        else:
            return at
        while not goes_on:
            if depth == 0:
                return NOWHERE
            depth -= 1
            waiting = stack[depth, 0]
            if waiting == _MUST:
                look = stack[depth, 3]
                continue
            if waiting == _NOTED:
                groups[stack[depth, 1]] = stack[depth, 2]
                continue
            goes_on = True
            place, at = stack[depth, 1], stack[depth, 2]
            if waiting == _MUST_NOT:
                look = stack[depth, 3]
            elif waiting == _SHORTER and at > stack[depth, 3]:
                stack[depth, 2] = at - 1
                depth += 1
    groups[DOUBT] = 1
    return at


# Words that are excluded from a text: what stands there already is nothing to be found.


def words_as_points(words: Sequence[str]) -> npt.NDArray[np.int32]:
    """Return the code points of words, one row a word, zeros behind it.

    Examples
    --------
    >>> words_as_points(["ab", "c"]).tolist()
    [[97, 98], [99, 0]]
    """
    points = np.zeros((len(words), max(map(len, words), default=1)), np.int32)
    for row, word in enumerate(words):
        points[row, : len(word)] = list(map(ord, word))
    return points


@lean
def _excluded_width(data, start, end, excluded):
    """Return how many characters long the excluded word at `start` is, and where it ends."""
    for row in range(excluded.shape[0]):
        at, width = start, 0
        while width < excluded.shape[1] and excluded[row, width] and at < end:
            point, after = code_point(data, at)
            if point != excluded[row, width]:
                break
            at, width = after, width + 1
        if width == excluded.shape[1] or excluded[row, width] == 0:
            return width, at
    return 0, start


# Search one text for many patterns at once.


# A pattern that is found at so many places of a text is not tried at the others: it may be at any.
_MANY = 16
_LOWEST_BIT = np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.zeros(64, np.int64)
_PLACES[[(0x03F79D71B4CB0A89 << place & (1 << 64) - 1) >> 58 for place in range(64)]] = range(64)


def search_room(texts: TextBuffers) -> tuple[npt.NDArray[Any], ...]:
    """Return what a search fills: symbols, waiting ways, groups; places of 64 patterns."""
    longest = int(np.diff(texts.offsets).max(initial=0))
    text = np.empty(longest + DEPTH, np.uint16)
    stack = np.empty((_ROOM + 4, 4), np.int32)
    groups = np.zeros(1 + 2 * MOST_GROUPS, np.int64)
    return text, stack, groups, np.zeros((64, 3), np.int32)


@lean
def search(length, openings, entries, program, room):
    """Return the patterns that are found, and note their first and last places."""
    text, stack, groups, places = room
    before_it, first, second, third, fourth, fifth, two, two_behind = openings
    end = np.uint16(first.size - 1)
    text[length : length + DEPTH] = end
    found, done, before = np.uint64(0), np.uint64(0), np.int64(end)
    for at in range(length):
        one, other = np.int64(text[at]), np.int64(text[at + 1])
        likely = first[one] & second[other] & ~done
        if likely:
            likely &= two[(one * PAIR_STEP + other) & (PAIRS - 1)]
            likely &= two_behind[(other * PAIR_STEP + np.int64(text[at + 2])) & (PAIRS - 1)]
            likely &= third[text[at + 2]] & before_it[before]
            likely &= fourth[text[at + 3]] & fifth[text[at + 4]]
        before = one
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
                if places[pattern, 2] == _MANY:
                    places[pattern, 1] = length
                    done |= bit
    return found


@lean
def next_bit(bits):
    """Return the place of the lowest bit, and the bits without it."""
    bit = bits & (~bits + np.uint64(1))
    return _PLACES[(bit * _LOWEST_BIT) >> np.uint64(58)], bits ^ bit


@lean
def read_symbols(data, at, end, excluded, symbols, text):
    """Write the symbols of a text; return how many there are."""
    length = 0
    while at < end:
        point, after = code_point(data, at)
        text[length] = symbols[point]
        length += 1
        if excluded.size and point == excluded[0, 0]:
            width, behind = _excluded_width(data, at, end, excluded)
            if width:
                text[length - 1 : length - 1 + width] = symbols[0]
                length += width - 1
                after = behind
        at = after
    return length


class PatternScan:
    """Patterns that are searched for together, at most 64.

    Parameters
    ----------
    patterns
        Patterns of `re`, of those forms that `regex_program` reads.
    folded
        Characters that are replaced before the search, as `str.translate` takes them.
    excluded
        Words that count as so many NUL characters; all begin with the same character.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.engine.flat_columns import text_buffers
    >>> scan = PatternScan([re.compile("(?<!1)2"), re.compile("a+b")], {0xFF22: "b"}, ["【a】"])
    >>> scan.hits(text_buffers(pl.Series(["12", "2222", "【a】b", "aaＢ2", None]))).tolist()
    [[1, 0, 0, 3], [3, 0, 3, 3], [3, 1, 0, 1]]
    """

    def __init__(
        self,
        patterns: Sequence[re.Pattern[str]],
        folded: Mapping[int, str] | None = None,
        excluded: Sequence[str] = (),
    ) -> None:
        self._program = build_program(patterns, folded or {})
        self._blotted = words_as_points(excluded)

    def hits(
        self, texts: TextBuffers, rows: npt.NDArray[np.int32] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return what is found in all or some texts: text, pattern, first and last place.

        Between the two places every match begins. The order is that of texts and patterns.
        """
        program = self._program
        found: npt.NDArray[np.int32] = _scan(
            texts.data,
            texts.offsets,
            np.arange(len(texts), dtype=np.int32) if rows is None else rows,
            self._blotted,
            program.tables,
            search_room(texts),
        )
        return found


@compiled
def _scan(data, offsets, rows, excluded, tables, room):
    symbols, openings, entries, shifts, machine = tables
    text, _, _, places = room
    hits = np.empty((1024, 4), np.int32)
    count = 0
    for row in rows:
        length = read_symbols(data, offsets[row], offsets[row + 1], excluded, symbols, text)
        found = search(length, openings, entries, machine, room)
        while found:
            pattern, found = next_bit(found)
            if count == hits.shape[0]:
                grown = np.empty((2 * count, 4), np.int32)
                for hit in range(count):
                    for column in range(4):
                        grown[hit, column] = hits[hit, column]
                hits = grown
            hits[count, 0], hits[count, 1] = row, pattern
            hits[count, 2] = places[pattern, 0] + shifts[pattern]
            hits[count, 3] = min(places[pattern, 1] + shifts[pattern], length)
            count += 1
    return hits[:count].copy()
