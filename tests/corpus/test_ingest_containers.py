"""The same posts in every container, archives without danger, databases and folders."""

import gzip
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from analysis.corpus.ingest import explain, ingest
from analysis.corpus.readers.containers import export, foreign, opened
from analysis.corpus.readers.containers.delimited import DelimitedTable
from analysis.errors import CaodianError
from analysis.words import load_words

HEADER = ["id", "content", "creationTime", "score"]
ROWS = [
    ["4973000000000001", "快递太慢，没人管", "2020-06-12 08:03:00", "1"],
    ["4973000000000002", '他说"好"其实坏', "2020-06-13 09:04:05", "2"],
]
TEXT = "".join(
    ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in [HEADER, *ROWS]
)


def take(*paths, **options):
    ingestion = ingest(paths, secret=b"s", **options)
    parts = list(ingestion.partitions())
    return pl.concat(parts), ingestion


def records():
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def write_csv(path):
    path.write_text(TEXT, "utf-8")


def write_tsv(path):
    path.write_text("\n".join("\t".join(row) for row in [HEADER, *ROWS]), "utf-8")


def write_json(path):
    path.write_text(json.dumps({"comments": records()}), "utf-8")


def write_jsonl(path):
    path.write_text("\n\n".join(json.dumps(record) for record in records()), "utf-8")


def write_parquet(path):
    frame = pl.DataFrame(records()).with_columns(
        pl.col("id").cast(pl.Int64), pl.col("score").cast(pl.Float64),
        pl.col("creationTime").str.to_datetime(),
    )  # fmt: skip
    frame.write_parquet(path)


def write_sqlite(path):
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE reviews (id INTEGER, content TEXT, creationTime TEXT, score REAL)"
    )
    connection.executemany("INSERT INTO reviews VALUES (?, ?, ?, ?)", ROWS)
    connection.execute("CREATE TABLE user (id INTEGER, nick_name TEXT, follower_count INTEGER)")
    connection.execute("INSERT INTO user VALUES (1, '甲', 2)")
    connection.commit()
    connection.close()


def write_xlsx(path):
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number, row in enumerate([HEADER, *ROWS]):
        sheet.write_row(number + 2, 0, row)
    sheet.write_string(0, 0, "评论导出")
    sheet.write_blank(30_000, 3, None, book.add_format({"bold": True}))
    book.close()


def write_zip(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("导出/reviews.csv", TEXT)
        archive.writestr("README.md", "no export")


def write_gz(path):
    path.write_bytes(gzip.compress(TEXT.encode("gb18030")))


WRITERS = {
    "a.csv": write_csv, "a.tsv": write_tsv, "a.json": write_json, "a.jsonl": write_jsonl,
    "a.parquet": write_parquet, "a.db": write_sqlite, "a.xlsx": write_xlsx, "a.zip": write_zip,
    "a.csv.gz": write_gz,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(WRITERS))
def test_one_table_reads_the_same_in_every_container(tmp_path, name):
    WRITERS[name](tmp_path / name)
    posts, ingestion = take(tmp_path / name)
    account = ingestion.reconciliation.iloc[0]
    assert (account.records_read, account.kept, account.rejected) == (2, 2, 0)
    assert posts["post_id"].to_list() == [row[0] for row in ROWS]
    assert posts["text"].to_list() == [row[1] for row in ROWS]
    assert posts["rating"].to_list() == [1.0, 2.0]
    assert str(posts["published_at"][1]).startswith("2020-06-13 09:04:05+08:00")


# What our own columns are called, and what Polars takes for a pattern of names.
OWN_NAMES = [
    "row_number", "note", "broken", "reading", "reason", "cell", "*", "^.*$", "^内容$",
]  # fmt: skip


@pytest.mark.parametrize("name", OWN_NAMES)
def test_a_column_may_be_called_whatever_its_owner_likes(tmp_path, name):
    rows = [{name: f"{n}天还没发货，客服不理", "时间": f"2020-06-1{n}"} for n in range(9)]
    table = pl.DataFrame(rows)
    table.write_csv(tmp_path / "a.csv")
    table.write_excel(tmp_path / "a.xlsx")
    table.write_ndjson(tmp_path / "a.jsonl")
    table.write_parquet(tmp_path / "a.parquet")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute(f'CREATE TABLE t ("{name}" TEXT, "时间" TEXT)')
        connection.executemany("INSERT INTO t VALUES (?, ?)", table.rows())
    for suffix in ("csv", "xlsx", "jsonl", "parquet", "db"):
        posts, _ = take(tmp_path / f"a.{suffix}")
        assert posts.sort("published_at")["text"].to_list() == table[name].to_list(), suffix


def test_blank_formatted_rows_below_a_sheet_are_no_records(tmp_path):
    write_xlsx(tmp_path / "a.xlsx")
    _, ingestion = take(tmp_path / "a.xlsx")
    assert ingestion.reconciliation.iloc[0].blank >= 0
    assert ingestion.reconciliation.iloc[0].records_read == 2


@pytest.mark.slow
@pytest.mark.parametrize("make", [str, Path])
def test_a_sqlalchemy_url_is_read(tmp_path, make):
    write_sqlite(tmp_path / "a.db")
    posts, ingestion = take(make(f"sqlite:///{tmp_path / 'a.db'}"))
    assert posts["post_id"].to_list() == [row[0] for row in ROWS]
    assert any("persons" in note for note in ingestion.notes)


def test_a_folder_is_walked_and_names_what_it_passes_over(tmp_path):
    (tmp_path / "below").mkdir()
    write_csv(tmp_path / "below" / "a.csv")
    (tmp_path / "users.csv").write_text("用户id,昵称,粉丝数,关注数\n1,甲,2,3\n", "utf-8")
    (tmp_path / "notes.md").write_text("no table", "utf-8")
    posts, ingestion = take(tmp_path)
    assert posts.height == 2
    assert any("users.csv" in note for note in ingestion.notes)


def test_profiles_named_alone_are_refused(tmp_path):
    (tmp_path / "users.csv").write_text("用户id,昵称,粉丝数,关注数\n1,甲,2,3\n", "utf-8")
    with pytest.raises(CaodianError, match="not read"):
        take(tmp_path / "users.csv")


def test_tables_below_each_other_are_all_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "某导出\n内容,时间\n快递太慢了,2020-06-12\n内容,时间\n\n时间,内容,评分\n2020-06-13,客服不理,1\n",
        "utf-8",
    )
    posts, ingestion = take(path)
    assert posts["text"].to_list() == ["快递太慢了", "客服不理"]
    assert posts["row_number"].to_list() == [1, 3]
    assert ingestion.rejects["row_number"].to_list() == [2]
    assert ingestion.reconciliation["records_read"].sum() == 3


