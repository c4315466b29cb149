"""`caodian ingest` hands every column that the user names to the readers."""

import zipfile
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from analysis.cli.main import main

ROW = ["发货慢", "2020-06-12 08:03", "慢件", "77", "2", "买家7", "浙江", "618", "微博"]
FLAGS = ["text", "time", "title", "id", "rating", "author", "region", "keyword", "channel"]


def run(*words):
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    return stopped.value.code


@pytest.fixture
def odd_table(tmp_path, monkeypatch):
    """A table whose column names say nothing, and the flags that name its columns."""
    monkeypatch.setenv("CAODIAN_SECRET", "test secret")
    names = list("甲乙丙丁戊己庚辛壬")
    path = tmp_path / "odd.csv"
    path.write_text("\n".join([",".join(names), ",".join(ROW)]), encoding="utf-8")
    flags = [w for flag, name in zip(FLAGS, names, strict=True) for w in (f"--{flag}-column", name)]
    return path, flags


def test_every_named_column_arrives(odd_table, tmp_path):
    path, flags = odd_table
    out = tmp_path / "posts.parquet"
    assert run("ingest", path, "--out", out, *flags) == 0
    post = pl.read_parquet(out).row(0, named=True)
    wanted = ("text", "title", "post_id", "rating", "region", "keyword", "channel")
    assert [post[name] for name in wanted] == ["发货慢", "慢件", "77", 2.0, "浙江", "618", "weibo"]
    assert len(post["author_key"]) == 32


def test_explain_shows_the_named_columns(odd_table, capsys):
    path, flags = odd_table
    assert run("ingest", "--explain", path, *flags) == 0
    out = capsys.readouterr().out
    assert "rating <- 戊" in out
    assert "author <- 己" in out


def test_a_named_column_that_is_absent_is_exit_1(odd_table, capsys):
    path, flags = odd_table
    assert run("ingest", "--explain", path, *flags[:-2], "--channel-column", "癸") == 1
    assert "癸" in capsys.readouterr().err


FORMULA, HIDDEN = "=HYPERLINK(1)发货太慢了", "快递\u202e太慢了没人管"
SHOWN = [f"'{FORMULA}", "快递<U+202E>太慢了没人管"]


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAODIAN_SECRET", "test secret")
    rows = f"内容,时间\n{FORMULA},2020-06-12 08:03\n{HIDDEN},2020-06-12 09:03\n"
    (tmp_path / "export.csv").write_text(rows, "utf-8")
    return tmp_path


def texts(path):
    return pl.read_csv(path, infer_schema=False)["text"].to_list()


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_no_command_hands_on_a_formula_and_the_next_one_reads_what_stood_there(hostile, suffix):
    assert run("ingest", "export.csv", "--out", f"posts.{suffix}", "--quiet") == 0
    assert run("mask", f"posts.{suffix}", "--out", "masked.csv", "--quiet") == 0
    assert run("deduplicate", "masked.csv", "--out", "families.csv", "--quiet") == 0
    assert texts("masked.csv") == texts("families.csv") == SHOWN
    assert run("deduplicate", "families.csv", "--out", "families.jsonl", "--quiet") == 0
    assert pl.read_ndjson("families.jsonl")["text"].to_list() == [FORMULA, HIDDEN]
    assert run("ingest", f"posts.{suffix}", "--out", "again.parquet", "--quiet") == 0
    assert pl.read_parquet("again.parquet")["text"].to_list() == [FORMULA, HIDDEN]


def test_programs_may_ask_for_the_cells_as_they_are(hostile):
    assert run("ingest", "export.csv", "--out", "posts.csv", "--raw", "--quiet") == 0
    assert texts("posts.csv") == [FORMULA, HIDDEN]
    assert run("mask", "posts.csv", "--out", "masked.csv", "--raw", "--quiet") == 0
    assert texts("masked.csv") == [FORMULA, HIDDEN]


OWN = ["'=1+1 客服不理人", "<U+202E>客服不理人", "'@客服 三天不发货", "好"]


