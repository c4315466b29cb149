"""Terms and their places against regular expressions and plain searching."""

import re
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from term_search import TermSearch

TERMS = ["退款", "退", "款不退", "假货", "不退款", "退退", "tb"]


@cache
def search():
    return TermSearch(TERMS)


def _reference(text):
    """Overlapping hits of plain terms in text that needs no folding."""
    return sorted(
        (number, match.start(), match.start() + len(term))
        for number, term in enumerate(TERMS)
        for match in re.finditer(
            f"(?={term})" if term != "tb" else "(?<![a-z])(?=tb(?![a-z]))", text
        )
    )


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.text(alphabet="退款不假货是tbc，。啊", max_size=40), max_size=5))
def test_against_regular_expressions(texts):
    found = search().find(pl.Series(texts, dtype=pl.String))
    for row, text in enumerate(texts):
        assert sorted(found.filter(row=row).drop("row").rows()) == _reference(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我要退 款", ["退 款", "退"]),
        ("假·货", ["假·货"]),
        ("假🔥货", ["假🔥货"]),
        ("退\u200b款", ["退\u200b款", "退"]),
        ("假貨", ["假貨"]),
        ("ＴＢ买的", ["ＴＢ"]),
        ("😀𠮷退款", ["退款", "退"]),
        ("假。货", []),
        ("tbc", []),
        ("", []),
    ],
)
def test_a_place_is_counted_in_characters_of_the_text_as_given(text, expected):
    rows = search().find(pl.Series([text])).rows()
    assert sorted(text[start:end] for _, _, start, end in rows) == sorted(expected)


def test_more_hits_than_room_and_more_texts_than_a_block():
    texts = pl.Series(["退" * 300] * 600 + ["无"] * 10)
    found = search().find(texts)
    assert found.height == 600 * (300 + 299)
    assert found["row"].max() == 599
    assert found.equals(
        pl.concat(
            [
                search().find(texts[:300]),
                search().find(texts[300:]).with_columns(pl.col("row") + pl.lit(300, pl.Int32)),
            ]
        )
    )


def test_a_numeral_is_crossed_as_a_whole():
    found = TermSearch(["等#天", "满#减#"]).find(pl.Series(["等了", "等3.5天", "满300减十几"]))
    assert (1, 0, 0, 5) in found.rows()
    assert (2, 1, 0, 7) in found.rows()
    assert found.filter(row=0).is_empty()
