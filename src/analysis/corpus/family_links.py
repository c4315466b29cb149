"""Components of near-duplicates: verified pairs of each band, one band in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from analysis.corpus.family_entries import Entries
from analysis.corpus.fingerprints import Array
from analysis.kernels.bucket_links import link_buckets, mark_partners
from analysis.kernels.shared_keys import entries_that_may_share, mixed_buckets
from analysis.kernels.union_find import flatten, unite_pairs

_THREADS = 2
# Members whose bitmaps and texts a thread holds at once.
_CHUNK = 1 << 18
_LOW = np.uint64(0xFFFFFFFF)


def first_equals(entries: Entries) -> Array:
    """For each entry the first one with the same text, told by its 128-bit hash.

    Only entries that share 32 bits of the hash with another are compared whole.
    """
    originals = np.arange(len(entries), dtype=np.int32)
    is_active = np.ones(len(entries), bool)
    shared = entries_that_may_share(entries.short_hashes(), is_active, 0, 1)
    members = np.sort((shared & _LOW).astype(np.int32))
    hashes = entries.rows_of("hashes", members)
    order = np.lexsort((hashes[:, -1], hashes[:, 0]))
    ordered = hashes[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    members = members[order]
    originals[members] = members[is_new][np.cumsum(is_new) - 1]
    return originals


def link_bands(entries: Entries, originals: Array, n_bands: int, similarity: float) -> Array:
    """Return the component of every entry: single linkage over equal and alike texts.

    Parameters
    ----------
    entries
        The distinct texts of all partitions.
    originals
        What `first_equals` returned.
    n_bands
        How many bands the fingerprints have.
    similarity
        Least Jaccard similarity of alike texts.
    """
    sizes, bitmaps, roots = entries.sizes(), entries.folded_bitmaps(), originals.copy()
    is_active = (originals == np.arange(len(originals), dtype=np.int32)) & (sizes > 0)
    keys = np.empty(len(entries), np.uint32)
    with ThreadPoolExecutor(_THREADS) as pool:
        for band in range(n_bands):
            search = _BandSearch(entries, sizes, bitmaps, roots, similarity)
            entries.read_band(band, keys)
            shares = [pool.submit(search.links, keys, is_active, n) for n in range(_THREADS)]
            for share in shares:
                unite_pairs(roots, share.result())
            flatten(roots)
    entries.forget()
    return np.asarray(roots[originals])


class _BandSearch:
    """The search of one band; `roots` stays as it is until all threads are done."""

    def __init__(
        self, entries: Entries, sizes: Array, bitmaps: Array, roots: Array, similarity: float
    ) -> None:
        self._entries = entries
        self._sizes = sizes
        self._bitmaps = bitmaps
        self._roots = roots
        self._similarity = similarity

    def links(self, keys: Array, is_active: Array, share: int) -> Array:
        """Return verified pairs that connect what `roots` does not, of one share of the keys."""
        ordered = entries_that_may_share(keys, is_active, share, _THREADS)
        ordered.sort()
        members, bounds = mixed_buckets(ordered, self._roots)
        found = [np.zeros((0, 2), np.int32)]
        found += [self._links_of(*chunk) for chunk in _chunks(members, bounds)]
        return np.concatenate(found)

    def _links_of(self, members: Array, bounds: Array) -> Array:
        """Verify the pairs of a few buckets, reading only the texts of likely ones.

        Bitmaps of one word are in memory and rule out most pairs, whole ones most of the rest.
        """
        members, bounds, _ = self._likely(members, bounds, self._bitmaps[members, None])
        whole = self._entries.rows_of("bitmaps", members)
        members, bounds, whole = self._likely(members, bounds, whole)
        side = (self._sizes[members], whole, *self._entries.texts(members), self._similarity)
        return np.asarray(link_buckets(bounds, members, self._roots[members], side))

    def _likely(self, members: Array, bounds: Array, bitmaps: Array) -> tuple[Array, Array, Array]:
        """Keep the members that sizes and bitmaps leave a partner."""
        marks = mark_partners(
            bounds, self._roots[members], self._sizes[members], bitmaps, self._similarity
        )
        kept = np.concatenate([[0], np.cumsum(marks)])
        return members[marks], kept[bounds], bitmaps[marks]


def _chunks(members: Array, bounds: Array) -> Iterator[tuple[Array, Array]]:
    """Cut between buckets, into pieces of about `_CHUNK` members."""
    bucket = 0
    while bucket < len(bounds) - 1:
        start = bounds[bucket]
        after = int(np.searchsorted(bounds, start + _CHUNK, side="right")) - 1
        after = max(after, bucket + 1)
        yield members[start : bounds[after]], bounds[bucket : after + 1] - start
        bucket = after
