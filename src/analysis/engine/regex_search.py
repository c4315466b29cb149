"""Tell which of many patterns a text holds, in one compiled pass without the interpreter's lock.

Every pattern is a pattern of `re` and is searched for by its rules, look-arounds included, on the
UTF-8 bytes of a whole column. So a slow rule that is written in Python need see only the texts in
which it finds something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    PatternProgram,
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
    """Return where the match ends that begins at this place, or `NOWHERE`."""
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
            if other >= 0:
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


# Tell at once, mostly, that a pattern cannot match at a place.
#
# The ways of a pattern that some characters have left open are a state, whatever else they were;
# look-arounds but those that go ahead count as fulfilled. What a state becomes with a character is
# learnt when it is first asked for, and looked up from then on, so that a place costs some look-ups
# where a search goes through every way.

_DEAD, _MATCHED = 0, -1
# So many characters behind a place are asked at most: a text is gone through in linear time.
_FAR = 64
# So many states, ways in all of them, ways in one, and steps from one character to the next.
_STATES, _WAYS, _OPEN, _AT_ONCE = 1 << 15, 1 << 18, 48, 4000
# Slots for states, and for what becomes of them: a state and a kind of character in a number, and
# the next state. What is more is not learnt.
_STATE_SLOTS, _SLOTS = 1 << 16, 1 << 18
_KINDS = 12  # bits of a kind
_COUNTS = 20  # bits of how often a run was taken in a way: its instruction and that
_N_STATES, _N_LEARNT, _IS_FULL = 0, 1, 2
_SPREAD, _SPREAD_FAR = 0x9E3779B1, np.uint64(0x9E3779B97F4A7C15)


class Prospects:
    """What is learnt of the ways of a program, lent to one search at a time.

    Threads search at once, and each learns for itself.
    """

    def __init__(self, program: PatternProgram) -> None:
        self._kinds, self._entries = program.kinds, program.entries
        self._free: list[tuple[npt.NDArray[Any], ...]] = []

    @contextmanager
    def lent(self) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        """Give what an earlier search has learnt, or nothing yet."""
        try:
            learnt = self._free.pop()
        except IndexError:
            learnt = self._unlearnt()
        yield learnt
        self._free.append(learnt)

    def _unlearnt(self) -> tuple[npt.NDArray[Any], ...]:
        """Return room in which each pattern has one state: state p + 1 is that it begins."""
        count = len(self._entries)
        bounds = np.zeros(_STATES + 2, np.int32)
        bounds[1 : count + 2] = np.arange(count + 1)
        ways = np.zeros(_WAYS, np.int64)
        ways[:count] = self._entries.astype(np.int64) << _COUNTS
        tally = np.zeros(3, np.int64)
        tally[_N_STATES] = count + 1
        next_states, known = np.zeros(_SLOTS, np.int64), np.zeros(_STATE_SLOTS, np.int32)
        room = np.zeros(_OPEN + 1, np.int64), np.zeros(_AT_ONCE + 2, np.int64)
        return next_states, self._kinds, bounds, ways, known, tally, *room


@lean
def may_match(program, prospects, pattern, text, at):
    """Tell whether a pattern may match at a place; where not, it surely does not."""
    next_states, kinds, tally = prospects[0], prospects[1], prospects[5]
    last_slot = next_states.size - 1
    state = np.int64(pattern) + 1
    for place in range(at, at + _FAR):
        key = state << _KINDS | np.int64(kinds[text[place], pattern])
        slot = (key * _SPREAD >> 14) & last_slot
        known = next_states[slot]
        while known >> 32 != key:
            if known == 0:
                state = _become(program, prospects, state, text[place])
                if tally[_IS_FULL]:
                    return True
                known = key << 32 | (state - _MATCHED)
                next_states[slot] = known
                tally[_N_LEARNT] += 1
                if 4 * tally[_N_LEARNT] > 3 * next_states.size:
                    tally[_IS_FULL] = 1
                break
            slot = (slot + 1) & last_slot
            known = next_states[slot]
        state = (known & 0xFFFFFFFF) + _MATCHED
        if state <= _DEAD:
            return state == _MATCHED
    return True


@lean
def _become(program, prospects, state, symbol):
    """Return what a state becomes with a symbol: a state, `_DEAD`, or `_MATCHED` if it may be."""
    code, members, leaps = program
    _, _, bounds, ways, _, _, taken, stack = prospects
    count, left = np.int64(0), np.int64(_AT_ONCE)
    for row in range(bounds[state], bounds[state + 1]):
        stack[0], depth = ways[row], np.int64(1)
        while depth:
            depth -= 1
            left -= 1
            if left < 0:
                return np.int64(_MATCHED)
            place, times = stack[depth] >> _COUNTS, stack[depth] & ((1 << _COUNTS) - 1)
            kind, one, other, more = code[place, 0], code[place, 1], code[place, 2], code[place, 3]
            after = np.int64(-1)
            go_on, or_on = place + 1, np.int64(-1)
            if kind == TAKE:
                go_on = np.int64(-1)
                if _is_in(members, one, symbol):
                    after = (place + 1) << _COUNTS
            elif kind == RUN:
                if times < more and _is_in(members, one, symbol):
                    # How often does not matter where it is often enough, and there is no limit.
                    times_more = min(times + 1, other) if more >> _COUNTS else times + 1
                    after = place << _COUNTS | times_more
                if times < other or not _is_in(members, code[place, 4], symbol):
                    go_on = np.int64(-1)
            elif kind == SPLIT:
                if not _is_in(members, code[place, 4], symbol):
                    go_on = place + leaps[more, symbol] if more else np.int64(other)
                else:
                    go_on = np.int64(one)
                    if _is_in(members, code[place, 5], symbol):
                        or_on = np.int64(other)
            elif kind == JUMP:
                go_on = np.int64(one)
            elif kind == LOOK:
                go_on = place + 1 if other == AHEAD and not one else np.int64(more)
            elif kind != NOTE and kind != FORGET and kind != SAME:
                return np.int64(_MATCHED)
            if after >= 0:
                count = _put_in_order(taken, count, after)
                if count > _OPEN:
                    return np.int64(_MATCHED)
            if or_on >= 0:
                stack[depth] = or_on << _COUNTS
                depth += 1
            if go_on >= 0:
                stack[depth] = go_on << _COUNTS
                depth += 1
    return _state_of(prospects, count)


@lean
def _put_in_order(taken, count, way):
    """Put a way among others, each once; return how many there are."""
    row = count
    while row > 0 and taken[row - 1] > way:
        row -= 1
    if row > 0 and taken[row - 1] == way:
        return count
    for behind in range(count, row, -1):
        taken[behind] = taken[behind - 1]
    taken[row] = way
    return count + 1


@lean
def _state_of(prospects, count):
    """Return the number of the state that has these ways; a new one if there is none."""
    _, _, bounds, ways, known, tally, taken, _ = prospects
    if count == 0:
        return np.int64(_DEAD)
    mixed = np.uint64(count)
    for row in range(count):
        mixed = (mixed ^ np.uint64(taken[row])) * _SPREAD_FAR
        mixed ^= mixed >> np.uint64(29)
    slot = np.int64(mixed & np.uint64(known.size - 1))
    while known[slot]:
        state, same = np.int64(known[slot]), np.int64(0)
        first = bounds[state]
        if bounds[state + 1] - first == count:
            while same < count and ways[first + same] == taken[same]:
                same += 1
            if same == count:
                return state
        slot = (slot + 1) & (known.size - 1)
    state = tally[_N_STATES]
    first = bounds[state]
    if state + 2 > bounds.size - 1 or first + count > ways.size:
        tally[_IS_FULL] = 1
        return np.int64(_MATCHED)
    for row in range(count):
        ways[first + row] = taken[row]
    bounds[state + 1] = first + count
    known[slot] = state
    tally[_N_STATES] = state + 1
    return state


# Search one text for many patterns at once.


_LOWEST_BIT = np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.zeros(64, np.int64)
_PLACES[[(0x03F79D71B4CB0A89 << place & (1 << 64) - 1) >> 58 for place in range(64)]] = range(64)


def search_room(texts: TextBuffers) -> tuple[npt.NDArray[Any], ...]:
    """Return what a search fills: symbols, waiting ways, groups; places, and what may be there."""
    longest = int(np.diff(texts.offsets).max(initial=0))
    text = np.empty(longest + DEPTH, np.uint16)
    stack = np.empty((_ROOM + 4, 4), np.int32)
    groups = np.zeros(1 + 2 * MOST_GROUPS, np.int64)
    return text, stack, groups, np.empty(longest, np.int32), np.empty(longest, np.uint64)


@lean
def search(length, openings, program, prospects, room):
    """Note at which places patterns may match, and which; return how many places, and which."""
    text, _, _, places, likely_there = room
    before_it, first, second, third, fourth, fifth, two, two_behind = openings
    end = np.uint16(first.size - 1)
    text[length : length + DEPTH] = end
    found, before, count = np.uint64(0), np.int64(end), np.int64(0)
    for at in range(length):
        one, other = np.int64(text[at]), np.int64(text[at + 1])
        likely = first[one] & second[other]
        if likely:
            likely &= two[(one * PAIR_STEP + other) & (PAIRS - 1)]
            likely &= two_behind[(other * PAIR_STEP + np.int64(text[at + 2])) & (PAIRS - 1)]
            likely &= third[text[at + 2]] & before_it[before]
            likely &= fourth[text[at + 3]] & fifth[text[at + 4]]
            asked, likely = likely, np.uint64(0)
            while asked:
                pattern, rest = next_bit(asked)
                if may_match(program, prospects, pattern, text, at):
                    likely |= asked ^ rest
                asked = rest
            if likely:
                places[count], likely_there[count] = at, likely
                found |= likely
                count += 1
        before = one
    return count, found


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
    """Patterns that are searched for together, at most 64."""

    def __init__(
        self,
        patterns: Sequence[re.Pattern[str]],
        folded: Mapping[int, str] | None = None,
        excluded: Sequence[str] = (),
    ) -> None:
        self._program = build_program(patterns, folded or {})
        self._prospects = Prospects(self._program)
        self._blotted = words_as_points(excluded)

    def hits(
        self, texts: TextBuffers, rows: npt.NDArray[np.int32] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return what is found in all or some texts: text, pattern, first and last place.

        Between the two places every match begins. The order is that of texts and patterns.
        """
        program = self._program
        given = np.arange(len(texts), dtype=np.int32) if rows is None else rows
        room = search_room(texts), np.zeros((64, 2), np.int32)
        data, offsets = texts.data, texts.offsets
        with self._prospects.lent() as prospects:
            found: npt.NDArray[np.int32] = _scan(
                data, offsets, given, self._blotted, program.tables, prospects, *room
            )
        return found


