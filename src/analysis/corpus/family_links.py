"""Components of near-duplicates: verified pairs of each band, one band in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from analysis.corpus.piles import Array, Pile, TextPile
from analysis.kernels.bucket_links import link_buckets, mark_partners, mixed_buckets
from analysis.kernels.union_find import flatten, unite_pairs

Result = TypeVar("Result")

_THREADS = 2
# Members whose texts are in memory at once.
_CHUNK = 1 << 19
_LOW = np.uint64(0xFFFFFFFF)


class BandLinker:
    """Unites the entries of alike texts; `parents` is the union-find over all entries.

    Parameters
    ----------
    sizes, bitmaps, texts
        Number of 3-grams of every entry, bitmaps, and texts.
    parents
        Component of every entry so far; changed in place.
    similarity
        Least Jaccard similarity of alike texts.
    """

    def __init__(
        self, sizes: Array, bitmaps: Pile, texts: TextPile, parents: Array, similarity: float
    ) -> None:
        self._sizes = sizes
        self._bitmaps = bitmaps
        self._texts = texts
        self._parents = parents
        self._similarity = similarity

    def link(self, entries: Array, keys: Array) -> None:
        """Unite the entries that share a key in one band and are alike."""
        members, keys = self._crowd(entries, keys)
        for first, last in _chunks(keys):
            self._link_chunk(members[first:last], keys[first:last])
        flatten(self._parents)

    def _crowd(self, entries: Array, keys: Array) -> tuple[Array, Array]:
        """Keep the members of buckets that hold more than one component, bucket by bucket."""
        packed = (keys.astype(np.uint64) << np.uint64(32)) | entries.astype(np.uint64)
        packed.sort()
        same = np.zeros(len(packed) + 1, bool)
        same[1:-1] = (packed[1:] >> np.uint64(32)) == (packed[:-1] >> np.uint64(32))
        packed = packed[same[1:] | same[:-1]]
        members = (packed & _LOW).astype(np.int32)
        keys = (packed >> np.uint64(32)).astype(np.uint32)
        order = np.lexsort((self._parents[members], keys))
        members, keys = members[order], keys[order]
        marks = np.zeros(len(members), bool)
        mixed_buckets(_bounds(keys), self._parents[members], marks)
        return members[marks], keys[marks]

    def _link_chunk(self, members: Array, keys: Array) -> None:
        sizes, bitmaps = self._sizes[members], self._bitmaps.take(members)
        if self._texts.is_spilled:
            marks = self._mark(members, _bounds(keys), sizes, bitmaps)
            members, keys, sizes, bitmaps = (
                members[marks],
                keys[marks],
                sizes[marks],
                bitmaps[marks],
            )
        roots, bounds = self._parents[members], _bounds(keys)
        side = (sizes, bitmaps, *self._texts.take(members), self._similarity)
        for links in _in_threads(
            lambda first, last: link_buckets(bounds, members, roots, side, first, last), bounds
        ):
            unite_pairs(self._parents, links)

    def _mark(self, members: Array, bounds: Array, sizes: Array, bitmaps: Array) -> Array:
        """Mark the members whose texts are worth reading."""
        roots, marks = self._parents[members], np.zeros(len(members), bool)
        _in_threads(
            lambda first, last: mark_partners(
                bounds, roots, sizes, bitmaps, self._similarity, first, last, marks
            ),
            bounds,
        )
        return marks


def _bounds(keys: Array) -> Array:
    """Where each run of equal keys begins, and where the last ends."""
    if not len(keys):
        return np.zeros(1, np.int64)
    return np.flatnonzero(np.r_[True, keys[1:] != keys[:-1], True])


def _chunks(keys: Array) -> Iterator[tuple[int, int]]:
    """Cut between buckets, into pieces of about `_CHUNK` members."""
    bounds, first = _bounds(keys), 0
    while first < len(keys):
        place = np.searchsorted(bounds, first + _CHUNK, side="right") - 1
        last = int(bounds[place]) if bounds[place] > first else int(bounds[place + 1])
        yield first, last
        first = last


def _in_threads(work: Callable[[int, int], Result], bounds: Array) -> list[Result]:
    """Share the buckets out to threads; the compiled loops let each other run."""
    n_buckets = len(bounds) - 1
    if n_buckets < 1:
        return []
    middle = int(np.searchsorted(bounds, bounds[-1] / 2))
    cuts = sorted({0, min(middle, n_buckets), n_buckets})
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, cuts[:-1], cuts[1:]))
