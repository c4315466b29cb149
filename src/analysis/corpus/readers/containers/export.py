"""The files that a user names: single ones, folders, and the members of archives.

Archives are read without unpacking them: nothing is written, and nothing grows without end.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any, BinaryIO

from analysis.corpus.readers.containers.confined import check_growth
from analysis.errors import CaodianError
from analysis.storage.formats import EXPORT_SUFFIXES, require_export
from analysis.storage.run_paths import is_run_folder
from analysis.study.names import printable

_PACKED_SUFFIXES = (".zip", ".gz")


@dataclass(frozen=True)
class Export:
    """One file, or one member of an archive, that can be opened more than once."""

    path: PurePath
    open: Callable[[], BinaryIO]
    local: Path | None = None
    is_found: bool = False
    left: tuple[str, ...] = ()
    size: int = 0
    beside: tuple[str, tuple[str, ...]] | None = None
    archive: PurePath | None = None

    @property
    def name(self) -> str:
        """Base name of the file."""
        return self.path.name


def find_exports(paths: Sequence[str | Path]) -> list[Export]:
    """Return the exports below the paths, folders walked in the order of names.

    What an earlier run wrote into a folder of exports is no export.
    """
    found: list[Export] = []
    for given in paths:
        path = Path(given)
        require_export(path)
        found += _find_below(path) if path.is_dir() else list(_unpack(path, is_found=False))
    return found


def files_below(folder: Path) -> list[Path]:
    """Return the files of a folder that may be exports, in the order of their names.

    Hidden files are left out, libraries of programs, and what an earlier run wrote: its posts would
    count twice.

    Raises
    ------
    CaodianError
        When a folder cannot be opened, or a program stands in it: nobody can tell which of its
        files are exports.
    """
    every = _walk(folder)
    return [path for path in every if path.suffix.lower() in EXPORT_SUFFIXES and path.is_file()]


def files_beside(folder: Path) -> list[Path]:
    """Return the files of a folder that are of no kind that is read, or empty."""
    read = {path for path in files_below(folder) if path.stat().st_size}
    return [path for path in _walk(folder) if path not in read]


def _walk(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise _unreadable(Path(error.filename or folder), error) from None

    found: list[Path] = []
    seen = 0
    for place, folders, names in os.walk(folder, onerror=refuse):
        seen += len(folders) + len(names)
        if seen > MOST_NAMES or Path(folder).resolve().parent == Path(folder).resolve():
            raise CaodianError(
                f"a folder of exports must hold {MOST_NAMES:,} files and folders at most",
                value=str(folder),
                remedy="Name the folder that the collector wrote to, or the files themselves.",
            )
        if is_run_folder(Path(place)):
            folders.clear()
            continue
        if not _PROGRAM.isdisjoint(names):
            raise _program(folder, Path(place), min(_PROGRAM.intersection(names)))
        shown = [name for name in folders if not _is_hidden(name)]
        folders[:] = [name for name in shown if not _is_library(Path(place, name))]
        found += [Path(place, name) for name in shown if name not in folders]
        found += [Path(place, name) for name in names if not _is_hidden(name)]
    return sorted(found)


# What stands in the folder of a program that somebody develops, or of a collector's code.
_PROGRAM = frozenset(
    (
        "pyproject.toml",
        "setup.py",
        "package.json",
        "Cargo.toml",
        "go.mod",
        "pom.xml",
        "build.gradle",
    )
)
_LIBRARIES = frozenset(("node_modules", "site-packages", "__pycache__", "bower_components"))
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".jsonl", ".parquet", ".db", ".sqlite", ".zip")
_FOLDERS_TOLD = 3


def _is_library(folder: Path) -> bool:
    return folder.name in _LIBRARIES or any(
        Path(folder, name).exists() for name in ("pyvenv.cfg", "conda-meta")
    )


def _program(folder: Path, place: Path, name: str) -> CaodianError:
    """Say that a program stands in a folder, and where files in it may be exports."""
    held = [
        below
        for below in sorted(Path(place).iterdir())
        if below.is_dir()
        and not _is_hidden(below.name)
        and not _is_library(below)
        and not is_run_folder(below)
        and any(file.suffix.lower() in _TABLES for file in below.iterdir())
    ]
    likely = ", ".join(printable(str(below)) for below in held[:_FOLDERS_TOLD])
    return CaodianError(
        "a folder of exports must hold no program",
        value=printable(str(folder)),
        where=f"{printable(str(place / name))} is part of one",
        remedy="Name the folder that the collector wrote to, or the files themselves"
        + (f"; tables stand in {likely}." if likely else "."),
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
    left = tuple(printable(path.name) for path in files_beside(folder))
    if left:
        found[0] = replace(found[0], beside=(printable(folder.resolve().name), left))
    return found


def _unpack(path: Path, *, is_found: bool) -> Iterator[Export]:
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
            seen = os.fstat(stream.fileno())
            size = seen.st_size
    except OSError as error:
        raise _unreadable(path, error) from None
    if not start:
        return
    shown = _shown(path)
    if start.startswith(b"PK") and not _is_workbook(path):
        yield from _members(path, is_found=is_found)
    elif start.startswith(b"\x1f\x8b"):
        inner = shown / (shown.stem if path.suffix == ".gz" else shown.name)
        yield Export(inner, lambda: _open_gzip(path), None, is_found, size=size)
    else:
        local = path if _is_text(path) else None
        size = _unpacked_size(path, size) if start.startswith(b"PK") else size
        yield Export(shown, lambda: _open_again(path, seen), local, is_found, size=size)


def _open_again(path: Path, seen: os.stat_result) -> BinaryIO:
    """Open a file that may have grown since it was looked at, and must be the same otherwise.

    What was found out about it, such as its encoding, would not hold for another.
    """
    try:
        stream = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - it is returned
    except OSError as error:
        raise _changed(path, error.strerror) from None
    now = os.fstat(stream.fileno())
    if now.st_ino != seen.st_ino or now.st_size < seen.st_size:
        stream.close()
        raise _changed(path, "it is another file now, or has become shorter")
    return stream


def _open_at_once(path: str, flags: int) -> int:
    """Open what may be a pipe by now, for whose writer nobody shall wait."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _changed(path: Path, why: str | None) -> CaodianError:
    return CaodianError(
        "an export must stay there while it is read",
        value=str(path),
        where=why,
        remedy="Wait until the program that writes it has ended, or name a copy of it.",
    )


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
    every = _list_members(path)
    is_package = any(map(_is_of_package, _names(path)))
    members = [member for member in every if _is_read(member.filename, is_package=is_package)]
    left = tuple(printable(member.filename) for member in every if member not in members)
    for folder, kind, remedy in _DOCUMENTS if not members else ():
        if any(name.startswith(folder) for name in _names(path)):
            raise CaodianError(
                "an export must be a table or JSON", value=f"{path} is {kind}", remedy=remedy
            )
    if not members:
        raise CaodianError(
            "an archive must hold an export", value=str(path), remedy="Unpack it and look inside."
        )
    archive = _shown(path) if len(members) > 1 else None
    for number, member in enumerate(members):
        shown = _shown(PurePath(path) / member.filename)
        told = () if number else left
        opener = _opener(path, member)
        yield Export(shown, opener, None, is_found, told, member.file_size, archive=archive)


