"""Buffers of string columns: the same bytes whatever the slices, chunks and nulls."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kernels.compiled import compiled
from analysis.kernels.utf8 import code_point, text_buffers

any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@compiled
def decode(data, out):
    at = count = 0
    while at < data.size:
        out[count], at = code_point(data, at)
        count += 1
    return count


def texts_of(buffers):
    data = bytes(buffers.data)
    pairs = zip(buffers.offsets[:-1], buffers.offsets[1:], strict=True)
    return [data[start:stop].decode() for start, stop in pairs]


@given(st.lists(any_text | st.none(), max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_buffers_hold_the_texts(texts, start, length):
    column = pl.Series(texts, dtype=pl.String)[start : start + length]
    assert texts_of(text_buffers(column)) == [text or "" for text in column.to_list()]


def test_chunks_are_one():
    column = pl.Series(["好", "不好"]).append(pl.Series(["退款"]))
    assert texts_of(text_buffers(column)) == ["好", "不好", "退款"]


@settings(deadline=None)
@given(any_text)
def test_code_points_are_those_of_the_text(text):
    data = np.frombuffer(text.encode(), np.uint8)
    out = np.zeros(len(text) + 1, np.int32)
    assert decode(data, out) == len(text)
    assert out[: len(text)].tolist() == [ord(character) for character in text]
