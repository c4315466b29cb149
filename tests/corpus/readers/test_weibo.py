"""Where an export writes `nickname:text` into the cell of the text, and where it does not."""

from pathlib import PurePath

import polars as pl
import pytest

from analysis.corpus.readers import weibo
from analysis.corpus.readers.plan import Head

TOLD = "快递太慢了"


def head_of(texts):
    return Head(PurePath("a.csv"), "csv", None, ("微博正文",), tuple((text,) for text in texts))


def named(number, names):
    return [f"甲{n % names}:{TOLD}" for n in range(number)]


@pytest.mark.parametrize(
    ("texts", "are_named"),
    [
        (named(5, 5), True), (named(4, 4), False),  # five texts at least
        ([*named(9, 9), TOLD], True), ([*named(8, 8), TOLD], False),  # nine in ten of them
        (named(10, 5), True), (named(10, 4), False),  # as many names as half of the texts
        ([*named(9, 9), TOLD, "微博正文", "微博正文"], True),  # the header again is no text
        ([*named(9, 9), TOLD, "", ""], True), ([*named(4, 4), ""], False),
        ([f"下单{n}:30 {TOLD}" for n in range(10)], False),  # a time
        ([f"https:{n}" for n in range(10)], False),
        ([f"#甲{n}#:{TOLD}" for n in range(10)], False),  # a topic
        ([f"{'甲' * 29}{n}:{TOLD}" for n in range(10)], True),
        ([f"{'甲' * 30}{n}:{TOLD}" for n in range(10)], False), ([], False),
    ],
)  # fmt: skip
def test_names_stand_before_nearly_all_texts_or_before_none(texts, are_named):
    assert weibo._are_named(head_of(texts)) == are_named


@pytest.mark.parametrize(
    ("cell", "name", "text"),
    [
        (f"甲乙:{TOLD}", "甲乙", TOLD), (f"甲乙: {TOLD}", "甲乙", TOLD), (TOLD, None, TOLD),
        (f"下单12:30 {TOLD}", None, f"下单12:30 {TOLD}"), ("https://a", None, "https://a"),
        (f"甲:乙:{TOLD}", "甲", f"乙:{TOLD}"), (f"#甲#:{TOLD}", None, f"#甲#:{TOLD}"),
        ("甲:", "甲", ""), (None, None, None),
    ],
)  # fmt: skip
def test_a_name_is_parted_from_its_text(cell, name, text):
    parted = weibo._part_names(pl.DataFrame({"微博正文": [cell]}, schema={"微博正文": pl.String}))
    assert parted.select("named", "told").row(0) == (name, text)
