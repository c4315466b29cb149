"""What of a table is told from its head: lost texts, titles, profiles, ways to cut it."""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from types import SimpleNamespace

import polars as pl
import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers import recognition
from analysis.corpus.readers.column_names import ColumnChoice
from analysis.corpus.readers.containers.tables import NO_DELIMITER
from analysis.corpus.readers.plan import Head
from analysis.corpus.readers.recognition import Unread
from analysis.errors import CaodianError


def head_of(*rows, file="a.csv", container="csv", table=None):
    return Head(PurePath(file), container, table, tuple(rows[0]), tuple(map(tuple, rows[1:])))


@pytest.mark.parametrize(
    ("cell", "is_lost"),
    [
        ("??", True), ("?", False), ("??。", True), ("?? 。。", False), ("???？！!", False),
        ("\ufffd\ufffd!", True), ("????a", False), ("发货太慢了", False), ("", False),
        ("好\ufffd\ufffd\ufffd", False),
        ("退款太慢了".encode().decode("latin-1"), True),
        ("退款".encode().decode("latin-1"), True),  # six signs, two of them Han
        ("慢".encode().decode("latin-1") + "abc", False),  # one
        ("退款".encode().decode("latin-1") + "a" * 6, True),  # two of twelve
        ("退款".encode().decode("latin-1") + "a" * 7, False),  # two of thirteen
        ("客服不理人".encode().decode("gb18030", "ignore"), True),
        ("Très bien été là", False),
    ],
)  # fmt: skip
def test_texts_that_lost_their_encoding(cell, is_lost):
    assert recognition._is_lost(cell) is is_lost


@pytest.mark.parametrize(
    ("cells", "is_refused"),
    [
        (["??", "??", "??"], True), (["??", "??", "慢"], True), (["??", "??"], False),
        (["??", "??", "慢", "贵"], False), (["??", "??", "??", "慢", " ", ""], True),
        (["??", "??", " "], False),
    ],
)  # fmt: skip
def test_more_than_half_of_three_texts_must_be_readable(cells, is_refused):
    head = head_of(["内容"], *([cell] for cell in cells))
    if not is_refused:
        recognition._require_readable(head, ["内容", "别的"])
        return
    lost, whole = sum(cell == "??" for cell in cells), sum(bool(cell.strip()) for cell in cells)
    with pytest.raises(CaodianError, match=f"{lost} of {whole} are question marks"):
        recognition._require_readable(head, ["内容", "别的"])


@pytest.mark.parametrize(
    ("rows", "is_turned"),
    [
        ([["内容", "慢", "贵", "好"], ["时间", "1", "2", "3"]], True),
        ([["内容", "慢", "贵"], ["时间", "1", "2"], ["评分", "1", "2"]], False),  # as high as wide
        ([["内容", "慢", "贵"], [], ["时间", "1", "2"]], True),  # an empty row is none
        ([["内容", "慢", "贵", "好"], ["地区", "1", "2", "3"]], False),
        ([["内容", "慢"], ["时间", "1"], ["内容", "贵"], ["时间", "2"]], True),  # post below post
        ([["内容", "慢"], ["时间", "1"], ["内容", "贵"], ["很好", "2"]], False),
        ([["内容", "时间"], ["慢", "1"], ["内容", "时间"], ["慢", "1"]], False),
        ([["内容", "慢"], ["时间", "1"]], True),  # a single post
        ([["标题", "坏"], ["内容", "慢"], ["时间", "1"]], True),
        ([["内容", "时间"], ["时间", "1"]], False),
        ([["内容", "慢"], ["时间", "1"], ["很好", "2"]], False),
    ],
)
def test_names_that_stand_below_each_other_are_told(rows, is_turned):
    if is_turned:
        with pytest.raises(CaodianError, match=f"a table of {len(rows[0])} columns"):
            recognition._require_rows(head_of(*rows))
    else:
        recognition._require_rows(head_of(*rows))


@pytest.mark.parametrize(
    ("cells", "are_days"),
    [
        (["2020-06-01", "2020-06-02 00:00", "2020-06-03 00:00:00"], True),
        (["2020-06-01", "2020-06-02"], False),
        (["2020-06-01", "2020-06-02", "昨天"], False),
        (["2020-06-01", "2020-06-02", "昨天", "2020-06-03"], True),
        (["2020-06-01", "2020-06-02", "2020-06-03", "2020-06-03 00:01"], False),
        (["2020-06-01", "2020-06-02", "2020-06-03", "2020-06-03 00:00:01"], False),
        (["2020-06-01", "2020-06-02", "2020-06-03", "2020-06-03 01:00"], False),
        ([], False),
    ],
)
def test_midnight_in_three_rows_and_all_that_are_read_means_days(cells, are_days):
    assert recognition._has_whole_days(cells) is are_days


