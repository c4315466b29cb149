"""Rows that delimiters in a text have shifted, and rows below a table: what is certain."""

from pathlib import PurePath

import polars as pl
import pytest

from analysis.corpus.readers.containers import grid
from analysis.corpus.readers.plan import NOTE, Plan


def plan_of(*header, **columns):
    columns = columns or {"text": ("text",), "published_at": ("time",)}
    return Plan("table", "table", "", columns, header)


DAY = "2020-06-01"
BEFORE, BEHIND = ("id", "text", "time", "stars"), ("time", "text", "likes")
SHIFTED = [
    # The text stands left of the time, which one later cell alone is.
    (BEFORE, ["1", "坏了", "不退", DAY, "5"], ["1", "坏了,不退", DAY, "5"]),
    (BEFORE, ["1", "a", "b", "c", DAY], ["1", "a,b,c", DAY]),
    (BEFORE, ["1", "a", "b", DAY], ["1", "a,b", DAY]),
    (BEFORE, ["1", "a", DAY, "5", "x"], None),
    (BEFORE, ["1", "a", "b", DAY, DAY], ["1", "a,b", DAY, DAY]),
    (BEFORE, ["1", "a", "b", "c", "5"], None), (BEFORE, ["1", "a", "b", DAY, "5", "x"], None),
    (BEFORE, ["1", "a", "b", "20200601", "5"], None),  # a number may be anything
    # The time stands left, and behind the text nothing but numbers, times and blanks.
    (BEHIND, [DAY, "a", "b", "5"], [DAY, "a,b", "5"]),
    (BEHIND, [DAY, "a", "b", "c", ""], None),  # or nothing behind “a,b”
    (BEHIND, [DAY, "a", "b", DAY], [DAY, "a,b", DAY]), (BEHIND, [DAY, "a", "5"], [DAY, "a", "5"]),
    (BEHIND, [DAY, "a", "b", "c"], None), (BEHIND, ["x", "a", "b", "5"], None),
    (BEHIND, [DAY, "a"], None), (BEHIND, [DAY], None),
    (("time", "text"), [DAY, "a", "b", "c"], [DAY, "a,b,c"]),  # all that is left is text
    (("id", "text"), ["1", "a", "b"], ["1", "a,b"]), (("id", "time"), ["1", DAY, "b"], None),
]  # fmt: skip


@pytest.mark.parametrize(("header", "row", "mended"), SHIFTED)
def test_pieces_of_a_text_are_joined_where_one_reading_is_possible(header, row, mended):
    assert grid._realign(row, plan_of(*header), grid.Seen()) == mended


@pytest.mark.parametrize(
    ("cell", "is_one"),
    [("5", True), ("-3", True), ("+1.5", True), ("12%", True), ("1.2万", True), ("3 k", True),
     ("", True), (" ", True), (DAY, True), ("08:03", False), ("五", False), ("5分", False),
     ("1,2", False), (".5", False), ("%", False)],
)  # fmt: skip
def test_numbers_times_and_blanks_are_no_pieces_of_a_text(cell, is_one):
    assert grid._is_measure(cell) == is_one


WITHOUT_DAYS = ("id", "text", "stars", "likes")
BELOW = [
    (BEFORE, ["合计", "", "", "4.5"], True), (BEFORE, ["合计", "3", "", "4.5"], False),
    (BEFORE, ["总计：", "", "", "9"], True), (BEFORE, ["平均分:", "", "", "9"], True),
    (BEFORE, ["TOTAL", "", "", "9"], True), (BEFORE, ["Grand total:", "", "", "9"], True),
    (BEFORE, ["Totally bad", "", "", "9"], False), (BEFORE, ["合计很多", "", "", "9"], False),
    (BEFORE, ["合计", "", DAY, ""], False),  # a post can be read from it
    (BEFORE, ["合计", "", "x", ""], True), (BEFORE, ["", "合计", "", ""], False),
    (BEFORE, ["", "", "", ""], False), (BEFORE, ["", "", "", "", "合计"], False),
    (BEFORE, ["注：六月的数据", "", "", ""], True), (BEFORE, ["制表 甲", "", "", ""], True),
    (BEFORE, ["注：六月的数据", "", "", "5"], False), (BEFORE, ["很好", "", "", ""], False),
    (BEFORE, [f"{DAY} 08:03", "", "", ""], False), (BEFORE, ["Source x", "", "", ""], True),
    (BEFORE, ["Sources", "", "", ""], False), (BEFORE, [f"{'十' * 12}：甲", "", "", ""], True),
    (BEFORE, [f"{'十' * 13}：甲", "", "", ""], False), (BEFORE, ["http://a", "", "", ""], True),
    (("id", "text", "time"), ["注：x", "", ""], True), (("id", "time"), ["注：x", ""], False),
    (WITHOUT_DAYS, ["合计", "", "5", ""], True), (WITHOUT_DAYS, ["合计", "", "5", "3"], False),
    (WITHOUT_DAYS, ["合计", "好", "", ""], False), (WITHOUT_DAYS, ["合计", "", "", ""], True),
]  # fmt: skip


@pytest.mark.parametrize(("header", "row", "is_below"), BELOW)
def test_totals_and_notes_below_a_table_are_no_records(header, row, is_below):
    assert grid._is_footer(row, plan_of(*header)) == is_below


def test_the_last_rows_alone_may_stand_below_a_table():
    frame = pl.DataFrame({"text": ["a", "b", None], NOTE: [None, "c", None]})
    last = [["1", "b", DAY, ""], ["合计", "", "", "5"]]
    noted = grid.note_footers(frame, last, plan_of(*BEFORE))
    assert noted[NOTE].to_list() == [None, "c", "a row of totals or notes below the table"]
    assert grid.note_footers(frame, last[:1], plan_of(*BEFORE)) is frame
    assert grid.note_footers(frame, [last[1], last[0]], plan_of(*BEFORE))[NOTE][1] == "c"


@pytest.mark.parametrize(("rows", "heads", "sample"), [(29, 29, 28), (30, 30, 29), (31, 30, 30),
                                                       (301, 30, 300), (302, 30, 300)])  # fmt: skip
def test_a_header_is_looked_for_in_thirty_rows_and_told_by_three_hundred(rows, heads, sample):
    cells = [["内容", "时间"], *([str(n), DAY] for n in range(1, rows))]
    found = list(grid.possible_heads(cells, PurePath("a"), "csv", None))
    assert [place for place, _ in found] == list(range(heads))
    assert len(found[0][1].rows) == sample and found[0][1].rows[0] == ("1", DAY)


@pytest.mark.parametrize(
    ("cell", "is_shifted"),
    [("坏了", True), (DAY, False), ("6月1日 8:03", False), ("", False),
     ("  ", False), (None, False),
     ("1234", True), ("12345", False), ("1" * 16, False), ("1" * 17, True), ("12345.5", False),
     (f"{DAY} {'x' * 36}", False), (f"{DAY} {'x' * 37}", True), ("2020年6", False)],
)  # fmt: skip
def test_a_row_is_shifted_where_no_time_stands_in_the_place_of_one(cell, is_shifted):
    frame = pl.DataFrame(
        {"time": [cell, "x", f"{DAY} 08:03"], NOTE: [None, "broken", None]},
        schema={"time": pl.String, NOTE: pl.String},
    )
    found = grid.find_shifted(frame, plan_of(*BEFORE)).to_list()
    assert found == [is_shifted, False, False]
    assert not grid.find_shifted(frame, plan_of(*BEFORE, text=("text",))).any()
