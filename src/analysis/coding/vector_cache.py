"""Sentence vectors kept in the user's cache folder, so that no text is encoded twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.errors import CaodianError
from analysis.kernels.compiled import cache_folder

Half = npt.NDArray[np.float16]
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
# More question marks in one question than some builds of SQLite allow are asked in turns.
_ASKED = 500
_PATIENCE = 60.0


class VectorCache:
    """One file of vectors a model; texts are not kept, only their hashes.

    Parameters
    ----------
    model
        What made the vectors; another model or prefix needs another name.
    folder
        Where the file lies; ``vectors`` in the cache folder by default.
    """

    def __init__(self, model: str, folder: Path | None = None) -> None:
        self.path = (folder or cache_folder() / "vectors") / f"{model}.sqlite"

    def get(self, texts: Sequence[str]) -> dict[str, Half]:
        """Return the vectors that are kept; a damaged file is as good as none.

        Examples
        --------
        >>> VectorCache("no-model", Path("no/such/folder")).get(["好用"])
        {}
        """
        if not self.path.exists():
            return {}
        names = {_name(text): text for text in texts}
        keys = list(names)
        found: dict[str, Half] = {}
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as file:
                for first in range(0, len(keys), _ASKED):
                    part = keys[first : first + _ASKED]
                    marks = ",".join("?" * len(part))
                    asked = f"SELECT text, vector FROM vectors WHERE text IN ({marks})"  # noqa: S608
                    for name, vector in file.execute(asked, part):
                        found[names[name]] = np.frombuffer(vector, np.float16)
        except sqlite3.DatabaseError:
            return {}
        return found

    def put(self, texts: Iterable[str], vectors: Half) -> None:
        """Keep vectors; workers that write the same ones at once do not disturb each other.

        Raises
        ------
        CaodianError
            If the cache folder cannot be written.
        """
        rows = [(_name(text), row.tobytes()) for text, row in zip(texts, vectors, strict=True)]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as file, file:
                file.execute(_TABLE)
                file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except (OSError, sqlite3.DatabaseError) as error:
            raise CaodianError(
                "the cache of sentence vectors must be a writable file of this program",
                value=str(error),
                where=str(self.path),
                remedy="Delete it, or name another folder in the environment variable "
                "CAODIAN_CACHE.",
            ) from error


def _name(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
