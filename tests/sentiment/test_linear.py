"""The linear model: what it must tell apart, and what it must not be fooled by."""

import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.sentiment.linear import LinearModel, negative_probabilities


@pytest.mark.parametrize(
    ("text", "is_negative"),
    [
        ("质量太差了，客服也不理人", True),
        ("一点都不好用", True),
        ("一点都不好用！！！！！！！！", True),
        ("發貨太慢，質量太差", True),
        ("质.量.太.差，垃😀圾", True),
        ("质量很好，物流很快，很满意", False),
        ("很好用，推荐", False),
        ("包裝很好，質量不錯", False),
    ],
)
def test_plain_judgements(text, is_negative):
    assert (negative_probabilities(pl.Series([text]))[0] > 0.5) is is_negative


def test_nothing_said_has_no_probability():
    found = negative_probabilities(pl.Series(["", None, "好"]))
    assert found.is_null().to_list() == [True, True, False]


def test_empty_column():
    assert negative_probabilities(pl.Series([], dtype=pl.String)).len() == 0


def test_no_model_file(tmp_path):
    with pytest.raises(CaodianError, match="weights file"):
        LinearModel.load(tmp_path / "absent.npz")
