"""Replace characters by plainer ones and blot words out, in whole columns and place by place."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.utf8 import TextBuffers, code_point

_POINTS = 0x110000


class CharacterFold:
    r"""Characters that are replaced, one by one, and words that become NUL characters.

    Parameters
    ----------
    replaced
        Replacements as `str.translate` takes them; each is an ASCII character.
    blotted
        Words of which every character becomes NUL; all begin with the same character.

    Examples
    --------
    >>> from analysis.kernels.utf8 import text_buffers
    >>> fold = CharacterFold({0xFF22: "b"}, ["【a】"])
    >>> fold.fold(text_buffers(pl.Series(["ＢB", "", "【a】【b】"])), np.array([0, 2])).to_list()
    ['bB', '\x00\x00\x00【b】']
    """

    def __init__(self, replaced: Mapping[int, str], blotted: Sequence[str] = ()) -> None:
        self._points = np.arange(_POINTS, dtype=np.int32)
        self._points[list(replaced)] = list(map(ord, replaced.values()))
        self._blotted = words_as_points(blotted)

    def fold(self, texts: TextBuffers, rows: npt.NDArray[np.int32]) -> pl.Series:
        """Return some of the texts, folded: every character keeps its place."""
        room = int((texts.offsets[rows + 1] - texts.offsets[rows]).sum())
        folded = np.empty(room, np.uint8)
        ends = np.zeros(len(rows) + 1, np.int64)
        _fold(texts.data, texts.offsets, rows, self._points, self._blotted, folded, ends)
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(folded)]
        array = pa.Array.from_buffers(pa.large_string(), len(rows), buffers)
        return pl.Series(array, dtype=pl.String)


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
def blotted_width(data, start, end, blotted):
    """Return how many characters long the blotted word at `start` is, and where it ends."""
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
def _fold(data, offsets, rows, points, blotted, folded, ends):
    written = 0
    for place in range(rows.size):
        at, end = offsets[rows[place]], offsets[rows[place] + 1]
        while at < end:
            point, after = code_point(data, at)
            width = 0
            if blotted.size and point == blotted[0, 0]:
                width, behind = blotted_width(data, at, end, blotted)
            if width:
                folded[written : written + width] = 0
                written += width
                after = behind
            elif points[point] != point:
                folded[written] = points[point]
                written += 1
            else:
                folded[written : written + after - at] = data[at:after]
                written += after - at
            at = after
        ends[place + 1] = written
