"""Forms: what is written, what is read back, and everything that people do to a spreadsheet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest

from analysis.audit.sampling import draw_sample
from analysis.audit.sheet_reading import (
    _read_mark,
    _refuse_ticks_alone,
    _same_text,
    read_sheet,
    safe_text,
    sheet_columns,
)
from analysis.audit.sheets import open_folder, write_sheets
from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError

CODES = load_codebook().code_names
TEXTS = [
    "发货太慢了",
    "=HYPERLINK(1)",
    "＋微信领券",
    "-退款被拒",
    "坏\x00了\x0b两天",
    "价格\n第二行",
]
Edit = Callable[[openpyxl.worksheet.worksheet.Worksheet], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    coded = pl.DataFrame(
        {
            "post_id": [f"49{number:014d}" for number in range(len(TEXTS))],
            "text": TEXTS,
            "channel": "weibo",
            "is_negative": [True, False] * 3,
            "grievances": [["delivery"], []] * 3,
            "scores": '{"delivery":0.73}',
            "negative_probability": 0.4321,
        }
    )
    write_sheets(draw_sample(coded, size=6, seed=1), load_codebook(), tmp_path)
    return tmp_path


def sample_of(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "machine.parquet")


def edit(folder: Path, change: Edit) -> Path:
    path = folder / "coder-a.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["coding"]
    for row in range(2, 8):
        sheet.cell(row, 4).value = 1
    change(sheet)
    book.save(path)
    return path


def column(sheet: openpyxl.worksheet.worksheet.Worksheet, name: str) -> int:
    return [cell.value for cell in sheet[1]].index(name) + 1


def read(folder: Path, change: Edit):
    return read_sheet(edit(folder, change), sample_of(folder), CODES)


def test_the_form_has_the_columns_of_the_contract(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "coder-a.xlsx")
    assert book.sheetnames == ["coding", "codebook"]
    head = [cell.value for cell in book["coding"][1]]
    assert head == ["post_id", "channel", "text", "negative", *CODES, "voice", "note"]
    assert book["coding"].max_row == 7
    codes = [row[0].value for row in book["codebook"].iter_rows(min_row=2)]
    assert codes[: len(CODES) + 1] == ["negative", *CODES]


def test_sample_file_has_the_columns_of_the_contract(folder: Path) -> None:
    sample = pl.read_parquet(folder / "sample.parquet")
    assert sample.columns == ["post_id", "stratum", "inclusion_probability"]


def test_forms_are_blind_and_both_coders_get_the_same(folder: Path) -> None:
    for name in ("coder-a.xlsx", "coder-b.xlsx"):
        sheet = openpyxl.load_workbook(folder / name)["coding"]
        cells = [cell.value for row in sheet.iter_rows(min_row=2) for cell in row]
        assert not any("0.73" in str(cell) or "0.43" in str(cell) for cell in cells)
        assert {sheet.cell(row, place).value for row in range(2, 8) for place in range(4, 16)} == {
            None
        }
    assert (folder / "coder-a.xlsx").read_bytes() == (folder / "coder-b.xlsx").read_bytes()


def test_no_cell_is_a_formula(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "coder-a.xlsx")["coding"]
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not str(cell.value or "").startswith(("=", "+", "-", "@", "＝", "＋"))


def test_doccano_lines_hold_text_and_no_label(folder: Path) -> None:
    lines = (folder / "doccano.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert sorted(record["text"] for record in records) == sorted(TEXTS)
    assert all(record["label"] == [] for record in records)
    assert "machine" not in records[0]


def test_a_filled_form_comes_back(folder: Path) -> None:
    def fill(sheet) -> None:
        sheet.cell(3, 4).value = 0
        sheet.cell(4, column(sheet, "delivery")).value = "是"
        sheet.cell(5, column(sheet, "price")).value = " １ "
        sheet.cell(6, column(sheet, "voice")).value = "媒体"
        sheet.cell(6, column(sheet, "note")).value = "看不懂"

    table = read(folder, fill)
    assert table["post_id"].tolist() == sample_of(folder)["post_id"].to_list()
    assert table["negative"].tolist() == [1, 0, 1, 1, 1, 1]
    assert table["delivery"].tolist() == [0, 0, 1, 0, 0, 0]
    assert table["price"].tolist() == [0, 0, 0, 1, 0, 0]
    assert table["voice"].iloc[4] == "media"
    assert table["note"].iloc[4] == "看不懂"


def test_rows_and_columns_in_any_order_and_case(folder: Path) -> None:
    def shuffle(sheet) -> None:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        rows[2][column(sheet, "price") - 1] = 1
        rows = [row[::-1] for row in [rows[0], *rows[:0:-1]]]
        rows[0] = [str(name).upper() + " " for name in rows[0]]
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                sheet.cell(number, place).value = value

    table = read(folder, shuffle)
    assert table["post_id"].tolist() == sample_of(folder)["post_id"].to_list()
    assert table["price"].tolist() == [0, 1, 0, 0, 0, 0]


def test_blank_lines_between_rows_are_nothing(folder: Path) -> None:
    assert len(read(folder, lambda sheet: sheet.insert_rows(3, amount=2))) == 6


def test_an_uncoded_row_is_missing_not_zero(folder: Path) -> None:
    def forget(sheet) -> None:
        sheet.cell(4, 4).value = None

    row = read(folder, forget).iloc[2]
    assert row[["negative", "price"]].isna().all()


@pytest.mark.parametrize(("ones", "is_told"), [(4, True), (3, False), (5, False)])
def test_blanks_beside_ticks_alone_are_not_taken_for_posts_that_nobody_coded(
    folder: Path, ones: int, is_told: bool
) -> None:
    """Six posts, the others blank; a single blank may have been overlooked."""

    def tick(sheet) -> None:
        for row in range(2, 2 + len(TEXTS)):
            for place in range(column(sheet, "negative"), sheet.max_column + 1):
                sheet.cell(row, place).value = None
            if row < 2 + ones:
                sheet.cell(row, column(sheet, "negative")).value = "是"

    if is_told:
        with pytest.raises(CaodianError, match="4 marks, no 0 among them"):
            read(folder, tick)
    else:
        assert read(folder, tick)["negative"].tolist()[:3] == [1, 1, 1]


@pytest.mark.parametrize(
    ("marks", "is_told"),
    [
        ([1] * 4 + [None] * 5, False),  # in order, and only begun
        ([1] * 9 + [None] * 91, False),
        ([1] * 10 + [None] * 90, True),
        ([1] * 5 + [None] * 5, True),  # half is done
        ([1, None, 1, 1, 1] + [None] * 20, True),  # ticks among blanks
        ([1] * 9 + [0] + [None] * 90, False),
    ],
)
def test_who_has_only_begun_may_have_met_negative_items_alone(
    marks: list[int | None], is_told: bool
) -> None:
    coded: dict[str, dict[str, object]] = {str(n): {"negative": m} for n, m in enumerate(marks)}
    with pytest.raises(CaodianError, match="no 0 among them") if is_told else nullcontext():
        _refuse_ticks_alone(coded, Path("coder-a.xlsx"))


def put(row: int, name: str, value: object) -> Edit:
    def change(sheet) -> None:
        sheet.cell(row, column(sheet, name)).value = value

    return change


def rename(name: str, new: str | None) -> Edit:
    return put(1, name, new)


@pytest.mark.parametrize(
    ("change", "rule", "where"),
    [
        (put(3, "price", "maybe"), "must be 1, 0 or blank", "row 3, column price"),
        (put(3, "price", 2), "must be 1, 0 or blank", "row 3, column price"),
        (put(4, "negative", "?"), "must be 1, 0 or blank", "row 4, column negative"),
        (put(3, "text", "换了一句话"), "must stay as it was drawn", "row 3"),
        (put(3, "text", None), "must stay as it was drawn", "row 3"),
        (put(3, "post_id", "unknown"), "must be a post of the sample", "row 3"),
        (put(3, "post_id", None), "must be a post of the sample", "row 3"),
        (put(3, "post_id", 4.9e18), "keep all its digits", "row 3"),
        (put(3, "voice", "consumre"), "voice must be one of", "row 3, column voice"),
        (rename("price", "prise"), "columns of the form and codes", "row 1"),
        (rename("price", None), "every column of the form", "price"),
        (rename("price", "delivery"), "stand in a sheet once", "row 1"),
        (rename("negative", None), "every column of the form", "negative"),
        (lambda sheet: sheet.delete_rows(4), "every post of the sample", "1 missing"),
    ],
)
def test_what_people_do_to_sheets_is_told(
    folder: Path, change: Edit, rule: str, where: str
) -> None:
    with pytest.raises(CaodianError, match=rule) as caught:
        read(folder, change)
    assert where in str(caught.value)
    assert "coder-a.xlsx" in str(caught.value)


def test_a_doubled_row_names_both_rows(folder: Path) -> None:
    def double(sheet) -> None:
        sheet.cell(5, 1).value = sheet.cell(3, 1).value

    with pytest.raises(CaodianError, match=r"rows 3 and 5"):
        read(folder, double)


@pytest.mark.parametrize("negative", [0, None])
def test_a_code_needs_a_negative_item(folder: Path, negative: int | None) -> None:
    def contradict(sheet) -> None:
        sheet.cell(3, 4).value = negative
        sheet.cell(3, column(sheet, "price")).value = 1

    with pytest.raises(CaodianError, match="must be a negative item"):
        read(folder, contradict)


def test_x_beside_a_check_mark_is_ambiguous(folder: Path) -> None:
    def tick(sheet) -> None:
        sheet.cell(3, column(sheet, "price")).value = "x"

    assert read(folder, tick)["price"].tolist() == [0, 1, 0, 0, 0, 0]

    def mixed(sheet) -> None:
        tick(sheet)
        sheet.cell(4, column(sheet, "price")).value = "√"

    with pytest.raises(CaodianError, match="x is not, beside √"):
        read(folder, mixed)


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
def test_a_broken_file_is_one_sentence(folder: Path, content: bytes) -> None:
    (folder / "coder-a.xlsx").write_bytes(content)
    with pytest.raises(CaodianError, match=r"readable \.xlsx"):
        read_sheet(folder / "coder-a.xlsx", sample_of(folder), CODES)


def test_a_missing_file_and_a_missing_sheet(folder: Path) -> None:
    with pytest.raises(CaodianError, match=r"coder-c\.xlsx"):
        read_sheet(folder / "coder-c.xlsx", sample_of(folder), CODES)
    book = openpyxl.load_workbook(folder / "coder-a.xlsx")
    book["coding"].title = "Sheet1"
    book.save(folder / "coder-a.xlsx")
    with pytest.raises(CaodianError, match="the sheet `coding`"):
        read_sheet(folder / "coder-a.xlsx", sample_of(folder), CODES)


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        *[(1, 1), (1.0, 1), ("1.0", 1), ("是", 1), ("TRUE", 1), ("Y", 1), ("√", 1), ("'1", 1)],
        *[
            (0, 0),
            ("否", 0),
            (False, 0),
            ("×", 0),
            ("０", 0),
            ("", None),
            (None, None),
            (" ", None),
        ],
    ],
)
def test_marks(cell: object, mark: int | None) -> None:
    assert _read_mark(cell) == mark


@pytest.mark.parametrize("cell", ["2", "-1", "0.5", "maybe", "11", "是否"])
def test_no_marks(cell: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        _read_mark(cell)


@pytest.mark.parametrize(
    "text", [*TEXTS, "'=1+1", "\u200b=1+1", "\u2212x", "长" * 40_000, "\ud83d半个", ""]
)
def test_safe_text_is_recognised_again(text: str) -> None:
    shown = safe_text(text)
    assert len(shown) <= 32_767
    assert _same_text(shown, shown)
    assert not _same_text(shown, f"{shown}改")


def marked(sheet: openpyxl.worksheet.worksheet.Worksheet, name: str) -> int:
    return [cell.value for cell in sheet[1]].index(name) + 1


def shift_header(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    sheet.cell(1, marked(sheet, "note") + 1).value = None
    sheet.cell(3, marked(sheet, "note") + 1).value = 1


def write_formula(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    sheet.cell(3, marked(sheet, "price")).value = "=D2"


def merge_marks(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    sheet.merge_cells(start_row=2, end_row=4, start_column=5, end_column=5)


def drop_text(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    sheet.delete_cols(marked(sheet, "text"))


def swap_ids(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    one, other = sheet.cell(2, 1), sheet.cell(3, 1)
    one.value, other.value = other.value, one.value


def second_sheet(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    sheet.parent.create_sheet("Coding ")


def rename_code(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    sheet.cell(1, marked(sheet, "price")).value = "pricing"


def date_mark(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    sheet.cell(3, marked(sheet, "price")).value = datetime(1900, 1, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shift_header, "must have its name"),
        (write_formula, "typed, not computed"),
        (merge_marks, "merged"),
        (drop_text, "every column of the form"),
        (swap_ids, "must stay as it was drawn"),
        (second_sheet, "one sheet"),
        (rename_code, "only columns of the form"),
        (date_mark, "1, 0 or blank"),
    ],
)
def test_a_hostile_sheet_is_refused(folder: Path, change: Edit, told: str) -> None:
    path = edit(folder, change)
    with pytest.raises(CaodianError, match=told):
        read_sheet(path, sample_of(folder), CODES)


def test_numbers_as_ids_and_every_way_to_say_yes_are_read(folder: Path) -> None:
    def people(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        for row, mark in enumerate(("是", "１", True, 1.0, "否", "０"), start=2):
            sheet.cell(row, 1).value = int(str(sheet.cell(row, 1).value))
            sheet.cell(row, 4).value = mark

    table = read_sheet(edit(folder, people), sample_of(folder), CODES)
    assert sorted(table["negative"].tolist()) == [0, 0, 1, 1, 1, 1]


def test_every_row_to_mend_is_told_at_once(folder: Path) -> None:
    def change(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet.cell(3, 4).value = "不确定"
        sheet.cell(5, 5).value = "?"
        sheet.cell(6, 4).value, sheet.cell(6, 5).value = 0, 1

    path = edit(folder, change)
    with pytest.raises(CaodianError, match=r"row 3, column negative; to mend as well: rows 5, 6\)"):
        read_sheet(path, sample_of(folder), CODES)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("吐槽", "negative"), ("价格", "price"), ("备注", "note"), ("delivry", "delivery")],
)
def test_a_column_that_was_renamed_is_recognised(folder: Path, written: str, meant: str) -> None:
    path = edit(folder, lambda sheet: setattr(sheet.cell(1, 5), "value", written))
    with pytest.raises(CaodianError, match=f"Did you mean '{meant}'"):
        read_sheet(path, sample_of(folder), CODES)


def test_a_title_above_the_columns_is_told(folder: Path) -> None:
    def change(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet.insert_rows(1)
        sheet.cell(1, 1).value = "coding"

    path = edit(folder, change)
    with pytest.raises(CaodianError, match="Remove what stands above the row that begins with"):
        read_sheet(path, sample_of(folder), CODES)


@pytest.mark.parametrize(
    ("saved_as", "told"),
    [
        ("coder-b.csv", r"\.xlsx\) with the name coder-b\.xlsx"),
        ("coder-a.et", r"\.xlsx\) with the name coder-a\.xlsx"),
        ("coder-a (1).xlsx", r"Rename it to coder-a\.xlsx"),
        ("Coder-B 张三.xlsx", r"Rename it to coder-b\.xlsx"),
        ("裁定.xlsx", r"Rename it to coder-a\.xlsx or coder-b\.xlsx"),
        ("gold.numbers", r"with the name gold\.xlsx"),
        ("gold（2）.ods", r"with the name gold\.xlsx"),
        ("coder-a - 副本 (2).xls", r"with the name coder-a\.xlsx"),
        ("Copy of adjudicated_final.csv", r"with the name adjudicated\.xlsx"),
        ("coder-b最终版.csv", r"with the name coder-b\.xlsx"),
        ("notes on gold.xlsx", r"Rename it to gold\.xlsx"),
    ],
)
def test_a_form_that_would_not_be_read_is_refused(folder: Path, saved_as: str, told: str) -> None:
    shutil.copy(folder / "coder-a.xlsx", folder / saved_as)
    with pytest.raises(CaodianError, match=told) as caught:
        open_folder(folder, load_codebook())
    assert caught.value.value == saved_as


@pytest.mark.parametrize(
    "name",
    [
        "~$coder-a.xlsx", ".DS_Store", "scored.csv", "说明.txt", "x.xlsx", "golden.png",
        "golden.csv", "gold-standard notes.txt", "gold prices.xlsx", "adjudicated-minutes.docx",
        "coder-a.png", "coder-a.xlsx.bak", "coder-a.zip", "coder-agreement.csv", "marigold.ods",
    ],
)  # fmt: skip
def test_other_files_may_lie_beside_the_forms(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"PK")
    assert open_folder(folder, load_codebook()).sample.height == len(TEXTS)


@pytest.mark.parametrize(
    ("name", "head", "is_form"),
    [
        ("王方.csv", [*sheet_columns(CODES)], True),
        ("truth.csv", ["post_id", "negative", *CODES], False),
    ],
)
def test_a_form_is_known_by_its_columns(
    folder: Path, name: str, head: list[str], is_form: bool
) -> None:
    (folder / name).write_text("\ufeff" + ",".join(head) + "\n", "utf-8")
    if not is_form:
        assert open_folder(folder, load_codebook()).sample.height == len(TEXTS)
        return
    with pytest.raises(CaodianError, match=r"name coder-a\.xlsx or coder-b\.xlsx"):
        open_folder(folder, load_codebook())


OLD = bytes.fromhex("d0cf11e0a1b11ae1")  # how files of Excel 97 and of WPS begin


def zip_of(path: Path, member: str, content: str) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr(member, content)


def workbook_of(path: Path, head: list[str]) -> None:
    book = openpyxl.Workbook()
    book.active.append(head)
    book.save(path)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("王方.txt", lambda path, head: path.write_text("\t".join(head), "utf-16")),
        ("王方.TXT", lambda path, head: path.write_text("\t".join(head) + "\n发货慢", "gb18030")),
        ("王方.xls", lambda path, head: path.write_bytes(OLD + "\0".join(head).encode())),
        ("王方.et", lambda path, head: path.write_bytes(OLD + "".join(head).encode("utf-16-le"))),
        ("王方.ods", lambda path, head: zip_of(path, "content.xml", "<p>" + "</p><p>".join(head))),
        ("王方.xlsx", workbook_of),
    ],
)
def test_a_form_is_known_whatever_program_saved_it(
    folder: Path, name: str, write: Callable[[Path, list[str]], object]
) -> None:
    """Under a name of one's own: it would be lost, with the remark that one person coded."""
    write(folder / name, ["post_id", "negative", *CODES])
    assert open_folder(folder, load_codebook()).sample.height == len(TEXTS)
    write(folder / name, sheet_columns(CODES))
    with pytest.raises(CaodianError, match=r"name coder-a\.xlsx or coder-b|to coder-a\.xlsx or"):
        open_folder(folder, load_codebook())


