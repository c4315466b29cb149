"""Runs that are killed, or meet a full, closed or broken disk, while a reader looks at the build.

    python benchmarks/kills.py [--kills 200] [--errors 60] [--seed 1]

A small study stands built from one export; its export then changes, and `caodian report` is ended
at a random one of the calls that change a file or folder: by SIGKILL, at the call or some
milliseconds after it, or by ENOSPC, EROFS or EIO at that call and all later ones. Calls are counted
by an audit hook of the interpreter. Meanwhile a reader polls the build: each time it must find all
files that a manifest names and no other, as they are before the change or after it. The next run
must end well, with the bytes of a run that nobody disturbed, and leave nothing unfinished; a run
that met an error must have said one sentence and have ended with exit 1.

A run draws one figure only, and is forked from a process that has imported everything, so that two
hundred take minutes. Linux and macOS.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from analysis.cli.main import main as caodian
from analysis.reporting import figures

_WARM = ("cli.report", "pipeline.run", "clusters.topics", "reporting.topic_map")
EXPORT = "reviews.csv"
BUILD = Path("build/reviews")
ERRORS = {"ENOSPC": errno.ENOSPC, "EROFS": errno.EROFS, "EIO": errno.EIO}
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.chmod", "os.truncate")
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


def fork_run(folder: Path, hook: Callable[[str, tuple[object, ...]], None] | None = None) -> int:
    """Start `caodian report` on the export of a folder; return the process."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.chdir(folder)
        told = os.open("told.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(told, 1)
        os.dup2(told, 2)
        only = next(iter(figures._FIGURES))
        for name in set(figures._FIGURES) - {only}:
            del figures._FIGURES[name]
        if hook is not None:
            sys.addaudithook(hook)
        caodian(["report", EXPORT])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def wait(process: int, look: Callable[[], None] | None = None) -> int:
    """Wait for a process; return its exit code, negative for the signal that ended it."""
    while look is not None:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        look()
        time.sleep(0.003)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def counting(
    root: Path, at: int, then: Callable[[str, str], None]
) -> Callable[[str, tuple[object, ...]], None]:
    """Make a hook that calls `then` at the call of that number and at each later one."""
    seen = 0
    within = os.fspath(root)

    def hook(event: str, words: tuple[object, ...]) -> None:
        nonlocal seen
        if event == "open":
            flags = words[2] if isinstance(words[2], int) else 0
            if not flags & (os.O_WRONLY | os.O_RDWR):
                return
        elif event not in _CHANGES:
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

    def look(self) -> None:
        """Read the build once: its manifest, its files, and whether it was replaced meanwhile."""
        before = self._manifest()
        try:
            found = tree(self.build)
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

    def _manifest(self) -> bytes:
        try:
            return (self.build / "manifest.json").read_bytes()
        except OSError:
            return b""


@dataclass
class Study:
    """A built study whose export has changed, and what a run nobody disturbs makes of it."""

    start: Path
    before: dict[str, str]
    after: dict[str, str]
    calls: int


def prepare(place: Path) -> Study:
    """Build the small study, change its export, and see what an undisturbed run makes of that."""
    for name in _WARM:  # before any run is forked
        importlib.import_module(f"analysis.{name}")
    start, trial = place / "start", place / "run"
    start.mkdir()
    write_export(start, 60)
    _require(wait(fork_run(start)) == 0, start)
    before = tree(start / BUILD)
    write_export(start, 90)
    shutil.copytree(start, trial)
    count = place / "calls"
    lines = count.open("ab", buffering=0)
    _require(wait(fork_run(trial, counting(trial, 1, lambda *_: lines.write(b".") and None))) == 0,
        trial)  # fmt: skip
    lines.close()
    study = Study(start, before, tree(trial / BUILD), count.stat().st_size)
    shutil.rmtree(trial)
    _require(study.before != study.after, trial)
    return study


def _require(held: bool, folder: Path) -> None:
    if not held:
        sys.exit(f"a run that nobody disturbs must end well: {(folder / 'told.txt').read_text()}")


def kill_once(study: Study, place: Path, chance: random.Random) -> tuple[list[str], Counter[str]]:
    """Kill a run at a random call; return what did not hold, and what the reader saw."""
    folder = shutil.copytree(study.start, place / "run")
    delay = chance.choice([0.0, chance.uniform(0, 0.02)])
    at, kill = chance.randint(1, study.calls), signal.SIGKILL

    def end(*_: str) -> None:
        if delay:
            signal.setitimer(signal.ITIMER_REAL, delay)  # nobody handles it: the system ends us
        else:
            os.kill(os.getpid(), kill)

    reader = Reader(folder / BUILD, [study.before, study.after])
    code = wait(fork_run(folder, counting(folder, at, end)), reader.look)
    wrong = [] if code in (-kill, -signal.SIGALRM, 0) else [f"call {at}: ended with {code}"]
    return wrong + _recover(study, folder, reader, f"call {at}"), reader.looks


def break_once(
    study: Study, place: Path, chance: random.Random, name: str
) -> tuple[list[str], Counter[str]]:
    """Let a random call and all later ones fail; return what did not hold."""
    folder = shutil.copytree(study.start, place / "run")
    at, number = chance.randint(1, study.calls), ERRORS[name]

    def fail(event: str, path: str) -> None:
        if name != "ENOSPC" or event not in _TAKES_NO_SPACE:
            raise OSError(number, os.strerror(number), path)

    reader = Reader(folder / BUILD, [study.before, study.after])
    code = wait(fork_run(folder, counting(folder, at, fail)), reader.look)
    told = [
        line for line in (folder / "told.txt").read_text().splitlines()
        if not line.endswith((": done", ": unchanged", ".html"))
    ]  # fmt: skip
    wrong = []
    is_said = len(told) == 1 and told[0].startswith("caodian: ") and "no rule" not in told[0]
    if code not in (0, 1) or (code == 1 and not is_said):
        wrong.append(f"{name} at call {at}: exit {code}, {told[-3:]}")
    return wrong + _recover(study, folder, reader, f"{name} at call {at}"), reader.looks


def _recover(study: Study, folder: Path, reader: Reader, where: str) -> list[str]:
    reader.look()
    code = wait(fork_run(folder), reader.look)
    wrong = []
    if code:
        wrong.append(
            f"{where}: the next run ended with {code}: {(folder / 'told.txt').read_text()}"
        )
    elif tree(folder / BUILD) != study.after:
        wrong.append(f"{where}: the next run made other bytes")
    left = [
        path.relative_to(folder).as_posix() for path in folder.rglob(".*")
        if not path.name.endswith(".lock") and path.name not in (".caodian-run", ".caodian-secret")
    ]  # fmt: skip
    if left:
        wrong.append(f"{where}: left {', '.join(left)}")
    if reader.looks["TORN"]:
        wrong.append(f"{where}: the reader saw a torn build")
    shutil.rmtree(folder)
    return wrong


def main() -> None:
    """Kill and break runs, and print what held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--errors", type=int, default=60, help="in all, of each kind a third")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    looks: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name).resolve()
        study = prepare(place)
        for _ in range(given.kills):
            found, seen = kill_once(study, place, chance)
            wrong, looks = wrong + found, looks + seen
        for n in range(given.errors):
            found, seen = break_once(study, place, chance, list(ERRORS)[n % len(ERRORS)])
            wrong, looks = wrong + found, looks + seen
    for line in wrong:
        print(line)
    print(
        json.dumps({
            "kills": given.kills, "errors": given.errors, "seed": given.seed,
            "calls that change files, a run": study.calls, "reader": dict(sorted(looks.items())),
            "did not hold": len(wrong),
        }, indent=1)
    )  # fmt: skip
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
