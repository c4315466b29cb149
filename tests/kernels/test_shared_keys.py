"""Entries that share a key, and the buckets of more than one component, against plain counting."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.shared_keys import entries_that_may_share, mixed_buckets

KEYS = st.lists(
    st.tuples(st.integers(0, 9) | st.integers(0, 2**32 - 1), st.booleans()), max_size=40
)


def shared(keys, active, share, shares):
    found = entries_that_may_share(np.array(keys, np.uint32), np.array(active, bool), share, shares)
    return {(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in found}


@settings(max_examples=200, deadline=None)
@given(KEYS, st.sampled_from([1, 2, 4]))
def test_all_that_share_are_found_and_only_active_ones(rows, shares):
    keys, active = [key for key, _ in rows], [flag for _, flag in rows]
    counts = Counter(key for key, flag in rows if flag)
    expected = {(key, entry) for entry, (key, flag) in enumerate(rows) if flag and counts[key] > 1}
    parts = [shared(keys, active, share, shares) for share in range(shares)]
    assert expected <= set().union(*parts)
    assert sum(map(len, parts)) == len(set().union(*parts))
    assert all(rows[entry] == (key, True) for part in parts for key, entry in part)


def test_most_lone_keys_are_left_out():
    keys = np.random.default_rng(1).permutation(2**20)[:20_000].astype(np.uint32)
    assert len(shared(keys, np.ones(20_000), 0, 1)) < 4_000


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60, unique=True), st.data()
)
def test_mixed_buckets_are_those_of_several_components(pairs, data):
    roots = np.array(data.draw(st.lists(st.integers(0, 3), min_size=10, max_size=10)), np.int32)
    ordered = np.array(sorted(key << 32 | entry for key, entry in pairs), np.uint64)
    members, bounds = mixed_buckets(ordered, roots)
    expected = []
    for key in sorted({key for key, _ in pairs}):
        bucket = {entry for other, entry in pairs if other == key}
        if len({roots[entry] for entry in bucket}) > 1:
            expected.append(bucket)
    found = [members[start:end] for start, end in pairwise(bounds)]
    assert [set(bucket.tolist()) for bucket in found] == expected
    for bucket in found:
        runs = 1 + np.count_nonzero(np.diff(roots[bucket]))
        assert runs == len(set(roots[bucket].tolist()))


@pytest.mark.parametrize("size", [3, 24, 25, 200])
def test_a_bucket_of_any_size_stands_component_by_component(size):
    roots = np.random.default_rng(size).integers(0, 4, size).astype(np.int32)
    members, bounds = mixed_buckets(np.arange(size, dtype=np.uint64), roots)
    assert bounds.tolist() == [0, size]
    assert sorted(members.tolist()) == list(range(size))
    assert (np.diff(roots[members]) >= 0).all()
