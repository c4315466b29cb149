"""Many short lists in one flat array: compiled functions pass it on at no cost.

A tuple of arrays would be counted reference by reference at every call of a compiled function,
which takes longer than the work of most of them. So whole tables lie in one array of numbers that
begins with the place of each list of lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analysis.engine.compiled import compiled, lean, spliced
from analysis.engine.lanes import peek

# Strings as the bytes they are: Arrow buffers out of Polars, code points out of UTF-8.


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


# The lists and texts of many rows as flat values with their bounds, as Arrow keeps them.


LongArray = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

#: Fractions are written with four decimals at most.
DECIMALS = 10_000


@lean
def _true_columns(held, bounds, columns):
    n = 0
    for row in range(held.shape[0]):
        for column in range(held.shape[1]):
            if held[row, column]:
                columns[n] = column
                n += 1
        bounds[row + 1] = n


def true_columns(held: npt.NDArray[np.bool_]) -> tuple[LongArray, npt.NDArray[np.int32]]:
    """Return where the true columns of each row begin (one more than rows), and the columns.

    Examples
    --------
    >>> bounds, columns = true_columns(np.array([[True, False, True], [False, True, False]]))
    >>> bounds.tolist(), columns.tolist()
    ([0, 2, 3], [0, 2, 1])
    """
    bounds = np.zeros(held.shape[0] + 1, np.int64)
    columns = np.empty(int(np.count_nonzero(held)), np.int32)
    _true_columns(held, bounds, columns)
    return bounds, columns


@lean
def _mapped(starts, found, number_of, bounds, numbers):
    n = 0
    for row in range(starts.size - 1):
        first = n
        for item in range(starts[row], starts[row + 1]):
            number = number_of[found[item]]
            if number < 0:
                continue
            place = n
            while place > first and numbers[place - 1] > number:
                numbers[place] = numbers[place - 1]
                place -= 1
            numbers[place] = number
            n += 1
        bounds[row + 1] = n


def mapped_in_order(
    starts: LongArray, found: npt.NDArray[np.int32], number_of: npt.NDArray[np.int32]
) -> tuple[LongArray, npt.NDArray[np.int32]]:
    """Return each row's items by their numbers, smallest first, items below zero left out.

    Examples
    --------
    >>> bounds, numbers = mapped_in_order(
    ...     np.array([0, 3]), np.array([2, 0, 1], np.int32), np.array([1, -1, 0], np.int32)
    ... )
    >>> bounds.tolist(), numbers.tolist()
    ([0, 2], [0, 1])
    """
    bounds = np.zeros(starts.size, np.int64)
    numbers = np.empty(found.size, np.int32)
    _mapped(starts, found, number_of, bounds, numbers)
    return bounds, numbers[: bounds[-1]]


@lean
def _mark(starts, items, is_asked, marked):
    for row in range(marked.size):
        for place in range(starts[row], starts[row + 1]):
            if is_asked[items[place]]:
                marked[row] = True
                break


def rows_holding(
    starts: LongArray, items: npt.NDArray[np.int32], is_asked: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Tell for each row whether its list holds an item that is asked for.

    Examples
    --------
    >>> starts, items = np.array([0, 1, 1, 3]), np.array([2, 0, 1], np.int32)
    >>> rows_holding(starts, items, np.array([False, True, False])).tolist()
    [False, False, True]
    """
    marked = np.zeros(starts.size - 1, bool)
    _mark(starts, items, is_asked, marked)
    return marked


def gather_rows(
    starts: LongArray, items: npt.NDArray[np.int32], rows: LongArray
) -> tuple[LongArray, npt.NDArray[np.int32]]:
    """Return the lists of some of the rows.

    Examples
    --------
    >>> bounds, items = gather_rows(
    ...     np.array([0, 1, 3]), np.array([7, 8, 9], np.int32), np.array([1, 0])
    ... )
    >>> bounds.tolist(), items.tolist()
    ([0, 2, 3], [8, 9, 7])
    """
    lengths = np.diff(starts)[rows]
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(bounds[-1]) + np.repeat(starts[rows] - bounds[:-1], lengths)
    return bounds, items[places]


