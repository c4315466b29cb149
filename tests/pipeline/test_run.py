"""A step is redone when anything it reads has changed, and only then."""

from pathlib import Path

import polars as pl
import pytest

from analysis.pipeline.partitions import read_partitions
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.study import load_study

STUDY = Path(__file__).resolve().parents[2] / "studies" / "618-2019-water-heaters.yaml"
TEXTS = ["用了三天就漏水，客服说不归他们管", "师傅专业，很满意"]


@pytest.fixture
def export(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "reviews.csv"


def run(export, likes):
    table = {"评论时间": ["2019-06-03 10:00:00"] * 2, "评论内容": TEXTS, "点赞数": likes}
    pl.DataFrame(table).write_csv(export)
    made = Run(Request([export], load_study(STUDY)), lambda _line: None)
    made.count_corpus()
    coded = pl.concat(list(read_partitions(made.paths.coded)))
    return made.steps_run, sorted(coded["like_count"].to_list())


def test_posts_that_change_without_their_families_are_coded_again(export):
    assert run(export, [1, 2]) == (["read", "deduplicate", "code"], [1, 2])
    assert run(export, [1, 3])[1] == [1, 3]


def test_nothing_is_redone_when_nothing_changed(export):
    run(export, [1, 2])
    assert run(export, [1, 2]) == ([], [1, 2])
