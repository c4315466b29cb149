"""`caodian privacy scan` names every place and shows no find."""

import base64
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile

import pandas as pd
import polars as pl
import pytest
import xlsxwriter

from analysis.cli.main import main
from analysis.evaluation import preparation
from analysis.evaluation.preparation import list_files, scan_file
from analysis.reporting import topic_map
from analysis.storage import write_table

PHONE = "13812345678"
LEAKING = pl.DataFrame({"n": [1, 2], "text": ["打【电话】", f"打{PHONE}\n谢谢"]})


def run(*words):
    with pytest.raises(SystemExit) as stopped:
        main(["privacy", "scan", *map(str, words)])
    return stopped.value.code


def write_text(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.slow
def test_nothing_found_is_exit_0(tmp_path, capsys):
    write_text(tmp_path / "report.html", "<p>打【电话】或12315</p>")
    assert run(tmp_path) == 0
    assert capsys.readouterr().out == "files: 1 read, 0 not read, 0 with finds: nothing found\n"


@pytest.mark.parametrize(
    ("suffix", "place"),
    [
        (".csv", "line 3"),
        (".jsonl", "line 2"),
        (".parquet", "row 2, column 2"),
        (".xlsx", "sheet data, row 3, column 2"),
    ],
)
def test_a_table_tells_the_place(tmp_path, capsys, suffix, place):
    path = write_table(LEAKING, tmp_path / f"posts{suffix}")
    assert run(path) == 1
    out = capsys.readouterr().out.splitlines()
    assert out == [
        f"{path}, {place}: phone {'*' * 11}",
        "files: 1 read, 0 not read, 1 with finds: 1 phone",
    ]


@pytest.mark.slow
def test_what_is_committed_for_readers_names_nobody(root):
    files = list_files(
        [root / name for name in ("studies", "notebooks", "README.md", "README.zh.md")]
    )
    assert len(files) > 20
    assert [leak for path in files for leak in scan_file(path).leaks] == []


DIGITS = f"<path d='M{PHONE} 2'/>"
NOTEBOOK = json.dumps({"source": ["收件人：李小红\n", "好"]}, indent=1)
TEXTS = [
    ("page.html", f"<p>好</p>\n<p>{PHONE}</p>", "utf-8", ["line 2"]),
    ("page.html", f"<p>\n<svg>\n{DIGITS}<text>{PHONE}</text></svg>", "utf-8", ["line 3"]),
    ("page.html", "<script>\nx = (a - 2) / before + view.x;\n</script>", "utf-8", []),
    ("page.html", "<script>\nx = '加微信：abc12345';\n</script>", "utf-8", ["line 2"]),
    ("figure.svg", f"<svg>\n<!-- {PHONE} -->\n{DIGITS}\n</svg>", "utf-8", ["line 2"]),
    ("figure.svg", f"<svg><style>a{{width:{PHONE}px}}</style>{DIGITS}</svg>", "utf-8", []),
    ("book.ipynb", NOTEBOOK, "utf-8", ["line 3"]),
    ("export.csv", f"内容,时间\n快递太慢了{PHONE},2020-06-12\n", "gb18030", ["line 2"]),
    ("export.csv", f"内容\n打{PHONE}\n", "utf-16", ["line 2"]),
    ("notes", f"打{PHONE}", "utf-8", ["line 1"]),
    ("empty.txt", "", "utf-8", []),
]


@pytest.mark.parametrize(("name", "text", "encoding", "places"), TEXTS)
def test_pages_drawings_notebooks_and_text(tmp_path, name, text, encoding, places):
    leaks = scan_file(write_text(tmp_path / name, text, encoding)).leaks
    assert [leak.place for leak in leaks] == places


def test_numbers_and_hidden_sheets_are_read(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("one").write_row(2, 0, ["打", int(PHONE)])
        hidden = book.add_worksheet("two")
        hidden.hide()
        hidden.write(0, 0, "zhang@qq.com")
        book.add_worksheet("none")
    places = [(leak.place, leak.kind) for leak in scan_file(path).leaks]
    assert places == [
        ("sheet one, row 3, column 2", "phone"),
        ("sheet two, row 1, column 1", "email"),
    ]


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (["0f3a9c5b7d1e2f46", "1380013800138000", "a81b3c5d7e9f0123"], []),
        (["6222021234567890128", "6222021234567890128", None], [1, 2]),
        (["0f3a9c5b7d1e2f46", PHONE], [2]),
    ],
)
def test_a_column_of_hashes_is_no_find(tmp_path, cells, rows):
    path = write_table(pl.DataFrame({"author": cells}), tmp_path / "posts.parquet")
    places = [leak.place for leak in scan_file(path).leaks]
    assert places == [f"row {row}, column 1" for row in rows]


