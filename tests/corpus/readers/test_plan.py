"""What a plan says of a table whose days or columns are not there."""

from pathlib import PurePath

import pytest

from analysis.corpus.readers.plan import Head, explain_no_days


@pytest.mark.parametrize(
    ("codes", "told", "untold"),
    [
        ([""], explain_no_days([], "en"), "“"),
        (["", "blank_time(发布)"], "“发布” is empty", "none"),
        (["blank_time(乙)", "blank_time(甲)"], "甲", "blank_time"),
    ],
)  # fmt: skip
def test_why_posts_have_no_days(codes, told, untold):
    said = explain_no_days(codes, "en")
    assert told in said and untold not in said
    assert said == explain_no_days([*reversed(codes), *codes], "en")  # each once, by name
    assert said != explain_no_days(codes, "en", all_posts=False)


def test_the_first_column_of_a_name_is_meant_and_shifted_rows_are_left_out_of_a_sample():
    rows = (("1", "慢", "3"), ("2",), ("3", "很", "好", "4"))
    head = Head(PurePath("a.csv"), "csv", None, ("id", "text", "id"), rows)
    assert head.column("id") == ["1", "2", "3"] and head.column("text") == ["慢", "很"]
    assert head.has("id", "text") and not head.has("id", "时间")
    assert head.without_shifted().rows == rows[:2]
    only = Head(PurePath("a.csv"), "csv", None, ("id",), rows[2:])
    assert only.without_shifted() is only
