"""Concepts of many texts: terms found by the trie, phrases made of them, rules upon both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import lean, spliced
from analysis.engine.flat_columns import COMMA, CONCEPTS, NEGATOR, RULES, TRIGGERS
from analysis.engine.folding import fold_texts, folded_room
from analysis.engine.lanes import peek
from analysis.engine.term_trie import (
    CONCEPT,
    END,
    HIT,
    START,
    Trie,
    find_hits,
    hit_room,
    leaves,
    longest_end,
)

# What is known of each concept while a text is read: whether it was found, how often, and
# where.
#
# What the lexicon says of a concept stands in one row of the table CONCEPTS, so that one look
# at memory brings all of it.


# The row of a concept: what is to be done, which concept it cancels and which cancels it (-1 for
# none), what it is after a negation, and the number of its pairs. Then come, three numbers each,
# the pairs (what must stand before, within which gap, what both are together) and the follows
# (the part that must come after, within which gap, what both are together).
_TASKS, _CANCELS, _CANCELLED_BY, _NEGATED_TO, _N_PAIRS, _STEPS = range(6)
_STEP = 3
# The tasks: it is of interest by itself, it begins a phrase, there is more in its row.
NAMED, LEFT, MORE = 1, 2, 4
DROPPED = -1
# The record of a concept: how often it was found in this text, and its last places.
_COUNT, _RECENT = 0, 1
_N_RECENT = 4
_RECORD = _RECENT + 2 * _N_RECENT


@spliced
def _row_of(tables, concept):
    """Return where the row of a concept begins."""
    return peek(tables, peek(tables, CONCEPTS) + concept)


@spliced
def _note(tasks, seen, records, present, concept, start, end, text, n):
    """Record a hit of a concept; return the number of named concepts present so far."""
    if peek(seen, concept) != text:
        seen[concept] = text
        records[concept, _COUNT] = 0
        if tasks & NAMED:
            present[n] = concept
            n += 1
    if tasks & LEFT:
        count = records[concept, _COUNT]
        slot = _RECENT + 2 * (count & (_N_RECENT - 1))
        records[concept, slot] = start
        records[concept, slot + 1] = end
        records[concept, _COUNT] = count + 1
    return n


# Hits that do not count because a longer wording lies over them (不是假货, 苹果汁).


_MAX_EXCEPTIONS = 512


@spliced
def _list_exceptions(tables, hits, begin, end, exceptions):
    """Gather the hits of excepted wordings (不是假货, 苹果汁); return their number."""
    found = 0
    for hit in range(begin, end):
        row = _row_of(tables, peek(hits, HIT * hit + CONCEPT))
        if peek(tables, row + _CANCELS) >= 0 and found < _MAX_EXCEPTIONS:
            exceptions[found] = hit
            found += 1
    return found


@lean
def _is_cancelled(hits, hit, exceptions, n_exceptions, exception):
    """Tell whether an excepted wording lies over this hit."""
    for item in range(n_exceptions):
        other = HIT * exceptions[item]
        if (
            hits[other + CONCEPT] == exception
            and hits[other + START] <= hits[HIT * hit + START]
            and hits[other + END] >= hits[HIT * hit + END]
        ):
            return True
    return False


# What becomes of the terms found in a text: exceptions, negations, phrases of several terms.


IntArray = npt.NDArray[np.int32]

# A gap of this much or more may leave the sentence.
CROSS_SENTENCES = 1 << 16
_MAX_PHRASES = 64


@lean
def _stands_before(records, sentences, concept, first, start, gap):
    """Where the nearest earlier hit of `concept` within the gap starts, or -1."""
    allowed = gap & (CROSS_SENTENCES - 1)
    count = records[concept, _COUNT]
    for back in range(1, min(count, _N_RECENT) + 1):
        slot = _RECENT + 2 * ((count - back) & (_N_RECENT - 1))
        end = records[concept, slot + 1]
        if end <= start and start - end <= allowed:
            same = sentences[max(end - 1, first)] == sentences[start]
            if same or gap >= CROSS_SENTENCES:
                return records[concept, slot]
    return -1


@lean
def _is_negated(tables, seen, records, symbols, sentences, first, start, text):
    """Tell whether a negation stands at most two characters before, in the same clause."""
    negator = peek(tables, NEGATOR)
    if seen[negator] != text:
        return False
    gap = 0
    while gap < 2 and start - gap > first and symbols[start - gap - 1] != peek(tables, COMMA):
        gap += 1
    return gap > 0 and _stands_before(records, sentences, negator, first, start, gap) >= 0


@spliced
def _next_end(edges, kinds, symbols, sentences, ends, stack, first, stop, root, gap, end):
    """Where the nearest wording of the following part within its gap ends, or -1."""
    last = min(stop - 1, end + (gap & (CROSS_SENTENCES - 1)))
    sentence = sentences[max(end - 1, first)]
    for start in range(end, last + 1):
        if peek(sentences, start) != sentence and gap < CROSS_SENTENCES:
            return -1
        # Nearly always nothing begins here.
        edge = peek(edges, root + peek(symbols, start))
        if peek(ends, start) <= 0 and not leaves(edge, root):
            continue
        found = longest_end(edges, kinds, symbols, ends, stack, root, first, start)
        if found >= 0:
            return found
    return -1


@spliced
def _put(queue, tail, concept, start, end):
    if tail < _MAX_PHRASES:
        queue[tail, 0] = concept
        queue[tail, 1] = start
        queue[tail, 2] = end
        return tail + 1
    return tail


@spliced
def _build_phrases(
    tables, edges, kinds, symbols, sentences, ends, stack, queue, seen, records, present,
    first, stop, text, tail, n,
):  # fmt: skip
    """Note the hits in the queue, up to `tail`, and every phrase that they begin or complete."""
    done = 0
    while done < tail:
        concept, start, end = queue[done, 0], queue[done, 1], queue[done, 2]
        done += 1
        row = _row_of(tables, concept)
        negated = peek(tables, row + _NEGATED_TO)
        if negated != concept and _is_negated(
            tables, seen, records, symbols, sentences, first, start, text
        ):
            if negated == DROPPED:
                continue
            concept = negated
            row = _row_of(tables, concept)
        tasks = peek(tables, row + _TASKS)
        if tasks & (NAMED | LEFT):
            n = _note(tasks, seen, records, present, concept, start, end, text, n)
        if not tasks & MORE:
            continue
        follows = row + _STEPS + _STEP * peek(tables, row + _N_PAIRS)
        for pair in range(row + _STEPS, follows, _STEP):
            left, begin = peek(tables, pair), start
            if left >= 0:
                if seen[left] != text:
                    continue
                begin = _stands_before(
                    records, sentences, left, first, start, peek(tables, pair + 1)
                )
            if begin >= 0:
                tail = _put(queue, tail, peek(tables, pair + 2), begin, end)
        for follow in range(follows, _row_of(tables, concept + 1), _STEP):
            finish = _next_end(
                edges, kinds, symbols, sentences, ends, stack, first, stop,
                peek(tables, follow), peek(tables, follow + 1), end,
            )  # fmt: skip
            if finish >= 0:
                tail = _put(queue, tail, peek(tables, follow + 2), start, finish)
    return n


@spliced
def _combine_hits(
    tables, edges, kinds, symbols, sentences, ends, stack, queue, seen, records, present,
    hits, begin, end, exceptions, first, stop, text, n,
):  # fmt: skip
    """Note the hits of one text with their phrases; return how many concepts are present."""
    n_exceptions = _list_exceptions(tables, hits, begin, end, exceptions)
    for hit in range(begin, end):
        concept = peek(hits, HIT * hit + CONCEPT)
        start, finish = peek(hits, HIT * hit + START), peek(hits, HIT * hit + END)
        row = _row_of(tables, concept)
        tasks = peek(tables, row + _TASKS)
        if not tasks & MORE:
            if tasks:
                n = _note(tasks, seen, records, present, concept, start, finish, text, n)
            continue
        exception = peek(tables, row + _CANCELLED_BY)
        if exception >= 0 and _is_cancelled(hits, hit, exceptions, n_exceptions, exception):
            continue
        tail = _put(queue, 0, concept, start, finish)
        n = _build_phrases(
            tables, edges, kinds, symbols, sentences, ends, stack, queue, seen, records, present,
            first, stop, text, tail, n,
        )  # fmt: skip
    return n


def _phrase_room(n_concepts: int) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Return the queue, exceptions, last texts, records and present concepts of `_combine_hits`."""
    return (
        np.empty((_MAX_PHRASES, 3), np.int32),
        np.empty(_MAX_EXCEPTIONS, np.int32),
        np.full(n_concepts, -1, np.int32),
        np.empty((n_concepts, _RECORD), np.int32),
        np.empty(n_concepts, np.int32),
    )