_DOCUMENTS = (
    (
        ("word/", "ppt/"),
        "a document of Word or PowerPoint",
        "Copy its table into a spreadsheet, or save it as plain text with one post a line.",
    ),
    (
        ("Index/", "Index.zip"),
        "a document of Apple's Numbers or Pages",
        "Open it there and export it as Excel or CSV.",
    ),
)


def _is_of_package(member: str) -> bool:
    """Tell whether a member shows that an archive is a document, whose XML is no export."""
    folders = tuple(chain.from_iterable(folders for folders, _, _ in _DOCUMENTS))
    return member in ("[Content_Types].xml", "mimetype") or member.startswith(folders)


def _is_read(member: str, *, is_package: bool = False) -> bool:
    """Tell whether a member of an archive may be an export: an archive within one is none."""
    suffix = PurePath(member).suffix.lower()
    is_part = is_package and suffix == ".xml"
    return suffix in EXPORT_SUFFIXES and suffix not in _PACKED_SUFFIXES and not is_part


def _names(path: Path) -> list[str]:
    return [member.filename for member in _list_members(path)]


def _opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: _open_member(path, member)


def _is_workbook(path: Path) -> bool:
    """Tell whether a zip is an Excel or OpenDocument workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except _BROKEN:
        return path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods")
    return bool(names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"})


def _unpacked_size(path: Path, packed: int) -> int:
    """Return the bytes that a workbook unpacks to, so far as its directory can be believed."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except _BROKEN:
        return packed
    return min(unpacked, _MOST_UNPACKED * packed)


