"""Platforms count where the writer names them; what is only quoted names none."""

import polars as pl
import pytest

from analysis.coding.coder import get_coder
from analysis.coding.compiled_codebook import compile_codebook

CASES = [
    ("京东发货太慢，等了十天", ["京东"]),
    ("哈哈//@某人:京东发货太慢，等了十天", []),
    ("淘宝也一样//@某人:京东发货太慢", ["淘宝"]),
    ("淘宝和京东都一样", ["京东", "淘宝"]),
    ("", []),
    (None, []),
]


def _coded(texts):
    return get_coder("keyword").code(pl.DataFrame({"text": texts}, schema={"text": pl.String}))


@pytest.mark.parametrize(("text", "platforms"), CASES)
def test_one_post(text, platforms):
    order = compile_codebook().platforms.index
    assert _coded([text])["platforms"].to_list() == [sorted(platforms, key=order)]


def test_posts_leave_each_other_alone():
    texts = [text for text, _ in CASES]
    alone = [_coded([text])["platforms"].item().to_list() for text in texts]
    assert _coded(texts)["platforms"].to_list() == alone


def test_a_grievance_in_a_quoted_chain_is_not_the_writers():
    coded = _coded(["哈哈//@某人:京东发货太慢，等了十天", "京东发货太慢，等了十天"])
    assert coded["grievances"].to_list() == [[], ["delivery"]]
