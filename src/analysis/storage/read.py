"""Read a table by its extension, every row and column of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from analysis.errors import CaodianError
from analysis.storage.formats import objects_to_strings, require_readable, table_suffix
from analysis.storage.write import restore_cells

# Every sheet of a workbook as text, as it is seen on the screen.


def read_sheets(source: str | Path | bytes, where: str = "") -> dict[str, pl.DataFrame]:
    """Read all sheets of a workbook, every cell as a string.

    Parameters
    ----------
    source
        The file, or what it holds.
    where
        The file that is named where bytes are no workbook.

    Returns
    -------
    dict of str to pl.DataFrame
        By the sheet's name, hidden sheets too. No row is taken for a header, so that row *n* of
        the frame is row *n* of the sheet.

    Raises
    ------
    CaodianError
        When the file is no workbook.

    Examples
    --------
    >>> import tempfile
    >>> from analysis.storage.write import write_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_table(pl.DataFrame({"text": ["好用"]}), Path(folder, "posts.xlsx"))
    ...     [sheet.rows() for sheet in read_sheets(path).values()]
    [[('text',), ('好用',)]]
    """
    import fastexcel

    try:
        book = fastexcel.read_excel(source)
        return {
            name: book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
            for name in book.sheet_names
        }
    except (fastexcel.FastExcelError, OSError) as error:
        raise CaodianError(
            "a workbook must be one of Excel or OpenDocument",
            value=where or str(source),
            where=str(error).splitlines()[0][:200].rstrip(".:"),
            remedy="Mend or re-export the file.",
        ) from None


def read_table(
    path: str | Path, *, limit: int | None = None, guarded: bool = False
) -> pl.DataFrame:
    """Read a CSV, XLSX, JSONL or Parquet table.

    Parameters
    ----------
    guarded
        A CSV may have been guarded (`write.guard_cells`): its cells are given back as they were.
        Those of an XLSX always are.

    Returns
    -------
    polars.DataFrame
        Rows and columns in the file's order. A CSV's columns are all strings, an empty cell is
        null; objects of a JSONL are JSON strings.

    Raises
    ------
    CaodianError
        When the file is absent, empty, unreadable, or no table of its format.
    """
    path = Path(path)
    suffix = table_suffix(path)
    require_readable(path)
    reader = {".csv": _read_csv, ".xlsx": _read_xlsx, ".jsonl": _read_jsonl}.get(
        suffix, _read_parquet
    )
    try:
        frame = reader(path)
    except (PolarsError, ValueError, OSError) as error:
        raise _broken(path, suffix, error) from None
    frame = frame if limit is None else frame.head(limit)
    is_restored = suffix == ".xlsx" or (guarded and suffix == ".csv")
    return restore_cells(frame) if is_restored else frame


def _read_csv(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False, raise_if_empty=True, glob=False)


def _read_xlsx(path: Path) -> pl.DataFrame:
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        return pl.DataFrame(book.load_sheet(0, schema_sample_rows=None).to_polars())
    except fastexcel.FastExcelError as error:
        raise ValueError(str(error)) from None


def _read_jsonl(path: Path) -> pl.DataFrame:
    frame = pl.read_ndjson(path, infer_schema_length=None)
    return objects_to_strings(frame)


def _read_parquet(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path, glob=False)


def _broken(path: Path, suffix: str, error: Exception) -> CaodianError:
    bad_byte = _first_bad_byte(path) if suffix in (".csv", ".jsonl") else None
    if bad_byte is not None:
        return CaodianError(
            "a table must be UTF-8 text",
            value=str(path),
            where=bad_byte,
            remedy="Read it with `caodian ingest`, which knows GB18030, or save it as UTF-8.",
        )
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return CaodianError(
        f"a {suffix} file must be a well-formed table",
        value=str(path),
        where=first_line[:200].rstrip(".:"),
        remedy="Mend or re-export the file; `caodian ingest` reads damaged exports row by row.",
    )


def _first_bad_byte(path: Path) -> str | None:
    """Say where the file stops being UTF-8, or None when it is."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return f"line {line}, byte {error.start + 1}: 0x{content[error.start]:02x}"
    return None
