"""Real runs of `caodian report` whose inputs change one by one, held to runs from an empty folder.

    python benchmarks/stale_inputs.py [--only WORD ...]

A study of 240 posts in two files, with an exposure file, a codebook of its own and an audit, is run
once. For each change the folder is copied, one input is changed, and the command runs again: what
it then publishes must be, byte for byte, what a run gives that begins with the same inputs and
nothing else; what cannot be read is refused, and the build that was there stays. Which steps were
done again is told by the stamps that they wrote, and printed; where an input tells nothing new,
none may be. Runs are forked from a process that has imported everything, and draw one figure.
Linux and macOS.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kills import _TEXTS, fork_run, prepare_forks, tree, wait

NAME = "mine"
BUILD = Path("build", NAME)
STUDY = """name: mine
title_zh: 我的
title_en: Mine
window: {start: 2020-06-01, end: 2020-06-20}
event_days: [2020-06-18]
sources: [table]
exposure: {file: exposure.csv, source: a yearbook}
claims:
- {id: C1, statement_zh: 甲, statement_en: A, kind: count, published: 5, grievance: delivery}
- {id: C2, statement_zh: 乙, statement_en: B, kind: trend, expected: flat, grievance: delivery}
"""
REPORT = ("report", "posts", "--study", "study.yaml", "--no-notebooks")
INPUTS = (
    "posts", "study.yaml", "exposure.csv", "codebook", "audit", "earlier", "posts.db",
    "posts.db-wal", ".caodian-secret",
)  # fmt: skip
_LETTERS = {
    "read": "R", "deduplicate": "D", "code": "C", "audit": "A", "measure": "M", "tables": "T",
    "figures": "F", "map": "P", "notebooks": "N", "report": "O",
}  # fmt: skip


@dataclass
class World:
    """A folder with all that a run reads, and how the run is asked for."""

    folder: Path
    words: list[str] = field(default_factory=lambda: list(REPORT))
    environment: dict[str, str] = field(default_factory=dict)

    def run(self) -> int:
        """Run the command here; return its exit code."""
        given = {"CAODIAN_SECRET": "one", "CAODIAN_CODEBOOK": str(self.folder / "codebook")}
        given |= self.environment
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        try:
            return wait(fork_run(self.folder, real=True, words=self.words))
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def steps(self) -> dict[str, int]:
        """Tell when each step was last done, by its stamp."""
        stamps = self.folder / "data" / "processed" / NAME / "stamps"
        return {path.stem: path.stat().st_mtime_ns for path in sorted(stamps.glob("*"))}

    def edit(self, name: str, old: str, new: str) -> None:
        """Change the first of some words in a file."""
        path = self.folder / name
        content = path.read_text("utf-8")
        if old not in content:
            raise SystemExit(f"{name} holds no {old!r}")
        path.write_text(content.replace(old, new, 1), encoding="utf-8")


Change = Callable[[World], None]


def edit(name: str, old: str, new: str) -> Change:
    """Change words of a file."""
    return lambda world: world.edit(name, old, new)


def asking(*words: str) -> Change:
    """Ask for more options."""
    return lambda world: world.words.extend(words)


def under(**values: str) -> Change:
    """Set variables of the environment."""
    return lambda world: world.environment.update(values)


def _rows(first: int, last: int) -> list[str]:
    rows = []
    for n in range(first, last):
        day = f"2020-06-{1 + n * 7 % 20:02d} {n % 24:02d}:10:00"
        text = f"{('京东', '淘宝', '得物')[n % 3]}{_TEXTS[n % len(_TEXTS)]}，第{n}次"
        rows.append(f"{n},{day},{text},u{n % 90},{1 + n % 5},{('618', '京东')[n % 2]},浙江,{text}")
    return rows


HEAD = "编号,发布时间,内容,用户昵称,评分,关键词,地区,备注"


def write_inputs(folder: Path, codebook: Path) -> None:
    """Write all inputs of a run; without Polars, whose threads no fork may follow."""
    (folder / "posts").mkdir(parents=True)
    for name, rows in (("a.csv", _rows(0, 160)), ("b.csv", _rows(160, 240))):
        (folder / "posts" / name).write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    (folder / "study.yaml").write_text(STUDY, "utf-8")
    names = ("京东", "淘宝", "得物", "拼多多", "苏宁易购")
    exposure = [f"{name},{100 * n}" for n, name in enumerate(names, start=1)]
    (folder / "exposure.csv").write_text("\n".join(["platform,exposure", *exposure]) + "\n")
    shutil.copytree(codebook, folder / "codebook")


def add_audit(world: World) -> None:
    """Draw an audit of the run that stands here, and have simulated coders fill it in."""
    script = (
        "import polars as pl\n"
        "from pathlib import Path\n"
        "from analysis.audit.sheets import draw_audit\n"
        "from analysis.audit.simulated_coders import fill\n"
        "from analysis.study import load_study\n"
        "posts = pl.read_parquet(sorted(Path('data/processed/mine/coded').glob('*.parquet')))\n"
        "study = load_study('study.yaml')\n"
        "draw_audit(posts, 'audit', size=60, seed=1, study=study, coder='fast')\n"
        "fill('audit', posts, error=0.1, seed=1)\n"
    )
    surrounding = {**os.environ, "CAODIAN_CODEBOOK": str(world.folder / "codebook")}
    subprocess.run([sys.executable, "-c", script], cwd=world.folder, env=surrounding, check=True)


def _mark(script: str) -> Change:
    """Change the sheets of the audit by a script that has all three at hand."""
    opened = (
        "import openpyxl\n"
        "names = ('coder-a', 'coder-b', 'adjudicated')\n"
        "books = {n: openpyxl.load_workbook(f'audit/{n}.xlsx') for n in names}\n"
        "first, second, third = (books[n].worksheets[0] for n in names)\n"
        "place = {c.value: c.column for c in first[1]}\n"
        "values = lambda s, r: [s.cell(r, c).value for n, c in place.items() if n != 'note']\n"
        "same = [r for r in range(2, first.max_row + 1) if values(first, r) == values(second, r)]\n"
        "row = next(r for r in same if first.cell(r, place['negative']).value == 1\n"
        "           and first.cell(r, place['unfair_terms']).value == 0)\n"
        "column = place['unfair_terms']\n"
    )
    saved = "for n in names:\n    books[n].save(f'audit/{n}.xlsx')\n"

    def change(world: World) -> None:
        words = [sys.executable, "-c", opened + script + saved]
        subprocess.run(words, cwd=world.folder, check=True)

    return change


# Where both coders agree nobody decides: a mark of one of them alone needs a row of the third.
fill_otherwise = _mark("first.cell(row, column).value = second.cell(row, column).value = 1\n")
decide_otherwise = _mark(
    "first.cell(row, column).value = 1\n"
    "third.append([c.value for c in first[row]])\n"
    "third.cell(third.max_row, place['note']).value = '≠ unfair_terms'\n"
)


def write_database(world: World, rows: int) -> None:
    """Write posts into a database."""
    with sqlite3.connect(world.folder / "posts.db") as base:
        base.execute("drop table if exists posts")
        base.execute("create table posts (编号 text, 发布时间 text, 内容 text)")
        parts = [row.split(",")[:3] for row in _rows(0, rows)]
        base.executemany("insert into posts values (?, ?, ?)", parts)


def from_database(world: World) -> None:
    """Ask for the database in place of the files."""
    world.words[1] = "sqlite:///posts.db"


def rename(old: str, new: str) -> Change:
    """Rename a file."""
    return lambda world: (world.folder / old).rename(world.folder / new)


def write(name: str, content: str) -> Change:
    """Write a file."""
    return lambda world: (world.folder / name).write_text(content, "utf-8")


def touch(world: World) -> None:
    """Give all inputs another time."""
    for path in world.folder.rglob("*"):
        if path.is_file() and path.relative_to(world.folder).parts[0] in INPUTS:
            path.touch()


def reorder(world: World) -> None:
    """Turn the rows of a file around."""
    path = world.folder / "posts" / "a.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n", "utf-8")


def first_code(world: World) -> tuple[str, str]:
    """Find the first English name of a code in the codebook."""
    content = (world.folder / "codebook" / "codebook.yaml").read_text("utf-8")
    found = re.search(r"^ *en: .+$", content[content.index("\ncodes:") :], re.MULTILINE)
    if found is None:
        raise SystemExit("the codebook names no code")
    return found[0], found[0] + " indeed"


def unseen(name: str, old: str, new: str) -> Change:
    """Change words of a file for as many others, and give it the times that it had."""

    def change(world: World) -> None:
        path, size = world.folder / name, (world.folder / name).stat()
        world.edit(name, old, new)
        if path.stat().st_size != size.st_size:
            raise SystemExit(f"{name} has another size")
        os.utime(path, ns=(size.st_atime_ns, size.st_mtime_ns))

    return change


def packed(*, old: str = "", new: str = "") -> Change:
    """Pack the second file with a changed word; its member and the archive keep their times."""

    def change(world: World) -> None:
        target = world.folder / "posts" / "b.zip"
        content = "\n".join([HEAD, *_rows(160, 240)]).replace(old, new) + "\n"
        member = zipfile.ZipInfo("b.csv", (2020, 6, 21, 0, 0, 0))
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr(member, content)
        os.utime(target, (1.6e9, 1.6e9))
        (world.folder / "posts" / "b.csv").unlink(missing_ok=True)

    return change


def linked(rows: tuple[int, int]) -> Change:
    """Have the second file be a link to some rows that lie among the inputs."""

    def change(world: World) -> None:
        target = world.folder / "earlier" / f"{rows[0]}.csv"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n".join([HEAD, *_rows(*rows)]) + "\n", "utf-8")
        link = world.folder / "posts" / "b.csv"
        link.unlink()
        link.symlink_to(Path("..") / "earlier" / target.name)

    return change


def logged(rows: int) -> Change:
    """Have rows of the database stand in its log alone, as where another program is at work."""

    def change(world: World) -> None:
        world.words[1] = "posts.db"
        script = (
            "import os, sqlite3, sys\n"
            "base = sqlite3.connect('posts.db')\n"
            "base.execute('pragma journal_mode=wal')\n"
            "base.execute('pragma wal_autocheckpoint=0')\n"
            "columns = '编号 text, 发布时间 text, 内容 text'\n"
            "base.execute(f'create table if not exists posts ({columns})')\n"
            "base.execute('delete from posts')\n"
            "rows = [line.rstrip('\\n').split('\\t') for line in sys.stdin]\n"
            "base.executemany('insert into posts values (?, ?, ?)', rows)\n"
            "base.commit()\n"
            "os._exit(0)\n"  # which leaves the log
        )
        told = "\n".join("\t".join(row.split(",")[:3]) for row in _rows(0, rows))
        words = [sys.executable, "-c", script]
        subprocess.run(words, cwd=world.folder, input=told, text=True, check=True)
        if not (world.folder / "posts.db-wal").stat().st_size:
            raise SystemExit("the log is empty")

    return change


def another_codebook(*, changed: bool) -> Change:
    """Name a copy of the codebook in the environment, with or without a change."""

    def change(world: World) -> None:
        copy = world.folder / "earlier" / "codebook"
        shutil.copytree(world.folder / "codebook", copy)
        world.environment["CAODIAN_CODEBOOK"] = str(copy)
        if changed:
            world.edit("earlier/codebook/codebook.yaml", *first_code(world))

    return change


def secret_file(world: World) -> None:
    """Give the secret in the file of the project, without the variable."""
    world.environment["CAODIAN_SECRET"] = ""
    (world.folder / ".caodian-secret").write_text("two\n", "utf-8")


def restored(world: World) -> None:
    """Change a file, run, and put back what it held."""
    path = world.folder / "posts" / "a.csv"
    was = path.read_bytes()
    world.edit("posts/a.csv", "漏水", "漏电")
    if world.run():
        raise SystemExit("the run between ended badly")
    path.write_bytes(was)


def spoil(name: str, content: bytes = b"{") -> Change:
    """Write into a file what cannot be read."""

    def change(world: World) -> None:
        (world.folder / name).write_bytes(content)

    return change


# What no run may be made of: it is refused in one sentence, and the build stays as it was.
REFUSED: dict[str, tuple[Change, Change | None]] = {
    "a codebook that is broken": (spoil("codebook/codebook.yaml"), None),
    "a rule that is broken": (spoil("codebook/rules/price.yaml"), None),
    "a codebook that is gone": (under(CAODIAN_CODEBOOK="/nowhere"), None),
    "an exposure that is no table": (spoil("exposure.csv", b"\0\0"), None),
    "no exposure": (lambda world: (world.folder / "exposure.csv").unlink(), None),
    "a study that is broken": (spoil("study.yaml"), None),
    "a sheet that is broken": (spoil("audit/coder-a.xlsx"), asking("--audit", "audit")),
    "an audit that is gone": (lambda world: shutil.rmtree(world.folder / "audit"),
                              asking("--audit", "audit")),
    "no export": (lambda world: shutil.rmtree(world.folder / "posts"), None),
    "a file that grew beyond reading": (spoil("posts/b.csv", b"\x1f\x8b\0"), None),
}  # fmt: skip


# What is changed, what must be asked for before that, and whether any step may be done again.
CHANGES: dict[str, tuple[Change, Change | None, bool]] = {
    "a word of a post": (edit("posts/a.csv", "漏水", "漏电"), None, True),
    "a time": (edit("posts/a.csv", "2020-06-01", "2020-06-02"), None, True),
    "a rating": (edit("posts/a.csv", ",u0,1,", ",u0,5,"), None, True),
    "an author": (edit("posts/a.csv", "u1,", "u2,"), None, True),
    "a row less": (edit("posts/b.csv", _rows(200, 201)[0] + "\n", ""), None, True),
    "the order of rows": (reorder, None, True),
    "a file more": (write("posts/c.csv", "\n".join([HEAD, *_rows(240, 260)]) + "\n"), None, True),
    "a file less": (lambda world: (world.folder / "posts/b.csv").unlink(), None, True),
    "a file renamed": (rename("posts/b.csv", "posts/c.csv"), None, True),
    "a file that is no export": (write("posts/notes.md", "x"), None, True),
    "an empty file more": (write("posts/d.csv", ""), None, True),
    "the time of all files": (touch, None, False),
    "--text-column": (asking("--text-column", "备注"), None, True),
    "--time-column none": (asking("--time-column", "发布时间"), None, True),
    "--author-column": (asking("--author-column", "关键词"), None, True),
    "--rating-column": (asking("--rating-column", "评分"), None, True),
    "--limit": (asking("--limit", "100"), None, True),
    "--coder": (asking("--coder", "keyword"), None, True),
    "--public": (asking("--public"), None, True),
    "--out": (asking("--out", "elsewhere"), None, True),
    "a title": (edit("study.yaml", "title_en: Mine", "title_en: Ours"), None, True),
    "the window": (edit("study.yaml", "2020-06-20", "2020-06-19"), None, True),
    "an event day": (edit("study.yaml", "event_days: [2020-06-18]", "event_days: [2020-06-17]"),
                     None, True),
    "a claim": (edit("study.yaml", "published: 5", "published: 50"), None, True),
    "what a claim expects": (edit("study.yaml", "expected: flat", "expected: growth"), None, True),
    "the source of the exposure": (edit("study.yaml", "a yearbook", "another"), None, True),
    "the seed": (write("study.yaml", STUDY + "seed: 5\n"), None, True),
    "the threshold": (write("study.yaml", STUDY + "thresholds: {negative: 0.6}\n"), None, True),
    "the similarity": (write("study.yaml", STUDY + "thresholds: {similarity: 0.6}\n"), None, True),
    "the channels": (write("study.yaml", STUDY + "channels: [weibo]\n"), None, True),
    "a minimum": (write("study.yaml", STUDY + "disclosure: {minimum_cell: 5}\n"), None, True),
    "quotes": (write("study.yaml", STUDY + "disclosure: {quotes: true}\n"), None, True),
    "a comment in the study": (write("study.yaml", STUDY + "# x\n"), None, False),
    "an exposure": (edit("exposure.csv", "得物,300", "得物,3000"), None, True),
    "a name in the codebook": (lambda world: world.edit("codebook/codebook.yaml",
                                                        *first_code(world)), None, True),
    "a term of the codebook": (
        edit("codebook/terms/product_quality.yaml", "  excepted: ", "  excepted: 漏水 "),
        asking("--coder", "keyword"), True),
    "a platform of the codebook": (edit("codebook/platforms.yaml", "得物(app)? ", ""), None, True),
    "a hidden file of the codebook": (write("codebook/.x.yaml", "x"), None, False),
    "the secret": (under(CAODIAN_SECRET="two"), None, True),
    "locale and zone": (under(LANG="tr_TR.UTF-8", LC_ALL="C", TZ="America/St_Johns"), None, False),
    "threads and seeds": (under(PYTHONHASHSEED="7", COLUMNS="20"), None, False),
    "an audit": (asking("--audit", "audit"), None, True),
    "a mark of both coders of the audit": (fill_otherwise, asking("--audit", "audit"), True),
    "a mark of the audit, and who decided": (decide_otherwise, asking("--audit", "audit"), True),
    "a note beside the audit": (write("audit/notes.txt", "x"), asking("--audit", "audit"), True),
    "no audit any more": (lambda world: world.words.__delitem__(slice(-2, None)),
                          asking("--audit", "audit"), True),
    "a database": (lambda world: write_database(world, 90), from_database, True),
    "a word, with size and time as before": (unseen("posts/a.csv", "漏水", "漏电"), None, True),
    "an exposure, likewise": (unseen("exposure.csv", "得物,300", "得物,900"), None, True),
    "a member of an archive, likewise": (packed(old="漏水", new="漏电"), packed(), True),
    "an archive packed again": (packed(), packed(), False),
    "where a link leads": (linked((160, 220)), linked((150, 240)), True),
    "a log of SQLite": (logged(90), logged(80), True),
    "a codebook elsewhere": (another_codebook(changed=False), None, False),
    "another codebook": (another_codebook(changed=True), None, True),
    "the secret in a file": (secret_file, None, True),
    "a folder within the folder": (lambda world: (
        (world.folder / "posts/more").mkdir(),
        (world.folder / "posts/b.csv").rename(world.folder / "posts/more/b.csv")), None, True),
    "what was changed and put back": (restored, None, True),
    "a mark of bytes before a file": (lambda world: (world.folder / "posts/b.csv").write_bytes(
        b"\xef\xbb\xbf" + (world.folder / "posts/b.csv").read_bytes()), None, True),
    "another encoding of a file": (lambda world: (world.folder / "posts/b.csv").write_bytes(
        (world.folder / "posts/b.csv").read_bytes().decode("utf-8").encode("gb18030")), None, True),
    "rights and owner of a file": (lambda world: (world.folder / "posts/b.csv").chmod(0o600),
                                   None, False),
    "files of an editor": (lambda world: [
        (world.folder / "posts" / name).write_text("x") for name in (".b.csv.swp", ".#b.csv")],
        None, False),
    "a home and folders of one's own": (
        under(HOME="/nowhere", TMPDIR="/tmp", XDG_CONFIG_HOME="/nowhere"), None, False),
    "options of libraries": (under(POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1", NO_COLOR="1",
                                   SOURCE_DATE_EPOCH="86400", POLARS_STREAMING_CHUNK_SIZE="7",
                                   MATPLOTLIBRC="/nowhere"), None, False),
    "a build published before": (
        edit("earlier/tables/counts.csv", "all,", "all,1"),
        asking("--public", "--since", "earlier"), True),
}  # fmt: skip


# What must come of a change that could tell nothing: the file that it changes.
TELLS = {
    "a term of the codebook": "tables/counts.csv",
    "a platform of the codebook": "tables/platforms.csv",
    "a mark of both coders of the audit": "tables/audit.csv",
    "a mark of the audit, and who decided": "tables/audit.csv",
}


def empty(folder: Path, given: World) -> World:
    """Give a folder that holds the inputs of another one and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in INPUTS:
        source = given.folder / name
        if source.is_dir():
            shutil.copytree(source, folder / name, symlinks=True)
        elif source.exists():
            shutil.copy2(source, folder / name)
    return World(folder, list(given.words), dict(given.environment))


