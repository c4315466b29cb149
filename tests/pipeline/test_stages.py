"""What is done to a partition before it is written."""

import polars as pl

from analysis.pipeline.stages import mask_distinct, put_title_before

TITLES = [
    (None, "慢", "慢"),
    ("退款", "不退", "退款。不退"),
    ("退款", "要退款", "要退款"),
    (" 退款 ", None, "退款"),
    ("退款", "", "退款"),
    (" ", "慢", "慢"),
    (".*", "慢", ".*。慢"),
    (None, None, None),
]


def test_a_title_stands_before_a_text_that_lacks_it():
    titles, texts, whole = (pl.Series(column) for column in zip(*TITLES, strict=True))
    posts = pl.DataFrame({"title": titles, "text": texts})
    assert put_title_before(posts).to_list() == whole.to_list()
    assert posts["text"].to_list() == texts.to_list()
    untitled = posts.with_columns(title=pl.lit(None, pl.String))
    assert put_title_before(untitled).to_list() == texts.to_list()


def test_each_distinct_text_is_masked_in_all_its_rows():
    texts = pl.Series(["打13812345678", None, "退款", "打13812345678", ""])
    assert mask_distinct(texts).to_list() == ["打【电话】", None, "退款", "打【电话】", ""]
    assert mask_distinct(texts.clear()).to_list() == []
    assert mask_distinct(pl.Series([None], dtype=pl.String)).to_list() == [None]
