"""Planted personal data: no command that writes may leave any of it outside `data/raw`.

    python benchmarks/canary_walk.py [--kind csv] [--only report,audit] [--keep FOLDER]
        [--notebooks] [--desk]

The export of `canaries.py` in one container is walked through the commands as an owner would: a
report with quotes and an audit, drawn, filled in, settled, gold and scored; the report
with it; a public one since the first; what is shared of both; figures, `verify`, `privacy scan`;
then the stages one by one behind `ingest` and `mask`, finds, a draft of a code, trends and a coder
that is learnt from the audit; at last, commands that refuse. What each says, and every byte that
then stands outside `data/raw`, is searched. One figure is drawn; `--notebooks` executes them in
both languages, too, which takes minutes. `--desk` then does what is done at a desk: executes a
notebook of one's own, which reads the export by `import analysis`, opens the run, and fails in a
cell; asks the page of `caodian explore` for all posts, reasons and files; opens `caodian lab`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import canaries as planted
import kills
from canaries import COLUMNS, NAMES, Canary, Rows

NAME = "walk"
TEXT = COLUMNS["text"]
STUDY = f"""
name: {NAME}
title_zh: 618 投诉
title_en: Complaints of 618
window: {{start: 2020-06-01, end: 2020-06-20}}
event_days: [2020-06-16, 2020-06-17, 2020-06-18]
sources: [table]
disclosure: {{minimum_cell: 1, quotes: true}}
"""
# What people wrote to whom nothing was planted, so that there are topics, trends and codes.
_PLAIN = (
    "用了三天就漏水，客服说不归他们管", "师傅专业，很满意", "价格太贵，买完就降价，拒绝保价",
    "物流太慢了，等了十天还没发货", "主播虚假宣传，退货不给退", "天天发短信骚扰，退订无效",
    "红包抢了四十个才几毛，规则不公平", "鉴定为假，专柜不认，平台偏袒商家",
)  # fmt: skip


class Step(NamedTuple):
    """A command: whether it may be refused, and its words."""

    name: str
    words: tuple[str, ...]
    ends: int = 0


def steps(export: str, notebooks: str) -> list[Step]:
    """List the commands in the order in which they are walked."""
    build, shown = f"build/{NAME}", f"public/{NAME}"
    study = ("--study", "study.yaml")
    by_text = ("--text-column", "text")

    def step(words: str, *more: str, ends: int = 0) -> Step:
        return Step(words.split(maxsplit=1)[0], (*words.split(), *more), ends)

    return [
        step(f"report {export} {notebooks}", *study),
        step(f"audit draw {build} --size 60 --out audit"),
        step("audit fill audit --truth data/raw/truth.parquet --error 0.2"),
        step("audit disputes audit"),  # then `settle` fills in the third form
        step("audit gold audit --size 20"),
        step("audit fill audit --truth data/raw/truth.parquet --gold"),
        step("audit score audit --out scored.csv"),
        step(f"report {export} --audit audit {notebooks}", *study),
        step(f"report {export} --public --out public --since {build}", *study),
        step(f"share {build} --out share"),
        step(f"share {shown} --out share-public"),
        step(f"figures {build} --format svg,pdf,png --only grievances --out drawn"),
        step(f"verify {build}"),
        step(f"verify {build} --rerun {export}"),
        step(f"privacy scan {build} share audit", ends=0),
        step(f"privacy scan {export}", ends=1),
        step(f"ingest {export} --out data/raw/ingested.parquet --rejects rejects.csv", *study),
        step(f"ingest {export} --explain"),
        step("clean data/raw/ingested.parquet --out data/raw/cleaned.parquet", *by_text),
        step("mask data/raw/cleaned.parquet --out masked.csv", *by_text),
        step("mask data/raw/cleaned.parquet --out masked.jsonl", *by_text),
        step("mask data/raw/cleaned.parquet --out masked.xlsx", *by_text),
        step("deduplicate masked.csv --out families.parquet", *by_text),
        step("sentiment families.parquet --out scored.parquet", *by_text),
        step("code scored.parquet --out coded.jsonl", *by_text),
        step("code scored.parquet --out coded.csv", *by_text),
        step("code scored.parquet --out coded.xlsx", *by_text),
        step("cluster coded.jsonl --out topics --map topics.html"),
        step("emerging coded.jsonl --out emerging.csv"),
        step("codebook draft topics/posts.parquet topics/clusters.csv --row 0 --name odd"
             " --out draft.yaml"),
        step("codebook accept draft.yaml --codebook my-codebook"),
        step(f"trend {build}/tables/daily.csv --out trends.csv", *study),
        step("train coder --from audit --out coder"),
        step("audit draw coded.jsonl --size 20 --out audit-of-file"),
        # Refusals: what is named is masked.
        step(f"report {export} --public --text-column", "联系人：欧阳文华", ends=1),
        step(f"mask {export} --out x.csv --text-column", "联系人：欧阳文华", ends=1),
        step(f"code {export} --out x.csv --text-column", "联系人：欧阳文华", ends=1),
        step("cluster masked.csv --out x", ends=1),
        step("trend masked.csv --out x.csv", ends=1),
        step("audit score audit-of-file --out x.csv", ends=1),
        step(f"verify {build} --rerun data/raw/ingested.parquet", ends=1),
    ]  # fmt: skip


def fill(folder: Path, kind: str, rows: Rows, names: Mapping[str, str] = COLUMNS) -> str:
    """Lay the export and the study into a folder; return the export's name."""
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    (folder / "tmp").mkdir()
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    planted.write_export(raw / NAMES[kind], rows, names=names)
    return (raw / NAMES[kind]).relative_to(folder).as_posix()


