"""Training the thorough coder: fast is left alone without reason, and changed with one."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.coding.learned_model import sub_targets
from analysis.errors import CaodianError
from analysis.training import coder_fit
from analysis.training.coder import unseen_fast
from analysis.training.thorough import _coded_posts, _fit_thorough, _train_thorough, _vectorised

pytestmark = pytest.mark.slow  # the fixture of all of them takes seconds

ROOT = Path(__file__).resolve().parents[2]
POSTS = 600


@pytest.fixture
def drawn():
    rng = np.random.default_rng(3)
    held = rng.random((POSTS, 3)) < 0.4
    return rng.normal(size=(POSTS, 8)) / 4, held, rng


def test_vectors_of_noise_leave_the_fast_coders_word(drawn):
    vectors, held, rng = drawn
    fast = 3.0 * (2 * held - 1) + rng.normal(size=held.shape)
    model = _fit_thorough(vectors, fast, held, np.ones(POSTS), seed=1)
    found = model.log_odds(vectors, fast) > 0
    by_fast = ((fast > 0) == held).mean(axis=0)
    assert ((found == held).mean(axis=0) >= by_fast - 0.01).all()


def test_vectors_that_know_more_are_heard(drawn):
    vectors, held, rng = drawn
    vectors[:, 5] = held[:, 1] - 0.5
    fast = rng.normal(size=held.shape)
    model = _fit_thorough(vectors, fast, held, np.ones(POSTS), seed=1)
    assert np.abs(model.weights[1]).argmax() == 5
    assert ((model.log_odds(vectors, fast)[:, 1] > 0) == held[:, 1]).mean() > 0.9


def test_the_same_posts_give_the_same_bytes(drawn, tmp_path):
    vectors, held, rng = drawn
    fast = rng.normal(size=held.shape)
    for name in ("one.npz", "two.npz"):
        _fit_thorough(vectors, fast, held, np.ones(POSTS), seed=1).save(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_target_that_never_holds_is_left_to_the_fast_coder(drawn):
    vectors, held, rng = drawn
    held[:, 2] = False
    fast = rng.normal(size=held.shape)
    model = _fit_thorough(vectors, fast, held, np.ones(POSTS), seed=1)
    odds = model.log_odds(vectors, fast)[:, 2]
    assert np.corrcoef(odds, fast[:, 2])[0, 1] == pytest.approx(1)


def test_the_fast_coder_is_asked_about_posts_it_did_not_see(monkeypatch):
    monkeypatch.setattr(coder_fit, "_BUCKETS", 1 << 12)
    monkeypatch.setattr(coder_fit, "_SUB_BUCKETS", 1 << 12)
    texts = ["等了十天还没发货", "很满意", "先涨价再打折"] * 50
    codes = [["delivery"], [], ["price"]] * 50
    posts = pl.DataFrame(
        {"text": texts, "channel": None, "voice": "consumer", "negative": [True, False, True] * 50,
         "grievances": codes, "sub_grievances": [[]] * 150, "weight": 1.0},
        schema_overrides={"channel": pl.String, "sub_grievances": pl.List(pl.String)},
    )  # fmt: skip
    judged = pl.DataFrame({"text": ["房间太吵"], "negative": [True], "weight": [0.1]})
    fast = unseen_fast(posts, judged, seed=5)
    assert fast.logits.shape == fast.held.shape == (150, 14 + len(sub_targets()))
    assert ((fast.logits[:, 0] > 0) == posts["negative"].to_numpy()).all()


def test_the_training_part_and_a_share_of_the_written_posts_are_learnt(monkeypatch):
    monkeypatch.chdir(ROOT)
    coded = _coded_posts()
    sample = pl.read_ndjson("data/coded/sample/train.jsonl")["text"]
    assert coded["text"].head(sample.len()).equals(sample)
    rows = _vectorised(coded, 10)
    assert rows[: sample.len()] == list(range(sample.len()))
    others = coded.height - sample.len()
    assert len(rows) - sample.len() == pytest.approx(others / 10, rel=0.05)
    fewer = coded[: sample.len() + others // 2]
    assert _vectorised(fewer, 10) == [row for row in rows if row < fewer.height]


def test_elsewhere_than_in_the_project_it_says_so(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CaodianError, match="project's folder"):
        _train_thorough(vectors=object())