LongArray = npt.NDArray[np.int64]

# The row of a rule: its concept, the number of its needs, then its needs (a group and a concept
# each) and its bans.
_RESULT, _N_NEEDS, _NEEDS = range(3)
# Texts taken together, so that all that is known of them stays in the nearest caches.
_BLOCK = 256


class MatcherTables(NamedTuple):
    """A compiled lexicon.

    A concept is a number below ``n_concepts``; from ``n_named`` on they are parts of phrases and
    of no interest by themselves. ``flat`` holds the lists of each concept, end to end.
    """

    fold: IntArray
    kinds: IntArray
    trie: Trie
    flat: IntArray
    n_named: int
    n_concepts: int


@spliced
def _holds(tables, seen, rule, text):
    """Tell whether each group of a rule has a concept present, and none of its bans."""
    row = peek(tables, peek(tables, RULES) + rule)
    bans = row + _NEEDS + 2 * peek(tables, row + _N_NEEDS)
    group, met = -1, True
    for need in range(row + _NEEDS, bans, 2):
        if peek(tables, need) != group:
            if not met:
                return False
            group, met = peek(tables, need), False
        met = met or peek(seen, peek(tables, need + 1)) == text
    if met:
        for ban in range(bans, peek(tables, peek(tables, RULES) + rule + 1)):
            met = met and peek(seen, peek(tables, ban)) != text
    return met


