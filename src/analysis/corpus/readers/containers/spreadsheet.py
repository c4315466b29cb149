"""Sheets of Excel and OpenDocument workbooks as tables of strings."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser

import fastexcel
import polars as pl

from analysis.corpus.readers.containers.delimited import DelimitedText
from analysis.corpus.readers.containers.export import MAXIMUM_HELD, Export, check_growth
from analysis.corpus.readers.containers.grid import fit_rows, is_blank, note_headers, possible_heads
from analysis.corpus.readers.plan import Head, Plan
from analysis.errors import CaodianError

_PARTITION_ROWS = 100_000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]+)\d')
_ROW = re.compile(rb'<(?:\w+:)?(?:row [^>]*?\br="|c [^>]*?\br="[A-Z]+)(\d+)"')
_BLOCK, _LONGEST_TAG = 1 << 20, 4096
_LAST_COLUMN, _LAST_ROW, _MOST_LETTERS = 16_384, 1_048_576, 8
_FREE_CELLS, _CELLS_A_CELL = 5_000_000, 10


class SheetTable:
    """One sheet of a workbook."""

    container = "xlsx"
    is_stripped = False

    def __init__(self, export: Export, name: str | None) -> None:
        self.export = export
        self.path = export.path
        self.table: str | None = name
        self.blank = 0
        self._grid: pl.DataFrame | None = None

    def _cells(self) -> pl.DataFrame:
        if self._grid is None:
            self._grid = _load(self.export, self.table)
        return self._grid

    def _first_rows(self) -> list[list[str]]:
        rows = _as_rows(self._cells().head(1000))
        return [row for row in rows if not is_blank(row)][:300]

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield possible headers with their place among the rows that are not blank."""
        yield from possible_heads(self._first_rows(), self.path, self.container, self.table)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows below the header: `row_number`, `note` and the plan's columns."""
        grid = self._cells()
        is_filled = grid.select(~pl.all_horizontal(_is_empty(grid))).to_series()
        header = int(is_filled.arg_true()[place]) if place >= 0 else -1
        self.blank = int((~is_filled[max(header, 0) :]).sum())
        rows = grid[header + 1 :].filter(is_filled[header + 1 :])
        for start in range(0, rows.height, _PARTITION_ROWS):
            yield _fit(rows[start : start + _PARTITION_ROWS], start + 1, plan)
        self._grid = None

    def notes(self) -> list[str]:
        """Return what was mended while reading."""
        return []


def sheets(export: Export) -> list[SheetTable]:
    """Return the sheets of a workbook, looked through once for all of them."""
    _check_size(export)
    return [SheetTable(export, name) for name in _open(export).sheet_names]


def _is_empty(grid: pl.DataFrame) -> list[pl.Expr]:
    return [
        pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "") for name in grid.columns
    ]


def _fit(part: pl.DataFrame, first: int, plan: Plan) -> pl.DataFrame:
    """Name the columns of a sheet, whose rows all have the same number of cells."""
    numbers = range(first, first + part.height)
    if plan.repairs_all or part.width < len(plan.header):
        return fit_rows(_as_rows(part), numbers, plan)
    columns = {
        name: part.to_series(plan.header.index(name))
        for name in plan.needed_columns()
        if name in plan.header
    }
    absent = pl.Series([None], dtype=pl.String).new_from_index(0, part.height)
    missing = {name: absent for name in plan.needed_columns() if name not in columns}
    frame = pl.DataFrame({"row_number": pl.Series(numbers, dtype=pl.Int64), **columns, **missing})
    return note_headers(frame, plan)


def _as_rows(grid: pl.DataFrame) -> list[list[str]]:
    return [list(row) for row in grid.fill_null("").rows()]


def _open(export: Export) -> fastexcel.ExcelReader:
    try:
        source = str(export.local) if export.local else export.read()
        return fastexcel.read_excel(source)
    except fastexcel.FastExcelError as error:
        raise _broken(export, error) from None


