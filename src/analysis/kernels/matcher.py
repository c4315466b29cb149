"""Compiled search for many terms, and for phrases and rules built of them, over UTF-8 text.

A term is a sequence of symbols in a trie whose edges lie in one open-addressing hash table; from
every position the trie is walked as far as it goes. The table fits the second-level cache, and
most walks end at the first or second character, so no failure links are needed (cf. Aho and
Corasick 1975). Found terms are *concepts*; phrases and rules make further concepts of them.
"""

# Compiled loops need many arguments.
# ruff: noqa: PLR0917
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from analysis.kernels.folding import LATIN, NUMBER, fold_text, number_ends

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]

RECENT = 4
MAX_HITS = 8192
STACK = 7
QUEUE = 64
CROSS_SENTENCES = 1 << 16
MULTIPLIER = -7046029254386353131


class MatcherTables(NamedTuple):
    """Arrays of a compiled lexicon.

    Two arrays ``x_start`` and ``x`` are a list of lists: the list of ``i`` is
    ``x[x_start[i]:x_start[i + 1]]``. A concept is a number below ``n_concepts``; from
    ``n_named`` on they are parts of phrases and of no interest by themselves.
    """

    fold: IntArray
    kinds: IntArray
    edge_filter: npt.NDArray[np.uint64]
    edge_keys: LongArray
    edge_targets: IntArray
    node_start: IntArray
    node_concepts: IntArray
    cancels: IntArray
    cancelled_by: IntArray
    negated_to: IntArray
    negator: int
    comma: int
    is_left: npt.NDArray[np.bool_]
    pair_start: IntArray
    pairs: IntArray
    follow_start: IntArray
    follows: IntArray
    rule_start: IntArray
    rules: IntArray
    need_start: IntArray
    needs: IntArray
    ban_start: IntArray
    bans: IntArray
    n_named: int
    n_concepts: int


class _Scratch(NamedTuple):
    """Memory reused from text to text; ``seen`` holds the number of the text."""

    seen: IntArray
    recent: IntArray
    n_recent: IntArray
    present: IntArray
    stack: IntArray
    queue: IntArray
    symbols: IntArray
    sentences: IntArray
    ends: IntArray
    emojis: IntArray
    hits: IntArray
    exceptions: IntArray