@pytest.mark.parametrize("name", ["my_sample.csv", "notes.txt"])
def test_names_that_only_hold_those_of_a_form_are_no_form(folder: Path, name: str) -> None:
    longer = ",".join(f"{column}_of_mine" for column in sheet_columns(CODES))
    (folder / name).write_text(longer + "\n", "utf-8")
    assert open_folder(folder, load_codebook()).sample.height == len(TEXTS)


def test_a_workbook_of_ones_own_may_lie_beside_the_forms(folder: Path) -> None:
    openpyxl.Workbook().save(folder / "gold prices.xlsx")
    assert open_folder(folder, load_codebook()).sample.height == len(TEXTS)


@pytest.mark.parametrize(("place", "called"), [("audit", ""), ("second", "second/")])
def test_a_form_of_the_second_wave_is_told_from_that_of_the_first(
    folder: Path, tmp_path: Path, place: str, called: str
) -> None:
    edited = edit(folder, lambda sheet: setattr(sheet["D3"], "value", "100%"))
    (tmp_path / place).mkdir()
    moved = shutil.copy(edited, tmp_path / place)
    with pytest.raises(CaodianError, match=rf"\({called}coder-a\.xlsx, row 3, column negative"):
        read_sheet(moved, sample_of(folder), CODES)