def built(world: World) -> dict[str, str]:
    """Hash all files that a run has published."""
    out = world.words[world.words.index("--out") + 1] if "--out" in world.words else "build"
    return tree(world.folder / out / NAME)


def begin(place: Path, first: World, before: Change | None, *, has_base: bool = False) -> World:
    """Give a copy of what the first run left, after another where something is asked for before.

    Raises
    ------
    SystemExit
        When that other run ended badly.
    """
    world = World(place / "here", list(first.words))
    shutil.rmtree(world.folder, ignore_errors=True)
    shutil.copytree(first.folder, world.folder, symlinks=True)
    if has_base:
        write_database(world, 80)
    if before is not None:
        before(world)
        if code := world.run():
            told = (world.folder / "told.txt").read_text("utf-8")
            raise SystemExit(f"the run before ended with {code}: {told}")
    return world


def refuse(place: Path, first: World, name: str) -> str:
    """Spoil one input and tell what was not as it must be: a sentence, and the build as it was."""
    change, before = REFUSED[name]
    world = begin(place, first, before)
    was = built(world)
    change(world)
    code = world.run()
    told = (world.folder / "told.txt").read_text("utf-8").splitlines()
    said = [line for line in told if not line.endswith((": done", ": unchanged"))]
    is_said = len(said) == 1 and said[0].startswith("caodian: ") and "no rule" not in said[0]
    wrong = []
    if code != 1 or not is_said:
        wrong.append(f"ended with {code}: {said[-3:]}")
    if built(world) != was:
        wrong.append("the build is another")
    print(f"{name:34} refused  {'; '.join(wrong) or said[0][:90]}", flush=True)
    return "; ".join(wrong)


