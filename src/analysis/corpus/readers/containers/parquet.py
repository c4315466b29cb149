"""Parquet files as tables of strings, numbers and times, batch by batch."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.plan import Head, Plan
from analysis.corpus.readers.values.columns import as_strings, keep_typed
from analysis.errors import CaodianError
from analysis.schema.tables import ZONE

# The row groups of a Parquet file, batch by batch: by Polars where both libraries read the
# same.
#
# Polars reads twice as fast as Arrow. It reads a row group whole, so long groups are Arrow's,
# and so are types that the two might take for different ones.

_BATCH_ROWS = 50_000
_HELD_ROWS = 4 * _BATCH_ROWS
_PLAIN = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean)
_FLOATS = (pa.float32(), pa.float64())
_TIMES = {pa.timestamp(unit, zone) for unit in ("ms", "us", "ns") for zone in (None, "UTC", ZONE)}


def _read_batches(
    file: pq.ParquetFile, local: Path | None, columns: list[str]
) -> Iterator[pl.DataFrame]:
    """Yield a file's rows in batches, in order."""
    path = local if _are_plain(file.schema_arrow, columns) else None
    for groups, start, rows in _row_ranges(file):
        is_short = rows <= _HELD_ROWS
        frame = _read_whole(path, columns, start, rows) if path and is_short else None
        if frame is None:
            batches = file.iter_batches(_BATCH_ROWS, row_groups=groups, columns=columns)
            yield from (_to_polars(batch) for batch in batches)
        else:
            yield from frame.iter_slices(_BATCH_ROWS)


def _row_ranges(file: pq.ParquetFile) -> Iterator[tuple[list[int], int, int]]:
    """Yield a few groups at a time with their first row and number of rows: one batch or more."""
    waiting, start, rows = [], 0, 0
    for group in range(file.num_row_groups):
        waiting.append(group)
        rows += file.metadata.row_group(group).num_rows
        if rows >= _BATCH_ROWS or group == file.num_row_groups - 1:
            yield waiting, start, rows
            waiting, start, rows = [], start + rows, 0


def _read_whole(path: Path, columns: list[str], start: int, rows: int) -> pl.DataFrame | None:
    """Return these rows, or None where Polars cannot read what Arrow may."""
    try:
        scan = pl.scan_parquet(path, glob=False)
        return scan.select(columns).slice(start, rows).collect()
    except pl.exceptions.PolarsError:
        return None


def _are_plain(schema: pa.Schema, columns: list[str]) -> bool:
    """Tell whether these columns are strings, numbers, booleans and times, each name once."""
    if len(set(schema.names)) < len(schema.names):
        return False
    return all(_is_plain(schema.field(name).type) for name in columns)


def _is_plain(dtype: pa.DataType) -> bool:
    return dtype in _FLOATS or dtype in _TIMES or any(is_kind(dtype) for is_kind in _PLAIN)


def _to_polars(batch: pa.RecordBatch) -> pl.DataFrame:
    """Return a batch of Arrow as a frame."""
    return pl.DataFrame(pl.from_arrow(batch))


_BUFFER_BYTES = 1 << 20  # without it whole column chunks are held
_BROKEN = (pa.ArrowException, OSError, ValueError, pl.exceptions.PolarsError)


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
            return pq.ParquetFile(source, buffer_size=_BUFFER_BYTES)
        except _BROKEN as error:
            raise _broken(self.export, error) from None

    def _open_as_dictionaries(self, columns: list[str]) -> pq.ParquetFile:
        source = self.export.local or io.BytesIO(self.export.read())
        return pq.ParquetFile(source, buffer_size=_BUFFER_BYTES, read_dictionary=columns)

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield the one possible header: the names of the columns."""
        file = self._open()
        try:
            _require_bounded(file, self.export, self._open_as_dictionaries)
            names = tuple(file.schema_arrow.names)
            first = next(file.iter_batches(300), None)
        except _BROKEN as error:
            raise _broken(self.export, error) from None
        sample = pl.DataFrame() if first is None else as_strings(_to_polars(first))
        rows = tuple(tuple(cell or "" for cell in row) for row in sample.rows())
        yield -1, Head(self.path, self.container, None, names, rows)

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield the rows: `row_number`, `note` and the plan's columns."""
        self.blank, first = 0, 1
        needed = plan.needed_columns()
        try:
            for frame in _read_batches(self._open(), self.export.local, needed):
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
        except _BROKEN as error:
            raise _broken(self.export, error) from None

    def notes(self) -> list[str]:
        """Return what was mended while reading."""
        return []


# A text that stands once in the file and is named by a million rows takes a million times its
# length. What a group of rows would take is told by its longest text before any is read.

_MOST_BYTES = 1 << 30  # of the texts of one column in a group of rows
_AT_ONCE = 1 << 26
_MOST_GROWTH = 300  # of what is compressed; real posts shrink to a fifth


def _require_bounded(
    file: pq.ParquetFile, export: Export, reopen: Callable[[list[str]], pq.ParquetFile]
) -> None:
    """Refuse a file whose texts would fill the memory."""
    places = {file.schema.column(place).path: place for place in range(len(file.schema))}
    texts = [field.name for field in file.schema_arrow if _holds_bytes(field.type)]
    texts = [name for name in texts if name in places]
    if not texts:
        return
    shared = reopen(texts)
    for group in range(file.num_row_groups):
        whole = file.metadata.row_group(group)
        for name in texts:
            chunk = whole.column(places[name])
            size, grown = chunk.total_uncompressed_size, chunk.total_compressed_size * _MOST_GROWTH
            longest = _longest_shared(shared, group, name)
            size = max(size, longest * whole.num_rows)
            if size > max(_MOST_BYTES, grown) and _named_bytes(shared, group, name) > _MOST_BYTES:
                raise CaodianError(
                    "the texts of a Parquet file must fit into the memory",
                    value=f"column {name}, texts of {longest:,} bytes in {whole.num_rows:,} rows",
                    where=str(export.path),
                    remedy="Shorten the texts, or export the posts again.",
                )


def _holds_bytes(dtype: pa.DataType) -> bool:
    kinds = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary,
    )  # fmt: skip
    inner = dtype.value_type if pa.types.is_dictionary(dtype) else dtype
    return any(is_kind(inner) for is_kind in kinds)


def _longest_shared(file: pq.ParquetFile, group: int, name: str) -> int:
    """Give the bytes of the longest text that rows of a group share."""
    batch = next(file.iter_batches(1, row_groups=[group], columns=[name]), None)
    if batch is None or not isinstance(batch.column(0), pa.DictionaryArray):
        return 0
    return pc.max(pc.binary_length(batch.column(0).dictionary)).as_py() or 0


def _named_bytes(file: pq.ParquetFile, group: int, name: str) -> int:
    """Add up the bytes of all texts of a group, without writing one out."""
    total = 0
    whole = file.metadata.row_group(group)
    # Texts that are all different are written out: few at a time where they are long.
    rows = _AT_ONCE * max(whole.num_rows, 1) // max(whole.total_byte_size, 1)
    rows = min(max(rows, 1), _BATCH_ROWS)
    for batch in file.iter_batches(rows, row_groups=[group], columns=[name]):
        column = batch.column(0)
        if not isinstance(column, pa.DictionaryArray):
            total += pc.sum(pc.binary_length(column)).as_py() or 0
            continue
        lengths = pc.cast(pc.binary_length(column.dictionary), pa.int64())
        total += pc.sum(lengths.take(column.indices)).as_py() or 0
        if total > _MOST_BYTES:
            break
    return total


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