@spliced
def _apply_rules(tables, seen, records, present, text, n):
    """Add the concept of every rule that holds; rules may build on rules."""
    done = 0
    while done < n:
        triggers = peek(tables, TRIGGERS) + present[done]
        done += 1
        for item in range(peek(tables, triggers), peek(tables, triggers + 1)):
            rule = peek(tables, item)
            result = peek(tables, peek(tables, peek(tables, RULES) + rule) + _RESULT)
            if peek(seen, result) != text and _holds(tables, seen, rule, text):
                n = _note(NAMED, seen, records, present, result, 0, 0, text, n)
    return n


@spliced
def _note_at_start(tables, seen, records, present, concept, first, text, n):
    tasks = peek(tables, _row_of(tables, concept) + _TASKS)
    return _note(tasks, seen, records, present, concept, first, first, text, n)


@lean
def _find(
    fold, kinds, edges, lists, tables, data, offsets, given, reported,
    symbols, sentences, ends, places, bounds, emojis,
    stack, likely, hits, hit_bounds, queue, exceptions, seen, records, present,
    begin, starts, found,
):  # fmt: skip
    """Find the concepts of the texts from `begin` on while there is room; return the next text."""
    n_texts, total = offsets.size - 1, starts[begin]
    for block in range(begin, n_texts, _BLOCK):
        size = min(_BLOCK, n_texts - block)
        if total + size * present.size > found.size:
            return block
        fold_texts(
            data,
            offsets,
            block,
            size,
            fold,
            kinds,
            symbols,
            sentences,
            ends,
            places,
            bounds,
            emojis,
        )
        find_hits(edges, lists, kinds, size, symbols, ends, bounds, stack, likely, hits, hit_bounds)
        for row in range(size):
            text, first, n = block + row, bounds[row, 0], 0
            for column in range(given.shape[1]):
                concept = given[text, column]
                if concept >= 0:
                    n = _note_at_start(tables, seen, records, present, concept, first, text, n)
            for emoji in range(bounds[row, 1], bounds[row + 1, 1]):
                concept = emojis[emoji]
                n = _note_at_start(tables, seen, records, present, concept, first, text, n)
            n = _combine_hits(
                tables, edges, kinds, symbols, sentences, ends, stack, queue, seen, records,
                present, hits, hit_bounds[row], hit_bounds[row + 1], exceptions,
                first, bounds[row + 1, 0] - 1, text, n,
            )  # fmt: skip
            n = _apply_rules(tables, seen, records, present, text, n)
            for item in range(n):
                if reported[present[item]]:
                    found[total] = present[item]
                    total += 1
            starts[text + 1] = total
    return n_texts


def find_concepts(
    tables: MatcherTables,
    data: npt.NDArray[np.uint8],
    offsets: LongArray,
    given: IntArray,
    reported: npt.NDArray[np.bool_],
) -> tuple[LongArray, IntArray]:
    """Find the concepts of every text.

    Parameters
    ----------
    data, offsets
        UTF-8 bytes of all texts, and where each begins (one more than texts).
    given
        Concepts known beforehand, one row a text, -1 for none.
    reported
        Which concepts to return.

    Returns
    -------
    tuple
        Start of each text's list (one more than texts), and the concept numbers.
    """
    n_texts = offsets.size - 1
    starts = np.zeros(n_texts + 1, np.int64)
    found = np.empty(12 * n_texts + _BLOCK * tables.n_concepts, np.int32)
    workspace = (
        *folded_room(offsets, _BLOCK),
        *hit_room(_BLOCK),
        *_phrase_room(tables.n_concepts),
    )
    done = 0
    while done < n_texts:
        done = _find(
            tables.fold, tables.kinds, *tables.trie, tables.flat, data, offsets, given, reported,
            *workspace, done, starts, found,
        )  # fmt: skip
        if done < n_texts:
            found = np.concatenate([found, np.empty_like(found)])
    return starts, found[: starts[-1]]
