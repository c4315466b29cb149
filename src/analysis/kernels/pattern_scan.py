"""Tell which of many patterns a text holds, in one compiled pass without the interpreter's lock.

Every pattern is a pattern of `re` and is searched for by its rules, look-arounds included, on the
UTF-8 bytes of a whole column. So a slow rule that is written in Python need see only the texts in
which it finds something.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from analysis.kernels.character_fold import blotted_width, words_as_points
from analysis.kernels.compiled import compiled, lean
from analysis.kernels.pattern_match import ROOM, holds
from analysis.kernels.pattern_paths import DEPTH
from analysis.kernels.pattern_program import build_program
from analysis.kernels.utf8 import TextBuffers, code_point

# A pattern that is found at so many places of a text is not tried at the others: it may be at any.
MANY = 16
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
    >>> scan.hits(text_buffers(pl.Series(["12", "2222", "【a】b", "aaＢ2", None]))).tolist()
    [[1, 0, 0, 3], [3, 0, 3, 3], [3, 1, 0, 1]]
    """

    def __init__(
        self,
        patterns: Sequence[re.Pattern[str]],
        folded: Mapping[int, str] | None = None,
        blotted: Sequence[str] = (),
    ) -> None:
        self._program = build_program(patterns, folded or {})
        self._blotted = words_as_points(blotted)

    def hits(
        self, texts: TextBuffers, rows: npt.NDArray[np.int32] | None = None
    ) -> npt.NDArray[np.int32]:
        """Return what is found in all or some texts: text, pattern, first and last place.

                Between the two places every match begins.
        The order is that of texts and patterns. A pattern with
                a back reference may be found where `re` does not find it.
        """
        program = self._program
        found: npt.NDArray[np.int32] = _scan(
            texts.data,
            texts.offsets,
            np.arange(len(texts), dtype=np.int32) if rows is None else rows,
            self._blotted,
            program.symbols,
            tuple(program.openings),
            (program.code, program.entries, program.members),
            program.shifts,
        )
        return found


@compiled
def _scan(data, offsets, rows, blotted, symbols, openings, program, shifts):
    room = 0
    for row in rows:
        room = max(room, offsets[row + 1] - offsets[row])
    text = np.empty(room + DEPTH, np.uint16)
    stack = np.empty((ROOM + 4, 4), np.int32)
    places = np.zeros((64, 3), np.int32)
    hits = np.empty((1024, 4), np.int32)
    count = 0
    for row in rows:
        length = _read(data, offsets[row], offsets[row + 1], blotted, symbols, text)
        found = _search(text, length, openings, program, stack, places)
        while found:
            pattern, found = _next(found)
            if count == hits.shape[0]:
                grown = np.empty((2 * count, 4), np.int32)
                grown[:count] = hits
                hits = grown
            hits[count, 0], hits[count, 1] = row, pattern
            hits[count, 2] = places[pattern, 0] + shifts[pattern]
            hits[count, 3] = min(places[pattern, 1] + shifts[pattern], length)
            count += 1
    return hits[:count].copy()


@lean
def _search(text, length, openings, program, stack, places):
    """Return the patterns that are found, and note their first and last places."""
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
            pattern, likely = _next(likely)
            if holds(program, pattern, text, at, stack):
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
def _next(bits):
    """Return the place of the lowest bit, and the bits without it."""
    bit = bits & (~bits + np.uint64(1))
    return _PLACES[(bit * _LOWEST_BIT) >> np.uint64(58)], bits ^ bit


@lean
def _read(data, at, end, blotted, symbols, text):
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
