"""Polars and Arrow read the same from a Parquet file."""

from datetime import datetime

import polars as pl
import pytest

from analysis.corpus.readers.containers import opened

ROWS = 23
FRAME = pl.DataFrame(
    {
        "text": [None if row % 5 == 0 else f"第{row}条" for row in range(ROWS)],
        "likes": pl.Series(range(ROWS), dtype=pl.UInt16),
        "stars": [float("nan") if row == 3 else row / 2 for row in range(ROWS)],
        "is_new": [row % 2 == 0 for row in range(ROWS)],
        "when": pl.Series([datetime(2020, 6, 1, row) for row in range(ROWS)]),
        "tags": [["a", "b"]] * ROWS,
    }
).with_columns(zoned=pl.col("when").dt.replace_time_zone("Asia/Shanghai"))


@pytest.mark.parametrize("group", [1, 4, 100])
@pytest.mark.parametrize("held", [0, 200])
@pytest.mark.parametrize(
    "names", [FRAME.columns, [name for name in FRAME.columns if name != "tags"]]
)
def test_both_libraries_read_the_same_batches(tmp_path, monkeypatch, group, held, names):
    monkeypatch.setattr(opened, "_HELD_BATCHES", held)
    path = tmp_path / "[0-9]" / "[1].parquet"
    path.parent.mkdir()
    FRAME.write_parquet(path, row_group_size=group)
    by_arrow = list(opened._read_batches(path.read_bytes(), names, 6))
    batches = list(opened._read_batches(str(path), names, 6))
    assert [batch.height for batch in batches] == [batch.height for batch in by_arrow]
    assert pl.concat(batches).equals(FRAME.select(names))
    assert pl.concat(batches).schema == pl.concat(by_arrow).schema


def test_what_polars_cannot_read_arrow_reads(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    FRAME.write_parquet(path)

    def refuse(*_, **__):
        raise pl.exceptions.ComputeError("not yet")

    monkeypatch.setattr(pl, "scan_parquet", refuse)
    (batch,) = opened._read_batches(str(path), ["text"], 50_000)
    assert batch.equals(FRAME.select("text"))
