"""`caodian privacy scan` names every place and shows no find."""

import json

import polars as pl
import pytest
import xlsxwriter

from analysis.cli.main import main
from analysis.evaluation.preparation import list_files, scan_file
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
    assert [leak for path in files for leak in scan_file(path) or ()] == []


DIGITS = f"<path d='M{PHONE} 2'/>"
NOTEBOOK = json.dumps({"source": ["收件人：李小红\n", "好"]}, indent=1)
TEXTS = [
    ("page.html", f"<p>好</p>\n<p>{PHONE}</p>", "utf-8", ["line 2"]),
    ("page.html", f"<p>\n<svg>\n{DIGITS}<text>{PHONE}</text></svg>", "utf-8", ["line 3"]),
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
    leaks = scan_file(write_text(tmp_path / name, text, encoding))
    assert [leak.place for leak in leaks] == places


def test_numbers_and_hidden_sheets_are_read(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("one").write_row(2, 0, ["打", int(PHONE)])
        hidden = book.add_worksheet("two")
        hidden.hide()
        hidden.write(0, 0, "zhang@qq.com")
        book.add_worksheet("none")
    places = [(leak.place, leak.kind) for leak in scan_file(path)]
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
    places = [leak.place for leak in scan_file(path)]
    assert places == [f"row {row}, column 1" for row in rows]


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
    [("gone.csv", None, "must exist"), ("broken.xlsx", b"PK", "a workbook")],
)
def test_what_cannot_be_scanned_is_one_sentence(tmp_path, capsys, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert run(tmp_path / name) == 1
    err = capsys.readouterr().err
    assert said in err and "Traceback" not in err


def test_no_path_is_a_wrong_flag():
    assert run() == 2
