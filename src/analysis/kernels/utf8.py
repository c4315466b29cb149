"""Strings as the bytes they are: Arrow buffers out of Polars, code points out of UTF-8."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analysis.kernels.compiled import compiled
from analysis.kernels.lanes import peek


@dataclass(frozen=True)
class TextBuffers:
    """The texts of one column, end to end: text i is `data[offsets[i]:offsets[i + 1]]`."""

    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def text_buffers(texts: pl.Series) -> TextBuffers:
    """Return the UTF-8 buffers of a string column without making Python strings.

    A null is an empty text here; the caller knows where the nulls are.

    Examples
    --------
    >>> buffers = text_buffers(pl.Series(["好", None, "ok"]))
    >>> buffers.offsets.tolist(), bytes(buffers.data).decode()
    ([0, 3, 3, 5], '好ok')
    """
    array = texts.cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    first, count = array.offset, len(array)
    if count == 0 or offsets is None:
        bounds, content = np.zeros(count + 1, np.int64), np.zeros(0, np.uint8)
    else:
        bounds = np.frombuffer(offsets, np.int64)[first : first + count + 1]
        content = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return read_only(bounds, content)


def read_only(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> TextBuffers:
    """Return texts as Polars gives them, so that kernels are compiled for one type of array.

    Examples
    --------
    >>> read_only(np.array([0, 1]), np.zeros(1, np.uint8)).data.flags.writeable
    False
    """
    offsets.flags.writeable = data.flags.writeable = False
    return TextBuffers(offsets, data)


def text_series(texts: TextBuffers) -> pl.Series:
    """Return the texts as a column.

    Examples
    --------
    >>> text_series(text_buffers(pl.Series(["好", "ok"]))).to_list()
    ['好', 'ok']
    """
    buffers = [None, pa.py_buffer(texts.offsets), pa.py_buffer(texts.data)]
    array = pa.Array.from_buffers(pa.large_string(), len(texts), buffers)
    return pl.Series(array, dtype=pl.String)


@partial(compiled, inline="always")
def code_point(data, at):
    """Return the code point that starts at byte `at` and the byte after it (valid UTF-8)."""
    first = np.int32(peek(data, at))
    if first < 0x80:
        return first, at + 1
    second = np.int32(peek(data, at + 1)) & 0x3F
    if first < 0xE0:
        return ((first & 0x1F) << 6) | second, at + 2
    third = np.int32(peek(data, at + 2)) & 0x3F
    if first < 0xF0:
        return ((first & 0x0F) << 12) | (second << 6) | third, at + 3
    fourth = np.int32(peek(data, at + 3)) & 0x3F
    return ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth, at + 4
