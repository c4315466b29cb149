"""Fingerprints of texts as sets of character 3-grams: MinHash bands, bitmaps, sizes, hashes.

A 3-gram is its three code points side by side in 63 bits, so equal numbers are equal 3-grams.
MinHash: Broder (1997). Banding: Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, 3.4.
Bitmaps: Sandes, Teodoro, Melo, "Bitmap filter" (2020): each 3-gram flips one bit, so two bitmaps
differ in at most as many bits as the two sets differ in members.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from analysis.kernels.utf8 import TextBuffers, code_point

HASHES = 64
BITMAP_WORDS = 4
_START = 0x9E3779B97F4A7C15


class Sketches(NamedTuple):
    """One row a text: 128-bit hash, number of 3-grams, bitmap, and a key for each band."""

    hashes: npt.NDArray[np.uint64]
    sizes: npt.NDArray[np.uint32]
    bitmaps: npt.NDArray[np.uint64]
    bands: npt.NDArray[np.uint32]


def sketch_texts(texts: TextBuffers, rows: int, bands: int) -> Sketches:
    """Sketch each text; texts under three characters have size 0 and meaningless bands.

    Parameters
    ----------
    texts
        UTF-8, end to end.
    rows, bands
        MinHash values a band, and bands; together at most `HASHES`.

    Examples
    --------
    >>> from analysis.kernels.utf8 import text_buffers
    >>> import polars as pl
    >>> sketches = sketch_texts(text_buffers(pl.Series(["发货太慢", "慢"])), 4, 16)
    >>> sketches.sizes.tolist(), sketches.bands.shape
    ([2, 0], (2, 16))
    """
    count = len(texts)
    sketches = Sketches(
        np.empty((count, 2), np.uint64),
        np.empty(count, np.uint32),
        np.empty((count, BITMAP_WORDS), np.uint64),
        np.empty((count, bands), np.uint32),
    )
    _sketch(texts.data, texts.offsets, _hash_parameters(rows * bands), rows, *sketches)
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


@nb.njit(cache=True, nogil=True, inline="always")
def mix(value):
    """Scatter 64 bits (finaliser of MurmurHash3, public domain)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@nb.njit(cache=True, nogil=True)
def table_size(characters):
    """Slots of a hash table for so many members: a power of two, at most half full."""
    size = 16
    while size < 2 * characters:
        size *= 2
    return size


@nb.njit(cache=True, nogil=True)
def gram_set(data, start, end, table, used):
    """Put the distinct 3-grams of one text into `table`, from slot `mix(gram) & mask` on.

    `table` holds gram + 1 or 0 for a free slot, and must be empty; `used` receives the slots.
    Returns their number and the mask.
    """
    mask = np.uint64(table_size(end - start) - 1)
    first, second = np.uint64(0), np.uint64(0)
    count, characters, at = 0, 0, start
    while at < end:
        point, at = code_point(data, at)
        third = np.uint64(point)
        gram = ((first << np.uint64(42)) | (second << np.uint64(21)) | third) + np.uint64(1)
        first, second = second, third
        characters += 1
        if characters < 3:
            continue
        slot = mix(gram) & mask
        while table[slot] != 0 and table[slot] != gram:
            slot = (slot + np.uint64(1)) & mask
        if table[slot] == 0:
            table[slot] = gram
            used[count] = slot
            count += 1
    return count, mask


@nb.njit(cache=True, nogil=True)
def _longest(offsets):
    longest = 0
    for row in range(offsets.size - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest


@nb.njit(cache=True, nogil=True)
def _hash_text(data, start, end):
    """Hash one text to 128 bits, as two unlike 64-bit chains over its bytes."""
    left = np.uint64(0x243F6A8885A308D3)
    right = np.uint64(0x13198A2E03707344) + np.uint64(end - start)
    for at in range(start, end):
        byte = np.uint64(data[at])
        left = (left ^ byte) * np.uint64(0x9FB21C651E98DF25)
        left ^= left >> np.uint64(29)
        right = (right + byte + np.uint64(1)) * np.uint64(0xD6E8FEB86659FD93)
        right ^= right >> np.uint64(32)
    return mix(left), mix(right)


@nb.njit(cache=True, nogil=True)
def _sketch(data, offsets, parameters, rows, hashes, sizes, bitmaps, bands):
    longest = _longest(offsets)
    table = np.zeros(table_size(longest), np.uint64)
    used = np.empty(longest + 1, np.uint64)
    least = np.empty(parameters.shape[1], np.uint32)
    for row in range(offsets.size - 1):
        start, end = offsets[row], offsets[row + 1]
        hashes[row, 0], hashes[row, 1] = _hash_text(data, start, end)
        count, _ = gram_set(data, start, end, table, used)
        sizes[row] = count
        bitmaps[row] = 0
        least[:] = np.uint32(0xFFFFFFFF)
        for place in range(count):
            mixed = mix(table[used[place]])
            table[used[place]] = 0
            bit = mixed & np.uint64(64 * BITMAP_WORDS - 1)
            bitmaps[row, bit >> np.uint64(6)] ^= np.uint64(1) << (bit & np.uint64(63))
            _lower(least, np.uint32(mixed >> np.uint64(32)), parameters)
        for band in range(bands.shape[1]):
            bands[row, band] = _band_key(least, band * rows, rows)


@nb.njit(cache=True, nogil=True)
def _lower(least, value, parameters):
    """Lower each minimum by one member's hash: multiplier * value + offset modulo 2^32."""
    for function in range(least.size):
        hashed = np.uint32(parameters[0, function] * value + parameters[1, function])
        least[function] = min(least[function], hashed)


@nb.njit(cache=True, nogil=True)
def _band_key(least, first, rows):
    key = np.uint64(first + 1)
    for place in range(first, first + rows):
        key = mix(key ^ np.uint64(least[place]))
    return np.uint32(key >> np.uint64(32))
