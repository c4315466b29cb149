"""What is asked of a Parquet file before its texts are read, in this process, where it is seen."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.corpus.readers.containers import opened
from analysis.errors import CaodianError

LONG, ROWS = "慢" * 5_000, 400


def write(path, texts, **options):
    columns = {"text": texts, "likes": pa.array([1] * len(texts))}
    pq.write_table(pa.table(columns), path, **options)
    return path


def is_refused(path, most):
    file = pq.ParquetFile(path)
    try:
        opened._require_bounded(str(path), file, "a.parquet", most)
    except CaodianError as error:
        assert "column text" in str(error) and "a.parquet" in str(error)
        return True
    return False


@pytest.mark.parametrize("rows_a_group", [ROWS, ROWS // 2])
def test_a_text_that_many_rows_share_must_fit_as_often_as_it_is_named(tmp_path, rows_a_group):
    shared = pa.array([LONG] * ROWS).dictionary_encode()
    path = write(tmp_path / "a.parquet", shared, row_group_size=rows_a_group)
    takes = rows_a_group * len(LONG.encode())
    assert not is_refused(path, takes) and is_refused(path, takes - 1)


def test_texts_of_which_one_is_long_fit_where_all_of_them_do(tmp_path):
    """The longest is asked first; only where it would not fit as often, each is counted."""
    texts = [LONG, *("好" for _ in range(ROWS - 1))]
    path = write(tmp_path / "a.parquet", pa.array(texts).dictionary_encode())
    takes = sum(len(text.encode()) for text in texts)
    assert not is_refused(path, takes) and is_refused(path, takes - 1)


def test_what_holds_no_texts_is_not_asked(tmp_path):
    pq.write_table(pa.table({"likes": [1] * ROWS}), tmp_path / "a.parquet")
    assert not is_refused(tmp_path / "a.parquet", 0)


@pytest.mark.parametrize(
    ("dtype", "is_text"),
    [
        (pa.string(), True), (pa.large_string(), True), (pa.binary(), True),
        (pa.large_binary(), True), (pa.dictionary(pa.int32(), pa.string()), True),
        (pa.dictionary(pa.int32(), pa.int64()), False), (pa.int64(), False),
        (pa.list_(pa.string()), False),
    ],
)  # fmt: skip
def test_strings_and_bytes_take_what_they_hold(dtype, is_text):
    assert opened._holds_bytes(dtype) == is_text


@pytest.mark.parametrize(
    ("dtype", "is_plain"),
    [
        (pa.string(), True), (pa.large_string(), True), (pa.int8(), True), (pa.uint64(), True),
        (pa.bool_(), True), (pa.float32(), True), (pa.float64(), True), (pa.float16(), False),
        (pa.binary(), False), (pa.decimal128(9, 2), False), (pa.date32(), False),
        *((pa.timestamp(unit), unit != "s") for unit in ("s", "ms", "us", "ns")),
        (pa.timestamp("us", "UTC"), True), (pa.timestamp("us", "Asia/Shanghai"), True),
        (pa.timestamp("us", "America/New_York"), False),
    ],
)  # fmt: skip
def test_columns_of_usual_kinds_are_read_as_they_are(dtype, is_plain):
    schema = pa.schema([pa.field("a", dtype), pa.field("b", pa.date32())])
    assert opened._are_plain(schema, ["a"]) == is_plain
    assert not opened._are_plain(schema, ["a", "b"])
    twice = pa.schema([pa.field("a", dtype), pa.field("a", dtype)])
    assert not opened._are_plain(twice, [])


@pytest.mark.parametrize(
    ("dtype", "is_odd"),
    [
        (pa.string(), False), (pa.int64(), False), (pa.date32(), False),
        (pa.decimal128(9, 2), False), (pa.list_(pa.string()), False),
        (pa.decimal256(50, 2), True), (pa.duration("s"), True), (pa.binary(), True),
        (pa.large_binary(), True), (pa.binary(4), True), (pa.month_day_nano_interval(), True),
        (pa.struct([("a", pa.int8())]), True), (pa.map_(pa.string(), pa.int8()), True),
        (pa.list_(pa.binary()), True), (pa.large_list(pa.list_(pa.int8())), True),
    ],
)  # fmt: skip
def test_columns_of_odd_types_are_spelled_before_they_are_read(dtype, is_odd):
    assert opened._is_odd(dtype) is is_odd