@pytest.mark.parametrize("number", [1, 2])
def test_a_page_of_an_api_is_its_list(tmp_path, number):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"score": 5, "comments": records()[:number]}), "utf-8")
    assert take(path)[0].height == number


SAID = [{"评论内容": f"第{n}次没有人管", "评论时间": f"2020-06-{n + 1:02d}"} for n in range(4)]
SHAPES = {
    "records": SAID,
    "pandas columns": {key: {str(n): row[key] for n, row in enumerate(SAID)} for key in SAID[0]},
    "pandas index": {key: [row[key] for row in SAID] for key in SAID[0]},
    "pandas split": {
        **{"columns": list(SAID[0]), "index": [0, 1, 2, 3]},
        "data": [list(row.values()) for row in SAID],
    },
    "rows below names": [list(SAID[0]), *(list(row.values()) for row in SAID)],
    "records by id": {f"a{n}": row for n, row in enumerate(SAID)},
    "records by id in an answer": {"ok": True, "data": {str(n): row for n, row in enumerate(SAID)}},
    "typed by MongoDB": [
        {
            "_id": {"$oid": f"{n:024}"},
            "content": row["评论内容"],
            "pubtime": {"$date": {"$numberLong": str(1591000000000 + 86_400_000 * n)}},
        }
        for n, row in enumerate(SAID)
    ],
    "lists of Scrapy": [{key: [cell] for key, cell in row.items()} for row in SAID],
    "pages": [{"page": n, "comments": SAID[n : n + 2]} for n in (0, 2)],
    "pages of an api": [{"message": "ok", "data": {"rows": SAID[n : n + 2]}} for n in (0, 2)],
    "a document of pages": {"pages": [{"comments": SAID[:3]}, {"comments": SAID[3:]}]},
    "posts with replies": [row | {"replies": [{"content": "同感"}] * 3} for row in SAID],
    "nested posts": [
        {"comment": {"content": row["评论内容"], "create_time": row["评论时间"]}, "pics": [{}]}
        for row in SAID
    ],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_posts_are_found_whichever_way_json_holds_them(tmp_path, shape):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(SHAPES[shape], ensure_ascii=False), "utf-8")
    posts, _ = take(path)
    assert posts["text"].to_list() == [row["评论内容"] for row in SAID]
    assert posts["published_at"].dt.day().to_list() == [1, 2, 3, 4]


def test_a_list_of_texts_is_a_list_of_posts(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(["没有人管", "等了九天", None]), "utf-8")
    posts, ingestion = take(path)
    assert posts["text"].to_list() == ["没有人管", "等了九天"]
    assert counts(ingestion) == (3, 2, 1)


@pytest.mark.parametrize(
    ("content", "texts", "rejected"),
    [
        ('[{"content": "没有人管"}]\n[{"content": "等了九天"}]', ["没有人管", "等了九天"], 0),
        ('[{"content": "没有人管"}]{"content": "等了九天"}', ["没有人管", "等了九天"], 0),
        ('["content", "n"]\n["没有人管", 1]\n["等了九天", 2]', ["没有人管", "等了九天"], 0),
        ('["没有人管", "http://a.cn/1.jpg"]', ["没有人管"], 1),
        ('[{"content": "没有人管"}];', ["没有人管"], 0),
        ('[{"content": "没有人管"}] 等了九天', ["没有人管"], 1),
        ('内容\n"[""好评""]"\n没有人管', ['["好评"]', "没有人管"], 0),
    ],
)
def test_what_stands_behind_an_array_is_read_or_counted(tmp_path, content, texts, rejected):
    path = tmp_path / "a.json"
    path.write_text(content, "utf-8")
    posts, ingestion = take(path)
    assert posts["text"].to_list() == texts
    assert counts(ingestion) == (len(texts) + rejected, len(texts), rejected)


