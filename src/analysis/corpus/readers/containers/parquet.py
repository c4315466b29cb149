"""Parquet files as tables of strings, batch by batch."""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.plan import Head, Plan
from analysis.errors import CaodianError

PARTITION_ROWS = 50_000
BUFFER_BYTES = 1 << 20  # without it whole column chunks are held
ZONE = "Asia/Shanghai"
BROKEN = (pa.ArrowException, OSError, ValueError, pl.exceptions.PolarsError)
TIME_FORM = "%Y-%m-%d %H:%M:%S%.f"


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
        sample = pl.DataFrame() if first is None else as_strings(_to_polars(first))
        rows = tuple(tuple(cell or "" for cell in row) for row in sample.rows())
        yield -1, Head(self.path, self.container, None, names, rows)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows: `row_number`, `note` and the plan's columns."""
        self.blank, first = 0, 1
        needed = plan.needed_columns()
        try:
            for batch in _batches(self._open(), needed):
                cells = as_strings(_to_polars(batch)).select(needed)
                filled = cells.filter(~pl.all_horizontal(pl.all().is_null()))
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


def _batches(file: pq.ParquetFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield batches, a few groups of rows at a time: what is read is held until their last one."""
    waiting, rows = [], 0
    for group in range(file.num_row_groups):
        waiting.append(group)
        rows += file.metadata.row_group(group).num_rows
        if rows >= PARTITION_ROWS or group == file.num_row_groups - 1:
            yield from file.iter_batches(PARTITION_ROWS, row_groups=waiting, columns=columns)
            waiting, rows = [], 0


def _to_polars(batch: pa.RecordBatch) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(batch))


def as_strings(frame: pl.DataFrame) -> pl.DataFrame:
    """Return every column as strings that read back as what they were.

    Examples
    --------
    >>> as_strings(pl.DataFrame({"id": [4973000000000001], "tags": [["a", "b"]]})).row(0)
    ('4973000000000001', 'a,b')
    """
    return frame.select(_as_string(pl.col(name), dtype) for name, dtype in frame.schema.items())


def _as_string(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        local = column.dt.convert_time_zone(ZONE) if dtype.time_zone else column
        return local.dt.to_string(TIME_FORM)
    if isinstance(dtype, (pl.Float32, pl.Float64)):
        whole = column.cast(pl.Int64, strict=False)
        is_whole = column.is_finite() & (column.abs() < 2.0**53) & (whole.cast(dtype) == column)
        number = pl.when(column.is_finite()).then(column).cast(pl.String)
        return pl.when(is_whole).then(whole.cast(pl.String)).otherwise(number)
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String), strict=False).list.join(",")
    if isinstance(dtype, pl.Struct):
        return column.struct.json_encode()
    return column.cast(pl.String, strict=False)


def _broken(export: Export, error: Exception) -> CaodianError:
    return CaodianError(
        "a Parquet file must be whole",
        value=str(export.path),
        where=(str(error).splitlines() or [""])[0][:200],
        remedy="Export it again.",
    )
