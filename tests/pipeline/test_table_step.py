"""What a run says beside its tables of the texts that it was given."""

import polars as pl
import pytest

from analysis.pipeline.table_step import _tell_foreign
from analysis.words import load_words

ZH, EN = load_words("zh"), load_words("en")


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (["快递太慢了", "不错", "差评！"], []),
        # Emoji, marks and numbers are no words in a foreign language; a letter is.
        (["😡😡", "👍", "……", "666", "质量差"], ["wordless_mostly"]),
        (["😡😡", "质量差"], ["wordless_mostly"]), (["😡😡", "质量差", "不错"], []),
        (["My parcel is late", "質量差", "Broken"], ["foreign_mostly"]),
        (["My parcel is late", "差", "差", "差", "差"], ["foreign_many"]),
        (["😡", "👍", "Broken"], ["wordless_mostly", "foreign_mostly"]),
        ([], []), ([None, "差"], []),
    ],
)  # fmt: skip
def test_texts_that_the_coder_did_not_learn_to_read_are_told(texts, keys):
    posts = pl.LazyFrame({"text": texts}, schema={"text": pl.String})
    notes = list(_tell_foreign(posts))
    assert [note.zh for note in notes] == [ZH(f"text.{key}") for key in keys]
    assert [note.en for note in notes] == [EN(f"text.{key}") for key in keys]


def test_a_repeat_is_no_further_post_without_words():
    posts = pl.LazyFrame({"text": ["😡", "😡", "差", "慢"], "repeat_of": [None, "1", None, None]})
    assert list(_tell_foreign(posts)) == []
