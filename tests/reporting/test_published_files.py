"""No file of a build under a minimum tells what its tables withhold: ledger, pages, figures' data.

Withheld cells are replaced by numbers of their own before anything is written: whatever is made
from a table that was not disclosed shows one of them.
"""

import re
from pathlib import Path

import canaries
import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.pipeline import report_steps
from analysis.pipeline import run as pipeline
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.reporting.disclosure import Rules, disclose
from analysis.reporting.ledger import read_ledger
from analysis.reporting.verification import verify_build
from analysis.study import load_study

pytestmark = pytest.mark.slow

STUDY = """
name: mine
title_zh: 我的
title_en: Mine
window: {{start: 2020-06-01, end: 2020-06-20}}
event_days: [2020-06-18]
sources: [table]
disclosure: {{minimum_cell: {minimum}}}
"""
# So many posts say each; some codes stay below five, some days, channels and platforms, too.
SAID = {
    "京东物流太慢了，等了十天还没发货": 90, "天天发短信骚扰，退订无效": 40,
    "在淘宝买到假货，退货不给退": 17,
    "红包抢了四十个才几毛，规则不公平": 3, "师傅专业，很满意": 60,
}  # fmt: skip


def write_export(path, more=0):
    texts = [text for text, number in SAID.items() for _ in range(number)]
    texts += ["天天发短信骚扰，退订无效"] * more
    rows = pl.DataFrame({
        "内容": [f"{text}，第{n}次" for n, text in enumerate(texts)],
        "发布时间": [f"2020-06-{n * n % 20 + 1:02d} {n % 24:02d}:10" for n in range(len(texts))],
        "用户昵称": [f"u{n % 150}" for n in range(len(texts))],
        "关键词": ["618" if n % 3 else "京东" for n in range(len(texts))],
    })  # fmt: skip
    rows.write_csv(path)


def build(*, minimum=1, public=False, since=(), more=0, out="build"):
    write_export("posts.csv", more)
    Path("mine.yaml").write_text(STUDY.format(minimum=minimum), "utf-8")
    asked = Request([Path("posts.csv")], load_study("mine.yaml"), public=public, since=since,
                    out=Path(out))  # fmt: skip
    return Run(asked, lambda _line: None).execute().paths.build


@pytest.fixture
def project(tmp_path, monkeypatch, few_figures):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def withheld(measured, shown):
    """Return where a table does not show what was measured."""
    return [
        (row, column)
        for column in measured.select_dtypes("number")
        if column in shown and len(shown) == len(measured)
        for row in np.flatnonzero(measured[column].notna() & shown[column].isna().to_numpy())
    ]


@pytest.mark.proof
def test_no_file_is_made_from_what_was_not_disclosed(project, monkeypatch):
    measured, planted = {}, []

    def poisoned(folder):
        measured.update(load(folder))
        shown = disclose(measured, Rules(5, quotes=False, digests=False))
        out = {}
        for name, table in measured.items():
            out[name] = table.copy()
            for row, column in withheld(table, shown[name]):
                planted.append(710_001 + 7 * len(planted))
                values = out[name][column].astype(float)
                values.iloc[row] = planted[-1]
                out[name][column] = values
        return out

    load = pipeline.load_tables
    monkeypatch.setattr(pipeline, "load_tables", poisoned)
    monkeypatch.setattr(report_steps, "disclose", lambda _, *rest: disclose(measured, *rest))
    made = build(public=True)
    assert len(planted) > 50
    written = [
        (path.name, text)
        for path in sorted(made.rglob("*")) if path.is_file()
        for text in canaries.written_in(path)
    ]  # fmt: skip
    assert len(written) > 40
    number = re.compile(r"(?<![\d.])7[1-9]\d,?\d{3}(?!\d)")
    told = [(name, found) for name, text in written for found in number.findall(text)
            if int(found.replace(",", "")) in planted]  # fmt: skip
    assert told == []


@pytest.mark.parametrize("minimum", [1, pytest.param(6, marks=pytest.mark.proof)])
def test_a_ledger_under_a_minimum_tells_no_post(project, minimum):
    """Day, channel and codes of each post would give back what the tables withhold."""
    made = build(minimum=minimum)
    ledger = read_ledger(made)
    assert (ledger.columns == ["post"]) == (minimum > 1)
    assert ledger.height == pd.read_csv(made / "tables/counts.csv")["items"].max()
    verify_build(made)


@pytest.mark.proof
def test_a_ledger_does_not_count_what_came_since(project):
    """The total is withheld where three posts came; as many digests as posts would tell it."""
    first = build(public=True, out="first")
    second = build(public=True, since=[first], more=3, out="second")
    counts = pd.read_csv(second / "tables/counts.csv").set_index("grievance")["items"]
    assert np.isnan(counts["all"])
    assert read_ledger(first).height == sum(SAID.values())
    assert read_ledger(second).height == 0
    verify_build(second)
