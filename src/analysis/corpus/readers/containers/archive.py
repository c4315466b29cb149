"""Read archives without unpacking them: nothing is written, and nothing grows without end."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from analysis.errors import CaodianError

_MAXIMUM_RATIO = 200
_FREE_BYTES = 16 << 20
MAXIMUM_HELD = 1 << 30
# What the standard library raises on broken archives, found by trying.
BROKEN = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def list_members(path: Path) -> list[zipfile.ZipInfo]:
    """Return an archive's files in the order of their names; two may have one name.

    Raises
    ------
    CaodianError
        When the archive is broken or encrypted, a name leads out of it, or a member would swell
        beyond what text can be packed to.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except BROKEN as error:
        raise _not_whole(str(path), error) from None
    for member in members:
        _check_member(path, member)
    shown = [member for member in members if not _is_hidden(member.filename)]
    return sorted(shown, key=lambda member: (member.filename, member.header_offset))


def _is_hidden(name: str) -> bool:
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


def check_growth(packed: int, unpacked: int, where: str) -> None:
    """Raise when unpacking grows beyond what text can be packed to.

    Examples
    --------
    >>> check_growth(1_000_000, 10_000_000, "posts.zip")
    """
    if unpacked > _FREE_BYTES and unpacked > _MAXIMUM_RATIO * max(packed, 1):
        raise CaodianError(
            f"a packed file must not grow more than {_MAXIMUM_RATIO}-fold",
            value=f"{packed} bytes packed, {unpacked} or more unpacked",
            where=where,
            remedy="It looks like a zip bomb; unpack it by hand if you trust it.",
        )


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
        except BROKEN as error:
            raise _not_whole(self.where, error) from None
        self.grown += len(content)
        check_growth(self.packed, self.grown, self.where)
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        """Close the packed file, too."""
        self.stream.close()
        super().close()


def open_member(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    """Open one member for reading."""
    where = f"{path}, {member.filename}"
    try:
        told = path.stat()
        stream = _opened(path, told.st_size, told.st_mtime_ns, os.getpid()).open(member)
    except BROKEN as error:
        raise _not_whole(where, error) from None
    return io.BufferedReader(_PackedStream(stream, member.compress_size, where))


@lru_cache(maxsize=2)
def _opened(path: Path, size: int, written: int, process: int) -> zipfile.ZipFile:
    """Keep an archive open, so that a thousand members do not read its directory a thousand times.

    A process that was forked opens its own: the place in a shared file is shared, too.
    """
    return zipfile.ZipFile(path)


def open_gzip(path: Path) -> BinaryIO:
    """Open a gzip file for reading."""
    packed = path.stat().st_size
    return io.BufferedReader(_PackedStream(gzip.open(path), packed, str(path)))


def read_capped(stream: BinaryIO, where: str) -> bytes:
    """Return all bytes of a stream, refusing more than can be held in memory."""
    content = stream.read(MAXIMUM_HELD + 1)
    if len(content) > MAXIMUM_HELD:
        raise CaodianError(
            "a file of this kind must be smaller than 1 GiB, since it is read as a whole",
            where=where,
            remedy="Split it, or convert it to CSV, JSONL or Parquet.",
        )
    return content
