"""A table that breaks its definition is refused, all missing columns at once."""

import polars as pl
import pytest

from analysis.errors import CaodianError
from analysis.schema import check, table, table_names


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
