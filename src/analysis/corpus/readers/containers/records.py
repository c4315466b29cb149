"""Blocks of delimited records: bytes and places, from which columns are taken without a loop."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from analysis.corpus.readers.column_names import looks_like_header
from analysis.kernels.delimited import mark_wordy, scan_records
from analysis.kernels.delimited_columns import copy_columns, measure_columns

LONGEST_HEADER = 4000


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
class Records:
    """Whole records of one block, to be used before the next block is asked for.

    Parameters
    ----------
    data
        The block's bytes, UTF-8.
    starts, ends, flags
        Where each field lies, and whether quotes are doubled in it.
    firsts
        Number of the first field of each record, and of the end.
    is_blank
        Records in which nothing stands.
    repaired
        Records that a stray quote would have swallowed.
    """

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
        wordy = mark_wordy(self.data, self.starts, self.ends, self.firsts, LONGEST_HEADER)
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


def split_records(blocks: Iterable[bytes], delimiter: str, width: int) -> Iterator[Records]:
    r"""Yield the records of a text, block by block.

    Parameters
    ----------
    blocks
        UTF-8 bytes.
    delimiter
        One ASCII character.
    width
        Fields of a regular record, 0 when not known.

    Examples
    --------
    >>> [block.cells(0) for block in split_records([b'a,"b\n', b'c"\nd,e'], ",", 2)]
    [['a', 'b\nc'], ['d', 'e']]
    """
    carried, waiting, room = b"", [b""], _Room()
    for block in blocks:
        waiting.append(block)
        # An unfinished record is looked at again only when the text has doubled.
        if sum(map(len, waiting)) > len(carried):
            data = b"".join([carried, *waiting])
            carried = yield from _scan(data, ord(delimiter), width, room, is_last=False)
            waiting = [b""]
    carried = b"".join([carried, *waiting])
    if carried:
        yield from _scan(carried, ord(delimiter), width, room, is_last=True)


def _scan(
    text: bytes, delimiter: int, width: int, room: _Room, *, is_last: bool
) -> Generator[Records, None, bytes]:
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
            yield Records(data, *fields, room.firsts[: number + 1], blanks, repaired)
            at = after
        elif room.fields <= data.size - at:  # the arrays, not the end of the block, stopped it
            room.make(room.fields * 4)
        else:
            break
    return text[at:]
