"""Topics that come back: the clusters on which many partial looks at the same texts agree.

Words get vectors from the company they keep in these texts (positive pointwise mutual information,
factorised; Levy & Goldberg 2014), as the mean of what ten bags of the texts give: a word whose
company is another one in each weighs little. A text is the mean of its words', weighed by rarity
(Arora 2017 in its simplest form) and by what each tells of the rest of its texts: greetings, forms
of letters and small talk stand beside anything. Forty bags of texts are each clustered by k-means;
the centres of all bags are grouped by average linkage, and a group is a topic where most bags hold
it (Monti 2003 on centres instead of pairs). A text belongs to the topic whose mean centre is
nearest; how much nearer than any other is its confidence. Which text stands in which bag follows
from a hash of the text, and texts are worked on in the order of that hash, with sums that are the
same to the last bit on every processor: neither the order of rows nor the number of threads nor
the machine changes a topic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage

from analysis.engine.strict_math import (
    k_means,
    leading_vectors,
    strict_exp,
    strict_log,
    strict_product,
    turn_onto,
)
from analysis.minimum import LEAST_CONFIDENCE

Matrix: TypeAlias = sparse.csr_matrix
Labels = NDArray[np.int64]
Array = NDArray[np.float64]
Hashes = NDArray[np.uint64]

MIXED = -1
_BAGS = 40
_SHARE_OF_BAG = 0.8
_LARGEST_BAG = 5_000
# Centres of bags are one topic up to this cosine distance, and a topic where so many bags hold it.
_NEAR = 0.3
_MOST_BAGS = 0.6
# Two topics whose cosines with a text differ by this weigh as 1 to e; a cosine that is far.
_SHARPNESS, _FAR = 0.05, 0.1
# A number chosen by the texts is another one on four fifths of them, and moves the topics.
_CLUSTERS, _TEXTS_PER_CLUSTER = 10, 10
# Texts that are asked for company, shuffles of their halves, and texts of like length that swap.
_FEWEST_ASKED, _MOST_ASKED, _SHUFFLES, _ALIKE = 20, 1_000, 199, 5
_DIMENSIONS = 80
# Vectors of words are the mean of those of so many bags, each of this share of the texts.
_SPACES, _SHARE_OF_SPACE = 10, 0.6
# A shorter row is one of zeros that was rounded.
_NO_LENGTH = 10 * np.finfo(np.float64).eps
# What a word tells of the rest of its texts is known from so many on; fewer count half.
_FEWEST_RESTS = 5
# Contexts are smoothed by this power, so that rare words get no inflated company (Levy 2015).
_SMOOTHING = 0.75


def hash_texts(texts: Sequence[str], seed: int) -> Hashes:
    """Give each text a number that depends on nothing but the text and the seed.

    Examples
    --------
    >>> int(hash_texts(["退款"], 618)[0] == hash_texts(["发货", "退款"], 618)[1])
    1
    """
    salt = str(seed).encode()
    digests = [
        hashlib.blake2b(text.encode(errors="replace"), digest_size=8, key=salt).digest()
        for text in texts
    ]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


@dataclass(frozen=True)
class Space:
    """Vectors of words, weighed by their rarity, and the mean text.

    What all texts share tells no two apart: in reviews of one thing every text would be near to
    every other. So a text is placed by how it differs from the mean (Arora 2017).
    """

    vectors: Array
    mean: Array

    def place(self, counts: Matrix) -> Array:
        """Place texts by their words: rows of length 1, or 0 where no word is known."""
        if not counts.shape[0]:
            return np.zeros((0, self.vectors.shape[1]))
        damped = counts.copy()
        damped.data = 1 + strict_log(damped.data)
        points = np.asarray(unit_rows(damped @ self.vectors))
        known = points.any(axis=1, keepdims=True)
        return np.asarray(unit_rows(points - self.mean * known))


def unit_rows(points: Any) -> Any:  # noqa: ANN401 - an array or a sparse matrix, as given
    """Divide each row by its length; a row of zeros stays one.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    if not sparse.issparse(points):
        lengths = np.sqrt(np.einsum("ij,ij->i", points, points))
        lengths[lengths < _NO_LENGTH] = 1
        return points / lengths[:, None]
    rows = sparse.csr_matrix(points)
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    lengths = np.sqrt(np.bincount(row, weights=rows.data**2, minlength=rows.shape[0]))
    lengths[lengths == 0] = 1
    return sparse.csr_matrix((rows.data / lengths[row], rows.indices, rows.indptr), rows.shape)


