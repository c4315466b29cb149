"""Folders of partitions: the order in which they are worked on."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from datetime import datetime

import polars as pl
import psutil
import pytest

from analysis.errors import CaodianError
from analysis.pipeline import partitions
from analysis.pipeline.partitions import (
    _ClusterExecutor,
    largest_first,
    map_bounded,
    open_executor,
    open_folder,
    open_processes,
    open_worker,
    partition_files,
    partition_path,
    read_partition,
    reading_executor,
    run_apart,
    write_partition,
)


def test_the_largest_partition_comes_first_and_equals_keep_their_order(tmp_path):
    for number, size in enumerate([2, 5, 2, 9]):
        partition_path(tmp_path, number).write_bytes(b"x" * size)
    files = partition_files(tmp_path)
    assert [files.index(path) for path in largest_first(files)] == [3, 1, 0, 2]


def test_a_partition_is_read_as_it_was_written(tmp_path):
    zoned = pl.Datetime("us", "Asia/Shanghai")
    posts = pl.DataFrame(
        {
            "source": ["table", None, "table"],
            "text": ["慢" * 50, "", None],
            "published_at": pl.Series([datetime(2020, 6, 12), None, None]).cast(zoned),
            "like_count": [1, None, 10**15],
            "codes": [["a", "b"], [], None],
            "nothing": pl.Series([None] * 3, dtype=pl.String),
        }
    )
    path = tmp_path / "part-00000.parquet"
    write_partition(posts.slice(1), path)
    read = read_partition(path)
    assert read.equals(posts.slice(1))
    assert read.schema == posts.schema
    assert list(tmp_path.iterdir()) == [path]


def test_results_come_in_the_order_of_the_calls():
    with open_executor() as pool:
        assert list(map_bounded(pool, pow, [(n, 2) for n in range(20)])) == [
            n**2 for n in range(20)
        ]


def test_few_calls_are_drawn_ahead():
    drawn, lock = [], threading.Lock()

    def calls():
        for n in range(50):
            with lock:
                drawn.append(n)
            yield (n,)

    with open_executor() as pool:
        results = map_bounded(pool, abs, calls(), in_flight=3)
        next(results)
        assert len(drawn) <= 4


class Client:
    """A client of ten workers with four threads each, whose tasks are done here at once."""

    def nthreads(self):
        return {f"worker {n}": 4 for n in range(10)}

    def get_executor(self, *, pure):
        assert not pure
        return self

    def submit(self, function, *arguments):
        done = Future()
        done.set_result(function(*arguments))
        return done


def test_a_larger_cluster_is_asked_for_more_at_once():
    drawn = []
    results = map_bounded(
        _ClusterExecutor(Client()), abs, ((drawn.append(n) or n,) for n in range(200))
    )
    assert next(results) == 0
    assert len(drawn) == 80


def test_an_error_in_a_partition_reaches_the_caller():
    with open_executor() as pool, pytest.raises(ZeroDivisionError):
        list(map_bounded(pool, divmod, [(1, 0)]))


def test_an_absent_scheduler_is_named():
    with pytest.raises(CaodianError, match="reachable"), open_executor("nonsense://nowhere:1"):
        pass


class Elsewhere:
    """An executor on a machine whose folder is another one."""

    def __init__(self, answer):
        self.answer = answer

    def submit(self, _function, *_arguments):
        done = Future()
        done.set_result(self.answer)
        return done


def test_exports_that_no_worker_sees_are_read_here(tmp_path):
    far = Elsewhere(answer=False)
    with reading_executor(far, [tmp_path]) as here:
        assert here is not far
        assert here.submit(pow, 2, 3).result() == 8


def test_exports_that_workers_see_are_read_there(tmp_path):
    near = Elsewhere(answer=True)
    with reading_executor(near, [tmp_path]) as there:
        assert there is near


def test_only_exports_that_are_there_are_seen(tmp_path):
    with open_executor() as pool:
        with reading_executor(pool, [tmp_path]) as same:
            assert same is pool
        with reading_executor(pool, [tmp_path / "absent.csv"]) as other:
            assert other is not pool


SCRIPT = """
from analysis.pipeline.partitions import map_bounded, open_processes
print("top")
with open_processes() as pool:
    print(list(map_bounded(pool, pow, [(2, 3), (3, 2)])))
"""


@pytest.mark.slow
@pytest.mark.parametrize("is_file", [True, False])
def test_a_script_without_a_main_guard_is_run_once(tmp_path, is_file):
    (tmp_path / "plain.py").write_text(SCRIPT, "utf-8")
    words = [str(tmp_path / "plain.py")] if is_file else ["-"]
    done = subprocess.run(
        [sys.executable, *words], input=SCRIPT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("top\n[8, 9]\n", "")


@pytest.mark.slow
def test_a_process_that_dies_is_named():
    with pytest.raises(CaodianError, match="must live until it is done"), open_processes() as pool:
        list(map_bounded(pool, os._exit, [(1,)]))


@pytest.mark.slow
def test_work_on_many_posts_has_a_process_of_its_own(tmp_path, monkeypatch):
    assert run_apart(os.getpid, beside=tmp_path) == os.getpid() == run_apart(os.getpid)
    assert run_apart(os.getpid, many=True) != os.getpid()
    monkeypatch.setattr(partitions, "MANY_POSTS", 0)
    assert run_apart(os.getpid, beside=tmp_path) != os.getpid()
    assert run_apart(dict, [("a", 1)], b=2, beside=tmp_path) == {"a": 1, "b": 2}


@pytest.mark.slow
def test_what_work_apart_refuses_is_told_as_it_is_here(tmp_path, monkeypatch):
    said = []
    for least in (1, 0):
        monkeypatch.setattr(partitions, "MANY_POSTS", least)
        with pytest.raises(CaodianError) as caught:
            run_apart(open_folder, "nosuch://bucket", beside=tmp_path)
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("is_apart", [True, False])
def test_each_step_on_many_posts_ends_its_process_before_the_next(monkeypatch, is_apart):
    asked = []
    monkeypatch.setattr(partitions, "run_apart", lambda *given, many: asked.append((given, many)))
    with open_worker(apart=is_apart) as work:
        for number in (1, 2):
            work(lambda one, executor: executor.submit(abs, one), number)
    assert [(given[-1], many) for given, many in asked] == [(1, True), (2, True)] * is_apart


ORPHAN = """
import time
from analysis.pipeline.partitions import open_processes
from os import getpid
with open_processes(1) as pool:
    print(pool.submit(getpid).result(), flush=True)
    pool.submit(time.sleep, 60).result()
"""


@pytest.mark.slow
def test_a_process_ends_with_the_one_that_started_it():
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    child.wait(timeout=20)  # raises where it goes on


STOPPED = """
import time
from os import getpid
from analysis.pipeline.partitions import open_processes
try:
    with open_processes(1) as pool:
        print(pool.submit(getpid).result(), flush=True)
        for _ in range(3):
            pool.submit(time.sleep, 60)
        time.sleep(60)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="a terminal's signal goes to a group")
def test_ctrl_c_ends_all_processes_at_once_and_none_says_where_it_stood():
    parent = subprocess.Popen(
        [sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    child = psutil.Process(int(parent.stdout.readline()))
    os.killpg(parent.pid, signal.SIGINT)
    said = parent.communicate(timeout=20)  # raises where it waits for what was asked
    child.wait(timeout=20)
    assert said == ("stopped\n", "")