def test_sections_of_one_post_are_no_posts_by_id(tmp_path):
    path = tmp_path / "a.json"
    section = {"content": "没有人管", "time": "2020-06-01"}
    names = ("question", "answer", "comment", "a1")
    path.write_text(dumped(dict.fromkeys(names[:3], section)), "utf-8")
    assert take(path)[0].height == 1
    path.write_text(dumped(dict.fromkeys(names, section)), "utf-8")
    assert take(path)[0].height == 4


def test_arrays_a_line_without_names_are_refused(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'["2020-06-0{n}", "没有人管"]\n' for n in range(1, 9)), "utf-8")
    with pytest.raises(CaodianError):
        take(path)


def test_lines_may_be_pages(tmp_path):
    path = tmp_path / "a.jsonl"
    pages = [{"code": 0, "comments": SAID[n : n + 2]} for n in (0, 2)]
    path.write_text("\n".join(json.dumps(page) for page in pages), "utf-8")
    assert take(path)[0].height == 4


def test_a_small_table_is_read_once_and_a_longer_one_again(tmp_path, monkeypatch):
    passes = []
    batches = DelimitedTable.batches

    def noted(table, *words):
        passes.append(table.path.name)
        return batches(table, *words)

    monkeypatch.setattr(DelimitedTable, "batches", noted)
    for name, rows in (("short.csv", 3), ("long.csv", 400)):
        lines = (f"第{n}次就坏了,2020-06-12 08:03\n" for n in range(rows))
        (tmp_path / name).write_text("内容,时间\n" + "".join(lines), "utf-8")
        posts, ingestion = take(tmp_path / name)
        assert posts.height == ingestion.reconciliation["kept"].sum() == rows
    assert passes == ["short.csv", "long.csv", "long.csv"]


def test_a_folder_without_end_and_the_root_of_a_disk_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "MOST_NAMES", 5)
    for name in ("a/1.csv", "a/2.csv", "b/3.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_csv(tmp_path / name)
    assert take(tmp_path)[0].height == 6
    write_csv(tmp_path / "b" / "4.csv")
    for folder in (tmp_path, Path(tmp_path.anchor)):
        with pytest.raises(CaodianError, match="files and folders at most"):
            ingest([folder], secret=b"s")


def test_a_limit_counts_records(tmp_path):
    write_csv(tmp_path / "a.csv")
    write_jsonl(tmp_path / "b.jsonl")
    posts, _ = take(tmp_path / "a.csv", tmp_path / "b.jsonl", limit=3)
    assert posts["source_file"].to_list() == ["a.csv", "a.csv", "b.jsonl"]


def test_unquoted_commas_in_every_text_hide_no_time(tmp_path):
    path = tmp_path / "a.csv"
    rows = (f"慢,坏,第{n}次,2020-06-0{n} 08:03\n" for n in (1, 2, 3))
    path.write_text("内容,时间\n" + "".join(rows), "utf-8")
    posts, _ = take(path)
    assert posts["text"].to_list() == ["慢,坏,第1次", "慢,坏,第2次", "慢,坏,第3次"]
    assert posts["published_at"].null_count() == 0


HEADS = ("callback(", "var posts = ", "window.YTD.tweets.part0 = ", "/**/jQuery11_1( ", ")]}',\n",
         "while(1);", "export default ", "module.exports=", "const a=")  # fmt: skip


def test_unquoted_commas_in_the_text_are_put_right(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "content,creationTime,tag\n慢,坏,2020/4/13 2:38\n好,2020/4/13 2:38,3\n", "utf-8"
    )
    posts, _ = take(path)
    assert posts["text"].to_list() == ["慢,坏", "好"]


LAID_OUT = {
    "时间": "2020-06-0{} 10:00", "城市": "北京", "评分": "{}",
    "内容": "第{}次来都很好", "回复": "已回复{}",
}  # fmt: skip


def read_last(path, names, delimiter, last, others=None):
    """Return the posts of seven sound rows and a last one, without the seven."""
    sound = [[LAID_OUT[name].format(n) for name in names] for n in range(1, 8)]
    rows = [names, *(others or sound), last]
    path.write_text("".join(delimiter.join(row) + "\n" for row in rows), "utf-8")
    posts, ingestion = take(path)
    assert posts.height + ingestion.rejects.height == 8
    return posts.filter(pl.col("row_number") == 8)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    ("names", "last"),
    [
        ("时间 内容 评分 回复", "2020-06-09 10:00/买了/坏了/5/"),
        ("时间 内容 评分 回复", "2020-06-09 10:00/买了/坏了/退了/5//"),
        ("时间 内容 评分 回复", "2020-06-09 10:00/买了/坏了//"),
        ("时间 内容 评分 回复", "2020-06-09 10:00/买了/坏了/5/新的回复"),
        ("时间 内容 评分", "2020-06-09 10:00/买了/坏了/"),
        ("时间 内容", "2020-06-09 10:00/买了/坏了/"),
        ("时间 内容 城市 评分 回复", "2020-06-09 10:00/买了/坏了/北京/5/"),
        ("时间 内容 城市 评分 回复", "2020-06-09 10:00/买了/坏了//5/"),
        ("城市 时间 内容 评分 回复", "北京/2020-06-09 10:00/买了/坏了/5/"),
        ("内容 时间 评分 回复", "买了/坏了/2020-06-09 10:00/5/"),
        ("内容 时间 评分 回复", "买了/坏了/退了/2020-06-09 10:00///"),
        ("内容 评分 时间", "买了/坏了/5/2020-06-09 10:00/"),
        ("内容 评分 回复", "买了/坏了/5/"),
    ],
)
def test_a_text_with_delimiters_is_whole_where_the_last_cells_are_empty(
    tmp_path, names, last, delimiter
):
    cells = last.split("/")
    pieces = [cell for cell in cells if cell in ("买了", "坏了", "退了")]
    (post,) = read_last(tmp_path / "a.csv", names.split(), delimiter, cells).to_dicts()
    assert post["text"] == delimiter.join(pieces)
    assert post["rating"] == (5 if "5" in cells else None)


