"""Walk a trie of many terms over folded text: every term from every position, with its place.

The trie lies in a double array (Aoe 1989): `edges[state + symbol]` is the edge of a state under a
symbol if the state that it leaves is that state, else that of another or none. Where an edge
leads and what stands there is in the same number, so a step is one look at memory. Branches that
go on alike are one branch, so tens of thousands of wordings stay in the second-level cache. Most
walks end at the first or second character; links for failure (Aho and Corasick 1975) would not pay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import lean, spliced
from analysis.engine.folding import LATIN, NUMBER, WORD
from analysis.engine.lanes import peek, poke

# An edge of the trie as one number: where it leaves, where it leads, and what stands there.


# Bits of each of the three numbers of an edge.
_BITS = 21
_LOW = (1 << _BITS) - 1
NO_EDGE = -1


def edge_of(state: int, child: int, concepts: int) -> int:
    """Return the edge from a state to a child whose concepts stand at a place of the lists.

    Raises
    ------
    ValueError
        If a number does not fit.

    Examples
    --------
    >>> edge = edge_of(5, 7, concepts=0)
    >>> edge >> 2 * _BITS, edge >> _BITS & (1 << _BITS) - 1
    (5, 7)
    """
    if max(state, child, concepts) > _LOW:
        raise ValueError(f"a trie holds at most {_LOW:,} places")
    return state << 2 * _BITS | child << _BITS | concepts


@spliced
def leaves(edge, state):
    """Tell whether an edge is one of this state."""
    return edge >> (2 * _BITS) == state


@spliced
def _child_of(edge):
    """Return the state to which an edge leads."""
    return (edge >> _BITS) & _LOW


@spliced
def _concepts_of(edge):
    """Return the place of the list of concepts behind an edge, 0 for none."""
    return edge & _LOW


IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]

MAX_HITS = 8192
# A hit is three numbers: the concept, where it starts and where it ends.
CONCEPT, START, END = range(3)
HIT = 3
# So many hits are written at once; what is too many is written over.
SPARE = 4
# How many numerals of a text one walk may cross as a whole.
_DEPTH = 7
# Places that are looked at before the first of them is walked from.
_AT_ONCE = 128


class Trie(NamedTuple):
    """Terms that begin at state 0, and parts of phrases that begin at states of their own.

    ``edges`` are numbers as `edge_of` makes them. ``lists`` holds lists of concepts
    (their number, then they themselves) from place 1 on. No symbol 0 leads anywhere.
    """

    edges: LongArray
    lists: IntArray


@spliced
def _is_latin(kinds, symbols, place):
    return peek(kinds, peek(symbols, place)) == LATIN


@spliced
def _is_inside(kinds, symbols, ends, first, place):
    """Tell whether a word of Latin letters goes on at a place that it did not begin at."""
    return (
        _is_latin(kinds, symbols, place)
        and place > first
        and _is_latin(kinds, symbols, place - 1)
        and peek(ends, place) != WORD
    )


@spliced
def _splits_word(kinds, symbols, ends, first, start, end):
    """Tell whether a word goes on before or after the hit (tb in tbc, and not in tb shop)."""
    return _is_inside(kinds, symbols, ends, first, start) or _is_inside(
        kinds, symbols, ends, first, end
    )


@spliced
def _add_hit(lists, place, start, end, hits, n):
    poke(hits, HIT * n + CONCEPT, peek(lists, place))
    poke(hits, HIT * n + START, start)
    poke(hits, HIT * n + END, end)


@spliced
def _add_hits(lists, item, start, end, hits, n, limit):
    """Write a hit for each concept of a list; return the number of all hits."""
    size = min(peek(lists, item), limit - n)
    # Most lists are short: writing two at once spares a guess at how long this one is.
    for place in range(0, max(size, 0), SPARE):
        for one in range(SPARE):
            _add_hit(lists, item + 1 + place + one, start, end, hits, n + place + one)
    return n + size


@spliced
def _push(edges, stack, depth, state, end):
    """Note where a walk goes on that takes the numeral here, up to `end`, as a whole."""
    beyond = peek(edges, state + NUMBER)
    if depth < _DEPTH and leaves(beyond, state):
        stack[depth, 0] = beyond
        stack[depth, 1] = end
        depth += 1
    return depth


@spliced
def _step(edges, symbols, ends, stack, state, at, depth):
    """Go on by one sign, or behind the last numeral that can be crossed as a whole.

    Returns the edge taken, `NO_EDGE` for none, the next place, and how many such numerals are left.
    """
    if peek(ends, at) > 0:
        depth = _push(edges, stack, depth, state, ends[at])
    edge = peek(edges, state + peek(symbols, at))
    if leaves(edge, state):
        return edge, at + 1, depth
    if depth == 0:
        return np.int64(NO_EDGE), at, depth
    return stack[depth - 1, 0], stack[depth - 1, 1], depth - 1


@spliced
def _walk(edges, lists, kinds, symbols, ends, stack, first, start, hits, n, limit):
    """Write the hits of the terms that begin at one place; return the number of all hits."""
    at, state, depth = np.int64(start), np.int64(0), 0
    while True:
        edge, at, depth = _step(edges, symbols, ends, stack, state, at, depth)
        if edge == NO_EDGE:
            return n
        state, item = _child_of(edge), _concepts_of(edge)
        if item and not _splits_word(kinds, symbols, ends, first, start, at):
            n = _add_hits(lists, item, start, at, hits, n, limit)


@spliced
def _list_likely(edges, symbols, ends, begin, stop, likely):
    """List the places at which a term of one sign, a first pair of signs or a numeral begins.

    Two places in three are none of them. No branch depends on it, which the processor could only
    guess wrong.
    """
    n = 0
    for start in range(begin, stop):
        edge = peek(edges, peek(symbols, start))
        is_edge = leaves(edge, 0)
        state = _child_of(edge) * is_edge
        following = peek(edges, state + peek(symbols, start + 1))
        goes_on = leaves(following, state) | (_concepts_of(edge) > 0)
        poke(likely, n, start)
        n += (is_edge & goes_on) | (peek(ends, start) > 0) | (peek(ends, start + 1) > 0)
    return n


@lean
def find_hits(edges, lists, kinds, size, symbols, ends, bounds, stack, likely, hits, hit_bounds):
    """Write the concept, start and end of every term in several texts."""
    n = 0
    for text in range(size):
        hit_bounds[text] = n
        first, limit = bounds[text, 0], n + MAX_HITS
        stop = bounds[text + 1, 0] - 1
        for begin in range(first, stop, likely.size):
            several = min(begin + likely.size, stop)
            for place in range(_list_likely(edges, symbols, ends, begin, several, likely)):
                n = _walk(
                    edges, lists, kinds, symbols, ends, stack, first, likely[place], hits, n, limit
                )
    hit_bounds[size] = n


@spliced
def longest_end(edges, kinds, symbols, ends, stack, root, first, start):
    """Return where the longest wording of a part that begins at `start` ends, or -1."""
    at, state, depth, best = np.int64(start), np.int64(root), 0, np.int64(-1)
    while True:
        edge, at, depth = _step(edges, symbols, ends, stack, state, at, depth)
        if edge == NO_EDGE:
            return best
        state = _child_of(edge)
        if _concepts_of(edge) and not _splits_word(kinds, symbols, ends, first, start, at):
            best = max(best, at)


def hit_room(block: int) -> tuple[LongArray, IntArray, IntArray, IntArray]:
    """Return stack and likely places of `find_hits`, and the arrays that it fills for some texts.

    What is never written takes no memory, and hardly any text has so many hits.
    """
    hits = np.empty(HIT * (block * MAX_HITS + SPARE), np.int32)
    stack, likely = np.empty((_DEPTH, 2), np.int64), np.empty(_AT_ONCE, np.int32)
    return stack, likely, hits, np.empty(block + 1, np.int32)
