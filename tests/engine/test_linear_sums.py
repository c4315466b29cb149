"""Sums of concepts' weights beside a plain loop."""

import math
import random
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.flat_columns import text_buffers
from analysis.engine.linear_sums import (
    _BEYOND,
    _FOLDED,
    EMOJI,
    SEPARATOR,
    clipped_logits,
    list_grams,
    shared_columns,
    side_by_side,
    sum_all_weights,
    sum_concept_weights,
    sum_weights,
    weigh_inputs,
)
from analysis.sentiment.linear import shipped_model

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


@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.integers(1, 4), st.integers(0, 6))
def test_evidence_is_weighed_as_side_by_side(seed, posts, targets, kinds):
    rng = np.random.default_rng(seed)
    own, rules = rng.normal(size=(2, posts, targets))
    shared = rng.normal(size=(posts, kinds))
    weights, shifts = rng.normal(size=(2 + kinds, targets)), rng.normal(size=targets)
    expected = own * weights[0] + rules * weights[1] + shared @ weights[2:] + shifts
    assert np.allclose(weigh_inputs(own, rules, shared, weights, shifts), expected, atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_shared_columns_stand_in_their_order(seed, posts):
    rng = np.random.default_rng(seed)
    learned, (rules, sentiment) = rng.normal(size=(posts, 4)) * 5, rng.normal(size=(2, posts))
    found = shared_columns(learned, slice(1, 3), rules, sentiment)
    highest = learned[:, 1:3].max(axis=1)
    columns = [learned, 1 / (1 + np.exp(-learned)), highest, rules, sentiment]
    assert np.allclose(found, np.column_stack(columns), atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_logits_are_those_of_clipped_probabilities(probabilities):
    table = np.array([probabilities])
    inside = np.clip(table, 0.02, 0.98)
    assert np.allclose(clipped_logits(table, 0.02), np.log(inside / (1 - inside)), atol=1e-12)


FOLD = np.arange(0x10000, dtype=np.int32)
WEIGHTS = np.random.default_rng(3).integers(-128, 128, (11, 1024)).astype(np.int8)
EXTREME = np.repeat(np.array([[-128], [127], [0]], np.int8), 1024, axis=1)


def _compare(texts, weights):
    buffers = text_buffers(pl.Series(texts, dtype=pl.String))
    found = sum_all_weights(buffers, FOLD, side_by_side(weights), len(weights))
    for target, row in enumerate(weights):
        one = sum_weights(buffers.offsets, buffers.data, FOLD, row)
        assert found[:, target].tobytes() == one.tobytes()


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_to_the_last_bit(texts):
    _compare(texts, WEIGHTS)


def test_long_texts_of_the_largest_weights_do_not_overflow():
    _compare(
        ["".join(map(chr, range(0x4E00, 0x4E00 + n))) for n in (85, 86, 87, 300, 9000)], EXTREME
    )


BUCKETS = 1 << 12
HASHED_LINEAR_FOLD = shipped_model().foldings
HASHED_LINEAR_WEIGHTS = np.random.default_rng(7).integers(-127, 128, BUCKETS).astype(np.int8)
MASK = (1 << 64) - 1


def hashed(gram):
    """Multiply-shift hash of one to three code points, as whole numbers of Python."""
    step, mix = 0x100000001B3, 0x9E3779B97F4A7C15
    salt = (0, 0x632BE59BD9B4E019, 0xD6E8FEB86659FD93)[len(gram) - 1]
    value = gram[0]
    for code in gram[1:]:
        value = (value * step & MASK) ^ code
    return ((value ^ salt) * mix & MASK) >> (64 - 12)


def is_han(code):
    return 0x4E00 <= code <= 0x9FFF


def folded_characters(text):
    """The characters that count, and the pictures, each with the number of grams it ends."""
    kept, pictures, pending = [], [], 0
    for character in text:
        entry = (
            int(HASHED_LINEAR_FOLD[ord(character)])
            if ord(character) < len(HASHED_LINEAR_FOLD)
            else _BEYOND
        )
        code = entry & _FOLDED
        if code and entry & EMOJI:
            pictures.append(code)
        elif code and entry & SEPARATOR:
            pending = pending or code
        elif code:
            if pending and kept and not is_han(kept[-1]) and not is_han(code):
                kept.append(pending)
            pending = 0
            if kept[-2:] != [code, code]:
                kept.append(code)
    return kept, pictures


def grams(text):
    kept, pictures = folded_characters(text)
    spans = [kept[at - n : at] for at in range(1, len(kept) + 1) for n in (1, 2, 3) if at >= n]
    return sorted(hashed(gram) for gram in [*spans, *([code] for code in pictures)])


def buffers(*texts):
    return text_buffers(pl.Series(texts, dtype=pl.String))


def compiled_grams(*texts):
    found = buffers(*texts)
    bounds, listed = list_grams(found.offsets, found.data, HASHED_LINEAR_FOLD, BUCKETS)
    return [sorted(listed[a:b].tolist()) for a, b in pairwise(bounds)]


def compiled_sums(*texts):
    found = buffers(*texts)
    return sum_weights(
        found.offsets, found.data, HASHED_LINEAR_FOLD, HASHED_LINEAR_WEIGHTS
    ).tolist()


texts = st.text(
    st.sampled_from("好差质量退 　.·*-😡👍🏻\u200b！！！aA1Ⅴ貨后")
    | st.characters(exclude_categories=("Cs",)),
    max_size=30,
)


def test_some_drawn_texts_equal_a_plain_loop():
    rng = random.Random(11)
    marks = "好差质量退 　.·*-😡👍🏻\u200b！！！aA1Ⅴ貨后\U0002f800\U0010ffff"
    _equal_a_plain_loop(["".join(rng.choices(marks, k=n % 25)) for n in range(60)])


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=4))
def test_equals_plain_loop(batch):
    _equal_a_plain_loop(batch)


def _equal_a_plain_loop(batch):
    assert compiled_grams(*batch) == [grams(text) for text in batch]
    expected = [
        sum(int(HASHED_LINEAR_WEIGHTS[g]) for g in grams(text)) / math.sqrt(len(grams(text)))
        if grams(text)
        else 0.0
        for text in batch
    ]
    assert compiled_sums(*batch) == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("發貨太慢", "发货太慢"),
        ("垃.圾", "垃圾"),
        ("差 评", "差评"),
        ("退*款", "退款"),
        ("加微Ⅴ", "加微v"),
        ("ＡＢＣ", "abc"),
        ("垃\u200b圾", "垃圾"),
        ("差！！！！！！", "差！！"),
        ("哈哈哈哈哈", "哈哈"),
        ("👍🏻", "👍"),
    ],
)
def test_folded_together(written, meant):
    assert compiled_grams(written) == compiled_grams(meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [("好", "不好"), ("iphone 13", "iphone13"), ("差", "差。"), ("👍", "👎"), ("好", "好好")],
)
def test_kept_apart(one, other):
    assert compiled_grams(one) != compiled_grams(other)


def test_slices_of_a_column():
    column = pl.Series(["好", "质量差", None, "", "退款"])
    whole, part = text_buffers(column), text_buffers(column[1:4])
    sums = sum_weights(whole.offsets, whole.data, HASHED_LINEAR_FOLD, HASHED_LINEAR_WEIGHTS)
    assert (
        sum_weights(part.offsets, part.data, HASHED_LINEAR_FOLD, HASHED_LINEAR_WEIGHTS).tolist()
        == sums[1:4].tolist()
    )
