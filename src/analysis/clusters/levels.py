"""Topics at a level, learnt from some texts: coarse or fine ones, or single matters.

Coarse and fine topics are those of a consensus over bags, of vectors of words or of any others.
Single matters, such as one estate whose power fails, are too small for it: they are groups by
average linkage of TF-IDF, in which rare words and pairs of characters, so also the names of places
that no vocabulary holds, weigh most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage

from analysis.clusters.consensus import (
    MIXED,
    Consensus,
    Space,
    chance_of_company,
    choose_topics,
    differ_within,
    draw_bag,
    find_consensus,
    hash_texts,
    learn_space,
    learn_steady_space,
    tell_apart,
    unit_rows,
    weigh_space,
)
from analysis.clusters.terms import (
    LABEL_TERMS,
    Boilerplate,
    Matrix,
    find_fields,
    name_cluster,
    name_topics,
    weigh_within,
)
from analysis.clusters.words import (
    Reading,
    Vocabulary,
    find_words,
    learn_words,
    list_terms,
    read_texts,
)
from analysis.engine.strict_math import strict_log
from analysis.errors import CaodianError

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

Level: TypeAlias = Literal["coarse", "fine", "issues"]
Vectors: TypeAlias = Literal["words", "sentences"] | Callable[[list[str]], Any]
_Array = NDArray[np.float64]
_Labels = NDArray[np.int64]

LEVELS = ("coarse", "fine", "issues")
VECTORS = ("words", "sentences")
# Clusters of each bag at the fine level, and the fewest texts for each of them.
_FINE, _TEXTS_PER_CLUSTER = 60, 10
# So many texts teach the topics; all posts are then assigned to them.
_MOST_LEARNT = 12_000
_BATCH = 50_000
# A cluster of fewer distinct texts rests on terms that hardly more texts hold than any term must.
_FEWEST_MEMBERS = 10
# A channel of fewer texts has no form of its own that could be known.
_FEWEST_OF_REGISTER = 50
# Chance of any cluster in a corpus of independent words.
_CHANCE = 0.01
# Left out on either side of the middle of a text: pieces of one word of four reach over no more.
_GAP = 1
# Below this mean Jaccard index a cluster is dissolved rather than found again (Hennig 2007).
_STEADY = 0.5
# A term whose texts are less alike than this part of what the middle term's are names no topic.
_LEAST_TOLD = 0.3
# But for one that so many of a topic's texts hold.
_PART_OF_TOPIC = 0.25


@dataclass(frozen=True)
class Topics:
    """Topics learnt from some texts, and the topic of any text."""

    place: Callable[[Sequence[str]], _Array]
    consensus: Consensus
    names: list[list[str]]
    stability: _Array

    def vote(self, texts: Sequence[str]) -> _Array:
        """Give the confidence that each text belongs to each topic, a batch at a time."""
        votes = [np.zeros((0, self.consensus.n_topics))]
        for first in range(0, len(texts), _BATCH):
            votes.append(self.consensus.vote(self.place(texts[first : first + _BATCH])))
        return np.concatenate(votes)

    def choose(self, texts: Sequence[str]) -> tuple[_Labels, _Array]:
        """Give the topic of each text, −1 where none is much nearer, and its confidence."""
        return choose_topics(self.vote(texts))

    def order(self, chosen: Sequence[int]) -> Topics:
        """Give all topics new numbers, in the order given."""
        return replace(
            self,
            consensus=self.consensus.keep(chosen),
            names=[self.names[topic] for topic in chosen],
            stability=self.stability[list(chosen)],
        )

    def agree(self, texts: Sequence[str], labels: _Labels) -> _Array:
        """Give the share of bags that put each text where its label does, a batch at a time."""
        agreed = [np.zeros(0)]
        for first in range(0, len(texts), _BATCH):
            part = slice(first, first + _BATCH)
            agreed.append(self.consensus.agree(self.place(texts[part]), labels[part]))
        return np.concatenate(agreed)


def no_topics() -> Topics:
    """Give what knows no topic."""
    vocabulary, counts = learn_words([])
    return Topics(_WordPlace(vocabulary, learn_space(counts)), Consensus.nothing(), [], np.zeros(0))


def check_choices(level: Level, vectors: Vectors, n_topics: int | None) -> None:
    """Refuse a level, vectors or a number of topics that mean nothing."""
    if level not in LEVELS:
        raise CaodianError("level must be coarse, fine or issues", value=level)
    if not callable(vectors) and not (isinstance(vectors, str) and vectors in VECTORS):
        raise CaodianError("vectors must be words, sentences or a function of texts", value=vectors)
    if n_topics is not None and (isinstance(n_topics, bool) or not isinstance(n_topics, Integral)):
        raise CaodianError("n_topics must be a whole number", value=n_topics)
    if n_topics is not None and n_topics < 1:
        raise CaodianError("n_topics must be at least 1", value=n_topics)
    if level == "issues" and (vectors != "words" or n_topics is not None):
        raise CaodianError(
            "single issues are found by words, in a number of their own",
            value=f"vectors={vectors!r}, n_topics={n_topics}",
            remedy="Leave both out, or take the level coarse or fine.",
        )


def check_seed(random_state: int | None) -> int:
    """Give the salt of the hash: a whole number from 0 on, or 618 for None."""
    if random_state is None:
        return 618
    is_whole = isinstance(random_state, Integral) and not isinstance(random_state, bool)
    if not is_whole or random_state < 0:
        raise CaodianError(
            "random_state must be a whole number from 0 on, or None", value=random_state
        )
    return int(random_state)


def learn_topics(  # noqa: PLR0917 - what the estimator is given
    texts: Sequence[str],
    seed: int,
    n_topics: int | None = None,
    level: Level = "coarse",
    vectors: Vectors = "words",
    channels: Sequence[str] | None = None,
) -> Topics:
    """Learn topics from distinct texts: stable, of enough texts, their words in company."""
    check_choices(level, vectors, n_topics)
    hashes = hash_texts(texts, seed)
    most = _MOST_MATTERS if level == "issues" else _MOST_LEARNT
    order = _first_by_hash(texts, hashes, most)
    texts, hashes = [texts[i] for i in order], hashes[order]
    registers = number_registers([channels[i] for i in order]) if channels is not None else None
    reading = read_texts(texts)
    if not _hold_topics(texts, reading.vocabulary):
        return no_topics()
    if level == "issues":
        return _learn_matters(texts, hashes, reading)
    if level == "fine" and n_topics is None:
        n_topics = min(_FINE, len(texts) // _TEXTS_PER_CLUSTER)
    place: Callable[[Sequence[str]], _Array]
    if vectors == "words":
        counts = reading.counts
        space = weigh_space(
            learn_steady_space(counts, hashes, registers),
            counts, reading.clauses, reading.owners, registers,
        )  # fmt: skip
        points, place = space.place(counts), _WordPlace(reading.vocabulary, space)
    else:
        place = _learn_place(vectors, texts)
        points = place(texts)
    return _learn_consensus(points, hashes, n_topics, reading, place, registers)


def _first_by_hash(texts: Sequence[str], hashes: NDArray[np.uint64], most: int) -> _Labels:
    """Order texts by their hashes, like ones by themselves, and give the places of the first."""
    near = np.arange(len(texts))
    if len(texts) > most:  # to sort a million texts takes longer than to learn from a few
        near = np.flatnonzero(hashes <= np.partition(hashes, most - 1)[most - 1])
    listed = np.array([texts[place] for place in near.tolist()], dtype=object)
    first: _Labels = near[np.lexsort((listed, hashes[near]))[:most]]
    return first


def number_registers(channels: Sequence[str]) -> _Labels:
    """Give each channel a number in their order, one to those of few texts together.

    Examples
    --------
    >>> number_registers(["weibo"] * 50 + ["hotline", "news"] + ["review"] * 50)[[0, 50, 51, 52]]
    array([1, 2, 2, 0])
    """
    _, number, sizes = np.unique(
        np.array(channels, dtype=object), return_inverse=True, return_counts=True
    )
    is_large = sizes >= _FEWEST_OF_REGISTER
    large: _Labels = np.where(is_large, np.cumsum(is_large) - is_large, is_large.sum())[number]
    return np.unique(large, return_inverse=True)[1].astype(np.int64)


def _learn_consensus(  # noqa: PLR0917 - what was learnt of the same texts
    points: _Array,
    hashes: NDArray[np.uint64],
    n_topics: int | None,
    reading: Reading,
    place: Callable[[Sequence[str]], _Array],
    registers: _Labels | None = None,
) -> Topics:
    consensus = find_consensus(points, hashes, n_topics)
    labels, _ = choose_topics(consensus.vote(points))
    sizes = np.bincount(labels[labels >= 0], minlength=consensus.n_topics)
    steady = consensus.judge(points, labels) >= _STEADY
    kept = np.flatnonzero(steady & (sizes >= _FEWEST_MEMBERS)).tolist()
    kept = sorted(kept, key=lambda topic: (-sizes[topic], topic))
    consensus = consensus.keep(kept)
    labels, _ = choose_topics(consensus.vote(points))
    names = _name(reading, points, labels, len(kept), registers)
    # What no word of its own names is no topic to anybody.
    named = [topic for topic, words in enumerate(names) if words]
    if len(named) < len(names):
        consensus = consensus.keep(named)
        labels, _ = choose_topics(consensus.vote(points))
        names = [names[topic] for topic in named]
    return Topics(place, consensus, names, consensus.judge(points, labels))


def _name(
    reading: Reading, points: _Array, labels: _Labels, n_topics: int, registers: _Labels | None
) -> list[list[str]]:
    """Name topics by terms whose texts are alike: what stands beside anything says nothing."""
    told = tell_apart(differ_within(points, registers), reading.held)
    often = np.asarray(reading.held.sum(axis=0)).ravel() >= _FEWEST_MEMBERS
    bar = _LEAST_TOLD * float(np.median(told[often])) if often.any() else 0.0
    telling = np.flatnonzero(_carry(reading, labels, n_topics, registers, told >= bar))
    terms = [reading.terms[i] for i in telling]
    names = name_topics(reading.held[:, telling], labels, terms, n_topics, registers=registers)
    if all(len(name) >= LABEL_TERMS for name in names):
        return names
    # Texts of one wording have no term that branches, or hardly any.
    plain = name_topics(reading.counts, labels, reading.vocabulary.words, n_topics)
    return _complete(names, plain)


def _carry(
    reading: Reading,
    labels: _Labels,
    n_topics: int,
    registers: _Labels | None,
    is_told: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Add terms that a topic is made of: in a quarter of its texts, and its own above all others.

    Praise of no particular thing is such a topic (喜欢, 好看); it would be called by whose wife
    liked the shoes.
    """
    inside, scores = weigh_within(reading.held, labels, n_topics, registers)
    sizes = np.bincount(labels[labels >= 0], minlength=n_topics)[:, None]
    best = np.where(is_told, scores, 0.0).max(axis=1, initial=0.0)[:, None]
    is_carried: NDArray[np.bool_] = (
        (best > 0) & (scores > best) & (inside >= _PART_OF_TOPIC * sizes)
    )
    return is_told | np.asarray(is_carried.any(axis=0))


