"""Counts, ratings and amounts as collectors write them."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus.readers.values.columns import clean_cells, read_numbers
from analysis.corpus.readers.values.numbers import (
    are_grades,
    find_scale,
    parse_amount,
    parse_count,
    parse_rating,
)


@pytest.mark.parametrize(
    ("cell", "count"),
    [("0", 0), ("12", 12), ("1.2万", 12000), ("100万+", 1000000), ("1.2w", 12000), ("3千", 3000),
     ("1,234", 1234), ("１２", 12), ("转发", 0), ("赞", 0), ("3.0", 3), ("1.15亿", 115000000)],
)  # fmt: skip
def test_counts(cell, count):
    assert parse_count(cell) == (count, "")


@pytest.mark.parametrize("cell", ["-1", "很多", "1.2.3", "万", "12个赞", "1e5"])
def test_what_is_no_count(cell):
    assert parse_count(cell)[0] is None


@pytest.mark.parametrize(
    ("cell", "rating"),
    [("5", 5.0), ("5.0", 5.0), ("5星", 5.0), ("五星", 5.0), ("★★★★☆", 4.0), ("star3", 3.0),
     ("comment-star star5", 5.0), ("allstar50", 5.0), ("4/5", 4.0), ("力荐", 5.0), ("4分", 4.0)],
)  # fmt: skip
def test_ratings(cell, rating):
    assert parse_rating(cell)[0] == rating


@pytest.mark.parametrize("cell", ["好", "差", "http://x", "5 out of 7"])
def test_what_is_no_rating(cell):
    assert parse_rating(cell)[0] is None


def test_amounts():
    cells = ["¥1,299.50", "199元", "1.5万元", "88", "12,5", "1,299", "1,234,567"]
    read = [1299.5, 199.0, 15000.0, 88.0, 12.5, 1299.0, 1234567.0]
    assert [parse_amount(cell)[0] for cell in cells] == read


def test_one_comma_may_be_a_decimal_and_several_part_thousands():
    amounts = {"4,5元": 4.5, "1,299元": 1299.0, "12,34,567元": 1234567.0, "1,299.5": 1299.5}
    assert {cell: parse_amount(cell)[0] for cell in amounts} == amounts


def test_missing_words_are_no_values():
    assert clean_cells(pl.Series(["None", "nan", "-", "暂无", "0"])).to_list() == [None] * 4 + ["0"]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 10**14).map(str), st.just("1.2万"), st.just("x")))
)
def test_a_column_is_read_as_its_cells_are(cells):
    numbers, reasons = read_numbers(pl.Series(cells, dtype=pl.String), parse_count, pl.Int64())
    for cell, number, reason in zip(cells, numbers, reasons, strict=True):
        assert (number, reason or "") == ((None, "") if cell is None else parse_count(cell))


@pytest.mark.parametrize(
    "cell",
    ["+5", "-0", "-3", "05", "٣", "1_0", "0x1", "1e3", "999999999999999", "18446744073709551616"],
)
def test_a_column_of_one_form_is_read_as_its_cell_is(cell):
    numbers, reasons = read_numbers(pl.Series([cell, None, cell]), parse_count, pl.Int64())
    value, reason = parse_count(cell)
    assert (numbers[0], reasons[0] or "") == (value, reason)
    assert (numbers[1], reasons[1]) == (None, None)


def test_a_number_that_nothing_could_hold_is_none():
    for word in ("9" * 19, "9" * 5000, "999999999999999亿"):
        assert parse_count(word) == (None, "no count")
        assert parse_amount(word + "元") == (None, "no amount")
    assert parse_rating("9" * 5000) == (None, "no rating")


UNITS = {"千": 10**3, "k": 10**3, "K": 10**3, "万": 10**4, "萬": 10**4, "w": 10**4, "亿": 10**8,
         "億": 10**8}  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_is_multiplied_exactly(unit):
    assert parse_count(f"12{unit}") == (12 * UNITS[unit], "")
    assert parse_count(f"1.5 {unit}+") == (15 * UNITS[unit] // 10, "")
    if not unit.isascii():
        assert parse_amount(f"￥1.5{unit}元") == (1.5 * UNITS[unit], "")


@pytest.mark.parametrize("whole", [str(10**18 - 1), str(10**18)])
def test_counts_end_below_a_billion_billions(whole):
    count = parse_count(whole)
    assert count == ((10**18 - 1, "") if len(whole) == 18 else (None, "no count"))


@pytest.mark.parametrize(("digits", "is_one"), [(40, True), (41, False)])
def test_a_fraction_is_read_to_forty_digits(digits, is_one):
    written = "1." + "5" * (digits - 2)
    assert parse_count(written) == ((1, "") if is_one else (None, "no count"))


@pytest.mark.parametrize(
    ("word", "stars"),
    [("很差", 1), ("较差", 2), ("还行", 3), ("推荐", 4), ("力荐", 5), ("一星", 1), ("二星", 2),
     ("两颗星", 2), ("三星级", 3), ("四星", 4), ("五颗星", 5), ("☆☆☆☆☆", 0), ("⭐⭐⭐", 3),
     ("★ ★", 2), ("8/10", 4), ("90 / 100", 90), ("4.5 stars", 4.5), ("一等", None), ("六星", None),
     (" ", None), ("", None), ("4/7", None), ("好评", 5), ("中评", 3), ("差评", 1), ("一般", 3),
     ("非常不满意", 1), ("Very satisfied", 5), ("Rated 2 out of 5 stars", 2), ("4.0 out of 5", 4),
     ("4.0 颗星，最多 5 颗星", 4), ("2/10", 1), ("80%", 80), ("0%", 0), ("101%", None),
     ("8/5", None),
     ("star35", 3.5), ("star_50", 5), ("star_5", 5), ("sml-rank-stars sml-str45 star", 4.5),
     ("item-rank-rst irr-star40", 4), ("mid-str10", 1), ("stars 50 tables", None),
     ("allstar30 rating", 3), ("star60", 60), ("star-40", 4), ("rating-5", 5),
     ("★3", 3), ("4.5★", 4.5), ("四颗半星", 4.5), ("三星半", 3.5), ("4星半", 4.5), ("🌟🌟", 2),
     ("五星好评", 5), ("一星差评", 1), ("5星 很好", 5), ("一星期没到", None), ("五星红旗", None),
     ("5 星级酒店", None), ("-1", None), ("8分", 8), ("40/50", 4), ("3 of 5 stars", 3),
     ("4,5", 4.5), ("3,0", 3), ("1,000", 1000)],
)  # fmt: skip
def test_words_for_stars(word, stars):
    assert parse_rating(word)[0] == stars


@pytest.mark.parametrize(
    ("cells", "are"),
    [
        (["好评", "中评", "差评", "追评", "无评"] * 4, True),
        (["好评", "中评", "差评", "追评", "无评", "一般"] * 4, False),  # six words are no scale
        ((["好评"] * 19 + ["差评"])[:19], False),
        (["好评"] * 19 + ["非常不满意了"], True),
        (["好评"] * 19 + ["非常非常不满意"], False),
    ],
)
def test_grades_are_a_few_short_words_that_recur(cells, are):
    assert are_grades(cells) is are


@pytest.mark.parametrize(
    ("cells", "scale"),
    [
        (["10", "20", "50"], 50), (["40", "", "无", "10"], 50), (["10", "45", "50"], 5),
        (["10", "60"], 5), (["0", "50"], 5), (["10"] * 9, 5), (["10", "5"], 5), ([], 5),
        (["80", "100"], 5), (["7", "10"], 5), (["1", "5"], 5), (["50", "好"], 5),
    ],
)  # fmt: skip
def test_ten_to_fifty_are_classes_of_stars(cells, scale):
    assert find_scale(cells) == scale
