"""Fit linear models on n-grams and concepts, one a target: same input, same bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix, diags_array, hstack
from sklearn.linear_model import LogisticRegression

from analysis.coding.clues import Clues
from analysis.coding.concept_model import GROUPS, ConceptModel
from analysis.coding.gram_model import GramModel
from analysis.coding.learned_model import LearnedModel
from analysis.sentiment.linear import shipped_model
from analysis.sentiment.train import gram_matrix

FOLDS = 3
# Where no writer is known: posts that stand together in a file may be alike; a fold takes them
# together.
BLOCK = 25
_STRENGTH = 4.0
# A gram of three posts or fewer teaches next to nothing that another post could use.
_LEAST_POSTS = 4
# The larger a feature, the less its weight is shrunk. Chosen on posts of other writers.
_GRAM, _CONCEPT, _IN_CHANNEL, _CHANNEL = 0.8, 0.6, 0.4, 0.5
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
    coefficients, intercepts = [], []
    unseen = np.zeros(held.shape)
    for target, column in enumerate(held.T):
        learnt, intercept = fit_linear(features, column, weight, seed)
        coefficients.append(learnt * np.concatenate([rarity, sizes]))
        intercepts.append(intercept)
        unseen[:, target] = _unseen(features, column, weight, fold, seed)
    weights = np.array(coefficients)
    of_grams, slopes = _whole(weights[:, :buckets])
    of_concepts, steps = _whole(weights[:, buckets:])
    by_group = of_concepts.T.reshape(GROUPS, 1 + len(concepts), len(weights))
    return (
        LearnedModel(
            GramModel(of_grams, slopes, rounded(np.array(intercepts))),
            ConceptModel(concepts, np.ascontiguousarray(by_group), steps),
        ),
        unseen,
    )


def gram_sizes(grams: csr_matrix, weight: Floats) -> Floats:
    """Return how large each gram is made: rare ones are shrunk less, those of few posts left out.

    Parameters
    ----------
    grams
        ``posts x buckets``: how often each post has each gram, over the root of its grams.
    weight
        How much each post counts.
    """
    holding = (grams > 0).T.astype(float) @ weight
    posts = np.bincount(grams.indices, minlength=grams.shape[1])
    rarity = np.log((1 + weight.sum()) / (1 + holding)) + 1.0
    result: Floats = np.where(posts >= _LEAST_POSTS, _GRAM * rarity, 0.0)
    return result


def concept_features(clues: Clues, n_concepts: int) -> tuple[csr_matrix, Floats]:
    """Return which concepts each post has, everywhere and in its channel, and their sizes.

    The columns are those of `ConceptModel.weights`, group after group.
    """
    width = 1 + n_concepts
    row = np.repeat(np.arange(len(clues.texts)), np.diff(clues.starts))
    known = clues.channel[row] > 0
    posts = np.flatnonzero(clues.channel)
    columns = [
        1 + clues.found.astype(np.int64),
        clues.channel[row[known]] * width + 1 + clues.found[known],
        clues.channel[posts].astype(np.int64) * width,
    ]
    rows = [row, row[known], posts]
    where = (np.concatenate(rows), np.concatenate(columns))
    shape = (len(clues.texts), GROUPS * width)
    features = csr_matrix((np.ones(len(where[0])), where), shape=shape)
    sizes = np.full(GROUPS * width, _IN_CHANNEL)
    sizes[:width] = _CONCEPT
    sizes[::width] = _CHANNEL
    return features, sizes


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


def _whole(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the weights as whole numbers of -127…127, a row a target, and their steps."""
    steps = np.maximum(np.abs(weights).max(axis=1), 1e-9) / 127
    return np.rint(weights / steps[:, None]).astype(np.int8), rounded(steps)


def rounded(values: Floats) -> Floats:
    """Return the values with four digits, so that the last bits of a platform do not matter."""
    return np.array([float(f"{value:.4g}") for value in values.ravel()]).reshape(values.shape)
