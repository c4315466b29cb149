"""The learned coder: its files, its evidence, and what it never changes."""

import shutil

import numpy as np
import polars as pl
import pytest

from analysis.coding.classifier_coder import ClassifierCoder, evidence, rule_logits
from analysis.coding.classifier_model import (
    KINDS,
    SHIPPED_WEIGHTS,
    TARGETS,
    ClassifierModel,
    sub_targets,
    subs_beside,
)
from analysis.coding.coder import get_coder
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.scoring import Scores
from analysis.errors import CaodianError

TEXTS = pl.DataFrame({"text": ["等了十天还没发货，客服不理人", "今天天气真好", "", None]})


@pytest.mark.parametrize("path", [SHIPPED_WEIGHTS, subs_beside(SHIPPED_WEIGHTS)])
def test_no_shipped_file_is_over_two_megabytes(path):
    assert path.stat().st_size <= 2_000_000


def test_evidence_stands_in_its_place():
    seen = evidence(
        np.array([[1.0, 2.0]]), np.array([1.0]), np.array([[3.0, 4.0]]),
        np.array([5.0]), np.array([6.0]),
    )  # fmt: skip
    assert seen.shape == (1, 2, KINDS)
    assert seen[0].tolist() == [[1, 3, 1, 5, 6], [2, 4, 1, 5, 6]]


def test_the_sure_answers_of_rules_are_drawn_in():
    labels = np.zeros((1, 28))
    labels[0, 0], labels[0, 27] = 1.0, 1.0
    main, subs = rule_logits(Scores(np.array([0.5]), np.array([[1.6, 2, 0, 0, 0]]), labels))
    assert main.shape[1] == len(TARGETS)
    assert main[0, 0] == 0.5
    assert main[0, 1] == pytest.approx(3.8918, abs=1e-4)
    assert main[0, 10:].round(9).tolist() == [0.4, -1.6, -1.6, -1.6]
    assert subs[0, -1] == pytest.approx(3.8918, abs=1e-4)


def test_a_text_without_words_says_nothing():
    odds = ClassifierModel.load().main.log_odds(TEXTS["text"])
    assert odds.shape == (4, len(TARGETS))
    assert not odds[2:].any()
    assert odds[0, 0] > odds[1, 0]


def test_all_sub_grievances_have_weights():
    odds = ClassifierModel.load().subs.log_odds(TEXTS["text"])
    assert odds.shape == (4, len(sub_targets()))


def test_tricks_of_spelling_change_nothing():
    plain, odd = ClassifierModel.load().main.log_odds(pl.Series(["发货太慢", "發.貨太慢"]))
    assert plain.tolist() == odd.tolist()


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


def test_platforms_of_a_quoted_chain_are_named_but_its_grievance_is_not_the_writers():
    posts = pl.DataFrame({"text": ["哈哈//@某人:京东发货太慢，等了十天", "京东发货太慢，等了十天"]})
    coded = get_coder("keyword").code(posts)
    assert coded["platforms"].to_list() == [["京东"], ["京东"]]
    assert coded["grievances"].to_list() == [[], ["delivery"]]


def test_fast_is_the_learned_coder_and_keyword_the_rules_alone():
    assert isinstance(get_coder("fast"), ClassifierCoder)
    assert not isinstance(get_coder("keyword"), ClassifierCoder)
    assert isinstance(get_coder("keyword"), KeywordCoder)
    assert get_coder("fast").name == "fast"


def test_a_file_that_is_no_model_says_so(tmp_path):
    (tmp_path / "coder.npz").write_bytes(b"no weights")
    with pytest.raises(CaodianError, match="train coder"):
        ClassifierModel.load(tmp_path / "coder.npz")


def test_weights_without_those_of_the_subs_are_refused(tmp_path):
    shutil.copy(SHIPPED_WEIGHTS, tmp_path / "coder.npz")
    with pytest.raises(CaodianError, match="train coder"):
        ClassifierModel.load(tmp_path / "coder.npz")


def test_weights_of_another_codebook_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", targets=np.array(["negative"]))
    np.savez(tmp_path / "other-subs.npz", targets=np.array(["negative"]))
    with pytest.raises(CaodianError, match="another codebook"):
        ClassifierModel.load(tmp_path / "other.npz")
