"""Hostile input: a clear refusal or a counted rejection, never a crash or a lost record."""

import gzip
import io
import json
import os
import tarfile
import zipfile

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.corpus.ingest import ingest
from analysis.corpus.readers.containers import delimited, foreign, keyed
from analysis.errors import CaodianError

HEADER = "内容,时间\n"
GOOD = "快递太慢了没人管,2020-06-12\n"


def packed_by_tar():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(content := (HEADER + GOOD).encode())
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def packed_by_zip(name, content=HEADER + GOOD):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def account(path):
    ingestion = ingest([path], secret=b"s")
    posts = list(ingestion.partitions())
    counted = ingestion.reconciliation
    assert (counted.records_read == counted.kept + counted.rejected).all()
    assert sum(part.height for part in posts) == counted.kept.sum()
    assert ingestion.rejects.height == counted.rejected.sum()
    return counted, ingestion


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "kept", "rejected"),
    [
        (HEADER + "慢\0,2020-06-12\n", 1, 0),
        ((HEADER + GOOD + GOOD).replace("\n", "\r"), 2, 0),
        ("内容,时间\r\n" + GOOD + "慢,2020-06-01\r" + GOOD, 3, 0),
        (HEADER + GOOD + HEADER + GOOD, 2, 1),
        ("".join(f"\ufeff{line}\n" for line in ["时间,内容", "2020-06-12,没人管", "x"]), 1, 1),
        (HEADER + GOOD + "慢,2020-06-12" + "," * 200_000 + "\n" + GOOD, 3, 0),
        (HEADER + GOOD + "慢,2020-06-12" + ",x" * 20_000 + "\n" + GOOD, 2, 1),
        (HEADER + "=cmd|calc!A1,2020-06-12\n", 1, 0),
        (HEADER + GOOD + "一,二,三,四\n只有一格\n", 1, 2),
        (HEADER + '"没有收尾,2020-06-12\n' + GOOD, 2, 0),
        (HEADER + GOOD + '"' + "慢" * 2_000_000 + '",2020-06-12\n', 1, 1),
        (",".join(f"c{n}" for n in range(3000)) + ",内容,时间\n" + "," * 3000 + GOOD, 1, 0),
    ],
)
def test_broken_tables_are_read_as_far_as_they_go(tmp_path, content, kept, rejected):
    path = tmp_path / "a.csv"
    path.write_text(content, "utf-8", newline="")
    counted, _ = account(path)
    assert (counted.kept.sum(), counted.rejected.sum()) == (kept, rejected)


