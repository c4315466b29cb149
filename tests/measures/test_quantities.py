"""Quantities of a run: intervals of shares and sums by hand, and how little is too little."""

import os
from dataclasses import replace
from math import exp, hypot, inf, log, sqrt

import pandas as pd
import pytest

from analysis.errors import CaodianError
from analysis.measures.quantities import (
    FUNNEL_REASONS,
    Quantity,
    best_values,
    find_quantity,
    is_corrected,
    is_told,
    is_told_code,
    load_tables,
    parse_table,
    printed_as,
    row_of,
    spell_best,
    spell_share,
    total_posts,
)
from analysis.words import load_words


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"items": 30}, True),
        ({"items": 29}, False),
        ({"items": 29, "estimate": 29.9}, False),
        ({"items": 3, "estimate": 30.0}, True),
        ({"items": None, "estimate": None}, False),
    ],
)
def test_a_code_is_told_from_thirty_posts_on(row, told):
    assert is_told(row) == told


@pytest.mark.parametrize(
    ("low", "high", "carriers", "form"),
    [
        (4.0, 16.0, 5, "estimate"), (4.0, 16.1, 5, "interval"), (4.0, 16.0, 4, "fewer"),
        (4.0, 16.0, None, "estimate"), (None, 16.0, 5, "items"),
    ],
)  # fmt: skip
def test_an_estimate_is_printed_where_it_is_borne_out(low, high, carriers, form):
    row = {"items": 9, "estimate": 10.0, "low": low, "high": high, "carriers": carriers}
    assert printed_as(row) == form


WHOLE = Quantity(100.0, 80.0, 160.0)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (Quantity(10.0, 8.0, 15.0), WHOLE,
         0.1 * exp(-hypot(log(10 / 8), log(1.6))), 0.1 * exp(hypot(log(1.5), log(100 / 80)))),
        # what may be reached is divided by the worse end
        (Quantity(10.0, 8.0, 15.0, is_bound=True), WHOLE, 8 / 160, 15 / 80),
        (Quantity(10.0, 8.0, 15.0), Quantity(100.0, 80.0, 160.0, is_bound=True), 8 / 160, 15 / 80),
        (Quantity(0.0, 0.0, 4.0), WHOLE, 0.0, 4 / 80),
        (Quantity(10.0, 0.0, 15.0), WHOLE, 0.0, 0.1 * exp(hypot(log(1.5), log(100 / 80)))),
        (Quantity(10.0, 8.0, 15.0), Quantity(100.0, 0.0, 160.0),
         0.1 * exp(-hypot(log(10 / 8), log(1.6))), None),
        (Quantity(10.0), WHOLE, None, None),
        (Quantity(10.0, 8.0, 15.0), Quantity(100.0), 0.08, 0.15),
    ],
)  # fmt: skip
def test_a_share_takes_both_errors_in(part, whole, low, high):
    share = part.share_of(whole)
    assert share.value == pytest.approx(0.1 if part.value else 0)
    assert (share.low, share.high) == (pytest.approx(low), pytest.approx(high))


def test_counts_without_an_interval_have_chance_and_a_tenth_for_the_coder():
    reach = 0.1 * 0.7 + 1.96 * sqrt(0.7 * 0.3 / 200)
    share = Quantity(140.0).share_of_counts(Quantity(200.0))
    assert (share.low, share.high) == pytest.approx((0.7 - reach, 0.7 + reach))
    ends = Quantity(400.0).with_ends()
    assert (ends.low, ends.high) == pytest.approx((400 - 40 - 39.2, 400 + 40 + 39.2))
    assert Quantity(1.0).with_ends().low == 0.0
    assert Quantity(9.0, 8.0, 10.0).with_ends() == Quantity(9.0, 8.0, 10.0)


@pytest.mark.parametrize(
    ("low", "high", "is_precise", "chance"),
    [
        (10.0, 15.0, True, log(1.5) / log(10)),
        (10.0, 15.1, False, log(1.51) / log(10)),
        (1.0, 10.0, False, 1.0),
        (1.0, 20.0, False, 1.0),
        (0.0, 1.0, False, 1.0),
    ],
)
def test_an_interval_is_precise_up_to_half_as_much_again(low, high, is_precise, chance):
    found = Quantity(low, low, high)
    assert found.is_precise == is_precise
    assert found.chance == pytest.approx(chance)


