"""Which characters can come next in a program of patterns: what spares the search most ways."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Instructions: take one of a set; a run of a set; try one way, then another; go on elsewhere;
# begin a look-around; end it; found; forget all groups; note where a group begins or ends; the
# same characters as a group, behind which stands, for these ways only, what the group can be.
TAKE, RUN, SPLIT, JUMP, LOOK, LOOKED, FOUND, FORGET, NOTE, SAME = range(10)
# A look-around that looks ahead, where others tell how many characters back.
AHEAD = -1
# So many characters from its beginning on must suit a pattern before it is tried.
DEPTH = 5

Instruction = tuple[int, int, int, int]
Symbols = npt.NDArray[np.bool_]
_State = tuple[int, int]


class Paths:
    """The ways through a program.

    Parameters
    ----------
    code
        Instructions, four numbers each.
    members
        Which set (row) holds which symbol (column); the last symbol stands for the end of the text.
    """

    def __init__(self, code: list[Instruction], members: Symbols) -> None:
        self._code = code
        self._members = members

    def with_following(self) -> tuple[list[tuple[int, ...]], Symbols]:
        """Return the instructions with two more numbers, and the sets with those they name.

        A run is told what can stand behind it; a split, with which character each way can begin.
        """
        rows: dict[bytes, int] = {row.tobytes(): at for at, row in enumerate(self._members)}
        sets = list(self._members)

        def number(symbols: Symbols) -> int:
            if symbols.tobytes() not in rows:
                rows[symbols.tobytes()] = len(sets)
                sets.append(symbols)
            return rows[symbols.tobytes()]

        code: list[tuple[int, ...]] = []
        for at, instruction in enumerate(self._code):
            kind, one, other, _ = instruction
            ways = (at + 1, at + 1) if kind == RUN else (one, other) if kind == SPLIT else ()
            code.append((*instruction, *([number(self.first(way)) for way in ways] or (0, 0))))
        return code, np.array(sets)

    def openings(self, entry: int) -> list[Symbols]:
        """Return which symbols can stand before a pattern, and as its first characters."""
        openings = [self._before(entry)]
        states = self._taking(entry)
        for _ in range(DEPTH):
            openings.append(self._taken(states))
            states = {after for state in states for after in self._after(*state)}
        return openings

    def first(self, at: int) -> Symbols:
        """Return which symbols can come next at an instruction."""
        return self._taken(self._taking(at))

    def _taken(self, states: set[_State]) -> Symbols:
        if any(self._code[at][0] in {FOUND, LOOKED} for at, _ in states):
            return np.ones(self._members.shape[1], np.bool_)
        sets = [self._code[at][1] for at, _ in states]
        return np.asarray(self._members[sets].any(axis=0), np.bool_)

    def _after(self, at: int, count: int) -> set[_State]:
        """Where the search can stand after one more character is taken at an instruction."""
        kind, _, least, most = self._code[at]
        if kind in {FOUND, LOOKED}:
            return {(at, 0)}
        if kind == TAKE:
            return self._taking(at + 1)
        states = {(at, count + 1)} if count + 1 < most else set()
        return states | (self._taking(at + 1) if count + 1 >= least else set())

    def _taking(self, at: int) -> set[_State]:
        """Which instructions that take a character are reached first.

        What must come next is a way of its own; other look-arounds let everything pass.
        """
        kind, one, other, past = self._code[at]
        if kind == SPLIT:
            return self._taking(one) | self._taking(other)
        if kind == JUMP:
            return self._taking(one)
        if kind == LOOK:
            return self._taking(at + 1 if other == AHEAD and not one else past)
        if kind in {FORGET, NOTE, SAME}:
            return self._taking(at + 1)
        if kind == RUN and other == 0:
            return {(at, 0)} | self._taking(at + 1)
        return {(at, 0)}

    def _before(self, at: int) -> Symbols:
        kind, one, other, past = self._code[at]
        if kind == SPLIT:
            return self._before(one) | self._before(other)
        if kind == JUMP:
            return self._before(one)
        if kind in {FORGET, NOTE, SAME}:
            return self._before(at + 1)
        if kind == LOOK:
            taken, end = self._code[at + 1], self._code[at + 2]
            is_plain = one and other == 1 and taken[0] == TAKE and end[0] == LOOKED
            return self._before(past) & ~self._members[taken[1]] if is_plain else self._before(past)
        return np.ones(self._members.shape[1], np.bool_)
