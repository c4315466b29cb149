"""Weighing evidence in one pass, beside NumPy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.kernels.evidence_sums import drawn_in_logits, shared_columns, weigh_evidence


@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.integers(1, 4), st.integers(0, 6))
def test_evidence_is_weighed_as_side_by_side(seed, posts, targets, kinds):
    rng = np.random.default_rng(seed)
    own, rules = rng.normal(size=(2, posts, targets))
    shared = rng.normal(size=(posts, kinds))
    weights, shifts = rng.normal(size=(2 + kinds, targets)), rng.normal(size=targets)
    expected = own * weights[0] + rules * weights[1] + shared @ weights[2:] + shifts
    assert np.allclose(weigh_evidence(own, rules, shared, weights, shifts), expected, atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_shared_columns_stand_in_their_order(seed, posts):
    rng = np.random.default_rng(seed)
    learned, (rules, sentiment) = rng.normal(size=(posts, 4)) * 5, rng.normal(size=(2, posts))
    found = shared_columns(learned, slice(1, 3), rules, sentiment)
    highest = learned[:, 1:3].max(axis=1)
    columns = [learned, 1 / (1 + np.exp(-learned)), highest, rules, sentiment]
    assert np.allclose(found, np.column_stack(columns), atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_logits_are_those_of_probabilities_drawn_in(probabilities):
    table = np.array([probabilities])
    inside = np.clip(table, 0.02, 0.98)
    assert np.allclose(drawn_in_logits(table, 0.02), np.log(inside / (1 - inside)), atol=1e-12)
