"""Look for personal data in files that are to leave the project: tables, pages, drawings, text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from analysis.errors import CaodianError
from analysis.evaluation.privacy import Leak, scan_for_personal_data
from analysis.storage.encoding import detect
from analysis.storage.read import read_table
from analysis.storage.sheets import read_sheets

# Files of another suffix are read too if they are UTF-8.
_TEXT = (".csv", ".tsv", ".jsonl", ".json", ".ipynb", ".html", ".htm", ".svg", ".xml", ".txt")
# `\u738b` is a character to a reader of JSON; control characters would shift the lines.
_ESCAPED = re.compile(r"\\u((?!00[0-7])(?!d[89a-f])[0-9a-f]{4})", re.IGNORECASE)
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
# Of a drawing only what is written in it is read: its paths are full of digits.
_UNWRITTEN = re.compile(r"<style\b.*?</style>|<[^>!][^>]*>", re.DOTALL)

_HASH = re.compile("[0-9a-f]+")


class FileLeak(NamedTuple):
    """Something that identifies, and where it stands."""

    path: Path
    place: str
    kind: str
    masked: str


def list_files(paths: Sequence[str | Path]) -> list[Path]:
    """Name the files of paths and of the folders below them, hidden ones left out, in order.

    Raises
    ------
    CaodianError
        If a path does not exist.

    Examples
    --------
    >>> from analysis.storage.run_paths import project_root
    >>> [path.name for path in list_files([project_root() / "data/coded/README.md"])]
    ['README.md']
    """
    files: dict[Path, None] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise CaodianError(
                "a path to scan must exist", value=str(path), remedy="Check the path."
            )
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.is_file() and not hidden:
                files[file] = None
    return list(files)


def scan_file(path: str | Path) -> list[FileLeak] | None:
    """Find what identifies in one file.

    Parameters
    ----------
    path
        A table (CSV, XLSX with every sheet, JSONL, Parquet), a page, a drawing, a notebook, text.

    Returns
    -------
    list of FileLeak or None
        Every find with its place, itself masked; None if the file is of no kind that is read.

    Raises
    ------
    CaodianError
        If a workbook or a Parquet file is damaged, or a text is in no known encoding.

    Examples
    --------
    >>> from analysis.storage.run_paths import project_root
    >>> scan_file(project_root() / "data/coded/README.md")
    []
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if not path.stat().st_size:
        return []
    if suffix == ".xlsx":
        return [
            _tell(path, f"sheet {name}, row {leak.line}, column {column}", leak)
            for name, sheet in read_sheets(path).items()
            for column, leak in _in_columns(sheet)
        ]
    if suffix == ".parquet":
        table = read_table(path)
        names = scan_for_personal_data(" ".join(table.columns))
        cells = list(_in_columns(table))
        return [
            *(_tell(path, "names of columns", leak) for leak in names),
            *(_tell(path, f"row {leak.line}, column {column}", leak) for column, leak in cells),
        ]
    text = _decode(path, known=suffix in _TEXT)
    if text is None:
        return None
    return [_tell(path, f"line {leak.line}", leak) for leak in _in_text(text)]


def _in_columns(table: pl.DataFrame) -> Iterator[tuple[int, Leak]]:
    """Search the cells column by column; the line of a find is the row, from 1."""
    for number, column in enumerate(table.iter_columns(), start=1):
        cells = ["" if value is None else str(value) for value in column.to_list()]
        if not _are_keys(cells):
            for leak in _in_cells(cells):
                yield number, leak


def _in_cells(cells: list[str]) -> Iterator[Leak]:
    """Search each different cell once: columns of labels and dates repeat few."""
    places: dict[str, list[int]] = {}
    for row, cell in enumerate(cells, start=1):
        places.setdefault(re.sub(r"[\r\n]", " ", cell), []).append(row)
    different = list(places)
    for leak in scan_for_personal_data("\n".join(different)):
        for row in places[different[leak.line - 1]]:
            yield leak._replace(line=row)


def _are_keys(cells: list[str]) -> bool:
    """Tell a column of hashes, in which by chance some are all digits."""
    filled = [cell for cell in cells if cell]
    return (
        len({len(cell) for cell in filled}) == 1
        and len(filled[0]) >= 16
        and all(_HASH.fullmatch(cell) for cell in filled)
        and sum(map(str.isdecimal, filled)) < len(filled) / 2
    )


def _decode(path: Path, *, known: bool) -> str | None:
    data = path.read_bytes()
    try:
        if not known:
            return None if b"\0" in data else data.decode("utf-8")
        encoding = detect(data, where=str(path))
    except UnicodeDecodeError:
        return None
    return data[encoding.mark :].decode(encoding.name, errors="replace")


def _in_text(text: str) -> list[Leak]:
    readable = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    leaks = scan_for_personal_data(readable)
    for drawing in _DRAWING.finditer(readable):
        first = readable.count("\n", 0, drawing.start())
        written = _UNWRITTEN.sub(lambda tag: " " + "\n" * tag[0].count("\n"), drawing[0])
        leaks += [Leak(first + line, *rest) for line, *rest in scan_for_personal_data(written)]
    return sorted(leaks)


def _tell(path: Path, place: str, leak: Leak) -> FileLeak:
    return FileLeak(path, place, leak.kind, "*" * len(leak.written))
