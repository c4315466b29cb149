"""What is written is read back the same, in each format; a failed write leaves nothing."""

import math
import os

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import CaodianError
from analysis.schema import parse_columns
from analysis.storage import read_table, write_table

FORMATS = [".csv", ".jsonl", ".parquet", ".xlsx"]
EXACT = [".csv", ".jsonl", ".parquet"]
POSTS = pl.DataFrame(
    {
        "text": ["=1+1", 'a,b\n"q"', None, "发货太慢", "@某人"],
        "grievances": [["price"], [], ["price", "delivery"], [], []],
        "scores": ['{"price":0.5}', "{}", None, "{}", "{}"],
        "is_negative": [True, False, None, True, True],
        "negative_probability": [0.1, 1 / 3, None, 1e-9, 1.0],
        "mine": ["001", "1.0", "x", None, "é"],
    }
)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_table_comes_back_as_it_was(tmp_path, suffix):
    path = write_table(POSTS, tmp_path / f"posts{suffix}")
    back = parse_columns(read_table(path))
    assert back.columns == POSTS.columns
    assert back.to_dicts() == POSTS.to_dicts()


@pytest.mark.parametrize("suffix", EXACT)
@given(numbers=st.lists(st.floats(0, 1), min_size=1))
@settings(max_examples=25, deadline=None)
def test_numbers_are_bit_exact(tmp_path_factory, suffix, numbers):
    path = tmp_path_factory.mktemp("numbers") / f"posts{suffix}"
    frame = pl.DataFrame({"negative_probability": numbers})
    back = parse_columns(read_table(write_table(frame, path)))["negative_probability"]
    assert [math.copysign(1, a) * a for a in back] == [math.copysign(1, b) * b for b in numbers]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"])
def test_formulas_are_neutralised_in_xlsx_only(tmp_path, start):
    import openpyxl

    frame = pl.DataFrame({"text": [f"{start}1+1", "plain"]})
    write_table(frame, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet["A2"].value == f"'{start}1+1"
    assert sheet["A3"].value == "plain"
    write_table(frame, tmp_path / "a.csv")
    assert "'" not in (tmp_path / "a.csv").read_text(encoding="utf-8")


def test_bom_is_accepted(tmp_path):
    path = tmp_path / "bom.csv"
    path.write_bytes("\ufefftext,mine\n你好,1\n".encode())
    assert read_table(path).columns == ["text", "mine"]


def test_csv_cells_stay_strings(tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text("post_id,text\n4973000000000001,慢\n007,快\n", encoding="utf-8")
    assert read_table(path)["post_id"].to_list() == ["4973000000000001", "007"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("gbk.csv", "text\n发货太慢了\n".encode("gb18030"), "UTF-8"),
        ("ragged.csv", b"text,b\n1,2,3,4\n", "well-formed"),
        ("broken.jsonl", b'{"text": \n', "well-formed"),
        ("broken.parquet", b"PAR1 no", "well-formed"),
        ("broken.xlsx", b"PK no", "well-formed"),
        ("posts.txt", b"text", r"\.csv, \.xlsx"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CaodianError, match=said) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(CaodianError, match="must exist"):
        read_table(tmp_path / "absent.csv")


def test_a_failed_write_leaves_nothing(tmp_path):
    long = pl.DataFrame({"text": ["长" * 40_000]})
    with pytest.raises(CaodianError, match="32,767"):
        write_table(long, tmp_path / "posts.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(CaodianError, match="writable"):
        write_table(POSTS, tmp_path / "posts.csv")
