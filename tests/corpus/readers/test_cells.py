"""Cells through a plan: the first that is there, reasons, times in several columns, wide commas."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePath

import polars as pl
import pytest

from analysis.corpus.readers import cells as module
from analysis.corpus.readers.cells import (
    Cells,
    coalesce,
    find_date_parts,
    join_times,
    open_cells,
    read_measures,
    read_moments,
)
from analysis.corpus.readers.plan import Head, Plan


def head_of(*rows):
    return Head(PurePath("a.csv"), "csv", None, tuple(rows[0]), tuple(map(tuple, rows[1:])))


def plan_of(columns, header=(), **more):
    return Plan("table", "table", "", columns, tuple(header), **more)


def cells_of(frame, columns, **more):
    return Cells(pl.DataFrame(frame), plan_of(columns, frame, **more))


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["a..d"], "a..d"),
        (["a..d", "wxyz"], "axyd"),  # half are there
        (["...d", "wxyz"], "wxyd"),
        (["abc.", "wxyz"], "abcz"),
        (["a...", ".x..", "qqqq"], "axqq"),
        (["abcd", "wxyz"], "abcd"),
        (["....", "...."], "...."),
    ],
)
def test_of_several_columns_the_first_with_a_value_counts(columns, found):
    series = [pl.Series([None if c == "." else c for c in column]) for column in columns]
    series = [one.cast(pl.String) for one in series]
    told = ["." if value is None else value for value in coalesce(series).to_list()]
    assert "".join(told) == found
    assert [one.to_list() for one in series] == [
        [None if c == "." else c for c in column] for column in columns
    ]


def test_words_and_texts_are_taken_from_the_columns_that_are_there():
    frame = {"a": ["无", " 慢 ", None], "b": ["x", "y", "nan"], "n": [1, 2, 3]}
    cells = cells_of(frame, {"text": ("a", "gone", "b"), "title": ("gone",), "rating": ("n",)})
    assert cells.words("text").to_list() == ["x", "慢", None]
    assert cells.texts("text").to_list() == ["无", "慢", None]
    assert cells.texts("title").to_list() == cells.words("author").to_list() == [None] * 3
    assert cells.typed("rating").to_list() == cells.given("rating").to_list() == [1, 2, 3]
    assert cells.typed("text") is None and cells.given("text").to_list() == ["x", "慢", None]
    assert cells.words("rating").to_list() == ["1", "2", "3"]
    two = cells_of({"n": [1], "m": [2]}, {"rating": ("n", "m")})
    assert two.typed("rating") is None and two.words("rating").to_list() == ["1"]
    joined = cells_of(frame, {"text": ("a", "b"), "title": ("a", "b")}, joins_texts=True)
    assert joined.texts("text").to_list() == ["无\nx", "慢\ny", None]
    assert joined.texts("title").to_list() == ["无", "慢", None]


@pytest.mark.parametrize(
    ("prepare", "reads", "is_stripped", "kept"),
    [
        (False, None, True, {"a"}),
        (False, None, False, set()),
        (True, None, True, set()),  # it may have changed any
        (True, ("a",), True, {"a"}),
        (True, ("a",), False, set()),
    ],
)
def test_what_was_stripped_stays_so_unless_a_plan_changes_it(prepare, reads, is_stripped, kept):
    plan = plan_of(
        {}, prepare=(lambda frame: frame.with_columns(b=1)) if prepare else None,
        prepare_reads=reads,
    )  # fmt: skip
    found = open_cells(pl.DataFrame({"a": ["x"]}), plan, is_stripped=is_stripped)
    assert found.stripped == kept and ("b" in found.frame.columns) is prepare


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("06-12 08:03", "'06-12 08:03'"),
        ("12345678", "'12345678'"),
        ("123456789", "a cell of 9 characters"),  # may be a number of a telephone
        ("1" * 8 + "." + "2" * 8 + "." + "3" * 6, "'11111111.22222222.333333'"),
        ("1" * 8 + "." + "2" * 8 + "." + "3" * 7, "a cell of 25 characters"),
        ("太慢了", "a cell of 3 characters"),
    ],
)
def test_a_reason_shows_a_cell_that_holds_no_words(cell, shown):
    why = pl.Series(["no time", None])
    told = module._state_reason("published_at", why, pl.Series([cell, cell]))
    assert told.to_list() == [f"published_at: no time in {shown}", None]
    none = pl.Series([None, None], dtype=pl.String)
    assert module._state_reason("rating", none, pl.Series([cell, cell])).to_list() == [None, None]


@pytest.mark.parametrize("whole_days", [False, True])
def test_midnight_is_a_day_where_the_file_knows_no_clock(whole_days):
    columns, reasons = {}, {}
    cells = cells_of(
        {"t": ["2020-06-12 00:00", "2020-06-12 08:03", "昨天", None], "c": ["2020-06-13"] * 4},
        {"published_at": ("t",), "collected_at": ("c",)}, has_whole_days=whole_days,
    )  # fmt: skip
    read_moments(columns, reasons, cells)
    days = ["day" if whole_days else "minute", "minute", None, None]
    assert columns["published_precision"].to_list() == days
    assert columns["published_at"].dt.replace_time_zone(None).to_list() == [
        datetime(2020, 6, 12), datetime(2020, 6, 12, 8, 3), None, None,
    ]  # fmt: skip
    assert columns["collected_at"].dt.day().to_list() == [13] * 4
    assert [one is not None for one in reasons["published_at"]] == [False, False, True, False]
    assert reasons["no_time"].to_list() == [None] * 3 + ["published_at: no time of publication"]


def test_a_table_without_a_time_lacks_none():
    columns, reasons = {}, {}
    read_moments(columns, reasons, cells_of({"a": ["x"]}, {"text": ("a",)}))
    assert "no_time" not in reasons and columns["published_at"].to_list() == [None]
    given = cells_of({"p": ["month"], "t": ["2020-06-12"]},
                     {"published_precision": ("p",), "published_at": ("t",)})  # fmt: skip
    read_moments(columns, reasons, given)
    assert columns["published_precision"].to_list() == ["month"]


def test_the_order_of_dates_is_that_of_publication_alone():
    columns, reasons = {}, {}
    frame = {"t": ["06/05/2020"], "c": ["06/05/2020"]}
    cells = cells_of(frame, {"published_at": ("t",), "collected_at": ("c",)},
                     time_order="month_first")  # fmt: skip
    read_moments(columns, reasons, cells)
    assert columns["published_at"].dt.month().to_list() == [6]
    assert columns["collected_at"].to_list() == [None]
    printed = {"t": ["2020-06-12T20:00:00-05:00"], "c": ["2020-06-12T20:00:00-05:00"]}
    cells = cells_of(printed, {"published_at": ("t",), "collected_at": ("c",)},
                     has_printed_dates=True)  # fmt: skip
    read_moments(columns, reasons, cells)
    assert columns["published_at"].dt.day().to_list() == [12]
    assert columns["collected_at"].dt.day().to_list() == [13]


def test_a_number_that_is_none_has_its_reason_unless_its_name_was_guessed():
    frame = {"l": ["1.2万", "x"], "r": ["5", "好吃"], "n": [3, 4]}
    named = {"like_count": ("l",), "rating": ("r",), "share_count": ("n",)}
    columns, reasons = {}, {}
    read_measures(columns, reasons, cells_of(frame, named, guessed=frozenset(["rating"])))
    assert columns["like_count"].to_list() == [12000, None]
    assert columns["rating"].to_list() == [5.0, None]
    assert columns["share_count"].to_list() == [3, 4]
    assert reasons["like_count"].to_list() == [
        None,
        "like_count: no count in a cell of 1 characters",
    ]
    assert "rating" not in reasons and reasons["share_count"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("header", "row", "parts"),
    [
        ("年 月 日", "2020 6 12", "年 月 日"),
        ("年份 月份 号", "2020年 06月 12号", "年份 月份 号"),
        ("Year Month Day", "1999 12 31", "Year Month Day"),
        ("年 月 日", "2020 13 12", ""),
        ("年 月 日", "2020 0 12", ""),
        ("年 月 日", "2020 6 32", ""),
        ("年 月 日", "2020 6 0", ""),
        ("年 月 日", "1899 6 1", ""),
        ("年 月 日 号", "2020 6 12 12", ""),  # two that could be the day
        ("年 月", "2020 6", ""),
        ("年 月 日", "2020 6 无", ""),
    ],
)
def test_year_month_and_day_in_three_columns(header, row, parts):
    head = head_of(header.split(), row.split())
    assert find_date_parts(head) == tuple(parts.split())


TIMES = [
    # columns, row, the column of the time; what is read as one time
    ("日期 时间", ["2020-06-12", "08:03"], "日期", "2020-06-12 08:03"),
    ("日期 时间", ["2020-06-12 00:00:00", "08:03"], "日期", "2020-06-12 08:03"),
    ("日期 时间", ["20200612", "8:03:07"], "日期", "2020-06-12 8:03:07"),
    ("日期 时刻", ["2020-06-12", "下午3:05"], "日期", "2020-06-12 下午3:05"),
    ("日期 时间", ["2020-06-12 10:00", "08:03"], "日期", None),  # a day that has its clock
    ("日期 更新时间", ["2020-06-12", "08:03"], "日期", None),
    ("日期 时间 时刻", ["2020-06-12", "08:03", "08:03"], "日期", None),  # which of two?
    ("日期 时间", ["2020-06-12", "慢"], "日期", None),
    ("日期 编号", ["2020-06-12", "08:03"], "日期", None),
    ("日期 时间", ["06/05/2020", "08:03"], "日期", "06/05/2020 08:03"),
    ("日期 时间", ["昨天", "08:03"], "日期", None),
    ("年 月 日", ["2020年", " 6月 ", "12日"], "年 + 月 + 日", "2020-6-12"),
    ("年 月 日 时间", ["2020", "6", "12", "08:03"], "年 + 月 + 日", "2020-6-12 08:03"),
    # Typed cells of a workbook, shares of a day, digits alone, and a name above both columns.
    ("日期 时间", ["2020-06-12 00:00:00", "1899-12-31 08:03:00"], "日期", "2020-06-12 08:03:00"),
    ("日期 时间", ["2020-06-12", "1904-01-01 15:03:11"], "日期", "2020-06-12 15:03:11"),
    ("日期 时间", ["2020-06-12", "0.3354166667"], "日期", "2020-06-12 08:03:00"),
    ("日期 时间", ["20200612", "80307"], "日期", "2020-06-12 8:03:07"),
    ("日期 时间", ["20200612", "0803"], "日期", "2020-06-12 08:03"),
    ("日期 时间", ["20200612", "809907"], "日期", None),
    ("日期 时间", ["2020-06-12", "2560"], "日期", None),
    ("日期 时间", ["2020-06-12", "1.5"], "日期", None),
    ("日期 时间", ["2020-06-12", "上午8点"], "日期", "2020-06-12 上午8点"),
    ("日期 Unnamed: 2", ["2020-06-12", "08:03"], "日期", "2020-06-12 08:03"),
    ("日期 编号 Unnamed: 3", ["2020-06-12", "1", "08:03"], "日期", None),
]


@pytest.mark.parametrize(("header", "row", "time", "read"), TIMES)
def test_a_date_and_its_clock_are_read_as_one_time(header, row, time, read):
    head = head_of(["内容", *re.split("(?<!:) ", header)], ["慢", *row])
    plan = plan_of({"published_at": (time,)}, head.header)
    joined = join_times(plan, head)
    if read is None:
        assert joined is plan
        return
    frame = pl.DataFrame(
        dict(zip(head.header, [[cell, None] for cell in head.rows[0]], strict=True))
    )
    assert joined.prepare(frame)[time].to_list() == [read, None]
    assert joined.repairs == (f"{' + '.join(joined.prepare_reads)} are read as one time",)
    assert set(joined.prepare_reads) <= set(head.header)


@pytest.mark.parametrize(
    ("day", "clock", "read"),
    [
        ("2020-06-12", "08:03", "2020-06-12 08:03"),
        ("2020-06-12", None, "2020-06-12"),
        ("2020-06-12", "上午", "2020-06-12"),
        ("2020-06-12 09:00", "08:03", "2020-06-12 09:00"),
        (None, "08:03", None),
        ("18990612", "08:03", "18990612 08:03"),
        ("202006121", "08:03", "202006121 08:03"),
        ("19990612", " 08:03 ", "1999-06-12 08:03"),
    ],
)
def test_a_clock_is_put_behind_a_day_without_one(day, clock, read):
    days, clocks = (pl.Series([one], dtype=pl.String) for one in (day, clock))
    assert module._put_behind(days, clocks).to_list() == [read]


LINES = [
    ("内容，时间", ["贵，慢，2020-06-12", "坏，2020-06-13"], ["贵，慢", "坏"]),
    ("时间；内容；评分", ["2020-06-12；贵；慢；5", "2020-06-13；坏；1"], ["贵；慢", "坏"]),
    ("时间｜内容", ['2020-06-12｜"贵"', "2020-06-13｜坏"], ["贵", "坏"]),
    ("内容，时间", ["贵，2020-06-12", "坏"], None),  # one of two is not most
    ("内容，时间", ["贵，2020-06-12", "坏，2020-06-13", "差"], ["贵", "坏"]),
    ("内容，内容", ["贵，慢"], None),
    ("时间，评分", ["2020-06-12，5"], None),  # no text
    ("内容，备用", ["贵，慢"], None),  # one name that is known is none
    ("太贵了，太慢", ["好，坏"], None),
]
