"""What a terminal in Chinese is told: steps, the account of a run, refusals and what to do."""

import re
from pathlib import Path

import polars as pl
import pytest

from analysis.cli import options, report
from analysis.cli.main import main
from analysis.corpus.readers.plan import explain_no_days
from analysis.corpus.readers.recognition import Unread

SOURCES = Path(options.__file__).parents[1]


@pytest.fixture
def set_locale(monkeypatch):
    def change(**told):
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in told.items():
            monkeypatch.setenv(name, value)

    return change


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "zh_TW"}, True),
        ({"LANG": "en_GB.UTF-8"}, False), ({}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN", "LC_ALL": ""}, True),
    ],
)  # fmt: skip
def test_the_locale_says_which_language_a_terminal_speaks(set_locale, told, expected):
    set_locale(**told)
    assert options.speaks_chinese() is expected


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "en_US.UTF-8"])
def test_a_refusal_is_told_in_chinese_below_the_english(set_locale, capsys, tmp_path, language):
    set_locale(LANG=language)
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        main(["ingest", "--explain", str(tmp_path / "a.csv")])
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1 and lines[0].startswith("caodian: an export must not be empty")
    assert lines[1:] == (["caodian：文件是空的。请重新导出。"] if language[:2] == "zh" else [])


def test_every_refusal_that_is_translated_is_one_that_the_source_says():
    source = re.sub(r'"\s+f?"', "", "".join(p.read_text("utf-8") for p in SOURCES.rglob("*.py")))
    unknown = [rule for rule in options._chinese()["refusals"] if rule not in source]
    assert unknown == []


def test_every_step_that_is_translated_is_one_of_a_run():
    source = "".join(p.read_text("utf-8") for p in (SOURCES / "pipeline").glob("*.py"))
    steps = set(re.findall(r'stamp\(\s*"(\w+)"', source))
    assert steps == set(options._chinese()["steps"])


ACCOUNT = {"records_read": [1200, 30], "kept": [1190, 30], "rejected": [10, 0], "repeats": [3, 0]}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en_US.UTF-8", "1,230 records read: 1,220 kept, 3 of them repeats, 10 rejected\n"),
        ("zh_CN.UTF-8", "读到 1,230 条，收录 1,220 条，没有收录 10 条；"),
    ],
)
def test_the_account_of_a_run_is_told_at_its_end(set_locale, capsys, tmp_path, language, told):
    set_locale(LANG=language)
    pl.DataFrame(ACCOUNT).write_csv(tmp_path / "reconciliation.csv")
    report._tell_account(tmp_path / "reconciliation.csv")
    assert capsys.readouterr().err.startswith(told)


@pytest.mark.parametrize("lost", [{"rejected": [None, 0]}, {"kept": None}])
def test_an_account_that_is_withheld_is_not_told(capsys, tmp_path, lost):
    known = {name: cells for name, cells in {**ACCOUNT, **lost}.items() if cells is not None}
    pl.DataFrame(known).write_csv(tmp_path / "reconciliation.csv")
    report._tell_account(tmp_path / "reconciliation.csv")
    report._tell_account(tmp_path / "none.csv")
    assert capsys.readouterr().err == ""


UNREAD = [
    str(Unread("a.csv", reason, number, "b.md"))
    for number in (1, 2)
    for reason in (
        "members",
        "others",
        "above",
        "replies",
        "profiles",
        "unknown",
        "views",
        "broken",
    )
]


@pytest.mark.parametrize("line", UNREAD)
def test_what_is_not_read_is_told_in_chinese(line):
    assert "：" in options.note_in_chinese(line)


def test_every_note_that_is_translated_is_one_that_the_readers_say():
    readers = "".join(p.read_text("utf-8") for p in (SOURCES / "corpus").rglob("*.py"))
    source = re.sub(r'"\s+f?"', "", readers)
    unknown = [
        piece
        for pattern, note in zip(options._note_patterns(), options._chinese()["notes"], strict=True)
        if not any(map(pattern[0].fullmatch, UNREAD))
        for piece in re.split(r"\{\w+\}|\b(?:month|day|year)(?= first)|\b5$|(?<=chat: )", note)
        if len(piece) > 8 and piece not in source
    ]
    assert unknown == []


NOTES = [
    ("read as gb18030", "按 gb18030 编码读取"),
    ("1 row above the header is not read", "表头上方的 1 行没有读取"),
    ("dates such as 6/1/20 are read as 2020-06-01, the month first, as the dates of the whole "
     "column show", "6/1/20 这样的日期读作 2020-06-01，月在前，这是看整列日期得出的"),
    ("2 files of other kinds are not read (a.md)", "另有 2 个其他类型的文件没有读取（a.md）"),
]  # fmt: skip


@pytest.mark.parametrize(("note", "chinese"), NOTES)
def test_how_a_file_was_read_is_told_in_chinese(note, chinese):
    assert options.note_in_chinese(f"评论: 618.csv: {note}") == f"评论: 618.csv：{chinese}"


@pytest.mark.parametrize("line", ["a.csv: what nobody has met", "a.csv", "read as gb18030", ""])
def test_what_is_not_known_stays(line):
    assert options.note_in_chinese(line) == line


@pytest.mark.parametrize(
    "code",
    ["no_time_column", "no_date(时间)", "no_year(时间)", "blank_time(时间)",
     "other_dates(入住日期)", "two_orders(日期)", "left_out"],
)  # fmt: skip
def test_why_posts_have_no_days_is_told_in_chinese(code):
    told = f"a.csv: {explain_no_days([code], 'en')}"
    assert options.note_in_chinese(told) == f"a.csv：{explain_no_days([code], 'zh')}"


def test_a_report_tells_of_a_file_in_chinese(set_locale, capsys):
    set_locale(LANG="zh_CN.UTF-8")
    report._tell("618.csv: read as gb18030")
    assert capsys.readouterr().err == "618.csv：按 gb18030 编码读取\n"


def test_ingest_tells_of_a_file_in_chinese(set_locale, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    set_locale(LANG="zh_CN.UTF-8")
    rows = "".join(f"第{n}次没人管,6月{n}日\n" for n in range(1, 9))
    (tmp_path / "618-2020.csv").write_bytes(f"内容,时间\n{rows}".encode("gbk"))
    with pytest.raises(SystemExit) as ended:
        main(["ingest", "618-2020.csv", "--out", "posts.csv"])
    told = capsys.readouterr().err
    assert ended.value.code == 0
    assert "618-2020.csv：按 gb18030 编码读取" in told
    assert "日期没有写年份，按标题、工作表或文件名里的 2020 年读取" in told