@pytest.mark.parametrize(
    ("rows", "is_title"),
    [
        ([["六月汇总", "Unnamed: 1"], ["a", "b", "c"]], True),
        ([["六月汇总", "Unnamed: 1"], ["a", "b"]], False),  # two columns have no title
        ([["六月汇总", "制表"], ["a", "b", "c"]], False),
        ([["Unnamed: 0", "Unnamed: 1", "Unnamed: 2"]], True),
        ([["六月汇总"], ["a"], ["a", "b", "c"]], True),
    ],
)
def test_a_cell_alone_above_three_columns_is_a_title(rows, is_title):
    head = head_of(*rows)
    assert recognition._is_title(head) is is_title
    rest = list(recognition._below_titles(iter([(4, head), (5, head_of(["a", "b"]))])))
    assert [place for place, _ in rest] == ([5] if is_title else [4, 5])


@pytest.mark.parametrize(
    ("row", "is_cut"),
    [
        (["2020-06-01 10:00:00", "123 INFO 慢"], True),
        (["06-01 10:00:00", "123456: 慢"], True),
        (["2020-06-01 10:00:00", "慢"], False),
        (["2020-06-01 10:00:00", "12 慢"], False),
        (["2020-06-01 10:00:00", "1234567 慢"], False),
        (["2020-06-01 10:00:00,123 慢"], False),  # nothing cuts it
        (["慢", "2020-06-01 10:00:00", "123 慢"], False),
    ],
)
def test_a_comma_before_parts_of_a_second_divides_no_cells(row, is_cut):
    assert recognition._splits_clock(row) is is_cut


def raw_of(*rows, file="a.csv", **more):
    heads = [(0, head_of(*rows, file=file))] if rows else []
    return SimpleNamespace(path=PurePath(file), heads=lambda: iter(heads), **more)


FITS = [  # the better way of two to cut one file
    ([["a", "b"], ["1", "2"]], [["a"], ["1"]]),
    ([["a", "b"], ["1", "2"]], [["a", "b", "c"], ["1", "2"]]),
    ([["a", "b", "c"], ["1", "2", "3"]], [["a", "b"], ["1", "2"]]),
    ([["a", "b"], ["1", "2"], ["1"]], [["a"], ["1"]]),  # most rows have two
    ([["a"], ["1"]], [["a", "b"], ["1"], ["1", "2", "3"]]),  # no number of cells is usual
    ([["a", "b"], ["1", "2"], ["1", "2"], ["1"], ["1"]], [["a"], ["1"]]),  # three of five
    ([["a"], ["1"]], [["a", "b"], ["1", "2"], ["1"], ["1", "2", "3"]]),  # two of four
    ([["a"], ["1"]], [["2020-06-01 10:00:00", "123 慢"], ["2020-06-01 10:00:01", "124 慢"]]),
    ([["a"]], []),
]


@pytest.mark.parametrize(("better", "worse"), FITS)
def test_of_two_ways_to_cut_a_file_the_even_one_fits(better, worse):
    assert recognition._fit(raw_of(*better)) > recognition._fit(raw_of(*worse))


def test_lines_of_a_text_file_are_not_cut_because_most_have_two_cells():
    uneven, lines = [["a", "b"], ["1", "2"], ["1"]], [["a"], ["1"]]
    one, other = (recognition._fit(raw_of(*rows, file="a.TXT")) for rows in (uneven, lines))
    assert one < other


def test_of_two_columns_that_which_cuts_fewer_texts_is_read():
    def column(*rows, delimiter=","):
        return SimpleNamespace(
            head=head_of(["内容"], *rows), raw=SimpleNamespace(delimiter=delimiter)
        )

    few, many = column(["慢"], ["贵", "坏"]), column(["慢", "a"], ["贵", "坏"])
    bare = column(["慢"], ["贵", "坏"], delimiter=NO_DELIMITER)
    assert min([many, few], key=recognition._cuts_texts) is few
    assert min([few, bare], key=recognition._cuts_texts) is bare
    assert recognition._cuts_texts(few) == (1, True) and recognition._cuts_texts(bare)[1] is False


