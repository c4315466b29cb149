"""Each form of time that collectors write, and those that name no day."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus.readers.values.columns import read_times
from analysis.corpus.readers.values.times import parse_time

READ = [
    ("2020-06-12 08:03:00", "2020-06-12 08:03:00", "second"),
    ("2020-06-12 08:03", "2020-06-12 08:03:00", "minute"),
    ("2020-06-12T08:03:00", "2020-06-12 08:03:00", "second"),
    ("2020-06-12", "2020-06-12 00:00:00", "day"),
    ("2020/4/13 2:38", "2020-04-13 02:38:00", "minute"),
    ("2020.06.12 08:03", "2020-06-12 08:03:00", "minute"),
    ("2020年6月12日 08:03", "2020-06-12 08:03:00", "minute"),
    ("2020年6月12日8时3分5秒", "2020-06-12 08:03:05", "second"),
    ("2020年06月12日 星期五 08:03", "2020-06-12 08:03:00", "minute"),
    ("2020年6月12日 下午3:05", "2020-06-12 15:05:00", "minute"),
    ("2020-06-12 12:05 AM", "2020-06-12 00:05:00", "minute"),
    ("2020-06-12 03:05:09 PM", "2020-06-12 15:05:09", "second"),
    ("2020年6月", "2020-06-01 00:00:00", "month"),
    ("2020-06", "2020-06-01 00:00:00", "month"),
    ("20200612", "2020-06-12 00:00:00", "day"),
    ("20200612080300", "2020-06-12 08:03:00", "second"),
    ("1591920180", "2020-06-12 08:03:00", "second"),
    ("1591920180000", "2020-06-12 08:03:00", "second"),
    ("1591920180.0", "2020-06-12 08:03:00", "second"),
    ("1591891200", "2020-06-12 00:00:00", "second"),
    ("2020-06-12T00:03:00Z", "2020-06-12 08:03:00", "second"),
    ("2020-06-12T00:03:00.000Z", "2020-06-12 08:03:00", "second"),
    ("2024-05-28 12:34:56+08:00", "2024-05-28 12:34:56", "second"),
    ("2018-06-22T12:00:00-05:00", "2018-06-23 01:00:00", "second"),
    ("Fri Jan 15 08:36:13 +0800 2021", "2021-01-15 08:36:13", "second"),
    ("Fri, 15 Jan 2021 00:36:13 +0000", "2021-01-15 08:36:13", "second"),
    ("43994", "2020-06-12 00:00:00", "day"),
    ("43994.3354166667", "2020-06-12 08:03:00", "second"),
    ("发布于 2020-06-12 08:03", "2020-06-12 08:03:00", "minute"),
    ("13/06/2020", "2020-06-13 00:00:00", "day"),
    ("06/13/20", "2020-06-13 00:00:00", "day"),
    ("13-06-2020", "2020-06-13 00:00:00", "day"),
    ("12.06.2020 08:03", "2020-06-12 08:03:00", "minute"),
    ("June 12, 2020", "2020-06-12 00:00:00", "day"),
    ("12 Jun 2020", "2020-06-12 00:00:00", "day"),
    ("Fri, Jun 12th, 2020 at 8:03 PM", "2020-06-12 20:03:00", "minute"),
    ("12-JUN-20", "2020-06-12 00:00:00", "day"),
    ("Reviewed in the United States on June 12, 2020", "2020-06-12 00:00:00", "day"),
]
REFUSED = [
    ("06-12 08:03", "year"),
    ("6月12日", "year"),
    ("昨天 12:30", "year"),
    ("5分钟前", "year"),
    ("刚刚", "year"),
    ("2020-06-31", "no such date"),
    ("2020-06-12 25:00", "no such date"),
    ("06/12/20", "told apart"),
    ("06-12-2020", "told apart"),
    ("20-06-12", "no time"),
    ("Juno 12, 2020", "no time"),
    ("Jun 31, 2020", "no such date"),
    ("0", "number"),
    ("123456", "number"),
    ("1890-01-01", "outside"),
    ("好评", "no time"),
    ("快递太慢了，等了三天前台还不给退", "no time"),
]


@pytest.mark.parametrize(("cell", "moment", "precision"), READ)
def test_times_that_are_read(cell, moment, precision):
    found, how = parse_time(cell)
    assert (str(found), how) == (moment, precision)


@pytest.mark.parametrize(("cell", "why"), REFUSED)
def test_times_that_name_no_day(cell, why):
    found, reason = parse_time(cell)
    assert found is None
    assert why in reason


def test_american_order_only_where_the_file_says_so():
    assert str(parse_time("06/12/20", order="month_first")[0]) == "2020-06-12 00:00:00"
    assert str(parse_time("06/12/20", order="day_first")[0]) == "2020-12-06 00:00:00"


def test_a_column_is_read_as_its_cells_are():
    cells = [cell for cell, *_ in (*READ, *REFUSED)]
    moments, precision, reasons = read_times(pl.Series(cells))
    for place, cell in enumerate(cells):
        found, word = parse_time(cell)
        assert moments[place] == found
        assert (precision[place] or reasons[place]) == word


@pytest.mark.slow
@given(st.lists(st.from_regex(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", fullmatch=True), max_size=5))
def test_the_fast_path_agrees_with_the_slow_one(cells):
    moments, _, _ = read_times(pl.Series(cells, dtype=pl.String))
    assert moments.to_list() == [parse_time(cell)[0] for cell in cells]


@pytest.mark.slow
@given(
    st.sampled_from([16, 19]).flatmap(
        lambda length: st.text(alphabet="0123456789-- ::T+", min_size=length, max_size=length)
    )
    | st.from_regex(r"20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-6]\d(:[0-6]\d)?", fullmatch=True)
)
def test_a_column_of_one_form_is_read_as_its_cell_is(cell):
    moments, precision, reasons = read_times(pl.Series([cell, None, cell]))
    moment, word = parse_time(cell)
    assert (moments[0], precision[0] or reasons[0]) == (moment, word)
    assert (moments[1], precision[1], reasons[1]) == (None, None, None)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text):
    moment, word = parse_time(text)
    assert moment is None or word in ("second", "minute", "day", "month")
    assert word


def test_a_printed_american_day_stays_that_day():
    moments, precision, _ = read_times(pl.Series(["2018-06-22T12:00:00-05:00"]), printed_dates=True)
    assert (str(moments[0]), precision[0]) == ("2018-06-22 00:00:00", "day")


@pytest.mark.parametrize(
    "text",
    [
        "Fri Jan 15 08:36:13 +0800 2000000000001",
        "Fri, 15 Jan 99999999999999999999 08:36:13 +0800",
        "Fri, 31 Dec 9999 23:59:59 -2300",
        "12/31/9999 24:00",
        "9999-12-31 23:59:59-23:00",
        "99999999999999999",
    ],
)
def test_a_time_beyond_all_calendars_is_none(text):
    moment, why = parse_time(text)
    assert moment is None and why
