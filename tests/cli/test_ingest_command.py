"""`caodian ingest` hands every column that the user names to the readers."""

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
