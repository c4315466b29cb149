"""Arrays that grow by parts, in memory or in a file: what the reduce over partitions piles up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.kernels.stretches import copy_stretches

_BLOCK = 1 << 20
_TEXT_BLOCK = 1 << 25

Array = npt.NDArray[Any]


class Pile:
    """One growing array; with a path its parts lie in a file, and only what is asked is read.

    Parameters
    ----------
    dtype, width
        Type of the values, and how many make a row (0: the array is flat).
    path
        File to keep it in; None keeps it in memory.

    Examples
    --------
    >>> pile = Pile(np.uint32)
    >>> pile.append(np.array([1, 2], np.uint32)); pile.append(np.array([3], np.uint32))
    >>> len(pile), pile.read().tolist(), pile.take(np.array([2, 0])).tolist()
    (3, [1, 2, 3], [3, 1])
    """

    def __init__(self, dtype: npt.DTypeLike, width: int = 0, path: Path | None = None) -> None:
        self._dtype = np.dtype(dtype)
        self._width = width
        self._path = path
        self._parts: list[Array] = []
        self._rows = 0
        if path is not None:
            path.write_bytes(b"")

    def __len__(self) -> int:
        return self._rows

    def append(self, part: Array) -> None:
        """Add rows at the end."""
        self._rows += len(part)
        if self._path is None:
            self._parts.append(part)
            return
        with self._path.open("ab") as file:
            np.ascontiguousarray(part, self._dtype).tofile(file)

    def read(self, first: int = 0, last: int | None = None) -> Array:
        """Return the rows `first` to `last` as an array."""
        last = self._rows if last is None else min(last, self._rows)
        if self._path is None:
            if len(self._parts) > 1:
                self._parts = [np.concatenate(self._parts)]
            return self._parts[0][first:last] if self._parts else self._shaped(self._none())
        count = max(last - first, 0) * max(self._width, 1)
        start = first * max(self._width, 1) * self._dtype.itemsize
        return self._shaped(np.fromfile(self._path, self._dtype, count, offset=start))

    def take(self, rows: Array) -> Array:
        """Return chosen rows, in the order asked; a file is read once, block by block."""
        if self._path is None:
            return np.asarray(self.read()[rows])
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        taken = self._shaped(np.empty(len(rows) * max(self._width, 1), self._dtype))
        for first in range(0, self._rows, _BLOCK):
            low, high = np.searchsorted(ordered, [first, first + _BLOCK])
            if low < high:
                block = self.read(first, first + _BLOCK)
                taken[order[low:high]] = block[ordered[low:high] - first]
        return taken

    def _none(self) -> Array:
        return np.zeros(0, self._dtype)

    def _shaped(self, values: Array) -> Array:
        return values.reshape(-1, self._width) if self._width else values


class TextPile:
    """UTF-8 texts that grow by parts, in memory or in a file.

    Examples
    --------
    >>> texts = TextPile()
    >>> texts.append(np.frombuffer("好坏".encode(), np.uint8), np.array([0, 3, 6]))
    >>> data, starts, ends = texts.take(np.array([1]))
    >>> bytes(data[starts[0]:ends[0]]).decode()
    '坏'
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._bytes = Pile(np.uint8, path=None if directory is None else directory / "text.bin")
        self._ends = Pile(np.int64, path=None if directory is None else directory / "text-ends.bin")
        self.is_spilled = directory is not None

    def append(self, data: Array, offsets: Array) -> None:
        """Add the texts `data[offsets[i]:offsets[i + 1]]`."""
        self._ends.append(offsets[1:] - offsets[0] + len(self._bytes))
        self._bytes.append(data[offsets[0] : offsets[-1]])

    def take(self, rows: Array) -> tuple[Array, Array, Array]:
        """Return bytes that hold the chosen texts, and where each starts and ends in them."""
        ends = self._ends.read()
        starts, ends = np.where(rows > 0, ends[rows - 1], 0), ends[rows]
        return self._gather(starts, ends) if self.is_spilled else (self._bytes.read(), starts, ends)

    def _gather(self, starts: Array, ends: Array) -> tuple[Array, Array, Array]:
        """Copy texts out of the file, which is read once from front to back."""
        lengths = ends - starts
        new_ends = np.cumsum(lengths)
        new_starts = new_ends - lengths
        order = np.argsort(starts, kind="stable")
        data = np.empty(int(lengths.sum()), np.uint8)
        place = 0
        while place < len(order):
            first = starts[order[place]]
            stop = int(np.searchsorted(starts[order], first + _TEXT_BLOCK, side="left"))
            batch = order[place:stop]
            block = self._bytes.read(int(first), int(ends[batch].max()))
            copy_stretches(
                block, starts[batch] - first, ends[batch] - first, new_starts[batch], data
            )
            place = stop
        return data, new_starts, new_ends