@pytest.mark.parametrize(
    ("name", "content", "kept", "rejected"),
    [
        ("a.jsonl", '{"text":"慢","time":"2020-06-12"}\n{bad}\n\n', 1, 1),
        ("a.json", '\x1e{"text":"慢","time":"2020-06-12"}\n\x1e{"text":"坏","time":"x"}\n', 1, 1),
        (
            "a.jsonl",
            '{"text":"慢","time":"2020-06-12"}\n{"x":' + "[" * 5000 + "]" * 5000 + "}\n",
            1,
            1,
        ),
        ("a.json", '[{"text":"慢","time":"2020-06-12"},{"text":"坏","ti', 1, 1),
        ("a.json", '[{"text":"\\ud83d\\ude00 \\ud83d 坏","time":"2020-06-12"}]', 1, 0),
        ("a.json", '[{"text":"坏","time":"2020-06-12","n":NaN}, 7]', 1, 1),
        ("a.json", '[{"text":"两\n行\t制表\x01","time":"2020-06-12"}, 7]', 1, 1),
        (
            "a.jsonl",
            '{"text":"制\t表","time":"2020-06-12"}\n{"text":"慢","time":"2020-06-12"}\n',
            2,
            0,
        ),
    ],
)
def test_broken_json_is_read_as_far_as_it_goes(tmp_path, name, content, kept, rejected):
    (tmp_path / name).write_text(content, "utf-8")
    counted, _ = account(tmp_path / name)
    assert (counted.kept.sum(), counted.rejected.sum()) == (kept, rejected)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"\0" * 4000, "table"),
        ("a.csv", b"," * 100_000, "table"),
        ("a.csv", b"\n\n\n", "table"),
        ("a.csv", b"%PDF-1.7", "PDF"),
        ("a.csv", b"PK\x03\x04 broken", "zip"),
        ("a.xlsx", b"PK\x03\x04 broken", "workbook"),
        ("a.gz", b"\x1f\x8b broken", "packed"),
        ("a.parquet", b"PAR1 broken PAR1", "Parquet"),
        ("a.db", b"SQLite format 3\0 broken", "database"),
        ("a.json", b"[" * 100_000, "table"),
        ("a.json", b"[]", "table"),
        ("a.feather", b"ARROW1\0\0\xff\xff", "Feather"),
        ("a.pkl", b"\x80\x05\x95 rest", "pickle"),
        ("a.xml", b'<?xml version="1.0"?><i><d p="0,1">fine</d></i>', "XML.*as CSV or XLSX"),
        ("a.xls", b"<html><table><tr><td>slow</td></tr></table>", "web page.*as CSV or XLSX"),
        ("a.txt", "2020-06-01 08:03 小王\n发货太慢了\n".encode() * 5, "one post.*as CSV or XLSX"),
        ("a.csv", b"\xff\xff\xff\xff\x10\0\0\0", "Arrow file"),
        ("a.csv", b"RIFF\0\0\0\0WEBP", "picture"),
        ("a.json", b"Obj\x01\x04", "another program"),
        ("a.csv", b"BZh91AY", "packed by bzip2.*Unpack"),
        ("a.csv", b"\x04\x22\x4d\x18rest", "packed by LZ4.*Unpack"),
        ("a.csv", packed_by_tar(), "a tar archive.*Unpack"),
        ("a.tar.gz", gzip.compress(packed_by_tar()), "a tar archive.*Unpack"),
        ("a.csv.gz", gzip.compress(packed_by_zip("b.csv")), "archive within another.*Unpack"),
        ("a.zip", packed_by_zip("a.csv", packed_by_zip("b.csv")), "archive within another"),
        ("a.json", b'callback: [{"text": "slow"}]', "begin with an"),
        ("a.txt", b"From a@b Wed Jun  3 10:00:00 2020\nSubject: slow\n\nslow\n", "is mail"),
        ("a.csv", b"MIME-Version: 1.0\nContent-Type: text/html\n\n<table>", "is mail"),
        ("a.json", b"[{'text': 'slow', 'time': '2020-06-12'}]", "double quotes"),
        ("a.sql", b"-- dump\nCREATE TABLE c (text text);\n", "statements of SQL"),
        ("a.txt", b"INSERT INTO `c` (`text`) VALUES\n('slow'),\n('bad');\n", "statements of SQL"),
        ("a.txt", b"1\n00:00:01,000 --> 00:00:02,000\nslow\n\n2\n", "subtitles"),
        ("a.txt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nslow\n", "subtitles"),
        ("a.mdb", b"\0\1\0\0Standard Jet DB\0", "Access"),
        ("a.db", b"\0" * 8 + b"DUCK" + b"\0" * 400, "DuckDB"),
        ("a.csv", b"," * 150_001 + b"\n" + b"," * 150_001, "at most 150,000 columns"),
        ("a.txt", "没人管".encode() * (1 << 19), "first rows.*4 MiB at most.*line end"),
    ],
)
def test_what_is_no_export_is_refused_in_a_sentence(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CaodianError, match=words):
        account(tmp_path / name)


def test_archives_neither_swell_nor_leave_their_place(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 30_000_000)
    with zipfile.ZipFile(tmp_path / "outside.zip", "w") as archive:
        archive.writestr("../a.csv", HEADER + GOOD)
    with pytest.raises(CaodianError, match="200-fold"):
        account(tmp_path / "bomb.zip")
    with pytest.raises(CaodianError, match="inside"):
        account(tmp_path / "outside.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bomb.zip", "outside.zip"]


CELL = st.text(alphabet=st.sampled_from('a1,"\n\r\t;|=\0慢退款2020-06-12:　'), max_size=12)


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(CELL, max_size=12), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_text_is_accounted_for_or_refused(tmp_path, lines, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes((HEADER + GOOD + "\n".join(lines)).encode(encoding))
    try:
        counted, ingestion = account(path)
    except CaodianError:
        return
    assert counted.kept.sum() >= 1
    numbers = sorted(ingestion.rejects["row_number"].to_list())
    assert numbers == sorted(set(numbers))


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=400))
def test_any_bytes_are_accounted_for_or_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    try:
        account(path)
    except CaodianError as error:
        assert "\n" not in str(error).strip()


