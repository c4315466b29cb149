"""Fit linear models on hashed character n-grams, one a target: same input, same bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix, diags_array
from sklearn.linear_model import LogisticRegression

from analysis.coding.classifier_model import GramModel
from analysis.sentiment.linear import shipped_model
from analysis.sentiment.train import gram_matrix

FOLDS = 3
# Where no writer is known: posts that stand together in a file may be alike; a fold takes them
# together.
BLOCK = 25
_STRENGTH = 4.0
Floats = npt.NDArray[np.float64]


def fit_grams(
    texts: pl.Series,
    held: npt.NDArray[np.bool_],
    weight: Floats,
    buckets: int,
    seed: int,
    *,
    folds: npt.NDArray[np.int64] | None = None,
) -> tuple[GramModel, Floats]:
    """Fit one model a target.

    Parameters
    ----------
    texts
        The writers' own words.
    held
        ``posts x targets``: what holds.
    weight
        How much each post counts.
    buckets
        Size of the table of hashed grams, a power of two.
    seed
        Of the solver.
    folds
        The fold of each post, as `folds_of` gives it; by blocks without it.

    Returns
    -------
    tuple
        The model, and for each post and target the log-odds of a model that never saw the posts
        of its fold.
    """
    fold = _by_blocks(len(texts), FOLDS) if folds is None else folds
    grams = gram_matrix(texts, shipped_model().foldings, buckets)
    holding = (grams > 0).T.astype(float) @ weight
    rarity = np.log((1 + weight.sum()) / (1 + holding)) + 1.0
    features = (grams @ diags_array(rarity)).tocsr()
    coefficients, intercepts = [], []
    unseen = np.zeros(held.shape)
    for target, column in enumerate(held.T):
        learnt, intercept = fit_linear(features, column, weight, seed)
        coefficients.append(learnt * rarity)
        intercepts.append(intercept)
        unseen[:, target] = _unseen(features, column, weight, fold, seed)
    weights = np.array(coefficients)
    steps = np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127
    whole = np.rint(weights / steps[:, None]).astype(np.int8)
    return GramModel(whole, rounded(steps), rounded(np.array(intercepts))), unseen


def folds_of(posts: pl.DataFrame, number: int = FOLDS) -> npt.NDArray[np.int64]:
    """Return the fold of each post: all posts of one writer are in one, others go by blocks.

    A coder is used on people whose posts it never learnt, and a writer repeats himself: judged by
    a model that knew the writer, a post looks easier than it will be.

    Parameters
    ----------
    posts
        With a column ``writer``, null where it is not known.
    number
        Of folds.

    Examples
    --------
    >>> folds_of(pl.DataFrame({"writer": ["b", "a", None, "b"]}), 2).tolist()
    [1, 0, 0, 1]
    """
    writers = posts["writer"].cast(pl.String)
    names = writers.drop_nulls().unique().sort()
    of_writer = {name: place % number for place, name in enumerate(names)}
    known = writers.replace_strict(of_writer, default=None, return_dtype=pl.Int64)
    return known.fill_null(pl.Series(_by_blocks(posts.height, number))).to_numpy()


def _by_blocks(size: int, number: int) -> npt.NDArray[np.int64]:
    return np.arange(size) // BLOCK % number


def _unseen(
    features: csr_matrix,
    held: npt.NDArray[np.bool_],
    weight: Floats,
    fold: npt.NDArray[np.int64],
    seed: int,
) -> Floats:
    result = np.zeros(held.size)
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if inside.size and outside.size:
            learnt, intercept = fit_linear(features[inside], held[inside], weight[inside], seed)
            result[outside] = features[outside] @ learnt + intercept
    return result


def fit_linear(
    features: csr_matrix | Floats,
    held: npt.NDArray[np.bool_],
    weight: Floats,
    seed: int,
    *,
    strength: float = _STRENGTH,
) -> tuple[Floats, float]:
    """Return coefficients and intercept; a target that never or always holds learns nothing."""
    if held.all() or not held.any():
        return np.zeros(features.shape[1]), 0.0
    # The dual coordinate descent of liblinear: one thread, no BLAS, its own random numbers.
    solver = LogisticRegression(
        solver="liblinear", dual=True, C=strength, random_state=seed, max_iter=1_000, tol=1e-2
    )
    solver.fit(features, held, sample_weight=weight)
    return solver.coef_[0], float(solver.intercept_[0])


def rounded(values: Floats) -> Floats:
    """Return the values with four digits, so that the last bits of a platform do not matter."""
    return np.array([float(f"{value:.4g}") for value in values.ravel()]).reshape(values.shape)
