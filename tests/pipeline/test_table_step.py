"""What a run says beside its tables of the texts that it was given."""

import polars as pl
import pytest

from analysis.pipeline.table_step import _tell_foreign, _tell_voices
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


@pytest.mark.parametrize(
    ("channels", "voices", "negative", "keys"),
    [
        (["hotline"] * 3, ["consumer"] * 3, [False] * 3, ["letters_mostly"]),
        (["weibo"] * 3, ["media", "marketing", "consumer"], [False] * 3, ["others_mostly"]),
        (["weibo"] * 3, ["media", "consumer", "consumer"], [False] * 3, []),
        # Who attacks a practice on consumers' behalf counts, whoever speaks.
        (["weibo"] * 3, ["media", "media", "consumer"], [True, True, False], []),
        (["hotline", "hotline", None], ["official"] * 3, [False] * 3,
         ["letters_mostly", "others_mostly"]),
        ([], [], [], []),
    ],
)  # fmt: skip
def test_a_reader_is_told_that_most_posts_are_letters_or_of_no_consumer(
    channels, voices, negative, keys
):
    columns = {"channel": pl.String, "voice": pl.String, "is_negative": pl.Boolean}
    rows = [channels, voices, negative]
    posts = pl.DataFrame(dict(zip(columns, rows, strict=True)), schema=columns).with_columns(
        repeat_of=pl.lit(None, pl.String), is_in_window=pl.lit(value=True)
    )
    assert [note.zh for note in _tell_voices(posts.lazy())] == [ZH(f"text.{key}") for key in keys]
