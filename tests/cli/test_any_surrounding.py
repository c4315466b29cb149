"""Whatever the locale, the streams or the leave to write: a report, or a sentence with a remedy."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from analysis.cli.main import main
from analysis.errors import CaodianError

CAODIAN = [sys.executable, "-c", "from analysis.cli.main import main; main()"]


def run(*words, **options):
    """Run `caodian` in a process of its own."""
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run(
        [*CAODIAN, *words], env=environment, capture_output=True, check=False, **options
    )


NO_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "env", [NO_UTF8, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}], ids=str
)
@pytest.mark.parametrize("words", [["report", "不在.csv"], ["report", "--help"]], ids=str)
def test_what_an_encoding_lacks_is_escaped(env, words, tmp_path):
    done = run(*words, env=env, cwd=tmp_path)
    assert done.returncode == (0 if "--help" in words else 1)
    said = (done.stdout if "--help" in words else done.stderr).decode("utf-8")
    expected = ("我的导出", r"\u6211\u7684") if "--help" in words else ("must exist",)
    assert any(text in said for text in expected)
    assert "Traceback" not in said


@pytest.mark.slow
def test_figures_are_there_where_docstrings_are_left_out(tmp_path):
    code = "from analysis.plots.grievances import plot_grievances; print(plot_grievances.__doc__)"
    words = [sys.executable, "-OO", "-B", "-c", code]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "None"), done.stderr


@pytest.mark.slow
def test_a_terminal_is_bidden_nothing_and_a_pipe_gets_every_character(tmp_path):
    pty = pytest.importorskip("pty")
    said = "print('漏水\u202e\u200b\x1b[31m\tx')"
    code = f"from analysis.cli.main import _print_anything; _print_anything(); {said}"
    upper, lower = pty.openpty()
    seen = []
    for stream in (lower, subprocess.PIPE):
        done = subprocess.run([sys.executable, "-c", code], stdout=stream, check=True)
        seen.append(done.stdout or os.read(upper, 1000))
    shown, piped = (text.decode().strip() for text in seen)
    assert shown == "漏水<U+202E><U+200B><U+001B>[31m\tx"
    assert piped == "漏水\u202e\u200b\x1b[31m\tx"


@pytest.mark.slow
def test_a_chinese_file_is_read_where_the_locale_knows_no_utf8(tmp_path):
    """The posts are written by libraries that would refuse the path."""
    table = {"评论时间": ["2019-06-03 10:00:00"], "评论内容": ["第三天就漏水"]}
    (tmp_path / "我的导出.csv").write_bytes(pl.DataFrame(table).write_csv().encode())
    done = run("ingest", "--explain", "我的导出.csv", env=NO_UTF8, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert "我的导出.csv" in done.stdout.decode("utf-8")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("shell", "code"),
    [
        (">&-", 0),
        ("2>&-", 0),
        (">&- 2>&-", 0),
        (">/dev/full", 1),
        ("| head -c 1", 0),
    ],
)
def test_streams_may_be_closed_full_or_read_in_part(shell, code):
    line = f'"$0" -c "$1" --help {shell}; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", line, sys.executable, CAODIAN[2]], capture_output=True, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr.decode()


def fail_with(error, monkeypatch, capsys):
    """Return what is said when a command meets an error."""
    import analysis.storage.formats as module

    def fail(_path):
        raise error

    monkeypatch.setattr(module, "require_export", fail)
    with pytest.raises(SystemExit) as stopped:
        main(["report", "posts.csv"])
    assert stopped.value.code == 1
    return capsys.readouterr().err


PanicException = type("PanicException", (BaseException,), {})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "build/x.csv"), r"build/x\.csv.*No space.*--out"),
        (OSError("IO error: No space left on device (os error 28)"), r"No space.*--out"),
        (pl.exceptions.ComputeError("failed: Read-only file system (os error 30)"), "Read-only"),
        (PermissionError(13, "Permission denied", "a"), r"'a' \(Permission denied\)"),
        (OSError(36, "File name too long", "x" * 300), "shorter name"),
        (OSError(24, "Too many open files"), "ulimit"),
        (MemoryError(), "--limit"),
        (CaodianError("a rule"), r"caodian: a rule\."),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_the_system_refuses_is_said_with_the_way_out(error, said, monkeypatch, capsys):
    err = fail_with(error, monkeypatch, capsys)
    assert re.search(said, err)
    assert "Traceback" not in err


@pytest.mark.parametrize("error", [PanicException("index out of range"), ValueError("odd")])
def test_what_no_rule_foresaw_is_told_without_a_trace(error, monkeypatch, capsys, unforeseen):
    err = fail_with(error, monkeypatch, capsys)
    assert unforeseen and str(error) in err and "--verbose" in err
    assert "Traceback" not in err


def test_an_interrupt_below_is_no_error_of_ours(monkeypatch, capsys):
    import analysis.storage.formats as module

    def stop(_path):
        raise GeneratorExit

    monkeypatch.setattr(module, "require_export", stop)
    with pytest.raises(GeneratorExit):
        main(["report", "posts.csv"])


@pytest.mark.slow
def test_a_wrong_path_imports_nothing_heavy(tmp_path):
    """It must answer at once: importing what a run needs takes seconds."""
    code = (
        "import sys, atexit\n"
        "heavy = {'pandas', 'numba', 'matplotlib', 'scipy', 'sklearn', 'fastexcel'}\n"
        "atexit.register(lambda: print('heavy:', sorted(heavy & set(sys.modules))))\n"
        "from analysis.cli.main import main\n"
        "main(['report', 'absent.csv'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "must exist" in done.stderr
    assert "heavy: []" in done.stdout


@pytest.mark.slow
def test_a_report_is_made_from_another_folder_that_cannot_be_written(tmp_path, monkeypatch):
    """Out and storage elsewhere suffice, and the shipped studies are found."""
    from analysis.pipeline.request import Request
    from analysis.pipeline.run import Run
    from analysis.study import load_study

    monkeypatch.delenv("CAODIAN_SECRET", raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    table = {"评论时间": ["2019-06-03 10:00:00"], "评论内容": ["第三天就漏水"]}
    (here / "posts.csv").write_bytes(pl.DataFrame(table).write_csv().encode())
    _refuse_writing_below(here, monkeypatch)
    study = load_study("studies/618-2019-water-heaters.yaml")
    for asked in (None, study):
        request = Request([Path("posts.csv")], asked, out=tmp_path / "o", storage=tmp_path / "w")
        counts = Run(request, lambda _line: None).count_corpus()["counts"]
        assert int(counts.set_index("grievance").loc["all", "items"]) == 1
    assert [path.name for path in here.iterdir()] == ["posts.csv"]
    with pytest.raises(CaodianError, match=r"--out FOLDER --storage FOLDER"):
        Run(Request([Path("posts.csv")], None), lambda _line: None)


def _refuse_writing_below(folder, monkeypatch):
    """Refuse as a read-only system does: root may write where permissions forbid it."""
    import tempfile

    make, temporary = Path.mkdir, tempfile.mkstemp

    def mkdir(self, *args, **kwargs):
        if self.absolute().is_relative_to(folder) and not self.exists():
            raise OSError(30, "Read-only file system", str(self))
        return make(self, *args, **kwargs)

    def mkstemp(*args, **kwargs):
        if Path(kwargs.get("dir") or ".").absolute().is_relative_to(folder):
            raise OSError(30, "Read-only file system")
        return temporary(*args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["SIGINT", *(pytest.param(name, marks=pytest.mark.proof) for name in ("SIGTERM", "SIGHUP"))],
)
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows ends a process without a word")
def test_a_run_that_is_told_to_stop_says_so_and_leaves_nothing(name, tmp_path):
    if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        pytest.skip(f"whoever runs the tests ignores {name}, and so does what they begin (nohup)")
    lines = [f"2020-06-{1 + n % 20:02d} 10:00:00,等了{n}天还没到" for n in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["评论时间,评论内容", *lines]), encoding="utf-8")
    run = subprocess.Popen(
        [*CAODIAN, "report", "a.csv"], cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True, bufsize=1,
    )  # fmt: skip
    first = run.stderr.readline()  # a step has ended
    os.killpg(run.pid, getattr(signal, name))
    _, said = run.communicate(timeout=60)
    assert first.startswith("read: done")
    assert said.splitlines()[-1] == "caodian: stopped; nothing half-written was left"
    assert run.returncode == 128 + getattr(signal, name) and "Traceback" not in said
    hidden = [path.name for path in tmp_path.rglob(".*") if not path.name.endswith(".lock")]
    assert set(hidden) <= {".caodian-secret", ".caodian-run"}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows ends a process without a word")
def test_who_is_told_again_while_saying_that_it_stopped_prints_no_trace():
    code = """
import os, signal, sys
from analysis.cli import main as command
def run(**_):
    os.kill(os.getpid(), signal.SIGINT)
def told_again(sentence, code):
    print(sentence, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
signal.signal(signal.SIGINT, signal.default_int_handler)
module = sys.modules["analysis.cli.main"]
module.commands.main, module._fail = run, told_again
command(["words"])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "nothing half-written" in run.stdout and not run.stderr
    assert run.returncode == -signal.SIGTERM


@pytest.mark.slow
def test_a_stop_while_the_libraries_load_is_told_too(tmp_path):
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    code = "import analysis.cli"
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (130, "caodian: stopped; nothing was begun\n")