@spliced
def _write(source, begin, end, out, at):
    for place in range(begin, end):
        out[at] = source[place]
        at += 1
    return at


@lean
def _write_fractions(fractions, order, least, keys, key_bounds, digits, digit_bounds, bounds, out):
    at = 0
    for row in range(fractions.shape[0]):
        out[at] = 123  # {
        at += 1
        is_first = True
        for key in range(order.size):
            number = np.int64(np.rint(fractions[row, order[key]] * DECIMALS))
            if number < least:
                continue
            if not is_first:
                out[at] = 44  # ,
                at += 1
            is_first = False
            at = _write(keys, key_bounds[key], key_bounds[key + 1], out, at)
            at = _write(digits, digit_bounds[number], digit_bounds[number + 1], out, at)
        out[at] = 125  # }
        at += 1
        bounds[row + 1] = at


def write_fractions(
    fractions: npt.NDArray[np.float64],
    order: LongArray,
    least: int,
    keys: tuple[LongArray, Bytes],
    digits: tuple[LongArray, Bytes],
) -> tuple[LongArray, Bytes]:
    """Return one JSON object a row, fractions between 0 and 1 by their keys.

    Parameters
    ----------
    fractions
        One column a key, not yet rounded.
    order
        The columns in the order in which they are written.
    least
        Fractions of fewer ten-thousandths are left out.
    keys
        Bounds and bytes of each key as it is written, in that order.
    digits
        Bounds and bytes of each number of ten-thousandths as it is written.

    Returns
    -------
    tuple
        Bounds (one more than rows) and bytes.
    """
    longest = int(keys[0][-1]) + order.size * (1 + int(np.diff(digits[0]).max())) + 2
    bounds = np.zeros(fractions.shape[0] + 1, np.int64)
    out = np.empty(fractions.shape[0] * longest, np.uint8)
    _write_fractions(fractions, order, least, keys[1], keys[0], digits[1], digits[0], bounds, out)
    return bounds, out[: bounds[-1]]


# Copy many stretches of bytes from one array to another.


@compiled
def copy_ranges(source, starts, ends, places, target):
    """Copy `source[starts[i]:ends[i]]` to `target` from `places[i]` on, for every i."""
    for row in range(starts.size):
        length = ends[row] - starts[row]
        target[places[row] : places[row] + length] = source[starts[row] : ends[row]]


IntArray = npt.NDArray[np.int32]

#: Tables of `flatten`, by their place in its argument.
_N_TABLES = 3
CONCEPTS, TRIGGERS, RULES = range(_N_TABLES)
#: Single numbers behind the places of the tables.
NEGATOR, COMMA = range(_N_TABLES, _N_TABLES + 2)
_HEADER = _N_TABLES + 2


def flatten(tables: Sequence[Sequence[Sequence[int]]], negator: int, comma: int) -> IntArray:
    """Return lists of lists in one array.

    List `i` of table `t` begins at `flat[flat[t] + i]` and ends where the next one begins.

    Examples
    --------
    >>> flat = flatten([[[7, 8], [9]], [], []], negator=1, comma=2)
    >>> begin, end = flat[flat[CONCEPTS] : flat[CONCEPTS] + 2].tolist()
    >>> flat[begin:end].tolist()
    [7, 8]
    """
    header = [0] * _N_TABLES + [negator, comma]
    size = _HEADER + sum(len(table) + 1 for table in tables)
    starts: list[int] = []
    content: list[int] = []
    for number, table in enumerate(tables):
        header[number] = _HEADER + len(starts)
        for row in table:
            starts.append(size + len(content))
            content.extend(row)
        starts.append(size + len(content))
    return np.array(header + starts + content, np.int32)
