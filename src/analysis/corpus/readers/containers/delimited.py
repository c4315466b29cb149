"""CSV and TSV files as tables of strings; texts of XML, mended for its parser."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice, pairwise

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from analysis.corpus.readers.column_names import looks_like_header
from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.grid import (
    LAST_ROWS,
    MOST_COLUMNS,
    SAMPLE_ROWS,
    Seen,
    find_shifted,
    fit_rows,
    fit_shifted,
    look_at_rows,
    name_cells,
    note_footers,
    note_headers,
    possible_heads,
    require_columns,
)
from analysis.corpus.readers.plan import NOTE, ROW_NUMBER, Head, Plan
from analysis.engine.delimited import copy_columns, mark_wordy, measure_columns, scan_records
from analysis.errors import CaodianError
from analysis.storage.encoding import DAMAGED, Encoding, survey_encoding, utf8_blocks

# Blocks of delimited records: bytes and places, from which columns are taken without a loop.

_LONGEST_HEADER = 4000


class _Room:
    """Arrays to scan into, used again for each block: fresh memory costs more than the scan."""

    def __init__(self) -> None:
        self.make(1024)

    def make(self, fields: int) -> None:
        """Make room for so many fields."""
        self.fields = fields
        self.starts, self.ends = np.empty(fields, np.int64), np.empty(fields, np.int64)
        self.flags = np.empty(fields, np.uint8)
        self.firsts, self.blanks = np.empty(fields + 1, np.int64), np.empty(fields + 1, np.uint8)


@dataclass(frozen=True)
class _Records:
    """Whole records of one block, to be used before the next block is asked for."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    flags: NDArray[np.uint8]
    firsts: NDArray[np.int64]
    is_blank: NDArray[np.bool_]
    repaired: int

    def widths(self) -> NDArray[np.int64]:
        """Return the number of fields of each record."""
        return np.diff(self.firsts)

    def find_headers(self) -> list[tuple[int, list[str]]]:
        """Return the records that look like a header, with their cells."""
        wordy = mark_wordy(self.data, self.starts, self.ends, self.firsts, _LONGEST_HEADER)
        rows = [(int(record), self.cells(int(record))) for record in np.flatnonzero(wordy)]
        return [(record, row) for record, row in rows if looks_like_header(row)]

    def sizes(self) -> NDArray[np.int64]:
        """Return the bytes of each record."""
        sizes: NDArray[np.int64] = self.ends[self.firsts[1:] - 1] - self.starts[self.firsts[:-1]]
        return sizes

    def columns(self, records: NDArray[np.int64], places: Sequence[int]) -> list[pl.Series]:
        """Return the fields at some places of each of the records, as string columns.

        Blanks around a field are left out, and an empty field is null.
        """
        wanted = np.array(places, np.int64)
        offsets, bases, joined = self._gather(self.firsts[records], wanted, is_stripped=True)
        buffer = pa.py_buffer(joined)
        return [
            _as_series(offsets[place], buffer.slice(bases[place], bases[place + 1] - bases[place]))
            for place in range(len(places))
        ]

    def cells(self, record: int) -> list[str]:
        """Return all fields of one record."""
        first, last = self.firsts[record], self.firsts[record + 1]
        places = np.arange(last - first)
        _, bases, joined = self._gather(self.firsts[[record]], places, is_stripped=False)
        text = joined.tobytes()
        return [text[start:end].decode() for start, end in pairwise(bases)]

    def _gather(
        self, rows: NDArray[np.int64], places: NDArray[np.int64], *, is_stripped: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        fields = (self.data, self.starts, self.ends, self.flags)
        offsets, begins = measure_columns(*fields, rows, places, is_stripped)
        bases = np.concatenate(([0], np.cumsum(offsets[:, -1])))
        joined = copy_columns(self.data, self.flags, rows, places, begins, offsets, bases)
        return offsets, bases, joined


def _as_series(offsets: NDArray[np.int64], buffer: pa.Buffer) -> pl.Series:
    places = pa.py_buffer(np.ascontiguousarray(offsets))
    is_there = np.packbits(offsets[1:] > offsets[:-1], bitorder="little")
    array = pa.LargeStringArray.from_buffers(
        len(offsets) - 1, places, buffer, pa.py_buffer(is_there)
    )
    return pl.Series(values=pl.from_arrow(array), dtype=pl.String)


def _split_records(
    blocks: Iterable[bytes], delimiter: str, width: int, rest: Iterator[bytes] | None = None
) -> Iterator[_Records]:
    r"""Yield the records of a text, block by block; not the last where it goes on in the rest."""
    carried, waiting, room = b"", [b""], _Room()
    is_cut = False  # what is carried is the beginning of a record that no post can be
    for block in blocks:
        if is_cut:
            ends = [end for end in map(block.find, (b"\n", b"\r")) if end >= 0]
            if not ends:
                continue
            is_cut = False
            waiting.append(block[min(ends) :])
        else:
            waiting.append(block)
        # An unfinished record is looked at again only when the text has doubled.
        if sum(map(len, waiting)) > len(carried):
            data = b"".join([carried, *waiting])
            carried = yield from _scan(data, ord(delimiter), width, room, is_last=False)
            is_cut = len(carried) > _MOST_CARRIED and not carried.endswith(b"\r")
            carried = carried[:_MOST_CARRIED] if is_cut else carried
            waiting = [b""]
    carried = b"".join([carried, *waiting])
    if carried and (rest is None or next(rest, None) is None):
        yield from _scan(carried, ord(delimiter), width, room, is_last=True)


def _scan(
    text: bytes, delimiter: int, width: int, room: _Room, *, is_last: bool
) -> Generator[_Records, None, bytes]:
    """Yield the records of one block and return the bytes of the unfinished last one."""
    data = np.frombuffer(text, np.uint8)
    at = 0
    if room.fields < len(text) // 8:
        room.make(len(text) // 8)
    while at < len(text):
        fields = (room.starts, room.ends, room.flags)
        number, after, repaired = scan_records(
            data, at, delimiter, width, is_last, *fields, room.firsts, room.blanks
        )
        if number:
            blanks = room.blanks[:number].astype(np.bool_)
            yield _Records(data, *fields, room.firsts[: number + 1], blanks, repaired)
            at = after
        elif room.fields <= data.size - at:  # the arrays, not the end of the block, stopped it
            room.make(room.fields * 4)
        else:
            break
    return text[at:]


_PARTITION_ROWS = 100_000
_HEAD_BYTES, _HEAD_BLOCKS = 1 << 20, 128  # a block, and how many the first rows are sought in
_SEVERAL_BYTES = 64 << 20
_LONGEST_RECORD = 4 << 20
_MOST_CARRIED = 16 << 20  # of a record: the scan takes a quote that opens for longer as none
_TOO_LONG = -1


# Fields in other quotes than RFC 4180 has, or with their quotes behind a backslash.

_OTHER_QUOTES = (
    ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("＂", "＂"), ("「", "」"), ("『", "』"),
    ("«", "»"),
)  # fmt: skip
_FEWEST_QUOTED = 3
_ASKED_BYTES = 1 << 16
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
Rewrite = Callable[[bytes], bytes]


def find_quotes(head: bytes, delimiter: str) -> tuple[str, Rewrite] | None:
    r"""Return how fields are quoted where it is not by RFC 4180, and what writes them so."""
    mark = re.escape(delimiter.encode())
    lines = head.split(b"\n")[:-1] or [head]
    if _opens_fields(head, delimiter):
        return (_BACKSLASH, _take_backslashes) if keeps_quotes([head], delimiter) else None
    for begin, end in _OTHER_QUOTES:
        first, last = re.escape(begin.encode()), re.escape(end.encode())
        begun = len(re.findall(rb"(?:^|%b)%b" % (mark, first), head, re.MULTILINE))
        ended = len(re.findall(rb"%b(?=%b|\r?$)" % (last, mark), head, re.MULTILINE))
        # Where one column alone stands in them, they may be the texts' own.
        widths = {line.count(mark) for line in lines if line.strip()}
        is_needed = begun * 2 >= len(lines) * 3 or len(widths) > 1
        is_usual = begun * 5 >= len(lines) * 2 and abs(begun - ended) * 10 <= begun
        if begun >= _FEWEST_QUOTED and is_usual and is_needed:
            return f"{begin}…{end}", _rewrite_marks(mark, first, last)
    return None


def _find_spelled(head: bytes, delimiter: str) -> tuple[str, Rewrite] | None:
    """Return what reads cells that a spreadsheet is told to take as text: `="…"`, also quoted."""
    mark = re.escape(delimiter.encode())
    spelled = re.compile(
        rb'((?:^|(?<=%b))[ \t]*)(?:="([^"]*(?:""[^"]*)*)"|"=""([^"]*(?:""""[^"]*)*)""")'
        rb"(?=[ \t]*(?:%b|[\r\n]|\Z))" % (mark, mark),
        re.MULTILINE,
    )
    if b'="' not in head or len(spelled.findall(head)) < _FEWEST_QUOTED:
        return None
    return '="', lambda text: spelled.sub(_without_sign, text)


def _without_sign(found: re.Match[bytes]) -> bytes:
    inner = found[2] if found[3] is None else found[3].replace(b'""""', b'""')
    return found[1] + b'"' + inner + b'"'


def _opens_fields(head: bytes, delimiter: str) -> bool:
    """Tell whether a field begins with a quote of RFC 4180."""
    mark = re.escape(delimiter.encode())
    return re.search(rb'(?:^|%b)"' % mark, head, re.MULTILINE) is not None


# A backslash before a quote is one of two things: what keeps the quote from ending its field, or a
# character of the text, whose quote is doubled. Runs of quotes within fields tell which: an even
# one can only be doubled, a single one behind a backslash only be kept by it.


@cache
def _signs_of_quotes(delimiter: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return what finds quotes that a backslash keeps, and such as are doubled.

    Each begins with the sign itself, which is found a hundred times as fast as what is before it.
    """
    mark = re.escape(delimiter.encode())
    ends = rb"[%b\r\n]" % mark
    inner = rb'(?!"|%b|\Z)' % ends
    # What follows the end of a field is a field: with quotes around it, or none in it.
    field = rb'"(?!"[^"%b\r\n])|[^"%b\r\n]+%b' % (mark, mark, mark)
    field_ends = rb'(?=[\r\n]+(?:%b|\Z)|\Z|%b(?:%b|[\r\n]|\Z|%b|[^"%b\r\n]+[\r\n]))' % (
        field, mark, field, mark, mark,
    )  # fmt: skip
    kept = rb'\\(?<!\\\\)(?:\\\\)*(?:"%b|""%b)' % (inner, field_ends)
    doubled = rb'""(?:(?<=[^"]"")(?<!%b"")(?:(?:"")*%b|"(?:"")*(?=%b|\Z))|(?<=%b"")"(?:"")*%b)' % (
        ends, inner, ends, ends, inner,
    )  # fmt: skip
    return re.compile(kept), re.compile(doubled)


def keeps_quotes(pieces: Iterable[bytes], delimiter: str) -> bool:
    r"""Tell whether most quotes within fields stand behind a backslash, and are not doubled."""
    found_kept, found_doubled = _signs_of_quotes(delimiter)
    kept = doubled = 0
    for piece in pieces:
        kept += len(found_kept.findall(piece)) if b'\\"' in piece else 0
        doubled += len(found_doubled.findall(piece)) if b'""' in piece else 0
    return kept > doubled


_BACKSLASH = '\\"'


def _take_backslashes(text: bytes) -> bytes:
    return _ESCAPED.sub(_without_backslash, text)


def _without_backslash(found: re.Match[bytes]) -> bytes:
    return {b'"': b'""', b"\\": b"\\"}.get(found[1], found[0])


def _rewrite_marks(mark: bytes, first: bytes, last: bytes) -> Rewrite:
    begin = rb"(?P<border>(?:(?<=[\r\n])|(?<=%b)|\A)%b|%b(?=%b|[\r\n]|\Z))" % (
        mark, first, last, mark,
    )  # fmt: skip
    doubled = rb"|(?P<twice>%b%b)" % (last, last) if first == last else b""
    pattern = re.compile(begin + doubled + rb'|"')

    def rewrite(found: re.Match[bytes]) -> bytes:
        if found["border"]:
            return b'"'
        return found[0][len(found[0]) // 2 :] if found[0] != b'"' else b'""'

    return lambda text: pattern.sub(rewrite, text)


def rewritten(blocks: Iterable[bytes], rewrite: Rewrite) -> Iterator[bytes]:
    """Yield blocks with their marks rewritten, cut behind a line so that no mark is torn."""
    carried = b""
    for block in blocks:
        whole, end, carried = (carried + block).rpartition(b"\n")
        if not end and len(carried) > _MOST_CARRIED:
            whole, carried = carried, b""
        if whole or end:
            yield rewrite(whole + end)
    if carried:
        yield rewrite(carried)


class DelimitedText:
    """A text file whose encoding is surveyed once, whatever delimiter is tried on it."""

    said: str | None = None
    """How it is read, where that is to be told."""

    def __init__(self, export: Export) -> None:
        self.export = export

    @cached_property
    def encoding(self) -> Encoding:
        """The file's encoding."""
        return survey_encoding(self.export.open, str(self.export.path))

    @cached_property
    def _holds_backslashes(self) -> bool:
        """A backslash stands before a quote somewhere; most files hold none, which is soon told."""
        return any(
            b"\\" in block and (b'\\"' in block or block.endswith(b"\\")) for block in self.blocks()
        )

    def keeps_quotes(self, delimiter: str) -> bool:
        """Tell whether quotes within fields stand behind a backslash, as the whole file shows."""
        return self._holds_backslashes and keeps_quotes(self.blocks(), delimiter)

    def size(self) -> int:
        """Return the bytes of a file on disk, a large number for a packed one."""
        return self.export.local.stat().st_size if self.export.local else _SEVERAL_BYTES + 1

    def blocks(self, size: int | None = None) -> Iterator[bytes]:
        """Yield UTF-8 bytes."""
        where = str(self.export.path)
        sized = {} if size is None else {"size": size}
        return utf8_blocks(self.export.open, self.encoding, where, **sized)


class DelimitedTable:
    """A text file, or one of the tables in it, read with one delimiter."""

    container = "csv"
    is_stripped = True

    def __init__(
        self,
        text: DelimitedText,
        delimiter: str,
        begin: int = 0,
        end: int | None = None,
        numbered: int = 0,
    ) -> None:
        self.text = text
        self.path = text.export.path
        self.delimiter = delimiter
        self.begin, self.end, self.numbered = begin, end, numbered
        self.table = f"from filled row {begin + 1}" if begin else None
        self.blank = 0
        self.repaired = 0

    @cached_property
    def _quotes(self) -> tuple[str, Rewrite] | None:
        head = next(self.text.blocks(_ASKED_BYTES), b"")
        spelled = _find_spelled(head, self.delimiter)
        if spelled is not None:
            return spelled
        if _opens_fields(head, self.delimiter):
            return (
                (_BACKSLASH, _take_backslashes) if self.text.keeps_quotes(self.delimiter) else None
            )
        return find_quotes(head, self.delimiter)

    def _blocks(self, size: int | None = None) -> Iterator[bytes]:
        """Yield UTF-8 bytes whose fields are quoted by RFC 4180, or as nearly as they are."""
        blocks = self.text.blocks(size)
        return blocks if self._quotes is None else rewritten(blocks, self._quotes[1])

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield possible headers with their place among the rows that are not blank."""
        yield from possible_heads(self._first_rows(), self.path, self.container, self.table)

    def _first_rows(self) -> list[list[str]]:
        rows: list[list[str]] = []
        wanted = min(SAMPLE_ROWS + 30, (self.end or sys.maxsize) - self.begin)
        passed = 0
        widest = longest = 0
        rest = self._blocks(_HEAD_BYTES)
        for records in _split_records(islice(rest, _HEAD_BLOCKS), self.delimiter, 0, rest):
            is_sampled = ~records.is_blank & (records.sizes() <= _LONGEST_RECORD)
            is_sampled &= records.widths() <= MOST_COLUMNS
            widest = max(widest, int(records.widths().max()))
            longest = max(longest, int(records.sizes().max()))
            filled = np.flatnonzero(is_sampled)
            after = filled[max(0, self.begin - passed) :][: wanted - len(rows)]
            passed += len(filled)
            rows += [records.cells(int(record)) for record in after]
            if len(rows) >= wanted:
                break
        if not rows:
            require_columns(widest, self.path)
        if not rows and longest > _LONGEST_RECORD:
            raise CaodianError(
                f"the first rows of a table must have {_LONGEST_RECORD >> 20} MiB at most",
                value="a longer line",
                where=str(self.path),
                remedy="Export it again, with a line end behind each post.",
            )
        return rows

    def divide(self, place: int, header: Sequence[str]) -> list[DelimitedTable]:
        """Return this table and those that begin further down under another header."""
        if self.text.size() > _SEVERAL_BYTES or self.begin:
            return [self]
        starts = [place]
        for row, cells in self._headers():
            if row > place and name_cells(cells) != tuple(header):
                starts.append(row)
                header = name_cells(cells)
        if len(starts) == 1:
            return [self]
        bounds = [0, *starts[1:], None]
        numbered = [0, *(start - place - number for number, start in enumerate(starts[1:], 1))]
        return [
            DelimitedTable(self.text, self.delimiter, first or 0, last, count)
            for (first, last), count in zip(pairwise(bounds), numbered, strict=True)
        ]

    def _headers(self) -> Iterator[tuple[int, list[str]]]:
        passed = 0
        for records in _split_records(self._blocks(), self.delimiter, 0):
            order = passed + np.cumsum(~records.is_blank) - 1
            yield from ((int(order[record]), row) for record, row in records.find_headers())
            passed = int(order[-1]) + 1 if len(order) else passed

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows below the header: `ROW_NUMBER`, `NOTE` and the plan's columns."""
        self.blank = self.repaired = 0
        first, passed = self.begin + place + 1, 0
        width = 0 if plan.repairs_all else len(plan.header)
        look = cache(lambda: look_at_rows(self._first_rows()[place + 1 :], plan, self.delimiter))
        for records in _split_records(self._blocks(), self.delimiter, width):
            self.repaired += records.repaired
            order = passed + np.cumsum(~records.is_blank)
            passed = int(order[-1]) if len(order) else passed
            inside = (order >= first) & (order <= (self.end or sys.maxsize))
            self.blank += int((records.is_blank & inside).sum())
            rows = np.flatnonzero(~records.is_blank & inside & (order > first))
            for start in range(0, len(rows), _PARTITION_ROWS):
                part = rows[start : start + _PARTITION_ROWS]
                number = int(order[part[0]]) - first + self.numbered
                yield _frame(records, part, number, plan, look)
            if self.end is not None and passed > self.end:
                break

    def notes(self) -> list[str]:
        """Return what was mended while reading."""
        said = [self.text.said] if self.text.said else []
        if self._quotes is not None:
            said.append(f"fields are read as quoted by {self._quotes[0]}")
        if self.text.encoding.mixed_lines:
            said.append(_tell_mixed(self.text.encoding))
        elif self.text.encoding.name != "utf-8":
            said.append(f"read as {self.text.encoding.name}")
        if self.repaired:
            said.append(f"{self.repaired} stray quotes taken as characters")
        return said


def _tell_mixed(encoding: Encoding) -> str:
    told = []
    for kind in dict.fromkeys(name for _, name in encoding.mixed_lines):
        numbers = [str(number) for number, name in encoding.mixed_lines if name == kind]
        shown = ", ".join(numbers[:5]) + (" …" if len(numbers) > 5 else "")
        lines = f"{len(numbers)} line{'s' if len(numbers) > 1 else ''} ({shown})"
        verb = "are" if len(numbers) > 1 else "is"
        lost = "damaged; bytes of no character are shown as \ufffd"
        told.append(f"{lines} {verb} {lost if kind == DAMAGED else kind}")
    return f"mixed encodings: {encoding.name}, but {', '.join(told)}"


def _frame(
    records: _Records, part: NDArray[np.int64], first: int, plan: Plan, look: Callable[[], Seen]
) -> pl.DataFrame:
    """Return regular records column by column, and fit the others one by one."""
    widths = np.where(records.sizes()[part] > _LONGEST_RECORD, _TOO_LONG, records.widths()[part])
    numbers = np.arange(first, first + len(part))
    frames = []
    odd = widths != _TOO_LONG
    for width in np.unique(widths) if not plan.repairs_all else ():
        names = plan.layout(int(width))
        if names is not None:
            chosen = widths == width
            odd &= ~chosen
            frame = _regular(records, part[chosen], numbers[chosen], names, plan)
            shifted = find_shifted(frame, plan)
            if shifted.any():
                rows = [records.cells(int(record)) for record in part[chosen][shifted.to_numpy()]]
                places = frame.filter(shifted)[ROW_NUMBER].to_list()
                frames.append(fit_shifted(rows, places, plan, look()))
                frame = frame.filter(~shifted)
            frames.append(frame)
    if (widths == _TOO_LONG).any():
        frames.append(_too_long(numbers[widths == _TOO_LONG], plan))
    if odd.any():
        rows = [records.cells(int(record)) for record in part[odd]]
        frames.append(fit_rows(rows, numbers[odd].tolist(), plan, look()))
    frame = frames[0] if len(frames) == 1 else pl.concat(frames).sort(ROW_NUMBER)
    last = part[-LAST_ROWS:] if (widths[-LAST_ROWS:] != _TOO_LONG).all() else part[:0]
    return note_footers(frame, [records.cells(int(record)) for record in last], plan)


def _too_long(numbers: NDArray[np.int64], plan: Plan) -> pl.DataFrame:
    """Return rows without cells for records that no post can be."""
    note = f"a record of more than {_LONGEST_RECORD >> 20} MiB"
    frame = fit_rows([[] for _ in numbers], numbers.tolist(), plan)
    return frame.with_columns(pl.lit(note, pl.String).alias(NOTE))


def _regular(
    records: _Records,
    part: NDArray[np.int64],
    numbers: NDArray[np.int64],
    names: tuple[str, ...],
    plan: Plan,
) -> pl.DataFrame:
    needed = plan.needed_columns()
    there = [name for name in needed if name in names]
    found = records.columns(part, [names.index(name) for name in there])
    absent = pl.Series([None], dtype=pl.String).new_from_index(0, len(part))
    columns = dict.fromkeys(needed, absent) | dict(zip(there, found, strict=True))
    frame = pl.DataFrame({ROW_NUMBER: pl.Series(numbers, dtype=pl.Int64), **columns})
    return note_headers(frame, plan)