@pytest.mark.parametrize(
    ("names", "last", "text"),
    [
        ("时间 内容 评分 回复", "2020-06-09 10:00/慢/5//", "慢"),
        ("时间 内容 评分 回复", "2020-06-09 10:00/慢///", "慢"),
        ("时间 内容 评分 城市", "2020-06-09 10:00/慢/5/北京//", "慢"),
        ("时间 内容", "2020-06-09 10:00/慢//", "慢"),
        ("内容 时间 评分", "慢/2020-06-09 10:00/5//", "慢"),
        ("时间 内容 评分 回复", "2020-06-09 10:00/慢/5/新的回复/", "慢"),
    ],
)
def test_a_row_that_is_only_padded_stays_as_it_is(tmp_path, names, last, text):
    (post,) = read_last(tmp_path / "a.csv", names.split(), ",", last.split("/")).to_dicts()
    assert post["text"] == text


@pytest.mark.parametrize(("sound", "is_kept"), [(19, False), (20, True)])
def test_a_row_is_only_padded_where_another_reading_empties_a_column_that_never_is(
    tmp_path, sound, is_kept
):
    others = [["2020-06-01 10:00", f"第{n}次", f"回复{n}"] for n in range(sound)]
    last = ["2020-06-09 10:00", "慢", "新的回复", ""]
    path = tmp_path / "a.csv"
    rows = [["时间", "内容", "回复"], *others, last]
    path.write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")
    texts = take(path)[0]["text"].to_list()
    assert texts == [row[1] for row in others] + ["慢"] * is_kept


def test_a_file_whose_rows_are_all_padded_stays_as_it_is(tmp_path):
    others = [[f"2020-06-0{n} 10:00", f"第{n}次", f"回复{n}", ""] for n in range(1, 8)]
    last = ["2020-06-09 10:00", "慢", "新的回复", ""]
    (post,) = read_last(tmp_path / "a.csv", ["时间", "内容", "回复"], ",", last, others).to_dicts()
    assert post["text"] == "慢"


@pytest.mark.parametrize(
    ("names", "last"),
    [
        ("时间 内容 回复", "2020-06-09 10:00/买了/坏了/"),
        ("时间 内容 评分 回复", "2020-06-09 10:00/买了/坏了//新的回复"),
        ("时间 内容 评分 回复", "2020-06-09 10:00/第九次买/3/坏了//"),
        ("时间 内容 城市 评分", "2020-06-09 10:00/买了/坏了/长沙/5"),
    ],
)
def test_a_row_that_can_be_read_two_ways_is_rejected_and_not_halved(tmp_path, names, last):
    assert read_last(tmp_path / "a.csv", names.split(), ",", last.split("/")).is_empty()


