"""Fingerprints of texts as sets of character 3-grams: MinHash bands, bitmaps, sizes, hashes.

MinHash: Broder (1997). Banding: Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, 3.4.
Bitmaps: Sandes, Teodoro, Melo, "Bitmap filter" (2020): each 3-gram flips one bit, so two bitmaps
differ in at most as many bits as the two sets differ in members.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import compiled, lean, spliced
from analysis.engine.flat_columns import TextBuffers, code_point

# The set of a text's character 3-grams, as a hash table of numbers.
#
# A 3-gram is its three code points side by side in 63 bits, scattered by a mixing function that
# maps no two numbers to one: so equal numbers are equal 3-grams, and their low bits tell the
# slot.


@partial(compiled, inline="always")
def mix(value):
    """Scatter 64 bits, one to one (finaliser of MurmurHash3, public domain)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@partial(compiled, inline="always")
def _gram_of(first, second, third):
    """Return the number of a 3-gram of code points; never 0, which marks a free slot."""
    packed = (first << np.uint64(42)) | (second << np.uint64(21)) | third
    return mix(packed + np.uint64(1))


@lean
def table_size(characters):
    """Slots of a hash table for so many members: a power of two, at most half full."""
    size = 16
    while size < 2 * characters:
        size *= 2
    return size


@partial(compiled, inline="always")
def slot_of(table, mask, gram):
    """Where a 3-gram stands in a table, or the free slot where it would."""
    slot = gram & mask
    while table[slot] != 0 and table[slot] != gram:
        slot = (slot + np.uint64(1)) & mask
    return slot


@lean
def gram_set(data, start, end, table, used):
    """Put the distinct 3-grams of one text into `table`, which must be empty.

    `used` receives the slots. Returns their number and the mask of the slots.
    """
    mask = np.uint64(table_size(end - start) - 1)
    first, second = np.uint64(0), np.uint64(0)
    count, characters, at = 0, 0, start
    while at < end:
        point, at = code_point(data, at)
        third = np.uint64(point)
        characters += 1
        if characters >= 3:
            gram = _gram_of(first, second, third)
            slot = slot_of(table, mask, gram)
            if table[slot] == 0:
                table[slot] = gram
                used[count] = slot
                count += 1
        first, second = second, third
    return count, mask


@compiled
def longest_text(starts, ends):
    """Return the bytes of the longest text."""
    longest = 0
    for row in range(starts.size):
        longest = max(longest, ends[row] - starts[row])
    return longest


# 128 bits that stand for a text: equal texts have equal hashes, others all but surely not.


_EIGHT = np.uint64(8)
_LEFT, _RIGHT = np.uint64(0x9FB21C651E98DF25), np.uint64(0xD6E8FEB86659FD93)


@partial(compiled, inline="always")
def _byte(data, at, number):
    return np.uint64(data[at + np.uint64(number)]) << np.uint64(8 * number)


@partial(compiled, inline="always")
def _word(data, at):
    """Eight bytes as one number, which the compiler makes a single load of."""
    lower = _byte(data, at, 0) | _byte(data, at, 1) | _byte(data, at, 2) | _byte(data, at, 3)
    upper = _byte(data, at, 4) | _byte(data, at, 5) | _byte(data, at, 6) | _byte(data, at, 7)
    return lower | upper


@lean
def _text_hash(data, start, end):
    """Hash `data[start:end]` as two unlike chains over its words of eight bytes."""
    left = np.uint64(0x243F6A8885A308D3)
    right = np.uint64(0x13198A2E03707344) + np.uint64(end - start)
    # Unsigned places spare the test for negative ones, without which no single load is made.
    at, end = np.uint64(start), np.uint64(end)
    while at < end:
        word = np.uint64(0)
        if at + _EIGHT <= end:
            word = _word(data, at)
        else:
            for place in range(at, end):
                word = (word << _EIGHT) | np.uint64(data[place])
        left = (left ^ word) * _LEFT
        left ^= left >> np.uint64(29)
        right = (right + word) * _RIGHT
        right ^= right >> np.uint64(32)
        at += _EIGHT
    return mix(left), mix(right)


# Exact tests of two sets of character 3-grams: how alike they are, as cheaply as may be.


@spliced
def _set_bits(word):
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@spliced
def least_overlap(total, similarity):
    """Smallest intersection with which two sets of `total` members together are alike."""
    overlap = int(similarity / (1.0 + similarity) * total)
    while overlap > 0 and (overlap - 1) / (total - overlap + 1) >= similarity:
        overlap -= 1
    while overlap / (total - overlap) < similarity:
        overlap += 1
    return overlap


@spliced
def may_be_alike(sizes, bitmaps, left, right, needed):
    """Whether sizes and bitmaps leave open that two sets share `needed` members.

    Each member flips one bit of its set's bitmap, so the bits that differ are at most as many as
    the members that differ.
    """
    if min(sizes[left], sizes[right]) < needed:
        return False
    differing = np.uint64(0)
    for word in range(bitmaps.shape[1]):
        differing += _set_bits(bitmaps[left, word] ^ bitmaps[right, word])
    return np.int64(differing) <= np.int64(sizes[left]) + np.int64(sizes[right]) - 2 * needed


@lean
def overlap_reaches(data, start, end, needed, table, mask, seen, stamp):
    """Whether so many distinct 3-grams of a text are in the table of another (`gram_set`).

    `seen` has a place for each slot and must hold no `stamp` yet.
    """
    first, second = np.uint64(0), np.uint64(0)
    found, characters, at = 0, 0, start
    while at < end:
        point, at = code_point(data, at)
        third = np.uint64(point)
        characters += 1
        if characters >= 3:
            gram = _gram_of(first, second, third)
            slot = slot_of(table, mask, gram)
            if table[slot] == gram and seen[slot] != stamp:
                seen[slot] = stamp
                found += 1
                if found >= needed:
                    return True
        first, second = second, third
    return False


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
    >>> from analysis.engine.flat_columns import text_buffers
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
        hashes[row, 0], hashes[row, 1] = _text_hash(data, start, end)
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
