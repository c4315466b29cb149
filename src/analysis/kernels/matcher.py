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
MAX_HITS = 4096
CROSS_SENTENCES = 1 << 16


class MatcherTables(NamedTuple):
    """Arrays of a compiled lexicon.

    Two arrays ``x_start`` and ``x`` are a list of lists: the list of ``i`` is
    ``x[x_start[i]:x_start[i + 1]]``. A concept is a number below ``n_concepts``.
    """

    fold: IntArray
    kinds: IntArray
    edge_keys: LongArray
    edge_targets: IntArray
    node_start: IntArray
    node_concepts: IntArray
    cancels: IntArray
    negated_to: IntArray
    negator: int
    pair_start: IntArray
    pairs: IntArray
    rule_start: IntArray
    rules: IntArray
    need_start: IntArray
    needs: IntArray
    ban_start: IntArray
    bans: IntArray
    n_concepts: int


class _Scratch(NamedTuple):
    """Memory reused from text to text; ``seen`` holds the number of the text."""

    seen: IntArray
    recent: IntArray
    n_recent: IntArray
    present: IntArray


@numba.njit(cache=True, nogil=True)
def _child(keys: LongArray, targets: IntArray, node: int, symbol: int) -> int:
    mask = keys.size - 1
    key = (np.int64(node) << 16) | np.int64(symbol)
    slot = ((key * np.int64(-7046029254386353131)) >> np.int64(40)) & mask
    while keys[slot] != key:
        if keys[slot] == -1:
            return -1
        slot = (slot + 1) & mask
    return int(targets[slot])


@numba.njit(cache=True, nogil=True)
def _splits_word(kinds: IntArray, symbols: IntArray, length: int, start: int, end: int) -> bool:
    """Tell whether a Latin letter goes on before or after the hit (tb in tbc)."""
    if end == start:
        return True
    if start > 0 and kinds[symbols[start]] == LATIN and kinds[symbols[start - 1]] == LATIN:
        return True
    return end < length and kinds[symbols[end - 1]] == LATIN and kinds[symbols[end]] == LATIN


@numba.njit(cache=True, nogil=True)
def _walk(
    tables: MatcherTables,
    symbols: IntArray,
    length: int,
    ends: IntArray,
    start: int,
    hits: IntArray,
    n: int,
) -> int:
    """Add the hits that begin at `start`; numerals may also be crossed as a whole."""
    stack_node = np.zeros(8, np.int32)
    stack_at = np.zeros(8, np.int32)
    stack_at[0] = start
    depth = 1
    while depth > 0:
        depth -= 1
        node, at = stack_node[depth], stack_at[depth]
        while node >= 0:
            for item in range(tables.node_start[node], tables.node_start[node + 1]):
                if n < hits.shape[0] and not _splits_word(tables.kinds, symbols, length, start, at):
                    hits[n, 0] = tables.node_concepts[item]
                    hits[n, 1] = start
                    hits[n, 2] = at
                    n += 1
            if at >= length:
                break
            if ends[at] > 0 and depth < 7:
                after_number = _child(tables.edge_keys, tables.edge_targets, node, NUMBER)
                if after_number >= 0:
                    stack_node[depth] = after_number
                    stack_at[depth] = ends[at]
                    depth += 1
            if symbols[at] == 0:
                break
            node = _child(tables.edge_keys, tables.edge_targets, node, symbols[at])
            at += 1
    return n


@numba.njit(cache=True, nogil=True)
def _is_cancelled(tables: MatcherTables, hits: IntArray, n: int, hit: int) -> bool:
    """Tell whether a longer excepted wording (不是假货, 苹果汁) lies over this hit."""
    for other in range(n):
        if (
            tables.cancels[hits[other, 0]] == hits[hit, 0]
            and hits[other, 1] <= hits[hit, 1]
            and hits[other, 2] >= hits[hit, 2]
        ):
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _stands_before(
    scratch: _Scratch, sentences: IntArray, concept: int, start: int, gap: int
) -> int:
    """Where the nearest earlier hit of `concept` within the gap starts, or -1."""
    allowed = gap & (CROSS_SENTENCES - 1)
    for back in range(min(scratch.n_recent[concept], RECENT)):
        slot = (scratch.n_recent[concept] - 1 - back) % RECENT
        end = scratch.recent[concept, slot, 1]
        if end <= start and start - end <= allowed:
            same = sentences[max(end - 1, 0)] == sentences[start]
            if same or gap >= CROSS_SENTENCES:
                return int(scratch.recent[concept, slot, 0])
    return -1


