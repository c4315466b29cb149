"""Tables in files that a library must open: workbooks, Parquet, SQLite, and pages of the web.

The library does so in a process of its own (`confined`); here its pieces become tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

import polars as pl
import polars.selectors as cs

from analysis.corpus.readers.containers.confined import Piece, run_confined, unreadable
from analysis.corpus.readers.containers.export import MAXIMUM_HELD, Export, too_long
from analysis.corpus.readers.containers.grid import (
    LAST_ROWS,
    fit_rows,
    is_blank,
    note_footers,
    note_headers,
    possible_heads,
)
from analysis.corpus.readers.containers.keyed import KeyedTable, Record, as_record
from analysis.corpus.readers.containers.opened import column_number
from analysis.corpus.readers.plan import NOTE, ROW_NUMBER, Head, Plan
from analysis.corpus.readers.values.columns import as_strings, keep_typed

_OPENED = "analysis.corpus.readers.containers.opened"
_BLOCK = 1 << 20


def _open(export: Export, function: str, kind: str, **asked: Any) -> Iterator[Piece]:  # noqa: ANN401
    """Yield what a function of `opened` finds in a file."""
    where = str(export.path)
    # The other process has been kept from an earlier file, and stands in a folder of its own.
    local = export.local
    source: str | Iterable[bytes] = str(local.absolute()) if local else _blocks(export)
    return run_confined(
        f"{_OPENED}:{function}",
        source,
        kind=kind,
        where=where,
        size=export.size,
        asked={"where": where, **asked},
    )


def _blocks(export: Export) -> Iterator[bytes]:
    """Yield the bytes of a member of an archive, which the other process must hold."""
    held = 0
    with export.open() as stream:
        while block := stream.read(_BLOCK):
            held += len(block)
            if held > MAXIMUM_HELD:
                raise too_long(str(export.path))
            yield block


# Workbooks and pages: grids of cells.

_PARTITION_ROWS = 100_000
_WORKBOOK = "a workbook"


class SheetTable:
    """One sheet of a workbook."""

    container = "xlsx"
    is_stripped = False

    def __init__(self, export: Export, name: str | None, merged: Sequence[Merged] = ()) -> None:
        self.export = export
        self.path = export.path
        self.table: str | None = name
        self.blank = 0
        self._grid: pl.DataFrame | None = None
        self._merged = merged
        self._repeated: list[str] = []

    def _cells(self) -> pl.DataFrame:
        if self._grid is None:
            name = 0 if self.table is None else self.table
            pieces = _open(self.export, "open_sheet", _WORKBOOK, name=name)
            self._grid = pl.concat(_unpack(piece, self.export, _WORKBOOK) for piece in pieces)
        return self._grid

    def _first_rows(self) -> list[list[str]]:
        bare = self._cells().head(1000)
        rows = zip(_as_rows(bare), _as_rows(_fill_down(bare, self._merged)), strict=True)
        return [row for own, row in rows if not is_blank(own)][:300]

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield possible headers with their place among the rows that are not blank."""
        yield from possible_heads(self._first_rows(), self.path, self.container, self.table)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows below the header: `ROW_NUMBER`, `NOTE` and the plan's columns."""
        grid = self._cells()
        is_filled = grid.select(~pl.all_horizontal(_is_empty(grid))).to_series()
        header = int(is_filled.arg_true()[place]) if place >= 0 else -1
        self.blank = int((~is_filled[max(header, 0) :]).sum())
        grid = self._repeat(grid, plan, header)
        rows = grid[header + 1 :].filter(is_filled[header + 1 :])
        for start in range(0, rows.height, _PARTITION_ROWS):
            yield _fit(rows[start : start + _PARTITION_ROWS], start + 1, plan)
        self._grid = None

    def _repeat(self, grid: pl.DataFrame, plan: Plan, header: int) -> pl.DataFrame:
        """Let a cell merged over several rows stand in each, unless it says what was written.

        A text that reaches over rows of something else is one post.
        """
        texts = {name for kind in ("text", "title") for name in plan.columns.get(kind, ())}
        needed = {
            plan.header.index(name): name
            for name in plan.needed_columns()
            if name in plan.header and name not in texts
        }
        below = [span for span in self._merged if span[0] in needed and span[2] > header + 1]
        self._repeated = [name for place, name in needed.items() if place in {s[0] for s in below}]
        return _fill_down(grid, below)

    def notes(self) -> list[str]:
        """Return what was mended while reading."""
        if not self._repeated:
            return []
        named = ", ".join(name[:40] for name in self._repeated)
        return [f"cells merged over several rows count for each of them ({named})"]


Merged = tuple[int, int, int]
"""A column and the first and last row that a cell reaches over, counted from nought."""


def sheets(export: Export) -> list[SheetTable]:
    """Return the sheets of a workbook, looked through once for all of them."""
    (told,) = _open(export, "open_workbook", _WORKBOOK)
    return [SheetTable(export, name, _read_ranges(refs, first)) for name, refs, first in told]


def _read_ranges(refs: Sequence[str], first: int) -> list[Merged]:
    """Return what reaches over several rows, none of which stands in another."""
    spans: list[Merged] = []
    for ref in refs:
        [(letters, top), (_, bottom)] = _CORNER.findall(ref)
        column = column_number(letters.encode()) - first
        if int(bottom) > int(top) > 0 <= column:
            spans.append((column, int(top) - 1, int(bottom) - 1))
    apart: list[Merged] = []
    for span in sorted(spans):
        if not apart or apart[-1][0] < span[0] or apart[-1][2] < span[1]:
            apart.append(span)
    return apart


