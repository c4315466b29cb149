"""Platforms count where they are named, also in a chain that is only quoted."""

import polars as pl
import pytest

from analysis.coding.clues import read_clues
from analysis.coding.coder import get_coder
from analysis.coding.engine import load_engine
from analysis.coding.named_platforms import named_platforms

CASES = [
    ("京东发货太慢，等了十天", ["京东"]),
    ("哈哈//@某人:京东发货太慢，等了十天", ["京东"]),
    ("淘宝也一样//@某人:京东发货太慢", ["淘宝", "京东"]),
    ("哈哈//@某人:今天下雨", []),
    ("", []),
    (None, []),
]


def _named(texts):
    posts = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    engine = load_engine()
    return named_platforms(posts, read_clues(posts, engine), engine).to_list()


@pytest.mark.parametrize(("text", "platforms"), CASES)
def test_one_post(text, platforms):
    assert _named([text]) == [sorted(platforms, key=load_engine().platforms.index)]


def test_chains_among_other_posts_leave_these_alone():
    texts = [text for text, _ in CASES]
    assert _named(texts) == [_named([text])[0] for text in texts]


def test_a_grievance_in_a_quoted_chain_is_not_the_writers():
    posts = pl.DataFrame({"text": ["哈哈//@某人:京东发货太慢，等了十天", "京东发货太慢，等了十天"]})
    assert get_coder("keyword").code(posts)["grievances"].to_list() == [[], ["delivery"]]
