"""Words that are blotted out of a text: what stands there already is nothing to be found."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean
from analysis.kernels.utf8 import code_point


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
