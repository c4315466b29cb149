"""Whatever becomes of the process in which a file is opened, it is told in one sentence."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.corpus.readers.containers import confined
from analysis.corpus.readers.containers.confined import run_confined
from analysis.corpus.readers.containers.export import find_exports
from analysis.corpus.readers.containers.foreign import sqlite_tables
from analysis.errors import CaodianError

WORK = """
import os, signal, sys, time

def several(source, count=3):
    for number in range(count):
        yield [number, len(source)]

def frames(source):
    yield b"bytes"
    yield {"a": None}

def abort(source):
    yield 1
    os.abort()

def kill(source):
    os.kill(os.getpid(), signal.SIGKILL)
    yield 1

def leave(source):
    os._exit(0)
    yield 1

def loop(source):
    yield 1
    while True:
        pass

def sleep(source):
    time.sleep(600)
    yield 1

def swell(source):
    held = []
    while True:
        held.append(b"x" * 50_000_000)
    yield 1

def ask_for_all(source):
    yield len(bytearray(1 << 44))

def panic(source):
    class PanicException(BaseException):
        pass
    raise PanicException("index out of bounds\\nnote: run with RUST_BACKTRACE=1")
    yield 1

def recurse(source):
    yield recurse(recurse(source)) if next(recurse(source)) else 1

def fault(source):
    import ctypes
    ctypes.string_at(0)
    yield 1

def chatter(source):
    print("no answer" * 1000, flush=True)
    os.write(1, b"no answer")
    os.write(2, b"trace")
    yield 7

def folder(source):
    yield os.getcwd()

def environment(source):
    yield {"path": sys.path, "no_user_site": sys.flags.no_user_site}

def wait(source):
    time.sleep(0.3)
    yield 7

def interrupted(source):
    os.kill(os.getpid(), signal.SIGINT)
    yield 7

def garbage(source):
    import gc, io
    for one in gc.get_objects():
        if isinstance(one, io.BufferedWriter):
            one.write(b"F" + b"\\xff" * 8 + b"rubbish")
            one.flush()
    time.sleep(5)
    yield 1

def orphan(source):
    yield os.getpid()
    while True:
        pass
