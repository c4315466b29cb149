"""Hashed grams: the compiled loop against a plain one, and what folding must bring together."""

import math
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.hashed_linear import BEYOND, EMOJI, FOLDED, SEPARATOR, list_grams, sum_weights
from analysis.kernels.utf8 import text_buffers
from analysis.sentiment.foldings import build_foldings

BUCKETS = 1 << 12
FOLD = build_foldings()
WEIGHTS = np.random.default_rng(7).integers(-127, 128, BUCKETS).astype(np.int8)
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
        entry = int(FOLD[ord(character)]) if ord(character) < len(FOLD) else BEYOND
        code = entry & FOLDED
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
    bounds, listed = list_grams(found.offsets, found.data, FOLD, BUCKETS)
    return [sorted(listed[a:b].tolist()) for a, b in pairwise(bounds)]


def compiled_sums(*texts):
    found = buffers(*texts)
    return sum_weights(found.offsets, found.data, FOLD, WEIGHTS).tolist()


texts = st.text(
    st.sampled_from("好差质量退 　.·*-😡👍🏻\u200b！！！aA1Ⅴ貨后")
    | st.characters(exclude_categories=("Cs",)),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=4))
def test_equals_plain_loop(batch):
    assert compiled_grams(*batch) == [grams(text) for text in batch]
    expected = [
        sum(int(WEIGHTS[g]) for g in grams(text)) / math.sqrt(len(grams(text)))
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
    sums = sum_weights(whole.offsets, whole.data, FOLD, WEIGHTS)
    assert sum_weights(part.offsets, part.data, FOLD, WEIGHTS).tolist() == sums[1:4].tolist()
