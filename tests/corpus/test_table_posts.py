"""Tables read one by one, as workers read them, beside the whole ingestion."""

import pickle
from itertools import starmap

import cloudpickle
import polars as pl
import pytest

from analysis.corpus.ahead import in_order
from analysis.corpus.ingest import ingest
from analysis.study import load_study


@pytest.fixture
def exports(tmp_path):
    """Three tables; the second repeats two rows of the first and has one that is rejected."""
    rows = [
        (f"2019-06-{day:02d} 10:00:00", f"第{day}天还没发货", f"id{day}") for day in range(1, 8)
    ]
    parts = [rows[:4], [*rows[2:5], ("not a time", "坏了", "id9")], rows[5:]]
    for number, part in enumerate(parts):
        frame = pl.DataFrame(part, schema=["评论时间", "评论内容", "评论id"], orient="row")
        frame.write_csv(tmp_path / f"reviews-{number}.csv")
    return tmp_path


def elsewhere(function, calls):
    """Call the function on copies, as a worker has them, and return a copy of what it returns."""
    for call in calls:
        yield pickle.loads(cloudpickle.dumps(function(*cloudpickle.loads(cloudpickle.dumps(call)))))


def read_table_alone(table):
    return list(table.partitions()), table.reading


def test_tables_read_by_workers_are_those_of_the_whole(exports):
    whole = ingest([exports], secret=b"s")
    posts = pl.concat(whole.partitions())
    parted = ingest([exports], secret=b"s")
    tables = parted.tables(elsewhere)
    parts = []
    for place, (frames, reading) in enumerate(
        elsewhere(read_table_alone, ((table,) for table in tables))
    ):
        parts += frames
        parted.take_back(place, reading)
    assert pl.concat(parts).equals(posts)
    assert posts["repeat_of"].count() == 2
    assert parted.reconciliation.equals(whole.reconciliation)
    assert parted.rejects.equals(whole.rejects)
    assert parted.rejects.height == 1
    assert parted.notes == whole.notes


def test_the_limit_holds_over_tables_wherever_they_are_read(exports):
    whole = ingest([exports], secret=b"s", limit=6)
    posts = pl.concat(whole.partitions())
    parted = ingest([exports], secret=b"s", limit=6)
    parts = [part for table in parted.tables(elsewhere) for part in table.partitions()]
    assert pl.concat(parts).equals(posts)
    assert posts.height == 6
    assert posts["source_file"].n_unique() == 2


def test_the_window_of_a_study_is_marked(exports):
    study = load_study("studies/618-2019-water-heaters.yaml")
    table = ingest([exports], secret=b"s", study=study).tables(starmap)[0]
    assert next(table.partitions())["is_in_window"].all()


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_work_ahead_keeps_the_order(ahead):
    assert list(in_order(lambda number: number * 2, range(7), ahead=ahead)) == list(range(0, 14, 2))
