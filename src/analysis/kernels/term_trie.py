"""Walk a trie of many terms over folded text: every term from every position, with its place.

The trie lies in a double array (Aoe 1989): the child of the state at `base` under a symbol is
`edges[base + symbol, 1]` where `edges[base + symbol, 0]` is `base` again. Branches that go on alike
are one branch, so tens of thousands of wordings stay in the second-level cache. Most walks end at
the first or second character; links for failure (Aho and Corasick 1975) would not pay.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.folding import LATIN, NUMBER

IntArray = npt.NDArray[np.int32]

MAX_HITS = 8192
# How many numerals of a text one walk may cross as a whole.
DEPTH = 7


class Trie(NamedTuple):
    """Terms that begin at state 0, and parts of phrases that begin at states of their own.

    ``values`` says where in ``lists`` the concepts of a state stand (their number, then they
    themselves), -1 for none. No symbol 0 leads anywhere.
    """

    edges: IntArray
    values: IntArray
    lists: IntArray


@spliced
def _child(edges, base, symbol):
    slot = base + symbol
    return edges[slot, 1] if edges[slot, 0] == base else -1


@spliced
def _splits_word(kinds, symbols, first, start, end):
    """Tell whether a Latin letter goes on before or after the hit (tb in tbc)."""
    if kinds[symbols[start]] == LATIN and start > first and kinds[symbols[start - 1]] == LATIN:
        return True
    return kinds[symbols[end - 1]] == LATIN and kinds[symbols[end]] == LATIN


@spliced
def _add_hits(lists, item, start, end, hits, n, limit):
    for place in range(item + 1, item + 1 + lists[item]):
        if n < limit:
            hits[n, 0] = lists[place]
            hits[n, 1] = start
            hits[n, 2] = end
            n += 1
    return n


@lean
def find_hits(edges, values, lists, kinds, size, symbols, ends, bounds, stack, hits, hit_bounds):
    """Write the concept, start and end of every term in several texts.

    Parameters
    ----------
    edges, values, lists, kinds, size
        The trie, the kind of each symbol, and the number of texts.
    symbols, ends, bounds
        Texts as `fold_texts` leaves them.
    stack
        Room for `DEPTH` walks that cross a numeral as a whole.
    hits, hit_bounds
        Filled with the hits in the order of their starts, and where those of each text begin.
    """
    n = 0
    for text in range(size):
        hit_bounds[text] = n
        first, limit = bounds[text, 0], n + MAX_HITS
        for start in range(first, bounds[text + 1, 0] - 1):
            at, state, depth = start, 0, 0
            while True:
                item = values[state]
                if item >= 0 and not _splits_word(kinds, symbols, first, start, at):
                    n = _add_hits(lists, item, start, at, hits, n, limit)
                if ends[at] > 0 and depth < DEPTH:
                    beyond = _child(edges, state, NUMBER)
                    if beyond >= 0:
                        stack[depth, 0] = beyond
                        stack[depth, 1] = ends[at]
                        depth += 1
                state = _child(edges, state, symbols[at])
                at += 1
                if state < 0:
                    if depth == 0:
                        break
                    depth -= 1
                    state = stack[depth, 0]
                    at = stack[depth, 1]
    hit_bounds[size] = n


@spliced
def longest_end(edges, values, symbols, ends, stack, root, start):
    """Return where the longest wording of a part that begins at `start` ends, or -1."""
    at, state, depth, best = start, root, 0, -1
    while True:
        if values[state] >= 0:
            best = max(best, at)
        if ends[at] > 0 and depth < DEPTH:
            beyond = _child(edges, state, NUMBER)
            if beyond >= 0:
                stack[depth, 0] = beyond
                stack[depth, 1] = ends[at]
                depth += 1
        state = _child(edges, state, symbols[at])
        at += 1
        if state < 0:
            if depth == 0:
                return best
            depth -= 1
            state = stack[depth, 0]
            at = stack[depth, 1]


def hit_room(block: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return the arrays that `find_hits` fills for `block` texts, and its stack behind them.

    What is never written takes no memory, and hardly any text has so many hits.
    """
    hits = np.empty((block * MAX_HITS, 3), np.int32)
    return hits, np.empty(block + 1, np.int32), np.empty((DEPTH, 2), np.int32)
