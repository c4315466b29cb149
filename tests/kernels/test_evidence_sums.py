"""Weighing evidence in one pass, beside NumPy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.kernels.evidence_sums import drawn_in_logits, weigh_evidence


@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.integers(1, 4))
def test_evidence_is_weighed_as_side_by_side(seed, posts, targets):
    rng = np.random.default_rng(seed)
    own, rules = rng.normal(size=(2, posts, targets))
    shared = tuple(rng.normal(size=(3, posts)))
    weights, shifts = rng.normal(size=(targets, 5)), rng.normal(size=targets)
    columns = [np.broadcast_to(column[:, None], own.shape) for column in shared]
    expected = np.einsum("ptk,tk->pt", np.stack([own, rules, *columns], axis=2), weights) + shifts
    assert np.allclose(weigh_evidence(own, rules, shared, weights, shifts), expected, atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_logits_are_those_of_probabilities_drawn_in(probabilities):
    table = np.array([probabilities])
    inside = np.clip(table, 0.02, 0.98)
    assert np.allclose(drawn_in_logits(table, 0.02), np.log(inside / (1 - inside)), atol=1e-12)
