"""What is done to a partition before it is written."""

import polars as pl

from analysis.coding.stars import rating_scales
from analysis.pipeline.partitions import read_partition, write_partition
from analysis.pipeline.stages import code_partition, mask_distinct, put_title_before

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


def test_a_text_is_judged_anew_where_its_stars_differ(tmp_path):
    texts = ["一般", "一般", "一般", "一般", "一般"]
    ratings = [1.0, 10.0, 5.0, 1.0, None]
    nothing = pl.Series([None] * 5, dtype=pl.String)
    files = ["five.csv", "ten.csv", "five.csv", "five.csv", "five.csv"]
    posts = pl.DataFrame(
        {
            **dict.fromkeys(("channel", "kind", "author_type"), nothing),
            "text": texts, "rating": ratings, "source_file": files,
        }
    )  # fmt: skip
    write_partition(posts, tmp_path / "posts.parquet")
    items = pl.DataFrame({"row": pl.Series(range(5), dtype=pl.UInt32)})
    write_partition(items, tmp_path / "items.parquet")
    paths = (tmp_path / f"{name}.parquet" for name in ("posts", "items", "coded"))
    assert code_partition(*paths, "keyword", rating_scales(posts)) == 5
    coded = read_partition(tmp_path / "coded.parquet")
    assert coded["stars"].to_list() == [1, 5, 5, 1, None]
    one, five, same, again, none = coded["negative_probability"]
    assert one == again > none > five == same
    assert coded["snownlp_score"].n_unique() == 1
