"""JSON that its parsers do not know, cells spelled as formulas, cells merged over rows."""

import openpyxl
import pytest

import analysis as cd
from analysis.corpus.ingest import ingest


@pytest.mark.parametrize(
    "content",
    [
        '="编号",="内容",="时间"\n="12345678901234567890",="慢",="2020-06-01 08:03"\n',
        '编号,内容,时间\n="12345678901234567890",="慢,坏",="2020-06-01 08:03"\n',
        '编号,内容,时间\n"=""12345678901234567890""","=""慢""""坏""""""","=""2020-06-01 08:03"""\n',
        '编号,内容,时间\n="12345678901234567890",慢,="2020-06-01 08:03"\n' * 1
        + '="12345678901234567891",="坏","2020-06-01 08:03"\n',
    ],
)
def test_cells_that_a_spreadsheet_takes_as_text_are_read_as_it(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text(content, "utf-8")
    [posts] = ingest([path], secret=b"s").partitions()
    assert posts["post_id"][0] == "12345678901234567890"
    assert posts["text"][0] in ("慢", "慢,坏", '慢"坏"')
    assert {str(time)[:16] for time in posts["published_at"]} == {"2020-06-01 08:03"}


@pytest.mark.parametrize("cell", ['"=HYPERLINK(""x"",""慢"")"', '="慢"&"坏"', '慢="坏"'])
def test_formulas_and_signs_within_texts_stay(tmp_path, cell):
    path = tmp_path / "a.csv"
    path.write_text("内容,时间\n" + f"{cell},2020-06-01\n" * 4, "utf-8")
    ingestion = ingest([path], secret=b"s")
    [posts] = ingestion.partitions()
    assert "慢" in posts["text"][0] and posts["text"][0].count("=") == 1
    assert not any("quoted by" in note for note in ingestion.notes)


def test_a_column_of_lists_is_not_the_text_beside_one_of_texts(tmp_path):
    path = tmp_path / "a.jsonl"
    line = '{"text": "慢", "comments": [{"id": 1, "n": 2}, {"id": 2}], "time": "2020-06-01"}\n'
    path.write_text(line * 5, "utf-8")
    [posts] = ingest([path], secret=b"s").partitions()
    assert set(posts["text"]) == {"慢"}


def test_how_well_a_search_fits_is_no_star(tmp_path):
    path = tmp_path / "a.json"
    hit = '{"_index":"a","_id":"%d","_score":%s,"_source":{"content":"慢","time":"2020-06-01"%s}}'
    for inner, stars in (("", {None}), (',"score":4', {4.0})):
        hits = ",".join(hit % (n, "1.0", inner) for n in range(5))
        path.write_text(f'{{"hits":{{"hits":[{hits}]}}}}', "utf-8")
        [posts] = ingest([path], secret=b"s").partitions()
        assert set(posts["rating"]) == stars


@pytest.mark.parametrize(
    ("header", "row", "column", "value"),
    [
        ("Review Submit Date and Time,Star Rating,Review Text", "2020-06-01T08:03:00Z,1,慢",
         "rating", 1.0),
        ("商户,总分,口味,点评内容,点评时间", "店,4星,3,慢,2020-06-01 16:03", "rating", 4.0),
        ("商品名称,评价内容,描述相符,评价时间", "衣,慢,2,2020-06-01 16:03", "rating", 2.0),
        ("评分,总分,内容,时间", "3,97,慢,2020-06-01 16:03", "rating", 3.0),
    ],
)  # fmt: skip
def test_names_that_sites_write_are_known(tmp_path, header, row, column, value):
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n" + f"{row}\n" * 4, "utf-8")
    [posts] = ingest([path], secret=b"s").partitions()
    assert set(posts[column]) == {value}
    assert {str(time)[:16] for time in posts["published_at"]} == {"2020-06-01 16:03"}


# Merged cells of workbooks: (rows, ranges, first cell) -> (day, target, text) of each post.
MERGED = {
    "a day and a shop over three rows": (
        [["店铺", "日期", "评论"], ["甲店", "2024-06-01", "太慢"], [None, None, "很差"],
         [None, None, "不退款"], ["乙店", "2024-06-02", "还行"]],
        ["A2:A4", "B2:B4"], (1, 1),
        [("1", "甲店", "太慢"), ("1", "甲店", "很差"), ("1", "甲店", "不退款"),
         ("2", "乙店", "还行")],
    ),
    "a table that begins further down and to the right": (
        [["店铺", "日期", "评论"], ["甲店", "2024-06-01", "太慢"], [None, None, "很差"]],
        ["C5:C6", "D5:D6"], (4, 3), [("1", "甲店", "太慢"), ("1", "甲店", "很差")],
    ),
    "a text over two rows of what became of it is one post": (
        [["店铺", "日期", "评论"], ["甲店", "2024-06-01", "太慢"], ["乙店", "2024-06-01", None]],
        ["B2:B3", "C2:C3"], (1, 1), [("1", "甲店", "太慢")],
    ),
    "what is empty and not merged stays empty": (
        [["店铺", "日期", "评论"], ["甲店", "2024-06-01", "太慢"], [None, "2024-06-02", "很差"]],
        ["A1:C1"], (1, 1), [("1", "甲店", "太慢"), ("2", None, "很差")],
    ),
    "names in two rows, of which some reach over both": (
        [["店铺", "诉求", None], [None, "日期", "评论"], ["甲店", "2024-06-01", "太慢"]],
        ["A1:A2", "B1:C1"], (1, 1), [("1", "甲店", "太慢")],
    ),
    "ranges that overlap, lie outside or reach further than the table": (
        [["店铺", "日期", "评论"], ["甲店", "2024-06-01", "太慢"], [None, None, "很差"]],
        ["A2:A3", "A3:A9", "B2:B900", "Z1:Z9", "A40:A60"], (1, 1),
        [("1", "甲店", "太慢"), ("1", "甲店", "很差")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MERGED)
def test_a_cell_merged_over_rows_stands_in_each(tmp_path, case):
    rows, ranges, (top, left), expected = MERGED[case]
    book = openpyxl.Workbook()
    book.create_sheet("说明", 0)
    sheet = book.worksheets[1]
    for down, row in enumerate(rows):
        for right, cell in enumerate(row):
            sheet.cell(top + down, left + right, cell)
    for told in ranges:  # openpyxl would clear what lies below
        sheet.merged_cells.add(told)
    book.save(tmp_path / "a.xlsx")
    posts = cd.read_posts(tmp_path / "a.xlsx", frame="polars")
    days = posts["published_at"].dt.day().cast(str)
    assert list(zip(days, posts["target"], posts["text"], strict=True)) == expected
