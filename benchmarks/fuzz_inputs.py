"""Kinds of input for `fuzz_readers.py`: tables well-formed and broken, in every container."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

COLUMNS = (
    "内容", "时间", "评分", "标题", "id", "text", "time", "微博正文", "发布时间", "转发数",
    "comment", "content", "creationTime", "投诉对象", "投诉编号", "note_id", "creator_hash",
    "正文", "@用户", "日期", "留言主题", "留言详情", "Date received", "Company", "Issue",
    "Product", "user", "weibo", "bid", "user_id", "retweet_id", "created_at", "attitudes_count",
)  # fmt: skip
CELLS = (
    "", " ", "快递太慢了没人管", "2020-06-12", "2020-06-12 08:03", "2020/4/13 2:38",
    "1591920180000", "昨天", "Fri Jan 15 08:36:13 +0800 2021", "1.2万", "100万+", "None", "nan",
    "4973000000000001\t", "4.973E+15", "=cmd|calc!A1", '他说"好"', "两\n行", "一,二", "\x00",
    "此用户未填写评价内容", "\ufeff", "💥💥", "9" * 30, "//@甲:转发微博", "{'a': 1}", "-1", "星",
    "12/13/20", "13/12/20", "06/12/20", "٣", "1e400", "0000-00-00", "2020-06-12T25:61:00",
    "2020-06-12T12:00:00-05:00", "192.168.1.1", "…全文", "收起d", "内容", "时间",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "big5")
MARKS = (
    b"", b"PK\x03\x04", b"PAR1", b"SQLite format 3\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf",
    b"\x1f\x8b\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"[{", b'{"user":', b"%PDF",
)  # fmt: skip

Rows = list[list[str]]
Input = tuple[bytes, str, int | None]
"""Bytes, file name, and how many records stand in them where that is known."""

cells = st.sampled_from(CELLS) | st.text(max_size=12)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=30)


@st.composite
def any_tables(draw: st.DrawFn) -> Rows:
    """Rows of any width below a header with some known names, or with none."""
    names = st.sampled_from(COLUMNS) | st.text(max_size=4)
    header = draw(st.lists(names, min_size=1, max_size=8))
    width = st.just(len(header)) | st.integers(0, 10)
    count = draw(st.integers(0, 6))
    return [header, *(draw(width.flatmap(_row)) for _ in range(count))]


def _row(width: int) -> st.SearchStrategy[list[str]]:
    return st.lists(cells, min_size=width, max_size=width)


@st.composite
def plain_tables(draw: st.DrawFn) -> Rows:
    """Rows of one width below a header that is known, of which each must be accounted for."""
    count = draw(st.integers(1, 8))
    times = st.sampled_from(["2020-06-12", "2020-06-12 08:03", "昨天", "", "2020年6月12日"])
    rows = [[draw(texts), draw(times), draw(st.sampled_from("12345"))] for _ in range(count)]
    return [["内容", "时间", "评分"], ["好", "2020-06-01", "5"], *rows]


def count_filled(rows: Rows) -> int:
    """Count the rows below the header in which anything stands."""
    return sum(any(char > " " for cell in row for char in cell) for row in rows[1:])


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """Return the bytes with a few of them changed, lost or put in."""
    held = bytearray(data)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(held)))
        stop = place + draw(st.integers(0, 6))
        held[place:stop] = draw(st.binary(max_size=4) | st.sampled_from([b'"', b"\n", b"\0", b","]))
    return bytes(held)


def as_csv(rows: Rows, delimiter: str = ",", end: str = "\n") -> str:
    """Return the rows by RFC 4180; the standard library leaves the other line ends unquoted."""
    special = {delimiter, '"', "\r", "\n"}

    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if special & set(cell) else cell

    return "".join(delimiter.join(map(quoted, row)) + end for row in rows)


def as_records(rows: Rows) -> list[dict[str, str]]:
    """Return the rows as records with keys."""
    return [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]


def as_xlsx(rows: Rows) -> bytes:
    """Return the rows as a workbook of one sheet."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(place, column, cell)
    return out.getvalue()


def as_parquet(rows: Rows) -> bytes:
    """Return the rows of the header's width as a Parquet file."""
    names = list(dict.fromkeys(rows[0]))
    records = [dict.fromkeys(names, "") | record for record in as_records(rows)]
    out = io.BytesIO()
    schema = dict.fromkeys(names, pl.String)
    pl.DataFrame([[r[n] for n in names] for r in records], schema, orient="row").write_parquet(out)
    return out.getvalue()


def as_sqlite(rows: Rows) -> bytes:
    """Return the rows as a SQLite database of one table."""
    names = list(dict.fromkeys(name.lower().replace('"', "").replace("\0", "") or "x"
                               for name in rows[0]))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with sqlite3.connect(path) as database:
            columns = ", ".join(f'"{name}"' for name in names)
            database.execute(f"CREATE TABLE weibo ({columns})")
            for row in rows[1:]:
                fitted = [*row, *names][: len(names)]
                marks = ", ".join("?" * len(names))
                database.execute(f"INSERT INTO weibo VALUES ({marks})", fitted)
        database.close()
        return path.read_bytes()


