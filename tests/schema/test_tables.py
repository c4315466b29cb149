"""A table that breaks its definition is refused, all missing columns at once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.schema import check, check_cells, parse_columns, table, table_names


def test_all_missing_columns_are_named():
    with pytest.raises(CaodianError, match="missing: row_number, reason"):
        check(pl.DataFrame({"source_file": ["a.csv"]}), "rejects")


def test_a_value_outside_the_list_is_named():
    frame = pl.DataFrame(
        {"family_id": ["a"], "is_representative": [True], "duplicate_kind": ["similar"]}
    )
    with pytest.raises(CaodianError, match="similar"):
        check(frame, "deduplicated")


def test_a_value_outside_the_range_is_named():
    frame = pl.DataFrame({"snownlp_score": [1.5], "negative_probability": [0.5]})
    with pytest.raises(CaodianError, match=r"1\.5"):
        check(frame, "sentiment")


def test_nulls_are_no_values():
    frame = pl.DataFrame({"snownlp_score": [None], "negative_probability": [0.5]})
    check(frame, "sentiment")


def test_every_table_is_made_of_defined_columns():
    assert all(table(name).columns for name in table_names())


def test_an_unknown_table_is_refused_with_the_nearest():
    with pytest.raises(CaodianError, match="rejects"):
        table("reject")


@pytest.mark.parametrize(
    ("column", "cell", "holds"),
    [
        *(("items", cell, True) for cell in ("0", "7", "42", "123456789012345", "", None)),
        *(("items", cell, False) for cell in (
            "x", "NaN", "inf", "-0", "1e1", "４２", " 42", "42 ", "042", "4.5", "4.0", "-5", "٤٢",
            "4_2", "0x2A", "1,042", "+42", "9" * 30, "True", "42\n", "-",
        )),
        *(("growth", cell, True) for cell in ("-0.5", "0.0", "3", "1e-7", "-2.5e-12", "1e16")),
        *(("growth", cell, False) for cell in ("nan", "-inf", "1.", ".5", "1e", "０.5", "+1.0")),
        *(("share", cell, True) for cell in ("0.0", "1.0", "0.25")),
        *(("share", cell, False) for cell in ("1.5", "-0.1", "NaN")),
        *(("is_found", cell, True) for cell in ("true", "false", None)),
        *(("is_found", cell, False) for cell in ("True", "1", "yes", " true")),
        *(("date", cell, True) for cell in ("2020-06-30", "2020-02-29", "")),
        *(("date", cell, False) for cell in (
            "2020-06-31", "2021-02-29", "2020-6-1", "2020/06/01", "２０２０-06-01", "2020-06-01 8",
        )),
        *(("break_kind", cell, True) for cell in ("break", "burst")),
        *(("break_kind", cell, False) for cell in ("approved", "Break")),
        ("terms", "=1+1 ４２", True),
    ],
)  # fmt: skip
def test_a_cell_of_a_file_is_written_as_its_type_is(column, cell, holds):
    name = next(one for one in ("breaks", "counts", "trends") if column in table(one).names)
    rows = pl.DataFrame({column: [None, cell]}, schema={column: pl.String})
    if holds:
        check_cells(rows, name)
    else:
        with pytest.raises(CaodianError, match=column):
            check_cells(rows, name)


@pytest.mark.parametrize(
    ("name", "cells", "holds"),
    [
        ("trends", {"low": "-0.5", "high": "0.5"}, True),
        ("trends", {"low": "0.5", "high": "0.5"}, True),
        ("trends", {"low": "0.5", "high": "0.4"}, False),
        ("trends", {"low": "9.0", "high": "10.0"}, True),  # as numbers, not as words
        ("trends", {"low": None, "high": "0.4"}, True),
        ("trends", {"count_low": "1.0", "count_high": "-1.0"}, False),
        ("emerging", {"onset_low": "2020-06-09", "onset": "2020-06-10"}, True),
        ("emerging", {"onset_low": "2020-06-11", "onset": "2020-06-10"}, False),
        ("emerging", {"onset": "2020-06-11", "onset_high": "2020-06-10"}, False),
        ("counts", {"items": "9", "families": "10"}, False),
        ("counts", {"items": "10", "families": "9", "authors": "11"}, False),
        ("counts", {"items": "10", "authors": "9"}, True),
        ("platforms", {"items": "10", "named": "9"}, False),
        ("channels", {"items": "10", "negative_items": "11"}, False),
        ("reconciliation", {"kept": "4", "repeats": "5"}, False),
        ("sentiment_cutoffs", {"both": "0.5", "either": "0.4"}, False),
    ],
)  # fmt: skip
def test_a_part_is_no_more_than_its_whole(name, cells, holds):
    rows = pl.DataFrame([cells], schema=dict.fromkeys(cells, pl.String))
    if holds:
        check_cells(rows, name)
    else:
        with pytest.raises(CaodianError, match="must be no more than"):
            check_cells(rows, name)


SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2020-06-12", datetime(2020, 6, 12, tzinfo=SHANGHAI)),
        ("2020-06-12 08:03", datetime(2020, 6, 12, 8, 3, tzinfo=SHANGHAI)),
        ("2020-06-12T08:03:04", datetime(2020, 6, 12, 8, 3, 4, tzinfo=SHANGHAI)),
        ("2020-06-12T08:03:04+08:00", datetime(2020, 6, 12, 8, 3, 4, tzinfo=SHANGHAI)),
        ("2020-06-11T20:00:00Z", datetime(2020, 6, 12, 4, 0, tzinfo=SHANGHAI)),
        ("", None),
    ],
)
def test_times_are_shanghai_times(cell, expected):
    frame = pl.DataFrame({"published_at": [cell]}, schema={"published_at": pl.String})
    assert parse_columns(frame)["published_at"][0] == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("price;delivery", ["price", "delivery"]), (" price ; ", ["price"]), ("", []), (None, [])],
)
def test_lists_are_split(cell, expected):
    frame = pl.DataFrame({"grievances": [cell]}, schema={"grievances": pl.String})
    assert parse_columns(frame)["grievances"].to_list() == [expected]


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("is_negative", "TRUE", True),
        ("is_negative", "0", False),
        ("like_count", "12", 12),
        ("like_count", "12.0", 12),
        ("rating", "4.5", 4.5),
        ("post_id", "4973000000000001", "4973000000000001"),
    ],
)
def test_cells_are_cast(column, cell, expected):
    assert parse_columns(pl.DataFrame({column: [cell]}))[column][0] == expected


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("is_negative", "perhaps"),
        ("like_count", "12.5"),
        ("published_at", "yesterday"),
        ("rating", "good"),
    ],
)
def test_a_cell_that_does_not_parse_is_named(column, cell):
    with pytest.raises(CaodianError, match=f"{column}.*{cell}.*row 2"):
        parse_columns(pl.DataFrame({column: [None, cell]}))


def test_unknown_columns_are_left_alone():
    frame = pl.DataFrame({"mine": ["001"]})
    assert parse_columns(frame).equals(frame)


def test_a_day_is_a_day_in_shanghai():
    frame = pl.DataFrame({"published_at": [date(2020, 6, 1), None]})
    found = parse_columns(frame)["published_at"]
    assert found.dt.to_string("%Y-%m-%d %H:%M").to_list() == ["2020-06-01 00:00", None]