@pytest.mark.parametrize(
    ("low", "is_above"), [(7.1, True), (7.0, False), (6.9, False), (None, False)]
)
def test_only_a_whole_interval_lies_above_another(low, is_above):
    assert Quantity(9.0, low, None if low is None else inf).is_above(Quantity(6.0, 5.0, 7.0)) == (
        is_above
    )


def tables():
    return {
        "counts": pd.DataFrame({
            "grievance": ["all", "price", "delivery", "rare"], "items": [1000, 40, 30, 5],
            "estimate": [None, 50.0, 20.0, 6.0], "low": [None, 40.0, 15.0, 2.0],
            "high": [None, 65.0, 32.0, 14.0],
        }),
        "platforms": pd.DataFrame({"platform": ["得物"], "items": [7], "named": [90]}),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "found", "is_bound"),
    [
        ("price", Quantity(50.0, 40.0, 65.0), False),
        ("rare", Quantity(6.0, 2.0, 14.0), False),  # told by its end alone
        ("price+delivery", Quantity(70.0, 70 - hypot(10, 5), 70 + hypot(15, 12)), False),
        ("price + 得物", Quantity(57.0, 40.0, 155.0), True),  # no more than all that name it
        ("得物", Quantity(7.0), False),
        ("all", Quantity(1000.0), False),
        ("all+price", Quantity(1050.0), False),  # one part without an interval
    ],
)
def test_a_quantity_is_found_by_its_name_and_a_sum_by_its_parts(name, found, is_bound):
    assert find_quantity(name, tables()) == replace(found, is_bound=is_bound)
    assert find_quantity(f"{name}+nothing", tables()) is None


def test_the_best_value_is_the_estimate_or_else_the_count():
    assert best_values(tables()["counts"]).tolist() == [1000.0, 50.0, 20.0, 6.0]
    assert total_posts(tables()) == 1000.0
    assert total_posts({}) == 0.0


@pytest.mark.parametrize(
    ("low", "value", "high", "expected"),
    [
        (0.4, 0.7, 1.9, (0.4, 0.7, 1.0)), (1.2, 1.5, 1.9, (1.0, 1.0, 1.0)),
        (0.4, 0.7, 0.9, (0.4, 0.7, 0.9)), (None, 1.5, None, (None, 1.0, None)),
    ],
)  # fmt: skip
def test_no_part_is_more_than_its_whole(low, value, high, expected):
    for is_bound in (True, False):
        found = Quantity(value, low, high, is_bound=is_bound).within_the_whole()
        assert (found.low, found.value, found.high, found.is_bound) == (*expected, is_bound)


@pytest.mark.parametrize(("part", "share"), [(0.0, 0.0), (100.0, 1.0), (130.0, 1.0)])
def test_a_share_of_counts_stays_between_nought_and_one(part, share):
    found = Quantity(part).share_of_counts(Quantity(100.0))
    assert found.value == share
    assert (found.low, found.high) == pytest.approx((0.9 * share, share))


def test_a_number_is_divided_with_its_ends_and_stays_what_it_is():
    found = Quantity(8.0, None, 12.0, is_bound=True).over(4)
    assert (found.value, found.low, found.high, found.is_bound) == (2.0, None, 3.0, True)
    assert not found.has_interval and found.chance is None and not found.is_precise
    assert not Quantity(1.0, 1.0, None).covers(1.0) and not Quantity(1.0, None, 1.0).covers(1.0)


@pytest.mark.parametrize(
    ("target", "covers"), [(3.9, False), (4.0, True), (6.0, True), (6.1, False)]
)
def test_the_ends_belong_to_an_interval(target, covers):
    assert Quantity(5.0, 4.0, 6.0).covers(target) is covers


def test_a_row_is_found_by_its_name_and_never_by_what_is_missing():
    table = pd.DataFrame({"grievance": ["all", None, "5", "all"], "items": [1, 2, 3, 4]})
    assert row_of(table, "grievance", "all")["items"] == 1
    assert row_of(table, "grievance", "5")["items"] == 3
    assert row_of(table, "grievance", "None") is None and row_of(table, "name", "all") is None


