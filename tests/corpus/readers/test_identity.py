"""Authors are keyed by HMAC-SHA256, whatever the share of repeated ones."""

import hmac

import polars as pl
import pytest

from analysis.corpus.readers.identity import hash_contents, key_authors


@pytest.mark.parametrize("authors", [["7", "8", None], ["7", "7", "7", None, "7", "甲"]])
@pytest.mark.parametrize("secret", [b"", b"k", b"x" * 64, b"y" * 100])
def test_keys_are_those_of_the_standard_library(authors, secret):
    expected = [
        author and hmac.digest(secret, f"weibo:{author}".encode(), "sha256").hex()[:32]
        for author in authors
    ]
    assert key_authors(pl.Series(authors), secret, scope="weibo").to_list() == expected


def test_a_number_on_two_platforms_is_two_authors():
    keys = [key_authors(pl.Series(["7"]), b"k", scope=scope)[0] for scope in ("weibo", "douyin")]
    assert keys[0] != keys[1]


def test_the_hash_of_a_row_is_pinned_and_leaves_the_author_out():
    rows = pl.DataFrame({"text": ["退款慢"], "author_key": ["a"]})
    other = rows.with_columns(author_key=pl.lit("b"))
    assert hash_contents(rows).to_list() == hash_contents(other).to_list()
    assert hash_contents(rows)[0] == hash_contents(rows.select("text"))[0]
