"""The table of hours holds every post once for its search word, zeros included."""

from datetime import datetime

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures import coverage_cells
from analysis.measures.coverage_cells import tabulate_hours

MOMENTS = st.datetimes(datetime(2020, 6, 1), datetime(2020, 6, 3, 23, 59))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MOMENTS, st.sampled_from(["红包", "618", "", None])), min_size=1))
def test_every_cell_is_what_a_plain_count_gives(found):
    posts = pl.DataFrame(
        {"published_at": [when for when, _ in found], "keyword": [word for _, word in found]},
        schema={"published_at": pl.Datetime, "keyword": pl.String},
    )
    posts = posts.with_columns(published_precision=pl.lit("minute"))
    table = tabulate_hours(posts)
    for row in table.itertuples():
        wanted = [
            when
            for when, word in found
            if (word or "", when.date().isoformat(), when.hour) == (row.keyword, row.date, row.hour)
        ]
        assert row.items == len(wanted)
    dates = [when.date() for when, _ in found]
    assert len(table) == 24 * ((max(dates) - min(dates)).days + 1) * len(
        {word or "" for _, word in found}
    )


def test_the_rarest_search_words_stand_together_at_the_end(monkeypatch):
    monkeypatch.setattr(coverage_cells, "_MOST_KEYWORDS", 3)
    words = ["甲"] * 5 + ["乙"] * 9 + ["丙"] * 4 + ["丁"] * 4
    posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 9, 40)] * 22, "keyword": words})
    table = tabulate_hours(posts)
    sizes = table.groupby("keyword", sort=False)["items"].sum()
    assert sizes.to_dict() == {"乙": 9, "甲": 5, "*": 8}
    assert list(sizes.index) == ["乙", "甲", "*"]


def test_a_day_carries_its_grade():
    posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 9), datetime(2020, 6, 2, 9)]})
    grades = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grade": ["good", "unfit"]})
    table = tabulate_hours(posts, grades=grades)
    assert table.groupby("date")["grade"].unique().map(list).to_dict() == {
        "2020-06-01": ["good"],
        "2020-06-02": ["unfit"],
    }


def test_days_without_clock_times_make_no_table():
    posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1)], "published_precision": ["day"]})
    assert tabulate_hours(posts).empty
