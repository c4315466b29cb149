"""Tell from the first and last character of each cell which ones cleaning can change: few can."""

# Compiled functions take their types from the call.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202
from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled
from analysis.kernels.utf8 import TextBuffers, code_point

_BLANK, _FIRST = 1, 2
_POINTS = 0x110000


class CellGate:
    r"""Which cells begin or end with a blank, or may be one of some short words.

    Parameters
    ----------
    blanks
        Characters.
    words
        Told by their first character and by the length of the longest.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.kernels.utf8 import text_buffers
    >>> gate = CellGate(" \u3000", ["", "nan", "无"])
    >>> gate.rows(text_buffers(pl.Series(["慢 慢", "慢\u3000", None, "无", "nanometre"]))).tolist()
    [1, 3]
    """

    def __init__(self, blanks: str, words: Collection[str]) -> None:
        self.words = list(words)
        self._classes = np.zeros(_POINTS, np.uint8)
        self.longest = max(len(word.encode()) for word in words)
        for mark in blanks:
            self._classes[ord(mark)] |= _BLANK
        for word in filter(None, words):
            self._classes[ord(word[0])] |= _FIRST

    def rows(self, texts: TextBuffers) -> npt.NDArray[np.int64]:
        """Return the places of these cells; empty ones and nulls look alike and are left out."""
        is_asked = np.zeros(len(texts), np.bool_)
        _ask(texts.data, texts.offsets, self._classes, self.longest, is_asked)
        return np.flatnonzero(is_asked)


def count_empty(texts: TextBuffers) -> int:
    """Return how many texts have no character, nulls among them."""
    return int(np.count_nonzero(texts.offsets[1:] == texts.offsets[:-1]))


def holds_zero(texts: TextBuffers) -> bool:
    """Tell whether a zero byte stands in any text."""
    content = texts.data[texts.offsets[0] : texts.offsets[-1]]
    return bool(content.size) and bool(content.min() == 0)


@compiled
def _ask(data, offsets, classes, longest, is_asked):
    for row in range(offsets.size - 1):
        start, end = offsets[row], offsets[row + 1]
        if start == end:
            continue
        first, _ = code_point(data, start)
        at_start = classes[first]
        place = end - 1
        while data[place] & 0xC0 == 0x80:
            place -= 1
        last, _ = code_point(data, place)
        is_short = end - start <= longest
        is_asked[row] = (at_start | classes[last]) & _BLANK or (is_short and at_start & _FIRST)
