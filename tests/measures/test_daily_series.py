"""Daily series: what is a day, a gap, a grade, and what a series is a share of."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis.errors import CaodianError
from analysis.measures.daily_series import (
    COUNT,
    SHARE,
    SHARE_OF_NEGATIVE,
    arrange_daily,
    event_starts,
    explain_left_out,
    explain_strays,
    order_grievances,
    parse_days,
    shortfalls,
)


def table_of(days=20, **series):
    """One column of counts a grievance, from 1 June on; a number stands for each day."""
    dates = [day.isoformat() for day in pd.date_range("2020-06-01", periods=days).date]
    columns = {name: [counts] * days if np.isscalar(counts) else counts
               for name, counts in series.items()}  # fmt: skip
    return pd.DataFrame({"date": dates, **columns}).melt(
        "date", var_name="grievance", value_name="items"
    )


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2020-06-12", "2020-06-12"), ("2020/6/12", "2020-06-12"),
        ("2020-06-12 23:59:59", "2020-06-12"), (date(2020, 6, 12), "2020-06-12"),
        ("2020-06-12T23:00:00+08:00", "2020-06-12"), ("20/06/12", "2020-06-12"),
        (pd.Timestamp("2020-06-12 08:00"), "2020-06-12"),
    ],
)  # fmt: skip
def test_a_day_is_read_in_any_form_without_its_clock(given, day):
    assert parse_days(pd.Series([given]), "here").dt.strftime("%Y-%m-%d").tolist() == [day]


@pytest.mark.parametrize("given", ["yesterday", None, ""])
def test_what_is_no_day_is_told_with_its_place(given):
    with pytest.raises(CaodianError, match="here"):
        parse_days(pd.Series(["2020-06-12", given]), "here")


@pytest.mark.parametrize(
    ("period", "starts"),
    [
        ("day", [date(2020, 6, 16), date(2020, 6, 22)]),
        ("week", [date(2020, 6, 15), date(2020, 6, 22)]),
        ("month", [date(2020, 6, 1)]),
    ],
)
def test_event_days_make_the_periods_that_hold_them_events(period, starts):
    days = ["2020-06-22", date(2020, 6, 16), "2020-06-16 20:00"]
    assert event_starts(days, period) == starts
    assert event_starts([], period) == []


@pytest.mark.parametrize(
    ("own", "coverage", "worst"),
    [
        ("good", "doubtful", "doubtful"), ("doubtful", "good", "doubtful"),
        ("unfit", "partial", "unfit"), ("partial", "doubtful", "partial"), ("", "unfit", "unfit"),
        ("unfit", "", "unfit"), (None, " doubtful ", "doubtful"), ("", "", "good"),
    ],
)  # fmt: skip
def test_of_two_grades_of_a_day_the_worse_one_counts(own, coverage, worst):
    table = table_of(5, price=9)
    table["grade"] = ["good", "good", own, "good", "good"]
    series = arrange_daily(table, grades=pd.DataFrame({"date": ["2020-06-03"], "grade": coverage}))
    day = date(2020, 6, 3)
    assert (day in series.missing) == (worst in ("partial", "unfit"))
    assert (day in series.doubtful) == (worst == "doubtful")
    assert len(series.days) == 5 - len(series.missing)


@pytest.mark.parametrize("where", ["table", "coverage"])
def test_a_grade_that_is_none_is_refused(where):
    table, grades = table_of(2, price=9), pd.DataFrame({"date": ["2020-06-01"], "grade": "fair"})
    given = {"daily": table.assign(grade="fair")} if where == "table" else {"daily": table}
    with pytest.raises(CaodianError, match="one of good, doubtful, partial, unfit"):
        arrange_daily(**given, grades=grades if where == "coverage" else None)


@pytest.mark.parametrize(
    ("cut", "days", "missing"),
    [
        ([0], [2, 3, 4, 5], []), ([4], [1, 2, 3, 4], []), ([0, 1, 4], [3, 4], []),
        ([2], [1, 2, 4, 5], [3]), ([0, 2], [2, 4, 5], [3]), ([0, 1, 2, 3, 4], [], []),
    ],
)  # fmt: skip
def test_what_the_window_cuts_at_its_ends_is_no_gap(cut, days, missing):
    grades = pd.DataFrame({"date": [f"2020-06-0{1 + n}" for n in cut], "grade": "partial"})
    series = arrange_daily(table_of(5, price=[1, 2, 3, 4, 5]), grades=grades)
    assert [day.day for day in series.days] == days
    assert [day.day for day in series.missing] == missing
    assert series.counts["price"].tolist() == days
    assert series.day_numbers.tolist() == [day - days[0] for day in days]


def test_a_date_that_is_there_counts_nought_and_one_that_is_not_is_a_gap():
    table = table_of(6, price=[1, 2, 3, 4, 5, 6], delivery=7)
    table = table[(table["date"] != "2020-06-03")]
    table = table[(table["date"] != "2020-06-05") | (table["grievance"] != "price")]
    series = arrange_daily(table)
    assert series.counts["price"].tolist() == [1, 2, 4, 0, 6]
    assert series.counts["delivery"].tolist() == [7] * 5
    assert series.missing == (date(2020, 6, 3),) and series.day_numbers.tolist() == [0, 1, 3, 4, 5]
    assert list(series.counts) == ["delivery", "price"]


@pytest.mark.parametrize(
    ("names", "codes", "order"),
    [
        ("b negative a all", (), "all negative a b"), ("b a x", "x b", "x b a"),
        ("negative x all", "x", "all negative x"), ("", (), ""),
    ],
)  # fmt: skip
def test_known_names_stand_first_and_the_rest_by_name(names, codes, order):
    codes = codes.split() if codes else ()
    assert order_grievances(names.split(), codes) == order.split()


FEW = [1] * 9 + [0] * 11  # too little for any base


@pytest.mark.parametrize(
    ("series", "name", "measure", "kind", "base"),
    [
        ({"all": 90, "negative": 50, "a": 9}, "a", SHARE, "share", 90),
        ({"all": 90, "negative": 50, "a": 9}, "negative", SHARE, "share", 90),
        ({"all": 90, "negative": 50, "a": 9}, "all", SHARE, "count", None),
        ({"all": 90, "negative": 50, "a": 9}, "a", SHARE_OF_NEGATIVE, "share_of_negative", 50),
        ({"all": 90, "a": 9}, "a", SHARE_OF_NEGATIVE, "count", None),
        ({"all": 90, "negative": 50, "a": 9}, "negative", SHARE_OF_NEGATIVE, "count", None),
        ({"all": 90, "negative": 50, "a": 9}, "a", COUNT, "count", None),
        ({"all": FEW, "negative": 50, "a": 9}, "a", SHARE, "share_of_negative", 50),
        ({"all": FEW, "a": 9, "b": 8, "c": 7, "d": 6}, "a", SHARE, "against_others", 21),
        ({"a": 9, "b": 8, "c": 7}, "a", SHARE, "count", None),  # two others
        ({"a": 9, "b": 8, "c": 7, "d": 6}, "d", SHARE, "against_others", 24),
        ({"a": 9, "b": 8, "c": 7, "d": 6}, "d", SHARE_OF_NEGATIVE, "count", None),
        ({"negative": 9, "b": 8, "c": 7, "d": 6}, "negative", SHARE, "count", None),
    ],
)  # fmt: skip
def test_a_series_is_a_share_of_the_nearest_whole(series, name, measure, kind, base):
    found, counts = arrange_daily(table_of(**series)).base_of(name, measure)
    assert found == kind
    assert (None if counts is None else set(counts.tolist())) == (base if base is None else {base})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"items": -1}, "whole numbers from 0 up"),
        ({"items": 0.5}, "20 rows"),
        ({"grievance": None}, "name its grievance"),
        ({"date": "2020-06-01"}, "19 rows too many"),
    ],
)
def test_a_table_of_counts_keeps_its_contract(change, told):
    with pytest.raises(CaodianError, match=told):
        arrange_daily(table_of(price=9).assign(**change))


def test_units_and_columns_are_asked_for_by_name():
    with pytest.raises(CaodianError, match="one of items, families, authors"):
        arrange_daily(table_of(price=9), unit="posts")
    with pytest.raises(CaodianError, match="missing: authors"):
        arrange_daily(table_of(price=9), unit="authors")
    with pytest.raises(CaodianError, match="must have rows"):
        arrange_daily(table_of(price=9).head(0))
    families = table_of(price=9).assign(families=4)
    assert arrange_daily(families, unit="families").counts["price"].tolist() == [4] * 20


def test_series_below_the_minimum_are_told_with_their_reasons():
    series = arrange_daily(table_of(a=9, b=1, c=1, d=[40, *[0] * 19]))
    assert {name: lack.code for name, lack in shortfalls(series).items()} == {
        "b": "few_items", "c": "few_items", "d": "few_filled",
    }  # fmt: skip
    zh, en = explain_left_out(series)
    assert en == (
        "Trends, breaks and bursts: in 3 of 4 series there is too little to tell: fewer than 30 "
        "items (2), fewer than 10 days with any item (1)."
    )
    assert zh.startswith(
        "趋势、突变和突发：4 个序列里有 3 个数据太少，不作判断：不足 30 条（2 个），"
    )
    apart = explain_left_out(series, apart=("d",))[1]
    assert "in 2 of 3 series" in apart and apart.endswith("tell: fewer than 30 items.")
    assert explain_left_out(series, apart=("b", "c", "d")) == ("", "")
    assert "in all 2 series" in explain_left_out(series, apart=("a", "d"))[1]
    assert "the only series holds too little" in explain_left_out(series, apart=("a", "c", "d"))[1]


@pytest.mark.parametrize(
    ("far", "told", "number"),
    [("2050-01-01", "1 January 2050", 1), ("1999-12-31", "31 December 1999", 1), (None, None, 0)],
)
def test_very_few_far_dates_are_told(far, told, number):
    table = table_of(all=60, price=3)
    if far:
        row = {"date": far, "grievance": "all", "items": 1}
        table = pd.concat([table, pd.DataFrame([row, row | {"grievance": "price"}])])
    note = explain_strays(table)
    assert (note is None) is (told is None)
    if note is not None:
        assert f"(such as those of {told})" in note[1] and "(1 to 20 June 2020)" in note[1]
        assert note[2] == (1, number)
