"""Hours hold every post once for its search word; empty, cut and halved ones are found."""

from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures import coverage_hours
from analysis.measures.coverage_hours import (
    _log_chance_of_none,
    find_caps,
    find_gaps,
    find_half_hours,
    tabulate_hours,
)

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
    monkeypatch.setattr(coverage_hours, "_MOST_KEYWORDS", 3)
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


@pytest.mark.parametrize(
    ("cells", "capped"),
    [
        ([200, 200, 200, 200, 199, 150, 60, 12], 5),
        ([500, 496, 498, 500, 499, 497, 300, 400], 6),
        ([1000, 700, 500, 300, 200], 0),  # a free maximum
        ([200, 200, 200], 0),  # three are too few
        ([1] * 40, 0),  # small equal counts are no limit
        ([25] * 12, 0),
        ([200, 198, 190, 188, 185, 184, 180, 178], 0),
    ],
)
def test_caps(cells, capped):
    assert int(find_caps(np.array(cells)).sum()) == capped


def test_free_poisson_counts_are_rarely_called_capped():
    generator = np.random.default_rng(4)
    flat = sum(find_caps(generator.poisson(300, 480)).any() for _ in range(300))
    assert flat <= 3


def test_half_hour_needs_enough_posts():
    halves = np.zeros((1, 24, 2), dtype=int)
    halves[0, 9] = [0, 30]
    halves[0, 10] = [0, 6]
    assert np.argwhere(find_half_hours(halves, 1.0)).tolist() == [[0, 9]]
    assert not find_half_hours(halves, 3.0).any()


def test_chance_of_none_is_the_negative_binomial():
    from scipy import stats

    mean, ratio = 7.0, 2.5
    exact = stats.nbinom.logpmf(0, mean / (ratio - 1), 1 / ratio)
    assert _log_chance_of_none(mean, ratio) == pytest.approx(exact)


def test_gaps_are_judged_against_the_usual_profile():
    hours = np.full((20, 24), 4)
    hours[:, :6] = 0  # empty on all days, and small: nothing to blame
    hours[3, 6:20] = 0
    assert [(gap.day, gap.first, gap.last) for gap in find_gaps(hours)] == [(3, 0, 19)]
