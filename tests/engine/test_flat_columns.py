"""Flat lists and JSON of many rows against Python's own."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from analysis.coding.codebook import CODES
from analysis.coding.keyword_coder import _SMALLEST_SCORE, _names_where, score_objects
from analysis.engine.compiled import compiled
from analysis.engine.flat_columns import code_point, gather_rows, mapped_in_order, text_buffers

NAMES = tuple("abcdefghijkl")


@settings(deadline=None)
@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=12)))
def test_names_of_the_true_columns(held):
    expected = [[NAMES[i] for i, value in enumerate(row) if value] for row in held.tolist()]
    assert _names_where(held, NAMES).to_list() == expected


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), max_size=9, unique=True), max_size=9))
def test_items_by_their_numbers(rows):
    number_of = np.array([3, -1, 0, 5, -1, 2, 1, -1, 9, 4], np.int32)
    starts = np.cumsum([0, *map(len, rows)])
    found = np.array([item for row in rows for item in row], np.int32)
    bounds, numbers = mapped_in_order(starts, found, number_of)
    for place, row in enumerate(rows):
        expected = sorted(int(number_of[item]) for item in row if number_of[item] >= 0)
        assert numbers[bounds[place] : bounds[place + 1]].tolist() == expected


SCORES = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.005, 0.00495, 0.00505, 0.99995, 0.12345])


def test_some_scores_as_json():
    rng = np.random.default_rng(4)
    edges = [0.0, 1.0, 0.005, 0.00495, 0.00505, 0.99995, 0.12345]
    _are_written_as_json_is(np.where(rng.random((9, len(CODES))) < 0.5,
                                     rng.random((9, len(CODES))),
                                     rng.choice(edges, (9, len(CODES)))).tolist())  # fmt: skip


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.lists(SCORES, min_size=len(CODES), max_size=len(CODES)), max_size=8))
def test_scores_as_json(rows):
    _are_written_as_json_is(rows)


def _are_written_as_json_is(rows):
    written = score_objects(np.array(rows).reshape(-1, len(CODES))).to_list()
    for text, row in zip(written, rows, strict=True):
        rounded = {code: float(np.round(score, 4)) for code, score in zip(CODES, row, strict=True)}
        kept = {code: rounded[code] for code in sorted(CODES) if rounded[code] >= _SMALLEST_SCORE}
        assert text == json.dumps(kept, separators=(",", ":"))


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=9), st.data())
def test_lists_of_some_rows_in_any_order(rows, data):
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=12))
    starts = np.cumsum([0, *map(len, rows)])
    items = np.array([item for row in rows for item in row], np.int32)
    bounds, gathered = gather_rows(starts, items, np.array(chosen, np.int64))
    expected = [rows[row] for row in chosen]
    found = [gathered[bounds[row] : bounds[row + 1]].tolist() for row in range(len(chosen))]
    assert found == expected


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
