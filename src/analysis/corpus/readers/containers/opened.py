"""What stands in workbooks, Parquet files, SQLite databases and web pages, piece by piece.

The functions named `open_…` and `read_…` run in a process of their own (`confined.run_confined`),
so that this module imports little: only what a kind of file needs. Their source is a path, or the
bytes of a member of an archive; they yield what JSON holds, or Arrow streams. What archives and
databases behind a URL share with them (`as_values`, `no_database`) is called in the process of the
reader, too.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.corpus.readers.containers.confined import check_growth
from analysis.errors import CaodianError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

Source = str | bytes
_PIECE_BYTES = 1 << 24


# Workbooks of Excel and OpenDocument.

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]+)\d')
_ROW = re.compile(rb'<(?:\w+:)?(?:row [^>]*?\br="|c [^>]*?\br="[A-Z]+)(\d+)"')
_FILLED = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]+)\d+"[^>]*(?<!/)>')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?\bref="([A-Z]+\d+:[A-Z]+\d+)"')
_SHEET_TAG = re.compile(rb"<(?:\w+:)?sheet [^>]*?\b\w+:id=[\"']([^\"']+)")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship [^>]*>")
_ATTRIBUTE = re.compile(rb"\b(Id|Target)=[\"']([^\"']+)")
_BLOCK, _LONGEST_TAG = 1 << 20, 4096
_LAST_COLUMN, _LAST_ROW, _MOST_LETTERS = 16_384, 1_048_576, 8
_FREE_CELLS, _CELLS_A_CELL = 5_000_000, 10
_ROWS_A_PIECE = 20_000


def open_workbook(source: Source, where: str) -> Iterator[list[Any]]:
    """Yield the names of a workbook's sheets, which are looked through for cells far away.

    Behind each name stand the ranges of its merged cells and its first column that is filled.
    """
    import fastexcel

    merged = _look_through(source, where)
    try:
        names = list(fastexcel.read_excel(source).sheet_names)
    except fastexcel.FastExcelError as error:
        raise _no_workbook(where, error) from None
    known = merged if len(merged) == len(names) else [([], 1)] * len(names)
    yield [[name, *found] for name, found in zip(names, known, strict=True)]


def open_sheet(source: Source, where: str, name: str | int) -> Iterator[bytes]:
    """Yield the rows of a sheet, all cells as strings."""
    import fastexcel
    import pyarrow as pa

    try:
        book = fastexcel.read_excel(source)
        # Blank rows above stay, so that the ranges of merged cells are places of rows.
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        batch = sheet.to_arrow()
    except fastexcel.FastExcelError as error:
        raise _no_workbook(where, error) from None
    del sheet
    for start in range(0, max(batch.num_rows, 1), _ROWS_A_PIECE):
        out = io.BytesIO()
        with pa.ipc.new_stream(out, batch.schema) as stream:
            stream.write_batch(batch.slice(start, _ROWS_A_PIECE))
        yield out.getvalue()


def _look_through(source: Source, where: str) -> list[tuple[list[str], int]]:
    """Look into the zip that a workbook is before its sheets are laid out in memory."""
    found: dict[str, tuple[list[str], int]] = {}
    try:
        with zipfile.ZipFile(source if isinstance(source, str) else io.BytesIO(source)) as archive:
            for member in archive.infolist():
                check_growth(member.compress_size, member.file_size, where)
            for member in archive.infolist():
                if _SHEET.fullmatch(member.filename):
                    found[member.filename] = _check_extent(archive, member, where)
            return [found.get(part, ([], 1)) for part in _parts_of_sheets(archive)]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        return []  # no zip, or a broken or encrypted one: the reader of workbooks says which


def _parts_of_sheets(archive: zipfile.ZipFile) -> list[str]:
    """Return the file of each sheet in the archive, in the order of the workbook."""
    held = set(archive.namelist())
    if not held.issuperset(_BOOK):
        return []
    book, relations = (archive.read(name) for name in _BOOK)
    told = [dict(_ATTRIBUTE.findall(tag)) for tag in _RELATION.findall(relations)]
    parts = {tag.get(b"Id"): tag.get(b"Target", b"").decode(errors="replace") for tag in told}
    paths = [parts.get(mark, "") for mark in _SHEET_TAG.findall(book)]
    return [path[1:] if path.startswith("/") else f"xl/{path}" for path in paths]


_BOOK = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")


def _check_extent(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str
) -> tuple[list[str], int]:
    """Refuse a sheet with a cell so far from the others that all between would fill the memory."""
    columns: set[bytes] = set()
    filled: set[bytes] = set()
    merged: list[str] = []
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
            filled.update([] if b"A" in filled else _FILLED.findall(content, 0, end))
            merged += [ref.decode() for ref in _MERGED.findall(content, 0, end)]
            rows = _ROW.findall(content, 0, end)
            last_row = max(last_row, max(map(int, rows), default=0))
    last_column = max(map(column_number, columns), default=0)
    is_outside = last_column > _LAST_COLUMN or last_row > _LAST_ROW
    if is_outside or last_row * last_column > _FREE_CELLS + _CELLS_A_CELL * cells:
        raise CaodianError(
            "the cells of a sheet must stand together",
            value=f"{cells} cells in {last_column} columns and {last_row} rows",
            where=where,
            remedy="Delete the empty rows and columns after the table, or save it as CSV.",
        )
    return merged, min(map(column_number, filled), default=1)


def column_number(letters: bytes) -> int:
    """Return the number of a column that a sheet names by letters."""
    number = 0
    for letter in letters[:_MOST_LETTERS]:
        number = number * 26 + letter - 64
    return number


def _no_workbook(where: str, error: Exception) -> CaodianError:
    return CaodianError(
        "a workbook must be whole and not encrypted",
        value=where,
        where=_first_line(error),
        remedy="Open it in a spreadsheet program and save it again as XLSX.",
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


# Parquet: the row groups of a file, batch by batch, by Polars where both libraries read the same.
#
# Polars reads twice as fast as Arrow. It reads a row group whole, so long groups are Arrow's, and
# so are types that the two might take for different ones.

_SAMPLE_ROWS = 300
_BUFFER_BYTES = 1 << 20  # without it whole column chunks are held


def open_parquet(source: Source, where: str, most_bytes: int) -> Iterator[list[str] | memoryview]:
    """Yield the names of the columns, then the first rows if there are any."""
    with _broken_parquet(where):
        file = _parquet(source)
        _require_bounded(source, file, where, most_bytes)
        yield [field.name for field in _open_fields(file.schema_arrow)]
        first = next(file.iter_batches(_SAMPLE_ROWS), None)
        if first is not None:
            yield _packed(_to_polars(first))


def read_parquet(
    source: Source, where: str, columns: list[str], batch_rows: int
) -> Iterator[memoryview]:
    """Yield the rows of these columns in batches, in order."""
    import polars.selectors as cs

    with _broken_parquet(where):
        for frame in _read_batches(source, columns, batch_rows):
            yield _packed(frame.select(map(cs.by_name, columns)))


def _packed(frame: pl.DataFrame) -> memoryview:
    return frame.write_ipc_stream(None).getbuffer()


def _parquet(source: Source, dictionaries: list[str] | None = None) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    file = source if isinstance(source, str) else io.BytesIO(source)
    return pq.ParquetFile(file, buffer_size=_BUFFER_BYTES, read_dictionary=dictionaries)


def _read_batches(source: Source, columns: list[str], batch_rows: int) -> Iterator[pl.DataFrame]:
    file = _parquet(source)
    path = source if isinstance(source, str) and _are_plain(file.schema_arrow, columns) else None
    for groups, start, rows in _row_ranges(file, batch_rows):
        is_short = rows <= _HELD_BATCHES * batch_rows
        frame = _read_whole(path, columns, start, rows) if path and is_short else None
        if frame is None:
            batches = file.iter_batches(batch_rows, row_groups=groups, columns=columns)
            yield from (_to_polars(batch) for batch in batches)
        else:
            yield from frame.iter_slices(batch_rows)


def _row_ranges(file: pq.ParquetFile, batch_rows: int) -> Iterator[tuple[list[int], int, int]]:
    """Yield a few groups at a time with their first row and number of rows: one batch or more."""
    waiting, start, rows = [], 0, 0
    for group in range(file.num_row_groups):
        waiting.append(group)
        rows += file.metadata.row_group(group).num_rows
        if rows >= batch_rows or group == file.num_row_groups - 1:
            yield waiting, start, rows
            waiting, start, rows = [], start + rows, 0


def _read_whole(path: str, columns: list[str], start: int, rows: int) -> pl.DataFrame | None:
    """Return these rows, or None where Polars cannot read what Arrow may."""
    import polars as pl
    import polars.selectors as cs

    try:
        scan = pl.scan_parquet(path, glob=False)
        return scan.select(map(cs.by_name, columns)).slice(start, rows).collect()
    except pl.exceptions.PolarsError:
        return None


def _are_plain(schema: pa.Schema, columns: list[str]) -> bool:
    """Tell whether these columns are strings, numbers, booleans and times, each name once."""
    if len(set(schema.names)) < len(schema.names) or not set(columns) <= set(schema.names):
        return False
    return all(_is_plain(schema.field(name).type) for name in columns)


def _is_plain(dtype: pa.DataType) -> bool:
    import pyarrow as pa

    is_any = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean,
    )  # fmt: skip
    if pa.types.is_timestamp(dtype):
        return dtype.unit in ("ms", "us", "ns") and dtype.tz in _ZONES
    return dtype in (pa.float32(), pa.float64()) or any(is_kind(dtype) for is_kind in is_any)


_HELD_BATCHES = 4
_ZONES = (None, "UTC", "Asia/Shanghai")


def _to_polars(batch: pa.RecordBatch) -> pl.DataFrame:
    """Return a batch of Arrow as a frame: parts of structs as columns, odd types as JSON."""
    import polars as pl
    import pyarrow as pa

    opened = _open_structs(batch)
    columns = [_spell(column) if _is_odd(column.type) else column for column in opened.columns]
    return pl.DataFrame(pl.from_arrow(pa.RecordBatch.from_arrays(columns, opened.schema.names)))


_MOST_NESTED = 3


def _open_structs(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give each part of a struct a column, named as nested keys of JSON are."""
    import pyarrow as pa

    for _ in range(_MOST_NESTED):
        columns: list[pa.Array] = []
        for column in batch.columns:
            columns += column.flatten() if pa.types.is_struct(column.type) else [column]
        names = [field.name for field in _open_fields(batch.schema, 1)]
        batch = pa.RecordBatch.from_arrays(columns, names)
    return batch


