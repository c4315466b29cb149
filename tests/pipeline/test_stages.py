"""What is done to a partition before it is written."""

import polars as pl

from analysis.coding.stars import rating_scales
from analysis.pipeline.partitions import read_partition, write_partition
from analysis.pipeline.stages import code_partition, prepare_partition
from analysis.schema import table


def test_a_partition_is_cleaned_and_masked_and_keeps_its_rows(tmp_path):
    rows = {
        "title": ["退款", None],
        "text": ["打13812345678　没人接", "好"],
        "target": ["王某13912345678", None],
        "url": [None, "https://a.example/u/13812345678"],
    }
    schema = table("posts").polars_schema
    posts = pl.DataFrame(rows).select(
        pl.col(name).cast(kind) if name in rows else pl.lit(None, dtype=kind).alias(name)
        for name, kind in schema.items()
    )
    out = tmp_path / "part.parquet"
    assert prepare_partition(posts, out) == 2
    written = pl.read_parquet(out)
    assert written["text"].to_list() == ["退款。打【电话】 没人接", "好"]
    assert written["masked"].to_list() == ['{"phone":1}', "{}"]
    assert "13912345678" not in written["target"][0]
    assert "13812345678" not in written["url"][1]
    assert written["title"].to_list() == ["退款", None]


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
