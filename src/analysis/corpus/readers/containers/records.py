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
from analysis.kernels.delimited import (
    copy_columns,
    mark_wordy,
    measure_columns,
    scan_records,
)

LONGEST_HEADER = 4000


@dataclass(frozen=True)
class Records:
    """Whole records of one block.

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
        """Return the fields at some places of each of the records, as string columns."""
        wanted = np.array(places, np.int64)
        offsets, bases, joined = self._gather(self.firsts[records], wanted)
        buffer = pa.py_buffer(joined)
        return [
            _as_series(offsets[place], buffer.slice(bases[place], bases[place + 1] - bases[place]))
            for place in range(len(places))
        ]

    def cells(self, record: int) -> list[str]:
        """Return all fields of one record."""
        first, last = self.firsts[record], self.firsts[record + 1]
        _, bases, joined = self._gather(self.firsts[[record]], np.arange(last - first))
        text = joined.tobytes()
        return [text[start:end].decode() for start, end in pairwise(bases)]

    def _gather(
        self, rows: NDArray[np.int64], places: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        fields = (self.data, self.starts, self.ends, self.flags)
        offsets = measure_columns(*fields, rows, places)
        bases = np.concatenate(([0], np.cumsum(offsets[:, -1])))
        return offsets, bases, copy_columns(*fields, rows, places, offsets, bases)


def _as_series(offsets: NDArray[np.int64], buffer: pa.Buffer) -> pl.Series:
    places = pa.py_buffer(np.ascontiguousarray(offsets))
    array = pa.LargeStringArray.from_buffers(len(offsets) - 1, places, buffer)
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
    carried, waiting = b"", [b""]
    for block in blocks:
        waiting.append(block)
        # An unfinished record is looked at again only when the text has doubled.
        if sum(map(len, waiting)) > len(carried):
            data = b"".join([carried, *waiting])
            carried = yield from _scan(data, ord(delimiter), width, is_last=False)
            waiting = [b""]
    carried = b"".join([carried, *waiting])
    if carried:
        yield from _scan(carried, ord(delimiter), width, is_last=True)


def _scan(
    text: bytes, delimiter: int, width: int, *, is_last: bool
) -> Generator[Records, None, bytes]:
    """Yield the records of one block and return the bytes of the unfinished last one."""
    data = np.frombuffer(text, np.uint8)
    fields, at = max(len(text) // 8, 1024), 0
    while at < len(text):
        starts, ends = np.empty(fields, np.int64), np.empty(fields, np.int64)
        flags = np.empty(fields, np.uint8)
        firsts, blanks = np.empty(fields + 1, np.int64), np.empty(fields + 1, np.uint8)
        number, after, repaired = scan_records(
            data, at, delimiter, width, is_last, starts, ends, flags, firsts, blanks
        )
        if number:
            yield Records(
                data,
                starts,
                ends,
                flags,
                firsts[: number + 1],
                blanks[:number].astype(np.bool_),
                repaired,
            )
            at = after
        elif _is_short(data, at, fields):
            fields *= 4
        else:
            break
    return text[at:]


def _is_short(data: NDArray[np.uint8], at: int, fields: int) -> bool:
    """Tell whether the arrays, and not the end of the block, stopped the scan."""
    return fields <= data.size - at
