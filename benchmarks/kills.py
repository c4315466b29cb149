"""Runs that are killed, or meet a full, closed or broken disk, while a reader looks at the build.

    python benchmarks/kills.py [--kills 200] [--errors 60] [--limits 20] [--stops 20] [--seed 1]
        [--real]

A small study stands built from one export; its export then changes, and `caodian report` is ended
at a random one of the calls that change a file or folder: by SIGKILL, at the call or some
milliseconds after it, or by ENOSPC, EROFS or EIO at that call and all later ones. Calls are counted
by an audit hook of the interpreter. Meanwhile a reader polls the build: each time it must find all
files that a manifest names and no other, as they are before the change or after it. The next run
must end well, with the bytes of a run that nobody disturbed, and leave nothing unfinished; a run
that met an error must have said one sentence and have ended with exit 1. `--limits` lets runs begin
with so many megabytes of address space more than they have (RLIMIT_AS, 0 to 400): they must end
with one sentence too, or by the abort of a library (or of what links it) that was given no memory,
which nobody can word.
`--stops` sends SIGINT (Ctrl-C), SIGTERM or SIGHUP at such a call: one sentence, nothing left.

Four of five are ended between the measured tables and the end, where the build is made, the rest
between the export and the measured tables. Runs are forked from a process that has imported
everything and knows the hashes of the code; figures and pages are stand-ins written as the real
ones are, so that two hundred take minutes; `--real` draws one figure and writes the real pages.
What has used three minutes of the processor hangs, and so does what has used none of it for three
minutes in which this process ran: how busy the machine is does not matter. Where it stood is told.
Linux and macOS.
"""

from __future__ import annotations

import argparse
import errno
import faulthandler
import hashlib
import importlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd
import psutil

from analysis.cli.main import main as caodian
from analysis.reporting import figures

Hook = Callable[[str, tuple[object, ...]], None]
_WARM = ("cli.report", "pipeline.run", "clusters.topics", "reporting.topic_map")
_HANGS = 180  # seconds of the processor, or of watching a run that uses none of it
_HUNG = 124  # the exit code of what was ended because it hung
_LINKER = 127  # that of the linker of the GNU C library, which says this when it aborts
_NO_THREADS = "cannot allocate memory for thread-local data: ABORT"
_LOOK_EVERY = 0.02  # seconds
_LONGEST_LOOK = 5 * _LOOK_EVERY  # what passes beyond it, this process did not run either
EXPORT = "reviews.csv"
BUILD = Path("build/reviews")
ERRORS = {"ENOSPC": errno.ENOSPC, "EROFS": errno.EROFS, "EIO": errno.EIO}
STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.chmod", "os.truncate")
_TAKES_NO_SPACE = ("os.remove", "os.rmdir", "os.chmod")
_TEXTS = (
    "用了三天就漏水，客服说不归他们管", "师傅专业，很满意", "价格太贵，买完就降价",
    "物流太慢了，等了十天", "主播虚假宣传，退货不给退", "天天发短信骚扰",
)  # fmt: skip


def write_export(folder: Path, rows: int) -> None:
    """Write an export of fabricated reviews; without Polars, whose threads no fork may follow."""
    times = [f"2020-06-{1 + n % 20:02d} 10:00:00" for n in range(rows)]
    texts = [f"{_TEXTS[n % len(_TEXTS)]}，第{n}次" for n in range(rows)]
    lines = ["评论时间,评论内容", *map(",".join, zip(times, texts, strict=True))]
    (folder / EXPORT).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lighten(*, real: bool) -> None:
    """Spare a run of its figures but one, or of all drawing and typesetting."""
    from analysis.pipeline import report_steps

    os.cpu_count = lambda: 1  # of the processes that read: each takes seconds to begin
    if real:
        for name in list(figures._FIGURES)[1:]:
            del figures._FIGURES[name]
        return

    def stand_in(tables: Mapping[str, pd.DataFrame], *words: object, **_: object) -> str:
        told = [f"{name}: {table.to_csv()}" for name, table in sorted(tables.items())]
        return "\n".join([*told, *(word for word in words if isinstance(word, str))])

    drawn = ("counts", "daily", "funnel")

    def write(tables: Mapping[str, pd.DataFrame], _study: object, place: Path,
              **_: object) -> list[str]:  # fmt: skip
        told = stand_in(tables)
        for name in drawn:
            figures.write_bytes(f"{told}\n{name}".encode(), place / f"{name}.csv")
        return list(drawn)

    def draw(_tables: object, _study: object, language: str, place: Path,
             **_: object) -> list[figures.SavedFigure]:  # fmt: skip
        for name in drawn:
            told = (place / f"{name}.csv").read_bytes()
            for ending in ("svg", "png"):
                figures.write_bytes(told, place / f"{name}.{language}.{ending}")
        return []

    report_steps.write_figure_data = write
    report_steps.draw_figures, report_steps.render_report = draw, stand_in