def attempt(place: Path, first: World, name: str) -> str:
    """Change one input and tell what came of it; empty where all was as it must be."""
    change, before, may_run = CHANGES[name]
    world = begin(place, first, before, has_base=name == "a database")
    known, was = world.steps(), built(world)
    change(world)
    code = world.run()
    done = [step for step, when in world.steps().items() if known.get(step) != when]
    fresh = empty(place / "fresh", world)
    if (elsewhere := world.environment.get("CAODIAN_CODEBOOK", "")).startswith(str(world.folder)):
        within = Path(elsewhere).relative_to(world.folder)
        fresh.environment["CAODIAN_CODEBOOK"] = str(fresh.folder / within)
    other = fresh.run()
    letters = "".join(letter for step, letter in _LETTERS.items() if step in done)
    wrong = []
    if (code, other) != (0, 0):
        told = (world.folder / "told.txt").read_text("utf-8").strip()[-200:]
        wrong.append(f"ended with {code} and {other}: {told}")
    now, due = built(world), built(fresh)
    if now != due:
        names = sorted(name for name in now.keys() | due if now.get(name) != due.get(name))
        wrong.append(f"STALE: {', '.join(names[:6])}")
    if (told := TELLS.get(name)) and now.get(told) == was.get(told):
        wrong.append(f"tells nothing: {told} is what it was")
    if not may_run and (done or now != was):
        wrong.append("done again for nothing")
    changed = sum(now.get(name) != was.get(name) for name in now.keys() | was)
    print(
        f"{name:34} {letters or '-':12} {changed:4} files changed  {'; '.join(wrong)}", flush=True
    )
    return "; ".join(wrong)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try each change, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args(arguments)
    names = [
        name for name in [*CHANGES, *REFUSED]
        if not asked.only or any(word in name for word in asked.only)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        prepare_forks(place, real=True)
        first = World(place / "one")
        write_inputs(first.folder, Path(__file__).parents[1] / "codebook")
        if first.run():
            print((first.folder / "told.txt").read_text("utf-8"))
            return 1
        add_audit(first)
        earlier = first.folder / "earlier" / "tables"
        shutil.copytree(first.folder / BUILD / "tables", earlier)
        wrong = {}
        for one in names:
            if told := (attempt if one in CHANGES else refuse)(place, first, one):
                wrong[one] = told
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{len(names)} inputs, {len(wrong)} wrong; {used.ru_utime + used.ru_stime:.0f} s of CPU")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