def learn_space(counts: Matrix, registers: Labels | None = None) -> Space:
    """Learn vectors of words from the texts in which they stand together."""
    n_texts, n_words = counts.shape
    held = (counts > 0).astype(np.float64)
    lengths = np.asarray(held.sum(axis=1)).ravel()
    # Each text has one vote a word, so that a long one does not make all company.
    even = sparse.diags(1 / np.maximum(lengths, 1)) @ held
    company = sparse.coo_matrix(held.T @ even)
    company.data[company.row == company.col] = 0
    if registers is None:
        registers = np.zeros(n_texts, dtype=np.int64)
    # A word has as much company in a text as the text has other words.
    others = sparse.diags(np.maximum(1 - 1 / np.maximum(lengths, 1), 0)) @ held
    expected = np.zeros(len(company.data))
    for total in np.asarray((_pick(registers) @ others).todense()):
        smooth = strict_exp(_SMOOTHING * strict_log(total))
        smooth /= max(smooth.sum(), 1e-12)
        expected += total[company.row] * smooth[company.col]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = strict_log(company.data / expected)
    kept = np.isfinite(ratio) & (ratio > 0)
    positive = sparse.csr_matrix(
        (ratio[kept], (company.row[kept], company.col[kept])), shape=(n_words, n_words)
    )
    rarity = strict_log(n_texts / np.maximum(np.asarray(held.sum(axis=0)).ravel(), 1))
    return _center(_factorise(positive) * rarity[:, None], counts)


def learn_steady_space(counts: Matrix, hashes: Hashes, registers: Labels | None = None) -> Space:
    """Learn vectors of words as the mean of what bags of the texts give.

    Each bag's vectors are first turned onto those of all texts (orthogonal Procrustes). Where bags
    differ a mean is short: a word weighs less whose company hangs on a few texts, and topics move
    less when some are left out.

    Parameters
    ----------
    counts
        Texts × words.
    hashes
        Of the texts, by which they fall into bags.
    registers
        As for `learn_space`.

    Examples
    --------
    >>> block = sparse.csr_matrix(np.kron(np.eye(3), np.ones((20, 4))))
    >>> space = learn_steady_space(block, hash_texts([str(i) for i in range(60)], 618))
    >>> points = space.place(block)
    >>> float(points[0] @ points[1]) > 0.99 > 0.5 > float(points[0] @ points[30])
    True
    """
    whole = learn_space(counts, registers).vectors
    total, learnt = np.zeros_like(whole), 0
    for bag in range(_SPACES):
        drawn = draw_bag(hashes, _BAGS + bag, _SHARE_OF_SPACE)
        if not len(drawn):
            continue
        own = None if registers is None else registers[drawn]
        vectors = learn_space(counts[drawn], own).vectors
        if vectors.shape == whole.shape:  # a bag without company has no dimensions
            total += turn_onto(vectors, whole)
            learnt += 1
    return _center(total / learnt if learnt else whole, counts)


def _pick(registers: Labels) -> Matrix:
    """Give registers × texts, 1 where a text is of a register."""
    shape = (int(registers.max(initial=0)) + 1, len(registers))
    places = (registers, np.arange(len(registers)))
    return sparse.csr_matrix((np.ones(len(registers)), places), shape=shape)


def differ_within(points: Array, registers: Labels | None) -> Array:
    """Give how texts differ from the mean of their register; those without a place stay at 0."""
    known = np.asarray(points.any(axis=1))
    if registers is None:
        registers = np.zeros(len(points), dtype=np.int64)
    pick = _pick(registers)
    means = (pick @ points) / np.maximum(pick @ known.astype(np.float64), 1)[:, None]
    differing: Array = (points - means[registers]) * known[:, None]
    return differing


def _center(vectors: Array, counts: Matrix) -> Space:
    """Take the mean of the texts out of vectors of words."""
    points = Space(vectors, np.zeros(vectors.shape[1])).place(counts)
    known = points.any(axis=1)
    return Space(vectors, points[known].sum(axis=0) / max(1, int(known.sum())))


