import polars as pl
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from analysis.errors import CaodianError
from analysis.evaluation.coding import evaluate_coding, worst_errors
from analysis.evaluation.label_matrix import read_labels


class _Fixed:
    """A coder that answers what it is told."""

    name = "fixed"

    def __init__(self, negative, grievances):
        self.negative, self.grievances = negative, grievances

    def code(self, posts):
        n = posts.height
        return pl.DataFrame({
            "voice": ["consumer"] * n,
            "is_negative": self.negative[:n],
            "negative_probability": [0.9 if x else 0.1 for x in self.negative[:n]],
            "grievances": self.grievances[:n],
            "sub_grievances": [[]] * n,
            "platforms": [["淘宝"]] * n,
            "scores": ["{}"] * n,
        }, schema_overrides={"sub_grievances": pl.List(pl.String)})  # fmt: skip


POSTS = pl.DataFrame({
    "text": ["一", "二", "三", "四", "五"],
    "negative": [True, True, False, True, False],
    "grievances": ["price", "price;delivery", "", "delivery", ""],
    "platforms": ["淘宝", "", "淘宝", "淘宝", "淘宝"],
    "voice": ["consumer", "consumer", "media", "consumer", "consumer"],
    "difficulty": ["plain", "sarcasm", "plain", "plain", "plain"],
})  # fmt: skip
CODER = _Fixed(
    [True, False, True, True, False], [["price"], [], ["price"], ["price", "delivery"], []]
)


def test_scores_against_scikit_learn():
    table = evaluate_coding(POSTS, coder=CODER).query("slice == 'all'").set_index("label")
    truth, found = [1, 1, 0, 1, 0], [1, 0, 1, 1, 0]
    row = table.loc["negative"]
    assert row["f1"] == pytest.approx(f1_score(truth, found))
    assert row["precision"] == pytest.approx(precision_score(truth, found))
    assert row["recall"] == pytest.approx(recall_score(truth, found))
    assert row["f1_low"] <= row["f1"] <= row["f1_high"]
    assert table.loc["price", "bias"] == pytest.approx(3 / 2 - 1)
    assert table.loc["price", "f1"] == pytest.approx(f1_score([1, 1, 0, 0, 0], [1, 0, 1, 1, 0]))
    assert table.loc["false_alarms", "precision"] == 0.5
    assert table.loc["voice_accuracy", "precision"] == 0.8
    assert table.loc["all_platforms", "precision"] == 0.8


def test_slices_by_difficulty():
    table = evaluate_coding(POSTS, coder=CODER)
    sarcasm = table[(table["slice"] == "difficulty=sarcasm") & (table["label"] == "negative")]
    assert sarcasm["posts"].item() == 1
    assert sarcasm["recall"].item() == 0


def test_worst_errors_are_masked():
    posts = POSTS.with_columns(pl.lit("电话13812345678没人接").alias("text"))
    errors = worst_errors(posts, coder=CODER)
    assert set(errors["kind"]) == {"missed", "false alarm"}
    assert not errors["text"].str.contains("13812345678").any()


@pytest.mark.parametrize("missing", ["text", "negative"])
def test_missing_columns_are_named(missing):
    with pytest.raises(CaodianError, match="text and negative"):
        read_labels(POSTS.drop(missing))


def test_unknown_codes_are_named():
    with pytest.raises(CaodianError, match="price"):
        read_labels(POSTS.with_columns(pl.lit("prise").alias("grievances")))
