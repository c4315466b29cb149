"""The set of a text's character 3-grams, as a hash table of numbers.

A 3-gram is its three code points side by side in 63 bits, scattered by a mixing function that maps
no two numbers to one: so equal numbers are equal 3-grams, and their low bits tell the slot.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from functools import partial

import numpy as np

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.utf8 import code_point


@partial(compiled, inline="always")
def mix(value):
    """Scatter 64 bits, one to one (finaliser of MurmurHash3, public domain)."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@partial(compiled, inline="always")
def gram_of(first, second, third):
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
            gram = gram_of(first, second, third)
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
