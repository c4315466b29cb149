"""Names of columns: how they are compared, what they are taken for, what the user says of them."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from analysis.corpus.readers.column_names import (
    ColumnChoice,
    _fold_inner,
    apply_choice,
    check_choice,
    ends_in_text_name,
    is_text_name,
    looks_like_header,
    match_columns,
    named_place,
)
from analysis.corpus.readers.plan import Head, Plan, first_present
from analysis.errors import CaodianError


@pytest.mark.parametrize(
    ("row", "is_header"),
    [
        (["时间", "内容"], True), (["时间", "评分"], False), (["内容", "评分"], False), ([], False),
        (["Time", "CONTENT"], True), (["時間", "內容"], True),
        (["时间", "(" + "x" * 36 + ")内容"], True),
        (["时间", "(" + "x" * 37 + ")内容"], False),  # no name is longer than forty
    ],
)  # fmt: skip
def test_a_header_names_a_text_and_a_time(row, is_header):
    assert looks_like_header(row) is is_header


@pytest.mark.parametrize(
    ("cell", "is_one", "ends"),
    [("内容", True, True), ("顾客的内容", False, True), ("内容很好", False, False),
     ("my content", False, False), ("Content", True, False)],
)  # fmt: skip
def test_names_of_texts(cell, is_one, ends):
    assert (is_text_name(cell), ends_in_text_name(cell)) == (is_one, ends)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("reviews.text", "text"), ("data.comment.text", "text"), ("user.text", None),
        ("data.User.text", None), ("商品.内容", None), ("text", None), ("reviews.", None),
        (".text", "text"),
    ],
)  # fmt: skip
def test_the_last_part_of_a_name_counts_within_the_post_itself(name, folded):
    assert _fold_inner(name) == folded


@pytest.mark.parametrize(
    ("header", "canonical", "found"),
    [
        (["内容", "reviews.text"], "text", [["内容"]]),  # what stands outside goes first
        (["data.id"], "post_id", None),  # an id within may be anything's
        (["时间", "日期"], "published_at", [["时间", "日期"]]),
        (["别的"], "text", None),
    ],
)
def test_columns_are_matched_by_rank(header, canonical, found):
    assert match_columns(header).get(canonical) == found


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (["微博"], "weibo"), (["aweme_id"], "douyin"), (["笔记"], None),
        (["笔记内容"], "xiaohongshu"),
        (["笔记本"], None), (["我的笔记"], None),
        (["bvid"], "bilibili"), (["快手号"], "kuaishou"),
        (["贴吧"], "tieba"), (["知乎"], "zhihu"), (["知乎", "微博"], None), ([], None),
    ],
)  # fmt: skip
def test_one_site_is_named_by_its_own_words(header, place):
    assert named_place(header) == place


def test_of_several_columns_those_that_are_there_are_wanted():
    found = first_present(
        ["id", "ip", "a"], post_id="id", region=["发布位置", "ip", "a"], title="标题"
    )
    assert found == {"post_id": ("id",), "region": ("ip", "a")}


def test_the_choice_is_made_of_what_a_mapping_names():
    choice = ColumnChoice.of({"text": ["内容", "追评"], "time": "NONE", "rating": "星"})
    assert (choice.text, choice.time, choice.title) == (("内容", "追评"), "NONE", None)
    assert choice.names() == {"内容", "追评", "星"}
    assert ColumnChoice.of({}).names() == set() and ColumnChoice.of({"title": "题"}).text == ()
    with pytest.raises(CaodianError, match="Did you mean 'rating'"):
        ColumnChoice.of({"ratings": "星"})
    with pytest.raises(CaodianError, match="Known: text, time"):
        ColumnChoice.of({"乙": "星"})


ALL = {"time": "a", "title": "b", "id": "c", "rating": "d", "author": "e", "region": "f",
       "keyword": "g", "channel": "h"}  # fmt: skip


def test_each_column_that_is_named_stands_for_what_it_was_named():
    told = {"published_at": "a", "title": "b", "post_id": "c", "rating": "d", "author": "e",
            "region": "f", "keyword": "g", "channel": "h"}  # fmt: skip
    assert ColumnChoice.of(ALL).singles() == told
    plan = Plan("table", "table", "", {"text": ("x",)}, ("x", *"abcdefgh"))
    assert apply_choice(plan, ColumnChoice.of(ALL)).columns == {
        "text": ("x",), **{name: (column,) for name, column in told.items()},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("choice", "columns", "guessed", "joins"),
    [
        ({}, {"text": ("x",), "published_at": ("t",), "rating": ("r",)}, {"rating"}, False),
        ({"text": "r"}, {"text": ("r",), "published_at": ("t",)}, {"rating"}, False),
        ({"text": ["x", "y"]}, {"text": ("x", "y"), "published_at": ("t",), "rating": ("r",)},
         {"rating"}, True),
        ({"time": "None"}, {"text": ("x",), "rating": ("r",)}, {"rating"}, False),
        ({"rating": "s"}, {"text": ("x",), "published_at": ("t",), "rating": ("s",)}, set(), False),
        ({"title": "t"},  # what was not guessed stays
         {"text": ("x",), "published_at": ("t",), "rating": ("r",), "title": ("t",)},
         {"rating"}, False),
    ],
)  # fmt: skip
def test_the_word_of_the_user_goes_before_what_was_recognised(choice, columns, guessed, joins):
    known = {"text": ("x",), "published_at": ("t",), "rating": ("r",)}
    plan = Plan("table", "table", "", known, tuple("xyrst"), guessed=frozenset(["rating"]))
    found = apply_choice(plan, ColumnChoice.of(choice))
    assert (found.columns, found.guessed, found.joins_texts) == (columns, guessed, joins)
    assert known == {"text": ("x",), "published_at": ("t",), "rating": ("r",)}


@pytest.mark.parametrize(
    ("columns", "time", "is_complete"),
    [
        (["text", "published_at"], None, True), (["text"], None, False), (["text"], "NONE", True),
        (["published_at"], None, False), (["text"], "a", False),
    ],
)  # fmt: skip
def test_text_and_time_settle_a_table(columns, time, is_complete):
    plan = Plan("table", "table", "", dict.fromkeys(columns, ("x",)), ("x",))
    assert ColumnChoice(time=time).is_complete(plan) is is_complete


def test_a_column_that_is_named_must_be_there():
    head = Head(PurePath("a.csv"), "csv", None, ("内容", "时间"))
    check_choice(head, ColumnChoice(text=("内容",), time="none"))
    with pytest.raises(CaodianError, match="Did you mean 'content'"):
        check_choice(
            Head(PurePath("a"), "csv", None, ("content",)), ColumnChoice(text=("contents",))
        )
    with pytest.raises(CaodianError, match="Name one of these columns"):
        check_choice(head, ColumnChoice(text=("zzz",)))
