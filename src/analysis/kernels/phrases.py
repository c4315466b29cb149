"""What becomes of the terms found in a text: exceptions, negations, phrases of several terms."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.concept_notes import (
    CANCELLED_BY,
    COUNT,
    DROPPED,
    LEFT,
    MORE,
    N_PAIRS,
    N_RECENT,
    NAMED,
    NEGATED_TO,
    RECENT,
    RECORD,
    STEP,
    STEPS,
    TASKS,
    note,
    row_of,
)
from analysis.kernels.excepted_hits import MAX_EXCEPTIONS, is_cancelled, list_exceptions
from analysis.kernels.flat_tables import COMMA, NEGATOR
from analysis.kernels.lanes import peek
from analysis.kernels.term_trie import CONCEPT, END, HIT, START, longest_end
from analysis.kernels.trie_edges import leaves

IntArray = npt.NDArray[np.int32]

# A gap of this much or more may leave the sentence.
CROSS_SENTENCES = 1 << 16
MAX_PHRASES = 64


@lean
def _stands_before(records, sentences, concept, first, start, gap):
    """Where the nearest earlier hit of `concept` within the gap starts, or -1."""
    allowed = gap & (CROSS_SENTENCES - 1)
    count = records[concept, COUNT]
    for back in range(1, min(count, N_RECENT) + 1):
        slot = RECENT + 2 * ((count - back) & (N_RECENT - 1))
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
def _next_end(edges, symbols, sentences, ends, stack, first, stop, root, gap, end):
    """Where the nearest wording of the following part within its gap ends, or -1."""
    last = min(stop - 1, end + (gap & (CROSS_SENTENCES - 1)))
    sentence = sentences[max(end - 1, first)]
    for start in range(end, last + 1):
        if peek(sentences, start) != sentence and gap < CROSS_SENTENCES:
            return -1
        # Nearly always nothing begins here.
        edge = peek(edges, root + peek(symbols, start))
        if peek(ends, start) == 0 and not leaves(edge, root):
            continue
        found = longest_end(edges, symbols, ends, stack, root, start)
        if found >= 0:
            return found
    return -1


@spliced
def _put(queue, tail, concept, start, end):
    if tail < MAX_PHRASES:
        queue[tail, 0] = concept
        queue[tail, 1] = start
        queue[tail, 2] = end
        return tail + 1
    return tail


@spliced
def _build_phrases(
    tables, edges, symbols, sentences, ends, stack, queue, seen, records, present,
    first, stop, text, tail, n,
):  # fmt: skip
    """Note the hits in the queue, up to `tail`, and every phrase that they begin or complete."""
    done = 0
    while done < tail:
        concept, start, end = queue[done, 0], queue[done, 1], queue[done, 2]
        done += 1
        row = row_of(tables, concept)
        negated = peek(tables, row + NEGATED_TO)
        if negated != concept and _is_negated(
            tables, seen, records, symbols, sentences, first, start, text
        ):
            if negated == DROPPED:
                continue
            concept = negated
            row = row_of(tables, concept)
        tasks = peek(tables, row + TASKS)
        if tasks & (NAMED | LEFT):
            n = note(tasks, seen, records, present, concept, start, end, text, n)
        if not tasks & MORE:
            continue
        follows = row + STEPS + STEP * peek(tables, row + N_PAIRS)
        for pair in range(row + STEPS, follows, STEP):
            left, begin = peek(tables, pair), start
            if left >= 0:
                if seen[left] != text:
                    continue
                begin = _stands_before(
                    records, sentences, left, first, start, peek(tables, pair + 1)
                )
            if begin >= 0:
                tail = _put(queue, tail, peek(tables, pair + 2), begin, end)
        for follow in range(follows, row_of(tables, concept + 1), STEP):
            finish = _next_end(
                edges, symbols, sentences, ends, stack, first, stop,
                peek(tables, follow), peek(tables, follow + 1), end,
            )  # fmt: skip
            if finish >= 0:
                tail = _put(queue, tail, peek(tables, follow + 2), start, finish)
    return n


@spliced
def combine_hits(
    tables, edges, symbols, sentences, ends, stack, queue, seen, records, present,
    hits, begin, end, exceptions, first, stop, text, n,
):  # fmt: skip
    """Note the hits of one text with the phrases they make; return how many concepts are present.

    Parameters
    ----------
    tables, edges
        The compiled lexicon.
    symbols, sentences, ends
        Texts as `fold_texts` leaves them.
    stack, queue, exceptions
        Room.
    seen, records, present
        In which text each concept was found last, where, and the `n` concepts present so far.
    hits, begin, end
        The hits of this text.
    first, stop, text
        Where the symbols of the text begin and end, and its number.
    """
    n_exceptions = list_exceptions(tables, hits, begin, end, exceptions)
    for hit in range(begin, end):
        concept = peek(hits, HIT * hit + CONCEPT)
        start, finish = peek(hits, HIT * hit + START), peek(hits, HIT * hit + END)
        row = row_of(tables, concept)
        tasks = peek(tables, row + TASKS)
        if not tasks & MORE:
            if tasks:
                n = note(tasks, seen, records, present, concept, start, finish, text, n)
            continue
        exception = peek(tables, row + CANCELLED_BY)
        if exception >= 0 and is_cancelled(hits, hit, exceptions, n_exceptions, exception):
            continue
        tail = _put(queue, 0, concept, start, finish)
        n = _build_phrases(
            tables, edges, symbols, sentences, ends, stack, queue, seen, records, present,
            first, stop, text, tail, n,
        )  # fmt: skip
    return n


def phrase_room(n_concepts: int) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Return the queue, exceptions, last texts, records and present concepts of `combine_hits`."""
    return (
        np.empty((MAX_PHRASES, 3), np.int32),
        np.empty(MAX_EXCEPTIONS, np.int32),
        np.full(n_concepts, -1, np.int32),
        np.empty((n_concepts, RECORD), np.int32),
        np.empty(n_concepts, np.int32),
    )
