"""Links of a crowded bucket against all pairs."""

import random
from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.flat_columns import text_buffers
from analysis.engine.minhash import BITMAP_WORDS, sketch_texts
from analysis.engine.near_duplicates import (
    _CROWD,
    _UNSEEN,
    _link_crowd,
    entries_that_may_share,
    flatten,
    link_buckets,
    mark_partners,
    mixed_buckets,
    note_members,
    unite_pairs,
)

BASE = "六一八在直播间买的手机到货发现是翻新机客服一直推脱不给退款真的太坑人了再也不会来"
OTHER = "双十一抢的红包根本不能用规则写得不清不楚骗人的吧活动全是套路大家千万别上当受骗"


def grams(text):
    return {text[place : place + 3] for place in range(len(text) - 2)}


def all_pairs(texts, roots, similarity):
    sets = [grams(text) for text in texts]
    parents = np.array(roots, np.int32)
    pairs = [
        (left, right)
        for left in range(len(texts))
        for right in range(left)
        if len(sets[left] & sets[right]) / len(sets[left] | sets[right]) >= similarity
    ]
    unite_pairs(parents, np.array(pairs, np.int32).reshape(-1, 2))
    flatten(parents)
    return parents.tolist()


def crowd(texts, roots, similarity, link):
    buffers = text_buffers(pl.Series(texts))
    sketches = sketch_texts(buffers, 4, 16)
    starts, ends = buffers.offsets[:-1].copy(), buffers.offsets[1:].copy()
    side = (sketches.sizes, sketches.bitmaps, buffers.data, starts, ends, similarity)
    members, parents = np.arange(len(texts), dtype=np.int32), np.array(roots, np.int32)
    unite_pairs(parents, link(members, parents, side))
    flatten(parents)
    return parents.tolist()


def as_one_bucket(members, roots, side):
    links = np.empty((len(members), 2), np.int32)
    return links[: _link_crowd(0, len(members), members, roots, side, links, 0)]


def variant(base, edits):
    text = list(base)
    for place, mark in edits:
        text[place % len(text)] = mark
    return "".join(text)


