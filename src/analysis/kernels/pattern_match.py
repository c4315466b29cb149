"""Match one pattern at one place of a text, by the rules of `re`: its end and its groups."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, PLR0917, PLR0912, PLR0915
from __future__ import annotations

from analysis.kernels.compiled import lean
from analysis.kernels.pattern_paths import (
    AHEAD,
    FORGET,
    JUMP,
    LOOK,
    LOOKED,
    NOTE,
    RUN,
    SAME,
    SPLIT,
    TAKE,
)

# A search that needs more steps or more room is given up, and its pattern counts as found.
_STEPS, ROOM = 20_000, 2048
# What waits on the stack: another way; shorter runs; a look-around that has not ended; where a
# group was before.
_WAY, _SHORTER, _MUST, _MUST_NOT, _NOTED = range(5)
# No match. And the place among the groups that tells that a search was given up.
NOWHERE, DOUBT = -1, 0


@lean
def match_at(program, entry, text, at, stack, groups):
    """Return where the match ends that begins at this place, or `NOWHERE`.

    Parameters
    ----------
    program, entry
        Instructions and sets; the pattern's first instruction.
    text, at
        Symbols, the last of which ends the text, and a place among them.
    stack, groups
        Room for the search; filled with where the named groups begin and end, from 1 on. A search
        that is given up counts as a match without characters, and sets `groups[DOUBT]`.
    """
    code, members = program
    place, depth, look = entry, 0, -1
    for _ in range(_STEPS):
        if depth >= ROOM:
            break
        kind, one, other, more = code[place, 0], code[place, 1], code[place, 2], code[place, 3]
        goes_on = True
        if kind == TAKE:
            goes_on = members[one, text[at]]
            at += 1
            place += 1
        elif kind == RUN:
            first = at + other
            last = at
            while last - at < more and members[one, text[last]]:
                last += 1
            while last > first and not members[code[place, 4], text[last]]:
                last -= 1
            goes_on = last >= first
            if last > first:
                stack[depth, 0], stack[depth, 1] = _SHORTER, place + 1
                stack[depth, 2], stack[depth, 3] = last - 1, first
                depth += 1
            at = last
            place += 1
        elif kind == SPLIT:
            if not members[code[place, 4], text[at]]:
                place = other
            else:
                if members[code[place, 5], text[at]]:
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