def test_raw_reads_what_raw_wrote(hostile, capsys):
    pl.DataFrame({"text": OWN}).write_csv("own.csv")
    assert run("deduplicate", "own.csv", "--out", "once.csv", "--raw") == 0
    assert run("deduplicate", "once.csv", "--out", "twice.csv", "--raw") == 0
    assert texts("once.csv") == texts("twice.csv") == OWN
    assert "spreadsheet" not in capsys.readouterr().err


def test_posts_that_raw_wrote_are_ingested_again_as_they_stand(hostile):
    rows = [f"{text},2020-06-12 0{hour}:03" for hour, text in enumerate(OWN)]
    (hostile / "export.csv").write_text("\n".join(["内容,时间", *rows]), "utf-8")
    assert run("ingest", "export.csv", "--out", "posts.csv", "--raw", "--quiet") == 0
    assert run("ingest", "posts.csv", "--out", "again.csv", "--raw", "--quiet") == 0
    assert texts("posts.csv") == texts("again.csv") == OWN


def test_a_command_says_how_many_cells_of_an_own_table_it_read_otherwise(hostile, capsys):
    pl.DataFrame({"text": OWN}).write_csv("own.csv")
    assert run("deduplicate", "own.csv", "--out", "families.jsonl") == 0
    assert pl.read_ndjson("families.jsonl")["text"][1] == "\u202e客服不理人"
    said = capsys.readouterr().err
    assert "own.csv: 3 cells were read without what guards them in a spreadsheet" in said
    assert "--raw" in said
    (hostile / "plain.csv").write_text("text\n好\n坏\n", "utf-8")
    for name in ("families.jsonl", "plain.csv"):
        assert run("deduplicate", name, "--out", "again.csv") == 0
    assert "spreadsheet" not in capsys.readouterr().err


def test_nothing_is_said_of_posts_that_caodian_guarded(hostile, capsys):
    assert run("ingest", "export.csv", "--out", "posts.csv", "--quiet") == 0
    assert run("mask", "posts.csv", "--out", "masked.csv") == 0
    assert "spreadsheet" not in capsys.readouterr().err


def test_what_is_told_of_sheets_and_archives_names_nobody(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("六月").mkdir()
    Path("六月/a.csv").write_text("评论时间,内容\n2020-06-01 10:00:00,一直漏水\n", "utf-8")
    Path("六月/李小红13912345678.md").write_text("x", "utf-8")
    with zipfile.ZipFile("六月/c.zip", "w") as archive:
        archive.writestr("电话13612345678.csv", "甲\n1\n")
        archive.writestr("收件人张小兰13712345678.md", "x")
    assert run("ingest", "六月", "--out", "posts.csv") == 0
    assert run("ingest", "--explain", "六月") == 0
    told = "".join(capsys.readouterr())
    assert "c.zip" in told
    assert not [one for one in ("小红", "小兰", "139", "137", "136") if one in told]


def test_the_terminal_names_no_sheet_or_member_that_is_called_by_a_person(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    with pd.ExcelWriter("posts.xlsx") as book:
        pd.DataFrame({"a": [1, 2], "b": [3, 4]}).to_excel(book, sheet_name="赵六", index=False)
    with pytest.raises(SystemExit):
        main(["ingest", "posts.xlsx", "--out", "posts.parquet"])
    told = capsys.readouterr().err
    assert "posts.xlsx, sheet or table 【姓名】" in told and "赵六" not in told
    rows = "帖子ID,内容,发布时间\n1,快递太慢,2020-06-01\n"
    with zipfile.ZipFile("posts.zip", "w") as pack:
        pack.writestr("王小明13812345678.csv", rows)
        pack.writestr("六月.csv", rows)
    with pytest.raises(SystemExit, match="0"):
        main(["ingest", "posts.zip", "--out", "posts.parquet"])
    told = capsys.readouterr()
    assert "export-" in told.out and "六月.csv" in told.out
    assert "13812345678" not in told.out + told.err
