"""Which file format a path asks for, and what is said when it is none of ours."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import CaodianError

TABLE_SUFFIXES = (".csv", ".xlsx", ".jsonl", ".parquet")


def table_suffix(path: Path) -> str:
    """Return the path's suffix when it is a table's.

    Examples
    --------
    >>> table_suffix(Path("posts.CSV"))
    '.csv'
    """
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
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
