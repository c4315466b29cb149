"""Evaluation on labelled files: the right rows, the right numbers, honest intervals."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from analysis.errors import CaodianError
from analysis.evaluation.sentiment import (
    _BinaryScores,
    cutoff_curve,
    evaluate_sentiment,
    select_labelled,
)
from analysis.training.texts import read_reviews

REVIEWS = pl.DataFrame(
    {
        "review": [
            "没发货，客服不理人",
            "又薄又透，差评",
            "很喜欢，会回购",
            "物流快",
            "一般",
            " ",
            None,
        ],
        "label": [0, 0, 1, 1, 2, 0, 1],
    }
)
COLUMNS = {"text_column": "review", "label_column": "label", "negative_value": "0"}


def test_measures_are_those_of_scikit_learn():
    rng = np.random.default_rng(1)
    labels = rng.random(500) < 0.3
    scores = np.clip(labels * 0.2 + rng.random(500) * 0.8, 0, 1).round(2)
    found = _BinaryScores(labels, scores).measure()
    assert found["accuracy"] == pytest.approx(accuracy_score(labels, scores > 0.5))
    assert found["macro_f1"] == pytest.approx(f1_score(labels, scores > 0.5, average="macro"))
    assert found["auc"] == pytest.approx(roc_auc_score(labels, scores))


def test_calibration_error_by_hand():
    # Two bins: 0.1 said, none true; 0.9 said, half true: (2 * 0.1 + 2 * 0.4) / 4.
    found = _BinaryScores(np.array([False, False, True, False]), np.array([0.1, 0.1, 0.9, 0.9]))
    assert found.measure()["ece"] == pytest.approx(0.25)


@pytest.mark.slow
def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng, covered = np.random.default_rng(5), 0
    for trial in range(100):
        right = rng.random(200) < 0.8
        labels = rng.random(200) < 0.5
        scores = np.where(right == labels, 0.9, 0.1)
        low, high = _BinaryScores(labels, scores).intervals(100, seed=trial)["accuracy"]
        covered += low <= 0.8 <= high
    assert 88 <= covered <= 100


def test_what_is_left_out_is_counted():
    known = read_reviews()["text"][0]
    more = pl.DataFrame({"review": ["物流 快", known], "label": [1, 1]})
    texts, left_out = select_labelled(pl.concat([REVIEWS, more]), **COLUMNS, positive_value="1")
    assert texts["text"].to_list() == [
        "没发货，客服不理人",
        "又薄又透，差评",
        "很喜欢，会回购",
        "物流快",
    ]
    assert left_out == {"unlabelled": 3, "repeats": 1, "known": 1}


FORWARDED = "转发微博//@某人:发货太慢，客服不理人"


def test_who_forwards_without_a_word_is_measured_for_no_scorer():
    more = pl.DataFrame({"review": [FORWARDED, "服务差//@某人:还行"], "label": [0, 0]})
    texts, left_out = select_labelled(pl.concat([REVIEWS, more]), **COLUMNS, positive_value="1")
    assert FORWARDED not in texts["text"].to_list()
    assert "服务差//@某人:还行" in texts["text"].to_list()
    assert left_out == {"unlabelled": 4, "repeats": 0, "known": 0}
    spoken = pl.Series(["没发货，客服不理人", FORWARDED, None, "物流快"], dtype=pl.String)
    curve = cutoff_curve(spoken, np.array([True, True, True, False]), cutoffs=[0.5])
    assert curve["share"].tolist() == [0.5, 0.5]
    assert curve["recall"].tolist() == [1.0, 1.0]


def test_one_row_a_scorer_within_its_interval():
    table = evaluate_sentiment(REVIEWS.to_pandas(), **COLUMNS, positive_value=["1", "2"])
    assert table["scorer"].tolist() == ["snownlp", "linear"]
    for name in ("accuracy", "macro_f1", "auc", "ece"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    again = evaluate_sentiment(REVIEWS, **COLUMNS, positive_value=["1", "2"])
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label_column": "lable"}, "Did you mean 'label'"),
        ({"text_column": "内容"}, "Columns:"),
        ({"negative_value": "bad"}, "Labels found: 0, 1, 2"),
    ],
)
def test_broken_contract(change, message):
    with pytest.raises(CaodianError, match=message):
        evaluate_sentiment(REVIEWS, **(COLUMNS | change))


def test_cutoff_curve_falls_and_knows_its_labels():
    texts, labels = REVIEWS["review"][:4], np.array([True, True, False, False])
    curve = cutoff_curve(texts, labels)
    for _, one in curve.groupby("scorer"):
        assert one["items"].is_monotonic_decreasing
    at_half = curve[(curve["cutoff"] == 0.5) & (curve["scorer"] == "linear")].iloc[0]
    assert (at_half["items"], at_half["precision"], at_half["recall"]) == (2, 1.0, 1.0)
