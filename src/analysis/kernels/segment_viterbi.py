"""SnowNLP's word segmenter, compiled: four tags, trigrams of tagged characters, best path.

A state is the tag of this character and the one before it. SnowNLP walks its states in one
fixed order and keeps the first of equal paths; so does this, to the last bit: the same sums
of the same logarithms in the same order, no fast mathematics.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled

FIRST_HAN, LAST_HAN = 0x4E00, 0x9FA5
BEGIN, MIDDLE, END, SINGLE = 0, 1, 2, 3
#: Room for the number of any Chinese character.
CHARACTER_BITS = 15
# Two paths nearer than this share of their length may become equal once a probability is added.
_NEAR = 1e-9
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_TAG_BITS = np.uint64(6)
_TAKEN = np.uint64(1 << 57)


class SegmentTables(NamedTuple):
    """The tagger's logarithms, for Chinese characters numbered in the order of their code points.

    Pairs and triples stand in open-addressed tables, one entry for each combination of tags
    that was seen: a word (taken, characters, tags) and its logarithm side by side, so that an
    entry costs one trip to memory. `pair_logs` and `triple_logs` are the same memory as
    `pair_words` and `triple_words`, read as floats.
    """

    number: npt.NDArray[np.int32]  #: of each code point from FIRST_HAN on; -1 is unknown
    single_log: npt.NDArray[np.float64]  #: [character, tag]
    first_log: npt.NDArray[np.float64]  #: [character, tag] at the beginning of a run
    pair_words: npt.NDArray[np.uint64]  #: tags: first * 4 + second
    pair_logs: npt.NDArray[np.float64]
    triple_words: npt.NDArray[np.uint64]  #: tags: (second * 4 + third) * 4 + first
    triple_logs: npt.NDArray[np.float64]


@compiled
def _home(words, key):
    """Return where the search for a key begins."""
    return np.int64(((key * _SPREAD) >> np.uint64(40)) << np.uint64(1)) & (words.size - 1)


@compiled
def fill_entries(keys, tags, entry_logs, words, logs):
    """Put entries into an empty table; those of one key are found again in their order."""
    for entry in range(keys.size):
        key = np.uint64(keys[entry])
        at = _home(words, key)
        while words[at]:
            at = (at + 2) & (words.size - 1)
        words[at] = (_TAKEN | key) << _TAG_BITS | np.uint64(tags[entry])
        logs[at + 1] = entry_logs[entry]


@compiled
def _next_entry(words, at, key):
    """Return the place of the next entry of the key from `at` on, or -1."""
    while words[at]:
        if words[at] >> _TAG_BITS == _TAKEN | key:
            return at
        at = (at + 2) & (words.size - 1)
    return -1


@compiled
def _pair_key(first, second):
    return np.uint64(first << CHARACTER_BITS | second)


@compiled
def _triple_key(first, second, third):
    return np.uint64((first << CHARACTER_BITS | second) << CHARACTER_BITS | third)


@compiled
def _best_of_four(paths, at, log0, log1, log2, log3):
    """Return the best of four paths extended, and which: the first of equals."""
    best, chosen = paths[at] + log0, np.uint32(0)
    path = paths[at + 1] + log1
    chosen = np.uint32(1) if path > best else chosen
    best = max(best, path)
    path = paths[at + 2] + log2
    chosen = np.uint32(2) if path > best else chosen
    best = max(best, path)
    path = paths[at + 3] + log3
    chosen = np.uint32(3) if path > best else chosen
    return max(best, path), chosen


@compiled
def _advance_known(paths, here, there, logs):
    """Extend all paths where the probability does not depend on the tag before the last.

    The best of the four paths into a tag is then best for each next tag, unless the sums round
    two of them to the same number, near as they are or impossible all; SnowNLP keeps the first.
    """
    choices = np.uint32(0)
    for tag in range(4):
        at = here + tag * 4
        best, chosen = _best_of_four(paths, at, 0.0, 0.0, 0.0, 0.0)
        close = best - _NEAR * (1.0 + abs(best))
        near = 0
        for earlier in range(4):
            near += close < paths[at + earlier] < best
        for new in range(4):
            value, choice, log = best + logs[tag * 4 + new], chosen, logs[tag * 4 + new]
            if near or log == -np.inf:
                value, choice = _best_of_four(paths, at, log, log, log, log)
            paths[there + new * 4 + tag] = value
            choices |= choice << np.uint32(2 * (new * 4 + tag))
    return choices


@compiled
def _amend_seen(words, entry_logs, key, paths, here, there, logs, choices):
    """Do the tag pairs again for which this trigram of characters was seen."""
    at = _next_entry(words, _home(words, key), key)
    while at >= 0:
        pair = np.int64(words[at] >> np.uint64(2)) & 15
        log0 = log1 = log2 = log3 = logs[pair]
        while at >= 0 and np.int64(words[at] >> np.uint64(2)) & 15 == pair:
            earlier, log = words[at] & np.uint64(3), entry_logs[at + 1]
            log0 = log if earlier == 0 else log0
            log1 = log if earlier == 1 else log1
            log2 = log if earlier == 2 else log2
            log3 = log if earlier == 3 else log3
            at = _next_entry(words, (at + 2) & (words.size - 1), key)
        tag, new = pair >> 2, pair & 3
        value, choice = _best_of_four(paths, here + tag * 4, log0, log1, log2, log3)
        paths[there + new * 4 + tag] = value
        place = np.uint32(2 * (new * 4 + tag))
        choices = (choices & ~(np.uint32(3) << place)) | (choice << place)
    return choices


@compiled
def _advance_unknown(paths, here, there):
    """Carry the paths over a character that the model never saw: SnowNLP keeps the last."""
    for tag in range(4):
        for new in range(4):
            paths[there + new * 4 + tag] = paths[here + tag * 4 + 3]
    return np.uint32(0xFFFFFFFF)


@compiled
def _step_logs(single_log, number, words, entry_logs, key, logs):
    """Write the logarithm of each pair of tags, as if the tag before the last did not matter."""
    for tag in range(4):
        for new in range(4):
            logs[tag * 4 + new] = single_log[number, new]
    at = _next_entry(words, _home(words, key), key)
    while at >= 0:
        logs[np.int64(words[at]) & 15] = entry_logs[at + 1]
        at = _next_entry(words, (at + 2) & (words.size - 1), key)


@compiled
def _warm(numbers, length, pair_words, triple_words):
    """Touch the entries of a whole run: trips to memory then overlap instead of adding up."""
    touched = np.uint64(0)
    for at in range(1, length):
        earlier, last, number = numbers[at - 1], numbers[at], numbers[at + 1]
        if last >= 0 and number >= 0:
            touched ^= pair_words[_home(pair_words, _pair_key(last, number))]
            if earlier >= 0:
                triple = _triple_key(earlier, last, number)
                touched ^= triple_words[_home(triple_words, triple)]
    return touched


@compiled
def tag_run(tables, codes, start, stop, tags, choices, numbers, paths, logs):
    """Write the best tag of each character of a run of Chinese characters into `tags`.

    `choices` and `numbers` (one more than characters), `paths` (32) and `logs` (16) are room
    to work in.
    """
    single_log, length = tables.single_log, stop - start
    pair_words, pair_logs = tables.pair_words, tables.pair_logs
    triple_words, triple_logs = tables.triple_words, tables.triple_logs
    numbers[0] = single_log.shape[0]
    for at in range(length):
        numbers[at + 1] = tables.number[codes[start + at] - FIRST_HAN]
    choices[0] = np.uint32(_warm(numbers, length, pair_words, triple_words))
    for state in range(16):
        # One path a tag, written four times, as if there were a tag before the run.
        known = numbers[1] >= 0
        paths[state] = tables.first_log[numbers[1], state >> 2] if known else 0.0
    here = 0
    for at in range(1, length):
        there = 16 - here
        earlier, last, number = numbers[at - 1], numbers[at], numbers[at + 1]
        if number < 0:
            choices[at] = _advance_unknown(paths, here, there)
        else:
            # No entry has an unknown character: its negative number makes a key of its own.
            _step_logs(single_log, number, pair_words, pair_logs, _pair_key(last, number), logs)
            choices[at] = _advance_known(paths, here, there, logs)
            key = _triple_key(earlier, last, number)
            choices[at] = _amend_seen(
                triple_words, triple_logs, key, paths, here, there, logs, choices[at]
            )
        here = there
    _trace_back(paths, here, length, choices, tags)


@compiled
def _trace_back(paths, here, length, choices, tags):
    # With one character there is a state a tag; they stand at every fourth place.
    stride = 4 if length == 1 else 1
    best = 0
    for state in range(stride, 16, stride):
        if paths[here + state] > paths[here + best]:
            best = state
    tag, before = best >> 2, best & 3
    for at in range(length - 1, 0, -1):
        tags[at] = tag
        earlier = (choices[at] >> np.uint32(2 * (tag * 4 + before))) & np.uint32(3)
        tag, before = before, int(earlier)
    tags[0] = tag