def with_plain(rows: Rows, number: int) -> Rows:
    """Add posts that name nobody, among the planted ones."""
    chance = random.Random(5)
    more = [
        dict.fromkeys(COLUMNS, "") | {
            "post_id": f"n{n}", "author": f"v{n}", "channel": "weibo",
            "text": f"{chance.choice(_PLAIN)}，{chance.choice(_PLAIN)}，第{n}次",
            "time": f"2020-06-{n % 20 + 1:02d} 1{n % 10}:00",
        }
        for n in range(number)
    ]  # fmt: skip
    return [*rows, *more]


def write_truth(folder: Path) -> None:
    """Take what the coder called for what is true, for coders who err."""
    import polars as pl

    coded = pl.read_parquet(folder / f"data/processed/{NAME}/coded/*.parquet")
    columns = ["source", "post_id", "is_negative", "grievances", "voice"]
    coded.select(columns).write_parquet(folder / "data" / "raw" / "truth.parquet")


def settle(folder: Path) -> None:
    """Decide what the two coders differ on: each such post is a negative item."""
    import openpyxl

    path = folder / "audit" / "adjudicated.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == "negative")
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column, 1)
    book.save(path)


def walk(folder: Path, canaries: Sequence[Canary], listed: Sequence[Step]) -> list[str]:
    """Run the commands; return what was found, and which ended otherwise than they should."""
    found, said = [], []
    for step in listed:
        clock = time.time()
        code = kills.wait(kills.fork_run(folder, words=step.words, real=True))
        told = (folder / "told.txt").read_text(encoding="utf-8", errors="replace")
        line = " ".join(step.words)
        print(f"{code} {time.time() - clock:5.1f} s  {line}", file=sys.stderr, flush=True)
        if code != step.ends:
            said.append(f"exit {code}, not {step.ends}: {line}\n{told[-1500:]}")
        found += [
            f"said by {line}: {one.kind} of {one.place}"
            for one in planted.found_in([told], canaries)
        ]
        (folder / "told.txt").unlink()
        if not (folder / "data/raw/truth.parquet").exists() and step.name == "report":
            planted._apart(lambda: write_truth(folder))
        if step.words[:2] == ("audit", "disputes"):
            planted._apart(lambda: settle(folder))
    raw = folder / "data" / "raw"
    found += [f"{file}: {kind} of {place}" for kind, place, file in planted.leaks(
        folder, raw, list(canaries))]  # fmt: skip
    return [*found, *said]


# At a desk. What a notebook shows of posts that were not masked is what its owner asked for: this
# one masks them, and shows all of the rest.

_OWN = (
    "import analysis as cd\nposts = cd.read_posts({export!r})",
    "posts = cd.code_grievances(cd.score_sentiment(cd.find_families(cd.mask(cd.clean(posts)))))",
    "import pandas as pd\npd.set_option('display.max_rows', None, 'display.max_columns', None,"
    " 'display.max_colwidth', None)\npd.DataFrame(posts)",
    "print(pd.DataFrame(posts).to_csv())",
    "cd.explain(posts['text'][0])", "cd.cluster_topics(posts)",
    "cd.plot_grievances(cd.count_grievances(posts))",
    "run = cd.open_run({build!r})\nrun", "run.posts",
    # The cell spells the name in numbers: what fails in it must not tell the name.
    "cd.read_posts({export!r}, columns=dict(text=bytes.fromhex({column!r}).decode()))",
)  # fmt: skip


def execute_own(folder: Path, export: str) -> None:
    """Execute a notebook of one's own in the folder, past what fails in it, and save it."""
    import nbformat
    from nbclient import NotebookClient

    column = "联系人：欧阳文华".encode().hex()
    given = {"export": export, "build": f"build/{NAME}", "column": column}
    cells = [nbformat.v4.new_code_cell(_fill_in(cell, given)) for cell in _OWN]
    book = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        book, timeout=900, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env={**os.environ})
    nbformat.write(book, folder / "own.ipynb")
    failed = [
        out.ename for cell in book.cells for out in cell.outputs if out.output_type == "error"
    ]
    print(f"own notebook: {len(cells)} cells, {failed}", file=sys.stderr, flush=True)