def test_which_rows_count_does_not_depend_on_the_order_of_rows(tmp_path):
    rows = [f"退款{n % 7}慢,2020-06-{n % 9 + 1:02d},{n % 5}\n" for n in range(60)]
    found = []
    for order in (rows, rows[::-1]):
        path = tmp_path / "a.csv"
        path.write_text("内容,时间,id\n" + "".join(order), "utf-8")
        ingestion = ingest([path], secret=b"s")
        posts = pl.concat(list(ingestion.partitions())).filter(pl.col("repeat_of").is_null())
        found.append(posts.drop("row_number").sort("post_id"))
    assert found[0].equals(found[1])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_read(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", HEADER + GOOD)
        archive.writestr("a.csv", HEADER + "红包没到账,2020-06-13\n退款没人管,2020-06-13\n")
    counted, _ = account(path)
    assert sorted(counted.kept) == [1, 2]


def test_a_member_without_a_name_is_no_export(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", HEADER + GOOD)
        archive.writestr("b", "x")
    whole = path.read_bytes()
    place = whole.rindex(b"PK\x01\x02")  # its entry in the directory: a name of no letters
    head = whole[place : place + 28] + b"\0\0" + b"\x01\0" + whole[place + 32 :]
    path.write_bytes(whole[:place] + head)
    counted, _ = account(path)
    assert counted.kept.tolist() == [1]


def test_a_zip_whose_directory_points_nowhere_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", HEADER + GOOD)
    whole = path.read_bytes()
    place = whole.rindex(b"PK\x01\x02") + 42  # where the directory says that the member begins
    path.write_bytes(whole[:place] + b"\xff\xff\xff\x7f" + whole[place + 4 :])
    with pytest.raises(CaodianError, match="whole"):
        account(path)


def test_a_parquet_file_with_a_broken_page_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"内容": ["慢"], "时间": ["2020-06-12"]}).write_parquet(path)
    whole = bytearray(path.read_bytes())
    whole[4:30] = b"\xff" * 26
    path.write_bytes(bytes(whole))
    with pytest.raises(CaodianError, match="whole"):
        account(path)


def test_a_parquet_file_of_texts_that_are_not_utf8_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    texts = pa.array([b"\xff\xfe", "慢".encode()], pa.binary())
    times = ["2020-06-12"] * 2
    pq.write_table(pa.table({"内容": texts.view(pa.string()), "时间": times}), path)
    with pytest.raises(CaodianError, match=r"(?i)utf-?8"):
        account(path)


def long_texts(rows, length, *, shared):
    texts = ["长" * length] if shared else [f"{row}" + "长" * length for row in range(rows)]
    places = pa.array([0] * rows if shared else range(rows), pa.int32())
    column = pa.DictionaryArray.from_arrays(places, pa.array(texts))
    return pa.table({"内容": column if shared else pa.array(texts), "时间": ["2020-06-12"] * rows})


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False], ids=["one text", "many texts"])
def test_a_small_parquet_file_of_very_long_texts_is_refused_before_they_are_read(
    tmp_path, shared, monkeypatch
):
    monkeypatch.setattr(foreign, "_MOST_BYTES", 1 << 24)
    path = tmp_path / "a.parquet"
    pq.write_table(long_texts(60, 100_000, shared=shared), path, compression="zstd")
    assert path.stat().st_size < 1 << 16
    with pytest.raises(CaodianError, match="fit into the memory"):
        ingest([path], secret=b"test")


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
def test_long_texts_that_fit_are_read(tmp_path, shared):
    path = tmp_path / "a.parquet"
    pq.write_table(long_texts(40, 100_000, shared=shared), path)
    assert pl.concat(ingest([path], secret=b"test").partitions()).height == 40


IDS = {
    "19 digits": [4973000000000000111 + 7777 * number for number in range(30)],
    "17 digits": [49730000000000001 + number for number in range(30)],
}
ROUNDED = {"float": lambda one: int(float(one)), "Excel": lambda one: int(str(one)[:15] + "0" * 4)}


def weibo(path, ids):
    count = len(ids)
    texts = [f"快递太慢了没人管，第{number}次" for number in range(count)]
    rows = {
        "id": list(map(str, ids)), "bid": [f"J{one}" for one in range(count)], "user_id": "7",
        "用户昵称": "甲", "微博正文": texts, "发布时间": "2020-06-12 10:00",
    }  # fmt: skip
    pl.DataFrame(rows).write_csv(path)
    return path


