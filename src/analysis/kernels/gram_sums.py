"""Sums of several targets' weights in one pass over the hashed grams of each text.

The weights of a gram lie side by side as bytes, raised by 128 so that none is negative. Eight
targets are added at once, four in the even and four in the odd bytes of a word of 64 bits, and
before 16 bits could overflow the sums are carried over.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled, spliced
from analysis.kernels.hashed_linear import longest_text, table_shift, text_grams
from analysis.kernels.lanes import peek, prefetch
from analysis.kernels.utf8 import TextBuffers

MAX_TARGETS = 16
_RAISED = 128
# So many times 255 stays below 2 ** 16.
_AT_ONCE = 256
_EVEN = np.uint64(0x00FF00FF00FF00FF)
_LOWEST = np.uint64(0xFFFF)
_BYTE = np.uint64(8)


def side_by_side(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.uint64]:
    """Return the weights, one row a target, as one row a gram for `sum_all_weights`.

    Examples
    --------
    >>> side_by_side(np.zeros((10, 1024), np.int8)).shape
    (1024, 2)
    """
    raised = np.full((weights.shape[1], MAX_TARGETS), _RAISED, np.uint8)
    # In bytes, turning the sign bit over is adding 128.
    raised[:, : weights.shape[0]] = weights.T.view(np.uint8) ^ np.uint8(_RAISED)
    return raised.view("<u8").astype(np.uint64, copy=False)


@spliced
def _carry(words, first, totals):
    """Add the four sums of a word to every second total."""
    for place in range(4):
        totals[first + 2 * place] += np.int64((words >> np.uint64(16 * place)) & _LOWEST)


@spliced
def _ask_for(cells, grams, count):
    for place in range(count):
        prefetch(cells, np.int64(peek(grams, place)) * 2)


@spliced
def _sum_text(cells, grams, count, totals):
    totals[:] = -_RAISED * count
    for begin in range(0, count, _AT_ONCE):
        a, b, c, d = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
        for place in range(begin, min(begin + _AT_ONCE, count)):
            at = np.int64(peek(grams, place)) * 2
            low, high = peek(cells, at), peek(cells, at + 1)
            a += low & _EVEN
            b += (low >> _BYTE) & _EVEN
            c += high & _EVEN
            d += (high >> _BYTE) & _EVEN
        _carry(a, 0, totals)
        _carry(b, 1, totals)
        _carry(c, 8, totals)
        _carry(d, 9, totals)


@compiled
def _sum_all(offsets, data, fold, shift, cells, out):
    n_texts, count = offsets.size - 1, 0
    # The table is larger than the nearest caches: the rows of a text are asked for while the
    # text before it is summed.
    grams = np.empty((2, 3 * longest_text(offsets) + 3), np.uint32)
    totals = np.zeros(MAX_TARGETS, np.int64)
    for text in range(n_texts + 1):
        following = 0
        if text < n_texts:
            ahead = grams[text & 1]
            following = text_grams(data, offsets[text], offsets[text + 1], fold, shift, ahead)
            _ask_for(cells, ahead, following)
        if text > 0:
            _sum_text(cells, grams[(text - 1) & 1], count, totals)
            root = np.sqrt(count) if count else 1.0
            for target in range(out.shape[1]):
                out[text - 1, target] = totals[target] / root
        count = following


def sum_all_weights(
    texts: TextBuffers,
    fold: npt.NDArray[np.int32],
    rows: npt.NDArray[np.uint64],
    n_targets: int,
) -> npt.NDArray[np.float64]:
    """Return for each text and target what `sum_weights` returns, to the last bit.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.kernels.utf8 import text_buffers
    >>> rows = side_by_side(np.array([[1] * 1024, [-128] * 1024], np.int8))
    >>> same = np.arange(0x10000, dtype=np.int32)
    >>> sum_all_weights(text_buffers(pl.Series(["好不好"])), same, rows, 2).round(2).tolist()
    [[2.45, -313.53]]
    """
    out = np.empty((len(texts), n_targets))
    _sum_all(texts.offsets, texts.data, fold, table_shift(rows.shape[0]), rows.ravel(), out)
    return out
