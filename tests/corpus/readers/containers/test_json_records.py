"""Tables that a JSON document holds by column or by id, and objects that are none."""

import base64
import json
from unittest import mock

import pytest

from analysis.corpus.readers.containers import json_records
from analysis.corpus.readers.containers.delimited import DelimitedText
from analysis.corpus.readers.containers.export import find_exports
from analysis.errors import CaodianError

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
    assert json_records.is_record(nested(levels)) == is_one


@pytest.mark.parametrize(
    ("item", "is_one"),
    [({"content": "慢"}, True), ({"sn": 1}, True), ({"_id": 1}, True), ({"content": ["慢"]}, False),
     ({"items": [{"content": "慢"}]}, False), ({"total": 3}, False), ("慢", False), (None, False),
     ({"comments": under("p1", "p2")}, False), ({}, False)],
)  # fmt: skip
def test_a_page_of_posts_is_no_post(item, is_one):
    assert json_records.is_record(item) == is_one


@pytest.mark.parametrize(("levels", "number"), [(0, 1), (1, 1), (3, 1), (4, 0)])
def test_lists_of_posts_are_looked_for_three_levels_below(levels, number):
    document = {"items": ROWS}
    for _ in range(levels):
        document = {"part": document}
    assert json_records._lists(document, 0) == [ROWS] * number
    assert json_records._lists({"items": []}, 0) == json_records._lists({"items": ["x"]}, 0) == []


DOCUMENTS = [
    '[{"text":"慢"},{"text":"坏"}]', '[1, 23, "x", -0.5e3, true]', '{"data":[{"text":"慢"}]}',
    '{"text":"a"}\n{"text":"b"}', '[["content","time"],["慢","2020"]]', '["慢","坏"',
    '[{"text":1},{bad},{"text":2}]', '[{"text":1}] [{"text":2}]', '[{"text":1}] x',
    '[{"text":1}] }', "\ufeff[]", "", " , ", "[tru", '[{"text":"\\ud83d\\ude00"}, {"text":"x',
    '{"text":12', '[{"text":"a"}, ' + "[" * 5000, '[{"text":1}]' + " " * 200 + '{"text":2}',
]  # fmt: skip


def decoded(document, size, most=1 << 20):
    content = document.encode()
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    return list(json_records._decode_all(json_records._Window(blocks, most)))


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("size", [1, 7])
def test_a_document_read_in_pieces_is_what_it_is_whole(document, size):
    whole = decoded(document, 1 << 20)
    assert decoded(document, size) == whole
    told = [tuple(one) for piece in json_records.open_document(document.encode()) for one in piece]
    assert [(values, reason) for values, reason, _ in told] == whole


LONG = '{"text":"' + "长" * 200 + '"}'


@pytest.mark.parametrize(
    ("document", "texts", "place"),
    [
        (f'[{{"text":"a"}},{LONG},{{"text":"b"}}]', ["a", None, "b"], "15 to 226"),
        (f'[{{"text":"a"}},{LONG},{LONG}]', ["a", None], "15 to the end"),
        (f'{{"text":"a"}}{LONG}{{"text":"b"}}', ["a", None], "13 to the end"),
    ],
)
def test_an_element_too_long_to_be_held_is_told_and_the_next_one_read(document, texts, place):
    found = decoded(document, 8, most=40)
    assert [values and values["text"] for values, _ in found] == texts
    assert [reason for _, reason in found if reason] == [
        f"a record of more than 32 MiB from character {place}"
    ]


def test_a_line_too_long_to_be_held_is_told_and_the_next_one_read(monkeypatch):
    monkeypatch.setattr(json_records, "_LONGEST", 20)
    lines = [b"a" * 20, b"b" * 21, b"", b"c", b"d" * 50]
    for ending in (b"", b"\n"):
        content = b"\n".join(lines) + ending
        for size in (1, 7, 200):
            blocks = [content[at : at + size] for at in range(0, len(content), size)]
            found = list(json_records._whole_lines(blocks))
            assert found == [b"a" * 20, None, b"", b"c", None]


@pytest.mark.slow
@pytest.mark.parametrize("form", ['{{"data":[{}]}}', '[{{"data":[{}]}}]'])
def test_a_document_that_must_be_held_whole_is_read_in_another_process(tmp_path, form, monkeypatch):
    path = tmp_path / "a.json"
    posts = [{"content": f"慢{n}", "time": "2020-06-12", "回复": []} for n in range(2_500)]
    path.write_text(form.format(json.dumps(posts, ensure_ascii=False)[1:-1]), "utf-8")
    (export,) = find_exports([path])
    whole = list(json_records.json_table(DelimitedText(export)).open_records())
    monkeypatch.setattr(json_records, "_LONGEST", 1_000)
    monkeypatch.setattr(json_records, "_BLOCK", 500)
    asked = mock.Mock(wraps=json_records._read_elsewhere)
    monkeypatch.setattr(json_records, "_read_elsewhere", asked)
    assert list(json_records.json_table(DelimitedText(export)).open_records()) == whole
    assert asked.called
    assert len(whole) == 2_500


def test_an_object_too_long_to_be_held_is_refused_before_it_is(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text('{"data":[' + LONG + "]}", "utf-8")
    for name, size in (("_LONGEST", 40), ("_BLOCK", 16), ("_LONGEST_OBJECT", 100)):
        monkeypatch.setattr(json_records, name, size)
    with pytest.raises(CaodianError, match="one object must have"):
        list(json_records.json_table(DelimitedText(*find_exports([path]))).open_records())


def answered(body, **more):
    return {"request": {"url": "x"}, "response": {"content": {"text": body, **more}}}


PAGE = json.dumps({"data": {"list": ROWS}})


@pytest.mark.parametrize(
    ("entries", "records"),
    [
        ([answered(PAGE)], ROWS),
        ([answered(PAGE), answered(json.dumps(ROWS[:1]))], [*ROWS, ROWS[0]]),
        ([answered(base64.b64encode(PAGE.encode()).decode(), encoding="base64")], ROWS),
        ([answered("<html></html>"), answered('{"a": 1}'), answered(PAGE)], ROWS),
        ([answered("!", encoding="base64"), answered("[" * 9_999), 7, {"response": None}], []),
        ([], []), ({}, []), (None, []),
    ],
)  # fmt: skip
def test_the_answers_in_the_log_of_a_browser_are_read(entries, records):
    assert json_records._open_answers({"log": {"version": "1.2", "entries": entries}}) == records
    assert json_records._open_answers({"log": entries}) == []


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ([{"type": "bold", "text": "慢"}, "，没人管"], "慢，没人管"),
        ([{"type": "link", "text": "慢", "href": "x"}], "慢"),
        (["a", "b"], '["a", "b"]'),
        ([{"type": "bold", "text": "慢", "id": 1}], '[{"type": "bold", "text": "慢", "id": 1}]'),
        ([{"type": "bold"}, "慢"], '[{"type": "bold"}, "慢"]'),
        ([{"text": "慢"}, 7], '[{"text": "慢"}, 7]'),
    ],
)
def test_a_text_in_pieces_with_their_looks_is_joined(value, read):
    assert json_records._as_string(value) == read