# What holds other files, in files and in one another.


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return stream.getvalue()


def tarred(name, content):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def written(frame, method):
    stream = io.BytesIO()
    getattr(frame, method)(stream)
    return stream.getvalue()


def database(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE posts (n, text)")
        rows = [(1, b"\xff"), (2, int(PHONE)), (3, f"打{PHONE}".encode())]
        connection.executemany("INSERT INTO posts VALUES (?, ?)", rows)
    connection.close()
    return path.read_bytes()


TEXT = f"打\n{PHONE}".encode()
SAVED = f"<a href='data:text/csv;charset=utf-8;base64,{base64.b64encode(TEXT).decode()}'>".encode()
ARCHIVES = [
    ("a.zip", zipped(a__csv=TEXT), ["a.csv, line 2"]),
    ("a.zip", zipped(a__zip=zipped(b__txt=TEXT)), ["a.zip, b.txt, line 2"]),
    ("a.bin", zipped(a__csv__gz=gzip.compress(TEXT)), ["a.csv.gz, a.csv, line 2"]),
    ("a.csv.gz", gzip.compress(TEXT), ["a.csv, line 2"]),
    ("a.tar.gz", gzip.compress(tarred("a.csv", TEXT)), ["a.tar, a.csv, line 2"]),
    ("a.zip", zipped(p__parquet=written(LEAKING, "write_parquet")),
     ["p.parquet, row 2, column 2"]),
    ("a.zip", zipped(p__xlsx=written(LEAKING, "write_excel")),
     ["p.xlsx, sheet Sheet1, row 3, column 2"]),
    ("a.zip", zipped(page__html=b"<p>\n" + SAVED), ["page.html, line 2"]),
    ("a.zip", zipped(**{f"{PHONE}__txt": b"a"}), [f"{'*' * 11}.txt, its name"]),
    ("a.parquet", written(LEAKING.rename({"n": PHONE}), "write_parquet"),
     ["names of columns", "row 2, column 2"]),
    (f"{PHONE}.txt", b"a", ["its name"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "places"), ARCHIVES)
def test_what_is_packed_is_read(tmp_path, name, content, places):
    (tmp_path / name).write_bytes(content)
    found = scan_file(tmp_path / name)
    assert [leak.place for leak in found.leaks] == places
    assert found.unread == []


def test_databases_are_read_table_by_table(tmp_path):
    content = database(tmp_path / "a.db")
    places = ["table posts, row 2, column 2", "table posts, row 3, column 2"]
    assert [leak.place for leak in scan_file(tmp_path / "a.db").leaks] == places
    (tmp_path / "a.zip").write_bytes(zipped(posts=content))
    inside = [f"posts, {place}" for place in places]
    assert [leak.place for leak in scan_file(tmp_path / "a.zip").leaks] == inside


def test_a_long_table_of_a_database_is_read_in_parts(tmp_path, monkeypatch):
    """Rows are counted on, and hashes that are all digits stay hashes where a part has no other."""
    monkeypatch.setattr(preparation, "_AT_ONCE", 3)
    hashes = [f"{n:016x}" for n in range(10**17, 10**17 + 7 * 10**13, 10**13)] + [PHONE + "01234"]
    rows = [(key, f"打{PHONE}" if n == 6 else "好") for n, key in enumerate(hashes)]
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE posts (key, text)")
        connection.executemany("INSERT INTO posts VALUES (?, ?)", rows)
    connection.close()
    places = [leak.place for leak in scan_file(tmp_path / "a.db").leaks]
    assert places == ["table posts, row 7, column 2"]


def test_what_a_workbook_says_beside_its_cells_is_read(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"author": f"打{PHONE}"})
        sheet = book.add_worksheet(f"打{PHONE}")
        sheet.write(0, 0, "好")
        sheet.write_comment(0, 0, f"客户{PHONE}")
    places = {leak.place for leak in scan_file(path).leaks}
    assert {f"sheet 打{'*' * 11}, its name", "docProps/core.xml", "xl/comments1.xml"} <= places


def test_the_texts_of_a_map_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(topic_map, "mask_texts", lambda texts: (texts, []))
    posts = pl.DataFrame({
        "text": [f"第{n}次打{PHONE}没有人接" for n in range(40)],
        "topic": [n % 2 for n in range(40)], "confidence": [0.9] * 40,
        "grievances": [["delivery"]] * 40, "published_at": ["2020-06-01 08:00:00"] * 40,
    })  # fmt: skip
    topics = pd.DataFrame(
        {"cluster": [0, 1], "items": [20, 20], "terms": ["物流", "退款"], "label": ["物流", "退款"]}
    )
    page = topic_map.map_topics(posts, topics).page(quotes=True)
    assert PHONE not in page
    leaks = scan_file(write_text(tmp_path / "topics.html", page)).leaks
    assert [leak.kind for leak in leaks] == ["phone"] * 40


def test_what_is_not_read_is_named(tmp_path, capsys):
    """A picture in an archive, an archive in too many others, and one larger than the bound."""
    deep = TEXT
    for _ in range(6):
        deep = gzip.compress(deep)
    content = zipped(a__png=b"\x89PNG\r\n\x1a\n\0", deep__gz=deep, a__txt="好".encode())
    (tmp_path / "a.zip").write_bytes(content)
    assert run(tmp_path) == 0
    said = capsys.readouterr()
    assert said.out == "files: 1 read, 0 not read, 0 with finds: nothing found\n"
    assert "a.zip, a.png: not read" in said.err and "a.zip, deep.gz" in said.err


def test_no_more_is_unpacked_than_the_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(preparation, "_MOST_BYTES", 1000)
    (tmp_path / "a.zip").write_bytes(zipped(a__txt=b"a" * 900, b__txt=b"b" * 900, c__txt=TEXT))
    found = scan_file(tmp_path / "a.zip")
    assert found.unread == ["b.txt"]
    assert [leak.place for leak in found.leaks] == ["c.txt, line 2"]


def test_a_locked_member_is_named(tmp_path):
    content = bytearray(zipped(a__txt=TEXT))
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(mark) + place] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert scan_file(tmp_path / "a.zip").unread == ["a.txt (locked)"]


