"""Hashed character 1-3-grams of folded text, and their weighted sum: one pass, no vocabulary.

`fold` maps a code point to the one that stands for it (0 drops it) and carries two flags in
the bits above: `SEPARATOR` for marks that people slip between the characters of a word
(垃.圾, 差 评), `EMOJI` for pictures, which count alone and never break a word.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled, lean, spliced
from analysis.kernels.lanes import peek, poke
from analysis.kernels.utf8 import code_point

SEPARATOR = 1 << 20
EMOJI = 1 << 21
FOLDED = (1 << 20) - 1
#: What stands for every code point beyond the table of foldings.
BEYOND = 0xFFFD

_MIX = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0x100000001B3)
_PAIR = np.uint64(0x632BE59BD9B4E019)
_TRIPLE = np.uint64(0xD6E8FEB86659FD93)


@spliced
def _is_han(code):
    return 0x4E00 <= code <= 0x9FFF


@spliced
def _add_grams(code, before, earlier, shift, grams, count):
    """Append the grams that end with `code`; `before` and `earlier` are 0 where there is none."""
    last = np.uint64(code)
    poke(grams, count, (last * _MIX) >> shift)
    count += 1
    if before:
        pair = np.uint64(before) * _STEP ^ last
        poke(grams, count, ((pair ^ _PAIR) * _MIX) >> shift)
        count += 1
        if earlier:
            triple = (np.uint64(earlier) * _STEP ^ np.uint64(before)) * _STEP ^ last
            poke(grams, count, ((triple ^ _TRIPLE) * _MIX) >> shift)
            count += 1
    return count


@lean
def text_grams(data, start, stop, fold, shift, grams):
    """Write the hashed grams of one text into `grams` and return how many there are."""
    count, before, earlier, pending = 0, 0, 0, 0
    at = start
    while at < stop:
        raw, at = code_point(data, at)
        folded = peek(fold, raw) if raw < fold.size else BEYOND
        code = folded & FOLDED
        if code == 0:
            continue
        if folded & EMOJI:
            poke(grams, count, (np.uint64(code) * _MIX) >> shift)
            count += 1
            continue
        if folded & SEPARATOR:
            pending = code if pending == 0 else pending
            continue
        if pending:
            if before and not (_is_han(before) or _is_han(code)):
                count = _add_grams(pending, before, earlier, shift, grams, count)
                before, earlier = pending, before
            pending = 0
        # A run of one character says no more after its second: 哈哈哈哈, ！！！！.
        if code == before and code == earlier:
            continue
        count = _add_grams(code, before, earlier, shift, grams, count)
        before, earlier = code, before
    return count


@lean
def longest_text(offsets):
    """Return the bytes of the longest text."""
    longest = 0
    for row in range(offsets.size - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest


@compiled
def _sum_weights(offsets, data, fold, shift, weights, out):
    grams = np.empty(3 * longest_text(offsets) + 3, np.uint32)
    for row in range(offsets.size - 1):
        count = text_grams(data, offsets[row], offsets[row + 1], fold, shift, grams)
        total = np.int64(0)
        for gram in range(count):
            total += peek(weights, peek(grams, gram))
        out[row] = total / np.sqrt(count) if count else 0.0


@compiled
def _list_grams(offsets, data, fold, shift, bounds, listed):
    grams = np.empty(3 * longest_text(offsets) + 3, np.uint32)
    end = 0
    for row in range(offsets.size - 1):
        count = text_grams(data, offsets[row], offsets[row + 1], fold, shift, grams)
        listed[end : end + count] = grams[:count]
        end += count
        bounds[row + 1] = end
    return end


def sum_weights(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    fold: npt.NDArray[np.int32],
    weights: npt.NDArray[np.int8],
) -> npt.NDArray[np.float64]:
    """Return, for each text, the sum of its grams' weights over the root of their number.

    The weights are whole numbers, so the sum is exact whatever the order; their number must
    be a power of two.

    Examples
    --------
    >>> texts = np.frombuffer("好不好".encode(), np.uint8)
    >>> same = np.arange(0x10000, dtype=np.int32)
    >>> sum_weights(np.array([0, 9]), texts, same, np.ones(1024, np.int8)).round(3).tolist()
    [2.449]
    """
    out = np.empty(offsets.size - 1, np.float64)
    _sum_weights(offsets, data, fold, table_shift(weights.size), weights, out)
    return out


def list_grams(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    fold: npt.NDArray[np.int32],
    buckets: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """Return the grams of all texts end to end, and where each text's begin and end.

    Examples
    --------
    >>> texts = np.frombuffer("好不".encode(), np.uint8)
    >>> same = np.arange(0x10000, dtype=np.int32)
    >>> bounds, grams = list_grams(np.array([0, 6]), texts, same, 1024)
    >>> bounds.tolist(), len(grams)
    ([0, 3], 3)
    """
    bounds = np.zeros(offsets.size, np.int64)
    listed = np.empty(3 * int(offsets[-1] - offsets[0]) + 3, np.uint32)
    end = _list_grams(offsets, data, fold, table_shift(buckets), bounds, listed)
    return bounds, listed[:end].copy()


def table_shift(buckets: int) -> np.uint64:
    """Return how many bits of a hash a table of so many places leaves unused."""
    return np.uint64(64 - (buckets.bit_length() - 1))