def _load(export: Export, name: str | None) -> pl.DataFrame:
    try:
        sheet = _open(export).load_sheet(name or 0, header_row=None, dtypes="string")
        return pl.DataFrame(sheet.to_polars())
    except fastexcel.FastExcelError as error:
        raise _broken(export, error) from None


def _check_size(export: Export) -> None:
    """Look into the zip that a workbook is before its sheets are laid out in memory."""
    try:
        with zipfile.ZipFile(export.local or io.BytesIO(export.read())) as archive:
            for member in archive.infolist():
                check_growth(member.compress_size, member.file_size, str(export.path))
            for member in archive.infolist():
                if _SHEET.fullmatch(member.filename):
                    _check_extent(archive, member, export)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        return  # no zip, or a broken or encrypted one: the reader of workbooks says which


def _check_extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo, export: Export) -> None:
    """Refuse a sheet with a cell so far from the others that all between would fill the memory."""
    columns: set[bytes] = set()
    cells = last_row = 0
    carried = b""
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            content = carried + block
            end = content.rfind(b">") + 1
            carried = content[end:][-_LONGEST_TAG:]
            found = _CELL.findall(content, 0, end)
            cells += len(found)
            columns.update(found)
            rows = _ROW.findall(content, 0, end)
            last_row = max(last_row, max(map(int, rows), default=0))
    last_column = max(map(_column_number, columns), default=0)
    is_outside = last_column > _LAST_COLUMN or last_row > _LAST_ROW
    if is_outside or last_row * last_column > _FREE_CELLS + _CELLS_A_CELL * cells:
        raise CaodianError(
            "the cells of a sheet must stand together",
            value=f"{cells} cells in {last_column} columns and {last_row} rows",
            where=str(export.path),
            remedy="Delete the empty rows and columns after the table, or save it as CSV.",
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:_MOST_LETTERS]:
        number = number * 26 + letter - 64
    return number


def _broken(export: Export, error: Exception) -> CaodianError:
    return CaodianError(
        "a workbook must be whole and not encrypted",
        value=str(export.path),
        where=str(error).splitlines()[0][:200],
        remedy="Open it in a spreadsheet program and save it again as XLSX.",
    )


# Tables of a web page, which many shop systems write under the name of a workbook.


class HtmlTable(SheetTable):
    """One table of a web page; its cells are strings."""

    container = "html"

    def __init__(self, export: Export, name: str | None, rows: list[list[str]]) -> None:
        super().__init__(export, name)
        width = max(map(len, rows))
        filled = [row + [""] * (width - len(row)) for row in rows]
        self._rows = pl.DataFrame(filled, schema=[(f"c{n}", pl.String) for n in range(width)],
                                  orient="row")  # fmt: skip

    def _cells(self) -> pl.DataFrame:
        return self._rows


def html_tables(export: Export) -> list[HtmlTable]:
    """Return the tables of a web page that hold cells; none for a page without any.

    Raises
    ------
    CaodianError
        When the page is too large to be held whole.
    """
    parser = _TableParser()
    size = 0
    for block in DelimitedText(export).blocks():
        size += len(block)
        if size > MAXIMUM_HELD:
            raise CaodianError(
                "a web page must be smaller than 1 GiB, since it is held as a whole",
                value=str(export.path),
                remedy="Save its table as CSV or XLSX.",
            )
        parser.feed(block.decode("utf-8", "replace"))
    parser.close()
    filled = [rows for rows in parser.tables if rows]
    names = [f"table {n}" for n in range(1, len(filled) + 1)] if len(filled) > 1 else [None]
    return [HtmlTable(export, name, rows) for name, rows in zip(names, filled, strict=False)]


class _TableParser(HTMLParser):
    """Collects the cells of tables; a table inside a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self._open.append([])
            self.tables.append(self._open[-1])
        elif self._open and tag == "tr":
            self._end_cell()
            self._open[-1].append([])
        elif self._open and tag in ("td", "th"):
            self._end_cell()
            self._cell = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), 1000) if span.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        rows = self._open[-1]
        if not rows:
            rows.append([])
        rows[-1] += ["".join(self._cell).strip(), *[""] * (self._span - 1)]
        self._cell = None