_MOST_UNPACKED = 20


def _unreadable(path: Path, error: OSError) -> CaodianError:
    return CaodianError(
        "an export must be readable",
        value=str(path),
        where=error.strerror,
        remedy="Check its permissions.",
    )


# Archives, their members, and packed files.

MAXIMUM_HELD = 1 << 30
MOST_NAMES = 200_000
"""Files and folders below a folder of exports; the root of a disk is never one."""
# What the standard library raises on broken archives, found by trying.
_BROKEN = (
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def _list_members(path: Path) -> list[zipfile.ZipInfo]:
    """Return an archive's files in the order of their names; two may have one name."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    except _BROKEN as error:
        raise _not_whole(str(path), error) from None
    for member in members:
        _check_member(path, member)
    shown = [member for member in members if not _is_hidden_member(member.filename)]
    return sorted(shown, key=lambda member: (member.filename, member.header_offset))


def _is_hidden_member(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX", "~$")) for part in PurePosixPath(name).parts)


def _check_member(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name.split("/")[0]:
        raise CaodianError(
            "a member of an archive must stay inside it",
            value=member.filename,
            where=str(path),
            remedy="Do not trust this archive; ask for a clean one.",
        )
    if member.flag_bits & 1:
        raise CaodianError(
            "an archive must not be encrypted",
            value=member.filename,
            where=str(path),
            remedy="Unpack it with its password first.",
        )
    check_growth(member.compress_size, member.file_size, f"{path}, {member.filename}")


def _not_whole(where: str, error: Exception) -> CaodianError:
    return CaodianError(
        "a packed file must be whole",
        value=where,
        where=str(error)[:200],
        remedy="Download or pack it again.",
    )


class _PackedStream(io.RawIOBase):
    """Unpacked bytes of a stream that may be broken, or grow without end."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, packed: int, where: str) -> None:
        self.stream = stream
        self.packed = packed
        self.where = where
        self.grown = 0

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a writable buffer of any kind
        """Fill a buffer with unpacked bytes."""
        try:
            content = self.stream.read(len(buffer))
        except _BROKEN as error:
            raise _not_whole(self.where, error) from None
        self.grown += len(content)
        check_growth(self.packed, self.grown, self.where)
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        """Close the packed file, too."""
        self.stream.close()
        super().close()


def _open_member(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    """Open one member for reading."""
    where = f"{path}, {member.filename}"
    try:
        told = path.stat()
        stream = _opened(path, told.st_size, told.st_mtime_ns, os.getpid()).open(member)
    except _BROKEN as error:
        raise _not_whole(where, error) from None
    return io.BufferedReader(_PackedStream(stream, member.compress_size, where))


@lru_cache(maxsize=2)
def _opened(path: Path, size: int, written: int, process: int) -> zipfile.ZipFile:
    """Keep an archive open, so that a thousand members do not read its directory a thousand times.

    A process that was forked opens its own: the place in a shared file is shared, too.
    """
    return zipfile.ZipFile(path)


def _open_gzip(path: Path) -> BinaryIO:
    """Open a gzip file for reading."""
    packed = path.stat().st_size
    return io.BufferedReader(_PackedStream(gzip.open(path), packed, str(path)))


def too_long(where: str) -> CaodianError:
    """Return what is said of a member of an archive that must be held whole and is too long."""
    return CaodianError(
        "a file of this kind must be smaller than 1 GiB, since it is read as a whole",
        where=where,
        remedy="Split it, or convert it to CSV, JSONL or Parquet.",
    )
