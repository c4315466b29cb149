"""SnowNLP's n-grams laid out for look-up: a row for each pair, an entry for each trigram."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.errors import CaodianError
from analysis.kernels.segment_lookup import (
    CHARACTER_BITS,
    TAG_BITS,
    SegmentTables,
    fill_pairs,
    fill_triples,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Keys = npt.NDArray[np.uint64]


class Grams(NamedTuple):
    """Tagged n-grams of numbered characters."""

    characters: Ints  #: [n-gram, place]
    tags: Ints  #: [n-gram, place]
    values: Floats


def index_grams(
    number: npt.NDArray[np.int32], singles: Floats, firsts: Floats, pairs: Grams, triples: Grams
) -> SegmentTables:
    """Return the tables of the tagger.

    Parameters
    ----------
    number
        As in `SegmentTables`.
    singles, firsts
        Logarithm for each character and tag: anywhere, and at the beginning of a run.
    pairs, triples
        N-grams within a run and their logarithms.

    Raises
    ------
    CaodianError
        If a trigram is less likely for having been seen, which the kernel relies on.
    """
    outside = len(singles)
    opening = _key(np.full(outside, outside), np.arange(outside))
    followed, later = _key(*pairs.characters.T), _key(*triples.characters[:, 1:].T)
    earlier = _key(*triples.characters[:, :2].T)
    keys = np.unique(np.concatenate([opening, followed, later, earlier]))
    first_row = outside + 1
    seconds = _second(keys)
    rows = np.concatenate([singles, np.zeros((1, 4)), singles[seconds]])
    rows = np.repeat(rows[:, None, :], 4, axis=1)
    rows[first_row + np.searchsorted(keys, followed), pairs.tags[:, 0], pairs.tags[:, 1]] = (
        pairs.values
    )
    rows[first_row + np.searchsorted(keys, opening)] = firsts[:, None, :]
    before = rows[first_row + np.searchsorted(keys, later), triples.tags[:, 1], triples.tags[:, 2]]
    if (triples.values < before).any():
        raise CaodianError("a trigram of a SnowNLP model must not be less likely for being seen")
    slots = np.zeros(4 << len(keys).bit_length(), np.uint64)
    fill_pairs(keys, first_row, slots)
    words = _triple_words(first_row + np.searchsorted(keys, earlier), triples)
    return SegmentTables(
        number=number,
        row_logs=rows.ravel(),
        pair_slots=slots,
        triple_words=words,
        triple_logs=words.view(np.float64),
    )


def _triple_words(rows: Ints, triples: Grams) -> _Keys:
    """Return the table of the trigrams; those of one key stand in the order of their tags."""
    keys = _key(rows, triples.characters[:, 2])
    tags = triples.tags @ np.array([16, 4, 1])
    words = np.zeros((4 << max(len(keys).bit_length(), 1)) + 8, np.uint64)
    rank = np.argsort(keys << TAG_BITS | tags.astype(np.uint64))
    fill_triples(keys[rank], tags[rank], triples.values[rank], words, words.view(np.float64))
    return words


def _key(first: Ints, second: Ints) -> _Keys:
    """Return `pair_key` or `triple_key` of each two numbers."""
    return (first << CHARACTER_BITS | second).astype(np.uint64) + np.uint64(1)


def _second(keys: _Keys) -> Ints:
    return ((keys - np.uint64(1)) & np.uint64((1 << CHARACTER_BITS) - 1)).astype(np.int64)
