"""Weighted sums of hashed n-grams, concepts and further evidence, many targets at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import compiled, lean, spliced
from analysis.engine.flat_columns import TextBuffers, code_point
from analysis.engine.lanes import peek, poke, prefetch

# Hashed character 1-3-grams of folded text, and their weighted sum: one pass, no vocabulary.
#
# `fold` maps a code point to the one that stands for it (0 drops it) and carries two flags in
# the bits above: `SEPARATOR` for marks that people slip between the characters of a word (垃.圾,
# 差 评), `EMOJI` for pictures, which count alone and never break a word.


SEPARATOR = 1 << 20
EMOJI = 1 << 21
_FOLDED = (1 << 20) - 1
#: What stands for every code point beyond the table of foldings.
_BEYOND = 0xFFFD

_MIX = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0x100000001B3)
_PAIR = np.uint64(0x632BE59BD9B4E019)
_TRIPLE = np.uint64(0xD6E8FEB86659FD93)


@spliced
def _is_han(code):
    return 0x4E00 <= code <= 0x9FFF


@spliced
def _add_grams(code, before, earlier, shift, grams, count):
    """Append the grams that end with `code`; `before` and `earlier` are 0 where there is none."""
    last = np.uint64(code)
    poke(grams, count, (last * _MIX) >> shift)
    count += 1
    if before:
        pair = np.uint64(before) * _STEP ^ last
        poke(grams, count, ((pair ^ _PAIR) * _MIX) >> shift)
        count += 1
        if earlier:
            triple = (np.uint64(earlier) * _STEP ^ np.uint64(before)) * _STEP ^ last
            poke(grams, count, ((triple ^ _TRIPLE) * _MIX) >> shift)
            count += 1
    return count


@lean
def _text_grams(data, start, stop, fold, shift, grams):
    """Write the hashed grams of one text into `grams` and return how many there are."""
    count, before, earlier, pending = 0, 0, 0, 0
    at = start
    while at < stop:
        raw, at = code_point(data, at)
        folded = peek(fold, raw) if raw < fold.size else _BEYOND
        code = folded & _FOLDED
        if code == 0:
            continue
        if folded & EMOJI:
            poke(grams, count, (np.uint64(code) * _MIX) >> shift)
            count += 1
            continue
        if folded & SEPARATOR:
            pending = code if pending == 0 else pending
            continue
        if pending:
            if before and not (_is_han(before) or _is_han(code)):
                count = _add_grams(pending, before, earlier, shift, grams, count)
                before, earlier = pending, before
            pending = 0
        # A run of one character says no more after its second: 哈哈哈哈, ！！！！.
        if code == before and code == earlier:
            continue
        count = _add_grams(code, before, earlier, shift, grams, count)
        before, earlier = code, before
    return count


@lean
def _longest_text(offsets):
    """Return the bytes of the longest text."""
    longest = 0
    for row in range(offsets.size - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest


@compiled
def _sum_weights(offsets, data, fold, shift, weights, out):
    grams = np.empty(3 * _longest_text(offsets) + 3, np.uint32)
    for row in range(offsets.size - 1):
        count = _text_grams(data, offsets[row], offsets[row + 1], fold, shift, grams)
        total = np.int64(0)
        for gram in range(count):
            total += peek(weights, peek(grams, gram))
        out[row] = total / np.sqrt(count) if count else 0.0


@compiled
def _list_grams(offsets, data, fold, shift, bounds, listed):
    grams = np.empty(3 * _longest_text(offsets) + 3, np.uint32)
    end = 0
    for row in range(offsets.size - 1):
        count = _text_grams(data, offsets[row], offsets[row + 1], fold, shift, grams)
        listed[end : end + count] = grams[:count]
        end += count
        bounds[row + 1] = end
    return end


def sum_weights(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    fold: npt.NDArray[np.int32],
    weights: npt.NDArray[np.int8],
) -> npt.NDArray[np.float64]:
    """Return, for each text, the sum of its grams' weights over the root of their number.

    The weights are whole numbers, so the sum is exact whatever the order; their number must
    be a power of two.

    Examples
    --------
    >>> texts = np.frombuffer("好不好".encode(), np.uint8)
    >>> same = np.arange(0x10000, dtype=np.int32)
    >>> sum_weights(np.array([0, 9]), texts, same, np.ones(1024, np.int8)).round(3).tolist()
    [2.449]
    """
    out = np.empty(offsets.size - 1, np.float64)
    _sum_weights(offsets, data, fold, _table_shift(weights.size), weights, out)
    return out


def list_grams(
    offsets: npt.NDArray[np.int64],
    data: npt.NDArray[np.uint8],
    fold: npt.NDArray[np.int32],
    buckets: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """Return the grams of all texts end to end, and where each text's begin and end.

    Examples
    --------
    >>> texts = np.frombuffer("好不".encode(), np.uint8)
    >>> same = np.arange(0x10000, dtype=np.int32)
    >>> bounds, grams = list_grams(np.array([0, 6]), texts, same, 1024)
    >>> bounds.tolist(), len(grams)
    ([0, 3], 3)
    """
    bounds = np.zeros(offsets.size, np.int64)
    listed = np.empty(3 * int(offsets[-1] - offsets[0]) + 3, np.uint32)
    end = _list_grams(offsets, data, fold, _table_shift(buckets), bounds, listed)
    return bounds, listed[:end].copy()


def _table_shift(buckets: int) -> np.uint64:
    """Return how many bits of a hash a table of so many places leaves unused."""
    return np.uint64(64 - (buckets.bit_length() - 1))


# Sums of several targets' weights in one pass over the hashed grams of each text.
#
# The weights of a gram lie side by side as bytes, raised by 128 so that none is negative. Eight
# targets are added at once, four in the even and four in the odd bytes of a word of 64 bits,
# and before 16 bits could overflow the sums are carried over.


MAX_TARGETS = 16
_RAISED = 128
# So many times 255 stays below 2 ** 16.
_AT_ONCE = 256
_EVEN = np.uint64(0x00FF00FF00FF00FF)
_LOWEST = np.uint64(0xFFFF)
_BYTE = np.uint64(8)


def side_by_side(weights: npt.NDArray[np.int8]) -> npt.NDArray[np.uint64]:
    """Return the weights, one row a target, as one row a gram for `sum_all_weights`.

    Examples
    --------
    >>> side_by_side(np.zeros((10, 1024), np.int8)).shape
    (1024, 2)
    """
    raised = np.full((weights.shape[1], MAX_TARGETS), _RAISED, np.uint8)
    # In bytes, turning the sign bit over is adding 128.
    raised[:, : weights.shape[0]] = weights.T.view(np.uint8) ^ np.uint8(_RAISED)
    return raised.view("<u8").astype(np.uint64, copy=False)


@spliced
def _carry(words, first, totals):
    """Add the four sums of a word to every second total."""
    for place in range(4):
        totals[first + 2 * place] += np.int64((words >> np.uint64(16 * place)) & _LOWEST)


@spliced
def _ask_for(cells, grams, count):
    for place in range(count):
        prefetch(cells, np.int64(peek(grams, place)) * 2)


@spliced
def _sum_text(cells, grams, count, totals):
    totals[:] = -_RAISED * count
    for begin in range(0, count, _AT_ONCE):
        a, b, c, d = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
        for place in range(begin, min(begin + _AT_ONCE, count)):
            at = np.int64(peek(grams, place)) * 2
            low, high = peek(cells, at), peek(cells, at + 1)
            a += low & _EVEN
            b += (low >> _BYTE) & _EVEN
            c += high & _EVEN
            d += (high >> _BYTE) & _EVEN
        _carry(a, 0, totals)
        _carry(b, 1, totals)
        _carry(c, 8, totals)
        _carry(d, 9, totals)


@compiled
def _sum_all(offsets, data, fold, shift, cells, out):
    n_texts, count = offsets.size - 1, 0
    # The table is larger than the nearest caches: the rows of a text are asked for while the
    # text before it is summed.
    grams = np.empty((2, 3 * _longest_text(offsets) + 3), np.uint32)
    totals = np.zeros(MAX_TARGETS, np.int64)
    for text in range(n_texts + 1):
        following = 0
        if text < n_texts:
            ahead = grams[text & 1]
            following = _text_grams(data, offsets[text], offsets[text + 1], fold, shift, ahead)
            _ask_for(cells, ahead, following)
        if text > 0:
            _sum_text(cells, grams[(text - 1) & 1], count, totals)
            root = np.sqrt(count) if count else 1.0
            for target in range(out.shape[1]):
                out[text - 1, target] = totals[target] / root
        count = following


def sum_all_weights(
    texts: TextBuffers,
    fold: npt.NDArray[np.int32],
    rows: npt.NDArray[np.uint64],
    n_targets: int,
) -> npt.NDArray[np.float64]:
    """Return for each text and target what `sum_weights` returns, to the last bit.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.engine.flat_columns import text_buffers
    >>> rows = side_by_side(np.array([[1] * 1024, [-128] * 1024], np.int8))
    >>> same = np.arange(0x10000, dtype=np.int32)
    >>> sum_all_weights(text_buffers(pl.Series(["好不好"])), same, rows, 2).round(2).tolist()
    [[2.45, -313.53]]
    """
    out = np.empty((len(texts), n_targets))
    _sum_all(texts.offsets, texts.data, fold, _table_shift(rows.shape[0]), rows.ravel(), out)
    return out


# Sums of the weights of the concepts found in each text, all targets in one pass.


@lean
def _sum_rows(starts, found, group, rows, out):
    for text in range(starts.size - 1):
        of = group[text]
        for target in range(out.shape[1]):
            out[text, target] = rows[of, 0, target]
        for item in range(starts[text], starts[text + 1]):
            row = found[item] + 1
            for target in range(out.shape[1]):
                out[text, target] += rows[of, row, target]


def sum_concept_weights(
    starts: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
    group: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int32],
) -> npt.NDArray[np.int32]:
    """Return ``texts x targets``: the weights of a text's group and of its concepts, added up.

    Parameters
    ----------
    rows
        ``groups x (1 + concepts) x targets`` of whole numbers, the group's own weight first. The
        sums are exact whatever the order.

    Examples
    --------
    >>> rows = np.array([[[1], [10], [100]]], np.int32)
    >>> starts, found = np.array([0, 2, 2]), np.array([0, 1], np.int32)
    >>> sum_concept_weights(starts, found, np.zeros(2, np.int32), rows).tolist()
    [[111], [1]]
    """
    out = np.empty((starts.size - 1, rows.shape[2]), np.int32)
    _sum_rows(starts, found, group, rows, out)
    return out


FloatArray = npt.NDArray[np.float64]


@lean
def _clip(probabilities, least, none, out):
    for row in range(probabilities.shape[0]):
        for column in range(probabilities.shape[1]):
            value = probabilities[row, column]
            if value <= least:
                out[row, column] = none
            else:
                value = min(value, 1.0 - least)
                out[row, column] = np.log(value / (1.0 - value))


def clipped_logits(probabilities: FloatArray, least: float) -> FloatArray:
    """Return logits of probabilities held within `least` and one minus it.

    Examples
    --------
    >>> clipped_logits(np.array([[0.0, 0.5, 1.0]]), 0.02).round(3).tolist()
    [[-3.892, 0.0, 3.892]]
    """
    out = np.empty(probabilities.shape)
    _clip(probabilities, least, float(np.log(least / (1.0 - least))), out)
    return out


@lean
def _share(learned, first_code, n_codes, rules, sentiment, out):
    n_targets = learned.shape[1]
    for row in range(learned.shape[0]):
        highest = learned[row, first_code]
        for target in range(n_targets):
            odds = learned[row, target]
            out[row, target] = odds
            out[row, n_targets + target] = 1.0 / (1.0 + np.exp(-odds))
            if first_code <= target < first_code + n_codes:
                highest = max(highest, odds)
        out[row, 2 * n_targets] = highest
        out[row, 2 * n_targets + 1] = rules[row]
        out[row, 2 * n_targets + 2] = sentiment[row]


def shared_columns(
    learned: FloatArray, codes: slice, rules: FloatArray, sentiment: FloatArray
) -> FloatArray:
    """Return what is known of a post beside the target in question, one row a post.

    Parameters
    ----------
    learned
        Log-odds, ``posts x targets``.
    codes
        Which targets are codes.
    rules, sentiment
        Two more opinions, one number a post.

    Returns
    -------
    np.ndarray
        The log-odds, the probabilities they stand for, the highest log-odds of a code, and the
        two opinions: ``posts x (2 targets + 3)``.

    Examples
    --------
    >>> columns = shared_columns(np.array([[0.0, 2, 1]]), slice(1, 3), np.ones(1), np.ones(1))
    >>> columns.round(2).tolist()
    [[0.0, 2.0, 1.0, 0.5, 0.88, 0.73, 2.0, 1.0, 1.0]]
    """
    out = np.empty((learned.shape[0], 2 * learned.shape[1] + 3))
    opinions = (np.ascontiguousarray(rules), np.ascontiguousarray(sentiment))
    n_codes = codes.stop - codes.start
    _share(np.ascontiguousarray(learned), codes.start, n_codes, *opinions, out)
    return out


@lean
def _weigh(own, rules, shared, weights, shifts, out):
    n_targets = own.shape[1]
    for row in range(own.shape[0]):
        for target in range(n_targets):
            total = own[row, target] * weights[0, target] + rules[row, target] * weights[1, target]
            out[row, target] = total + shifts[target]
        # Kind by kind: the targets of a kind lie side by side, and several are added at once.
        for kind in range(shared.shape[1]):
            value = shared[row, kind]
            for target in range(n_targets):
                out[row, target] += value * weights[2 + kind, target]


def weigh_inputs(
    own: FloatArray, rules: FloatArray, shared: FloatArray, weights: FloatArray, shifts: FloatArray
) -> FloatArray:
    """Return ``posts x targets``: the evidence of each target by its weights, and the shift.

    Parameters
    ----------
    own, rules
        Evidence of each target, ``posts x targets``.
    shared
        Evidence that all targets share, ``posts x kinds``.
    weights
        ``2 + kinds x targets``, in this order.
    shifts
        One a target.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> weights = np.array([[1.0], [10.0], [100.0]])
    >>> weigh_inputs(one, one, one, weights, np.ones(1)).tolist()
    [[112.0]]
    """
    out = np.empty(own.shape)
    parts = (np.ascontiguousarray(part) for part in (own, rules, shared, weights, shifts))
    _weigh(*parts, out)
    return out
