"""Records as the standard library finds them in well-formed text, and better ones in broken."""

import csv
import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus.readers.containers import delimited
from analysis.corpus.readers.containers.delimited import _split_records
from analysis.corpus.readers.values.columns import BLANKS
from analysis.engine.delimited import mark_wordy, scan_records

CELL = st.text(alphabet=st.sampled_from('a1,"\n\r\t 退款;。'), max_size=8)
TABLE = st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=8)


def read(data, delimiter=",", width=0, size=7):
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    return [
        records.cells(record)
        for records in _split_records(blocks, delimiter, width)
        for record in range(len(records.is_blank))
    ]


def reference(text, delimiter=","):
    return [row or [""] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]


def drawn_tables(alphabet):
    """Draw some tables, as Hypothesis draws many."""
    rng = random.Random(17)
    for number in range(24):
        width = 1 + number % 4
        yield [
            ["".join(rng.choices(alphabet, k=rng.randrange(6))) for _ in range(width)]
            for _ in range(1 + number % 5)
        ]


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_some_tables_are_read_as_the_standard_library_reads_them(delimiter, end):
    for size, rows in enumerate(drawn_tables('a1,"\n\r\t 退款;。'), start=1):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
        written = text.getvalue()
        assert read(written.encode(), delimiter, size=size) == reference(written, delimiter)


def test_columns_of_some_tables_are_gathered_without_their_blanks():
    for rows in drawn_tables('a"退 \t\n\r\u3000\xa0\ufeff\u200b\u3001\u2014ˋ€﻾'):
        _lose_the_blanks_around(rows[0])


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    TABLE, st.sampled_from([",", "\t"]), st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 40)
)
def test_well_formed_text_is_read_as_the_standard_library_reads_it(rows, delimiter, end, size):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    written = text.getvalue()
    assert read(written.encode(), delimiter, size=size) == reference(written, delimiter)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from('a1,"\n\r 慢'), max_size=60),
    st.integers(0, 4),
    st.integers(1, 9),
)
def test_any_text_is_read_the_same_whatever_the_blocks(text, width, size):
    data = text.encode()
    assert read(data, width=width, size=size) == read(data, width=width, size=10_000)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("a1,\n 慢。"), max_size=80))
def test_without_quotes_nothing_is_lost(text):
    rows = read(text.encode())
    assert "\n".join(",".join(row) for row in rows).rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('1,"他说"好"其实坏",2\n', [["1", '他说"好"其实坏', "2"]]),
        ('1,"双""引""号",2\n', [["1", '双"引"号', "2"]]),
        ('1,半"截,2\n', [["1", '半"截', "2"]]),
        ('1,"没收尾,2\n2,好,3\n', [["1", '"没收尾', "2"], ["2", "好", "3"]]),
        (
            '1,"没收尾,2\n2,好,3\n3,"两行\n字",4\n',
            [["1", '"没收尾', "2"], ["2", "好", "3"], ["3", "两行\n字", "4"]],
        ),
        ('1,"两行\n2,三,四\n字",9\n', [["1", "两行\n2,三,四\n字", "9"]]),
        ('1,"收尾有空格" ,2\n', [["1", "收尾有空格", "2"]]),
        # A day in one place shows where rows begin, too; one in a text alone does not.
        (
            '慢,2020-06-01,"开\n"好",2020/6/2,"贵"\n',
            [["慢", "2020-06-01", '"开'], ["好", "2020/6/2", "贵"]],
        ),
        (
            '慢,2020-06-01,"开\n好,乙,2020-06-02\n字"\n',
            [["慢", "2020-06-01", "开\n好,乙,2020-06-02\n字"]],
        ),
        (
            '慢,2020-06-01,"开\n好,2020-06-02\n字"\n',
            [["慢", "2020-06-01", "开\n好,2020-06-02\n字"]],
        ),
        ('慢,2020-06,"开\n好,2020-07,三\n字"\n', [["慢", "2020-06", "开\n好,2020-07,三\n字"]]),
    ],
)
def test_broken_quotes(text, rows):
    if text.startswith('1,"两行'):
        assert read(text.encode(), width=9) == rows
    else:
        assert read(text.encode(), width=3) == rows


def test_rows_that_each_open_a_quote_are_read_in_proportion_to_their_number():
    row = '1,"慢,2\n'
    number = 40_000  # each would be followed to the end of the block: 8 GB
    assert read((row * number).encode(), width=3, size=1 << 20) == [["1", '"慢', "2"]] * number
    closed = (row * number).encode() + b'9,"x",2\n' + '3,"两\n行",4\n'.encode()
    rows = read(closed, width=3, size=1 << 20)
    assert (len(rows), rows[0], rows[-1]) == (number + 2, ["1", '"慢', "2"], ["3", "两\n行", "4"])


