"""Parquet files as tables of strings, numbers and times, batch by batch."""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.row_groups import read_batches, to_polars
from analysis.corpus.readers.plan import Head, Plan
from analysis.corpus.readers.values.typed import as_strings, keep_typed
from analysis.errors import CaodianError

BUFFER_BYTES = 1 << 20  # without it whole column chunks are held
BROKEN = (pa.ArrowException, OSError, ValueError, pl.exceptions.PolarsError)


class ParquetTable:
    """A Parquet file."""

    container = "parquet"
    is_stripped = False

    def __init__(self, export: Export) -> None:
        self.export = export
        self.path = export.path
        self.table: str | None = None
        self.blank = 0

    def _open(self) -> pq.ParquetFile:
        try:
            source = self.export.local or io.BytesIO(self.export.read())
            return pq.ParquetFile(source, buffer_size=BUFFER_BYTES)
        except BROKEN as error:
            raise _broken(self.export, error) from None

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield the one possible header: the names of the columns."""
        file = self._open()
        try:
            names = tuple(file.schema_arrow.names)
            first = next(file.iter_batches(300), None)
        except BROKEN as error:
            raise _broken(self.export, error) from None
        sample = pl.DataFrame() if first is None else as_strings(to_polars(first))
        rows = tuple(tuple(cell or "" for cell in row) for row in sample.rows())
        yield -1, Head(self.path, self.container, None, names, rows)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows: `row_number`, `note` and the plan's columns."""
        self.blank, first = 0, 1
        needed = plan.needed_columns()
        try:
            for frame in read_batches(self._open(), self.export.local, needed):
                # A preparation reads strings.
                cells = keep_typed(frame) if plan.prepare is None else as_strings(frame)
                filled = _without_blank_rows(cells)
                self.blank += cells.height - filled.height
                yield filled.select(
                    pl.int_range(first, first + filled.height, dtype=pl.Int64).alias("row_number"),
                    pl.lit(None, pl.String).alias("note"),
                    *needed,
                )
                first += filled.height
        except BROKEN as error:
            raise _broken(self.export, error) from None

    def notes(self) -> list[str]:
        """Return what was mended while reading."""
        return []


def _without_blank_rows(cells: pl.DataFrame) -> pl.DataFrame:
    if any(not column.null_count() for column in cells):
        return cells
    return cells.filter(~pl.all_horizontal(pl.all().is_null()))


def _broken(export: Export, error: Exception) -> CaodianError:
    return CaodianError(
        "a Parquet file must be whole",
        value=str(export.path),
        where=(str(error).splitlines() or [""])[0][:200],
        remedy="Export it again.",
    )
