"""The same run on a Dask cluster: same bytes, no loss when a worker dies, storage by URL."""

import os
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from analysis.coding.scoring import rating_scales
from analysis.pipeline.corpus_steps import _code_partition
from analysis.pipeline.partitions import (
    map_bounded,
    open_executor,
    open_folder,
    partition_files,
    read_partition,
    scan_partitions,
)
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.study import load_study

STUDY = Path(__file__).resolve().parents[2] / "studies" / "618-2019-water-heaters.yaml"
PATTERNS = [
    "热水器用了{n}天就漏水，客服说不归他们管",
    "安装师傅收了{n}块材料费，买的时候没说",
    "用了{n}天，很满意，师傅也专业",
    "在京东买的第{n}天就降价，申请保价被拒",
]
FILES, ROWS = 6, 40


@pytest.fixture
def exports(tmp_path, monkeypatch):
    """Write six exports with near-duplicates across them, and work in a folder of our own."""
    monkeypatch.chdir(tmp_path)
    paths = []
    for file in range(FILES):
        rows = [
            (f"2019-06-{n % 20 + 1:02d} {n % 24:02d}:{file:02d}:00",
             PATTERNS[n % 4].format(n=(file * ROWS + n) % 90))
            for n in range(ROWS)
        ]  # fmt: skip
        path = tmp_path / f"reviews-{file}.csv"
        pl.DataFrame(rows, schema=["评论时间", "评论内容"], orient="row").write_csv(path)
        paths.append(path)
    return paths


@contextmanager
def cluster(*, workers=2, processes=True):
    distributed = pytest.importorskip("distributed")  # half a second to import
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=processes, dashboard_address=None
    ) as running:
        yield running.scheduler_address


def tables(exports, out, **request):
    run = Run(Request(exports, load_study(STUDY), out=Path(out), **request), lambda line: None)
    return {name: table.to_csv() for name, table in run.measure_corpus().items()}, run


@pytest.mark.proof
@pytest.mark.slow
def test_two_processes_give_the_same_tables_as_this_one(exports, tmp_path):
    here, _ = tables(exports, "here")
    with cluster() as address:
        there, run = tables(exports, "there", scheduler=address, storage=tmp_path / "shared")
    assert here == there
    assert len(partition_files(run.paths.coded)) == FILES
    assert run.paths.coded.is_relative_to(tmp_path / "shared")


@pytest.mark.proof
@pytest.mark.slow
def test_the_posts_may_stand_in_storage_by_url(exports):
    here, _ = tables(exports, "here")
    with cluster(processes=False) as address:
        storage = open_folder("memory://caodian-test")
        there, run = tables(exports, "there", scheduler=address, storage=storage)
    assert here == there
    assert [path.protocol for path in partition_files(run.paths.coded)] == ["memory"] * FILES


@pytest.mark.proof
@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(exports, tmp_path):
    _, run = tables(exports, "here")
    marker = tmp_path / "one was killed"

    def code_or_die(posts, items, out):
        if not marker.exists():
            marker.touch()
            os._exit(9)
        return _code_partition(posts, items, out, "fast", scales)

    items = partition_files(run.paths.items.absolute())
    scales = rating_scales(scan_partitions(run.paths.posts))
    again = tmp_path / "again"
    again.mkdir()
    with cluster() as address, open_executor(address) as executor:
        posts = run.paths.posts.absolute()
        calls = [(posts / path.name, path, again / path.name) for path in items]
        rows = list(map_bounded(executor, code_or_die, calls))
    assert marker.exists()
    assert rows == [read_partition(path).height for path in items]
    for path in partition_files(run.paths.coded):
        assert read_partition(again / path.name).equals(read_partition(path))
