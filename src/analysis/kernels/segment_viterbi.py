"""SnowNLP's word segmenter, compiled: four tags, trigrams of tagged characters, best path.

A state is the tag of this character and the one before it. SnowNLP walks its states in one
fixed order and keeps the first of equal paths; so does this, to the last bit: the same sums
of the same logarithms, no fast mathematics. Paths of four states are extended at once.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.lanes import (
    add,
    larger,
    load,
    peek,
    repeat,
    smaller,
    spread,
    store,
    which_above,
)
from analysis.kernels.segment_lookup import TAG_BITS, triple_home

BEGIN, MIDDLE, END, SINGLE = 0, 1, 2, 3
# Two paths nearer than this may become equal once a logarithm is added: sums stay below 2 ** 36.
_NEAR = 1e-4
# Added to a float in all lanes, it leaves the float in one lane only.
_ONE_LANE = np.where(np.eye(4), 0.0, -np.inf).ravel()
_LAST_OF_ALL = np.uint64(0xFFFFFFFF)


@spliced
def _advance(paths, here, there, row_logs, row, with_care):
    """Extend all paths by the logarithms of a row; return which of four each state chose.

    `paths` holds tag before * 4 + tag. A row does not depend on the tag before, and rounding
    keeps order: the best of four paths stays best. Only where another path is near, rounding may
    make it equal, and an earlier one is to be chosen.
    """
    p0, p1 = load(paths, here), load(paths, here + 4)
    p2, p3 = load(paths, here + 8), load(paths, here + 12)
    left, right = larger(p0, p1), larger(p2, p3)
    best = larger(left, right)
    store(add(repeat(best, 0), load(row_logs, row)), paths, there)
    store(add(repeat(best, 1), load(row_logs, row + 4)), paths, there + 4)
    store(add(repeat(best, 2), load(row_logs, row + 8)), paths, there + 8)
    store(add(repeat(best, 3), load(row_logs, row + 12)), paths, there + 12)
    second = larger(smaller(left, right), larger(smaller(p0, p1), smaller(p2, p3)))
    if with_care or which_above(add(second, spread(_NEAR)), best):
        return _choose_again(paths, here, there, row_logs, row)
    high = which_above(right, left)
    low = (high & which_above(p3, p2)) | (~high & which_above(p1, p0))
    return np.uint64((high << 16 | low) * 0x1111)


@lean
def _choose_again(paths, here, there, row_logs, row):
    choices = np.uint64(0)
    for state in range(16):
        tag, chosen = state >> 2, 3
        for earlier in range(2, -1, -1):
            path = paths[here + earlier * 4 + tag] + row_logs[row + state]
            chosen = earlier if path == paths[there + state] else chosen
        choices |= _choice(chosen, tag, state & 3)
    return choices


@spliced
def _choice(chosen, tag, new):
    """Return a choice at the place of its state: one bit among the first 16, one after them."""
    return np.uint64((chosen >> 1 << 16 | (chosen & 1)) << (new * 4 + tag))


@spliced
def _amend(paths, here, there, words, logs, key, hits, choices):
    """Improve the paths for which this trigram was seen; it is never less likely for that."""
    line = triple_home(words, key)
    while True:
        count = 0
        for at in range(line, line + 8, 2):
            hits[count] = at
            count += peek(words, at) >> TAG_BITS == key
        for hit in range(count):
            at = peek(hits, hit)
            tags = np.int64(peek(words, at)) & 63
            earlier, tag, new = tags >> 4, tags >> 2 & 3, tags & 3
            path, rival = (
                peek(paths, here + (tags >> 2)) + peek(logs, at + 1),
                peek(paths, there + (tags & 15)),
            )
            # All four lanes are written, as they are read next: the processor waits otherwise.
            place = there + tag * 4
            amended = add(spread(path), load(_ONE_LANE, new * 4))
            store(larger(load(paths, place), amended), paths, place)
            mine, mask = _choice(earlier, tag, new), _choice(3, tag, new)
            is_kept = (path < rival) | ((path == rival) & ((choices & mask) <= mine))
            choices = choices if is_kept else (choices & ~mask) | mine
        if peek(words, line + 6) == 0:
            return choices
        line = (line + 8) % (words.size - 8)


@lean
def _advance_unknown(paths, here, there, last):
    """Carry the paths over a character that the model never saw: SnowNLP keeps the last."""
    for tag in range(4):
        for new in range(4):
            paths[there + tag * 4 + new] = paths[here + last * 4 + tag]


@spliced
def _extend(tables, start, stop, numbers, rows, triples, room, with_care):
    """Extend all paths over a run; return where the last ones stand."""
    row_logs, words, logs = tables.row_logs, tables.triple_words, tables.triple_logs
    paths, choices, hits = room
    # At the beginning there is one path, of length 0.
    for state in range(16):
        paths[state] = -np.inf if state else 0.0
    here = 0
    for at in range(start, stop):
        there = 16 - here
        if peek(numbers, at) < 0:
            _advance_unknown(paths, here, there, 3 if at > start + 1 else 0)
            choices[at] = _LAST_OF_ALL
        else:
            chosen = _advance(paths, here, there, row_logs, peek(rows, at) * 16, with_care)
            choices[at] = _amend(paths, here, there, words, logs, peek(triples, at), hits, chosen)
        here = there
    return here


@spliced
def _best_state(paths, here, there):
    """Return the last tag of the best path and the one before: the first of equals."""
    p0, p1 = load(paths, here), load(paths, here + 4)
    p2, p3 = load(paths, here + 8), load(paths, here + 12)
    left, right = larger(p0, p1), larger(p2, p3)
    store(larger(left, right), paths, there)
    tag = 0
    for new in range(1, 4):
        tag = new if paths[there + new] > paths[there + tag] else tag
    high = which_above(right, left)
    low = (high & which_above(p3, p2)) | (~high & which_above(p1, p0))
    return tag, (high >> tag & 1) << 1 | (low >> tag & 1)


@lean
def tag_run(tables, start, stop, numbers, rows, triples, room, tags):
    """Write the best tag of each character of a run of Chinese characters into `tags`.

    `room` is room to work in: 32 paths, a choice for each character, 5 entries of a line.
    """
    paths, choices, _ = room
    with_care, tag, before = False, 0, 0
    while True:
        here = _extend(tables, start, stop, numbers, rows, triples, room, with_care)
        tag, before = _best_state(paths, here, 16 - here)
        # Where no path is possible, SnowNLP keeps the first of the impossible ones.
        if with_care or peek(paths, here + before * 4 + tag) > -np.inf:
            break
        with_care = True
    for at in range(stop - 1, start, -1):
        tags[at] = tag
        bits = np.int64(peek(choices, at)) >> (tag * 4 + before)
        tag, before = before, (bits >> 15 & 2) | (bits & 1)
    tags[start] = tag