@st.composite
def csv_inputs(draw: st.DrawFn) -> Input:
    """Well-formed CSV half of the time, else broken."""
    ends = st.sampled_from(["\n", "\r\n", "\r"])
    delimiters = st.sampled_from(",\t;|")
    if draw(st.booleans()):
        rows = draw(plain_tables())
        text = as_csv(rows, draw(delimiters), draw(ends))
        return (
            text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig"]))),
            "a.csv",
            count_filled(rows),
        )
    text = as_csv(draw(any_tables()), draw(delimiters), draw(ends))
    data = text.encode(draw(st.sampled_from(ENCODINGS)), errors="replace")
    return draw(broken(data)), "a.csv", None


@st.composite
def jsonl_inputs(draw: st.DrawFn) -> Input:
    """Well-formed JSON Lines half of the time, else broken."""
    if draw(st.booleans()):
        rows = draw(plain_tables())
        lines = [json.dumps(record, ensure_ascii=False) for record in as_records(rows)]
        return "\n".join(lines).encode(), "a.jsonl", count_filled(rows)
    lines = [json.dumps(draw(json_values())) for _ in range(draw(st.integers(1, 5)))]
    return draw(broken("\n".join(lines).encode())), "a.jsonl", None


def json_values() -> st.SearchStrategy[object]:
    """Any JSON with known keys in it."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | cells
    keys = st.sampled_from(COLUMNS) | st.text(max_size=3)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=12,
    )


@st.composite
def json_inputs(draw: st.DrawFn) -> Input:
    """Draw a document: a list of records, wrapped or not, or anything."""
    if draw(st.booleans()):
        rows = draw(plain_tables())
        whole = json.dumps(as_records(rows), ensure_ascii=False).encode()
        return whole, "a.json", count_filled(rows)
    if draw(st.booleans()):
        records: object = as_records(draw(any_tables()))
        wrap = draw(st.sampled_from([None, "data", "weibo", "list", "hits"]))
        value = {wrap: records, "user": {"id": 1}} if wrap else records
    else:
        value = draw(json_values())
    return draw(broken(json.dumps(value, ensure_ascii=False).encode())), "a.json", None


@st.composite
def xlsx_inputs(draw: st.DrawFn) -> Input:
    """Draw a workbook, whole or broken."""
    if draw(st.booleans()):
        rows = draw(plain_tables())
        printable = [[cell.replace("\x00", "") for cell in row] for row in rows]
        return as_xlsx(printable), "a.xlsx", count_filled(printable)
    return draw(broken(as_xlsx(draw(any_tables())))), "a.xlsx", None


@st.composite
def column_inputs(draw: st.DrawFn) -> Input:
    """Draw a Parquet file or a SQLite database, whole or broken."""
    make, name = draw(st.sampled_from([(as_parquet, "a.parquet"), (as_sqlite, "a.db")]))
    if draw(st.booleans()):
        rows = draw(plain_tables())
        return make(rows), name, count_filled(rows)
    return draw(broken(make(draw(any_tables())))), name, None


@st.composite
def archive_inputs(draw: st.DrawFn) -> Input:
    """Draw a zip or gz of other inputs under odd names, whole or broken."""
    if draw(st.booleans()):
        data, name, count = draw(csv_inputs())
        return gzip.compress(data, mtime=0), f"{name}.gz", count
    if draw(st.booleans()):
        data, name, _ = draw(csv_inputs())
        return draw(broken(gzip.compress(data, mtime=0))), f"{name}.gz", None
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", draw(st.sampled_from([0, 8]))) as archive:
        for _ in range(draw(st.integers(0, 3))):
            data, name, _ = draw(st.one_of(csv_inputs(), jsonl_inputs(), xlsx_inputs()))
            folder = draw(st.sampled_from(["", "甲/", "../", "/", "C:\\", "__MACOSX/", "a.zip/"]))
            archive.writestr(folder + name, data)
    return draw(broken(out.getvalue())), "a.zip", None


@st.composite
def byte_inputs(draw: st.DrawFn) -> Input:
    """Any bytes behind the first bytes of a known kind."""
    return draw(st.sampled_from(MARKS)) + draw(st.binary(max_size=200)), "a.bin", None


KINDS: dict[str, Callable[[], st.SearchStrategy[Input]]] = {
    "csv": csv_inputs,
    "jsonl": jsonl_inputs,
    "json": json_inputs,
    "xlsx": xlsx_inputs,
    "parquet, sqlite": column_inputs,
    "archive": archive_inputs,
    "bytes": byte_inputs,
}
