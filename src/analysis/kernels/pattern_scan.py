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

from analysis.kernels.blotted_words import words_as_points
from analysis.kernels.compiled import compiled
from analysis.kernels.pattern_program import build_program
from analysis.kernels.pattern_search import next_bit, read_symbols, search, search_room
from analysis.kernels.utf8 import TextBuffers


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
def _scan(data, offsets, rows, blotted, tables, room):
    symbols, openings, entries, shifts, code, members = tables
    text, _, _, places = room
    hits = np.empty((1024, 4), np.int32)
    count = 0
    for row in rows:
        length = read_symbols(data, offsets[row], offsets[row + 1], blotted, symbols, text)
        found = search(length, openings, entries, (code, members), room)
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
