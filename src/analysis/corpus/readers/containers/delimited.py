"""CSV and TSV files as tables of strings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

import polars as pl

from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.grid import fit_rows, is_blank, possible_heads
from analysis.corpus.readers.plan import Head, Plan
from analysis.storage.encoding import detect

PARTITION_ROWS = 100_000


class DelimitedTable:
    """A delimited text file."""

    container = "csv"

    def __init__(self, export: Export, delimiter: str) -> None:
        self.export = export
        self.delimiter = delimiter
        self.path = export.path
        self.table: str | None = None
        self.blank = 0
        self.notes: list[str] = []

    def _rows(self) -> Iterator[list[str]]:
        data = self.export.read()
        encoding = detect(data, where=str(self.path))
        text = data[encoding.mark :].decode(encoding.name)
        csv.field_size_limit(1 << 30)
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield possible headers with their place among the rows that are not blank."""
        sample = list(islice((row for row in self._rows() if not is_blank(row)), 300))
        yield from possible_heads(sample, self.path, self.container, None)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows below the header."""
        self.blank = 0
        rows: list[list[str]] = []
        seen = -1
        first = 1
        for row in self._rows():
            if is_blank(row):
                self.blank += seen >= place
                continue
            seen += 1
            if seen > place:
                rows.append(row)
            if len(rows) == PARTITION_ROWS:
                yield fit_rows(rows, range(first, first + len(rows)), plan)
                first += len(rows)
                rows = []
        if rows:
            yield fit_rows(rows, range(first, first + len(rows)), plan)
