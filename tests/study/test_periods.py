from datetime import date, timedelta

import polars as pl
import pytest

from analysis.study.load import study_of_range
from analysis.study.periods import (
    PERIODS,
    choose_period,
    days_within,
    find_dense_range,
    find_main_range,
    list_periods,
    next_period,
    period_number,
    period_start,
    tell_period,
    truncate,
)

YEARS = [date(2011, 12, 25) + timedelta(n) for n in range(1_200)]


@pytest.mark.parametrize(
    ("days", "period"),
    [(1, "day"), (60, "day"), (61, "week"), (548, "week"), (549, "month"), (3_650, "month")],
)
def test_the_length_of_the_window_decides_the_period(days, period):
    start = date(2018, 11, 5)
    assert choose_period(days) == period
    study = study_of_range("x", start, start + timedelta(days - 1), [])
    assert study.period == period
    assert (study.series, study.coverage) == {
        "day": ("daily", "coverage"),
        "week": ("weekly", "coverage_periods"),
        "month": ("monthly", "coverage_periods"),
    }[period]


@pytest.mark.parametrize("period", PERIODS)
def test_polars_and_python_put_every_day_into_the_same_period(period):
    frame = pl.DataFrame({"day": YEARS}).with_columns(start=truncate(pl.col("day"), period))
    starts = [period_start(day, period) for day in YEARS]
    assert frame["start"].to_list() == starts
    if period == "week":
        assert {start.isocalendar().weekday for start in starts} == {1}
        assert all(
            s.isocalendar()[:2] == d.isocalendar()[:2] for s, d in zip(starts, YEARS, strict=True)
        )
    if period == "month":
        assert [(s.year, s.month, s.day) for s in starts] == [(d.year, d.month, 1) for d in YEARS]


@pytest.mark.parametrize("period", PERIODS)
def test_periods_follow_each_other_without_gap_and_hold_every_day_once(period):
    listed = list_periods(YEARS[0], YEARS[-1], period)
    assert [next_period(start, period) for start in listed[:-1]] == listed[1:]
    numbers = [period_number(start, period) for start in listed]
    assert numbers == list(range(numbers[0], numbers[0] + len(listed)))
    inside = [days_within(start, period, YEARS[0], YEARS[-1]) for start in listed]
    assert [day for days in inside for day in days] == YEARS


@pytest.mark.parametrize(
    ("days", "period"),
    [
        (["2020-06-01", "2020-06-08", "2020-06-15"], "week"),
        (["2020-06-01", "2020-07-01", "2021-01-01"], "month"),
        (["2020-06-01", "2020-06-08"], "day"),
        (["2020-06-01", "2020-06-08", "2020-06-16"], "day"),
        ([], "day"),
    ],
)
def test_a_table_tells_its_period_by_its_dates(days, period):
    assert tell_period(map(date.fromisoformat, days)) == period


@pytest.mark.parametrize(
    ("far", "main"),
    [
        ({}, None),
        ({"2050-01-01": 1}, ("2023-06-01", "2023-06-20")),
        ({"1996-01-01": 1, "2050-01-01": 1}, ("2023-06-01", "2023-06-20")),
        ({"2024-06-01": 2}, ("2023-06-01", "2023-06-20")),  # one in a hundred
        ({"2024-06-01": 3}, None),  # more are no slip
        ({"2023-11-01": 1}, None),  # less than half a year
    ],
)
def test_very_few_days_far_away_are_no_part_of_the_main_range(far, main):
    posts = {"2023-06-01": 100, "2023-06-10": 20, "2023-06-20": 100, **far}
    found = find_main_range({date.fromisoformat(day): n for day, n in posts.items()})
    assert found == (main and tuple(map(date.fromisoformat, main)))


def test_a_handful_of_posts_has_no_main_range():
    posts = {date(2023, 6, 1): 9, date(2023, 6, 2): 9, date(2050, 1, 1): 1}
    assert find_main_range(posts) is None


@pytest.mark.parametrize(
    ("posts", "far", "is_told"),
    [
        (19, 1, True),  # twenty in all, and one is always few
        (18, 1, False),
        (40, 2, False),  # two of 42 are not
        (198, 2, True),  # two of 200 are one in a hundred
        (197, 2, False),
    ],
)
def test_very_few_far_dates_of_enough_are_told(posts, far, is_told):
    days = {date(2023, 6, 1): posts - 1, date(2023, 6, 20): 1, date(2050, 1, 1): far}
    assert (find_main_range(days) is not None) == is_told


@pytest.mark.parametrize(
    ("last", "away", "is_told"),
    [(20, 180, False), (20, 181, True), (200, 398, False), (200, 399, True)],
)
def test_far_is_half_a_year_and_twice_the_length_of_the_rest(last, away, is_told):
    first = date(2021, 1, 1)
    end = first + timedelta(days=last - 1)
    days = {first: 60, end: 60}
    for stray in (end + timedelta(days=away), first - timedelta(days=away)):
        assert (find_main_range(days | {stray: 1}) is not None) == is_told


JUNE = {date(2023, 6, day): 5 for day in range(3, 20)}
LONG = {date(2023, 1, 2) + timedelta(n): 1 for n in range(100)}  # seven a week, from a Monday


@pytest.mark.parametrize(
    ("posts", "first", "last"),
    [
        (JUNE, "2023-06-03", "2023-06-19"),
        ({**JUNE, date(2023, 6, 1): 4, date(2023, 6, 25): 4}, "2023-06-03", "2023-06-19"),
        ({**JUNE, date(2023, 6, 1): 5, date(2023, 6, 2): 0}, "2023-06-01", "2023-06-19"),
        # What is left between is told by day, however far a stray date lies.
        ({**JUNE, date(1996, 1, 1): 1, date(2050, 1, 1): 4}, "2023-06-03", "2023-06-19"),
        # By week, whole ones; the fifteenth has two posts.
        (LONG, "2023-01-02", "2023-04-09"),
        (dict.fromkeys(JUNE, 1), "2023-06-01", "2023-06-30"),
        ({date(2023, 2, 28): 1}, "2023-02-01", "2023-02-28"),
        ({date(2021, 2, 7): 4, date(2023, 2, 7): 4}, "2021-02-01", "2023-02-28"),
    ],
)  # fmt: skip
def test_a_range_that_few_may_not_tell_begins_and_ends_with_enough(posts, first, last):
    found = find_dense_range(posts, 5)
    assert found is not None and [str(day) for day in found] == [first, last]


def test_posts_without_days_have_no_range():
    assert find_dense_range({}, 5) is None
    assert find_dense_range({date(2023, 6, 1): 0}, 5) is None