def weigh_space(
    space: Space,
    counts: Matrix,
    clauses: Matrix,
    owners: Labels,
    registers: Labels | None = None,
) -> Space:
    """Weigh words by what they tell of the other clauses of their texts.

    A word tells something where the rests of two texts that hold it, its own clause left out, are
    more alike than any two. That of half the words is one half; a word that stands beside anything
    (尊敬, 希望, 第一次) weighs next to nothing, whatever its rarity.

    Parameters
    ----------
    space
        Vectors of the words.
    counts
        Texts × words.
    clauses
        Clauses × words.
    owners
        The text of each clause.
    registers
        The register of each text: rests are then compared with those of their own register.

    Examples
    --------
    >>> topic = np.kron(np.eye(3), np.ones((20, 1)))
    >>> clauses = np.vstack([np.hstack([topic, topic, np.ones((60, 1))])] * 2)
    >>> clauses = sparse.csr_matrix(clauses * np.tile([[1], [0]], (60, 1))
    ...     + clauses * np.tile([[0], [1]], (60, 1)))
    >>> owners = np.tile(np.arange(60), 2)
    >>> space = learn_space(clauses[:60])
    >>> weighed = weigh_space(space, clauses[:60], clauses, owners)
    >>> bool(abs(weighed.vectors[6]).sum() <= abs(weighed.vectors[0]).sum())
    True
    """
    told, seen = _tell_rest(space.vectors, clauses, owners, counts.shape[0], registers)
    known = told[seen >= _FEWEST_RESTS]
    middle = float(np.median(known)) if len(known) else 0.0
    if middle <= 0:
        return space
    told = np.where(seen >= _FEWEST_RESTS, np.maximum(told, 0), middle)
    told = (told * seen + middle * _FEWEST_RESTS) / (seen + _FEWEST_RESTS)
    return _center(space.vectors * (told / (told + middle))[:, None], counts)


def tell_bound(held: Matrix, tokens: Matrix, own: Matrix) -> Array:
    """Say how far words are bound to one fixed company: 0 free, 1 never without one other token.

    No other token stands in most clauses of a word that accounts are made of. 打断 (把…也给打断了)
    and 神奇 (真是神奇) hardly stand without theirs: clauses that many write alike, with a changing
    word in them, give themselves away so.
    """
    size = np.asarray(held.sum(axis=0)).ravel()
    common = np.asarray(tokens.sum(axis=0)).ravel() / max(1, tokens.shape[0])
    beside = sparse.csr_matrix(held.T @ tokens)
    beside = sparse.coo_matrix(beside - beside.multiply(own > 0))
    share = beside.data / np.maximum(size, 1)[beside.row]
    often = common[beside.col]
    excess = np.where(often < 1, (share - often) / np.maximum(1 - often, 1e-9), 0)
    bound: Array = np.zeros(len(size))
    np.maximum.at(bound, beside.row, excess)
    bound *= size / (size + _FEWEST_RESTS)
    return bound


def tell_apart(points: Array, held: Matrix) -> Array:
    """Say how much more alike two texts that hold a term are than any two: their mean cosine."""
    size = np.asarray(held.sum(axis=0)).ravel()
    own = np.asarray(held.T @ (points**2).sum(axis=1)).ravel()
    together = ((held.T @ points) ** 2).sum(axis=1)
    alike: Array = (together - own) / np.maximum(size * (size - 1), 1)
    return alike


def _tell_rest(
    vectors: Array, clauses: Matrix, owners: Labels, n_texts: int, registers: Labels | None
) -> tuple[Array, Array]:
    """Give the mean cosine of the rests of two texts that hold a word, and how many have a rest."""
    held = (clauses > 0).astype(np.float64)
    here = held @ vectors
    whole = np.zeros((n_texts, vectors.shape[1]))
    np.add.at(whole, owners, here)
    rests = whole[owners] - here
    # What is left of a text of one clause is rounding.
    lengths = np.sqrt((rests**2).sum(axis=1))
    known = lengths > 1e-9
    rests[known] /= lengths[known, None]
    rests[~known] = 0
    rests = differ_within(rests, None if registers is None else registers[owners])
    # A text without a rest has a place at the mean and counts not.
    seen = np.asarray(held.T @ known.astype(np.float64)).ravel()
    size = np.asarray(held.sum(axis=0)).ravel()
    told = tell_apart(rests, held) * (size * (size - 1)) / np.maximum(seen * (seen - 1), 1)
    return told, seen