VARIANTS = st.lists(
    st.builds(
        variant,
        st.sampled_from([BASE, BASE, BASE, OTHER]),
        st.lists(st.tuples(st.integers(0, 40), st.sampled_from("甲乙丙丁戊己庚")), max_size=4),
    )
    | st.builds(lambda tail: BASE + tail, st.text(alphabet="甲乙丙丁戊", max_size=12)),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize("seed", range(6))
def test_a_drawn_crowd_has_the_components_of_all_pairs(seed):
    rng = random.Random(seed)
    texts = []
    for _ in range(14):
        edits = [(rng.randrange(40), rng.choice("甲乙丙丁戊")) for _ in range(rng.randrange(5))]
        tail = "".join(rng.choices("甲乙丙", k=rng.choice([0, 0, 6])))
        texts.append(variant(rng.choice([BASE, BASE, OTHER]), edits) + tail)
    roots = [0, 0, *range(2, len(texts))]
    bounds = np.array([0, len(texts)])
    for similarity in (0.5, 0.7, 0.8, 0.9):
        expected = all_pairs(texts, roots, similarity)
        assert crowd(texts, roots, similarity, as_one_bucket) == expected
        found = crowd(texts, roots, similarity, lambda *side: link_buckets(bounds, *side))
        assert found == expected


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(VARIANTS, st.sampled_from([0.5, 0.7, 0.8, 0.9, 1.0]), st.integers(0, 6))
def test_a_crowd_has_the_components_of_all_pairs(texts, similarity, joined):
    roots = [0] * min(joined + 1, len(texts)) + list(range(joined + 1, len(texts)))
    expected = all_pairs(texts, roots, similarity)
    assert crowd(texts, roots, similarity, as_one_bucket) == expected


@pytest.mark.parametrize("similarity", [0.5, 0.7, 0.8, 0.9, 1.0])
def test_a_handful_has_the_components_of_all_pairs(similarity):
    edits = [[], [(5, "甲")], [(5, "甲"), (20, "乙")], [(n, "丙") for n in (3, 12, 21, 30)], []]
    texts = [variant(base, some) for base in (BASE, OTHER) for some in edits] + [BASE + OTHER]
    roots = list(range(len(texts)))
    expected = all_pairs(texts, roots, similarity)
    bounds = np.array([0, len(texts)])
    assert crowd(texts, roots, similarity, as_one_bucket) == expected
    assert crowd(texts, roots, similarity, lambda *side: link_buckets(bounds, *side)) == expected
    assert expected[4] == 0 and len(set(expected)) >= 3  # equal texts are one, unlike ones are not


@pytest.mark.parametrize(
    ("bounds", "roots", "similarity", "marked"),
    [
        ([0, 4], [0, 1, 2, 3], 0.5, [True, True, False, False]),
        ([0, 4], [0, 0, 2, 3], 0.5, [False, False, False, False]),  # already one component
        ([0, 1, 4], [0, 1, 2, 3], 0.5, [False, False, False, False]),  # in two buckets
        ([0, 4], [0, 1, 2, 3], 0.9, [False, False, False, False]),
        ([0, 4], [0, 1, 2, 3], 0.0, [True, True, True, True]),  # nothing need be shared
    ],
)
def test_places_that_may_have_a_partner_in_another_component_are_marked(
    bounds, roots, similarity, marked
):
    """Sets of four: two that differ in one bit each way, one of four other bits, one of none."""
    bitmaps = np.zeros((4, BITMAP_WORDS), np.uint64)
    bitmaps[:, 0] = 0b1111, 0b10111, 0b111100000000, 0b1111 << 20
    sizes = np.full(4, 4, np.uint32)
    found = mark_partners(np.array(bounds), np.array(roots, np.int32), sizes, bitmaps, similarity)
    assert found.tolist() == marked


def test_in_a_bucket_too_large_to_look_at_all_are_marked():
    size = _UNSEEN + 1
    sides = np.full(size, 9, np.uint32), np.zeros((size, BITMAP_WORDS), np.uint64)
    alone = np.zeros(size, np.int32)
    assert mark_partners(np.array([0, size]), alone, *sides, 0.8).all()
    fewer = tuple(side[:-1] for side in sides)
    assert not mark_partners(np.array([0, size - 1]), alone[:-1], *fewer, 0.8).any()


def test_components_are_led_by_their_least_member_and_counted_up_to_two():
    parents = np.arange(7, dtype=np.int32)
    unite_pairs(parents, np.array([(5, 3), (6, 5), (1, 2)], np.int32))
    flatten(parents)
    assert parents.tolist() == [0, 1, 1, 3, 4, 3, 3]
    counts, earliest = np.zeros(7, np.int64), np.full(7, 99, np.int64)
    note_members(parents, np.array([7, 6, 5, 4, 3, 2, 8]), counts, earliest)
    assert counts.tolist() == [1, 2, 0, 2, 1, 0, 0]
    assert earliest.tolist() == [7, 5, 99, 2, 3, 99, 99]


@pytest.mark.slow
@pytest.mark.parametrize("size", [_CROWD - 1, _CROWD + 1, 700])
def test_both_ways_of_linking_agree_with_all_pairs(size):
    rng = np.random.default_rng(7)
    marks = "甲乙丙丁戊己庚辛壬癸"
    texts = [
        variant(BASE, [(int(rng.integers(40)), marks[int(rng.integers(10))]) for _ in range(2)])
        for _ in range(size)
    ]
    roots = list(range(size))
    bounds = np.array([0, size])
    found = crowd(texts, roots, 0.8, lambda *sides: link_buckets(bounds, *sides))
    assert found == all_pairs(texts, roots, 0.8)
    assert len(set(found)) < size


KEYS = st.lists(
    st.tuples(st.integers(0, 9) | st.integers(0, 2**32 - 1), st.booleans()), max_size=40
)


def shared(keys, active, share, shares):
    found = entries_that_may_share(np.array(keys, np.uint32), np.array(active, bool), share, shares)
    return {(int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in found}


@pytest.mark.parametrize("shares", [1, 2, 4])
def test_of_some_keys_all_that_share_are_found(shares):
    rng = random.Random(shares)
    for size in (0, 1, 8, 40):
        _are_found_if_they_share([(rng.randrange(10), rng.random() < 0.7) for _ in range(size)],
                                 shares)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(KEYS, st.sampled_from([1, 2, 4]))
def test_all_that_share_are_found_and_only_active_ones(rows, shares):
    _are_found_if_they_share(rows, shares)


def _are_found_if_they_share(rows, shares):
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


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60, unique=True), st.data()
)
def test_mixed_buckets_are_those_of_several_components(pairs, data):
    roots = np.array(data.draw(st.lists(st.integers(0, 3), min_size=10, max_size=10)), np.int32)
    _are_mixed(pairs, roots)


def test_of_some_buckets_the_mixed_ones_are_found():
    rng = np.random.default_rng(2)
    for size in (0, 3, 12, 30, 60):
        pairs = {(int(key), int(entry)) for key, entry in rng.integers(0, [6, 10], (size, 2))}
        _are_mixed(sorted(pairs), rng.integers(0, 3, 10).astype(np.int32))


def _are_mixed(pairs, roots):
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


def test_a_bucket_of_one_component_is_left_out():
    roots = np.array([0, 0, 2, 2, 4], np.int32)
    ordered = np.array([7 << 32 | 0, 7 << 32 | 1, 8 << 32 | 1, 8 << 32 | 2, 9 << 32 | 4], np.uint64)
    members, bounds = mixed_buckets(ordered, roots)
    assert (members.tolist(), bounds.tolist()) == ([1, 2], [0, 2])
