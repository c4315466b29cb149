"""Training the coder: the same posts give the same bytes, and what is kept out is never learnt."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
import pytest
from joblib import parallel_config

from analysis.coding.compiled_codebook import compile_codebook
from analysis.coding.features import Features, read_features
from analysis.coding.learned_model import _SHIPPED_WEIGHTS, ConceptModel
from analysis.errors import CaodianError
from analysis.sentiment.linear import negative_probabilities
from analysis.study import load_study
from analysis.training import coder, coder_fit
from analysis.training.coder import train_coder, train_shipped, unseen_probabilities
from analysis.training.coder_fit import BLOCK, _fit_learned, concept_features, folds_of
from analysis.training.texts import SAMPLE, WRITTEN, simulated_posts

ROOT = Path(__file__).resolve().parents[2]
STUDY = ROOT / "studies" / "618-2020.yaml"
ENGINE = compile_codebook()


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(coder_fit, "_BUCKETS", 1 << 12)
    monkeypatch.setattr(coder_fit, "_SUB_BUCKETS", 1 << 12)
    posts = pl.DataFrame(
        {
            "text": ["等了十天还没发货", "很满意", "先涨价再打折"] * 40,
            "negative": [True, False, True] * 40,
            "grievances": [["delivery"], [], ["price"]] * 40,
        }
    )
    return {"few": (posts, 1.0)}


@pytest.mark.slow
def test_the_same_posts_give_the_same_bytes(few, tmp_path):
    for name in ("one", "two"):
        train_coder(few, seed=5).save(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"coder.npz", "coder-main-1.npz", "coder-subs-1.npz", "coder.md"} <= set(files)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.slow
def test_the_card_counts_what_was_learnt(few):
    assert train_coder(few, seed=5).sources == {"few": (120, 80)}


@pytest.mark.slow
def test_extra_posts_are_learnt(few):
    slang = pl.DataFrame(
        {"text": ["绷不住了"] * 30, "negative": [1] * 30, "grievances": ["price"] * 30}
    )
    probe = read_features(pl.DataFrame({"text": ["绷不住了"]}), ENGINE)
    plain = train_coder(few, seed=5).model.main.reader(ENGINE)
    more = train_coder({**few, "slang": (slang, 1.0)}, seed=5).model.main.reader(ENGINE)
    assert more.log_odds(probe)[0, 0] > plain.log_odds(probe)[0, 0]


@pytest.mark.slow
def test_posts_of_unknown_codes_teach_the_judgement_alone(few):
    unknown = pl.DataFrame(
        {"text": ["房间太吵"] * 30, "negative": [True] * 30},
    ).with_columns(grievances=pl.lit(None, dtype=pl.List(pl.String)))
    plain = train_coder(few, seed=5).model.main.grams
    more = train_coder({**few, "reviews": (unknown, 1.0)}, seed=5).model.main.grams
    assert (more.weights[0] != plain.weights[0]).any()
    assert (more.weights[1:] == plain.weights[1:]).all()


def test_posts_without_codes_are_refused(few):
    with pytest.raises(CaodianError, match="grievances"):
        train_coder({"mine": (pl.DataFrame({"text": ["坏"], "negative": [1]}), 1.0)})


def plain_clues(texts, found=(), channel=None):
    starts = np.zeros(len(texts) + 1, np.int64)
    starts[1:] = np.cumsum([len(items) for items in found]) if found else 0
    items = np.array([item for row in found for item in row], np.int32)
    return Features(
        pl.Series(texts), starts, items, np.array(channel or [0] * len(texts), np.int32)
    )


def test_the_log_odds_of_a_post_come_from_a_model_that_never_saw_it():
    texts = [f"{chr(0x4E00 + n // 5)}坏了" for n in range(5 * BLOCK)]
    held = np.zeros((5 * BLOCK, 1), bool)
    held[:BLOCK] = True
    features = plain_clues(texts)
    model, unseen = _fit_learned(features, (), held, np.ones(5 * BLOCK), buckets=1 << 12, seed=1)
    assert model.grams.table().log_odds(features.texts)[:BLOCK, 0].mean() > 0
    assert unseen[:BLOCK, 0].max() <= 0


def test_a_gram_of_few_posts_weighs_nothing():
    texts = ["坏了"] * 5 + ["好用"] * 5 + ["糟"] * 3
    held = np.array([[True]] * 5 + [[False]] * 5 + [[True]] * 3)
    features = plain_clues(texts)
    model, _ = _fit_learned(features, (), held, np.ones(13), buckets=1 << 16, seed=1)
    odds = model.grams.table().log_odds(pl.Series(["坏", "糟", "无"]))[:, 0]
    assert odds[0] > odds[1] == odds[2]


def test_concepts_are_learnt_everywhere_and_by_channel():
    found, channel = [[0], [0], [1], [1]] * 30, [0, 2, 0, 2] * 30
    held = np.array([[True], [False], [False], [False]] * 30)
    features = plain_clues(["同样的话"] * 120, found, channel)
    model, _ = _fit_learned(features, ("a", "b"), held, np.ones(120), buckets=1 << 10, seed=1)
    odds = model.concepts.log_odds(features)[:4, 0]
    assert odds[0] > max(odds[1:])


def test_the_features_of_concepts_stand_where_their_weights_do():
    features = plain_clues(["话", "话"], [[1], [0, 1]], [0, 3])
    matrix, sizes = concept_features(features, 2)
    rng = np.random.default_rng(0)
    weights = rng.integers(-9, 9, (10, 3, 1)).astype(np.int8)
    weights[0, 0] = 0  # being anywhere is the intercept's
    model = ConceptModel(("a", "b"), weights, np.ones(1))
    assert matrix.shape[1] == sizes.size == weights.size
    assert (matrix @ weights.reshape(-1)).tolist() == model.log_odds(features)[:, 0].tolist()


def test_the_studys_own_seed_is_refused():
    study = load_study(STUDY)
    with pytest.raises(CaodianError, match="own run"):
        simulated_posts(study, 300, study.seed)


@pytest.mark.slow
def test_neither_the_development_nor_the_test_part_is_learnt():
    kept_out = set()
    for part in ("development", "test"):
        kept_out |= set(pl.read_ndjson(ROOT / f"data/coded/sample/{part}.jsonl")["text"])
    learnt = set(pl.read_ndjson(ROOT / SAMPLE)["text"])
    for path in (ROOT / WRITTEN).glob("*.jsonl"):
        learnt |= set(pl.read_ndjson(path)["text"])
    assert not kept_out & learnt
    assert len(kept_out) > 1_400


@pytest.mark.training
def test_shipped_weights_are_rebuilt_byte_for_byte(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    train_shipped().save(tmp_path)
    shipped = {path.name for path in _SHIPPED_WEIGHTS.parent.glob("coder*")}
    assert {path.name for path in tmp_path.iterdir()} == shipped
    for name in shipped:
        assert (tmp_path / name).read_bytes() == _SHIPPED_WEIGHTS.with_name(name).read_bytes()


class Fitted:
    """Says of each text in how many texts it was fitted; remembers them all."""

    fits: ClassVar[list[set[str]]] = []

    def __init__(self, texts, _seed):
        self.fits.append(set(texts["text"]))

    def negative_probabilities(self, texts):
        return pl.Series([float(len(self.fits))] * len(texts))


@pytest.fixture
def posts(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(coder, "fit_model", Fitted)
    Fitted.fits = []
    written = pl.read_ndjson("data/coded/written/e.jsonl").head(5).select("text", "writer")
    others = pl.read_ndjson("data/coded/written/f.jsonl").head(5).select("text", "writer")
    strange = pl.DataFrame({"text": ["从来没有人写过的一句话"], "writer": ["e"]})
    # In this process, where the stand-in stands.
    with parallel_config(backend="sequential"):
        yield pl.concat([written, others, strange])


@pytest.mark.slow
def test_no_model_saw_a_post_that_it_judges(posts):
    found = unseen_probabilities(posts)
    assert len(Fitted.fits) == 2
    for row, number in enumerate(found[:10].to_list()):
        assert posts["text"][row] not in Fitted.fits[int(number) - 1]


@pytest.mark.slow
def test_posts_of_one_writer_are_judged_by_one_model(posts):
    found = unseen_probabilities(posts)
    assert found[:5].n_unique() == found[5:10].n_unique() == 1
    assert found[0] != found[5]


@pytest.mark.slow
def test_posts_that_were_never_learnt_are_judged_by_the_shipped_model(posts):
    shipped = negative_probabilities(posts["text"][10:])
    assert unseen_probabilities(posts)[10] == shipped[0]


def test_posts_without_a_writer_go_by_blocks():
    posts = pl.DataFrame({"writer": [None] * (2 * BLOCK)}, schema={"writer": pl.String})
    assert folds_of(posts, 2).tolist() == [0] * BLOCK + [1] * BLOCK
