"""The classifier beside the rules: its file, its weight, and what it never changes."""

import numpy as np
import polars as pl
import pytest

from analysis.coding.classifier_coder import (
    SHIPPED_WEIGHTS,
    TARGETS,
    ClassifierCoder,
    ClassifierModel,
    Combination,
    combine,
)
from analysis.coding.coder import get_coder
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.scoring import Scores
from analysis.errors import CaodianError

TEXTS = pl.DataFrame({"text": ["等了十天还没发货，客服不理人", "今天天气真好", "", None]})


def test_shipped_weights_are_small():
    assert SHIPPED_WEIGHTS.stat().st_size <= 1_500_000


def test_without_weight_the_rules_decide_alone():
    alone = KeywordCoder(sentiment_weight=0.8, shift=0.5).code(TEXTS)
    beside = ClassifierCoder(Combination(negative=0.0, codes=0.0)).code(TEXTS)
    columns = ["voice", "is_negative", "grievances", "sub_grievances", "platforms"]
    assert beside.select(columns).equals(alone.select(columns))


def test_log_odds_move_the_negative_item_and_the_codes():
    rules = Scores(np.zeros(1), np.zeros((1, 1)), np.full((1, 12), 0.5))
    both = combine(rules, np.full((1, 10), -9.0), Combination(0.5, 0.5, 1.0, 2.0))
    assert both.negative.tolist() == [-1.0]
    assert np.allclose(both.labels[0, :9], 0.5)
    assert both.labels[0, 9:].tolist() == [0.5, 0.5, 0.5]


def test_a_text_without_words_says_nothing():
    odds = ClassifierModel.load().log_odds(TEXTS["text"])
    assert odds.shape == (4, len(TARGETS))
    assert not odds[2:].any()
    assert odds[0, 0] > odds[1, 0]


def test_tricks_of_spelling_change_nothing():
    plain, odd = ClassifierModel.load().log_odds(pl.Series(["发货太慢", "發.貨太慢"]))
    assert plain.tolist() == odd.tolist()


def test_fast_is_the_combination_and_keyword_the_rules_alone():
    assert isinstance(get_coder("fast"), ClassifierCoder)
    assert not isinstance(get_coder("keyword"), ClassifierCoder)
    assert get_coder("fast").name == "fast"


def test_a_file_that_is_no_model_says_so(tmp_path):
    (tmp_path / "coder.npz").write_bytes(b"no weights")
    with pytest.raises(CaodianError, match="train coder"):
        ClassifierModel.load(tmp_path / "coder.npz")


def test_weights_of_another_codebook_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", targets=np.array(["negative"]))
    with pytest.raises(CaodianError, match="another codebook"):
        ClassifierModel.load(tmp_path / "other.npz")
