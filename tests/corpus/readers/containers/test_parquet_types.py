"""Parquet columns of every kind that other programs write: read as what they say, or as JSON."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers import opened
from analysis.errors import CaodianError

SAID = [f"等了{n}天也没有人管" for n in range(6)]
TIMES = [datetime(2024, 6, 1 + n, 9, 30, n) for n in range(6)]
STARS = [1, 2, 3, 4, 5, 1]
SHANGHAI = timezone(timedelta(hours=8))
ZONED = [time.replace(tzinfo=SHANGHAI) for time in TIMES]


def read(path, **columns):
    pq.write_table(pa.table(columns), path)
    ingestion = ingest([path], secret=b"x")
    return pl.concat(list(ingestion.partitions()))


def found(posts):
    times = posts["published_at"].dt.replace_time_zone(None).to_list()
    return list(zip(posts["text"].to_list(), times, strict=True))


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai", "America/New_York", "+08:00"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_any_unit_and_zone(tmp_path, unit, zone):
    times = pa.array(ZONED if zone else TIMES, pa.timestamp(unit, zone))
    posts = read(tmp_path / "a.parquet", 内容=SAID, 时间=times)
    assert found(posts) == list(zip(SAID, TIMES, strict=True))


DAYS = [datetime(2024, 6, 1 + n) for n in range(6)]


@pytest.mark.parametrize("dtype", [pa.date32(), pa.date64()], ids=str)
def test_days(tmp_path, dtype):
    days = pa.array([day.date() for day in DAYS], dtype)
    posts = read(tmp_path / "a.parquet", 内容=SAID, 时间=days)
    assert found(posts) == list(zip(SAID, DAYS, strict=True))
    assert posts["published_precision"].unique().to_list() == ["day"]


KINDS = {
    "decimal": pa.array(map(Decimal, STARS), pa.decimal128(10, 2)),
    "long decimal": pa.array(map(Decimal, STARS), pa.decimal256(50, 3)),
    "of categories": pa.array(STARS, pa.int8()).dictionary_encode(),
    "half": pa.array(map(float, STARS), pa.float32()),
    "unsigned": pa.array(STARS, pa.uint64()),
    "text": pa.array(map(str, STARS), pa.large_string()),
    "bytes": pa.array([str(star).encode() for star in STARS]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_stars_of_any_kind(tmp_path, kind):
    posts = read(tmp_path / "a.parquet", 内容=SAID, 时间=TIMES, 评分=KINDS[kind])
    assert posts["rating"].to_list() == STARS


BESIDE = {
    "lists": pa.array([["a", "b"], [], None] * 2),
    "lists of structs": pa.array([[{"url": "x"}], None, []] * 2),
    "maps": pa.array([[("k", "v")], None, []] * 2, pa.map_(pa.string(), pa.string())),
    "durations": pa.array([timedelta(seconds=n) for n in range(6)]),
    "clocks": pa.array([datetime(2024, 1, 1, n, 5).time() for n in range(6)]),
    "vectors": pa.array([[0.5, 1.5]] * 6, pa.list_(pa.float32(), 2)),
    "nulls": pa.nulls(6),
    "bytes": pa.array([b"\xff\x00"] * 6),
    "bytes of one length": pa.array([b"\xff\x00"] * 6, pa.binary(2)),
    "days": pa.array([date(2020, 1, 1)] * 6),
}


@pytest.mark.parametrize("kind", BESIDE)
def test_columns_of_any_kind_beside_the_posts(tmp_path, kind):
    posts = read(tmp_path / "a.parquet", 内容=SAID, 时间=TIMES, 其他=BESIDE[kind])
    assert found(posts) == list(zip(SAID, TIMES, strict=True))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_parts_of_structs_are_columns_named_as_nested_keys(tmp_path, depth):
    rows = [
        {"content": said, "created_at": str(time), "user": {"name": f"甲{n}"}}
        for n, (said, time) in enumerate(zip(SAID, TIMES, strict=True))
    ]
    for _ in range(depth - 1):
        rows = [{"post": row} for row in rows]
    posts = read(tmp_path / "a.parquet", post=pa.array(rows), id=range(6))
    assert found(posts) == list(zip(SAID, TIMES, strict=True))


def test_what_structs_share_is_bounded_as_columns_are(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.corpus.readers.containers.foreign._MOST_BYTES", 100_000)
    texts = pa.array(["没人管" * 5_000] * 1_000)
    post = pa.StructArray.from_arrays(
        [texts, pa.array(["2024-06-01"] * 1_000)], ["content", "time"]
    )
    with pytest.raises(CaodianError, match=r"column post\.content, texts of 45,000 bytes"):
        read(tmp_path / "a.parquet", post=post)


def test_a_file_without_columns_is_refused(tmp_path):
    with pytest.raises(CaodianError, match="an export must hold a table"):
        read(tmp_path / "a.parquet")


def test_values_of_odd_types_are_spelled():
    values = [None, "a", b"\xe6\x85\xa2\xff", [1, {"b": None}], timedelta(1), Decimal("1.50")]
    spelled = [None, "a", "慢\ufffd", '[1, {"b": null}]', "1 day, 0:00:00", "1.50"]
    assert list(map(opened._spell_value, values)) == spelled