def _fill_in(cell: str, given: Mapping[str, str]) -> str:
    return cell.format(**given) if "!r}" in cell else cell


def explore(folder: Path) -> None:
    """Ask the page of a run for everything, and keep its answers in the folder."""
    from analysis.cli import lab
    from analysis.reporting.explore import Explorer
    from analysis.reporting.saved_run import open_run

    explorer = Explorer(open_run(folder / "build" / NAME, "zh"))
    answers = folder / "answers"
    answers.mkdir()
    (answers / "page.html").write_text(lab.explore_page(explorer, "x"), "utf-8")
    choice: dict[str, object] = {}
    for page in range(1, 6):
        asked = {"choice": choice, "page": page}
        (answers / f"view-{page}.json").write_bytes(lab._view(explorer, asked)[0])
    for post in range(100):
        (answers / f"why-{post}.json").write_bytes(lab._why(explorer, {"post": post})[0])
    (answers / "spell.json").write_bytes(lab._spell(explorer, {"choice": choice})[0])
    for kind in ("csv", "svg", "pdf"):
        asked = {"choice": choice, "kind": kind, "width": 160}
        (answers / f"saved.{kind}").write_bytes(lab._save(explorer, asked)[0])


def open_lab(folder: Path) -> None:
    """Open JupyterLab where the run was made, until it answers, and end it."""
    own = {f"JUPYTER_{name}_DIR": str(folder / "jupyter" / name.lower())
           for name in ("RUNTIME", "CONFIG", "DATA")}  # fmt: skip
    words = [
        sys.executable,
        "-c",
        "from analysis.cli.main import main; main()",
        "lab",
        "--no-browser",
        "--port",
        "9377",
    ]
    with (folder / "lab.txt").open("wb") as told:
        process = subprocess.Popen(
            words, cwd=folder, env={**os.environ, **own}, stdout=told, stderr=told
        )
        for _ in range(240):
            time.sleep(0.5)
            if b"127.0.0.1:9377" in (folder / "lab.txt").read_bytes() or process.poll() is not None:
                break
        print(f"lab: ended before: {process.poll()}", file=sys.stderr, flush=True)
        process.terminate()
        process.wait(60)


def sit_down(folder: Path, export: str) -> None:
    """Do what somebody does at a desk, each in a process of its own."""
    planted._apart(lambda: execute_own(folder, export))
    # Not forked: pages are asked of threads, and a fork has none of its parent's.
    here = [sys.executable, __file__, "--explore", str(folder)]
    print(f"explore: {subprocess.run(here, check=False).returncode}", file=sys.stderr, flush=True)
    open_lab(folder)


def main() -> None:
    """Walk through the commands and print what is found of the canaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", default="csv", choices=NAMES, help="container of the export")
    parser.add_argument("--only", default="", help="commands, by their first words")
    parser.add_argument("--plain", type=int, default=300, help="posts in which nothing is planted")
    parser.add_argument("--keep", type=Path, help="folder in which all that was written stays")
    parser.add_argument("--notebooks", action="store_true", help="execute the notebooks")
    parser.add_argument("--desk", action="store_true", help="a notebook of one's own, explore, lab")
    parser.add_argument("--explore", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.explore:
        os.chdir(given.explore)
        explore(given.explore)
        return
    rows, canaries = planted.plant()
    canaries = [*canaries, Canary("name", "option", "欧阳文华")]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name).resolve()
        folder = given.keep.resolve() if given.keep else place / "run"
        temporary = folder / "tmp"
        temporary.mkdir(parents=True)
        tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
        kills.prepare_forks(place)
        shutil.rmtree(folder)
        export = planted._apart(lambda: fill(folder, given.kind, with_plain(rows, given.plain)))
        since = time.time()
        kills._HANGS = 3600  # notebooks take minutes
        notebooks = "--notebooks" if given.notebooks else "--no-notebooks"
        only = given.only.split(",") if given.only else []
        listed = [step for step in steps(export, notebooks) if not only or step.name in only]
        found = walk(folder, canaries, listed)
        if given.desk:
            sit_down(folder, export)
            raw = folder / "data" / "raw"
            left = planted.leaks(folder, raw, list(canaries))
            found += [f"{file}: {kind} of {place}" for kind, place, file in left]
        cached = planted.found_in(list(planted._new_in_cache(since)), canaries)
        found += [f"cache: {one.kind} of {one.place}" for one in cached]
    print(*found, sep="\n", end="\n" * bool(found))
    print(json.dumps({"canaries": len(canaries), "found": len(found)}))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
