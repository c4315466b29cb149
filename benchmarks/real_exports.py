"""Report on every file of a folder of exports, as a user would, and tell what came of each.

    python benchmarks/real_exports.py FOLDER_OR_FILE… [--keep DIR] [--csv F] [--seconds 600]

For each file one `caodian report FILE --out …` runs in a process of its own, in an empty folder,
with the file's own dates as the window. The tables that it leaves are read, and one row a file is
printed:

- rows read, rejected and repeated; wall and CPU seconds; peak memory by the operating system;
- sections of the page that state something, and those that say they have nothing;
- findings stated: trends (growth, decline, flat), breaks and bursts, clusters, emerging grievances,
  entries of the black and red list;
- posts in the window, negative items; of the negative items with a rating the share with five stars
  and with four or five; and the share of one-star posts that are negative items;
- the exit code, and the first line of what was said where no report was made.

A cell is `-` where a run has nothing of the kind. With `--keep` the build folders stay, one a file,
with what the command said, so that a person can read the reports. The script holds no data.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pandas as pd
import polars as pl

READ = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx", ".xls", ".parquet", ".zip", ".gz")
COLUMNS = (
    *("file", "read", "rejected", "repeats", "wall_s", "cpu_s", "peak_mb"),
    *("stated", "silent", "trends", "breaks", "clusters", "emerging", "listed"),
    *("posts", "negative", "five_star", "four_five_star", "one_star_found", "exit", "said"),
)
BEST, GOOD, WORST = 5, 4, 1


def list_exports(paths: list[Path]) -> list[Path]:
    """Return the files to report on: those named, and of a folder all that look like an export."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (each for each in path.rglob("*") if each.suffix.lower() in READ)
            found += sorted(each for each in inside if not each.name.startswith("."))
        else:
            found.append(path)
    return [path.absolute() for path in found]


def report_on(export: Path, folder: Path, seconds: float) -> dict[str, object]:
    """Run the command on one file in `folder`; return its row of the table."""
    beside = Path(sys.executable).with_name("caodian")
    program = str(beside) if beside.exists() else shutil.which("caodian")
    if program is None:
        raise SystemExit("the command caodian is not installed beside this Python")
    said = folder / "said.txt"
    start = time.perf_counter()
    with said.open("wb") as stream:
        child = subprocess.Popen(
            [program, "report", str(export), "--out", "build"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=stream,
        )  # fmt: skip
        alarm = threading.Timer(seconds, child.kill)
        alarm.start()
        _, status, usage = os.wait4(child.pid, 0)
        alarm.cancel()
    child.returncode = code = os.waitstatus_to_exitcode(status)
    row: dict[str, object] = {
        "file": f"{export.parent.name}/{export.name}",
        "wall_s": round(time.perf_counter() - start, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "exit": code,
        "said": "" if code == 0 else _first_complaint(said, seconds if code < 0 else None),
    }
    return row | describe_run(folder)


def describe_run(folder: Path) -> dict[str, object]:
    """Return what a run left in `folder`, by column; without its table a cell is left out."""
    row: dict[str, object] = {}
    for build in sorted((folder / "build").glob("*/tables")):
        row |= _describe_tables(build)
        row |= _describe_page(build.parent / "report.zh.html")
    for coded in sorted((folder / "data" / "processed").glob("*/coded")):
        row |= _describe_ratings(coded)
    return row


def _describe_tables(folder: Path) -> dict[str, object]:
    tables = {path.stem: pd.read_csv(path, keep_default_na=False) for path in folder.glob("*.csv")}
    row: dict[str, object] = {}
    if "reconciliation" in tables:
        sums = tables["reconciliation"].reindex(columns=["records_read", "rejected", "repeats"])
        row |= dict(
            zip(("read", "rejected", "repeats"), sums.astype(int).sum().tolist(), strict=True)
        )
    if "counts" in tables:
        items = tables["counts"].set_index("grievance")["items"]
        row |= {"posts": int(items["all"]), "negative": int(items["negative"])}
    for name, table, column, values in (
        ("trends", "trends", "verdict", ("growth", "decline", "flat")),
        ("breaks", "breaks", "is_found", ("true",)),
        ("listed", "watchlist", "list", ("black", "red")),
    ):
        if table in tables:
            cells = tables[table].get(column, pd.Series(dtype=object)).astype(str).str.lower()
            row[name] = int(cells.isin(values).sum())
    for name in ("clusters", "emerging"):
        if name in tables:
            row[name] = len(tables[name])
    return row


def _describe_page(page: Path) -> dict[str, object]:
    if not page.exists():
        return {}
    sections = re.findall(r"<section.*?</section>", page.read_text("utf-8"), flags=re.DOTALL)
    without = [each for each in sections if 'class="unsaid"' in each or 'class="absent"' in each]
    silent = sum(each.count("<li") or 1 for each in without)
    return {"stated": len(sections) - len(without), "silent": silent}


def _describe_ratings(folder: Path) -> dict[str, object]:
    files = sorted(folder.glob("*.parquet"))
    if not files:
        return {}
    posts = pl.scan_parquet(files).select("rating", "is_negative").drop_nulls("rating").collect()
    negative = posts.filter("is_negative")["rating"]
    worst = posts.filter(pl.col("rating") == WORST)["is_negative"]
    return {
        "five_star": _percent(negative >= BEST),
        "four_five_star": _percent(negative >= GOOD),
        "one_star_found": _percent(worst),
    }


def _percent(holds: pl.Series) -> str:
    return f"{100 * holds.sum() / len(holds):.0f} %" if len(holds) else "-"


def _first_complaint(said: Path, killed_after: float | None) -> str:
    lines = said.read_text("utf-8", errors="replace").splitlines()
    complaints = [line for line in lines if line.startswith(("caodian:", "Traceback", "Error"))]
    killed = "" if killed_after is None else f"stopped after {killed_after:.0f} s; "
    return killed + next(iter([*complaints, *reversed(lines)]), "")


def as_markdown(rows: list[dict[str, object]]) -> str:
    """Write the rows as a table that a terminal and a page show alike."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    for row in rows:
        cells = (str(row.get(name, "-")).replace("|", "/") for name in COLUMNS)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print one row a file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER_OR_FILE")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the build folders here")
    parser.add_argument("--csv", type=Path, metavar="F", help="write the table as CSV, too")
    parser.add_argument("--seconds", type=float, default=600, help="stop a run after this time")
    asked = parser.parse_args()
    rows = []
    for number, export in enumerate(list_exports(asked.paths), start=1):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            rows.append(report_on(export, folder, asked.seconds))
            print(as_markdown(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
            if asked.keep:
                kept = asked.keep / f"{number:02d}-{export.parent.name}-{export.stem}"[:120]
                kept.mkdir(parents=True, exist_ok=True)
                shutil.copy(folder / "said.txt", kept)
                if (folder / "build").exists():
                    shutil.copytree(folder / "build", kept / "build", dirs_exist_ok=True)
    print(as_markdown(rows))
    if asked.csv:
        pd.DataFrame(rows).reindex(columns=list(COLUMNS)).to_csv(asked.csv, index=False)


if __name__ == "__main__":
    main()
