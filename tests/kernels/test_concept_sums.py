"""Sums of concepts' weights beside a plain loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.kernels.concept_sums import sum_concept_weights

GROUPS, CONCEPTS, TARGETS = 3, 5, 4
ROWS = np.random.default_rng(0).integers(-254, 254, (GROUPS, 1 + CONCEPTS, TARGETS), np.int32)


def by_hand(posts):
    return [
        [
            int(ROWS[group, 0, target] + sum(ROWS[group, 1 + item, target] for item in items))
            for target in range(TARGETS)
        ]
        for group, items in posts
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(0, GROUPS - 1), st.lists(st.integers(0, CONCEPTS - 1), max_size=CONCEPTS)
        ),
        max_size=8,
    )
)
def test_sums_are_those_of_a_plain_loop(posts):
    starts = np.concatenate([[0], np.cumsum([len(items) for _, items in posts])]).astype(np.int64)
    found = np.array([item for _, items in posts for item in items], np.int32)
    group = np.array([number for number, _ in posts], np.int32)
    assert sum_concept_weights(starts, found, group, ROWS).tolist() == by_hand(posts)