@numba.njit(cache=True, nogil=True)
def _child(tables: MatcherTables, node: int, symbol: int) -> int:
    """Return the node that an edge leads to, or -1.

    Most look-ups fail, so a small filter of one bit an edge answers them before the table is
    touched.
    """
    key = (np.int64(node) << 16) | np.int64(symbol)
    product = key * np.int64(MULTIPLIER)
    bit = (product >> np.int64(20)) & np.int64(tables.edge_filter.size * 64 - 1)
    if not (tables.edge_filter[bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1):
        return -1
    mask = tables.edge_keys.size - 1
    slot = (product >> np.int64(40)) & mask
    while tables.edge_keys[slot] != key:
        if tables.edge_keys[slot] == -1:
            return -1
        slot = (slot + 1) & mask
    return int(tables.edge_targets[slot])


@numba.njit(cache=True, nogil=True)
def _splits_word(kinds: IntArray, symbols: IntArray, length: int, start: int, end: int) -> bool:
    """Tell whether a Latin letter goes on before or after the hit (tb in tbc)."""
    if end == start:
        return True
    if start > 0 and kinds[symbols[start]] == LATIN and kinds[symbols[start - 1]] == LATIN:
        return True
    return end < length and kinds[symbols[end - 1]] == LATIN and kinds[symbols[end]] == LATIN


@numba.njit(cache=True, nogil=True)
def _add_hits(
    tables: MatcherTables, scratch: _Scratch, node: int, start: int, end: int, n: int
) -> int:
    first, last = tables.node_start[node], tables.node_start[node + 1]
    for item in range(first, last):
        if n < MAX_HITS:
            scratch.hits[n, 0] = tables.node_concepts[item]
            scratch.hits[n, 1] = start
            scratch.hits[n, 2] = end
            n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _walk(tables: MatcherTables, scratch: _Scratch, length: int, start: int, n: int) -> int:
    """Add the hits that begin at `start`; numerals may also be crossed as a whole."""
    symbols, ends, stack = scratch.symbols, scratch.ends, scratch.stack
    stack[0, 0] = 0
    stack[0, 1] = start
    depth = 1
    while depth > 0:
        depth -= 1
        node, at = stack[depth, 0], stack[depth, 1]
        while node >= 0:
            if tables.node_start[node] < tables.node_start[node + 1] and not _splits_word(
                tables.kinds, symbols, length, start, at
            ):
                n = _add_hits(tables, scratch, node, start, at, n)
            if at >= length:
                break
            if ends[at] > 0 and depth < STACK:
                after_number = _child(tables, node, NUMBER)
                if after_number >= 0:
                    stack[depth, 0] = after_number
                    stack[depth, 1] = ends[at]
                    depth += 1
            if symbols[at] == 0:
                break
            node = _child(tables, node, symbols[at])
            at += 1
    return n


@numba.njit(cache=True, nogil=True)
def _list_exceptions(tables: MatcherTables, scratch: _Scratch, n: int) -> int:
    """Gather the hits of excepted wordings (不是假货, 苹果汁); return their number."""
    found = 0
    for hit in range(n):
        if tables.cancels[scratch.hits[hit, 0]] >= 0 and found < scratch.exceptions.size:
            scratch.exceptions[found] = hit
            found += 1
    return found


@numba.njit(cache=True, nogil=True)
def _is_cancelled(tables: MatcherTables, scratch: _Scratch, n_exceptions: int, hit: int) -> bool:
    """Tell whether an excepted wording lies over this hit."""
    hits = scratch.hits
    exception = tables.cancelled_by[hits[hit, 0]]
    if exception < 0:
        return False
    for item in range(n_exceptions):
        other = scratch.exceptions[item]
        if (
            hits[other, 0] == exception
            and hits[other, 1] <= hits[hit, 1]
            and hits[other, 2] >= hits[hit, 2]
        ):
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _stands_before(scratch: _Scratch, concept: int, start: int, gap: int) -> int:
    """Where the nearest earlier hit of `concept` within the gap starts, or -1."""
    allowed = gap & (CROSS_SENTENCES - 1)
    count = scratch.n_recent[concept]
    for back in range(1, min(count, RECENT) + 1):
        slot = (count - back) & (RECENT - 1)
        end = scratch.recent[concept, slot, 1]
        if end <= start and start - end <= allowed:
            same = scratch.sentences[max(end - 1, 0)] == scratch.sentences[start]
            if same or gap >= CROSS_SENTENCES:
                return int(scratch.recent[concept, slot, 0])
    return -1


@numba.njit(cache=True, nogil=True)
def _note(
    tables: MatcherTables, scratch: _Scratch, concept: int, start: int, end: int, text: int, n: int
) -> int:
    """Record a hit of a concept; return the number of named concepts present so far."""
    if scratch.seen[concept] != text:
        scratch.seen[concept] = text
        scratch.n_recent[concept] = 0
        if concept < tables.n_named:
            scratch.present[n] = concept
            n += 1
    if tables.is_left[concept]:
        slot = scratch.n_recent[concept] & (RECENT - 1)
        scratch.recent[concept, slot, 0] = start
        scratch.recent[concept, slot, 1] = end
        scratch.n_recent[concept] += 1
    return n


@numba.njit(cache=True, nogil=True)
def _is_negated(tables: MatcherTables, scratch: _Scratch, start: int, text: int) -> bool:
    """Tell whether a negation stands at most two characters before, in the same clause."""
    if scratch.seen[tables.negator] != text:
        return False
    gap = 0
    while gap < 2 and start - gap > 0 and scratch.symbols[start - gap - 1] != tables.comma:
        gap += 1
    return gap > 0 and _stands_before(scratch, tables.negator, start, gap) >= 0


@numba.njit(cache=True, nogil=True)
def _longest_end(
    tables: MatcherTables, scratch: _Scratch, root: int, length: int, start: int
) -> int:
    """Where the longest wording of a part that begins at `start` ends, or -1."""
    stack = scratch.stack
    stack[0, 0] = root
    stack[0, 1] = start
    depth, best = 1, -1
    while depth > 0:
        depth -= 1
        node, at = stack[depth, 0], stack[depth, 1]
        while node >= 0:
            if tables.node_start[node] < tables.node_start[node + 1]:
                best = max(best, at)
            if at >= length:
                break
            if scratch.ends[at] > 0 and depth < STACK:
                after_number = _child(tables, node, NUMBER)
                if after_number >= 0:
                    stack[depth, 0] = after_number
                    stack[depth, 1] = scratch.ends[at]
                    depth += 1
            node = _child(tables, node, scratch.symbols[at])
            at += 1
    return best


@numba.njit(cache=True, nogil=True)
def _next_end(tables: MatcherTables, scratch: _Scratch, follow: int, length: int, end: int) -> int:
    """Where the nearest wording of the following part within its gap ends, or -1."""
    root, gap = tables.follows[follow, 0], tables.follows[follow, 1]
    last = min(length - 1, end + (gap & (CROSS_SENTENCES - 1)))
    sentence = scratch.sentences[max(end - 1, 0)]
    for start in range(end, last + 1):
        if scratch.sentences[start] != sentence and gap < CROSS_SENTENCES:
            return -1
        found = _longest_end(tables, scratch, root, length, start)
        if found >= 0:
            return found
    return -1


@numba.njit(cache=True, nogil=True)
def _put(queue: IntArray, tail: int, concept: int, start: int, end: int) -> int:
    if tail < QUEUE:
        queue[tail, 0] = concept
        queue[tail, 1] = start
        queue[tail, 2] = end
        return tail + 1
    return tail


@numba.njit(cache=True, nogil=True)
def _build_phrases(
    tables: MatcherTables, scratch: _Scratch, hit: int, length: int, text: int, n: int
) -> int:
    """Note one hit and every phrase that it begins or completes, negation seen to first."""
    queue = scratch.queue
    tail = _put(queue, 0, scratch.hits[hit, 0], scratch.hits[hit, 1], scratch.hits[hit, 2])
    done = 0
    while done < tail:
        concept, start, end = queue[done, 0], queue[done, 1], queue[done, 2]
        done += 1
        if tables.negated_to[concept] != concept and _is_negated(tables, scratch, start, text):
            concept = tables.negated_to[concept]
            if concept < 0:
                continue
        n = _note(tables, scratch, concept, start, end, text, n)
        for pair in range(tables.pair_start[concept], tables.pair_start[concept + 1]):
            left = tables.pairs[pair, 0]
            begin = start
            if left >= 0:
                if scratch.seen[left] != text:
                    continue
                begin = _stands_before(scratch, left, start, tables.pairs[pair, 1])
            if begin >= 0:
                tail = _put(queue, tail, tables.pairs[pair, 2], begin, end)
        for follow in range(tables.follow_start[concept], tables.follow_start[concept + 1]):
            finish = _next_end(tables, scratch, follow, length, end)
            if finish >= 0:
                tail = _put(queue, tail, tables.follows[follow, 2], start, finish)
    return n


@numba.njit(cache=True, nogil=True)
def _holds(tables: MatcherTables, scratch: _Scratch, rule: int, text: int) -> bool:
    """Tell whether each group of a rule has a concept present, and none of its bans."""
    for ban in range(tables.ban_start[rule], tables.ban_start[rule + 1]):
        if scratch.seen[tables.bans[ban]] == text:
            return False
    group, met = -1, True
    for need in range(tables.need_start[rule], tables.need_start[rule + 1]):
        if tables.needs[need, 0] != group:
            if not met:
                return False
            group, met = tables.needs[need, 0], False
        met = met or scratch.seen[tables.needs[need, 1]] == text
    return met


@numba.njit(cache=True, nogil=True)
def _apply_rules(tables: MatcherTables, scratch: _Scratch, text: int, n_present: int) -> int:
    """Add the concept of every rule that holds; rules may build on rules."""
    done = 0
    while done < n_present:
        concept = scratch.present[done]
        done += 1
        for item in range(tables.rule_start[concept], tables.rule_start[concept + 1]):
            rule, result = tables.rules[item, 0], tables.rules[item, 1]
            if scratch.seen[result] != text and _holds(tables, scratch, rule, text):
                n_present = _note(tables, scratch, result, 0, 0, text, n_present)
    return n_present


@numba.njit(cache=True, nogil=True)
def _find_one(
    tables: MatcherTables,
    scratch: _Scratch,
    data: npt.NDArray[np.uint8],
    bounds: tuple[int, int],
    given: IntArray,
    text: int,
) -> int:
    length, n_emoji = fold_text(
        data, bounds, tables.fold, tables.kinds, scratch.symbols, scratch.sentences, scratch.emojis
    )
    number_ends(scratch.symbols, length, tables.kinds, scratch.ends)
    n_hits = 0
    for start in range(length):
        n_hits = _walk(tables, scratch, length, start, n_hits)
    n = 0
    for concept in given:
        if concept >= 0:
            n = _note(tables, scratch, concept, 0, 0, text, n)
    for emoji in range(n_emoji):
        n = _note(tables, scratch, scratch.emojis[emoji], 0, 0, text, n)
    n_exceptions = _list_exceptions(tables, scratch, n_hits)
    for hit in range(n_hits):
        if not _is_cancelled(tables, scratch, n_exceptions, hit):
            n = _build_phrases(tables, scratch, hit, length, text, n)
    return _apply_rules(tables, scratch, text, n)


@numba.njit(cache=True, nogil=True)
def _make_scratch(n_concepts: int, longest: int) -> _Scratch:
    size = longest + 1
    return _Scratch(
        np.full(n_concepts, -1, np.int32),
        np.zeros((n_concepts, RECENT, 2), np.int32),
        np.zeros(n_concepts, np.int32),
        np.zeros(n_concepts + 1, np.int32),
        np.zeros((STACK + 1, 2), np.int32),
        np.zeros((QUEUE, 3), np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(64, np.int32),
        np.zeros((MAX_HITS, 3), np.int32),
        np.zeros(512, np.int32),
    )


@numba.njit(cache=True, nogil=True)
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
    tables
        A compiled lexicon.
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
    longest = 0
    for text in range(n_texts):
        longest = max(longest, offsets[text + 1] - offsets[text])
    scratch = _make_scratch(tables.n_concepts, longest)
    starts = np.zeros(n_texts + 1, np.int64)
    found = np.zeros(max(1024, n_texts * 16), np.int32)
    total = 0
    for text in range(n_texts):
        bounds = (offsets[text], offsets[text + 1])
        n = _find_one(tables, scratch, data, bounds, given[text], text)
        if total + n > found.size:
            grown = np.zeros((total + n) * 2, np.int32)
            grown[:total] = found[:total]
            found = grown
        for item in range(n):
            if reported[scratch.present[item]]:
                found[total] = scratch.present[item]
                total += 1
        starts[text + 1] = total
    return starts, found[:total].copy()