def test_folders_are_walked_and_pictures_named(tmp_path, capsys):
    below = tmp_path / "tables" / "deep"
    below.mkdir(parents=True)
    write_text(below / "posts.txt", f"打{PHONE}，{PHONE}")
    write_text(tmp_path / ".hidden.txt", PHONE)
    (tmp_path / "figure.png").write_bytes(b"\x89PNG\r\n\x1a\n\0" + PHONE.encode())
    assert run(tmp_path, below) == 1
    said = capsys.readouterr()
    assert said.out.endswith("files: 1 read, 1 not read, 1 with finds: 2 phone\n")
    assert "figure.png: not read" in said.err
    assert PHONE not in said.out + said.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.csv", None, "must exist"),
        ("broken.xlsx", b"PK", "a workbook"),
        ("broken.parquet", b"PAR1", "a .parquet file must be whole"),
        ("broken.zip", zipped(a__txt=TEXT)[:40], "an archive must be whole"),
        ("broken.csv.gz", gzip.compress(TEXT)[:-9], "a packed file must be whole"),
        ("broken.db", b"SQLite format 3\0" + b"x" * 200, "a database must be whole"),
    ],
)
def test_what_cannot_be_scanned_is_one_sentence(tmp_path, capsys, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert run(tmp_path / name) == 1
    err = capsys.readouterr().err
    assert said in err and "Traceback" not in err


def test_no_path_is_a_wrong_flag():
    assert run() == 2
