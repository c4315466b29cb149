"""File formats by extension, and how each holds lists and objects."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import polars as pl
import polars.selectors as cs

from analysis.errors import CaodianError, nearest
from analysis.schema.tables import column

# Which file format a path asks for, and what is said when there is nothing that can be read.

_TABLE_SUFFIXES = (".csv", ".xlsx", ".jsonl", ".parquet")
EXPORT_SUFFIXES = frozenset(
    (
        *_TABLE_SUFFIXES,
        ".tsv",
        ".txt",
        ".xls",
        ".xlsm",
        ".xlsb",
        ".ods",
        ".json",
        ".ndjson",
        ".db",
        ".sqlite",
        ".sqlite3",
        ".zip",
        ".gz",
    )
)

_URL = re.compile(r"((?:sqlite|mysql|mariadb|postgresql|oracle|mssql)(?:\+\w+)?):/+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:/")


def table_suffix(path: Path) -> str:
    """Return the path's suffix when it is a table's.

    Examples
    --------
    >>> table_suffix(Path("posts.CSV"))
    '.csv'
    """
    suffix = path.suffix.lower()
    if suffix not in _TABLE_SUFFIXES:
        raise CaodianError(
            "a table must be a .csv, .xlsx, .jsonl or .parquet file",
            value=str(path),
            remedy="Rename the file, or turn it into posts with `caodian ingest`.",
        )
    return suffix


def require_readable(path: Path) -> None:
    """Raise when the path is no file that can be opened, or an empty one."""
    if not path.exists():
        raise CaodianError("a file to read must exist", value=str(path), remedy="Check the path.")
    if path.is_dir():
        raise CaodianError(
            "a table must be a file", value=str(path), remedy="Name a file inside the folder."
        )
    try:
        with path.open("rb") as stream:
            first = stream.read(1)
    except OSError as error:
        raise CaodianError(
            "a file to read must be readable",
            value=str(path),
            where=error.strerror,
            remedy="Check its permissions.",
        ) from None
    if not first:
        raise CaodianError("a file to read must not be empty", value=str(path))


def as_url(path: str) -> str | None:
    """Return a SQLAlchemy URL, also one whose slashes `pathlib` has joined, None for a path.

    Examples
    --------
    >>> as_url("mysql:/reader@host/posts"), as_url("posts.csv")
    ('mysql://reader@host/posts', None)
    """
    match = _URL.match(path)
    if match is None:
        return None
    if "://" in path:
        return path
    rest = path[match.end() :]
    if not match[0].startswith("sqlite"):
        return f"{match[1]}://{rest}"
    return f"{match[1]}:///" + (f"/{rest}" if Path(f"/{rest}").exists() else rest)


def require_export(path: str | Path) -> None:
    """Raise when this is no database's URL, folder, or file with bytes in it that can be opened.

    Nothing is read but one byte, and no pipe, device or file without a size, such as those in which
    a system tells of itself, is opened: it might never answer.
    """
    if not str(path):
        raise CaodianError(
            "an export must have a name",
            value="",
            remedy="Name the file, the folder or, for the current one, `.`.",
        )
    url = as_url(str(path))
    file = (
        (url or "").partition(":///")[2].partition("?")[0]
        if (url or "").startswith("sqlite")
        else ""
    )
    if url is not None and not file:
        return
    path = Path(file or path)
    try:
        told = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise _absent(path) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if stat.S_ISDIR(told.st_mode):
        return
    if not stat.S_ISREG(told.st_mode):
        raise CaodianError(
            "an export must be a file, a folder or a database",
            value=str(path),
            where="a pipe, a socket or a device",
            remedy="Write what it gives into a file and name that.",
        )
    if not told.st_size:
        raise CaodianError(
            "an export must not be empty", value=str(path), remedy="Export the posts again."
        )
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        raise _unreadable(path, error) from None


def _absent(path: Path) -> CaodianError:
    if _SCHEME.match(str(path)):
        return CaodianError(
            "an export must be on this machine, or in a database",
            value=str(path),
            remedy="Download it and name the file.",
        )
    if path.is_symlink():
        return CaodianError(
            "an export must exist",
            value=str(path),
            where="a link that leads nowhere",
            remedy="Put the file where the link leads, or name the file itself.",
        )
    like = nearest(path.name, _names_beside(path), likeness=0.7)
    return CaodianError(
        "an export must exist",
        value=str(path),
        remedy=f"Did you mean {str(path.with_name(like))!r}?" if like else "Check the path.",
    )


def _names_beside(path: Path) -> list[str]:
    try:
        return sorted(beside.name for beside in path.parent.iterdir())
    except OSError:
        return []


def _unreadable(path: Path, error: OSError | ValueError) -> CaodianError:
    return CaodianError(
        "an export must be readable",
        value=str(path),
        where=getattr(error, "strerror", None) or str(error),
        remedy="Check its permissions, and that its name is right.",
    )


def objects_to_strings(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn struct columns into JSON strings, as objects are kept in memory."""
    structs = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]
    return frame.with_columns(
        pl.Series(name, [_without_nulls(value) for value in frame[name]], dtype=pl.String)
        for name in structs
    )


def join_lists(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn list columns into `;`-joined strings; the empty list is an empty cell."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    joined = [cs.by_name(name).cast(pl.List(pl.String)).list.join(";") for name in lists]
    return frame.with_columns(
        pl.when(text == "").then(None).otherwise(text).name.keep() for text in joined
    )


def embed_object(name: str, value: str | None) -> object:
    """Return the object behind a JSON string when the column is one of ours, else the value."""
    definition = column(name)
    if value is None or definition is None or definition.type != "object":
        return value
    return json.loads(value)


def _without_nulls(value: dict[str, object] | None) -> str | None:
    """Drop the nulls that a struct column invents for keys of other rows."""
    if value is None:
        return None
    kept = {key: part for key, part in value.items() if part is not None}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
