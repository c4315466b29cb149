"""Match one pattern at one place of a text, by the rules of `re`."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, PLR0912, PLR0915
from __future__ import annotations

from analysis.kernels.compiled import lean
from analysis.kernels.pattern_paths import AHEAD, JUMP, LOOK, LOOKED, RUN, SPLIT, TAKE

# A search that needs more steps or more room is given up, and its pattern counts as found.
_STEPS, ROOM = 20_000, 2048
# What waits on the stack: another way; shorter runs; a look-around that has not ended.
_WAY, _SHORTER, _MUST, _MUST_NOT = range(4)


@lean
def holds(program, pattern, text, at, stack):
    """Tell whether the pattern matches at this place; what cannot be settled counts as a match."""
    code, entries, members = program
    place, depth, look = entries[pattern], 0, -1
    for _ in range(_STEPS):
        if depth >= ROOM:
            return True
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
        else:
            return True
        while not goes_on:
            if depth == 0:
                return False
            depth -= 1
            waiting = stack[depth, 0]
            if waiting == _MUST:
                look = stack[depth, 3]
                continue
            goes_on = True
            place, at = stack[depth, 1], stack[depth, 2]
            if waiting == _MUST_NOT:
                look = stack[depth, 3]
            elif waiting == _SHORTER and at > stack[depth, 3]:
                stack[depth, 2] = at - 1
                depth += 1
    return True
