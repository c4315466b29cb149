"""Gather the fields of delimited records into columns, without the blanks around them."""

# ruff: noqa: PLR0917, SIM109, PLR1714 - compiled: plain comparisons, arrays to write into
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.delimited import CR, LF, QUOTE, SPACE

TAB = 9
LONG = 24

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


@lean
def _unquoted_length(data: Bytes, start: int, end: int) -> int:
    """Return the length of a field once its doubled quotes are single."""
    length, at = end - start, start
    while at < end - 1:
        if data[at] == QUOTE and data[at + 1] == QUOTE:
            length -= 1
            at += 1
        at += 1
    return length


@lean
def _blank_ahead(data: Bytes, at: int, end: int) -> int:
    """Return how many bytes of a blank stand at a place, 0 when none does."""
    byte = data[at]
    if byte == SPACE or byte == LF or byte == CR or byte == TAB:
        return 1
    if byte == 0xC2:
        return 2 if at + 1 < end and data[at + 1] == 0xA0 else 0
    if at + 2 >= end:
        return 0
    middle, last = data[at + 1], data[at + 2]
    if byte == 0xE3:
        return 3 if middle == 0x80 and last == 0x80 else 0
    if byte == 0xE2:
        return 3 if middle == 0x80 and last == 0x8B else 0
    return 3 if byte == 0xEF and middle == 0xBB and last == 0xBF else 0


@lean
def _blank_behind(data: Bytes, start: int, end: int) -> int:
    """Return how many bytes of a blank stand before a place, 0 when none does."""
    byte = data[end - 1]
    if byte == SPACE or byte == LF or byte == CR or byte == TAB:
        return 1
    if byte == 0xA0:
        return 2 if end - 2 >= start and data[end - 2] == 0xC2 else 0
    if (byte == 0x80 or byte == 0x8B or byte == 0xBF) and end - 3 >= start:
        return 3 if _blank_ahead(data, end - 3, end) == 3 else 0
    return 0


@compiled
def measure_columns(
    data: Bytes,
    starts: Places,
    ends: Places,
    flags: Bytes,
    rows: Places,
    columns: Places,
    is_stripped: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each field goes in its column's buffer, and where it begins in the data.

    Parameters
    ----------
    data, starts, ends, flags
        As `scan_records` left them.
    rows
        Number of the first field of each wanted record.
    columns
        Places of the wanted fields in a record.
    is_stripped
        Leave out blanks (also U+00A0, U+200B, U+3000, U+FEFF) around a field.

    Returns
    -------
    tuple
        Offsets, column × rows + 1, and beginnings, column × rows.
    """
    offsets = np.zeros((columns.size, rows.size + 1), np.int64)
    begins = np.empty((columns.size, rows.size), np.int64)
    for row in range(rows.size):
        for column in range(columns.size):
            field = rows[row] + columns[column]
            start, end = starts[field], ends[field]
            while is_stripped and start < end:
                blank = _blank_ahead(data, start, end)
                if blank == 0:
                    break
                start += blank
            while is_stripped and start < end:
                blank = _blank_behind(data, start, end)
                if blank == 0:
                    break
                end -= blank
            length = _unquoted_length(data, start, end) if flags[field] else end - start
            begins[column, row] = start
            offsets[column, row + 1] = offsets[column, row] + length
    return offsets, begins


@compiled
def copy_columns(
    data: Bytes,
    flags: Bytes,
    rows: Places,
    columns: Places,
    begins: NDArray[np.int64],
    offsets: NDArray[np.int64],
    bases: Places,
) -> Bytes:
    """Return the buffers of all columns end to end; column c begins at `bases[c]`."""
    joined = np.empty(bases[-1], np.uint8)
    for row in range(rows.size):
        for column in range(columns.size):
            field, at = rows[row] + columns[column], begins[column, row]
            to, stop = (
                bases[column] + offsets[column, row],
                bases[column] + offsets[column, row + 1],
            )
            if flags[field]:
                while to < stop:
                    joined[to] = data[at]
                    to += 1
                    is_double = data[at] == QUOTE and at + 1 < data.size and data[at + 1] == QUOTE
                    at += 2 if is_double else 1
            elif stop - to > LONG:
                joined[to:stop] = data[at : at + stop - to]
            else:
                for place in range(stop - to):
                    joined[to + place] = data[at + place]
    return joined
