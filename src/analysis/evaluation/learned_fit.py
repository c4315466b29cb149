"""Fit linear models on n-grams and concepts, one a target: same input, same bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix, diags_array, hstack

from analysis.coding.clues import Clues
from analysis.coding.concept_model import GROUPS, ConceptModel
from analysis.coding.gram_model import GramModel
from analysis.coding.learned_model import LearnedModel
from analysis.evaluation.learned_features import concept_features, gram_sizes
from analysis.sentiment.linear import shipped_model
from analysis.sentiment.logistic import fit_logistic
from analysis.sentiment.train import gram_matrix

FOLDS = 3
# Where no writer is known: posts that stand together in a file may be alike; a fold takes them
# together.
BLOCK = 25
STRENGTH = 4.0
Floats = npt.NDArray[np.float64]


def fit_learned(
    clues: Clues,
    concepts: tuple[str, ...],
    held: npt.NDArray[np.bool_],
    weight: Floats,
    *,
    buckets: int,
    seed: int,
    folds: npt.NDArray[np.int64] | None = None,
) -> tuple[LearnedModel, Floats]:
    """Fit one model a target.

    Parameters
    ----------
    clues
        What is read of the posts.
    concepts
        The names of the engine's concepts.
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
    fold = by_blocks(len(clues.texts), FOLDS) if folds is None else folds
    grams = gram_matrix(clues.texts, shipped_model().foldings, buckets)
    rarity = gram_sizes(grams, weight)
    beside, sizes = concept_features(clues, len(concepts))
    features = hstack([grams @ diags_array(rarity), beside @ diags_array(sizes)]).tocsr()
    features.sum_duplicates()
    coefficients, intercepts, unseen = _fit_all(features, held, weight, fold, seed)
    weights = coefficients * np.concatenate([rarity, sizes])
    of_grams, slopes = _whole(weights[:, :buckets])
    of_concepts, steps = _whole(weights[:, buckets:])
    by_group = of_concepts.T.reshape(GROUPS, 1 + len(concepts), len(weights))
    return (
        LearnedModel(
            GramModel(of_grams, slopes, rounded(intercepts)),
            ConceptModel(concepts, np.ascontiguousarray(by_group), steps),
        ),
        unseen,
    )


def _fit_all(
    features: csr_matrix,
    held: npt.NDArray[np.bool_],
    weight: Floats,
    fold: npt.NDArray[np.int64],
    seed: int,
) -> tuple[Floats, Floats, Floats]:
    """Return coefficients and intercepts, a row a target, and the log-odds by models of less.

    Each target is learnt from all posts and, once a fold, from those of the other folds.
    """
    parts = np.column_stack([np.ones(fold.size), *(fold != number for number in range(FOLDS))])
    cost = np.tile(STRENGTH * weight[:, None] * parts, held.shape[1])
    fits = fit_logistic(features, np.repeat(held, 1 + FOLDS, axis=1), cost, seed)
    of_fold = np.arange(held.shape[1]) * (1 + FOLDS) + 1 + fold[:, None]
    unseen = np.take_along_axis(fits.log_odds, of_fold, axis=1)
    coefficients = np.zeros((held.shape[1], features.shape[1]))
    coefficients[:, fits.columns] = fits.weights[:: 1 + FOLDS]
    return coefficients, fits.intercepts[:: 1 + FOLDS], unseen


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
    return known.fill_null(pl.Series(by_blocks(posts.height, number))).to_numpy()


def by_blocks(size: int, number: int) -> npt.NDArray[np.int64]:
    """Return a fold for each of so many posts, the same for `BLOCK` of them in a row."""
    return np.arange(size) // BLOCK % number


def _whole(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the weights as whole numbers of -127…127, a row a target, and their steps."""
    steps = np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127
    return np.rint(weights / steps[:, None]).astype(np.int8), rounded(steps)


def rounded(values: Floats) -> Floats:
    """Return the values with four digits, so that the last bits of a platform do not matter."""
    return np.array([float(f"{value:.4g}") for value in values.ravel()]).reshape(values.shape)
