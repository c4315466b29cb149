"""Folders of partitions: the order in which they are worked on."""

from datetime import datetime

import polars as pl

from analysis.pipeline.partitions import (
    largest_first,
    partition_files,
    partition_path,
    read_partition,
    write_partition,
)


def test_the_largest_partition_comes_first_and_equals_keep_their_order(tmp_path):
    for number, size in enumerate([2, 5, 2, 9]):
        partition_path(tmp_path, number).write_bytes(b"x" * size)
    files = partition_files(tmp_path)
    assert [files.index(path) for path in largest_first(files)] == [3, 1, 0, 2]


def test_a_partition_is_read_as_it_was_written(tmp_path):
    zoned = pl.Datetime("us", "Asia/Shanghai")
    posts = pl.DataFrame(
        {
            "source": ["table", None, "table"],
            "text": ["慢" * 50, "", None],
            "published_at": pl.Series([datetime(2020, 6, 12), None, None]).cast(zoned),
            "like_count": [1, None, 10**15],
            "codes": [["a", "b"], [], None],
            "nothing": pl.Series([None] * 3, dtype=pl.String),
        }
    )
    path = tmp_path / "part-00000.parquet"
    write_partition(posts.slice(1), path)
    read = read_partition(path)
    assert read.equals(posts.slice(1))
    assert read.schema == posts.schema
    assert list(tmp_path.iterdir()) == [path]
