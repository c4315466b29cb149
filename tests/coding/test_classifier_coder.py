"""The learned coder: its files, its evidence, and what it never changes."""

import shutil

import numpy as np
import polars as pl
import pytest

from analysis.coding.classifier_coder import (
    ClassifierCoder,
    Refit,
    RefittedCoder,
    combined_coder,
    refit_inputs,
    said_log_odds,
)
from analysis.coding.codebook import CODES
from analysis.coding.coder import get_coder, identify_coder
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
    assert odds.shape == (4, len(TARGETS) + 1)  # and the witness of real posts
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


# What an audit taught beside the shipped coder.

POSTS = pl.DataFrame({
    "text": [
        "等了十天还没发货，客服不理人", "今天天气真好", "买了三天就坏了，还不给退",
        "质量不错，下次再来", "退款又被拒，崩溃", "", "某局通报近期投诉情况",
    ],
    "channel": ["review", "weibo", "review", "review", "weibo", None, "news"],
})  # fmt: skip
INPUTS = 1 + len(CODES) + 1


def taught(weights, channels=()):
    width = INPUTS + len(channels)
    rows = {name: np.array([constant] + [0.0] * width) for name, constant in weights.items()}
    return Refit(tuple(channels), np.zeros(width), np.ones(width), rows, 60)


def test_an_audit_that_taught_nothing_changes_nothing():
    told = RefittedCoder(taught({})).code(POSTS)
    plain = combined_coder().code(POSTS)
    assert told.drop("scores").equals(plain.drop("scores"))
    known, found = said_log_odds(plain).codes, said_log_odds(told).codes
    surely = plain["is_negative"].to_numpy()
    assert found[surely] == pytest.approx(known[surely], abs=0.02)


@pytest.mark.parametrize(("constant", "expected"), [(20.0, True), (-20.0, False)])
def test_what_was_taught_of_the_negative_item_moves_it(constant, expected):
    told = RefittedCoder(taught({"negative": constant})).code(POSTS)
    assert told["is_negative"].to_list() == [expected] * POSTS.height
    if expected:
        new = ~combined_coder().code(POSTS)["is_negative"]
        assert set(told["voice"].filter(new)) == {"consumer"}
    else:
        assert told["grievances"].list.len().sum() == told["sub_grievances"].list.len().sum() == 0


def test_a_code_holds_in_negative_items_alone_and_takes_its_subs_along():
    plain = combined_coder().code(POSTS)
    told = RefittedCoder(taught({"price": 30.0, "delivery": -30.0})).code(POSTS)
    holds = told["grievances"].list.contains("price")
    assert holds.to_list() == plain["is_negative"].to_list() and holds.any()
    assert not told["grievances"].list.contains("delivery").any()
    assert plain["grievances"].list.contains("delivery").any()


def test_moves_are_sums_over_standardised_inputs():
    refit = Refit(
        (), np.array([1.0, 2.0]), np.array([2.0, 4.0]), {"price": np.array([0.5, 3, -1])}, 60
    )
    # 0.5 + 3 * (5 - 1) / 2 - (10 - 2) / 4
    assert refit.moves("price", np.array([[5.0, 10.0]])).tolist() == [4.5]


def test_inputs_are_log_odds_length_and_known_channels():
    said = said_log_odds(combined_coder().code(POSTS))
    inputs = refit_inputs(POSTS, said, ("review", "weibo"))
    assert inputs.shape == (POSTS.height, INPUTS + 2)
    assert inputs[:, -2].tolist() == [1, 0, 1, 1, 0, 0, 0]
    assert inputs[:, -1].tolist() == [0, 1, 0, 0, 1, 0, 0]
    assert inputs[1, INPUTS - 1] == pytest.approx(np.log(7))
    assert refit_inputs(POSTS.drop("channel"), said, ("review",))[:, -1].sum() == 0


def test_a_row_is_judged_alone_as_among_others():
    coder = RefittedCoder(taught({"negative": 0.3, "price": 1.0}, ["weibo"]))
    whole = coder.code(POSTS)
    assert pl.concat([coder.code(POSTS[row]) for row in range(POSTS.height)]).equals(whole)
    assert coder.code(POSTS[:0]).schema == whole.schema


def test_a_folder_is_a_coder(tmp_path):
    refit = taught({"negative": -20.0}, ["weibo"])
    refit.save(tmp_path)
    again = Refit.load(tmp_path)
    assert again.save(tmp_path / "b").read_bytes() == (tmp_path / "refit.json").read_bytes()
    assert not get_coder(str(tmp_path)).code(POSTS)["is_negative"].any()
    name = identify_coder(str(tmp_path))
    taught({"negative": -19.0}).save(tmp_path)
    assert name.startswith("refit ") and identify_coder(str(tmp_path)) != name
    assert str(tmp_path) not in name


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"price"', '"prices"', "another codebook"),
        ('"scale": [', '"scale": [1.0, ', "refit.json"),
        ("{", "", "refit.json"),
    ],
    ids=["codebook", "numbers", "broken"],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, old, new, message):
    path = taught({"negative": 1.0}).save(tmp_path)
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(CaodianError, match=message):
        get_coder(str(tmp_path)).code(POSTS)


def test_a_folder_without_one_is_refused(tmp_path):
    with pytest.raises(CaodianError, match="train coder --from"):
        get_coder(str(tmp_path))
