"""Tables that a JSON document holds by column or by id, and objects that are none."""

import pytest

from analysis.corpus.readers.containers import json_records

TEXTS, TIMES = ["慢", "坏"], ["2020-06-01", "2020-06-02"]
ROWS = [{"content": text, "time": time} for text, time in zip(TEXTS, TIMES, strict=True)]


def numbered(cells):
    return {str(row): cell for row, cell in enumerate(cells)}


@pytest.mark.parametrize(
    ("document", "records"),
    [
        ({"content": TEXTS, "time": TIMES}, ROWS),
        ({"content": numbered(TEXTS), "time": numbered(TIMES)}, ROWS),
        ({"content": TEXTS, "time": numbered(TIMES)}, ROWS),
        ({"content": TEXTS, "time": TIMES, "total": 2}, ROWS),  # what holds no cells is no column
        ({"content": {"7": "慢"}, "time": {"7": TIMES[0]}}, ROWS[:1]),
        ({"content": {"7": "慢"}, "time": {"8": TIMES[0]}}, [{"content": "慢", "time": None}]),
        ({"content": TEXTS, "time": TIMES[:1]}, []), ({"content": TEXTS}, []),
        ({"a": TEXTS, "b": TIMES}, []), ({}, []),
        ({"content": {"a": "慢"}, "time": {"a": "x"}}, []),
        ({"content": [{"a": 1}], "time": ["x"]}, []),
        ({"columns": ["content", "time"], "data": [["慢", TIMES[0]], ["坏", TIMES[1]]]}, ROWS),
        ({"columns": ["content", "time"], "data": [["慢"]]}, [{"content": "慢"}]),
        ({"columns": ["content", "time"], "data": ["x"]}, ["x"]),
        ({"columns": ["a", "b"], "data": [["慢", "x"]]}, []),
        ({"columns": ["content", 1], "data": [["慢", "x"]]}, []),
        ({"columns": ["content"], "data": {"0": ["慢"]}}, []),
    ],
)  # fmt: skip
def test_a_table_by_column_is_read_row_by_row(document, records):
    assert json_records._read_columns(document) == records


def under(*names, **more):
    return {name: {"content": "慢", "time": TIMES[0]} | more for name in names}


@pytest.mark.parametrize(
    ("document", "number"),
    [
        (under("p1"), 1), (under("p1", "p2"), 2), (under("a", "b", "c"), 0),
        (under("a", "b", "c", "d"), 4), (under("p1", "b"), 0), ({}, 0),
        ({"p1": {"a": 1, "b": 2}, "p2": {"a": 1}}, 0),  # no text
        ({**under("p1", "p2"), "p3": 3}, 0),  # one that is no record
        ({**under("p1", "p2"), "p3": {"content": "x", "time": 1}}, 3),
        # More than half of all keys in each.
        ({"p1": {"content": 1, "b": 1, "c": 1}, "p2": {"content": 1, "b": 1}}, 2),
        ({"p1": {"content": 1, "b": 1, "c": 1, "d": 1}, "p2": {"content": 1, "b": 1}}, 0),
        ({"p1": {"content": 1, "b": 1}, "p2": {"content": 1}}, 0),
    ],
)  # fmt: skip
def test_records_stand_under_their_ids_where_they_are_alike(document, number):
    found = json_records._read_by_id(document)
    assert len(found) == number
    assert not number or [one["id"] for one in found] == list(document)


def test_an_id_of_its_own_is_a_record_s():
    found = json_records._read_by_id({"p1": {"id": "x", "content": "慢"}})
    assert found == [{"id": "x", "content": "慢"}]


def nested(levels):
    """Put a text so many objects deep."""
    item = {"content": "慢"}
    for _ in range(levels):
        item = {"part": item}
    return item


@pytest.mark.parametrize(("levels", "is_one"), [(0, True), (1, True), (3, True), (4, False)])
def test_a_post_may_hold_its_text_three_levels_below(levels, is_one):
    assert json_records._is_record(nested(levels)) == is_one


@pytest.mark.parametrize(
    ("item", "is_one"),
    [({"content": "慢"}, True), ({"sn": 1}, True), ({"_id": 1}, True), ({"content": ["慢"]}, False),
     ({"items": [{"content": "慢"}]}, False), ({"total": 3}, False), ("慢", False), (None, False),
     ({"comments": under("p1", "p2")}, False), ({}, False)],
)  # fmt: skip
def test_a_page_of_posts_is_no_post(item, is_one):
    assert json_records._is_record(item) == is_one


@pytest.mark.parametrize(("levels", "number"), [(0, 1), (1, 1), (3, 1), (4, 0)])
def test_lists_of_posts_are_looked_for_three_levels_below(levels, number):
    document = {"items": ROWS}
    for _ in range(levels):
        document = {"part": document}
    assert json_records._lists(document, 0) == [ROWS] * number
    assert json_records._lists({"items": []}, 0) == json_records._lists({"items": ["x"]}, 0) == []
