"""Cuts are marked and labels of buttons dropped."""

import polars as pl
import pytest

from analysis.corpus.readers.values.weibo_text import mark_cuts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("等了三天…全文", "等了三天…"),
        ("等了三天... 全文", "等了三天…"),
        ("等了三天展开c", "等了三天…"),
        ("退款到账收起d", "退款到账"),
        ("请看合同全文", "请看合同全文"),
        ("全文", "全文"),
        ("展开c后面还有字", "展开c后面还有字"),
    ],
)
def test_cuts(text, expected):
    assert mark_cuts(pl.Series([text]))[0][0] == expected
