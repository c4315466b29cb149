"""The learned coder: its files, its evidence, and what it never changes."""

import shutil

import numpy as np
import polars as pl
import pytest

from analysis.coding.classifier_coder import ClassifierCoder
from analysis.coding.coder import get_coder
from analysis.coding.compiled_codebook import compile_codebook
from analysis.coding.features import read_features
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.learned_model import _SHIPPED_WEIGHTS, TARGETS, ClassifierModel, sub_targets
from analysis.coding.scoring import negative_logits
from analysis.errors import CaodianError
from analysis.sentiment.linear import shipped_model

TEXTS = pl.DataFrame({"text": ["等了十天还没发货，客服不理人", "今天天气真好", "", None]})


@pytest.fixture(scope="module")
def model():
    return ClassifierModel.load()


def test_no_shipped_file_is_over_two_megabytes():
    files = list(_SHIPPED_WEIGHTS.parent.glob("*.npz"))
    assert _SHIPPED_WEIGHTS in files
    assert max(path.stat().st_size for path in files) <= 2_000_000


def test_a_text_without_words_says_nothing(model):
    compiled = compile_codebook()
    posts = TEXTS.with_columns(pl.lit("live_room").alias("channel"))
    odds = model.main.reader(compiled).log_odds(read_features(posts, compiled))
    assert odds.shape == (4, len(TARGETS))
    assert not odds[2:].any()
    assert odds[0, 0] > odds[1, 0]


def test_all_sub_grievances_have_weights(model):
    odds = model.subs.grams.table().log_odds(TEXTS["text"])
    assert odds.shape == (4, len(sub_targets()))


def test_tricks_of_spelling_change_nothing(model):
    plain, odd = model.main.grams.table().log_odds(pl.Series(["发货太慢", "發.貨太慢"]))
    assert plain.tolist() == odd.tolist()


def test_the_sentiment_is_read_in_the_same_pass_and_is_the_linear_models_own(model):
    texts = pl.Series(["质量太差，客服不理人", "很好用", "退👍款", ""])
    compiled = compile_codebook()
    features = read_features(pl.DataFrame({"text": texts}), compiled)
    both = model.main.reader(compiled, shipped_model()).log_odds(features)
    assert np.allclose(both[:3, -1], shipped_model().log_odds(texts)[:3], atol=1e-12)
    assert both[3, -1] == 0
    assert (both[:, :-1] == model.main.reader(compiled).log_odds(features)).all()


def test_a_sentiment_of_another_size_is_refused(model):
    with pytest.raises(ValueError, match="hashed grams"):
        model.subs.grams.table(shipped_model())


def test_a_given_probability_stands_in_for_the_sentiment():
    texts = ["在京东买的东西", "等了十天还没发货"]
    posts = pl.DataFrame({"text": texts})
    logits = negative_logits(posts, posts["text"])
    given = posts.with_columns(negative_probability=1 / (1 + np.exp(-logits)))
    own, same = (get_coder("fast").code(frame)["negative_probability"] for frame in (posts, given))
    assert np.allclose(own, same, atol=1e-9)
    sure = posts.with_columns(negative_probability=pl.lit(0.97))
    assert (get_coder("fast").code(sure)["negative_probability"] > own).all()


def test_codes_stand_only_on_negative_items_and_subs_only_under_their_code():
    coded = get_coder("fast").code(TEXTS)
    assert coded["is_negative"].to_list()[:2] == [True, False]
    assert "delivery" in coded["grievances"][0]
    for row in coded.iter_rows(named=True):
        assert row["is_negative"] or not row["grievances"]
        assert {sub.split(".")[0] for sub in row["sub_grievances"]} <= set(row["grievances"])


def test_the_size_of_a_batch_changes_no_answer():
    posts = pl.DataFrame({"text": TEXTS["text"].to_list() * 5})
    coder = get_coder("fast")
    alone = pl.concat([coder.code(posts[row]) for row in range(posts.height)])
    assert coder.code(posts).equals(alone)


def test_fast_is_the_learned_coder_and_keyword_the_rules_alone():
    assert isinstance(get_coder("fast"), ClassifierCoder)
    assert not isinstance(get_coder("keyword"), ClassifierCoder)
    assert isinstance(get_coder("keyword"), KeywordCoder)
    assert get_coder("fast").name == "fast"


def test_a_file_that_is_no_model_says_so(tmp_path):
    (tmp_path / "coder.npz").write_bytes(b"no weights")
    with pytest.raises(CaodianError, match="train coder"):
        ClassifierModel.load(tmp_path / "coder.npz")


def test_weights_without_the_files_beside_them_are_refused(tmp_path):
    shutil.copy(_SHIPPED_WEIGHTS, tmp_path / "coder.npz")
    with pytest.raises(CaodianError, match="train coder"):
        ClassifierModel.load(tmp_path / "coder.npz")


def test_what_is_saved_is_what_is_loaded(model, tmp_path):
    files = model.save(tmp_path / "coder.npz")
    assert {file.name for file in files} == {path.name for path in tmp_path.iterdir()}
    again = ClassifierModel.load(tmp_path / "coder.npz")
    assert (again.main.grams.weights == model.main.grams.weights).all()
    assert (again.subs.grams.weights == model.subs.grams.weights).all()
    assert (again.main.concepts.weights == model.main.concepts.weights).all()
    assert again.main.concepts.names == model.main.concepts.names


def test_weights_of_another_codebook_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", targets=np.array(["negative"]))
    with pytest.raises(CaodianError, match="another codebook"):
        ClassifierModel.load(tmp_path / "other.npz")