def fork_run(
    folder: Path,
    hook: Hook | None = None,
    *,
    real: bool = False,
    room: int | None = None,
    modules: Path | None = None,
    words: Sequence[str] = ("report", EXPORT),
    is_leader: bool = False,
) -> int:
    """Start a command in a folder, `caodian report` on its export; return the process.

    A leader has a group of its own, with all processes that it begins.
    """
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        if is_leader:
            os.setpgid(0, 0)
        os.chdir(folder)
        told = os.open("told.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(told, 1)
        os.dup2(told, 2)
        faulthandler.register(signal.SIGUSR1, file=told)
        _lighten(real=real)
        if hook is not None:
            sys.addaudithook(hook)
        if room is not None:
            limit = _address_space() + room
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # as where a command begins
        sys.argv = ["caodian", *words]
        caodian()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
        if modules is not None:
            modules.write_text("\n".join(sys.modules), encoding="utf-8")
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def _address_space() -> int:
    """Give the bytes of address space that this process has (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


_MEASURED = 0.8  # of the trials begin with measured tables


def wait(process: int, look: Callable[[], None] | None = None) -> int:
    """Wait for a process; return its exit code, negative for the signal that ended it."""
    watch = _Watch(process)
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if look is not None:
            look()
        time.sleep(_LOOK_EVERY)
        if watch.is_hanging():
            os.kill(process, signal.SIGUSR1)
            time.sleep(1)  # in which it writes where it stands
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return _HUNG


class _Watch:
    """Tells whether a process goes on, by what it and its children use of the processor."""

    def __init__(self, process: int) -> None:
        self._process = psutil.Process(process)
        self._used = self._still = 0.0
        self._looked = self._counted = time.monotonic()

    def is_hanging(self) -> bool:
        """Look again, and tell whether it used more of the processor than any run, or none."""
        now = time.monotonic()
        self._still += min(now - self._looked, _LONGEST_LOOK)
        self._looked = now
        if now - self._counted > 1:
            self._counted = now
            used = self._count()
            if used != self._used:
                self._used, self._still = used, 0.0
        return max(self._used, self._still) > _HANGS

    def _count(self) -> float:
        """Add up what they used; of children that have ended, what the system still knows."""
        used = 0.0
        with suppress(psutil.Error):
            for one in (self._process, *self._process.children(recursive=True)):
                with suppress(psutil.Error):
                    used += sum(one.cpu_times()[:4])
        return used


def counting(root: Path, at: int, then: Callable[[str, str], None]) -> Hook:
    """Make a hook that calls `then` at the call of that number and at each later one."""
    seen = 0
    within = os.fspath(root)

    def hook(event: str, words: tuple[object, ...]) -> None:
        nonlocal seen
        if event == "open":
            flags = words[2] if isinstance(words[2], int) else 0
            if not flags & (os.O_WRONLY | os.O_RDWR):
                return
        elif event not in CHANGES:
            return
        if not isinstance(words[0], str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(words[0]))  # noqa: PTH100 - of bytes, too
        if not path.startswith(within) or path.endswith("told.txt"):
            return
        seen += 1
        if seen >= at:
            then(event, path)

    return hook


def _warm() -> None:
    """Import and work out, before any run is forked, what each run would for itself."""
    from numba.core.registry import cpu_target

    from analysis.corpus import mask
    from analysis.pipeline import report_steps, run, stamps

    for name in _WARM:
        importlib.import_module(f"analysis.{name}")
    # Those of names and numbers are compiled when a name is masked first, which takes seconds.
    for finder in mask._FINDERS:
        finder.pattern.search("")
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    run.hash_code = report_steps.hash_code = cache(stamps.hash_code)
    for step in stamps.MADE_OF:
        run.hash_code(step)
    stamps.environment_hash()


def _import_all(names: Path) -> None:
    """Import what a run has imported."""
    for name in names.read_text(encoding="utf-8").splitlines():
        if name.startswith(("analysis.", "numba.", "pandas.", "pyarrow", "sklearn.", "scipy.")):
            with suppress(ImportError):
                importlib.import_module(name)


def prepare_forks(place: Path, *, real: bool = False) -> Path:
    """Import and work out all that runs need, by a run on a small export; return its folder."""
    _warm()
    folder = place / "first"
    folder.mkdir()
    write_export(folder, 60)
    modules = place / "modules.txt"
    _require(wait(fork_run(folder, real=real, modules=modules)) == 0, folder)
    _import_all(modules)
    return folder


def tree(folder: Path) -> dict[str, str]:
    """Hash every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@dataclass
class Reader:
    """Who looks at a build again and again, and knows which whole ones there can be."""

    build: Path
    whole: list[dict[str, str]]
    looks: Counter[str] = field(default_factory=Counter)
    known: dict[tuple[int, ...], str] = field(default_factory=dict)

    def look(self) -> None:
        """Read the build once: its manifest, its files, and whether it was replaced meanwhile."""
        before = self._manifest()
        try:
            found = self._files()
        except OSError:
            found = {}
        if self._manifest() != before:
            self.looks["replaced while it was read"] += 1
            return
        if not before:
            self.looks["absent"] += 1
        elif found in self.whole:
            self.looks["whole"] += 1
        else:
            self.looks["TORN"] += 1

    def _files(self) -> dict[str, str]:
        """Hash the files of the build; not again one that nobody has touched for a tenth second."""
        found, recent = {}, time.time_ns() - 100_000_000
        for folder, _, names in os.walk(self.build, onerror=_raise):
            for name in names:
                path = f"{folder}/{name}"
                seen = os.stat(path)  # noqa: PTH116 - a thousand times a second
                same = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
                if same not in self.known or seen.st_ctime_ns > recent:
                    self.known[same] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
                found[os.path.relpath(path, self.build)] = self.known[same]
        return found

    def _manifest(self) -> bytes:
        try:
            return (self.build / "manifest.json").read_bytes()
        except OSError:
            return b""


def _raise(error: OSError) -> None:
    raise error


@dataclass
class Study:
    """A built study whose export has changed, and what a run nobody disturbs makes of it."""

    place: Path
    real: bool
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def run(self, folder: Path, hook: Hook | None = None) -> int:
        """Start a run in a folder."""
        return fork_run(folder, hook, real=self.real)

    def begin(self, chance: random.Random) -> tuple[Path, str, int]:
        """Give a fresh folder, what is done in it already, and the call to end the run at."""
        kind = "measured" if chance.random() < _MEASURED else "read anew"
        folder = shutil.copytree(self.place / kind, self.place / "run")
        last = self.calls[kind] - (self.calls["measured"] if kind == "read anew" else 0)
        return folder, kind, chance.randint(1, last)


def prepare(place: Path, *, real: bool) -> Study:
    """Build the small study, change its export, and see what an undisturbed run makes of that."""
    anew, trial, study = place / "read anew", place / "run", Study(place, real)
    prepare_forks(place, real=real).rename(anew)
    study.before = tree(anew / BUILD)
    write_export(anew, 90)
    for kind in ("read anew", "measured"):
        shutil.copytree(place / kind, trial)
        study.calls[kind] = _count_calls(study, trial, place / "calls")
        study.after = tree(trial / BUILD)
        if kind == "read anew":  # all is done anew but the build, which is still the old one
            shutil.rmtree(trial / BUILD)
            shutil.copytree(anew / BUILD, trial / BUILD)
            trial.rename(place / "measured")
    shutil.rmtree(trial)
    _require(study.before != study.after, trial)
    return study


def _count_calls(study: Study, folder: Path, counts: Path) -> int:
    counts.write_bytes(b"")
    line = os.open(counts, os.O_WRONLY | os.O_APPEND)
    _require(wait(study.run(folder, counting(folder, 1, lambda *_: _tick(line)))) == 0, folder)
    os.close(line)
    return counts.stat().st_size


def _tick(line: int) -> None:
    os.write(line, b".")


def _require(held: bool, folder: Path) -> None:
    if not held:
        sys.exit(f"a run that nobody disturbs must end well: {(folder / 'told.txt').read_text()}")


def kill_once(study: Study, chance: random.Random) -> tuple[list[str], Counter[str]]:
    """Kill a run at a random call; return what did not hold, and what the reader saw."""
    folder, kind, at = study.begin(chance)
    delay = chance.choice([0.0, chance.uniform(0, 0.02)])

    def end(*_: str) -> None:
        if delay:
            signal.setitimer(signal.ITIMER_REAL, delay)  # nobody handles it: the system ends us
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    where = f"killed at call {at}, {kind}"
    reader = Reader(folder / BUILD, [study.before, study.after])
    code = wait(study.run(folder, counting(folder, at, end)), reader.look)
    is_killed = code in (-signal.SIGKILL, -signal.SIGALRM) or (delay and code == 0)
    wrong = [] if is_killed else [f"{where}: {_ended(folder, code)}"]
    return wrong + _recover(study, folder, reader, where), reader.looks


def break_once(study: Study, chance: random.Random, name: str) -> tuple[list[str], Counter[str]]:
    """Let a random call and all later ones fail; return what did not hold."""
    folder, kind, at = study.begin(chance)
    number, where = ERRORS[name], f"{name} at call {at}, {kind}"

    def fail(event: str, path: str) -> None:
        if name != "ENOSPC" or event not in _TAKES_NO_SPACE:
            raise OSError(number, os.strerror(number), path)

    reader = Reader(folder / BUILD, [study.before, study.after])
    code = wait(study.run(folder, counting(folder, at, fail)), reader.look)
    told = _told(folder)
    is_said = len(told) == 1 and told[0].startswith("caodian: ") and "no rule" not in told[0]
    wrong = []
    if code not in (0, 1) or (code == 1 and not is_said):
        wrong.append(f"{where}: {_ended(folder, code)}")
    return wrong + _recover(study, folder, reader, where), reader.looks


def limit_once(study: Study, chance: random.Random) -> tuple[list[str], Counter[str]]:
    """Let a run have little memory; return what did not hold."""
    folder, kind, _ = study.begin(chance)
    room = chance.randint(0, 400 << 20)
    where = f"{room >> 20} MB more, {kind}"
    reader = Reader(folder / BUILD, [study.before, study.after])
    code = wait(fork_run(folder, real=study.real, room=room), reader.look)
    told = _told(folder)
    is_said = code == 1 and len(told) == 1 and told[0].startswith("caodian: ")
    is_abort = code == -signal.SIGABRT or (code == _LINKER and told[-1:] == [_NO_THREADS])
    how = "ended well" if code == 0 else "one sentence" if is_said else f"exit {code}"
    reader.looks[f"with a limit: {how}"] += 1
    wrong = []
    if not (code == 0 or is_said or is_abort):
        wrong.append(f"{where}: {_ended(folder, code)}")
    return wrong + _recover(study, folder, reader, where), reader.looks


def stop_once(study: Study, chance: random.Random, name: str) -> tuple[list[str], Counter[str]]:
    """Tell a run to stop at a random call; return what did not hold."""
    folder, kind, at = study.begin(chance)
    number, where = getattr(signal, name), f"{name} at call {at}, {kind}"
    is_told = False

    def tell(*_: str) -> None:
        nonlocal is_told
        if not is_told:
            is_told = True
            os.kill(os.getpid(), number)

    reader = Reader(folder / BUILD, [study.before, study.after])
    code = wait(study.run(folder, counting(folder, at, tell)), reader.look)
    is_said = code == 128 + number and len(_told(folder)) == 1
    wrong = [] if code == 0 or is_said else [f"{where}: {_ended(folder, code)}"]
    reader.looks[f"told to stop: {'ended well' if code == 0 else 'one sentence'}"] += 1
    wrong += [f"{where}: left {left} before the next run" for left in _left(folder)]
    return wrong + _recover(study, folder, reader, where), reader.looks


def _told(folder: Path) -> list[str]:
    """Give what a run said beside its progress and the pages it made."""
    lines = (folder / "told.txt").read_text(errors="replace").splitlines()
    ends = (": done", ": unchanged", ".html")
    return [line for line in lines if line and not line.endswith(ends)]


def _ended(folder: Path, code: int) -> str:
    """Say how a run ended, and what it said last; where it stood, if it hung."""
    return f"exit {code}, {_told(folder)[-20 if code == _HUNG else -3 :]}"


def _recover(study: Study, folder: Path, reader: Reader, where: str) -> list[str]:
    reader.look()
    code = wait(study.run(folder), reader.look)
    wrong = []
    if code:
        wrong.append(
            f"{where}: the next run ended with {code}: {(folder / 'told.txt').read_text()}"
        )
    elif tree(folder / BUILD) != study.after:
        wrong.append(f"{where}: the next run made other bytes")
    wrong += [f"{where}: left {left}" for left in _left(folder)]
    if reader.looks["TORN"]:
        wrong.append(f"{where}: the reader saw a torn build")
    shutil.rmtree(folder)
    return wrong


def _left(folder: Path) -> list[str]:
    """Name what only a run that is at work may have there."""
    return [
        path.relative_to(folder).as_posix() for path in folder.rglob(".*")
        if not path.name.endswith(".lock") and path.name not in (".caodian-run", ".caodian-secret")
    ]  # fmt: skip


def _kinds(given: argparse.Namespace) -> list[str]:
    """Name what is done to each run in turn."""
    errors = [list(ERRORS)[n % len(ERRORS)] for n in range(given.errors)]
    stops = [STOPS[n % len(STOPS)] for n in range(given.stops)]
    return ["SIGKILL"] * given.kills + errors + ["RLIMIT_AS"] * given.limits + stops


def try_once(study: Study, chance: random.Random, kind: str) -> tuple[list[str], Counter[str]]:
    """Disturb one run; return what did not hold, and what the reader saw."""
    if kind == "SIGKILL":
        return kill_once(study, chance)
    if kind == "RLIMIT_AS":
        return limit_once(study, chance)
    if kind in STOPS:
        return stop_once(study, chance, kind)
    return break_once(study, chance, kind)


def main() -> None:
    """Kill and break runs, and print what held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--errors", type=int, default=60, help="in all, of each kind a third")
    parser.add_argument("--limits", type=int, default=0, help="runs with little memory (Linux)")
    parser.add_argument("--stops", type=int, default=0, help="runs told to stop, as by Ctrl-C")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", action="store_true", help="real pages, and one real figure")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    looks: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        study = prepare(Path(name).resolve(), real=given.real)
        with suppress(KeyboardInterrupt):  # then what was tried so far is told
            for kind in _kinds(given):
                found, seen = try_once(study, chance, kind)
                wrong, looks = wrong + found, looks + seen
                tried[kind] += 1
                for line in found:
                    print(line, flush=True)
    print(
        json.dumps({
            "tried": tried, "seed": given.seed, "calls that change files, a run": study.calls,
            "reader": dict(sorted(looks.items())), "did not hold": len(wrong),
        }, indent=1)
    )  # fmt: skip
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