def test_reasons_show_no_words_of_a_post(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("内容,时间\n慢,2020-06-12\n坏,请联系王女士13800000000退款\n", "utf-8")
    _, ingestion = take(path)
    assert "王女士" not in ingestion.rejects["reason"][0]


def test_the_author_key_needs_the_secret(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("内容,时间,用户id\n慢,2020-06-12,7\n", "utf-8")
    keys = [
        next(ingest([path], secret=secret).partitions())["author_key"][0] for secret in (b"a", b"b")
    ]
    assert keys[0] != keys[1]
    assert all(len(key) == 32 for key in keys)


def test_canonical_posts_come_back_as_they_are(tmp_path):
    write_csv(tmp_path / "a.csv")
    posts, _ = take(tmp_path / "a.csv")
    posts.write_parquet(tmp_path / "posts.parquet")
    again, _ = take(tmp_path / "posts.parquet")
    kept = [
        name for name in posts.columns if name not in ("source_format", "source_file", "row_number")
    ]
    assert again.select(kept).equals(posts.select(kept))


def test_explain_tells_what_is_repaired(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode("gb18030"))
    assert "read as gb18030" in explain(path)


@pytest.mark.slow
@pytest.mark.parametrize("group", [1, 7, 100])
def test_groups_of_rows_of_any_size_are_read_in_order(tmp_path, monkeypatch, group):
    monkeypatch.setattr("analysis.corpus.readers.containers.foreign._BATCH_ROWS", 10)
    path = tmp_path / "a.parquet"
    texts = [f"第{number}条太慢" for number in range(53)]
    frame = pl.DataFrame({"内容": texts, "时间": ["2020-06-12"] * 53})
    frame.write_parquet(path, row_group_size=group)
    posts = pl.concat(list(ingest([path], secret=b"s").partitions()))
    assert posts["text"].to_list() == texts
    assert posts["row_number"].to_list() == list(range(1, 54))


def many(count, **more):
    return [
        {"content": f"第{n}次投诉没有人管", "time": f"2020-06-{n % 28 + 1:02d} 10:00", **more}
        for n in range(count)
    ]


def dumped(value):
    return json.dumps(value, ensure_ascii=False)


def counts(ingestion):
    account = ingestion.reconciliation.sum(numeric_only=True)
    return tuple(int(account[name]) for name in ("records_read", "kept", "rejected"))


def test_lists_of_the_same_keys_are_one_and_texts_of_another_are_told(tmp_path):
    path = tmp_path / "pages.json"
    pages = {"one": many(9), "more": {"two": many(5, likes=1)}, "tags": [{"name": "x"}] * 30}
    path.write_text(dumped({**pages, "ads": [{"content": "买一送一"}] * 3}), "utf-8")
    _, ingestion = take(path)
    assert counts(ingestion) == (17, 14, 3)
    assert set(ingestion.rejects["reason"]) == {
        "stands in another list than the posts, with other keys"
    }


TABLE = [
    ["序", "昵称", "打分", "评价内容", "评价时间"],
    *([str(n), f"u{n}", "5", f"第{n}次买了，好用", f"2020-06-0{n}"] for n in range(1, 6)),
]


@pytest.mark.parametrize(
    ("row", "is_post"),
    [
        (["合计", "", "4.5", "", ""], False),
        (["", "平均分：", "4.5", "", ""], False),
        (["合计", "", "", "共5份", ""], False),
        (["Total", "", "25", "", ""], False),
        (["制表：第三组  审核：老师", "", "", "", ""], False),
        (["注 本表不含退款", "", "", "", ""], False),
        # A post, whatever words stand in it; a review without words.
        (["6", "合计", "5", "合计三次都好用", "2020-06-06"], True),
        (["", "", "", "合计", "2020-06-06"], True),
        (["合计", "u6", "5", "三次都好用", "2020-06-06"], True),
        (["6", "u6", "1", "", "2020-06-06"], True),
        (["合计", "", "", "三次都好用", "2020-06-06"], True),
        (["", "Sum", "", "三次都好用", "6/6/2020"], True),
    ],
)
@pytest.mark.parametrize("container", ["csv", "xlsx"])
def test_totals_and_notes_below_a_table_are_no_posts(tmp_path, container, row, is_post):
    path = tmp_path / f"a.{container}"
    if container == "csv":
        path.write_text("\n".join(",".join(cells) for cells in [*TABLE, row]) + "\n", "utf-8")
    else:
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for place, cells in enumerate([*TABLE, [], row]):
                sheet.write_row(place, 0, [cell or None for cell in cells])
    _, ingestion = take(path)
    assert counts(ingestion) == (6, 5 + is_post, not is_post)
    assert is_post or set(ingestion.rejects["reason"]) == {
        "a row of totals or notes below the table"
    }


def reply(text, day=3, **more):
    return {"评论内容": text, "评论时间": f"2020-06-0{day}", **more}


@pytest.mark.parametrize(
    ("inner", "kept", "rejected"),
    [
        ({"回复": [reply("我也是"), reply("同感")]}, ["没有人管", "我也是", "同感"], 0),
        ({"回复": [reply("我也是", 回复=[reply("顶")])]}, ["没有人管", "我也是", "顶"], 0),
        ({"回复": [reply("我也是"), reply("没有日期", day="x")]}, ["没有人管", "我也是"], 1),
        # A post in a list below it whose other names are its own: told, as it cannot be placed.
        ({"回复": [reply("我也是", a=1, b=2, c=3)]}, ["没有人管"], 1),
        # Lists of what is no post: without the post's name for its text, or for time and writer.
        ({"回复": []}, ["没有人管"], 0),
        ({"回复": [{"评论内容": "我也是"}]}, ["没有人管"], 0),
        ({"标签": [{"name": "慢", "评论时间": "2020-06-03"}]}, ["没有人管"], 0),
        ({"实体": [{"评论内容": "人", "start": 2, "end": 3}]}, ["没有人管"], 0),
        ({"图片": ["a.jpg", "b.jpg"]}, ["没有人管"], 0),
        # What the same writer wrote before, or took from another.
        ({"history": [reply("没人管")]}, ["没有人管"], 0),
        ({"引用": [reply("别人的话")]}, ["没有人管"], 0),
        # The shop's answer to a review; a review of the same goods has stars.
        ({"评分": 1, "回复": [reply("亲，感谢反馈")]}, ["没有人管"], 1),
        ({"评分": 1, "评论": [reply("我的也坏了", 评分=2)]}, ["没有人管", "我的也坏了"], 0),
    ],
)
@pytest.mark.parametrize("shape", ["list", "lines", "answer", "pages", "one"])
def test_replies_within_a_post_are_posts(tmp_path, shape, inner, kept, rejected):
    post = reply("没有人管") | inner
    shapes = {
        "list": [post], "lines": post, "answer": {"id": 7, "comments": [post]},
        "pages": [{"page": 1, "comments": [post]}], "one": post,
    }  # fmt: skip
    path = tmp_path / ("a.jsonl" if shape == "lines" else "a.json")
    lines = [shapes[shape]] * (2 if shape == "lines" else 1)
    path.write_text("\n".join(map(dumped, lines)), "utf-8")
    posts, ingestion = take(path)
    assert posts["text"].to_list() == kept * len(lines)
    assert counts(ingestion)[2] == rejected * len(lines)


def test_a_list_of_replies_leaves_their_number(tmp_path):
    path = tmp_path / "a.json"
    posts = [reply("没有人管", replies=[reply("我也是"), reply("同感")]), reply("慢", replies=[])]
    path.write_text(dumped(posts), "utf-8")
    read, ingestion = take(path)
    assert read["comment_count"].to_list() == [2, None, None, None]
    told = "a.json: 2 of the records, replies or comments, stood in lists within posts"
    assert [note.partition(";")[0] for note in ingestion.notes] == [told]
    [(reason, number)] = [(one.reason, one.number) for one in ingestion.unread]
    assert load_words("en")(f"unread.{reason}", file="a.json", number=number).startswith(
        "In a.json, 2 of the records read are replies or comments"
    )


def test_replies_of_replies_are_counted_and_answers_within_reviews_are_not(tmp_path):
    path = tmp_path / "a.jsonl"
    below = reply("我也是", replies=[reply("同感")])
    posts = [
        reply("没有人管", replies=[below]),
        reply("慢") | {"评分": "1", "replies": [reply("亲")]},
    ]
    path.write_text("\n".join(map(dumped, posts)), "utf-8")
    _, ingestion = take(path)
    assert [(one.reason, one.number) for one in ingestion.unread] == [("replies", 2)]


def test_replies_below_replies_are_all_read(tmp_path):
    post = reply("第40层")
    for level in reversed(range(40)):
        post = reply(f"第{level}层", 回复=[post])
    path = tmp_path / "a.json"
    path.write_text(dumped([post]), "utf-8")
    assert take(path)[0]["text"].to_list() == [f"第{level}层" for level in range(41)]


def test_rows_that_begin_with_a_word_for_totals_are_posts_where_no_column_is_a_time(tmp_path):
    rows = [f"Total,北京,,,第{n}次买了，好用\n".replace("，", "") for n in range(12)]
    path = tmp_path / "a.csv"
    path.write_text("品牌,城市,型号,颜色,评价内容\n" + "".join(rows), "utf-8")
    assert take(path)[0].height == 12


def test_replies_nested_without_end_cost_nobody_the_file(tmp_path):
    post = reply("没有人管")
    for _ in range(200):
        post = reply("没有人管", 回复=[post])
    path = tmp_path / "a.json"
    path.write_text(dumped([post, reply("慢")]), "utf-8")
    assert take(path)[0]["text"].to_list()[-1] == "慢"


@pytest.mark.parametrize(
    ("broken", "read", "kept"),
    [
        (lambda items: [*items[:9], '{"content": "说"他"不管"}', *items[9:]], 31, 30),
        (lambda items: [*items[:9], items[9].replace(":", "", 1), *items[10:]], 30, 29),
        (lambda items: [*items[:9], '"oops"', "17", "null", "[1]", *items[9:]], 34, 30),
        (lambda items: [*items[:-1], items[-1][:-5]], 30, 29),
    ],
)
def test_one_broken_element_costs_itself_alone(tmp_path, broken, read, kept):
    items = [dumped(item) for item in many(30, images=[{"url": "a"}, {"url": "b"}])]
    path = tmp_path / "a.json"
    path.write_text("[" + ", ".join(broken(items)), "utf-8")
    posts, ingestion = take(path)
    assert counts(ingestion) == (read, kept, read - kept)
    assert posts["text"].n_unique() == kept


def test_inner_objects_of_a_broken_element_are_no_posts(tmp_path):
    replies = [{"content": f"回复{n}", "by": "a", "at": "b", "to": "c"} for n in range(5)]
    items = [dumped({**item, "likes": n, "place": "x", "replies": replies})
             for n, item in enumerate(many(20))]  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text("[" + ",".join([*items[:9], items[9].replace(":", "", 1), *items[10:]]) + "]")
    posts, ingestion = take(path)
    assert counts(ingestion) == (20, 19, 1)
    assert not posts["text"].str.starts_with("回复").any()


def test_columns_that_begin_late_are_read(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [*many(400), *many(50, rating="1")]
    path.write_text("\n".join(map(dumped, lines)), "utf-8")
    posts, _ = take(path)
    assert posts["rating"].null_count() == 400


def test_names_of_things_that_are_keys_make_no_thousands_of_columns(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [{**item, "label": {f"公司{n}": 1}} for n, item in enumerate(many(2_000))]
    lines[1_500]["rating"] = "1"
    path.write_text("\n".join(map(dumped, [*lines, *many(50, rating="2")])), "utf-8")
    posts, ingestion = take(path)
    assert posts["rating"].count() == 51
    assert len(ingestion.readers[0].head.header) < 500


def test_a_column_that_begins_too_late_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.corpus.readers.containers.keyed._KEYED_RECORDS", 10)
    monkeypatch.setattr("analysis.corpus.readers.containers.keyed._PARTITION_ROWS", 10)
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(dumped, [*many(15), *many(5, rating="1")])), "utf-8")
    _, ingestion = take(path)
    assert "a.jsonl: the column rating, which begins at record 16, is not read" in ingestion.notes


def test_a_mark_of_byte_order_on_each_line_costs_none(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f"\ufeff{dumped(item)}\n" for item in many(20)), "utf-8")
    assert counts(take(path)[1]) == (20, 20, 0)


def test_rows_in_the_log_beside_a_sqlite_file_are_read(tmp_path):
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("CREATE TABLE posts (content TEXT, time TEXT)")
    connection.executemany("INSERT INTO posts VALUES (:content, :time)", many(20))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(truncate)")
    connection.executemany("INSERT INTO posts VALUES (:content, :time)", many(10))
    connection.commit()
    try:
        assert counts(take(path)[1])[0] == 30
    finally:
        connection.close()


ALL = "SELECT c1 AS content, c2 AS time FROM raw"
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"


def write_views(path, *, tables, views):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE raw (c1 TEXT, c2 TEXT)")
    connection.executemany("INSERT INTO raw VALUES (:content, :time)", many(6))
    for name, columns in tables.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.executemany(f"INSERT INTO {name} VALUES (:content, :time)", many(20))
    for name, query in views.items():
        connection.execute(f"CREATE VIEW {name} AS {query}")
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize(
    ("tables", "views", "read", "told"),
    [
        # A view is what posts stand in: it is read, and the table below it is named.
        ({}, {"v": ALL}, 6, ["raw"]),
        ({}, {"v": ALL, "w": f"{ALL} LIMIT 2", "n": "SELECT 1 AS k"}, 8, ["raw", "n"]),
        ({"user": "id, nick_name"}, {"v": ALL}, 6, ["raw", "user"]),
        # Where a table holds posts they are not opened: one may be broken, or never end.
        ({"posts": "content, time"}, {"v": "SELECT * FROM posts"}, 20, ["raw", "v"]),
        ({"posts": "content, time"}, {"a": "SELECT * FROM absent", "v": ALL}, 20, ["a", "v"]),
        ({"posts": "content, time"}, {"a": f"{ENDLESS} SELECT i FROM n"}, 20, ["raw", "a"]),
    ],
)
def test_views_are_read_where_no_table_holds_posts_and_named_elsewhere(
    tmp_path, tables, views, read, told
):
    path = write_views(tmp_path / "a.db", tables=tables, views=views)
    _, ingestion = take(path)
    assert counts(ingestion)[0] == read
    assert all(any(f"[{name}]: not read" in note for note in ingestion.notes) for name in told)
    assert not any(note.count("[posts]") for note in ingestion.notes)


def test_a_table_that_a_database_cannot_read_costs_no_other(tmp_path):
    path = write_views(tmp_path / "a.db", tables={"posts": "content, time"}, views={})
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema=1")
    for name in ("a", "z"):
        made = f"CREATE VIRTUAL TABLE {name} USING nosuch(content)"
        row = ("table", name, name, made)
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", row)
    connection.commit()
    connection.close()
    _, ingestion = take(path)
    assert counts(ingestion)[0] == 20
    for name in ("a", "z"):
        assert f"a.db [{name}]: not read (the database cannot read it)" in ingestion.notes


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param(
            f"{ENDLESS} SELECT '2020-06-12' AS time, '慢' || i AS content FROM n",
            "a view must give", marks=pytest.mark.slow,
        ),
        (f"{ENDLESS} SELECT count(*) AS content, '2020-06-12' AS time FROM n", "a view must give"),
        ("SELECT * FROM absent", "no such table"),
    ],
)  # fmt: skip
def test_a_view_that_never_ends_or_is_broken_is_refused(tmp_path, query, words):
    path = write_views(tmp_path / "a.db", tables={}, views={"v": query})
    with pytest.raises(CaodianError, match=words):
        take(path)