def _factorise(positive: Matrix) -> Array:
    n_words = positive.shape[0]
    dimensions = min(_DIMENSIONS, n_words - 1)
    if dimensions < 1 or not positive.nnz:
        return np.zeros((n_words, 1))
    left, sizes = leading_vectors(positive, dimensions)
    return np.asarray(unit_rows(left * np.sqrt(sizes)))


def chance_of_company(first: Matrix, second: Matrix, lengths: NDArray[np.int64]) -> float:
    """Give the probability that halves of texts go together as well, were words independent.

    Where texts have topics, the words of a first half tell which words stand in the second. The
    likenesses of the first halves are compared with those of the second ones (Hilbert-Schmidt
    independence criterion, Gretton 2008), and with what they are when second halves are swapped
    among texts of like length, which long texts alone cannot cause.
    """
    asked = np.flatnonzero((np.diff(first.indptr) > 0) & (np.diff(second.indptr) > 0))
    asked = asked[:_MOST_ASKED]
    if len(asked) < _FEWEST_ASKED:
        return 1.0
    asked = asked[np.argsort(lengths[asked], kind="stable")]
    rarity = strict_log(
        first.shape[0] / np.maximum(np.asarray(((first + second) > 0).sum(axis=0)).ravel(), 1)
    )
    likeness = []
    for half in (first[asked], second[asked]):
        words = unit_rows((half > 0) @ sparse.diags(rarity))
        likeness.append((words @ words.T).toarray().astype(np.float32))
        np.fill_diagonal(likeness[-1], 0)
    one, other = likeness
    one -= one.mean(axis=0) + one.mean(axis=1)[:, None] - one.mean()
    generator = np.random.default_rng(0)
    block = np.arange(len(asked)) // _ALIKE
    # Less a trifle, so that no last bit decides.
    given = _together(one, other) * (1 - 1e-6)
    reached = 1
    for _ in range(_SHUFFLES):
        swapped = np.lexsort((generator.random(len(asked)), block))
        reached += _together(one, other[np.ix_(swapped, swapped)]) >= given
    return reached / (_SHUFFLES + 1)