@numba.njit(cache=True, nogil=True)
def _note(scratch: _Scratch, concept: int, start: int, end: int, text: int, n_present: int) -> int:
    """Record a hit of a concept; return the number of concepts present so far."""
    if scratch.seen[concept] != text:
        scratch.seen[concept] = text
        scratch.n_recent[concept] = 0
        scratch.present[n_present] = concept
        n_present += 1
    slot = scratch.n_recent[concept] % RECENT
    scratch.recent[concept, slot, 0] = start
    scratch.recent[concept, slot, 1] = end
    scratch.n_recent[concept] += 1
    return n_present


@numba.njit(cache=True, nogil=True)
def _build_phrases(
    tables: MatcherTables,
    scratch: _Scratch,
    sentences: IntArray,
    hit: IntArray,
    text: int,
    n_present: int,
) -> int:
    """Note one hit and every phrase that it completes, negation seen to first."""
    queue = np.zeros((32, 3), np.int32)
    queue[0] = hit
    tail = 1
    done = 0
    while done < tail:
        concept, start, end = queue[done]
        done += 1
        target = tables.negated_to[concept]
        if target != concept:
            seen = scratch.seen[tables.negator] == text
            if seen and _stands_before(scratch, sentences, tables.negator, start, 2) >= 0:
                if target < 0:
                    continue
                concept = target
        n_present = _note(scratch, concept, start, end, text, n_present)
        for pair in range(tables.pair_start[concept], tables.pair_start[concept + 1]):
            left, gap, result = tables.pairs[pair]
            if scratch.seen[left] == text and tail < 32:
                begin = _stands_before(scratch, sentences, left, start, gap)
                if begin >= 0:
                    queue[tail, 0], queue[tail, 1], queue[tail, 2] = result, begin, end
                    tail += 1
    return n_present


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
            rule, result = tables.rules[item]
            if scratch.seen[result] != text and _holds(tables, scratch, rule, text):
                n_present = _note(scratch, result, 0, 0, text, n_present)
    return n_present


@numba.njit(cache=True, nogil=True)
def _find_one(
    tables: MatcherTables,
    scratch: _Scratch,
    buffers: tuple[IntArray, IntArray, IntArray, IntArray],
    hits: IntArray,
    data: npt.NDArray[np.uint8],
    bounds: tuple[int, int],
    given: IntArray,
    text: int,
) -> int:
    symbols, sentences, ends, emojis = buffers
    length, n_emoji = fold_text(
        data, bounds[0], bounds[1], tables.fold, tables.kinds, symbols, sentences, emojis
    )
    number_ends(symbols, length, tables.kinds, ends)
    n = 0
    for start in range(length):
        n = _walk(tables, symbols, length, ends, start, hits, n)
    n_present = 0
    for concept in given:
        if concept >= 0:
            n_present = _note(scratch, concept, 0, 0, text, n_present)
    for emoji in range(n_emoji):
        n_present = _note(scratch, emojis[emoji], 0, 0, text, n_present)
    for hit in range(n):
        if not _is_cancelled(tables, hits, n, hit):
            n_present = _build_phrases(tables, scratch, sentences, hits[hit], text, n_present)
    return _apply_rules(tables, scratch, text, n_present)


@numba.njit(cache=True, nogil=True)
def find_concepts(
    tables: MatcherTables,
    data: npt.NDArray[np.uint8],
    offsets: LongArray,
    given: IntArray,
    longest: int,
) -> tuple[LongArray, IntArray]:
    """Find the concepts of every text.

    Parameters
    ----------
    tables
        A `MatcherTables`.
    data, offsets
        UTF-8 bytes of all texts, and where each begins (one more than texts).
    given
        Concepts known beforehand, one row a text, -1 for none.
    longest
        Length in bytes of the longest text.

    Returns
    -------
    tuple
        Start of each text's list (one more than texts), and the concept numbers.
    """
    n_texts = offsets.size - 1
    scratch = _Scratch(
        np.full(tables.n_concepts, -1, np.int32),
        np.zeros((tables.n_concepts, RECENT, 2), np.int32),
        np.zeros(tables.n_concepts, np.int32),
        np.zeros(tables.n_concepts + 1, np.int32),
    )
    size = longest + 1
    buffers = (
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(size, np.int32),
        np.zeros(64, np.int32),
    )
    hits = np.zeros((MAX_HITS, 3), np.int32)
    starts = np.zeros(n_texts + 1, np.int64)
    found = np.zeros(max(1024, n_texts * 16), np.int32)
    for text in range(n_texts):
        bounds = (offsets[text], offsets[text + 1])
        n = _find_one(tables, scratch, buffers, hits, data, bounds, given[text], text)
        total = starts[text] + n
        if total > found.size:
            grown = np.zeros(total * 2, np.int32)
            grown[: starts[text]] = found[: starts[text]]
            found = grown
        found[starts[text] : total] = scratch.present[:n]
        starts[text + 1] = total
    return starts, found[: starts[n_texts]].copy()