def test_what_an_archive_holds_beside_its_exports_is_named(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", TEXT)
        for name in ("readme.md", "more.zip", "b.csv.gz"):
            archive.writestr(name, "x")
    _, ingestion = take(path)
    assert counts(ingestion) == (2, 2, 0)
    assert ingestion.notes == [
        "a.zip: 3 files of other kinds are not read (b.csv.gz, more.zip, readme.md)"
    ]


@pytest.mark.parametrize("note", ["六月的数据\n", "六月的数据。\n来自爬虫，请勿外传。\n" * 3])
def test_a_note_among_the_tables_of_an_archive_is_named_and_refuses_none(tmp_path, note):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("导出/说明.txt", note)
        archive.writestr("导出/a.csv", TEXT)
    _, ingestion = take(path)
    assert counts(ingestion) == (2, 2, 0)
    assert ingestion.notes == ["说明.txt: not read (no posts known)"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("甲.csv", "甲,乙\n1,2\n")
        archive.writestr("乙.csv", "丙,丁\n1,2\n")
    with pytest.raises(CaodianError, match="--text-column"):
        take(path)


def test_a_document_of_numbers_is_called_so(tmp_path):
    path = tmp_path / "a.numbers"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Index/Document.iwa", "x")
    with pytest.raises(CaodianError, match=r"Numbers.*export it as Excel or CSV"):
        take(path)


def test_what_a_folder_holds_beside_its_exports_is_named(tmp_path):
    folder = tmp_path / "六月"
    folder.mkdir()
    write_csv(folder / "a.csv")
    (folder / "empty.csv").touch()
    (folder / "readme.md").write_text("x", "utf-8")
    (folder / ".hidden").write_text("x", "utf-8")
    _, ingestion = take(folder)
    assert counts(ingestion) == (2, 2, 0)
    assert ingestion.notes == ["六月: 2 files of other kinds are not read (empty.csv, readme.md)"]


def write_sheet(path, cells=(), name=None):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, values in enumerate([HEADER, *ROWS]):
            sheet.write_row(row, 0, values)
        for row, column in cells:
            sheet.write(row, column, "x")
    if name is None:
        return
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content.replace(b'r="A3"', b'r="%s"' % name))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ([(1_048_575, 16_383)], None),
        ([(1_048_575, 30)], None),
        ([(2, 16_383), (1_000_000, 0)], None),
        ([], b"ZZZZZZ999"),
        ([], b"A99999999"),
        ([], b"XFD1048576"),
    ],
)
def test_a_sheet_that_would_fill_the_memory_with_empty_cells_is_refused(tmp_path, cells, name):
    write_sheet(tmp_path / "a.xlsx", cells, name)
    with pytest.raises(CaodianError, match="must stand together"):
        take(tmp_path / "a.xlsx")