@pytest.mark.parametrize("data", [b"a,b\r\nc,d\re,f\n", b"a,b\rc,d\r\ne,f\r\n", b"a,b\nc,d\ne,f"])
def test_each_way_to_end_a_line_ends_one_record(data):
    (records, after, repaired), starts, ends, firsts = scan(data, 9)
    assert (records, after, repaired, firsts.tolist()) == (3, len(data), 0, [0, 2, 4, 6])
    fields = [data[start:end] for start, end in zip(starts[:6], ends[:6], strict=True)]
    assert fields == [b"a", b"b", b"c", b"d", b"e", b"f"]


@pytest.mark.parametrize("blank", [*" \t\u3000\xa0\ufeff\u200b", "\u3000 \u200b"])
def test_blanks_of_every_kind_are_left_out_around_a_cell_and_not_within(blank):
    [records] = _split_records([f"x,{blank}退{blank}款{blank},{blank}\n".encode()], ",", 0)
    columns = records.columns(np.array([0]), [0, 1, 2])
    assert [column.to_list()[0] for column in columns] == ["x", f"退{blank}款", None]


def test_what_is_only_like_a_blank_stays():
    like = "\u3001退\u2014", "\u200c退\u200a", "\u3002", "ﻀ", "退\u02e0"
    [records] = _split_records([",".join(["x", *like]).encode() + b"\n"], ",", 0)
    columns = records.columns(np.array([0]), [1, 2, 3, 4, 5])
    assert [column.to_list()[0] for column in columns] == [*like]


def test_columns_are_gathered_as_cells_are():
    text = 'a,"b""c",d\n退款,"两\n行",\n'
    [records] = _split_records([text.encode()], ",", 3)
    columns = records.columns(np.array([0, 1]), [0, 1, 2])
    read = [["a", "退款"], ['b"c', "两\n行"], ["d", None]]
    assert [column.to_list() for column in columns] == read


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.text(
            alphabet=st.sampled_from('a"退 \t\n\r\u3000\xa0\ufeff\u200b\u3001\u2014ˋ€﻾'), max_size=8
        ),
        min_size=1,
        max_size=5,
    )
)
def test_gathered_columns_lose_the_blanks_around_and_nothing_else(cells):
    _lose_the_blanks_around(cells)


def _lose_the_blanks_around(cells):
    text = io.StringIO(newline="")
    csv.writer(text).writerow(["x", *cells])
    [records] = _split_records([text.getvalue().encode()], ",", 0)
    columns = records.columns(np.array([0]), list(range(len(cells) + 1)))
    bare = [cell.strip(BLANKS) or None for cell in cells]
    assert [column.to_list()[0] for column in columns] == ["x", *bare]


def scan(data, fields, records=10):
    """Scan records with room for so many fields; return what it tells, starts, ends and firsts."""
    starts, ends = np.zeros(fields, np.int64), np.zeros(fields, np.int64)
    firsts = np.zeros(records + 1, np.int64)
    told = scan_records(
        np.frombuffer(data, np.uint8), 0, ord(","), 0, True, starts, ends,
        np.zeros(fields, np.uint8), firsts, np.zeros(records, np.uint8),
    )  # fmt: skip
    return told, starts, ends, firsts[: told[0] + 1]


@pytest.mark.parametrize(
    ("fields", "records", "told"),
    [
        (9, 10, (3, 12, 0)), (6, 10, (3, 12, 0)), (5, 10, (2, 8, 0)), (3, 10, (1, 4, 0)),
        (1, 10, (0, 0, 0)), (9, 2, (2, 8, 0)), (9, 1, (1, 4, 0)),
    ],
)  # fmt: skip
def test_a_scan_ends_with_the_last_record_that_there_is_room_for(fields, records, told):
    assert scan(b"a,b\nc,d\ne,f\n", fields, records)[0] == told


@pytest.mark.parametrize(
    ("line", "longest", "is_wordy"),
    [
        ("评论时间,评论内容", 40, 1),
        ("评论时间,评论内容", 25, 1),  # as long as is allowed
        ("评论时间,评论内容", 24, 0),
        ("评论时间", 40, 0),  # one field is a line of text
        ("评论1,评论内容", 40, 0),
        ("0,a", 40, 0),
        ("a,9", 40, 0),
        ("a/,:b", 40, 1),  # the characters beside the digits
    ],
)
def test_a_record_is_wordy_as_headers_are(line, longest, is_wordy):
    data = line.encode()
    _, starts, ends, firsts = scan(data + b"\n1,2\n", 9)
    marks = mark_wordy(np.frombuffer(data + b"\n1,2\n", np.uint8), starts, ends, firsts, longest)
    assert marks.tolist() == [is_wordy, 0]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [3, 50, 64, 5_000])
def test_a_line_too_long_to_be_held_costs_no_other(ending, size, monkeypatch):
    monkeypatch.setattr(delimited, "_MOST_CARRIED", 64)
    rows = ["a,b", "1,2", "x," + "长" * 300, "3,4", "y" * 700, "5,6", "z" * 900]
    content = ending.join(rows).encode()
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    found = [records.cells(record) if size_ < 60 else None
             for records in _split_records(blocks, ",", 2)
             for record, size_ in enumerate(records.sizes())]  # fmt: skip
    assert found == [["a", "b"], ["1", "2"], None, ["3", "4"], None, ["5", "6"], None]
