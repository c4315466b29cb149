"""Training the coder: the same posts give the same bytes, and part c is never learnt."""

from pathlib import Path

import polars as pl
import pytest

from analysis.coding.classifier_coder import SHIPPED_WEIGHTS
from analysis.errors import CaodianError
from analysis.evaluation import train_coder as training
from analysis.evaluation.train_coder import train_coder, train_shipped
from analysis.study import load_study

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "618-2020.yaml"


def coded(*rows):
    posts = pl.DataFrame(rows, schema=["text", "negative", "grievances", "part"], orient="row")
    return pl.concat([posts] * 6)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(training, "SIMULATED_POSTS", 300)
    monkeypatch.setattr(training, "_harmless", lambda: training._weighted(
        coded(("天气不错", False, [], "a")), 0.5))  # fmt: skip
    return coded(
        ("等了十天还没发货", True, ["delivery"], "a"),
        ("很满意", False, [], "b"),
        ("绝无此句", True, ["price"], "c"),
    )


def test_the_same_posts_give_the_same_bytes(few, tmp_path):
    study = load_study(STUDY)
    for name in ("one", "two"):
        train_coder(few, study, seed=5).save(tmp_path / name)
    for file in ("coder.npz", "coder.md"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_part_c_is_left_out(few):
    study = load_study(STUDY)
    other = few.with_columns(
        pl.when(pl.col("part") == "c").then(pl.lit("另外")).otherwise("text").alias("text")
    )
    first, second = (train_coder(posts, study, seed=5) for posts in (few, other))
    assert first.sources["coded posts, parts a and b"] == (12, 6)
    assert (first.model.weights == second.model.weights).all()


def test_extra_posts_are_learnt(few):
    study = load_study(STUDY)
    slang = pl.DataFrame(
        {"text": ["绷不住了"] * 9, "negative": [1] * 9, "grievances": ["price"] * 9}
    )
    probe = pl.Series(["绷不住了"])
    plain = train_coder(few, study, seed=5).model.log_odds(probe)
    more = train_coder(few, study, [slang], seed=5).model.log_odds(probe)
    assert more[0, 0] > plain[0, 0]


def test_the_studys_own_seed_is_refused(few):
    study = load_study(STUDY)
    with pytest.raises(CaodianError, match="own run"):
        train_coder(few, study, seed=study.seed)


@pytest.mark.slow
def test_shipped_weights_are_rebuilt_byte_for_byte(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    train_shipped().save(tmp_path)
    for name in ("coder.npz", "coder.md"):
        assert (tmp_path / name).read_bytes() == SHIPPED_WEIGHTS.with_name(name).read_bytes()
