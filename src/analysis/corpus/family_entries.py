"""The distinct texts of all partitions under one numbering, wherever they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from analysis.corpus.fingerprint_files import SpilledFingerprints
from analysis.corpus.fingerprints import Array, Fingerprints
from analysis.kernels.stretches import copy_stretches

# Entries of which bitmaps and offsets may stay in memory: 40 bytes each.
_SMALL = 1 << 20

Part = Fingerprints | SpilledFingerprints


class Entries:
    """Entries of partitions, numbered through; nothing is held but what is asked for.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.corpus.fingerprints import fingerprint_posts
    >>> entries = Entries()
    >>> for text in ("好评返现", "坑人"):
    ...     posts = pl.DataFrame({"key": ["a"], "published_at": [1], "text": [text]})
    ...     entries.add(fingerprint_posts(posts))
    >>> data, starts, ends = entries.texts(np.array([1, 0]))
    >>> len(entries), bytes(data[starts[0] : ends[0]]).decode()
    (2, '坑人')
    """

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.starts = [0]
        self._kept: dict[tuple[int, str], Array] = {}

    def __len__(self) -> int:
        return self.starts[-1]

    def add(self, part: Part) -> None:
        """Add a partition behind the others."""
        self.parts.append(part)
        self.starts.append(self.starts[-1] + len(part))

    def sizes(self) -> Array:
        """Return the number of 3-grams of every entry."""
        return self._joined(np.uint32, lambda part: part.column("sizes"))

    def folded_bitmaps(self) -> Array:
        """Return every bitmap folded to one word, in which again each 3-gram flips a bit."""
        return self._joined(
            np.uint64, lambda part: np.bitwise_xor.reduce(part.column("bitmaps"), axis=1)
        )

    def short_hashes(self) -> Array:
        """Return 32 bits of the hash of every text."""
        return self._joined(np.uint32, lambda part: part.column("hashes")[:, 0] >> np.uint64(32))

    def read_band(self, number: int, keys: Array) -> None:
        """Read the keys of one band of every entry into `keys`."""
        self._fill(keys, lambda part: part.band(number))

    def rows_of(self, name: str, members: Array) -> Array:
        """Return the rows of `hashes` or `bitmaps` of some entries, in the order given."""
        taken: Array | None = None
        for number, places, local in self._by_part(members):
            values = self._column(number, name)
            if taken is None:
                taken = np.empty((len(members), values.shape[1]), values.dtype)
            taken[places] = values[local]
        return np.zeros((0, 1), np.uint64) if taken is None else taken

    def texts(self, members: Array) -> tuple[Array, Array, Array]:
        """Return bytes that hold some entries' texts, and where each starts and ends in them."""
        starts, ends = np.zeros(len(members), np.int64), np.zeros(len(members), np.int64)
        pieces: list[Array] = []
        filled = 0
        for number, places, local in self._by_part(members):
            part, offsets = self.parts[number], self._column(number, "offsets")
            left, right = offsets[local], offsets[local + 1]
            ends[places] = filled + np.cumsum(right - left)
            starts[places] = ends[places] - (right - left)
            piece = np.empty(int((right - left).sum()), np.uint8)
            copy_stretches(*part.texts_at(left, right), starts[places] - filled, piece)
            pieces.append(piece)
            filled += len(piece)
        return np.concatenate([np.zeros(0, np.uint8), *pieces]), starts, ends

    def forget(self) -> None:
        """Let go of the columns that were kept for the next question."""
        self._kept.clear()

    def _column(self, number: int, name: str) -> Array:
        """Read a column of a partition; of a small corpus it is kept for the next question."""
        if (number, name) in self._kept:
            return self._kept[number, name]
        values = self.parts[number].column(name)
        if len(self) <= _SMALL and name != "hashes":
            self._kept[number, name] = values
        return values

    def _by_part(self, members: Array) -> Iterator[tuple[int, Array, Array]]:
        """Yield each partition that holds members: its number, their places in both."""
        order = np.argsort(members)
        cuts = np.searchsorted(members[order], self.starts)
        for number in range(len(self.parts)):
            places = order[cuts[number] : cuts[number + 1]]
            if len(places):
                yield number, places, members[places] - self.starts[number]

    def _joined(self, dtype: type[np.generic], read: Callable[[Part], Array]) -> Array:
        values = np.empty(len(self), dtype)
        self._fill(values, read)
        return values

    def _fill(self, values: Array, read: Callable[[Part], Array]) -> None:
        """Read a column of all partitions, no more than one at a time beside the result."""
        for part, start in zip(self.parts, self.starts, strict=False):
            values[start : start + len(part)] = read(part)
