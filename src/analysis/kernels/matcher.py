"""Concepts of many texts: terms found by the trie, phrases made of them, rules upon both."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.concept_notes import NAMED, TASKS, note, row_of
from analysis.kernels.flat_tables import RULES, TRIGGERS
from analysis.kernels.folding import fold_texts, folded_room
from analysis.kernels.lanes import peek
from analysis.kernels.phrases import combine_hits, phrase_room
from analysis.kernels.term_trie import Trie, find_hits, hit_room

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]

# The row of a rule: its concept, the number of its needs, then its needs (a group and a concept
# each) and its bans.
RESULT, N_NEEDS, NEEDS = range(3)
# Texts taken together, so that all that is known of them stays in the nearest caches.
BLOCK = 256


class MatcherTables(NamedTuple):
    """A compiled lexicon.

    A concept is a number below ``n_concepts``; from ``n_named`` on they are parts of phrases and
    of no interest by themselves. ``flat`` holds the lists that `flat_tables` names.
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
    bans = row + NEEDS + 2 * peek(tables, row + N_NEEDS)
    group, met = -1, True
    for need in range(row + NEEDS, bans, 2):
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
            result = peek(tables, peek(tables, peek(tables, RULES) + rule) + RESULT)
            if peek(seen, result) != text and _holds(tables, seen, rule, text):
                n = note(NAMED, seen, records, present, result, 0, 0, text, n)
    return n


@spliced
def _note_at_start(tables, seen, records, present, concept, first, text, n):
    tasks = peek(tables, row_of(tables, concept) + TASKS)
    return note(tasks, seen, records, present, concept, first, first, text, n)


@lean
def _find(
    fold, kinds, edges, lists, tables, data, offsets, given, reported,
    symbols, sentences, ends, places, bounds, emojis,
    stack, likely, hits, hit_bounds, queue, exceptions, seen, records, present,
    begin, starts, found,
):  # fmt: skip
    """Find the concepts of the texts from `begin` on while there is room; return the next text."""
    n_texts, total = offsets.size - 1, starts[begin]
    for block in range(begin, n_texts, BLOCK):
        size = min(BLOCK, n_texts - block)
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
            n = combine_hits(
                tables, edges, symbols, sentences, ends, stack, queue, seen, records,
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
    starts = np.zeros(n_texts + 1, np.int64)
    found = np.empty(12 * n_texts + BLOCK * tables.n_concepts, np.int32)
    workspace = (
        *folded_room(offsets, BLOCK),
        *hit_room(BLOCK),
        *phrase_room(tables.n_concepts),
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
