"""Find the records and fields of delimited text (CSV, TSV) in UTF-8 bytes.

The rules are RFC 4180 with three liberties that broken exports need, each of which leaves
well-formed text as it is: a quote inside a quoted field that no delimiter or line end follows is a
character like others; a quote that opens and swallows whole records is a character like others;
CR, LF and CRLF all end a record.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.engine.compiled import compiled, lean, spliced

_QUOTE, _LF, _CR, _SPACE, _ZERO, _NINE = 34, 10, 13, 32, 48, 57
_INCOMPLETE, _FULL = -1, -2
_SWALLOW_BYTES = 1 << 23
_MOST_WASTED = 1 << 26  # bytes of a block that are read once more behind quotes that do not close

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


@spliced
def _scan_plain(data: Bytes, at: int, delimiter: int) -> int:
    """Return the place of the delimiter or line end that closes an unquoted field."""
    end = data.size
    while at < end:
        byte = data[at]
        if byte == delimiter or byte == _LF or byte == _CR:
            return at
        at += 1
    return end


@spliced
def _scan_quoted(data: Bytes, at: int, delimiter: int, out: Places) -> int:
    """Return the place after a quoted field, or -1; out takes content end, escapes, line ends."""
    end = data.size
    while at < end:
        byte = data[at]
        if byte == _QUOTE:
            after = at + 1
            if after < end and data[after] == _QUOTE:
                out[1] = 1
                at += 2
                continue
            while after < end and data[after] == _SPACE and delimiter != _SPACE:
                after += 1
            if after >= end or data[after] == delimiter or data[after] == _LF or data[after] == _CR:
                out[0] = at
                return after
        elif byte == _LF or byte == _CR:
            out[2] += 1
        at += 1
    return _INCOMPLETE


@spliced
def _scan_record(
    data: Bytes,
    at: int,
    delimiter: int,
    quoting: bool,
    is_last: bool,
    starts: Places,
    ends: Places,
    flags: Bytes,
    field: int,
    out: Places,
) -> int:
    """Return the place after one record; out[3] takes the number after its last field."""
    size = data.size
    out[2] = 0
    while True:
        if field >= starts.size:
            return _FULL
        if quoting and at < size and data[at] == _QUOTE:
            out[0] = out[1] = 0
            after: int = _scan_quoted(data, at + 1, delimiter, out)
            if after == _INCOMPLETE:
                return _INCOMPLETE
            starts[field], ends[field], flags[field] = at + 1, out[0], out[1]
        else:
            after = _scan_plain(data, at, delimiter)
            starts[field], ends[field], flags[field] = at, after, 0
        field += 1
        out[3] = field
        if after >= size:
            return size if is_last else _INCOMPLETE
        if data[after] == delimiter:
            at = after + 1
            continue
        if data[after] == _LF:
            return after + 1
        if after + 1 >= size:
            return size if is_last else _INCOMPLETE
        return after + 2 if data[after + 1] == _LF else after + 1


@lean
def _is_number(data: Bytes, at: int, stop: int) -> bool:
    """Tell whether a field holds digits and nothing else."""
    for place in range(at, stop):
        if data[place] < _ZERO or data[place] > _NINE:
            return False
    return stop > at


@lean
def _place_of_day(data: Bytes, at: int, stop: int, delimiter: int) -> int:
    """Return which field of a line begins with a day such as 2020-06-12, from 0, or -1."""
    field, is_begin = 0, True
    while at + 7 < stop:
        byte = data[at]
        if is_begin and _is_number(data, at, at + 4) and not _is_digit(data[at + 4]):
            month = at + 6 if _is_digit(data[at + 6]) else at + 5
            mark = data[month + 1]
            if _is_number(data, at + 5, month + 1) and mark == data[at + 4] and mark != delimiter:
                return field if month + 2 < stop and _is_digit(data[month + 2]) else -1
        is_begin = byte == delimiter or (is_begin and byte == _QUOTE)
        if byte == delimiter:
            field += 1
        at += 1
    return -1


@lean
def _is_digit(byte: int) -> bool:
    return _ZERO <= byte <= _NINE


@lean
def _is_swallow(data: Bytes, start: int, after: int, delimiter: int, width: int) -> bool:
    """Tell whether one record is several behind a stray quote.

    It is when its first line alone has the right number of fields, so does a whole line further in,
    and both begin with a number, where there are more than two fields, or have a day in one place.
    """
    line, first, fields, lines, day = start, -1, 1, 0, -1
    is_numbered = False
    for at in range(start, after):
        byte = data[at]
        if byte == delimiter:
            if fields == 1:
                first = at
            fields += 1
        elif byte == _LF:
            if fields == width and first > line:
                has_number = width > 2 and _is_number(data, line, first)
                place = _place_of_day(data, line, at, delimiter)
            else:
                has_number, place = False, -1
            if lines == 0:
                if not has_number and place < 0:
                    return False
                day, is_numbered = place, has_number
            elif (is_numbered and has_number) or (day >= 0 and place == day):
                return True
            line, first, fields, lines = at + 1, -1, 1, lines + 1
    return False


@lean
def _is_blank(data: Bytes, starts: Places, ends: Places, first: int, last: int) -> bool:
    for field in range(first, last):
        for at in range(starts[field], ends[field]):
            if data[at] > _SPACE:
                return False
    return True


@lean
def _opens_quote(data: Bytes, starts: Places, first: int, last: int) -> bool:
    for field in range(first, last):
        if starts[field] < data.size and data[starts[field]] == _QUOTE:
            return True
    return False


@compiled
def scan_records(
    data: Bytes,
    begin: int,
    delimiter: int,
    width: int,
    is_last: bool,
    starts: Places,
    ends: Places,
    flags: Bytes,
    firsts: Places,
    blanks: Bytes,
) -> tuple[int, int, int]:
    """Scan whole records from a block of bytes.

    Parameters
    ----------
    data
        UTF-8 bytes.
    delimiter
        Byte between fields.
    width
        Fields of a regular record, 0 when not known.
    is_last
        No more bytes follow, so that the last record needs no line end.
    starts, ends, flags
        Take for each field where its content lies, and 1 where quotes are doubled in it.
    firsts, blanks
        Take for each record the number of its first field (and one more entry for the end), and 1
        where nothing stands in it.

    Returns
    -------
    tuple
        Number of records, the place after the last whole one, and how many were taken literally
        because a quote in them swallowed others.
    """
    out = np.zeros(4, np.int64)
    at, field, record, repaired = begin, 0, 0, 0
    wasted, barrier = 0, 0
    while at < data.size and record + 1 < firsts.size:
        # Where every row opens a quote, each would be followed to the same place, again and again.
        quoting = wasted < _MOST_WASTED or at >= barrier
        after = _scan_record(data, at, delimiter, quoting, is_last, starts, ends, flags, field, out)
        if after == _FULL or (after == _INCOMPLETE and not quoting):
            break
        if after == _INCOMPLETE and not is_last and data.size - at < _SWALLOW_BYTES:
            break
        is_open = after == _INCOMPLETE
        if is_open or (out[2] > 0 and width > 1 and _is_swallow(data, at, after, delimiter, width)):
            barrier = data.size if is_open else after
            wasted += barrier - at
            quoting = False
            after = _scan_record(
                data, at, delimiter, quoting, is_last, starts, ends, flags, field, out
            )
            if after < 0:
                break
        if not quoting:
            repaired += _opens_quote(data, starts, field, out[3])
        firsts[record] = field
        blanks[record] = _is_blank(data, starts, ends, field, out[3])
        field, at, record = out[3], after, record + 1
    firsts[record] = field
    return record, at, repaired


@compiled
def mark_wordy(data: Bytes, starts: Places, ends: Places, firsts: Places, longest: int) -> Bytes:
    """Mark the records of two fields or more that are short and hold no digit, as headers do."""
    marks = np.zeros(firsts.size - 1, np.uint8)
    for record in range(marks.size):
        start, end = starts[firsts[record]], ends[firsts[record + 1] - 1]
        if firsts[record + 1] - firsts[record] < 2 or end - start > longest:
            continue
        marks[record] = 1
        for at in range(start, end):
            if _ZERO <= data[at] <= _NINE:
                marks[record] = 0
                break
    return marks


# Gather the fields of delimited records into columns, without the blanks around them.


_TAB = 9
_LONG = 24


@lean
def _unquoted_length(data: Bytes, start: int, end: int) -> int:
    """Return the length of a field once its doubled quotes are single."""
    length, at = end - start, start
    while at < end - 1:
        if data[at] == _QUOTE and data[at + 1] == _QUOTE:
            length -= 1
            at += 1
        at += 1
    return length


@lean
def _blank_ahead(data: Bytes, at: int, end: int) -> int:
    """Return how many bytes of a blank stand at a place, 0 when none does."""
    byte = data[at]
    if byte == _SPACE or byte == _LF or byte == _CR or byte == _TAB:
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
    if byte == _SPACE or byte == _LF or byte == _CR or byte == _TAB:
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
                    is_double = data[at] == _QUOTE and at + 1 < data.size and data[at + 1] == _QUOTE
                    at += 2 if is_double else 1
            elif stop - to > _LONG:
                joined[to:stop] = data[at : at + stop - to]
            else:
                for place in range(stop - to):
                    joined[to + place] = data[at + place]
    return joined
