"""JSON with comments and commas that its parsers do not know, and cells spelled as formulas."""

import pytest

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers import tables


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ('[{"a": 1,},]', '[{"a": 1 } ]'),
        ('{"a": [1, 2, \n], }', '{"a": [1, 2  \n]  }'),
        ('// x\n{"a": 1} // y', ' \n{"a": 1}  '),
        ('/* "x */{"a": 1}', ' {"a": 1}'),
        ('{"a": "b", // c\n}', '{"a": "b"   \n}'),
        ('{"a": "http://b/c", "d": "//e", "f": "/* g */"}', None),
        ('{"a": "b,}", "c": ",]"}', None),
        ('{"a": "say \\"x\\",}"}', None),
        ('{"a": "http://b', None),  # cut within a text
        ('{"a": 15"b", "c": "http://d/e"}', None),  # broken: what is a text is not known
        ('[1, 2]', None),
        ("", None),
    ],
)  # fmt: skip
def test_comments_and_last_commas_are_left_out_and_texts_stay(content, wanted):
    assert tables._without_remarks(content.encode()).decode() == (wanted or content)
    cut = [content.encode()[at : at + 5] for at in range(0, len(content.encode()), 5)]
    if "/*" not in content:  # a comment of several lines may be cut by the end of 16 MiB
        assert b"".join(tables._leave_out_remarks(iter(cut))).decode() == (wanted or content)


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