@pytest.mark.parametrize(
    ("priced", "marks", "refused"),
    [
        (10, {}, "10 posts with such a code, no mark in any column of sub-grievances"),
        (9, {}, None),  # too few to tell
        (10, {3: 1}, None),
        (10, {11: 0}, None),  # looked at, and none
        (0, {}, None),  # ten posts of a code that has no sub-grievances
    ],
)
def test_sub_grievances_that_nobody_coded_are_no_zeros(
    tmp_path: Path, priced: int, marks: dict[int, int], refused: str | None
) -> None:
    posts = [str(number) for number in range(12)]
    coded = pl.DataFrame(
        {"post_id": posts, "text": posts, "is_negative": True, "grievances": [["price"]] * 12}
    )
    book = load_codebook()
    sample = draw_sample(coded, size=12, seed=1)
    write_sheets(sample, book, tmp_path, with_subs=True)
    form = openpyxl.load_workbook(tmp_path / "coder-a.xlsx")
    sheet = form["coding"]
    for row in range(2, 14):
        sheet.cell(row, 4).value = 1
        sheet.cell(row, column(sheet, "price")).value = int(row - 2 < priced)
        sheet.cell(row, column(sheet, "delivery")).value = 1
        sheet.cell(row, column(sheet, "price.price_surge")).value = marks.get(row - 2)
    form.save(tmp_path / "coder-a.xlsx")
    names = [*book.code_names, *book.sub_names]
    with pytest.raises(CaodianError, match=refused) if refused else nullcontext():
        read_sheet(tmp_path / "coder-a.xlsx", sample, names)


