"""SnowNLP's tagger as arrays, computed with SnowNLP's own float operations.

Only Chinese characters of SnowNLP's range (一 to 龥) are kept: it segments nothing else. Every
probability is summed in SnowNLP's order and logged by `math.log`, as SnowNLP does for each text
anew, so that the kernel only adds.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.marshal_counts import BEGINNING
from analysis.kernels.segment_lookup import SegmentTables
from analysis.sentiment.segment_counts import Counts, read_segmentation
from analysis.sentiment.segment_index import Grams, index_grams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class _Counted(NamedTuple):
    """Tagged n-grams in the order of their keys: the parts by number, and what was counted."""

    key: Ints
    parts: Ints
    counted: Floats


def build_segment_tables(content: bytes, where: str = "") -> SegmentTables:
    """Return the tables of the tagger from the content of `seg.marshal.3`, unzipped."""
    model = read_segmentation(content, where)
    units, counted = model["uni"]["d"]
    count = np.zeros(BEGINNING + 1)
    count[units[:, 0]] = counted
    pairs, triples = _sort(model["bi"]["d"]), _sort(model["tri"]["d"])
    single = model["l1"] * (count / model["uni"]["total"])
    pair = single[pairs.parts[:, 1]] + _ratio(model["l2"] * pairs.counted, count[pairs.parts[:, 0]])
    inner = _find(pairs.key, triples.parts[:, 1] * len(count) + triples.parts[:, 2])
    outer = _find(pairs.key, triples.parts[:, 0] * len(count) + triples.parts[:, 1])
    triple = np.where(inner < 0, single[triples.parts[:, 2]], pair[inner]) + _ratio(
        model["l3"] * triples.counted, np.where(outer < 0, 0.0, pairs.counted[outer])
    )
    return _lay_out(count, single, (pairs.parts, pair), (triples.parts, triple))


def _sort(grams: Counts) -> _Counted:
    key = grams.parts @ ((BEGINNING + 1) ** np.arange(grams.parts.shape[1] - 1, -1, -1))
    rank = np.argsort(key)
    return _Counted(key[rank], grams.parts[rank], grams.counts[rank])


def _find(keys: Ints, wanted: Ints) -> Ints:
    """Return where each wanted key stands among the sorted keys, -1 where it does not."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return SnowNLP's `div`: nothing where it would divide by nothing."""
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


def _logs(sums: Floats) -> Floats:
    """Return the logarithms by `math.log`: that of numpy may differ in the last bit."""
    logs = [math.log(value) if value else -math.inf for value in sums.ravel().tolist()]
    return np.array(logs).reshape(sums.shape)


def _lay_out(
    count: Floats,
    single: Floats,
    pairs: tuple[Ints, Floats],
    triples: tuple[Ints, Floats],
) -> SegmentTables:
    """Return the tables: known characters numbered, sums arranged for look-up."""
    is_known = (count[:BEGINNING].reshape(-1, 4) != 0).any(axis=1)
    outside = int(is_known.sum())
    number = np.where(is_known, np.cumsum(is_known) - 1, -1)
    number = np.append(number, outside).astype(np.int32)
    singles = single[:BEGINNING].reshape(-1, 4)[is_known]
    firsts = singles.copy()
    grams = [
        Grams(number[parts >> 2].astype(np.int64), parts & 3, sums)
        for parts, sums in (pairs, triples)
    ]
    for gram in grams:
        last, opens = gram.characters[:, -1], (gram.characters[:, :-1] == outside).all(axis=1)
        opens &= _is_known(last, outside)
        firsts[last[opens], gram.tags[opens, -1]] = gram.values[opens]
    within = [_within_run(gram, outside) for gram in grams]
    return index_grams(number, _logs(singles), _logs(firsts), *within)


def _is_known(characters: Ints, outside: int) -> npt.NDArray[np.bool_]:
    return (characters >= 0) & (characters < outside)


def _within_run(gram: Grams, outside: int) -> Grams:
    """Return the n-grams that are looked up within a run, with logarithms for sums.

    Of a trigram the first character may be the beginning of the run.
    """
    kept = _is_known(gram.characters[:, -2:], outside).all(axis=1) & (gram.characters[:, 0] >= 0)
    return Grams(gram.characters[kept], gram.tags[kept], _logs(gram.values[kept]))