def _open_fields(fields: Iterable[pa.Field], depth: int = _MOST_NESTED) -> list[pa.Field]:
    """Return the columns that `_open_structs` makes."""
    import pyarrow as pa

    opened: list[pa.Field] = []
    for field in fields:
        if pa.types.is_struct(field.type) and depth:
            parts = [part.with_name(f"{field.name}.{part.name}") for part in field.type]
            opened += _open_fields(parts, depth - 1)
        else:
            opened.append(field)
    return opened


def _is_odd(dtype: pa.DataType) -> bool:
    """Tell whether Polars, or the way to strings, does not know a type."""
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_list(dtype) or kinds.is_large_list(dtype):
        return kinds.is_nested(dtype.value_type) or _is_odd(dtype.value_type)
    odd = (
        kinds.is_nested, kinds.is_duration, kinds.is_decimal256, kinds.is_interval, *_bytes(kinds),
    )  # fmt: skip
    return any(is_kind(dtype) for is_kind in odd)


def _bytes(kinds: Any) -> tuple[Callable[[pa.DataType], bool], ...]:  # noqa: ANN401 - a module
    return kinds.is_binary, kinds.is_large_binary, kinds.is_fixed_size_binary


def _spell(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    if any(is_kind(column.type) for is_kind in _bytes(pa.types)):
        with suppress(pa.ArrowInvalid):  # mostly they are texts
            return column.cast(pa.binary()).cast(pa.string())
    return pa.array([_spell_value(value.as_py()) for value in column], pa.string())


def _spell_value(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


@contextmanager
def _broken_parquet(where: str) -> Iterator[None]:
    """Turn what the two libraries raise on a broken file into a sentence."""
    import polars as pl
    import pyarrow as pa

    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise CaodianError(
            "a Parquet file must be whole",
            value=where,
            where=_first_line(error),
            remedy="Export it again.",
        ) from None


# A text that stands once in the file and is named by a million rows takes a million times its
# length. What a group of rows would take is told by its longest text before any is read.

_AT_ONCE = 1 << 26
_MOST_COUNTED = 50_000  # rows at a time
_MOST_GROWTH = 300  # of what is compressed; real posts shrink to a fifth


def _require_bounded(source: Source, file: pq.ParquetFile, where: str, most_bytes: int) -> None:
    """Refuse a file whose texts would fill the memory."""
    places = {file.schema.column(place).path: place for place in range(len(file.schema))}
    texts = [field.name for field in _open_fields(file.schema_arrow) if _holds_bytes(field.type)]
    texts = [name for name in texts if name in places]
    if not texts:
        return
    shared = _parquet(source, texts)
    for group in range(file.num_row_groups):
        whole = file.metadata.row_group(group)
        for name in texts:
            chunk = whole.column(places[name])
            size, grown = chunk.total_uncompressed_size, chunk.total_compressed_size * _MOST_GROWTH
            longest = _longest_shared(shared, group, name)
            size = max(size, longest * whole.num_rows)
            is_doubtful = size > max(most_bytes, grown)
            if is_doubtful and _named_bytes(shared, group, name, most_bytes) > most_bytes:
                raise CaodianError(
                    "the texts of a Parquet file must fit into the memory",
                    value=f"column {name}, texts of {longest:,} bytes in {whole.num_rows:,} rows",
                    where=where,
                    remedy="Shorten the texts, or export the posts again.",
                )


def _holds_bytes(dtype: pa.DataType) -> bool:
    import pyarrow as pa

    kinds = (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary,
    )  # fmt: skip
    inner = dtype.value_type if pa.types.is_dictionary(dtype) else dtype
    return any(is_kind(inner) for is_kind in kinds)


def _longest_shared(file: pq.ParquetFile, group: int, name: str) -> int:
    """Give the bytes of the longest text that rows of a group share."""
    import pyarrow as pa
    import pyarrow.compute as pc

    batch = next(file.iter_batches(1, row_groups=[group], columns=[name]), None)
    column = None if batch is None else _open_structs(batch).column(0)
    if not isinstance(column, pa.DictionaryArray):
        return 0
    return pc.max(pc.binary_length(column.dictionary)).as_py() or 0


def _named_bytes(file: pq.ParquetFile, group: int, name: str, most_bytes: int) -> int:
    """Add up the bytes of all texts of a group, without writing one out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    total = 0
    whole = file.metadata.row_group(group)
    # Texts that are all different are written out: few at a time where they are long.
    rows = _AT_ONCE * max(whole.num_rows, 1) // max(whole.total_byte_size, 1)
    rows = min(max(rows, 1), _MOST_COUNTED)
    for batch in file.iter_batches(rows, row_groups=[group], columns=[name]):
        column = _open_structs(batch).column(0)
        if not isinstance(column, pa.DictionaryArray):
            total += pc.sum(pc.binary_length(column)).as_py() or 0
            continue
        lengths = pc.cast(pc.binary_length(column.dictionary), pa.int64())
        total += pc.sum(lengths.take(column.indices)).as_py() or 0
        if total > most_bytes:
            break
    return total


# SQLite.

_RECORDS_A_PIECE = 1_000
_OPENS = "a database must open and hold readable tables"
_ENDS = "a view must give its rows in the time that a table of the same file takes"
ONE_TABLE = frozenset((_OPENS, _ENDS))
"""Rules that one table of a database may break, and the others keep."""
NOT_UTF8 = "text that is not UTF-8"


def open_sqlite(source: Source, where: str) -> Iterator[list[list[str]]]:
    """Yield the names of a database's tables and those of its views, sorted."""
    with _broken_database(where):
        connection = _connect(source)
        named = connection.execute(
            "SELECT type, name FROM sqlite_master"
            " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        connection.close()
        yield [[name for kind, name in named if kind == wanted] for wanted in ("table", "view")]


def read_sqlite(
    source: Source, where: str, name: str, *, is_view: bool = False
) -> Iterator[list[Any]]:
    """Yield the names of a table's columns, then records: values, or why there are none."""
    with _broken_database(where), _bounded_view(source, where, name if is_view else None) as count:
        connection = _connect(source)
        connection.set_progress_handler(count, _STEPS_COUNTED)
        connection.text_factory = bytes
        quoted = '"' + name.replace('"', '""') + '"'
        cursor = connection.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - quoted name
        yield [column[0] for column in cursor.description]
        records, size = [], 0
        for row in cursor:
            records.append(as_values(row))
            size += sum(len(value) for value in row if isinstance(value, bytes))
            if len(records) == _RECORDS_A_PIECE or size > _PIECE_BYTES:
                yield records
                records, size = [], 0
        yield records
        connection.close()


@contextmanager
def _bounded_view(source: Source, where: str, name: str | None) -> Iterator[Callable[[], bool]]:
    """Give what counts the steps of a query, and refuse a view that takes too many.

    A table ends where its file does; a view may join without end.
    """
    size = Path(source).stat().st_size if isinstance(source, str) else len(source)
    left = (_FREE_STEPS + _STEPS_A_BYTE * size) // _STEPS_COUNTED

    def count() -> bool:
        nonlocal left
        left -= name is not None
        return left < 0

    try:
        yield count
    except sqlite3.OperationalError:
        if left >= 0:
            raise
        raise CaodianError(
            _ENDS,
            value=name,
            where=where,
            remedy="Write its rows into a table, or export them as CSV.",
        ) from None


_STEPS_COUNTED = 1 << 16
_FREE_STEPS, _STEPS_A_BYTE = 5_000_000, 10  # of the machine that SQLite runs a query on


def as_values(row: Sequence[object]) -> list[str | None] | str:
    r"""Return the values of a record as strings, or why it cannot be read."""
    try:
        return [_as_string(value) for value in row]
    except UnicodeDecodeError:
        return NOT_UTF8


def _as_string(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _connect(source: Source) -> sqlite3.Connection:
    if isinstance(source, str):
        path = Path(source).resolve()
        # What a collector wrote last may stand in the log beside the file; a file that is said to
        # be immutable is read without it.
        log = path.with_name(path.name + "-wal")
        unlogged = "" if log.is_file() and log.stat().st_size else "&immutable=1"
        return sqlite3.connect(f"{path.as_uri()}?mode=ro{unlogged}", uri=True)
    connection = sqlite3.connect(":memory:")
    connection.deserialize(source)
    return connection


@contextmanager
def _broken_database(where: str) -> Iterator[None]:
    """Turn what SQLite raises into a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        raise no_database(where, error) from None


def no_database(where: str, error: Exception) -> CaodianError:
    """Return what is said of a database that cannot be read."""
    return CaodianError(
        _OPENS,
        value=where,
        where=_first_line(error),
        remedy="Check the address and the driver, or export the tables to CSV.",
    )