"""


@pytest.fixture(autouse=True)
def _work(tmp_path, monkeypatch):
    (tmp_path / "planted_work.py").write_text(WORK, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    confined.end_idle()
    yield
    confined.end_idle()


def pieces(work, source="a.xlsx", size=0, **asked):
    found = run_confined(
        f"planted_work:{work}", source, kind="a workbook", where="a.xlsx", size=size, asked=asked
    )
    return list(found)


def test_pieces_come_in_order_and_bytes_as_bytes():
    assert pieces("several") == [[0, 6], [1, 6], [2, 6]]
    assert pieces("several", iter([b"1234", b"", b"5"]), count=1) == [[0, 5]]
    assert pieces("frames") == [b"bytes", {"a": None}]


ENDS = {
    "abort": "must be one that can be read: found 'a.xlsx' (what opens it was ended by SIGABRT).",
    "kill": "must be one that can be read: found 'a.xlsx' (what opens it was ended by SIGKILL).",
    "fault": "must be one that can be read: found 'a.xlsx' (what opens it was ended by SIGSEGV).",
    "leave": "must be one that can be read: found 'a.xlsx' (what opens it has ended).",
    "loop": "of this size must open within 1 seconds: found 'a.xlsx' (it takes longer).",
    "sleep": "of this size must open within 1 seconds: found 'a.xlsx' (it takes longer).",
    "swell": "must open within 0.3 GB of memory: found 'a.xlsx' (it asks for more).",
    "ask_for_all": "must open within 0.3 GB of memory: found 'a.xlsx' (it asks for more).",
    "panic": "must be one that can be read: found 'a.xlsx' (index out of bounds).",
    "recurse": "must be one that can be read: found 'a.xlsx' (maximum recursion depth",
    "garbage": "must be one that can be read: found 'a.xlsx' (what opens it has stopped ans",
}


# Of these nothing is told before a second has gone by.
WAITED = dict.fromkeys(["loop", "sleep", "garbage"], pytest.mark.slow)


@pytest.mark.skipif(sys.platform != "linux", reason="names of signals, and memory by /proc")
@pytest.mark.parametrize("work", [pytest.param(w, marks=WAITED.get(w, ())) for w in ENDS])
def test_whatever_happens_is_told_in_a_sentence(work, monkeypatch, capfd):
    if work in ("loop", "sleep"):
        monkeypatch.setattr(confined, "_FREE_SECONDS", 1.0)
    monkeypatch.setattr(confined, "MOST_BYTES", 300_000_000)
    with pytest.raises(CaodianError) as refused:
        pieces(work)
    assert f"a workbook {ENDS[work]}" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert capfd.readouterr() == ("", "")
    assert pieces("several") == [[0, 6], [1, 6], [2, 6]]  # the next file is opened


@pytest.mark.slow
def test_time_grows_with_the_size(monkeypatch):
    monkeypatch.setattr(confined, "_FREE_SECONDS", 0.5)
    with pytest.raises(CaodianError, match="within 2 seconds"):
        pieces("loop", size=25_000_000)


@pytest.mark.parametrize("work", ["chatter", "interrupted"])
def test_what_a_library_prints_is_no_answer_and_an_interrupt_is_not_its_business(work, capfd):
    assert pieces(work) == [7]
    assert capfd.readouterr() == ("", "")


def test_a_refusal_comes_as_it_was():
    with pytest.raises(CaodianError) as refused:
        list(run_confined(
            "analysis.corpus.readers.containers.opened:open_sqlite", [b"SQLite format 3\0 broken"],
            kind="a database", where="a.db", size=0, asked={"where": "a.db"},
        ))  # fmt: skip
    assert refused.value.rule == "a database must open and hold readable tables"


def test_a_process_serves_several_files_also_after_one_was_left_half_read():
    first = run_confined("planted_work:several", "a", kind="", where="", size=0)
    next(first)
    first.close()
    (kept,) = confined._idle
    assert pieces("several", count=1) == [[0, 6]]
    assert confined._idle == [kept]


def test_a_relative_path_is_meant_from_where_the_reader_stands_now(tmp_path, monkeypatch):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        with sqlite3.connect("posts.db") as database:
            database.execute("CREATE TABLE posts (text)")
            database.execute("INSERT INTO posts VALUES (?)", [name])
        database.close()
        (table,) = sqlite_tables(*find_exports(["posts.db"]))
        assert list(table.open_records()) == [({"text": name}, None)]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_process_stands_in_no_folder_of_the_user(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert pieces("folder") != [str(tmp_path)]


def test_time_in_which_this_process_stands_still_does_not_count(monkeypatch):
    class Clock:
        stood = 0.0

        def monotonic(self):
            return time.monotonic() + self.stood

        def sleep(self, seconds):
            time.sleep(seconds)
            self.stood += 100

    monkeypatch.setattr(confined, "time", Clock())
    assert pieces("wait") == [7]


def test_what_is_printed_before_the_start_is_no_answer(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("print('welcome\\n' * 2000)\n", encoding="utf-8")
    assert pieces("several", count=1) == [[0, 6]]


def test_a_process_that_cannot_start_is_not_the_fault_of_the_file(tmp_path):
    lines = "import sys\nprint('welcome')\nsys.modules['analysis.errors'] = None\n"
    (tmp_path / "sitecustomize.py").write_text(lines, encoding="utf-8")
    with pytest.raises(CaodianError) as refused:
        pieces("several")
    assert refused.value.rule == "another process must start, to open a file in"
    assert refused.value.where == (
        "ModuleNotFoundError: import of analysis.errors halted; None in sys.modules"
    )


def test_a_process_that_never_starts_to_answer_is_ended(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    monkeypatch.setattr(confined, "_START_SECONDS", 0.2)
    with pytest.raises(CaodianError, match="another process must start"):
        pieces("several")


def test_modules_are_looked_up_in_the_order_of_this_process(tmp_path, monkeypatch):
    root = str(Path(confined.analysis.__path__[0]).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), root]))
    (found,) = pieces("environment")
    assert found["path"][:2] == [str(tmp_path), root]


def test_what_this_process_was_told_of_the_users_packages_holds_there_too(monkeypatch):
    flags = SimpleNamespace(isolated=0, ignore_environment=0, no_user_site=1)
    told = SimpleNamespace(flags=flags, executable=sys.executable, platform=sys.platform)
    monkeypatch.setattr(confined, "sys", told)
    assert pieces("environment")[0]["no_user_site"] == 1


def test_a_process_that_nothing_can_watch_is_ended(monkeypatch):
    started = []

    class Started(subprocess.Popen):
        def __init__(self, *command, **options):
            super().__init__(*command, **options)
            started.append(self)

    class NoThread:
        def __init__(self, **options): ...

        def start(self):
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.setattr(
        confined,
        "threading",
        SimpleNamespace(Thread=NoThread, Event=threading.Event, Lock=threading.Lock),
    )
    with pytest.raises(CaodianError, match="another process must start"):
        pieces("several")
    assert [one.poll() for one in started] != [None]


@pytest.mark.slow
def test_a_process_that_nobody_uses_is_ended_after_a_while(monkeypatch):
    monkeypatch.setattr(confined, "_IDLE_SECONDS", 0.5)
    assert pieces("several", count=1) == [[0, 6]]
    (kept,) = confined._idle
    for _ in range(200):
        if not confined._idle and not kept.is_alive():
            break
        time.sleep(0.02)
    assert confined._idle == []
    assert not kept.is_alive()
    assert pieces("several", count=1) == [[0, 6]]


def test_two_files_may_be_open_at_once():
    asked = [run_confined("planted_work:several", "a", kind="", where="", size=0)
             for _ in range(4)]  # fmt: skip
    assert [[next(one) for one in asked] for _ in range(3)] == [[[n, 1]] * 4 for n in range(3)]
    for one in asked:
        one.close()
    assert len(confined._idle) == 2


def test_what_holds_much_memory_is_not_kept(monkeypatch):
    monkeypatch.setattr(confined, "_KEPT_BYTES", 0)
    assert pieces("several", count=1) == [[0, 6]]
    assert confined._idle == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of the system and /proc")
def test_a_process_whose_parent_was_killed_ends_too(tmp_path):
    script = """
import os, threading, time
from analysis.corpus.readers.containers import confined
confined._FREE_SECONDS = 0.01
confined._Process._find_overstepped = lambda self: None  # the system alone shall end it
asked = confined.run_confined("planted_work:orphan", "a", kind="", where="", size=0)
print(next(asked), flush=True)
threading.Thread(target=lambda: next(asked), daemon=True).start()
time.sleep(0.1)
os.kill(os.getpid(), 9)
"""
    root = os.pathsep.join([str(tmp_path), str(Path(confined.analysis.__path__[0]).parent)])
    run = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": root},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == -signal.SIGKILL
    process = int(run.stdout)
    for _ in range(200):
        if not Path(f"/proc/{process}").exists() or _is_dead(process):
            return
        time.sleep(0.05)
    raise AssertionError("it still runs")


def _is_dead(process):
    state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    return state in ("Z", "X")
