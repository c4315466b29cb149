"""The usual script and the table that sets it beside a coder, by hand-counted posts."""

import polars as pl
import pytest

from analysis.coding.codebook import CODES
from analysis.coding.coder import get_coder
from analysis.errors import CaodianError
from analysis.evaluation.realism import (
    _USUAL_KEYWORDS,
    TRAINING_SEED,
    _run_usual_script,
    compare_hardness,
    draw_simulated,
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("快递太慢，差评", ["delivery"]),
        ("质量太差，客服不理人，差评", ["after_sales", "product_quality"]),
        ("东西太差，差评", []),
        ("快递很快，非常满意，好评", []),  # a keyword in praise
        ("", []),
    ],
)
def test_a_keyword_and_a_low_score_are_both_needed(text, codes):
    assert _run_usual_script(pl.Series([text]))["grievances"].to_list() == [codes]


def test_an_empty_text_is_not_negative():
    assert _run_usual_script(pl.Series(["", None], dtype=pl.String))["is_negative"].to_list() == [
        False,
        False,
    ]


def test_every_code_has_keywords():
    assert set(_USUAL_KEYWORDS) == set(CODES)


def test_counts_stand_beside_those_planted():
    posts = pl.DataFrame({
        "text": ["快递太慢，差评", "等了九天还在路上", "快递太差，差评"],
        "is_negative": [True, True, False],
        "grievances": [["delivery"], ["delivery"], []],
    })  # fmt: skip
    table = compare_hardness(posts, get_coder("keyword")).set_index("label")
    row = table.loc["delivery"]
    assert (row["planted"], row["script_items"]) == (2, 2)
    assert row["script_f1"] == pytest.approx(0.5)
    assert row["script_bias"] == 0
    assert row["keywords_f1"] == pytest.approx(2 / 3)  # the harmless post is known as such
    assert list(table.index) == ["negative", *CODES, "macro_codes"]


@pytest.mark.parametrize("seed", [618, TRAINING_SEED])
def test_posts_that_something_was_made_with_are_refused(seed):
    with pytest.raises(CaodianError, match="hardness"):
        draw_simulated(600, seed)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_posts_and_repeats_stay():
    first, second = (draw_simulated(3_000, seed=4) for _ in range(2))
    assert first.equals(second)
    assert abs(first.height - 3_000) <= 3
    assert first["text"].is_duplicated().any()