ROW = {"items": 3, "estimate": 4.2, "low": 1.0, "high": 9.0}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ROW, ("1 to 9", "")),
        (ROW | {"low": 2.0, "high": 7.0}, ("4", "2 to 7")),
        (ROW | {"carriers": 4}, ("fewer than 9", "")),
        (ROW | {"low": None}, ("3", "")),
    ],
)
def test_what_stands_for_a_row_is_its_estimate_or_its_ends_or_its_count(row, told):
    assert spell_best(row, load_words("en")) == told
    assert is_corrected(row) is (row["low"] is not None)


@pytest.mark.parametrize(
    ("share", "form", "told"),
    [
        (Quantity(0.032, 0.018, 0.0626), "fewer", "less than 6.26%"),
        (Quantity(0.032, 0.018, 0.0626), "interval", "1.80% to 6.26%"),
        (Quantity(0.032, 0.018, 0.0626), "estimate", "3.20%"), (Quantity(0.032), "fewer", "3.20%"),
    ],
)  # fmt: skip
def test_a_share_is_told_in_the_form_of_its_count(share, form, told):
    assert spell_share(share, load_words("en"), form) == told


def test_a_code_of_which_no_table_speaks_is_told():
    assert is_told_code("price", {}) and is_told_code("price", tables())
    assert not is_told_code("rare", tables()) and is_told_code("other", tables())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_nobody_waits_for_a_table_that_is_a_pipe(tmp_path):
    """So say all that read a build: `share`, `figures`, `explore`, `audit draw`, `--since`."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/counts.csv").write_text("grievance,items\nall,9\n", "utf-8")
    assert load_tables(tmp_path)["counts"]["items"].tolist() == [9]
    os.mkfifo(tmp_path / "tables/more.csv")
    with pytest.raises(CaodianError, match=r"must be a file.*more\.csv"):
        load_tables(tmp_path)


def test_a_table_is_read_back_as_it_was_written(tmp_path):
    words = pd.DataFrame({"platform": ["NA", "null", None], "items": [1, 2, None], "first": "05"})
    back = parse_table(words)
    assert back["platform"].tolist()[:2] == ["NA", "null"] and back["platform"].isna()[2]
    assert back["first"].tolist() == ["05"] * 3 and back["items"].tolist()[:2] == [1.0, 2.0]
    (tmp_path / "tables").mkdir()
    words.to_csv(tmp_path / "tables" / "platforms.csv", index=False)
    pd.testing.assert_frame_equal(load_tables(tmp_path)["platforms"], back)


def told(**change):
    """Tables whose parts make up their counts; `table__column__row` changes a cell."""
    found = {
        "counts": pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [10, 8, 4],
                                "share": [1.0, 0.8, 0.5]}),
        "daily": pd.DataFrame({"date": ["1", "1", "2", "2"], "grievance": ["all", "price"] * 2,
                               "items": [4, 3, 6, 1]}),
        "channels": pd.DataFrame({"channel": ["a", "b"], "items": [7, 3], "negative_items": [7, 1],
                                  "share": [1.0, 1 / 3]}),
        "ratings": pd.DataFrame({"stars": ["1"], "items": [10], "negative_items": [8],
                                 "share": [0.8]}),
        "distinguishing_terms": pd.DataFrame({
            "selection": "platform", "first": ["a", "a", "b"], "second": "c",
            "texts_first": [3, 6, 2], "texts_second": [0, 2, 4],
            "share_first": [0.3, 0.6, 0.5], "share_second": [0.0, 0.25, 0.5],
        }),
        "funnel": pd.DataFrame({
            "step": ["read", "repeats", "window", "consumer_voice", "negative", "coded"],
            "posts_in": [12, 12, 11, 10, 9, 8], "posts_out": [12, 11, 10, 9, 8, 7],
            "dropped": [0, 1, 1, 1, 1, 1],
        }),
    }  # fmt: skip
    steps = found["funnel"]
    found["funnel"] = steps.assign(reason=steps["step"].map(FUNNEL_REASONS))
    for where, value in change.items():
        table, column, row = where.split("__")
        found[table][column] = found[table][column].astype(object)
        found[table].loc[int(row), column] = value
    return found