@pytest.mark.parametrize(
    ("unread", "told"),
    [
        (Unread("a", "members", 1, "b.md"), "a: 1 file of another kind is not read (b.md)"),
        (Unread("a", "others", 2, "b, c"), "a: 2 files of other kinds are not read (b, c)"),
        (Unread("a", "above", 1), "a: 1 row above the header is not read"),
        (Unread("a", "above", 2), "a: 2 rows above the header are not read"),
        (Unread("a", "undated", 3), "a: 3 records without a day of publication are not read"),
        (Unread("a", "replies", 3), "a: 3 of the records, replies or comments, stood in lists"
                                    " within posts; each counts as a post"),
        (Unread("a", "day_first", 3), "a: dates are read with the day first"),
        (Unread("a", "profiles", 1), "a: not read (persons or bookkeeping, not posts)"),
        (Unread("a", "unknown", 1, "t"), "a [t]: not read (no posts known)"),
        (Unread("a", "views", 1, "v"), "a [v]: not read (a view, where tables hold posts)"),
        (Unread("a", "broken", 1, "v"), "a [v]: not read (the database cannot read it)"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told_in_a_sentence(unread, told):
    assert str(unread) == told


@pytest.mark.parametrize(
    ("names", "told"),
    [("ab", "a, b"), ("abcde", "a, b, c, d, e"), ("abcdef", "a, b, c, d, e …")],
)
def test_of_many_names_five_are_told(names, told):
    assert recognition._shorten([*names]) == told


@pytest.mark.parametrize(
    ("header", "table", "is_one"),
    [
        (["用户id", "昵称", "粉丝数", "关注数", "简介"], None, True),
        (["用户id", "昵称", "粉丝数"], None, False),
        (["id", "nick_name", "follower_count"], None, True),
        (["内容", "时间"], "xhs_creator", True),
        (["内容", "时间"], "xhs_note", False),
    ],
)
def test_persons_and_bookkeeping_are_no_posts(header, table, is_one):
    assert recognition._is_profile(head_of(header, table=table)) is is_one


@pytest.mark.parametrize(
    ("place", "header", "file", "container", "is_line"),
    [
        (1, ["反馈"], "a.txt", "csv", True),
        (0, ["反馈"], "a.txt", "csv", False),
        (1, ["反馈"], "a.csv", "csv", False),  # a title stands above it
        (2, ["反馈"], "a.csv", "csv", True),
        (2, ["反馈"], "a.xlsx", "xlsx", True),
        (2, ["反馈"], "a.json", "json", False),
        (2, ["反馈", "时间"], "a.csv", "csv", False),
    ],
)  # fmt: skip
def test_a_line_below_others_is_no_heading(place, header, file, container, is_line):
    head = head_of(header, file=file, container=container)
    assert recognition._is_among_lines(place, head) is is_line


def test_the_row_is_asked_about_that_holds_most_of_what_the_user_named():
    choice = ColumnChoice(text=("x",), time="y")
    heads = [head_of(["x"]), head_of(["内容", "时间", "z"]), head_of(["内容", "z", "w", "v"])]
    ranks = [recognition._likelihood(head, choice) for head in heads]
    assert ranks == [(1, 0, 1), (0, 2, 3), (0, 1, 4)] == sorted(ranks, reverse=True)


@pytest.mark.parametrize(
    ("container", "heads", "rule"),
    [
        ("json", [], "no object of JSON can be read"),
        ("csv", [], "Look into the file"),
        ("csv", [["user_id", "nickname", "fans"]], "persons or bookkeeping"),
        ("csv", [["甲", "乙"], ["甲", "乙", "丙"]], "columns: 甲, 乙, 丙"),
    ],
)
def test_who_runs_the_command_is_asked_what_the_table_is(container, heads, rule):
    found = [(place, head_of(header, ["1"])) for place, header in enumerate(heads)]
    raw = SimpleNamespace(container=container, heads=lambda: iter(found))
    error = recognition._question([raw], ColumnChoice(), "sqlite://me:secret@host/db")
    assert rule in str(error) and "secret" not in str(error)


# Files are opened.


def posts_of(path):
    reading = ingest([path], secret=b"x")
    return pl.concat(list(reading.partitions())), reading.readers


def test_a_comma_in_lines_of_one_column_cuts_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("内容\n发货慢,退款也慢\n客服一直不理人\n用了三天就坏了\n", "utf-8")
    assert posts_of(path)[0]["text"].to_list() == [
        "发货慢,退款也慢", "客服一直不理人", "用了三天就坏了",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "is_told_by_texts"), [("内容,时间", True), ("内容,时间,微博链接", False)]
)
def test_a_place_that_a_name_tells_is_not_told_by_the_texts(tmp_path, header, is_told_by_texts):
    rows = [f"第{n}天又下雨了[泪],2020-06-01{',x' * (header.count(',') - 1)}" for n in range(40)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *rows]), "utf-8")
    posts, [reader] = posts_of(path)
    assert posts["channel"].unique().to_list() == ["weibo"]
    assert (recognition.BY_TEXTS in reader.plan.era) is is_told_by_texts


def test_an_empty_table_may_stand_in_an_archive_and_not_alone(tmp_path):
    (tmp_path / "a.csv").write_text("内容,时间\n", "utf-8")
    with pytest.raises(CaodianError, match="at least one post with text"):
        posts_of(tmp_path / "a.csv")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.csv", "a.csv")
        archive.writestr("b.csv", "内容,时间\n慢得很,2020-06-01\n")
    posts, readers = posts_of(tmp_path / "a.zip")
    assert posts["text"].to_list() == ["慢得很"] and len(readers) == 2


def test_a_row_that_knows_less_than_one_above_it_is_a_record():
    heads = [(0, head_of(["标题", "评分"])), (1, head_of(["评论", "5"], ["慢", "1"]))]
    assert recognition._undated(heads, ColumnChoice()) is None
    place, _, plan = recognition._undated(heads[1:], ColumnChoice())
    assert (place, plan.columns["text"]) == (1, ("评论",))
    more = [(0, head_of(["甲", "乙"])), (1, head_of(["评论", "评分"], ["慢", "1"]))]
    assert recognition._undated(more, ColumnChoice())[0] == 1
