"""Training the coder: the same posts give the same bytes, and what is kept out is never learnt."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.coding.classifier_model import SHIPPED_WEIGHTS
from analysis.errors import CaodianError
from analysis.evaluation import train_coder as training
from analysis.evaluation.coder_sources import SAMPLE, WRITTEN, simulated_posts
from analysis.evaluation.gram_fit import BLOCK, fit_grams
from analysis.evaluation.stack_fit import Judged, fit_stack
from analysis.evaluation.train_coder import train_coder, train_shipped
from analysis.study import load_study

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "618-2020.yaml"
FILES = ("coder.npz", "coder-subs.npz", "coder.md")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(training, "BUCKETS", 1 << 12)
    monkeypatch.setattr(training, "SUB_BUCKETS", 1 << 12)
    posts = pl.DataFrame(
        {
            "text": ["等了十天还没发货", "很满意", "先涨价再打折"] * 40,
            "negative": [True, False, True] * 40,
            "grievances": [["delivery"], [], ["price"]] * 40,
        }
    )
    return {"few": (posts, 1.0)}


def test_the_same_posts_give_the_same_bytes(few, tmp_path):
    for name in ("one", "two"):
        train_coder(few, seed=5).save(tmp_path / name)
    for file in FILES:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_card_counts_what_was_learnt(few):
    assert train_coder(few, seed=5).sources == {"few": (120, 80)}


def test_extra_posts_are_learnt(few):
    slang = pl.DataFrame(
        {"text": ["绷不住了"] * 30, "negative": [1] * 30, "grievances": ["price"] * 30}
    )
    probe = pl.Series(["绷不住了"])
    plain = train_coder(few, seed=5).model.main.log_odds(probe)
    more = train_coder({**few, "slang": (slang, 1.0)}, seed=5).model.main.log_odds(probe)
    assert more[0, 0] > plain[0, 0]


def test_posts_of_unknown_codes_teach_the_judgement_alone(few):
    unknown = pl.DataFrame(
        {"text": ["房间太吵"] * 30, "negative": [True] * 30},
    ).with_columns(grievances=pl.lit(None, dtype=pl.List(pl.String)))
    plain = train_coder(few, seed=5).model.main
    more = train_coder({**few, "reviews": (unknown, 1.0)}, seed=5).model.main
    assert (more.weights[0] != plain.weights[0]).any()
    assert (more.weights[1:] == plain.weights[1:]).all()


def test_posts_without_codes_are_refused(few):
    with pytest.raises(CaodianError, match="grievances"):
        train_coder({"mine": (pl.DataFrame({"text": ["坏"], "negative": [1]}), 1.0)})


def test_the_log_odds_of_a_post_come_from_a_model_that_never_saw_it():
    texts = pl.Series([f"{chr(0x4E00 + n)}坏了" for n in range(5 * BLOCK)])
    held = np.zeros((5 * BLOCK, 1), bool)
    held[:BLOCK] = True
    model, unseen = fit_grams(texts, held, np.ones(5 * BLOCK), 1 << 12, seed=1)
    assert model.log_odds(texts)[:BLOCK, 0].mean() > 0
    assert unseen[:BLOCK, 0].max() <= 0


def test_the_stack_finds_the_kind_of_evidence_that_tells():
    rng = np.random.default_rng(0)
    held = rng.random((600, 15)) < 0.4
    seen = rng.normal(size=(600, 15, 5))
    seen[:, :, 1] += 4 * held
    judged = Judged(seen, held, np.ones(600))
    stack, shifts = fit_stack(judged, judged, seed=1)
    assert (stack.argmax(axis=1) == 1).all()
    found = np.einsum("ptk,tk->pt", seen, stack) + shifts > 0
    assert (found == held).mean() > 0.9


def test_the_studys_own_seed_is_refused():
    study = load_study(STUDY)
    with pytest.raises(CaodianError, match="own run"):
        simulated_posts(study, 300, study.seed)


def test_neither_the_development_nor_the_test_part_is_learnt():
    kept_out = set()
    for part in ("development", "test"):
        kept_out |= set(pl.read_ndjson(ROOT / f"data/coded/sample/{part}.jsonl")["text"])
    learnt = set(pl.read_ndjson(ROOT / SAMPLE)["text"])
    for path in (ROOT / WRITTEN).glob("*.jsonl"):
        learnt |= set(pl.read_ndjson(path)["text"])
    assert not kept_out & learnt
    assert len(kept_out) > 1_400


@pytest.mark.slow
def test_shipped_weights_are_rebuilt_byte_for_byte(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    train_shipped().save(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == SHIPPED_WEIGHTS.with_name(name).read_bytes()
