"""Each form of time that collectors write, and those that name no day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus.readers.values.columns import read_times
from analysis.corpus.readers.values.times import find_order, find_year, parse_time

READ = [
    ("2020-06-12 08:03:00", "2020-06-12 08:03:00", "second"),
    ("2020-06-12 08:03", "2020-06-12 08:03:00", "minute"),
    ("2020-06-12T08:03:00", "2020-06-12 08:03:00", "second"),
    ("2020-06-12", "2020-06-12 00:00:00", "day"),
    ("2020/4/13 2:38", "2020-04-13 02:38:00", "minute"),
    ("2020/6/12, 08:03:07", "2020-06-12 08:03:07", "second"),
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
    ("1591920180000000007", "2020-06-12 08:03:00", "second"),
    ("\u200e2020-06-12\u200e 08:03\u200f", "2020-06-12 08:03:00", "minute"),
    ("\u202a2020\u2066/6/12\u202c", "2020-06-12 00:00:00", "day"),
    ("２０２０－０６－１２　０８：０３", "2020-06-12 08:03:00", "minute"),
    ("`2020-06-12`", "2020-06-12 00:00:00", "day"),
    ("1591891200", "2020-06-12 00:00:00", "second"),
    ("2020-06-12T00:03:00Z", "2020-06-12 08:03:00", "second"),
    ("2020-06-12T00:03:00.000Z", "2020-06-12 08:03:00", "second"),
    ("2024-05-28 12:34:56+08:00", "2024-05-28 12:34:56", "second"),
    ("2018-06-22T12:00:00-05:00", "2018-06-23 01:00:00", "second"),
    ("Fri Jan 15 08:36:13 +0800 2021", "2021-01-15 08:36:13", "second"),
    ("Fri, 15 Jan 2021 00:36:13 +0000", "2021-01-15 08:36:13", "second"),
    ("Fri, 15 Jan 2021 00:36:13 EST", "2021-01-15 13:36:13", "second"),  # read as mail is
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
    # What was bought stands behind the day of a review at Taobao.
    ("2020年6月12日已购：颜色分类:白色;尺码:M", "2020-06-12 00:00:00", "day"),
    ("2020-06-12 已购: 500ml\n两瓶", "2020-06-12 00:00:00", "day"),
    # Where the writer is, as sites tell it.
    ("2020-06-12 上海", "2020-06-12 00:00:00", "day"),
    ("编辑于 2020-06-12 黑龙江", "2020-06-12 00:00:00", "day"),
    ("于2020-06-12 08:03发布", "2020-06-12 08:03:00", "minute"),
    ("点评于2020年6月12日", "2020-06-12 00:00:00", "day"),
    ("投诉时间：2020-06-12", "2020-06-12 00:00:00", "day"),
    ("评价日期: 2020/6/12 08:03", "2020-06-12 08:03:00", "minute"),
    ("2020年6月12日 08:03 来自广东", "2020-06-12 08:03:00", "minute"),
    ("2020-06-12 08:03:00 IP属地：江苏", "2020-06-12 08:03:00", "second"),
    ("发布于 2020-06-12 08:03・IP 属地北京", "2020-06-12 08:03:00", "minute"),
    ("2020-06-12 08:03 · IP 属地：上海", "2020-06-12 08:03:00", "minute"),
    ("2020-06-12・浙江", "2020-06-12 00:00:00", "day"),
    # Zones as forms, databases and messengers write them, behind each kind of date.
    ("2020/06/12 8:03:07 AM GMT+8", "2020-06-12 08:03:07", "second"),
    ("2020/06/12 下午 1:03:07 [GMT+8]", "2020-06-12 13:03:07", "second"),
    ("2020-06-12 08:03:00 UTC+08:00", "2020-06-12 08:03:00", "second"),
    ("2020-06-12 08:03:00 GMT-5", "2020-06-12 21:03:00", "second"),
    ("2020-06-12 08:03:00+08", "2020-06-12 08:03:00", "second"),
    ("2020-06-12 08:03 北京时间", "2020-06-12 08:03:00", "minute"),
    ("06/13/2020 8:03 PM GMT+8", "2020-06-13 20:03:00", "minute"),
    ("06/13/2020 08:03:00 UTC", "2020-06-13 16:03:00", "second"),
    ("Jun 12, 2020 8:03 PM UTC", "2020-06-13 04:03:00", "minute"),
    ("12 June 2020 08:03 GMT+1", "2020-06-12 15:03:00", "minute"),
    ("20200612 08:03:07", "2020-06-12 08:03:07", "second"),
    ("20200612T08:03Z", "2020-06-12 16:03:00", "minute"),
    ("20200612T000307Z", "2020-06-12 08:03:07", "second"),
    # Two digits of a year: where one order alone gives a year that posts have.
    ("20/06/01", "2020-06-01 00:00:00", "day"),
    ("20.6.1 08:03", "2020-06-01 08:03:00", "minute"),
    ("20-6-1 8:03", "2020-06-01 08:03:00", "minute"),
    ("20年6月1日", "2020-06-01 00:00:00", "day"),
    ("13/06/99", "1999-06-13 00:00:00", "day"),
    # Eras, numerals and words of East Asia.
    ("令和2年6月1日", "2020-06-01 00:00:00", "day"),
    ("令和元年5月1日", "2019-05-01 00:00:00", "day"),
    ("平成31年4月30日 8:03", "2019-04-30 08:03:00", "minute"),
    ("民國109年6月1日", "2020-06-01 00:00:00", "day"),
    ("中華民國109年6月1日", "2020-06-01 00:00:00", "day"),
    ("民国109.6.1", "2020-06-01 00:00:00", "day"),
    ("109/06/01 08:03", "2020-06-01 08:03:00", "minute"),
    ("二〇二〇年六月一日", "2020-06-01 00:00:00", "day"),
    ("二○二○年十二月三十一日", "2020-12-31 00:00:00", "day"),
    ("二零二零年十月廿一日下午三点半", "2020-10-21 15:30:00", "minute"),
    ("2020年六月一号", "2020-06-01 00:00:00", "day"),
    ("2020年6月1號 下午3點05分", "2020-06-01 15:05:00", "minute"),
    ("2020年6月1日 下午3点", "2020-06-01 15:00:00", "minute"),
    ("2020-06-01 15时", "2020-06-01 15:00:00", "minute"),
    ("2020-06-01 08:03下午", "2020-06-01 20:03:00", "minute"),
    ("2020-06-01 08:03 p.m.", "2020-06-01 20:03:00", "minute"),
    ("2020年6月1日(月) 午後3:05", "2020-06-01 15:05:00", "minute"),
    ("2020/06/01(Mon) 08:03", "2020-06-01 08:03:00", "minute"),
    ("2020년 6월 1일 월요일 오후 3:05", "2020-06-01 15:05:00", "minute"),
    ("2020. 6. 1. 오전 9:03", "2020-06-01 09:03:00", "minute"),
    ("2020–06–01", "2020-06-01 00:00:00", "day"),
    ("/Date(1591920180000)/", "2020-06-12 08:03:00", "second"),
    ("2020-06-01 08:03:00 +0000 UTC", "2020-06-01 16:03:00", "second"),
]
REFUSED = [
    ("06-12 08:03", "year"),
    ("Jun 12, 2020 8:03 PM Mars", "no time"),  # mail's reader would take it for the morning
    ("2020-06-12 08:03:00 GMT+99:99", "no such date"),
    ("20201312 08:03", "no such date"),
    ("6月12日", "year"),
    ("昨天 12:30", "year"),
    ("昨天 12:30 北京", "year"),
    ("06-12 浙江", "year"),
    ("3天前 上海", "year"),
    ("上海", "no time"),
    ("2020-06-12 下午", "no time"),
    ("2020-06-12 太慢了", "no time"),
    ("5分钟前", "year"),
    ("刚刚", "year"),
    ("2020-06-31", "no such date"),
    ("2020-06-12 25:00", "no such date"),
    ("06/12/20", "told apart"),
    ("06-12-2020", "told apart"),
    ("20-06-12", "told apart"),
    ("24/06/20", "told apart"),
    ("6.1.5", "no time"),
    ("06/31/20", "no such date"),
    ("13/06/70", "outside"),
    ("令和2年13月1日", "no such date"),
    ("昭和55年6月1日", "no time"),
    ("二〇二〇年", "no time"),
    ("二十十年六月一日", "no time"),
    ("99/06/011", "no time"),
    ("141/06/01", "no time"),
    ("庚子年六月", "no time"),
    ("一月份买的", "no time"),
    ("/Date(12)/", "number"),
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
    assert str(parse_time("06/12/20", order="year_first")[0]) == "2006-12-20 00:00:00"
    assert parse_time("06/13/20", order="year_first") == (None, "no such date or time")


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


# Halves of the day, epochs and zones: what each says by the calendar, on both sides of its bounds.
@pytest.mark.parametrize(
    ("half", "hour", "read"),
    [
        ("上午", 8, 8), ("上午", 11, 11), ("上午", 12, 0), ("凌晨", 12, 0), ("凌晨", 1, 1),
        ("AM", 12, 0), ("AM", 11, 11), ("am", 1, 1), ("早上", 8, 8), ("中午", 12, 12),
        ("下午", 12, 12), ("下午", 1, 13), ("下午", 11, 23), ("晚上", 8, 20), ("晚上", 12, 12),
        ("晚上", 20, 20), ("PM", 12, 12), ("PM", 1, 13), ("pm", 11, 23), ("PM", 13, 13),
    ],
)  # fmt: skip
def test_halves_of_the_day(half, hour, read):
    clock = f"{hour}:05 {half}" if half.isascii() else f"{half}{hour}:05"
    assert parse_time(f"2020-06-12 {clock}") == (datetime(2020, 6, 12, read, 5), "minute")


@pytest.mark.parametrize(
    ("clock", "is_one"),
    [("00:00:00", True), ("23:59:59", True), ("24:00:00", False), ("23:60:00", False),
     ("23:59:60", False)],
)  # fmt: skip
@pytest.mark.parametrize("day", ["2020-06-12", "13/06/2020", "June 12, 2020"])
def test_a_clock_ends_before_midnight(day, clock, is_one):
    moment, word = parse_time(f"{day} {clock}")
    assert (moment is not None) == is_one and (word == "second") == is_one
    if is_one:
        assert moment.strftime("%H:%M:%S") == clock


@pytest.mark.parametrize(
    ("cell", "is_read"),
    [
        ("1995-01-01", True), ("1994-12-31", False), ("2099-12-31 23:59:59", True),
        ("2100-01-01", False), ("19950101", True), ("19941231", False), ("20991231235959", True),
        ("210001010000", False), ("1995年1月", True), ("1994年12月", False),
        ("1995-01-01 00:00:00", True), ("1994-12-31 23:59", False), ("01/13/1994", False),
        ("2100-01-01 00:00:00", False),
    ],
)  # fmt: skip
def test_years_that_posts_have(cell, is_read):
    moments, _, reasons = read_times(pl.Series([cell, cell]))
    assert (parse_time(cell)[0] is not None) == is_read
    assert (moments.null_count(), reasons.null_count()) == ((0, 2) if is_read else (2, 0))


EPOCHS = [
    (f"{second}{behind}", second + part)
    for second in (1_591_920_180, 999_999_999, 1_000_000_000, 1_600_000_001)
    for behind, part in [("", 0), (".5", 0.5), (".000001", 1e-6)]
] + [("1591920180123", 1_591_920_180.123), ("1591920180123456", 1_591_920_180.123456)]


@pytest.mark.parametrize(("cell", "second"), EPOCHS)
def test_seconds_since_1970_are_read_in_the_zone(cell, second):
    there = datetime.fromtimestamp(second, ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    moment, precision = parse_time(cell)
    assert abs(moment - there) <= timedelta(microseconds=1) and precision == "second"


@pytest.mark.parametrize(
    "cell", ["1234567", "12345678901", "159192018012", "15919201801234", "1" * 17]
)
def test_numbers_of_other_lengths_are_no_times(cell):
    assert parse_time(cell)[0] is None


@pytest.mark.parametrize(
    ("cell", "read", "precision"),
    [
        ("202006120803", "2020-06-12 08:03:00", "minute"),
        ("2020-06-12 08:03:04.5", "2020-06-12 08:03:04.500000", "second"),
        ("2020-06-12 08:03:04,123456789", "2020-06-12 08:03:04.123456", "second"),
        ("2020-06-12 08:03:04 CST", "2020-06-12 08:03:04", "second"),
        ("Fri Jun 12 08:03:04 CST 2020", "2020-06-12 08:03:04", "second"),
        ("Fri, 12 Jun 2020 08:03:04 CST", "2020-06-12 08:03:04", "second"),
        ("2020-06-12 08:03 来自 iPhone客户端", "2020-06-12 08:03:00", "minute"),
        ("2020-06-12 08:03:04 GMT", "2020-06-12 16:03:04", "second"),
        ("2020-06-12 20:03:04 UTC", "2020-06-13 04:03:04", "second"),
        ("2020-06-12 08:03:04+05:30", "2020-06-12 10:33:04", "second"),
        ("2020-06-12 08:03:04-0330", "2020-06-12 19:33:04", "second"),
        ("Fri, 12 Jun 2020 08:03:04 +0530", "2020-06-12 10:33:04", "second"),
        ("Fri, 12 Jun 2020 08:03:04", "2020-06-12 08:03:04", "second"),
        ("43994.5", "2020-06-12 12:00:00", "second"), ("43994.0", "2020-06-12 00:00:00", "day"),
        ("43994.99999", "2020-06-12 23:59:59", "second"),
        ("12/12/2020", "2020-12-12 00:00:00", "day"), ("12/13/2020", "2020-12-13 00:00:00", "day"),
        ("13/12/2020", "2020-12-13 00:00:00", "day"),
        ("13/13/2020", "None", "no such date or time"),
        ("01.02.2020", "2020-02-01 00:00:00", "day"),
        ("13/06/2020 8:03 PM", "2020-06-13 20:03:00", "minute"),
        *((f"{name} 5, 2020", f"2020-{n:02}-05 00:00:00", "day") for n, name in enumerate(
            ("jan", "Feb.", "MARCH", "april", "May", "June", "jul", "August", "Sept", "Oct",
             "November", "dec"), 1)),
    ],
)  # fmt: skip
def test_each_form_is_the_time_that_it_says(cell, read, precision):
    moment, word = parse_time(cell)
    assert (str(moment), word) == (read, precision)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["12/13/2020"], "month_first"), (["13/12/2020"], "day_first"), (["12/12/2020"], None),
        (["13/13/2020"], None), (["12/13/2020", "13/12/2020"], None), ([], None),
        (["1/2/2020", " 2/28/20 "], "month_first"), (["28.2.2020", "1.2.2020"], "day_first"),
        (["2020-06-13", "June 13"], None),
        # Two digits of a year: what all can be, then years of posts, then how near they lie.
        (["20/06/01", "20/06/02"], "year_first"), (["01/06/20", "02/06/20"], None),
        (["20-06-24", "20-06-25"], "year_first"), (["24/06/20", "25/06/20"], "day_first"),
        (["06/13/20", "06/14/20"], "month_first"), (["06-01-20", "06-30-20"], "month_first"),
        (["19/12/30", "20/01/02 08:03", "20/3/5"], "year_first"), (["24/06/20"], None),
        (["20.6.1"], "year_first"), (["12.06.20", "28.06.20"], "day_first"),
        (["20/06/31", "20/06/30"], "day_first"), (["发布于 20/06/24", "20/06/25"], "year_first"),
        (["20/06/24", "06/24/2020"], None), (["6.1.5", "7.1.5"], None),
        ([f"{year}/06/{day}" for year in (18, 19, 20) for day in (1, 15, 28)], "year_first"),
        ([f"{day:02}/06/{year}" for year in (18, 19, 20) for day in (1, 15, 28)], "day_first"),
        # The days of one month differ, its number does not.
        (["6/1/20", "6/2/20", "6/12/20 08:03"], "month_first"),
        (["01/06/2020", "02/06/2020", "12/06/2020"], "day_first"),
        (["06/01/20", "06/02/20", "06/12/20"], "month_first"),
        (["6/1/20", "6/2/20", "6/2/20"], None), (["6/1/20", "6/2/20", "6/3/19"], None),
        (["1/2/20", "1/3/20", "1/4/20"], None),  # January, or the first of three months
        (["6/1/20", "6/2/20", "7/3/20"], None),
        # Where no order makes dates of all, the one that makes them of nearly all.
        (["06/13/2020"] * 19 + ["13/06/2020"], "month_first"),
        (["06/13/2020"] * 18 + ["13/06/2020"], None),
        (["06/05/2020"] * 98 + ["06/13/2020", "13/06/2020"], None),
        # Digits alone.
        (["200601", "200602", "200630"], "bare_year_first"),
        (["010620", "020620", "300620"], "bare_day_first"),
        (["060120", "061520", "063020"], "bare_month_first"),
        (["200601", "200602"], None), (["123456", "104857", "667788"], None),
        (["201201", "201206", "201212"], None),  # months of 2012
        (["202004", "202005", "202006"], None), (["080300", "123015", "101112"], None),
        (["200601"] * 17 + ["200602", "200613", "无"], "bare_year_first"),
        (["200601", "200602", "200603"], None), (["200601", "200602", "200613", "无"], None),
    ],
)  # fmt: skip
def test_the_order_of_a_column_is_that_of_its_dates_with_one_reading(cells, order):
    assert find_order(cells) == order


@pytest.mark.parametrize(
    ("cell", "order", "read"),
    [
        ("200601", "bare_year_first", "2020-06-01 00:00:00"), ("200601", "year_first", "None"),
        ("010620", "bare_day_first", "2020-06-01 00:00:00"), ("200601", None, "None"),
        ("20200601", "bare_year_first", "2020-06-01 00:00:00"),
        ("20200601123000", None, "2020-06-01 12:30:00"),
        ("1591920180", "bare_year_first", "2020-06-12 08:03:00"),
    ],
)  # fmt: skip
def test_digits_alone_are_a_day_where_their_column_tells_it(cell, order, read):
    assert str(parse_time(cell, order=order)[0]) == read


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("+14:00", 18),
        ("+1400", 18),
        ("-12:00", 20),
        ("+05:30", 2),
        ("+15:00", None),
        ("+05:60", None),
    ],
)
def test_zones_reach_to_fourteen_hours(zone, hour):
    moment, _ = parse_time(f"2020-06-12 00:00:00{zone}")
    assert (None if moment is None else moment.hour) == hour


def test_a_long_cell_is_no_time_and_takes_none():
    told = (None, "no time can be read")
    assert parse_time("慢" + " " * 200_000 + "了") == told
    assert parse_time("2020-06-12" + " " * 1_000) == told
    assert parse_time("2020-06-12" + " " * 900)[1] == "day"


JUNE_DAYS = ["6月1日", "06-12 08:03", "6/20"]


@pytest.mark.parametrize(
    ("cells", "names", "year"),
    [
        (JUNE_DAYS, ["618-2020-评论"], 2020),
        (JUNE_DAYS, ["", "2020年6月12345投诉明细表", "618"], 2020),
        (JUNE_DAYS, ["20200601-0620_投诉"], 2020),
        (JUNE_DAYS, ["Sheet1", "投诉202006"], 2020),
        (JUNE_DAYS, ["2019年", "618-2020"], 2019),  # a title stands nearer than the file
        (["编辑于 06-01", "06-12 浙江"], ["2020"], 2020),
        (["6.1", "6.10", "6.12"], ["2020"], 2020),
        (["6.4", "6.12"], ["2020"], 2020),
        # 6.1 may be the tenth, whose last zero a spreadsheet has dropped.
        (["6.1", "6.12"], ["2020"], None),
        (JUNE_DAYS, ["618评论"], None),
        (JUNE_DAYS, ["2019-2020年评论"], None),
        (JUNE_DAYS, ["2019款手机评论"], None),
        (JUNE_DAYS, ["12020", "202013", "1999", "2099"], None),
        # Exported in January, posts of December are of the year before.
        (["12-28", "01-03"], ["评论_20210105"], None),
        (["05-28", "08-03"], ["评论_20200601"], 2020),
        ([*JUNE_DAYS, "2019-12-31"], ["2020"], None),
        ([*JUNE_DAYS, "昨天"], ["2020"], None),
        (["13/06", "14/06"], ["2020"], None),  # no month is the thirteenth
        (["02-29"], ["2019"], None),
        (["1", "2", "08:03"], ["2020"], None),
        ([], ["2020"], None),
    ],
)
def test_a_name_tells_the_year_of_dates_that_all_lack_theirs(cells, names, year):
    assert find_year(cells, names) == year
