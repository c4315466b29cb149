"""The files that a user names: single ones, folders, and the members of archives."""

from __future__ import annotations

import os
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
from analysis.storage.formats import EXPORT_SUFFIXES, require_export
from analysis.storage.run_paths import is_run_folder
from analysis.study.names import printable

_PACKED_SUFFIXES = (".zip", ".gz")


@dataclass(frozen=True)
class Export:
    """One file, or one member of an archive, that can be opened more than once.

    Parameters
    ----------
    path
        The file's path as it can be printed; for a member, the archive's and the member's below it.
    local
        The file on disk; None for a member, and for a file whose name is no text.
    is_found
        Found in a folder, so that an unknown table is passed over and named instead of refused.
    left
        Members of the same archive that are of no kind that is read, named with its first export.
    """

    path: PurePath
    open: Callable[[], BinaryIO]
    local: Path | None = None
    is_found: bool = False
    left: tuple[str, ...] = ()

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

    What an earlier run wrote into a folder of exports is no export.

    Raises
    ------
    CaodianError
        When a path is absent, unreadable or empty, or a folder holds no readable file.
    """
    found: list[Export] = []
    for given in paths:
        path = Path(given)
        require_export(path)
        found += _find_below(path) if path.is_dir() else list(_unpack(path, is_found=False))
    return found


def files_below(folder: Path) -> list[Path]:
    """Return the files of a folder that may be exports, in the order of their names.

    Hidden files are left out, and what an earlier run wrote: its posts would count twice.

    Raises
    ------
    CaodianError
        When a folder cannot be opened.
    """

    def refuse(error: OSError) -> None:
        raise _unreadable(Path(error.filename or folder), error) from None

    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        if is_run_folder(Path(place)):
            folders.clear()
            continue
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(place, name) for name in names if not _is_hidden(name)]
    return sorted(
        path for path in found if path.suffix.lower() in EXPORT_SUFFIXES and path.is_file()
    )


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$", "__MACOSX"))


def _find_below(folder: Path) -> list[Export]:
    found = [export for path in files_below(folder) for export in _unpack(path, is_found=True)]
    if not found:
        raise CaodianError(
            "a folder of exports must hold a CSV, TSV, XLSX, JSON, JSONL, Parquet or SQLite file",
            value=str(folder),
            remedy="Name the folder that the collector wrote to.",
        )
    return found


def _unpack(path: Path, *, is_found: bool) -> Iterator[Export]:
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise _unreadable(path, error) from None
    if not start:
        return
    shown = _shown(path)
    if start.startswith(b"PK") and not _is_workbook(path):
        yield from _members(path, is_found=is_found)
    elif start.startswith(b"\x1f\x8b"):
        inner = shown / (shown.stem if path.suffix == ".gz" else shown.name)
        yield Export(inner, lambda: open_gzip(path), None, is_found)
    else:
        yield Export(shown, lambda: path.open("rb"), path if _is_text(path) else None, is_found)


def _shown(path: PurePath) -> PurePath:
    """Return a path that can be printed and stand in a table, whatever bytes it is made of."""
    return PurePath(*(part if part == path.anchor else printable(part) for part in path.parts))


def _is_text(path: Path) -> bool:
    """Tell whether libraries of other languages can open the path: its bytes are UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _members(path: Path, *, is_found: bool) -> Iterator[Export]:
    every = list_members(path)
    members = [member for member in every if _is_read(member.filename)]
    left = tuple(printable(m.filename) for m in every if not _is_read(m.filename))
    if not members and any(name.startswith(("word/", "ppt/")) for name in _names(path)):
        raise CaodianError(
            "an export must be a table or JSON",
            value=f"{path} is a document of Word or PowerPoint",
            remedy="Copy its table into a spreadsheet and name that.",
        )
    if not members:
        raise CaodianError(
            "an archive must hold an export", value=str(path), remedy="Unpack it and look inside."
        )
    for number, member in enumerate(members):
        shown = _shown(PurePath(path) / member.filename)
        told = () if number else left
        yield Export(shown, _opener(path, member), None, is_found, told)


def _is_read(member: str) -> bool:
    """Tell whether a member of an archive may be an export: an archive within one is none."""
    suffix = PurePath(member).suffix.lower()
    return suffix in EXPORT_SUFFIXES and suffix not in _PACKED_SUFFIXES


def _names(path: Path) -> list[str]:
    return [member.filename for member in list_members(path)]


def _opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: open_member(path, member)


def _is_workbook(path: Path) -> bool:
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
