"""`benchmarks/real_exports.py` reads what a run left, however much of it is there."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "real_exports.py"
TABLES = {
    "reconciliation": "source_file,records_read,kept,rejected,repeats\na,7,6,1,2\nb,5,5,0,0\n",
    "counts": "grievance,items\nall,9\nnegative,4\nprice,1\n",
    "trends": "grievance,verdict\nprice,growth\ndelivery,no_trend\nall,flat\nx,not_testable\n",
    "breaks": "grievance,is_found\nprice,True\nprice,False\n",
    "clusters": "cluster,label\n0,x\n1,y\n",
    "watchlist": "platform,list\n京东,black\n淘宝,not_enough_evidence\n",
}
PAGE = """<section id="a"><p>x</p></section>
<section id="b"><ul class="unsaid"><li>y</li>
<li id="c">z</li></ul></section>"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("real_exports", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(tmp_path: Path) -> Path:
    tables = tmp_path / "build" / "mine" / "tables"
    tables.mkdir(parents=True)
    for name, text in TABLES.items():
        (tables / f"{name}.csv").write_text(text, "utf-8")
    (tables.parent / "report.zh.html").write_text(PAGE, "utf-8")
    coded = tmp_path / "data" / "processed" / "mine" / "coded"
    coded.mkdir(parents=True)
    ratings = {"rating": [5.0, 4.0, 1.0, 1.0, None], "is_negative": [True, True, True, False, True]}
    pl.DataFrame(ratings).write_parquet(coded / "part-00000.parquet")
    return tmp_path


def test_a_run_is_told(script: ModuleType, run: Path) -> None:
    assert script.describe_run(run) == {
        **{"read": 12, "rejected": 1, "repeats": 2, "posts": 9, "negative": 4},
        **{"trends": 2, "breaks": 1, "clusters": 2, "listed": 1, "stated": 1, "silent": 2},
        **{"five_star": "33 %", "four_five_star": "67 %", "one_star_found": "50 %"},
    }


@pytest.mark.parametrize("absent", sorted(TABLES))
def test_a_table_may_be_absent(script: ModuleType, run: Path, absent: str) -> None:
    whole = script.describe_run(run)
    (run / "build" / "mine" / "tables" / f"{absent}.csv").unlink()
    rest = script.describe_run(run)
    assert rest.items() < whole.items()


def test_nothing_is_left_by_a_run_that_failed(script: ModuleType, tmp_path: Path) -> None:
    assert script.describe_run(tmp_path) == {}


def test_a_cell_that_is_not_there_is_a_dash(script: ModuleType) -> None:
    row = script.as_markdown([{"file": "a|b.csv", "exit": 1}]).splitlines()[-1]
    assert row.startswith("| a/b.csv | - | - |")
    assert " | 1 | - |" in row


def test_exports_are_found_below_a_folder(script: ModuleType, tmp_path: Path) -> None:
    for name in ("b.csv", "README.md", ".hidden.csv", "a.XLSX"):
        (tmp_path / name).touch()
    assert [path.name for path in script.list_exports([tmp_path])] == ["a.XLSX", "b.csv"]


@pytest.mark.slow
def test_a_run_without_a_report_says_why(script: ModuleType, tmp_path: Path) -> None:
    row = script.report_on(tmp_path / "absent.csv", tmp_path, 60)
    assert row["exit"] == 1
    assert str(row["said"]).startswith("caodian: ")
