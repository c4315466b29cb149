"""Exact tests of two sets of character 3-grams: how alike they are, as cheaply as may be."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.character_grams import gram_of, slot_of
from analysis.kernels.compiled import lean, spliced
from analysis.kernels.utf8 import code_point


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
            gram = gram_of(first, second, third)
            slot = slot_of(table, mask, gram)
            if table[slot] == gram and seen[slot] != stamp:
                seen[slot] = stamp
                found += 1
                if found >= needed:
                    return True
        first, second = second, third
    return False
