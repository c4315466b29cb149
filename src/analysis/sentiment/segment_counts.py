"""What SnowNLP's tagger counted, read from the bytes of its file."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.errors import CaodianError
from analysis.kernels.marshal_counts import BEGINNING, MARGIN, meaning, read_counts

_ORDERS = {"uni": 1, "bi": 2, "tri": 3}


class Counts(NamedTuple):
    """N-grams of Chinese characters: their tagged characters by number, and their counts."""

    parts: npt.NDArray[np.int64]  #: [n-gram, place]
    counts: npt.NDArray[np.float64]


def read_segmentation(content: bytes, where: str = "") -> dict[str, Any]:
    """Return the tagger as SnowNLP keeps it, with `Counts` for its dictionaries of n-grams.

    Parameters
    ----------
    content
        What SnowNLP's `save` writes, unzipped.
    where
        The file, for the error.

    Raises
    ------
    CaodianError
        If the content was not written by SnowNLP's `save`.
    """
    try:
        model = _Reader(content).read("")
        complete = {"l1", "l2", "l3", *_ORDERS} <= set(model)
        complete &= all(isinstance(model[name]["d"], Counts) for name in _ORDERS)
    except (IndexError, KeyError, TypeError, ValueError, RecursionError, struct.error):
        complete = False
    if not complete:
        raise CaodianError("a SnowNLP model must be a file written by its `save`", where=where)
    return dict(model)


class _Reader:
    """A walk over `marshal`'s bytes; the kernel reads the dictionaries of n-grams."""

    def __init__(self, content: bytes) -> None:
        self.content = content + bytes(MARGIN)
        self.data = np.frombuffer(self.content, np.uint8)
        self.at, self.used = 0, 0
        self.objects: dict[int, Any] = {}
        # What each value that may be referred to means to the kernel.
        self.meanings = np.zeros(len(content) // 2 + 1024, np.int64)

    def read(self, name: str) -> Any:  # noqa: ANN401
        """Return the next value; `name` is the key it stands under."""
        kind, flag = chr(self.data[self.at] & 0x7F), self.data[self.at] & 0x80
        self.at += 1
        number = self.used
        self.used += bool(flag)
        value = self._read_kind(kind, name)
        if flag:
            self.objects[number] = value
            self.meanings[number] = self._meaning(value)
        return value

    def _read_kind(self, kind: str, name: str) -> Any:  # noqa: ANN401
        if kind == "r":
            number = self._unpack("<i")
            return self.objects.get(number, int(self.meanings[number]))
        if kind == "i":
            return self._unpack("<i")
        if kind == "g":
            return self._unpack("<d")
        if kind in "zZaAut":
            length = self._unpack("<B" if kind in "zZ" else "<I")
            self.at += length
            return self.content[self.at - length : self.at].decode("utf-8", "surrogatepass")
        if kind in ")([":
            length = self._unpack("<B" if kind == ")" else "<I")
            return tuple(self.read(name) for _ in range(length))
        if kind == "{":
            return self._read_dictionary(name)
        raise ValueError(kind)

    def _read_dictionary(self, name: str) -> dict[str, Any]:
        found = {}
        while self.data[self.at] != ord("0"):
            key = self.read(name)
            found[key] = self._read_counts(_ORDERS[name]) if key == "d" else self.read(key)
        self.at += 1
        return found

    def _read_counts(self, order: int) -> Counts:
        if chr(self.data[self.at] & 0x7F) != "{":
            raise ValueError(order)
        self.used += bool(self.data[self.at] & 0x80)
        room = (len(self.data) - self.at) // (5 * order + 5) + 1
        parts, counts = np.empty((room, order), np.int64), np.empty(room)
        at, self.used, found = read_counts(
            self.data, self.at + 1, order, self.meanings, self.used, parts, counts
        )
        if at < 0:
            raise ValueError(order)
        self.at = at
        kept = ((parts[:found] >= 0) & (parts[:found] <= BEGINNING)).all(axis=1)
        return Counts(parts[:found][kept], counts[:found][kept])

    def _unpack(self, form: str) -> Any:  # noqa: ANN401
        value = struct.unpack_from(form, self.content, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    @staticmethod
    def _meaning(value: object) -> int:
        if isinstance(value, str):
            code = np.frombuffer(value.encode("utf-8", "surrogatepass") + bytes(MARGIN), np.uint8)
            return int(meaning(code, 0, len(code) - MARGIN))
        return value if isinstance(value, int) else -1
