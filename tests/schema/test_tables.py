"""A table that breaks its definition is refused, all missing columns at once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.schema import check, parse_columns, table, table_names


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
