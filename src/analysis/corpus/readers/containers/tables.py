"""The tables inside a file, whatever kind of file it is, told by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import PurePath
from typing import Protocol

import polars as pl

from analysis.corpus.readers.containers.delimited import DelimitedTable, DelimitedText
from analysis.corpus.readers.containers.export import Export, find_exports
from analysis.corpus.readers.containers.foreign import ParquetTable, sheets, sqlite_tables
from analysis.corpus.readers.containers.json_records import json_table, looks_like_json
from analysis.corpus.readers.containers.keyed import database_tables, hide_password, sqlite_file
from analysis.corpus.readers.plan import Head, Plan
from analysis.errors import CaodianError
from analysis.storage.formats import EXPORT_SUFFIXES

NO_DELIMITER = "\x1f"  # where every other stands in texts
_DELIMITERS = (",", "\t", ";", "|", NO_DELIMITER)
_PACKED = (
    (rb"Rar!", "a RAR archive"),
    (rb"7z\xbc\xaf", "a 7z archive"),
    (rb"BZh", "packed by bzip2"),
    (rb"\x1f\x8b", "packed twice by gzip"),
    (rb"\xfd7zXZ", "packed by xz"),
    (rb"\x28\xb5\x2f\xfd", "packed by zstd"),
    (rb"\x04\x22\x4d\x18", "packed by LZ4"),
    (rb".{257}ustar", "a tar archive"),
)
_FOREIGN = (
    (rb"%PDF", "a PDF"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF", "a picture, a sound or a film"),
    (rb"ARROW1|FEA1|\xff\xff\xff\xff", "a Feather or Arrow file"),
    (rb"PARE", "an encrypted Parquet file"),
    (rb"\x89HDF|ORC|Obj\x01|\x93NUMPY|\$FL|X\n\x00\x00\x00", "a file of another program"),
    (rb"\x80[\x02-\x05]", "a pickle, which may run any program when it is opened"),
    (rb"\x7fELF|MZ", "a program"),
    (rb"\x00\x01\x00\x00Standard (?:Jet|ACE) DB|.{8}DUCK", "a database of Access or DuckDB"),
    (rb"\{\\rtf", "a document of a word processor"),
    (
        rb"(?i)\s*<(?:\?xml|!doctype|html|head|body|table|meta|style|div|rss|feed)",
        "XML or a web page",
    ),
    (
        rb"(?i)(?:(?:--|#|SET |USE |LOCK )[^\n]*\n|/\*[^*]*\*/;?|\s)*"
        rb"(?:(?:INSERT|REPLACE) INTO|(?:CREATE|DROP) (?:TABLE|DATABASE)"
        rb"|BEGIN TRANSACTION|PRAGMA )",
        "statements of SQL",
    ),
    (rb"\d+\s*\n\d\d:\d\d:\d\d[,.]\d{3} --> |WEBVTT", "subtitles"),
    (rb"From \S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} +\d|(?:MIME-Version|Received|Return-Path): ", "mail"),
)
"""How files begin that are no tables; each is named, and is to be saved as one."""


class RawTable(Protocol):
    """One table in one file: strings, and numbers and times where the file types them."""

    path: PurePath
    container: str
    table: str | None
    blank: int
    is_stripped: bool
    """No blanks are left around the cells that `batches` yields."""

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield possible headers with their places."""

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield rows below the header: `ROW_NUMBER`, `NOTE` and the plan's columns."""

    def notes(self) -> list[str]:
        """Return what was mended while reading."""


def list_tables(export: Export) -> list[list[RawTable]]:
    """Return the tables of a file, each as the list of ways in which it may be read."""
    with export.open() as stream:
        start = stream.read(4096)
    _refuse(start, export)
    if start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return [[sheet] for sheet in sheets(export)]
    if start.startswith(b"PAR1"):
        return [[ParquetTable(export)]]
    if start.startswith(b"SQLite format 3\x00"):
        return [[table] for table in sqlite_tables(export)]
    text = DelimitedText(export)
    if looks_like_json(start):
        return [[json_table(text)]]
    if export.path.suffix.lower() in (".json", ".jsonl", ".ndjson") and _OBJECT.search(start):
        raise CaodianError(
            "a file that is called JSON must begin with an object or a list",
            value=str(export.path),
            remedy="Take out what stands before the first one.",
        )
    return [[DelimitedTable(text, delimiter) for delimiter in _DELIMITERS]]


_OBJECT = re.compile(rb"\{\s*[\"'][^\"']+[\"']\s*:")


def list_database(url: str) -> list[list[RawTable]]:
    """Return the tables of a database by its SQLAlchemy URL."""
    file = sqlite_file(url)
    if file is None:
        return [[table] for table in database_tables(url)]
    shown = PurePath(hide_password(url))
    tables = [sqlite_tables(export, shown) for export in find_exports([file])]
    return [[table] for table in chain.from_iterable(tables)]


def _refuse(start: bytes, export: Export) -> None:
    """Refuse what is packed in a way that is not read, and what is no table."""
    bare = start.removeprefix(b"\xef\xbb\xbf")
    packed = next((kind for sign, kind in _PACKED if re.match(sign, start, re.DOTALL)), None)
    if start.startswith(b"PK\x03\x04"):
        length = int.from_bytes(start[26:28], "little")
        inner = PurePath(start[30 : 30 + length].decode("utf-8", "replace"))
        packed = "an archive within another" if inner.suffix.lower() in EXPORT_SUFFIXES else packed
    if packed:
        raise CaodianError(
            "an export must be packed by zip or gzip, and once",
            value=f"{export.path} is {packed}",
            remedy="Unpack it and name what was in it.",
        )
    kind = next((kind for sign, kind in _FOREIGN if re.match(sign, bare, re.DOTALL)), None)
    if kind:
        raise CaodianError(
            "an export must be a table or JSON",
            value=f"{export.path} is {kind}",
            remedy="Save its table as CSV or XLSX, or export the posts again as CSV, XLSX, JSON, "
            "JSONL, Parquet or SQLite.",
        )
