"""Tell which of many patterns a text holds, in one compiled pass without the interpreter's lock.

Every pattern is a pattern of `re` and is searched for by its rules, look-arounds included, on the
UTF-8 bytes of a whole column. So a slow rule that is written in Python need see only the texts in
which it finds something.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0912, PLR0915, PLR0917
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled
from analysis.kernels.pattern_paths import AHEAD, JUMP, LOOK, LOOKED, RUN, SPLIT, TAKE
from analysis.kernels.pattern_program import build_program
from analysis.kernels.utf8 import TextBuffers, code_point

# A search that needs more steps or more room is given up, and its pattern counts as found.
_STEPS, _ROOM = 20_000, 2048
# What waits on the stack: another way; shorter runs; a look-around that has not ended.
_WAY, _SHORTER, _MUST, _MUST_NOT = range(4)
_LOWEST_BIT = np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.zeros(64, np.int64)
_PLACES[[(0x03F79D71B4CB0A89 << place & (1 << 64) - 1) >> 58 for place in range(64)]] = range(64)


class PatternScan:
    """Patterns that are searched for together, at most 64.

    Parameters
    ----------
    patterns
        Patterns of `re`, of those forms that `pattern_syntax` reads.
    folded
        Characters that are replaced before the search, as `str.translate` takes them.
    blotted
        Words that count as so many NUL characters; all begin with the same character.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.kernels.utf8 import text_buffers
    >>> scan = PatternScan([re.compile("(?<!1)2"), re.compile("a+b")], {0xFF22: "b"}, ["【a】"])
    >>> scan.ask(text_buffers(pl.Series(["12", "22", "【a】b", "aaＢ2", None]))).tolist()
    [0, 1, 0, 3, 0]
    """

    def __init__(
        self,
        patterns: Sequence[re.Pattern[str]],
        folded: Mapping[int, int | str] | None = None,
        blotted: Sequence[str] = (),
    ) -> None:
        self._program = build_program(patterns, folded or {})
        longest = max(map(len, blotted), default=1)
        self._blotted = np.zeros((len(blotted), longest), np.int32)
        for row, word in enumerate(blotted):
            self._blotted[row, : len(word)] = list(map(ord, word))

    def ask(self, texts: TextBuffers) -> npt.NDArray[np.uint64]:
        """Return a word for each text: bit p is set where pattern p is found."""
        program = self._program
        answers = np.zeros(len(texts), np.uint64)
        _scan(
            texts.data,
            texts.offsets,
            self._blotted,
            program.symbols,
            program.openings,
            (program.code, program.entries, program.members),
            answers,
        )
        return answers


@compiled
def _scan(data, offsets, blotted, symbols, openings, program, answers):
    room = 0
    for row in range(answers.size):
        room = max(room, offsets[row + 1] - offsets[row])
    text = np.empty(room + 3, np.int16)
    stack = np.empty((_ROOM + 4, 4), np.int32)
    end = np.int16(openings.shape[1] - 1)
    for row in range(answers.size):
        length = _read(data, offsets[row], offsets[row + 1], blotted, symbols, text)
        text[length : length + 3] = end
        found, before = np.uint64(0), end
        for at in range(length):
            likely = openings[1, text[at]] & openings[2, text[at + 1]]
            likely &= openings[3, text[at + 2]] & openings[0, before] & ~found
            before = text[at]
            while likely:
                bit = likely & (~likely + np.uint64(1))
                likely ^= bit
                place = _PLACES[(bit * _LOWEST_BIT) >> np.uint64(58)]
                if _holds(program, place, text, at, stack):
                    found |= bit
        answers[row] = found


@compiled
def _read(data, at, end, blotted, symbols, text):
    """Write the symbols of a text; return how many there are."""
    length = 0
    while at < end:
        point, after = code_point(data, at)
        text[length] = symbols[point]
        length += 1
        if blotted.size and point == blotted[0, 0]:
            width, behind = _blotted_width(data, at, end, blotted)
            if width:
                text[length - 1 : length - 1 + width] = symbols[0]
                length += width - 1
                after = behind
        at = after
    return length


@compiled
def _blotted_width(data, start, end, blotted):
    """How many characters long the blotted word at `start` is, and where it ends."""
    for row in range(blotted.shape[0]):
        at, width = start, 0
        while width < blotted.shape[1] and blotted[row, width] and at < end:
            point, after = code_point(data, at)
            if point != blotted[row, width]:
                break
            at, width = after, width + 1
        if width == blotted.shape[1] or blotted[row, width] == 0:
            return width, at
    return 0, start


@compiled
def _holds(program, pattern, text, at, stack):
    """Tell whether the pattern matches at this place; what cannot be settled counts as a match."""
    code, entries, members = program
    place, depth, look = entries[pattern], 0, -1
    for _ in range(_STEPS):
        if depth >= _ROOM:
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