@pytest.mark.parametrize(
    ("negative", "marks", "refused"),
    [
        (10, {}, "10 negative items, no mark in any column of codes"),
        (9, {}, None),  # too few to tell
        (10, {4: 1}, None),
        (10, {11: 0}, None),  # looked at, and none fits
    ],
)
def test_codes_that_nobody_coded_are_no_zeros(
    tmp_path: Path, negative: int, marks: dict[int, int], refused: str | None
) -> None:
    """Before, a form with `negative` alone made every code next to nothing, and halved it beside
    a form in which they were coded."""
    posts = [str(number) for number in range(12)]
    coded = pl.DataFrame(
        {"post_id": posts, "text": posts, "is_negative": True, "grievances": [["price"]] * 12}
    )
    sample = draw_sample(coded, size=12, seed=1)
    write_sheets(sample, load_codebook(), tmp_path)
    form = openpyxl.load_workbook(tmp_path / "coder-a.xlsx")
    sheet = form["coding"]
    for row in range(2, 14):
        sheet.cell(row, 4).value = int(row - 2 < negative)
        sheet.cell(row, column(sheet, "delivery")).value = marks.get(row - 2)
    form.save(tmp_path / "coder-a.xlsx")
    with pytest.raises(CaodianError, match=refused) if refused else nullcontext():
        read_sheet(tmp_path / "coder-a.xlsx", sample, CODES)


def test_a_record_that_tells_another_number_of_posts_is_refused(folder: Path) -> None:
    book = load_codebook()
    write_sheets(open_folder(folder, book).sample, book, folder, record={"seed": 1})
    assert open_folder(folder, book).record["drawn"] == len(TEXTS)
    record = json.loads((folder / "audit.json").read_text("utf-8"))
    (folder / "audit.json").write_text(json.dumps({**record, "drawn": 5_000}), "utf-8")
    with pytest.raises(CaodianError, match=r"how many posts were drawn: found 5000 .*: 6 posts"):
        open_folder(folder, book)
