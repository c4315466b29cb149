"""A trie by hand: edges as numbers, and terms of plain words beside a search for each."""

import random

import numpy as np
import pytest

from analysis.engine.term_trie import (
    _AT_ONCE,
    MAX_HITS,
    NO_EDGE,
    _child_of,
    _concepts_of,
    edge_of,
    find_hits,
    hit_room,
    leaves,
    longest_end,
)

TERMS = {"ab": [1], "abc": [2, 3], "b": [4], "ca": [5, 6, 7, 8, 9], "cab": [1]}
LETTERS = "abcd"  # symbols 2 to 5; 1 is a numeral
KINDS = np.zeros(6, np.int32)


@pytest.mark.parametrize("numbers", [(0, 0, 0), (5, 7, 9), ((1 << 21) - 1,) * 3])
def test_an_edge_holds_three_numbers(numbers):
    edge = np.int64(edge_of(*numbers))
    assert leaves(edge, np.int64(numbers[0])) and not leaves(edge, np.int64(numbers[0] + 1))
    assert (_child_of(edge), _concepts_of(edge)) == numbers[1:]


@pytest.mark.parametrize("place", range(3))
def test_a_number_that_does_not_fit_is_refused(place):
    numbers = [0, 0, 0]
    numbers[place] = 1 << 21
    with pytest.raises(ValueError, match="at most 2,097,151 places"):
        edge_of(*numbers)


def built(terms):
    """Each state has eight places of its own; lists of concepts stand from place 1 on."""
    states, lists, ends = {"": 0}, [0], {}
    for term, concepts in terms.items():
        for n in range(1, len(term) + 1):
            states.setdefault(term[:n], 8 * len(states))
        ends[term] = len(lists)
        lists += [len(concepts), *concepts]
    edges = np.full(8 * len(states) + 8, NO_EDGE, np.int64)
    for prefix, state in states.items():
        if prefix:
            before = states[prefix[:-1]]
            edges[before + 2 + LETTERS.index(prefix[-1])] = edge_of(
                before, state, ends.get(prefix, 0)
            )
    return edges, np.array([*lists, 0, 0, 0, 0, 0], np.int32)


def symbols_of(*texts):
    """Texts one behind the other, a 0 behind each, and where each begins."""
    symbols, bounds = [], []
    for text in texts:
        bounds.append([len(symbols), 0])
        symbols += [2 + LETTERS.index(letter) for letter in text] + [0]
    bounds.append([len(symbols), 0])
    return np.array([*symbols, 0], np.int32), np.array(bounds, np.int32)


def hits_of(*texts):
    edges, lists = built(TERMS)
    symbols, bounds = symbols_of(*texts)
    ends = np.zeros(len(symbols), np.int32)
    stack, likely, hits, hit_bounds = hit_room(len(texts))
    find_hits(
        edges, lists, KINDS, len(texts), symbols, ends, bounds, stack, likely, hits, hit_bounds
    )
    found = hits[: 3 * hit_bounds[-1]].reshape(-1, 3).tolist()
    return [
        [
            (c, a - bounds[n, 0], b - bounds[n, 0])
            for c, a, b in found[hit_bounds[n] : hit_bounds[n + 1]]
        ]
        for n in range(len(texts))
    ]


def by_hand(text):
    return [
        (concept, start, start + len(term))
        for start in range(len(text))
        for term in sorted(TERMS, key=len)
        if text.startswith(term, start)
        for concept in TERMS[term]
    ]


def test_every_term_is_found_from_every_place():
    rng = random.Random(1)
    texts = ["".join(rng.choices(LETTERS, k=n % 20)) for n in range(60)]
    texts += ["ab" * _AT_ONCE, "", "c" * (_AT_ONCE + 1) + "ab", "b"]
    assert hits_of(*texts) == [by_hand(text) for text in texts]


def test_a_text_has_so_many_hits_at_most_and_the_next_one_its_own():
    long = "ca" * (MAX_HITS // 5 + 9)
    first, second = hits_of(long, "cab")
    assert len(first) == MAX_HITS and first == by_hand(long)[:MAX_HITS]
    assert second == by_hand("cab")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("abc", 0, 3), ("abd", 0, 2), ("abc", 1, 2), ("d", 0, -1), ("ca", 0, 2), ("cd", 0, -1)],
)
def test_of_the_wordings_that_begin_at_a_place_the_longest_counts(text, start, end):
    edges, _ = built(TERMS)
    symbols, _ = symbols_of(text)
    ends, stack = np.zeros(len(symbols), np.int32), hit_room(1)[0]
    found = longest_end(edges, KINDS, symbols, ends, stack, 0, np.int64(0), np.int64(start))
    assert found == end
