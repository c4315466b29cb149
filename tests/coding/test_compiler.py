"""The packed trie against a set of the wordings that were added."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.coding.compiler import TrieBuilder
from analysis.engine.term_trie import _BITS, edge_of

LOW = (1 << _BITS) - 1

WORDINGS = st.lists(
    st.tuples(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(0, 3)), max_size=30
)


def _concepts(trie, state, wording):
    first = 0
    for symbol in wording:
        edge = int(trie.edges[state + symbol])
        owner, state_behind, first = edge >> 2 * _BITS, edge >> _BITS & LOW, edge & LOW
        if owner != state:
            return set()
        state = state_behind
    return set(trie.lists[first + 1 : first + 1 + trie.lists[first]].tolist())


@pytest.mark.slow
@settings(deadline=None)
@given(WORDINGS, WORDINGS)
def test_every_wording_leads_to_its_concepts_and_no_other_does(main, part):
    builder = TrieBuilder()
    root = builder.new_root()
    for begin, wordings in ((0, main), (root, part)):
        for wording, concept in wordings:
            builder.add(wording, concept, begin)
    trie, states = builder.pack(n_symbols=41)
    assert int(states[0]) == 0
    for begin, wordings in ((0, main), (root, part)):
        for wording, _ in [*main, *part]:
            for probe in (wording, wording[:-1], [*wording, 7]):
                expected = {concept for known, concept in wordings if known == probe}
                assert _concepts(trie, int(states[begin]), probe) == expected


@settings(deadline=None)
@given(WORDINGS)
def test_nothing_begins_with_the_symbol_of_unknown_characters(wordings):
    builder = TrieBuilder()
    for wording, concept in wordings:
        builder.add(wording, concept)
    trie, states = builder.pack(n_symbols=41)
    for state in set(states.tolist()):
        assert trie.edges[state] >> 2 * _BITS != state


def test_branches_that_go_on_alike_are_one():
    builder = TrieBuilder()
    for first in range(1, 30):
        builder.add([first, 31, 32, 33], concept=0)
    trie, states = builder.pack(n_symbols=41)
    assert len(set(states.tolist())) == 5
    assert int((trie.edges >= 0).sum()) == 29 + 3


def test_a_number_too_large_for_an_edge_is_refused():
    assert edge_of(LOW, LOW, LOW) == 2 ** (3 * _BITS) - 1
    with pytest.raises(ValueError, match="at most 2,097,151 places"):
        edge_of(0, LOW + 1, 0)