@pytest.mark.slow
@pytest.mark.parametrize("cells", [[(900, 2_000)], [(200_000, 5)]])
def test_a_stray_cell_refuses_no_sheet(tmp_path, cells):
    write_sheet(tmp_path / "a.xlsx", cells)
    posts, _ = take(tmp_path / "a.xlsx")
    assert posts["text"].to_list()[:2] == [row[1] for row in ROWS]


@pytest.mark.slow
def test_the_directory_of_an_archive_is_not_read_for_each_member(tmp_path, monkeypatch):
    opened = []
    init = zipfile.ZipFile.__init__
    monkeypatch.setattr(
        zipfile.ZipFile,
        "__init__",
        lambda self, *a, **k: (opened.append(1), init(self, *a, **k))[1],
    )
    for members in (2, 40):
        path = tmp_path / f"{members}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(members):
                archive.writestr(f"{number}.csv", TEXT)
        opened.clear()
        take(path)
        assert len(opened) < 8


def test_a_workbook_is_looked_through_once_however_many_sheets_it_has(tmp_path, monkeypatch):
    looked = []
    check = opened._check_extent
    monkeypatch.setattr(
        opened,
        "_check_extent",
        lambda *given: (looked.append(given[1].filename), check(*given))[1],
    )
    monkeypatch.setattr(  # in this process, where it can be watched
        foreign,
        "run_confined",
        lambda work, source, *, asked, **_: getattr(opened, work.partition(":")[2])(
            source, **asked
        ),
    )
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for number in range(4):
            sheet = book.add_worksheet()
            for row, values in enumerate([HEADER, *ROWS]):
                sheet.write_row(
                    row, 0, [*values[:1], f"{values[1]}{number}" if row else values[1], *values[2:]]
                )
    assert counts(take(tmp_path / "a.xlsx")[1])[0] == 8
    assert sorted(looked) == [f"xl/worksheets/sheet{number}.xml" for number in range(1, 5)]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (gzip.compress("内容,时间\n慢,2024-06-01\n".encode()), "packed twice by gzip"),
        (b"PARE" + bytes(range(64)) + b"PARE", "an encrypted Parquet file"),
    ],
)
def test_what_is_packed_twice_or_locked_is_called_so(tmp_path, content, kind):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    with pytest.raises(CaodianError, match=kind):
        ingest([tmp_path / "a.csv.gz"], secret=b"s")