_CORNER = re.compile("([A-Z]+)([0-9]+)")


def _fill_down(grid: pl.DataFrame, merged: Sequence[Merged]) -> pl.DataFrame:
    """Put what stands at the head of a merged cell into each of its rows that is empty."""
    taken: dict[int, list[int]] = {}
    for column, top, bottom in merged:
        if column < grid.width and top < grid.height:
            rows = taken.setdefault(column, list(range(grid.height)))
            end = min(bottom + 1, grid.height)
            rows[top:end] = [top] * (end - top)
    filled = [
        pl.coalesce(grid.to_series(column), grid.to_series(column).gather(rows))
        for column, rows in taken.items()
    ]
    return grid.with_columns(filled)


def _is_empty(grid: pl.DataFrame) -> list[pl.Expr]:
    return [
        cs.by_name(name).is_null() | (cs.by_name(name).str.strip_chars() == "")
        for name in grid.columns
    ]


def _fit(part: pl.DataFrame, first: int, plan: Plan) -> pl.DataFrame:
    """Name the columns of a sheet, whose rows all have the same number of cells."""
    numbers = range(first, first + part.height)
    last = _as_rows(part.tail(LAST_ROWS))
    if plan.repairs_all or part.width < len(plan.header):
        return note_footers(fit_rows(_as_rows(part), numbers, plan), last, plan)
    columns = {
        name: part.to_series(plan.header.index(name))
        for name in plan.needed_columns()
        if name in plan.header
    }
    absent = pl.Series([None], dtype=pl.String).new_from_index(0, part.height)
    missing = {name: absent for name in plan.needed_columns() if name not in columns}
    frame = pl.DataFrame({ROW_NUMBER: pl.Series(numbers, dtype=pl.Int64), **columns, **missing})
    return note_footers(note_headers(frame, plan), last, plan)


def _as_rows(grid: pl.DataFrame) -> list[list[str]]:
    return [list(row) for row in grid.fill_null("").rows()]


def _unpack(piece: bytearray, export: Export, kind: str) -> pl.DataFrame:
    try:
        return pl.read_ipc_stream(bytes(piece))
    except pl.exceptions.PolarsError as error:  # such as a text that is not UTF-8
        raise unreadable(kind, str(export.path), str(error)) from None


# Parquet.

_BATCH_ROWS = 50_000
_MOST_BYTES = 1 << 30  # of the texts of one column in a group of rows
_PARQUET = "a Parquet file"


class ParquetTable:
    """A Parquet file: strings, numbers and times, batch by batch."""

    container = "parquet"
    is_stripped = False

    def __init__(self, export: Export) -> None:
        self.export = export
        self.path = export.path
        self.table: str | None = None
        self.blank = 0

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield the one possible header: the names of the columns."""
        names, *pieces = _open(self.export, "open_parquet", _PARQUET, most_bytes=_MOST_BYTES)
        sample = as_strings(_unpack(pieces[0], self.export, _PARQUET)) if pieces else pl.DataFrame()
        rows = tuple(tuple(cell or "" for cell in row) for row in sample.rows())
        if names:
            yield -1, Head(self.path, self.container, None, tuple(names), rows)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows: `ROW_NUMBER`, `NOTE` and the plan's columns."""
        self.blank, first = 0, 1
        needed = plan.needed_columns()
        asked = {"columns": needed, "batch_rows": _BATCH_ROWS}
        for piece in _open(self.export, "read_parquet", _PARQUET, **asked):
            # A preparation reads strings.
            frame = _unpack(piece, self.export, _PARQUET)
            cells = keep_typed(frame) if plan.prepare is None else as_strings(frame)
            filled = _without_blank_rows(cells)
            self.blank += cells.height - filled.height
            yield filled.select(
                pl.int_range(first, first + filled.height, dtype=pl.Int64).alias(ROW_NUMBER),
                pl.lit(None, pl.String).alias(NOTE),
                *map(cs.by_name, needed),
            )
            first += filled.height

    def notes(self) -> list[str]:
        """Return what was mended while reading."""
        return []


def _without_blank_rows(cells: pl.DataFrame) -> pl.DataFrame:
    if any(not column.null_count() for column in cells):
        return cells
    return cells.filter(~pl.all_horizontal(pl.all().is_null()))


# SQLite.

_DATABASE = "a database"


def sqlite_tables(export: Export, shown: PurePath | None = None) -> list[KeyedTable]:
    """Return the tables of a SQLite file, in the order of their names, and then its views."""
    ((tables, views),) = _open(export, "open_sqlite", _DATABASE)
    return [
        _sqlite_table(export, name, export.path if shown is None else shown / name, is_view=is_view)
        for names, is_view in ((tables, False), (views, True))
        for name in names
    ]


def _sqlite_table(export: Export, name: str, path: PurePath, *, is_view: bool) -> KeyedTable:
    records = partial(_sqlite_records, export, name, is_view=is_view)
    return KeyedTable(path, "sql", name, records, is_view=is_view)


def _sqlite_records(export: Export, name: str, *, is_view: bool) -> Iterator[Record]:
    pieces = _open(export, "read_sqlite", _DATABASE, name=name, is_view=is_view)
    keys = next(pieces)
    for records in pieces:
        for values in records:
            yield as_record(keys, values)
