"""What becomes of the terms found in a text: exceptions, negations, and phrases of several terms.

`tables` are those of `flat_tables`, one list a concept: of FLAGS what a concept is; of PAIRS what
must stand before it, within which gap, and what both are together; of FOLLOWS which part must come
after it, within which gap, and what both are together.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.flat_tables import COMMA, FLAGS, FOLLOWS, N_NAMED, NEGATOR, PAIRS
from analysis.kernels.term_trie import longest_end

IntArray = npt.NDArray[np.int32]

# The list of a concept under FLAGS: is anything to do for it, does it begin a phrase, which
# concept it cancels and which cancels it (-1 for none), what it is after a negation.
BUSY, IS_LEFT, CANCELS, CANCELLED_BY, NEGATED_TO = range(5)
DROPPED = -1
# A gap of this much or more may leave the sentence.
CROSS_SENTENCES = 1 << 16
# The record of a concept: text in which it was seen last, how often there, its last places.
SEEN, COUNT, RECENT = 0, 1, 2
N_RECENT = 4
RECORD = RECENT + 2 * N_RECENT
MAX_PHRASES = 64
MAX_EXCEPTIONS = 512


@spliced
def note(tables, records, present, concept, start, end, text, n):
    """Record a hit of a concept; return the number of named concepts present so far."""
    if records[concept, SEEN] != text:
        records[concept, SEEN] = text
        records[concept, COUNT] = 0
        if concept < tables[N_NAMED]:
            present[n] = concept
            n += 1
    if tables[tables[tables[FLAGS] + concept] + IS_LEFT]:
        count = records[concept, COUNT]
        slot = RECENT + 2 * (count & (N_RECENT - 1))
        records[concept, slot] = start
        records[concept, slot + 1] = end
        records[concept, COUNT] = count + 1
    return n


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
def _is_negated(tables, records, symbols, sentences, first, start, text):
    """Tell whether a negation stands at most two characters before, in the same clause."""
    negator = tables[NEGATOR]
    if records[negator, SEEN] != text:
        return False
    gap = 0
    while gap < 2 and start - gap > first and symbols[start - gap - 1] != tables[COMMA]:
        gap += 1
    return gap > 0 and _stands_before(records, sentences, negator, first, start, gap) >= 0


@spliced
def _next_end(edges, values, symbols, sentences, ends, stack, first, stop, root, gap, end):
    """Where the nearest wording of the following part within its gap ends, or -1."""
    last = min(stop - 1, end + (gap & (CROSS_SENTENCES - 1)))
    sentence = sentences[max(end - 1, first)]
    for start in range(end, last + 1):
        if sentences[start] != sentence and gap < CROSS_SENTENCES:
            return -1
        found = longest_end(edges, values, symbols, ends, stack, root, start)
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
    tables, edges, values, symbols, sentences, ends, stack, queue, records, present,
    first, stop, text, n,
):  # fmt: skip
    """Note the queue's first hit and every phrase that it begins or completes."""
    done, tail = 0, 1
    flags, pairs, follows = tables[FLAGS], tables[PAIRS], tables[FOLLOWS]
    while done < tail:
        concept, start, end = queue[done, 0], queue[done, 1], queue[done, 2]
        done += 1
        negated = tables[tables[flags + concept] + NEGATED_TO]
        if negated != concept and _is_negated(
            tables, records, symbols, sentences, first, start, text
        ):
            if negated == DROPPED:
                continue
            concept = negated
        n = note(tables, records, present, concept, start, end, text, n)
        for pair in range(tables[pairs + concept], tables[pairs + concept + 1], 3):
            left, begin = tables[pair], start
            if left >= 0:
                if records[left, SEEN] != text:
                    continue
                begin = _stands_before(records, sentences, left, first, start, tables[pair + 1])
            if begin >= 0:
                tail = _put(queue, tail, tables[pair + 2], begin, end)
        for follow in range(tables[follows + concept], tables[follows + concept + 1], 3):
            root, gap = tables[follow], tables[follow + 1]
            finish = _next_end(
                edges, values, symbols, sentences, ends, stack, first, stop, root, gap, end
            )
            if finish >= 0:
                tail = _put(queue, tail, tables[follow + 2], start, finish)
    return n


@spliced
def _list_exceptions(tables, hits, begin, end, exceptions):
    """Gather the hits of excepted wordings (不是假货, 苹果汁); return their number."""
    found, flags = 0, tables[FLAGS]
    for hit in range(begin, end):
        if tables[tables[flags + hits[hit, 0]] + CANCELS] >= 0 and found < MAX_EXCEPTIONS:
            exceptions[found] = hit
            found += 1
    return found


@lean
def _is_cancelled(hits, hit, exceptions, n_exceptions, exception):
    """Tell whether an excepted wording lies over this hit."""
    for item in range(n_exceptions):
        other = exceptions[item]
        if (
            hits[other, 0] == exception
            and hits[other, 1] <= hits[hit, 1]
            and hits[other, 2] >= hits[hit, 2]
        ):
            return True
    return False


@spliced
def combine_hits(
    tables, edges, values, symbols, sentences, ends, stack, queue, records, present,
    hits, begin, end, exceptions, first, stop, text, n,
):  # fmt: skip
    """Note the hits of one text with the phrases they make; return how many concepts are present.

    Parameters
    ----------
    tables, edges, values
        The compiled lexicon.
    symbols, sentences, ends
        Texts as `fold_texts` leaves them.
    stack, queue, exceptions
        Room.
    records, present
        What is known of each concept, and the concepts present in this text, `n` so far.
    hits, begin, end
        The hits of this text.
    first, stop, text
        Where the symbols of the text begin and end, and its number.
    """
    n_exceptions = _list_exceptions(tables, hits, begin, end, exceptions)
    flags = tables[FLAGS]
    for hit in range(begin, end):
        concept = hits[hit, 0]
        own = tables[flags + concept]
        if not tables[own + BUSY]:
            if records[concept, SEEN] != text:
                n = note(tables, records, present, concept, 0, 0, text, n)
            continue
        exception = tables[own + CANCELLED_BY]
        if exception >= 0 and _is_cancelled(hits, hit, exceptions, n_exceptions, exception):
            continue
        queue[0, 0] = concept
        queue[0, 1] = hits[hit, 1]
        queue[0, 2] = hits[hit, 2]
        n = _build_phrases(
            tables, edges, values, symbols, sentences, ends, stack, queue, records, present,
            first, stop, text, n,
        )  # fmt: skip
    return n


def phrase_room(n_concepts: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the queue, exceptions, records and present concepts of `combine_hits`."""
    return (
        np.empty((MAX_PHRASES, 3), np.int32),
        np.empty(MAX_EXCEPTIONS, np.int32),
        np.full((n_concepts, RECORD), -1, np.int32),
        np.empty(n_concepts, np.int32),
    )