def _together(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Give the sum of products, in an order that no library chooses by the processor."""
    return float((one * other).sum(dtype=np.float64))


@dataclass(frozen=True)
class Consensus:
    """Topics on which the bags agree."""

    centres: list[Array]
    topics: list[Labels]
    middles: Array
    numbers: Labels

    @classmethod
    def nothing(cls) -> Consensus:
        """Agree on no topic."""
        return cls([], [], np.zeros((0, 1)), np.zeros(0, dtype=np.int64))

    @property
    def n_topics(self) -> int:
        """Number of topics."""
        return int(self.numbers.max(initial=MIXED)) + 1

    def vote(self, points: Array) -> Array:
        """Give the confidence that each text belongs to each topic: texts × topics.

        Softmax of the cosines with all groups, and with a group that is far from every text.
        """
        votes = np.zeros((len(points), self.n_topics + 1))
        if not len(self.middles):
            return votes[:, :-1]
        # Rounded, so that no last bit decides between two topics that are equally near.
        likeness = np.round(strict_product(points, self.middles.T), 9)
        largest = np.maximum(likeness.max(axis=1, keepdims=True), _FAR)
        weights = strict_exp((likeness - largest) / _SHARPNESS)
        weights /= weights.sum(axis=1, keepdims=True) + strict_exp((_FAR - largest) / _SHARPNESS)
        for group, topic in enumerate(self.numbers):
            votes[:, topic] += weights[:, group]
        votes[~points.any(axis=1)] = 0
        return votes[:, :-1]

    def judge(self, points: Array, labels: Labels) -> Array:
        """Say how alike each topic is in the bags: mean Jaccard index of its texts in each.

        Texts that are in no topic are left out.
        """
        found = np.zeros(self.n_topics)
        points, labels = points[labels >= 0], labels[labels >= 0]
        for centres, topics in zip(self.centres, self.topics, strict=True):
            own = topics[_nearest(points, centres)]
            for topic in range(self.n_topics):
                here, there = labels == topic, own == topic
                found[topic] += (here & there).sum() / max(1, (here | there).sum())
        return found / max(1, len(self.centres))

    def agree(self, points: Array, labels: Labels) -> Array:
        """Give the share of bags whose nearest centre puts each text where its label does."""
        agreed = np.zeros(len(points))
        for centres, topics in zip(self.centres, self.topics, strict=True):
            agreed += topics[_nearest(points, centres)] == labels
        return agreed / max(1, len(self.centres))

    def keep(self, chosen: Sequence[int]) -> Consensus:
        """Keep some topics, in the order given."""
        number = np.full(self.n_topics + 1, MIXED)
        number[list(chosen)] = np.arange(len(chosen))
        topics = [number[own] for own in self.topics]
        return Consensus(self.centres, topics, self.middles, number[self.numbers])


def _nearest(points: Array, centres: Array) -> Labels:
    """Give the nearest centre of each text, the first of equals: no last bit decides."""
    nearest: Labels = np.round(strict_product(points, centres.T), 9).argmax(axis=1)
    return nearest


def choose_topics(votes: Array) -> tuple[Labels, Array]:
    """Give each text its topic, −1 (mixed) below a confidence of .7, and its confidence."""
    if not votes.shape[1]:
        return np.full(len(votes), MIXED), np.zeros(len(votes))
    confidence = np.round(votes.max(axis=1), 6)
    labels = np.where(confidence >= LEAST_CONFIDENCE, votes.argmax(axis=1), MIXED)
    return labels.astype(np.int64), confidence


def find_consensus(points: Array, hashes: Hashes, n_topics: int | None = None) -> Consensus:
    """Find the topics on which bags of the texts agree."""
    known = np.flatnonzero(points.any(axis=1))
    points, hashes = points[known], hashes[known]
    if n_topics is None:
        n_topics = min(_CLUSTERS, len(points) // _TEXTS_PER_CLUSTER)
    return _agree(points, hashes, min(n_topics, len(points)))


def _agree(points: Array, hashes: Hashes, k: int) -> Consensus:
    """Cluster each bag, group the centres of all and keep the groups that most bags hold."""
    centres, owner = [], []
    for bag in range(_BAGS):
        drawn = draw_bag(hashes, bag)
        if not k or len(drawn) <= k:
            return Consensus.nothing()
        centres.append(np.asarray(unit_rows(k_means(points[drawn], k, seed=bag))))
        owner += [bag] * k
    together = np.vstack(centres)
    if len(together) < 2:
        return Consensus.nothing()
    gaps = np.maximum(1 - np.round(strict_product(together, together.T), 9), 0)
    above = np.triu_indices(len(together), 1)
    groups = fcluster(linkage(gaps[above], "average"), _NEAR, "distance")
    owners = np.array(owner)
    held = [
        g for g in np.unique(groups) if len(np.unique(owners[groups == g])) >= _MOST_BAGS * _BAGS
    ]
    number = {int(group): place for place, group in enumerate(held)}
    topics = np.array([number.get(int(group), MIXED) for group in groups], dtype=np.int64)
    middles = np.array([together[groups == group].sum(axis=0) for group in held])
    return Consensus(
        centres,
        [topics[owners == bag] for bag in range(_BAGS)],
        np.asarray(unit_rows(middles)) if held else np.zeros((0, points.shape[1])),
        np.arange(len(held)),
    )


def draw_bag(hashes: Hashes, bag: int, part: float = _SHARE_OF_BAG) -> NDArray[np.int64]:
    """Draw a part of the texts by their hashes, by default four fifths, at most 5,000."""
    mixed = hashes ^ np.uint64((0x9E3779B97F4A7C15 * (bag + 1)) % 2**64)
    for shift, factor in ((33, 0xFF51AFD7ED558CCD), (33, 0xC4CEB9FE1A85EC53)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed = mixed ^ (mixed >> np.uint64(33))
    share = min(part, _LARGEST_BAG / max(1, len(hashes)))
    return np.flatnonzero(mixed < np.uint64(int(share * (2**64 - 1))))