@compiled
def _scan(data, offsets, rows, excluded, tables, prospects, room, between):
    symbols, openings, entries, shifts, machine = tables
    text, stack, groups, places, likely_there = room
    hits = np.empty((1024, 4), np.int32)
    count = 0
    for row in rows:
        length = read_symbols(data, offsets[row], offsets[row + 1], excluded, symbols, text)
        n_places, _ = search(length, openings, machine, prospects, room)
        found = np.uint64(0)
        for place in range(n_places):
            likely = likely_there[place]
            while likely:
                pattern, rest = next_bit(likely)
                bit, likely = likely ^ rest, rest
                at = places[place]
                if match_at(machine, entries[pattern], text, at, stack, groups) != NOWHERE:
                    between[pattern, 0] = between[pattern, 0] if found & bit else at
                    between[pattern, 1] = at
                    found |= bit
        while found:
            pattern, found = next_bit(found)
            if count == hits.shape[0]:
                grown = np.empty((2 * count, 4), np.int32)
                for hit in range(count):
                    for column in range(4):
                        grown[hit, column] = hits[hit, column]
                hits = grown
            hits[count, 0], hits[count, 1] = row, pattern
            hits[count, 2] = between[pattern, 0] + shifts[pattern]
            hits[count, 3] = between[pattern, 1] + shifts[pattern]
            count += 1
    return hits[:count].copy()
