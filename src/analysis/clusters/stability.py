"""Topics by NMF, and how far they come back on resampled texts.

Non-negative factorisation from a fixed start (nndsvda) is the most repeatable method on short
Chinese texts; LDA is the least. A cluster that does not return on resamples is not shown
(best-match Jaccard below .6; Hennig 2007).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.decomposition import NMF, non_negative_factorization
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Matrix: TypeAlias = sparse.csr_matrix
Labels = NDArray[np.int64]
Array = NDArray[np.float64]

_RESAMPLES = 20
_TRIALS = 5
STABLE = 0.6
_CANDIDATES = (4, 6, 8, 10, 12, 16, 20)
_LARGEST_TRIAL = 3_000
# A text belongs to a cluster when this share of its weight lies there; else it stays unclear.
_LEAST_SHARE = 0.4
NOWHERE = -1


@dataclass(frozen=True)
class Topics:
    """A factorisation and the cluster of every text.

    Parameters
    ----------
    labels
        Cluster of each text, −1 for unclear.
    weights
        Cluster × term.
    stability
        Mean best-match Jaccard of each cluster over resamples.
    """

    labels: Labels
    weights: Array
    stability: Array


def find_topics(matrix: Matrix, *, seed: int) -> Topics:
    """Factorise with the number of topics that gives the most stable clusters.

    Parameters
    ----------
    matrix
        Texts × terms, TF-IDF.

    Examples
    --------
    >>> block = np.kron(np.eye(4), np.ones((40, 3)))
    >>> topics = find_topics(sparse.csr_matrix(block), seed=618)
    >>> sorted(np.bincount(topics.labels).tolist()), topics.stability.round(1).tolist()
    ([40, 40, 40, 40], [1.0, 1.0, 1.0, 1.0])
    """
    sizes = [k for k in _CANDIDATES if k <= min(matrix.shape[0] // 10, matrix.shape[1])]
    if not sizes:
        return Topics(
            np.full(matrix.shape[0], NOWHERE), np.zeros((0, matrix.shape[1])), np.zeros(0)
        )
    generator = np.random.default_rng(seed)
    trial = _sample(matrix, _LARGEST_TRIAL, generator)
    scores = []
    for k in sizes:
        labels, _ = _assign(trial, k)
        found = _stability(trial, labels, k, _TRIALS, generator)
        scores.append((int((found >= STABLE).sum()), float(found.mean()), -k))
    k = -max(scores)[2]
    labels, weights = _assign(matrix, k)
    smaller = np.sort(generator.permutation(matrix.shape[0])[: 2 * _LARGEST_TRIAL])
    found = _stability(matrix[smaller], labels[smaller], k, _RESAMPLES, generator)
    return Topics(labels, weights, found)


def load_topics(matrix: Matrix, weights: Array) -> Array:
    """Say how much of each text is of each topic: shares that add up to 1, or all 0.

    Examples
    --------
    >>> load_topics(sparse.csr_matrix([[1.0, 0.0], [0.0, 0.0]]), np.eye(2)).tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    if not matrix.shape[0] or not weights.size:
        return np.zeros((matrix.shape[0], len(weights)))
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        loads, _, _ = non_negative_factorization(
            matrix, H=weights, n_components=len(weights), init="custom", update_H=False,
            random_state=0, max_iter=200, tol=1e-3,
        )  # fmt: skip
    return _shares(loads, weights)


def _shares(loads: Array, weights: Array) -> Array:
    # Scale the topics alike, or the ones with large terms swallow texts.
    loads = loads * np.linalg.norm(weights, axis=1)
    total = loads.sum(axis=1, keepdims=True)
    shares: Array = np.divide(loads, total, out=np.zeros_like(loads), where=total > 1e-9)
    return shares


def choose_topics(shares: Array) -> Labels:
    """Give each text its topic, or −1 where none dominates.

    Examples
    --------
    >>> choose_topics(np.array([[0.7, 0.3], [0.35, 0.3], [0.0, 0.0]])).tolist()
    [0, -1, -1]
    """
    if not shares.shape[1]:
        return np.full(len(shares), NOWHERE)
    chosen = np.where(shares.max(axis=1) >= _LEAST_SHARE, shares.argmax(axis=1), NOWHERE)
    return chosen.astype(np.int64)


def _assign(matrix: Matrix, k: int) -> tuple[Labels, Array]:
    """Factorise into k topics and give each text its topic, or −1 where none dominates."""
    model = NMF(k, init="nndsvda", random_state=0, max_iter=200, tol=1e-3)
    # One thread: the matrices are small, and sums keep one order on every machine.
    with warnings.catch_warnings(), threadpool_limits(1):
        # On noise, and on texts that fit exactly, it stops short; stability judges the result.
        warnings.simplefilter("ignore")
        loads = model.fit_transform(matrix)
    weights: Array = model.components_
    return choose_topics(_shares(loads, weights)), weights


def _stability(
    matrix: Matrix, labels: Labels, k: int, resamples: int, generator: np.random.Generator
) -> Array:
    """Average the Jaccard of each cluster with its best match on bootstrap samples of the texts."""
    n = matrix.shape[0]
    total = np.zeros(k)
    for _ in range(resamples):
        # Distinct texts of a bootstrap sample: repeats would only add weight.
        drawn = np.unique(generator.integers(0, n, n))
        again, _ = _assign(matrix[drawn], k)
        total += _best_match(labels[drawn], again, k)
    mean: Array = total / resamples
    return mean


def fit_halves(matrix: Matrix, topics: Topics, *, seed: int) -> list[tuple[Labels, Array]]:
    """Find the topics again in either half of the texts, to judge them by the other half.

    Parameters
    ----------
    matrix
        Texts × terms.
    topics
        The factorisation of all texts.

    Returns
    -------
    list of tuple
        For each half the rows of the other one, and for each topic the term weights of that topic
        of the half which shares most texts with it.

    Examples
    --------
    >>> block = sparse.csr_matrix(np.kron(np.eye(4), np.ones((40, 3))))
    >>> rows, weights = fit_halves(block, find_topics(block, seed=618), seed=618)[0]
    >>> len(rows), weights.shape
    (80, (4, 12))
    """
    k = len(topics.stability)
    mixed = np.random.default_rng(seed).permutation(matrix.shape[0])
    halves = [np.sort(mixed[0::2]), np.sort(mixed[1::2])]
    found = []
    for own, other in (halves, halves[::-1]):
        again, weights = _assign(matrix[own], k)
        best = _jaccard(topics.labels[own], again, k).argmax(axis=1)
        found.append((other, weights[best]))
    return found


def _best_match(labels: Labels, again: Labels, k: int) -> Array:
    """Match each cluster of one labelling with the most similar one of another: Jaccard index."""
    best: Array = _jaccard(labels, again, k).max(axis=1)
    return best


def _jaccard(labels: Labels, again: Labels, k: int) -> Array:
    both = np.zeros((k, k))
    known = (labels >= 0) & (again >= 0)
    np.add.at(both, (labels[known], again[known]), 1)
    first = np.bincount(labels[labels >= 0], minlength=k)
    second = np.bincount(again[again >= 0], minlength=k)
    union = first[:, None] + second[None, :] - both
    shares: Array = np.divide(both, union, out=np.zeros((k, k)), where=union > 0)
    return shares


def _sample(matrix: Matrix, most: int, generator: np.random.Generator) -> Matrix:
    if matrix.shape[0] <= most:
        return matrix
    return matrix[np.sort(generator.permutation(matrix.shape[0])[:most])]
