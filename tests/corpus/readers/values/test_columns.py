"""Typed columns against the words that they would be written in."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from analysis.corpus.readers.values.columns import (
    are_rounded,
    as_strings,
    clean_cells,
    clean_ids,
    clean_texts,
    in_shanghai,
    keep_typed,
    plain_numbers,
    plain_times,
    read_numbers,
    read_times,
)
from analysis.corpus.readers.values.numbers import parse_count, parse_rating

NOON = datetime(2020, 6, 12, 12, 3, 4)
NUMBERS = [
    (pl.Series([3, None, 0, 10**15 - 1]), True),
    (pl.Series([3, 200], dtype=pl.UInt8), True),
    (pl.Series([5.0, None, -0.0]), True),
    (pl.Series([None], dtype=pl.Float64), True),
    (pl.Series([3, -1]), False),
    (pl.Series([10**15]), False),
    (pl.Series([4.5]), False),
    (pl.Series(["3"]), False),
]
TIMES = [
    (pl.Series([NOON, None]), True),
    (pl.Series([NOON]).cast(pl.Datetime("ns")), True),
    (pl.Series([NOON]).dt.replace_time_zone("UTC").cast(pl.Datetime("ms", "UTC")), True),
    (pl.Series([NOON]).dt.replace_time_zone("America/New_York"), True),
    (pl.Series([datetime(1994, 12, 31, 16)]).dt.replace_time_zone("UTC"), True),
    (pl.Series([datetime(2099, 12, 31, 23, 59, 59)]), True),
    (pl.Series([datetime(1994, 12, 31, 23, 59, 59)]), False),
    (pl.Series([datetime(2099, 12, 31, 16)]).dt.replace_time_zone("UTC"), False),
    (pl.Series([NOON, NOON + timedelta(microseconds=1)]), False),
    (pl.Series([NOON.date()]), False),
]


def words_of(column):
    return clean_cells(as_strings(column.to_frame()).to_series())


@pytest.mark.parametrize(("column", "is_plain"), NUMBERS)
@pytest.mark.parametrize(
    ("parse", "dtype"), [(parse_count, pl.Int64()), (parse_rating, pl.Float64())]
)
def test_numbers_are_what_their_words_say(column, is_plain, parse, dtype):
    numbers = plain_numbers(column, dtype)
    assert (numbers is not None) == is_plain
    if numbers is not None:
        read, reasons = read_numbers(words_of(column), parse, dtype)
        assert (numbers.dtype, numbers.to_list()) == (dtype, read.to_list())
        assert str(numbers.to_list()) == str(read.to_list())  # no -0.0
        assert not reasons.count()


@pytest.mark.parametrize(("column", "is_plain"), TIMES)
def test_times_are_what_their_words_say(column, is_plain):
    plain = plain_times(column)
    assert (plain is not None) == is_plain
    if plain is not None:
        moments, precision, reasons = read_times(words_of(column))
        assert plain[0].dtype == pl.Datetime("us")
        assert [part.to_list() for part in plain] == [moments.to_list(), precision.to_list()]
        assert not reasons.count()


def test_what_has_no_words_is_null():
    frame = keep_typed(pl.DataFrame({"stars": [float("nan"), 4.0], "tags": [["a"], None]}))
    assert frame.to_dict(as_series=False) == {"stars": [None, "4"], "tags": ["a", None]}


def test_the_offset_of_the_zone_is_the_zone_s_own():
    moments = pl.Series(
        [datetime(year, month, 1) for year in (1995, 2020, 2099) for month in (1, 7)]
    )
    assert in_shanghai(moments).equals(moments.dt.replace_time_zone("Asia/Shanghai"))


def test_cells_beside_a_changed_one_stay():
    cells = pl.Series(["好", " 慢\u3000", None, "无", "—", "无货", "nan"])
    assert clean_cells(cells).to_list() == ["好", "慢", None, None, None, "无货", None]
    assert clean_texts(cells).to_list() == ["好", "慢", None, "无", "—", "无货", None]
    assert cells[1] == " 慢\u3000"
    assert clean_texts(pl.Series(["\x00 慢", "好\x00 "])).to_list() == [" 慢", "好"]


@pytest.mark.parametrize(
    ("keep", "digits", "fewest"),
    [
        (float, 19, 3),  # of 63 bits a float keeps 53: ten each
        (float, 17, 9), (float, 18, 5),  # three bits each, and six
        (lambda one: one // 10**4 * 10**4, 19, 2),  # four digits of 3.3 bits each
        (lambda one: one // 10**2 * 10**2, 17, 4), (lambda one: one // 10**3 * 10**3, 18, 3),
    ],
)  # fmt: skip
def test_ids_are_rounded_where_26_bits_and_more_are_nothing(keep, digits, fewest):
    first = 4_973_123_456_789_123_457 // 10 ** (19 - digits)
    ids = [first + 7_777_777 * n for n in range(fewest)]
    rounded = pl.Series([str(int(keep(one))) for one in ids])
    assert are_rounded(rounded) and not are_rounded(rounded.head(fewest - 1))
    assert not are_rounded(pl.Series(map(str, ids)))
    assert not are_rounded(pl.Series([*map(str, ids[:1]), *rounded]))  # one that is whole


def test_ids_that_a_float_holds_are_whole():
    """Up to 2⁵³, whatever they end with; a number of this size cannot be told from any other."""
    below = [2**53 - 8 * n for n in range(1, 99)]
    assert not are_rounded(pl.Series(map(str, below)))
    assert are_rounded(pl.Series(map(str, [2**54 + 8 * n for n in range(99)])))
    assert not are_rounded(pl.Series(["a", "b"])) and not are_rounded(
        pl.Series([], dtype=pl.String)
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('="12"', "12"), ("'12", "12"), ("`12`", "12"), ("4.973E+15", None), ("4e+3", None),
        ("=4.9E+15", None), ("12.0", "12"), ("12.000", "12"), ("12.50", "12.50"), ("=", None),
        ("J4a", "J4a"), ("1.0a", "1.0a"), ("0", "0"), ("49.73E+15", "49.73E+15"),
    ],
)  # fmt: skip
def test_ids_without_what_a_spreadsheet_put_around_them(written, read):
    assert clean_ids(pl.Series([written, "x", None])).to_list() == [read, "x", None]
