"""SnowNLP's tagger as arrays, computed with SnowNLP's own float operations.

Only Chinese characters of SnowNLP's range (一 to 龥) are kept: it segments nothing else. Every
probability is summed in SnowNLP's order and logged by `math.log`, as SnowNLP does for each text
anew, so that the kernel only adds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.segment_lookup import FIRST_HAN, LAST_HAN, SegmentTables
from analysis.kernels.segment_viterbi import BEGIN, END, MIDDLE, SINGLE
from analysis.sentiment.segment_index import Grams, index_grams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TAG_NUMBER = np.zeros(128, np.int64)
_TAG_NUMBER[[ord(tag) for tag in "bmes"]] = BEGIN, MIDDLE, END, SINGLE
#: A tagged character is `code point << 3 | tag`; the beginning of a run is 0.
_BEGINNING = 0


class _Counted(NamedTuple):
    """Tagged n-grams in the order of their keys: the parts by number, and what was counted."""

    key: Ints
    parts: Ints
    counted: Floats


def build_segment_tables(model: dict[str, Any]) -> SegmentTables:
    """Return the tables of the tagger from the content of `seg.marshal.3`."""
    units, count = _single_units(model["uni"]["d"])
    pairs, triples = _grams(model["bi"]["d"], units, 2), _grams(model["tri"]["d"], units, 3)
    single = model["l1"] * (count / model["uni"]["total"])
    pair = single[pairs.parts[:, 1]] + _ratio(model["l2"] * pairs.counted, count[pairs.parts[:, 0]])
    inner = _find(pairs.key, triples.parts[:, 1] * len(units) + triples.parts[:, 2])
    outer = _find(pairs.key, triples.parts[:, 0] * len(units) + triples.parts[:, 1])
    triple = np.where(inner < 0, single[triples.parts[:, 2]], pair[inner]) + _ratio(
        model["l3"] * triples.counted, np.where(outer < 0, 0.0, pairs.counted[outer])
    )
    return _lay_out(units, count, single, (pairs.parts, pair), (triples.parts, triple))


def _units(counts: dict[Any, float], order: int) -> tuple[Ints, Floats]:
    """Return the tagged characters of each n-gram, and its count."""
    text = _joined(counts)
    if len(text) != 2 * order * len(counts):
        # Longer units can be trained, but the tagger, which goes by characters, never meets them.
        counts = {gram: n for gram, n in counts.items() if len(_joined([gram])) == 2 * order}
        text = _joined(counts)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    points = points.reshape(-1, order, 2)
    units = points[..., 0] << 3 | _TAG_NUMBER[points[..., 1] & 127]
    return units, np.fromiter(counts.values(), np.float64, len(counts))


def _joined(grams: Iterable[Any]) -> str:
    """Return `character tag character tag …`; the beginning of a run becomes two zeros."""
    return "".join(chain.from_iterable(chain.from_iterable(grams))).replace("BOS", "\0\0")


def _single_units(counts: dict[Any, float]) -> tuple[Ints, Floats]:
    """Return the distinct tagged characters, sorted, and their counts."""
    units, count = _units({(unit,): number for unit, number in counts.items()}, 1)
    units, count = np.append(units[:, 0], _BEGINNING), np.append(count, 0.0)
    distinct, first = np.unique(units, return_index=True)
    return distinct, count[first]


def _grams(counts: dict[Any, float], units: Ints, order: int) -> _Counted:
    tagged, count = _units(counts, order)
    parts = np.searchsorted(units, tagged)
    known = (units[np.minimum(parts, len(units) - 1)] == tagged).all(axis=1)
    key = parts @ (len(units) ** np.arange(order - 1, -1, -1))
    rank = np.argsort(key)
    rank = rank[known[rank]]
    return _Counted(key[rank], parts[rank], count[rank])


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
    units: Ints,
    count: Floats,
    single: Floats,
    pairs: tuple[Ints, Floats],
    triples: tuple[Ints, Floats],
) -> SegmentTables:
    """Return the tables: known characters numbered, sums arranged for look-up."""
    number = _number_characters(units, count)
    outside, tag = int(number[-1]), units & 7
    character = np.where(units == _BEGINNING, outside, -1)
    is_han = (units >> 3 >= FIRST_HAN) & (units >> 3 <= LAST_HAN)
    character[is_han] = number[(units[is_han] >> 3) - FIRST_HAN]
    singles = np.zeros((outside, 4))
    known = _is_known(character, outside)
    singles[character[known], tag[known]] = single[known]
    firsts = singles.copy()
    grams = [Grams(character[parts], tag[parts], sums) for parts, sums in (pairs, triples)]
    for gram in grams:
        last, opens = gram.characters[:, -1], (gram.characters[:, :-1] == outside).all(axis=1)
        opens &= _is_known(last, outside)
        firsts[last[opens], gram.tags[opens, -1]] = gram.values[opens]
    within = [_within_run(gram, outside) for gram in grams]
    return index_grams(number, _logs(singles), _logs(firsts), *within)


def _number_characters(units: Ints, count: Floats) -> npt.NDArray[np.int32]:
    """Return the number of each Chinese character, -1 if unknown; at the end, of all others."""
    points = np.unique(units[count != 0] >> 3)
    points = points[(points >= FIRST_HAN) & (points <= LAST_HAN)]
    table = np.full(LAST_HAN - FIRST_HAN + 2, -1, np.int32)
    table[points - FIRST_HAN] = np.arange(len(points))
    table[-1] = len(points)
    return table


def _is_known(characters: Ints, outside: int) -> npt.NDArray[np.bool_]:
    return (characters >= 0) & (characters < outside)


def _within_run(gram: Grams, outside: int) -> Grams:
    """Return the n-grams that are looked up within a run, with logarithms for sums.

    Of a trigram the first character may be the beginning of the run.
    """
    kept = _is_known(gram.characters[:, -2:], outside).all(axis=1) & (gram.characters[:, 0] >= 0)
    return Grams(gram.characters[kept], gram.tags[kept], _logs(gram.values[kept]))
