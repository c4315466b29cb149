"""What is done to a partition before it is written."""

import polars as pl

from analysis.pipeline.stages import prepare_partition
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
