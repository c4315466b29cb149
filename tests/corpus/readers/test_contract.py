"""One contract for all collectors: each fixture is recognised, mapped and accounted for."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from analysis.corpus.ingest import explain, ingest
from analysis.schema.tables import check
from analysis.yaml_text import read_yaml

FIXTURES = Path(__file__).parents[2] / "fixtures" / "readers"
EXPECTED = read_yaml((FIXTURES / "expected.yaml").read_text("utf-8"))
SECRET = b"s"


def read(name):
    ingestion = ingest([FIXTURES / name], secret=SECRET)
    return pl.concat(list(ingestion.partitions())), ingestion


def independent_count(path):
    """Count records with the standard library: rows that are not blank, less the header."""
    if path.suffix == ".jsonl":
        return sum(bool(line.strip()) for line in path.read_text("utf-8").splitlines())
    if path.suffix == ".json":
        return None
    for encoding in ("utf-8-sig", "gb18030", "big5", "utf-16"):
        try:
            text = path.read_bytes().decode(encoding)
        except UnicodeDecodeError:
            continue
        delimiter = "\t" if path.suffix == ".tsv" else ","
        rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
        return sum(any(cell.strip() for cell in row) for row in rows) - 1
    return None


def test_every_fixture_is_expected():
    files = {
        path.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("*") if path.is_file()
    }
    assert files - {"expected.yaml"} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_contract(name):
    posts, ingestion = read(name)
    expected = EXPECTED[name]
    account = ingestion.reconciliation.iloc[0]
    assert (account.source_format, account.era) == (expected["format"], expected["era"])
    assert (
        list(account[["records_read", "kept", "rejected", "repeats", "blank"]])
        == expected["counts"]
    )
    assert account.records_read == account.kept + account.rejected
    assert posts.height == account.kept
    assert [list(row[1:]) for row in ingestion.rejects.rows()] == expected["rejects"]
    check(posts, "posts")
    first = posts.to_dicts()[0]
    assert (first.pop("author_key") is not None) is expected["first"]["has_author"]
    for column, value in expected["first"].items():
        if column != "has_author":
            assert first[column] == value or str(first[column]) == value, column


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_key_is_unique_among_posts_that_count(name):
    posts, _ = read(name)
    counted = posts.filter(pl.col("repeat_of").is_null())
    assert counted.select("source", "post_id").is_duplicated().sum() == 0


# These two hold what the standard library cannot read as it was meant, or lines above the header.
UNCOUNTABLE = {"jd/broken-quotes.csv", "app-store/qimai.csv", "table/mixed-encodings.csv"}


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - UNCOUNTABLE))
def test_records_are_those_of_an_independent_count(name):
    counted = independent_count(FIXTURES / name)
    if counted is not None:
        assert EXPECTED[name]["counts"][0] == counted


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_explain_speaks_of_every_column(name):
    told = explain(FIXTURES / name)
    assert EXPECTED[name]["format"] in told
    assert "text <- " in told or "title <- " in told
    assert "not read: " in told


def test_a_name_before_each_text_is_its_author_and_no_part_of_the_text():
    posts, _ = read("weibo-search/topic-export-named.csv")
    texts, authors = posts["text"].to_list(), posts["author_key"].to_list()
    assert texts[:3] == ["预售不发货", "#618#客服说等，等了九天", "红包到账三分钱"]
    assert (texts[3], texts[5]) == ("#618#直播间的话能信吗:不能", "退款还没到")
    assert authors[3] is None and sum(author is None for author in authors) == 1
    assert authors[0] == authors[8] != authors[1]


def test_json_ids_never_pass_a_float():
    content = json.loads((FIXTURES / "weibo-crawler/1700000001.json").read_text("utf-8"))
    posts, _ = read("weibo-crawler/1700000001.json")
    assert posts["post_id"].to_list() == [str(item["id"]) for item in content["weibo"]]
