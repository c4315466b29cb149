"""Fingerprints of texts as sets of character 3-grams: MinHash bands, bitmaps, sizes, hashes.

MinHash: Broder (1997). Banding: Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, 3.4.
Bitmaps: Sandes, Teodoro, Melo, "Bitmap filter" (2020): each 3-gram flips one bit, so two bitmaps
differ in at most as many bits as the two sets differ in members.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.character_grams import gram_set, longest_text, mix, table_size
from analysis.kernels.compiled import compiled, lean
from analysis.kernels.text_hash import text_hash
from analysis.kernels.utf8 import TextBuffers

HASHES = 64
BITMAP_WORDS = 4
_START = 0x9E3779B97F4A7C15


class Sketches(NamedTuple):
    """One row a text: 128-bit hash, number of 3-grams, bitmap; and one row a band: its keys."""

    hashes: npt.NDArray[np.uint64]
    sizes: npt.NDArray[np.uint32]
    bitmaps: npt.NDArray[np.uint64]
    bands: npt.NDArray[np.uint32]


def sketch_texts(texts: TextBuffers, rows: int, bands: int, threads: int = 1) -> Sketches:
    """Sketch each text; texts under three characters have size 0 and meaningless bands.

    Parameters
    ----------
    texts
        UTF-8, end to end.
    rows, bands
        MinHash values a band, and bands; together at most `HASHES`.
    threads
        How many share the work; the result is the same.

    Examples
    --------
    >>> from analysis.kernels.utf8 import text_buffers
    >>> import polars as pl
    >>> sketches = sketch_texts(text_buffers(pl.Series(["发货太慢", "慢"])), 4, 16)
    >>> sketches.sizes.tolist(), sketches.bands.shape
    ([2, 0], (16, 2))
    """
    count = len(texts)
    sketches = Sketches(
        np.empty((count, 2), np.uint64),
        np.empty(count, np.uint32),
        np.empty((count, BITMAP_WORDS), np.uint64),
        np.empty((bands, count), np.uint32),
    )
    parameters = _hash_parameters(rows * bands)
    cuts = np.linspace(0, count, threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        list(
            pool.map(
                lambda cut: _sketch(texts.data, texts.offsets, *cut, parameters, rows, *sketches),
                pairwise(cuts),
            )
        )
    return sketches


def _hash_parameters(count: int) -> npt.NDArray[np.uint32]:
    """Odd multipliers and offsets of `count` hash functions, from a fixed splitmix64 sequence."""
    limit = (1 << 64) - 1
    state, values = _START, []
    for _ in range(2 * count):
        state = (state + 0x9E3779B97F4A7C15) & limit
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & limit
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & limit
        values.append((mixed ^ (mixed >> 31)) >> 32)
    parameters = np.array(values, np.uint32).reshape(2, count)
    parameters[0] |= np.uint32(1)
    return parameters


@compiled
def _sketch(data, offsets, first, last, parameters, rows, hashes, sizes, bitmaps, bands):
    longest = longest_text(offsets[first:last], offsets[first + 1 : last + 1])
    table = np.zeros(table_size(longest), np.uint64)
    used = np.empty(longest + 1, np.uint64)
    values = np.empty(longest + 4, np.uint32)
    least = np.empty(parameters.shape[1], np.uint32)
    for row in range(first, last):
        start, end = offsets[row], offsets[row + 1]
        hashes[row, 0], hashes[row, 1] = text_hash(data, start, end)
        count, _ = gram_set(data, start, end, table, used)
        sizes[row] = count
        bitmaps[row] = 0
        for place in range(count):
            gram = table[used[place]]
            table[used[place]] = 0
            bit = gram & np.uint64(64 * BITMAP_WORDS - 1)
            bitmaps[row, bit >> np.uint64(6)] ^= np.uint64(1) << (bit & np.uint64(63))
            values[place] = np.uint32(gram >> np.uint64(32))
        _minima(values, count, parameters[0], parameters[1], least)
        for band in range(bands.shape[0]):
            bands[band, row] = _band_key(least, band * rows, rows)


@lean
def _minima(values, count, multipliers, offsets, least):
    """Write the least hash of each function: multiplier * value + offset modulo 2^32.

    Four values at a time, since reading and writing the minima costs more than the hash itself;
    the last value is repeated, which changes no minimum.
    """
    least[:] = np.uint32(0xFFFFFFFF)
    if count == 0:
        return
    values[count : count + 3] = values[count - 1]
    for place in range(0, count, 4):
        one, two = values[place], values[place + 1]
        three, four = values[place + 2], values[place + 3]
        for function in range(least.size):
            factor, offset = multipliers[function], offsets[function]
            lower = min(np.uint32(factor * one + offset), np.uint32(factor * two + offset))
            upper = min(np.uint32(factor * three + offset), np.uint32(factor * four + offset))
            least[function] = min(least[function], lower, upper)


@lean
def _band_key(least, first, rows):
    key = np.uint64(first + 1)
    for place in range(first, first + rows):
        key = mix(key ^ np.uint64(least[place]))
    return np.uint32(key >> np.uint64(32))
