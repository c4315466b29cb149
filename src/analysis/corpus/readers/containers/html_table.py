"""Tables of a web page, which many shop systems write under the name of a workbook."""

from __future__ import annotations

from html.parser import HTMLParser

import polars as pl

from analysis.corpus.readers.containers.archive import MAXIMUM_HELD
from analysis.corpus.readers.containers.delimited import DelimitedText
from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.spreadsheet import SheetTable
from analysis.errors import CaodianError


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