def _complete(names: list[list[str]], plain: list[list[str]]) -> list[list[str]]:
    """Take plain words for a topic without a name, and add some to a name of few terms.

    What is added shares no two characters in a row with any term of any name.
    """
    used = {pair for name in names for term in name for pair in _pairs(term)}
    completed = []
    for name, words in zip(names, plain, strict=True):
        told = list(name)
        for word in words:
            if not name or (len(told) < LABEL_TERMS and not used & _pairs(word)):
                told.append(word)
                used |= _pairs(word)
        completed.append(told)
    return completed


def _pairs(term: str) -> set[str]:
    return {term[at : at + 2] for at in range(max(len(term) - 1, 1))}


def _hold_topics(texts: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Tell whether words of the first halves of texts go with those of the second halves.

    A gap between the halves is left out, so that the pieces of one word are no evidence.
    """
    middles = [len(text) // 2 for text in texts]
    first, second = (
        vocabulary.count([text[part] for text, part in zip(texts, parts, strict=True)])
        for parts in (
            [slice(0, max(0, middle - _GAP)) for middle in middles],
            [slice(middle + _GAP, None) for middle in middles],
        )
    )
    lengths = np.array([len(text) for text in texts])
    return chance_of_company(first, second, lengths) <= _CHANCE


# Where texts stand: by their words, or by vectors from elsewhere.


@dataclass(frozen=True)
class _WordPlace:
    """Places texts by their words."""

    vocabulary: Vocabulary
    space: Space

    def __call__(self, texts: Sequence[str]) -> _Array:
        return self.space.place(self.vocabulary.count(texts))


@dataclass(frozen=True)
class _VectorPlace:
    """Places texts by how their vectors differ from the mean of those that taught."""

    vectors: Callable[[list[str]], Any]
    mean: _Array

    def __call__(self, texts: Sequence[str]) -> _Array:
        return _differ(_check_vectors(self.vectors, texts), self.mean)


def _learn_place(vectors: Vectors, texts: Sequence[str]) -> _VectorPlace:
    function = _sentence_vectors if isinstance(vectors, str) else vectors
    points = _check_vectors(function, texts)
    known = points.any(axis=1)
    return _VectorPlace(function, points[known].sum(axis=0) / max(1, int(known.sum())))


def _differ(points: _Array, mean: _Array) -> _Array:
    known = points.any(axis=1, keepdims=True)
    return np.asarray(unit_rows(points - mean * known))


def _sentence_vectors(texts: list[str]) -> _Array:
    from analysis.coding.sentence_vectors import shared_vectors

    return shared_vectors().of(pl.Series(texts, dtype=pl.String))


def _check_vectors(function: Callable[[list[str]], Any], texts: Sequence[str]) -> _Array:
    """Take a function's vectors, scaled to length 1."""
    given = np.asarray(function(list(texts)))
    is_table = given.ndim == 2 and len(given) == len(texts)
    if not is_table or not np.issubdtype(given.dtype, np.number) or not np.isfinite(given).all():
        raise CaodianError(
            "vectors must give an array of texts × finite numbers",
            value=f"shape {given.shape} of {given.dtype}",
            where=f"{len(texts)} texts",
        )
    return np.asarray(unit_rows(given.astype(np.float64)))


# Single matters.

_MOST_MATTERS = 4_000
_COMMON = 0.3
_OF_WORDS = 0.7
# Rare signs, such as names of places, weigh by so much more than their inverse frequency; where
# texts are crowded two must be nearer, by the mean of their three nearest.
_RARER, _NEIGHBOURS = 0.5, 3
# Texts of one matter are on average so much of how alike the middle text and its nearest are: long
# letters share less than short posts. A group's middle is nearer to its texts by a square root.
_OF_NEAREST = 0.7
_NEAR_MIDDLE = 0.85
_BAGS = 5
_SHARED = 0.5


@dataclass(frozen=True)
class _MatterPlace:
    """TF-IDF of words and of pairs of characters that two texts hold, not a third of them."""

    vocabulary: Vocabulary
    pairs: CountVectorizer
    rarity: tuple[_Array, _Array]  # of words and of pairs

    def __call__(self, texts: Sequence[str]) -> Matrix:
        words, pairs = (
            unit_rows(_damp(counts) @ sparse.diags(rarity))
            for counts, rarity in zip(
                (self.vocabulary.count(texts), self.pairs.transform(texts)),
                self.rarity,
                strict=True,
            )
        )
        both = sparse.hstack([words * np.sqrt(_OF_WORDS), pairs * np.sqrt(1 - _OF_WORDS)])
        return both.tocsr()


@dataclass(frozen=True)
class _Matters(Topics):
    """Single matters: groups of texts, the middle of each, and the least cosine with it."""

    middles: Matrix
    least: _Array

    def vote(self, texts: Sequence[str]) -> _Array:
        """Give the cosines of texts with the middles of all matters."""
        votes = [np.zeros((0, self.middles.shape[0]))]
        for first in range(0, len(texts), _MOST_MATTERS):
            points = self.place(texts[first : first + _MOST_MATTERS])
            votes.append(np.round((points @ self.middles.T).toarray(), 9))
        return np.concatenate(votes)

    def choose(self, texts: Sequence[str]) -> tuple[_Labels, _Array]:
        """Give the nearest matter of each text, −1 where none is near, and the cosine."""
        labels, nearest = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for first in range(0, len(texts), _MOST_MATTERS):
            votes = self.vote(texts[first : first + _MOST_MATTERS])
            if not votes.shape[1]:
                votes, least = np.zeros((len(votes), 1)), np.ones(1)
            else:
                least = self.least
            own = np.round(votes / least, 9).argmax(axis=1)
            best = votes[np.arange(len(votes)), own]
            labels.append(np.where(best >= least[own], own, MIXED))
            nearest.append(best)
        return np.concatenate(labels), np.concatenate(nearest)

    def order(self, chosen: Sequence[int]) -> Topics:
        """Give all matters new numbers, in the order given."""
        return replace(
            self,
            names=[self.names[matter] for matter in chosen],
            stability=self.stability[list(chosen)],
            middles=self.middles[list(chosen)],
            least=self.least[list(chosen)],
        )

    def agree(self, texts: Sequence[str], labels: _Labels) -> _Array:
        """Give the stability of the matter of each text."""
        steady = np.append(self.stability, 0.0)
        return np.asarray(steady[labels])


def _learn_matters(texts: list[str], hashes: NDArray[np.uint64], reading: Reading) -> Topics:
    """Group texts by average linkage; groups of one text are none."""
    place = _learn_matter_place(texts)
    if place is None:
        return no_topics()
    points = place(texts)
    gaps, crowded = _gaps(points)
    alike = _OF_NEAREST * (1 - float(np.median(gaps.min(axis=1))))
    groups = _link(gaps, np.arange(len(texts)), alike)
    sizes = np.bincount(groups)
    kept = sorted(np.flatnonzero(sizes > 1).tolist(), key=lambda group: (-sizes[group], group))
    number = np.full(len(sizes), MIXED)
    number[kept] = np.arange(len(kept))
    labels = number[groups]
    inside = np.flatnonzero(labels >= 0)
    member = sparse.csr_matrix(
        (np.ones(len(inside)), (labels[inside], inside)), shape=(len(kept), len(texts))
    )
    stability = np.zeros(len(kept))
    for bag in range(_BAGS):
        drawn = draw_bag(hashes, bag)
        stability += _recur(labels[drawn], _link(gaps, drawn, alike), len(kept))
    names = _name_matters(member, reading, place, texts)
    middles = unit_rows(member @ points)
    usual = (member @ crowded) / np.maximum(np.asarray(member.sum(axis=1)).ravel(), 1)
    least = _NEAR_MIDDLE * np.sqrt(alike * usual)
    return _Matters(place, Consensus.nothing(), names, stability / _BAGS, middles, least)


def _gaps(points: Matrix) -> tuple[_Array, _Array]:
    """Say how far texts are from each other, and how crowded it is around each; squares are big."""
    likeness = np.round((points @ points.T).toarray(), 9)
    crowded = _crowd(likeness)
    gaps = np.outer(crowded, crowded)
    np.sqrt(gaps, out=gaps)
    np.divide(likeness, gaps, out=gaps)
    np.round(gaps, 9, out=gaps)
    np.subtract(1, gaps, out=gaps)
    np.maximum(gaps, 0, out=gaps)
    np.fill_diagonal(gaps, np.inf)
    return gaps, crowded


def _crowd(likeness: _Array) -> _Array:
    """Say how near the nearest of each text are, 1 where no nearer than those of the middle one."""
    np.fill_diagonal(likeness, 0)  # in place: nobody asks how like a text is to itself
    most = min(_NEIGHBOURS, len(likeness) - 1)
    nearest = np.partition(likeness, -most, axis=1)[:, -most:].mean(axis=1)
    usual = float(np.median(nearest))
    return np.maximum(nearest / usual, 1) if usual > 0 else np.ones(len(likeness))


def _learn_matter_place(texts: list[str]) -> _MatterPlace | None:
    """Learn what texts are compared by; none where all that several hold is held by too many."""
    # Over a second, and no report asks for single matters.
    from sklearn.feature_extraction.text import CountVectorizer

    boilerplate = Boilerplate(find_fields(texts))
    plain = boilerplate.blank(texts)
    listed = list_terms(plain, 2)
    words = [parts[0] for parts in listed.parts if len(parts) == 1]
    learnt = Vocabulary(words, frozenset(find_words(plain, 2)), boilerplate)
    held = np.asarray((learnt.count(texts) > 0).sum(axis=0)).ravel()
    kept = np.flatnonzero(held <= _COMMON * len(texts)).tolist()
    if not kept:
        return None
    vocabulary = replace(learnt, words=[words[place] for place in kept])
    pairs = CountVectorizer(analyzer="char", ngram_range=(2, 2), min_df=2, max_df=_COMMON)
    try:
        counts = pairs.fit_transform(texts)
    except ValueError:  # as it says that no pair is left
        return None
    rarity = _weigh_rarity(vocabulary.count(texts)), _weigh_rarity(counts)
    return _MatterPlace(vocabulary, pairs, rarity)


def _damp(counts: Matrix) -> Matrix:
    """Let each further mention of a term count less."""
    damped = counts.astype(np.float64)
    damped.data = 1 + strict_log(damped.data)
    return damped


def _weigh_rarity(counts: Matrix) -> _Array:
    """Give the weight of each term: its inverse frequency, and more where it is rare."""
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = 1 + strict_log((1 + counts.shape[0]) / (1 + texts))
    weights: _Array = rarity * rarity**_RARER
    return weights


def _link(gaps: _Array, drawn: _Labels, alike: float) -> _Labels:
    """Group some of the texts by average linkage."""
    part = gaps[np.ix_(drawn, drawn)]
    tree = linkage(part[np.triu_indices(len(drawn), 1)], "average")
    return np.asarray(fcluster(tree, 1 - alike, "distance"), dtype=np.int64)


def _recur(labels: _Labels, groups: _Labels, n_matters: int) -> _Array:
    """Give the Jaccard index of each matter with the group most like it."""
    held = np.flatnonzero(labels >= 0)
    shape = (n_matters, int(groups.max()) + 1)
    both = sparse.coo_matrix((np.ones(len(held)), (labels[held], groups[held])), shape=shape)
    both.sum_duplicates()
    mine, theirs = np.bincount(labels[held], minlength=n_matters), np.bincount(groups)
    index = both.data / (mine[both.row] + theirs[both.col] - both.data)
    found = np.zeros(n_matters)
    np.maximum.at(found, both.row, index)
    return found


def _name_matters(
    member: Matrix, reading: Reading, place: _MatterPlace, texts: list[str]
) -> list[list[str]]:
    """Name matters by rare terms that half of their texts hold, or by the best there is."""
    names = _name_by(member, reading.held, reading.terms, _SHARED)
    words = (place.vocabulary.count(texts) > 0).astype(np.float64)
    pairs = (place.pairs.transform(texts) > 0).astype(np.float64)
    signs = place.pairs.get_feature_names_out().tolist()
    for held, terms in ((words, place.vocabulary.words), (pairs, signs)):
        if not all(names):
            others = _name_by(member, held, terms, 0.0)
            names = [name or other for name, other in zip(names, others, strict=True)]
    return names


def _name_by(member: Matrix, held: Matrix, terms: Sequence[str], least: float) -> list[list[str]]:
    """Name groups by the rare terms that two of their texts hold, and so large a share of them."""
    inside = (member @ held).tocsr()
    rarity = strict_log(held.shape[0] / np.maximum(np.asarray(held.sum(axis=0)).ravel(), 1))
    names = []
    for matter, size in enumerate(np.asarray(member.sum(axis=1)).ravel()):
        row = inside[matter]
        shared = np.sort(row.indices[row.data >= max(2.0, least * size)])
        weights = row[:, shared].toarray().ravel() / size * rarity[shared]
        names.append(name_cluster(weights, [terms[i] for i in shared]))
    return names
