"""The files that a user names: single ones, folders, and the members of archives."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from analysis.corpus.readers.containers.archive import (
    BROKEN,
    list_members,
    open_gzip,
    open_member,
    read_capped,
)
from analysis.errors import CaodianError

READABLE_SUFFIXES = frozenset(
    (
        ".csv",
        ".tsv",
        ".txt",
        ".xlsx",
        ".xls",
        ".xlsm",
        ".xlsb",
        ".ods",
        ".json",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".db",
        ".sqlite",
        ".sqlite3",
        ".zip",
        ".gz",
    )
)


@dataclass(frozen=True)
class Export:
    """One file, or one member of an archive, that can be opened more than once.

    Parameters
    ----------
    path
        The file; for a member, the archive's path and the member's below it.
    open
        Opens the bytes for reading from the start.
    local
        The file on disk, None for a member.
    is_found
        Found in a folder, so that an unknown table is passed over and named instead of refused.
    """

    path: PurePath
    open: Callable[[], BinaryIO]
    local: Path | None = None
    is_found: bool = False

    @property
    def name(self) -> str:
        """Base name of the file."""
        return self.path.name

    def read(self) -> bytes:
        """Return all bytes, within the cap for files that must be held whole."""
        with self.open() as stream:
            return read_capped(stream, str(self.path))


def find_exports(paths: Sequence[str | Path]) -> list[Export]:
    """Return the exports below the paths, folders walked in the order of names.

    Parameters
    ----------
    paths
        Files and folders.

    Raises
    ------
    CaodianError
        When a path is absent, unreadable or empty, or a folder holds no readable file.
    """
    found: list[Export] = []
    for given in paths:
        path = Path(given)
        if not path.exists():
            raise CaodianError("an export must exist", value=str(path), remedy="Check the path.")
        found += _find_below(path) if path.is_dir() else list(_unpack(path, is_found=False))
    return found


def _find_below(folder: Path) -> list[Export]:
    try:
        inside = sorted(path for path in folder.rglob("*") if _is_wanted(path, folder))
    except OSError as error:
        raise _unreadable(folder, error) from None
    found = [export for path in inside for export in _unpack(path, is_found=True)]
    if not found:
        raise CaodianError(
            "a folder of exports must hold a CSV, TSV, XLSX, JSON, JSONL, Parquet or SQLite file",
            value=str(folder),
            remedy="Name the folder that the collector wrote to.",
        )
    return found


def _is_wanted(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    is_hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in parts)
    return path.suffix.lower() in READABLE_SUFFIXES and not is_hidden and path.is_file()


def _unpack(path: Path, *, is_found: bool) -> Iterator[Export]:
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise _unreadable(path, error) from None
    if not start:
        if not is_found:
            raise CaodianError(
                "an export must not be empty", value=str(path), remedy="Export the posts again."
            )
        return
    if start.startswith(b"PK") and not is_workbook(path):
        yield from _members(path, is_found=is_found)
    elif start.startswith(b"\x1f\x8b"):
        inner = PurePath(path) / (path.stem if path.suffix == ".gz" else path.name)
        yield Export(inner, lambda: open_gzip(path), None, is_found)
    else:
        yield Export(path, lambda: path.open("rb"), path, is_found)


def _members(path: Path, *, is_found: bool) -> Iterator[Export]:
    members = [
        member
        for member in list_members(path)
        if PurePath(member.filename).suffix.lower() in READABLE_SUFFIXES
    ]
    if not members:
        raise CaodianError(
            "an archive must hold an export", value=str(path), remedy="Unpack it and look inside."
        )
    for member in members:
        yield Export(PurePath(path) / member.filename, _opener(path, member), None, is_found)


def _opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: open_member(path, member)


def is_workbook(path: Path) -> bool:
    """Tell whether a zip is an Excel or OpenDocument workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except BROKEN:
        return path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods")
    return bool(names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"})


def _unreadable(path: Path, error: OSError) -> CaodianError:
    return CaodianError(
        "an export must be readable",
        value=str(path),
        where=error.strerror,
        remedy="Check its permissions.",
    )