@pytest.mark.parametrize("rounded", ROUNDED.values(), ids=ROUNDED)
@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
def test_ids_that_a_spreadsheet_rounded_make_no_repeats(tmp_path, ids, rounded):
    counted, ingestion = account(weibo(tmp_path / "a.csv", list(map(rounded, ids))))
    assert counted["repeats"].sum() == 0
    assert any("lost their last digits" in note for note in ingestion.notes)


@pytest.mark.parametrize("ids", [*IDS.values(), [n << 22 for n in range(1 << 39, (1 << 39) + 30)]])
def test_ids_that_are_whole_stay_and_name_their_posts(tmp_path, ids):
    posts = pl.concat(ingest([weibo(tmp_path / "a.csv", ids)], secret=b"s").partitions())
    assert posts["post_id"].to_list() == list(map(str, ids))


def test_a_whole_id_that_stands_twice_is_one_post(tmp_path):
    ids = IDS["19 digits"]
    counted, _ = account(weibo(tmp_path / "a.csv", [*ids, ids[0]]))
    assert counted["repeats"].sum() == 1


def _replace(path):
    other = path.with_name("other")
    other.write_bytes(b"\xd5\xfd,\xff\n" * 9_000)
    other.replace(path)


CHANGES = {
    "another": _replace,
    "gone": lambda path: path.unlink(),
    "shorter": lambda path: path.write_text("内容,时间\n", encoding="utf-8"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("late", [False, True])
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path, change, late):
    path = tmp_path / "a.csv"
    rows = "".join(f"等了{n}天没人管,2024-06-01\n" for n in range(400))
    path.write_text(f"内容,时间\n{rows}", encoding="utf-8")
    ingestion = ingest([path], secret=b"x")
    tables = ingestion.tables() if late else None
    CHANGES[change](path)
    with pytest.raises(CaodianError, match="an export must stay there while it is read"):
        for table in tables or ingestion.tables():
            list(table.partitions())


def test_a_file_that_grows_while_it_is_read_is_read(tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"等了{n}天没人管,2024-06-01\n" for n in range(400))
    path.write_text(f"内容,时间\n{rows}", encoding="utf-8")
    ingestion = ingest([path], secret=b"x")
    with path.open("a", encoding="utf-8") as stream:
        stream.write("又等了一天,2024-06-02\n")
    assert sum(posts.height for posts in ingestion.partitions()) == 401


@pytest.mark.parametrize("blocks", range(2, 16))
def test_the_look_at_first_rows_may_end_within_a_character(tmp_path, monkeypatch, blocks):
    # A table of long texts: what is looked at holds few rows, and half of another.
    monkeypatch.setattr(delimited, "_HEAD_BYTES", 65)
    monkeypatch.setattr(delimited, "_HEAD_BLOCKS", blocks)
    path = tmp_path / "a.csv"
    path.write_text("时间,内容\n" + f"2020-06-12,{'慢' * 60}\n" * 7, encoding="utf-8")
    assert account(path)[0].kept.sum() == 7


def test_long_records_are_held_a_few_at_a_time():
    # A partition of a hundred texts of a million characters took three gigabytes.
    text = "慢" * (1 << 20)
    parts = [len(part) for part in keyed._divide(({"text": text}, None) for _ in range(40))]
    assert sum(parts) == 40
    assert max(parts) < 20


def test_where_names_of_things_are_keys_few_records_show_the_columns(tmp_path, monkeypatch):
    # Each record brings keys of its own: of 2,000 keys and 300 records a table has 180 million
    # cells, and each new key had its record measured once more.
    monkeypatch.setattr(keyed, "_MOST_CELLS", 10_000)
    measured = []
    length = keyed._length
    monkeypatch.setattr(keyed, "_length", lambda values: measured.append(1) or length(values))
    records = [
        {f"{n}-{key}": "x" for key in range(50)} | {"text": f"慢{n}", "time": "2020-06-12"}
        for n in range(60)
    ]
    pairs = [(record, None) for record in records]
    table = keyed.KeyedTable(tmp_path / "a.jsonl", "json", None, lambda: iter(pairs))
    [(_, head)] = table.heads()
    assert {"text", "time"} <= set(head.header)
    assert len(head.rows) == 15 + keyed._MOST_LATE  # 15 records of 752 keys are past the bound
    assert len(measured) == 60
    path = tmp_path / "b.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    assert account(path)[0].kept.sum() == 60
