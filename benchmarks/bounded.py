"""Files that would fill the memory or never end, each given to the command: seconds and memory.

    python benchmarks/bounded.py [CASE ...]

Each case is made in a folder of its own and read by `caodian` in a process of its own, of which,
with the processes that it starts, processor time and peak memory are printed beside how it ended.
Exit 1 where one takes more than 60 s of the processor (a whole report: 180 s) or 1.5 GB, ends by a
signal, writes beyond its folder, or says anything but what a rule says. Linux and macOS.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

MOST_SECONDS, MOST_MEGABYTES = {"ingest": 60, "report": 180}, 1_500
_HANGS = 900  # seconds
_HEADER = "评论时间,评论内容\n"
_DAY = "2020-06-03 10:00:00"


def _many_members(folder: Path) -> list[str]:
    with zipfile.ZipFile(folder / "many.zip", "w") as archive:
        for n in range(1_500):
            archive.writestr(f"{n}.csv", f"{_HEADER}{_DAY},快递太慢了，第{n}次\n")
    return ["ingest", "many.zip", "--out", "posts.parquet"]


def _far_dates(folder: Path) -> list[str]:
    days = [_DAY] * 300 + ["1996-01-01 08:00:00", "2099-12-31 08:00:00"]
    rows = "".join(f"{day},快递太慢了，第{n}次\n" for n, day in enumerate(days))
    (folder / "dates.csv").write_text(_HEADER + rows, encoding="utf-8")
    return ["report", "dates.csv"]


def _no_days(folder: Path) -> list[str]:
    days = ["1920-01-01", "0001-01-01", "9999-12-31", "0", "60", "2958466", "253402300800"]
    rows = "".join(f"{day},快递太慢了，第{n}次\n" for n, day in enumerate([_DAY] * 300 + days))
    (folder / "days.csv").write_text(_HEADER + rows, encoding="utf-8")
    return ["ingest", "days.csv", "--out", "posts.parquet"]


def _pipe(folder: Path) -> list[str]:
    os.mkfifo(folder / "pipe.csv")
    return ["report", "pipe.csv"]


def _pipe_in_folder(folder: Path) -> list[str]:
    _far_dates(folder)
    os.mkfifo(folder / "pipe.csv")
    return ["ingest", ".", "--out", "posts.parquet"]


def _folder_above(folder: Path) -> list[str]:
    _far_dates(folder)
    return ["report", ".."]


def _folder_itself(folder: Path) -> list[str]:
    _far_dates(folder)
    return ["report", "."]


def _open_quotes(folder: Path) -> list[str]:
    row = f'{_DAY},"快递太慢了\n'
    (folder / "open.csv").write_text(_HEADER + row * 300_000, encoding="utf-8")
    return ["ingest", "open.csv", "--out", "posts.parquet"]


def _one_text(folder: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.DictionaryArray.from_arrays(
        pa.array([0] * 1_000_000, pa.int32()), pa.array(["没人管" * 5_000])
    )
    table = pa.table({"评论内容": text, "评论时间": pa.array([_DAY] * 1_000_000)})
    pq.write_table(table, folder / "shared.parquet", use_dictionary=True)
    return ["ingest", "shared.parquet", "--out", "posts.parquet"]


def _far_cell(folder: Path) -> list[str]:
    import xlsxwriter

    with xlsxwriter.Workbook(folder / "far.xlsx") as book:
        sheet = book.add_worksheet()
        for place, row in enumerate((("评论时间", "评论内容"), (_DAY, "没人管"))):
            sheet.write_row(place, 0, row)
        sheet.write(1_048_575, 16_383, "x")
    return ["ingest", "far.xlsx", "--out", "posts.parquet"]


def _bomb(folder: Path) -> list[str]:
    with (
        zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as member,
    ):
        member.write(_HEADER.encode())
        for _ in range(2_000):
            member.write(b"0" * (1 << 20))
    return ["ingest", "bomb.zip", "--out", "posts.parquet"]


def _many_columns(folder: Path) -> list[str]:
    names = ",".join(["评论时间", "评论内容", *(f"c{n}" for n in range(100_000))])
    (folder / "wide.csv").write_text(f"{names}\n{_DAY},没人管\n", encoding="utf-8")
    return ["ingest", "wide.csv", "--out", "posts.parquet"]


def _long_line(folder: Path) -> list[str]:
    line = f'{{"评论时间": "{_DAY}", "评论内容": "{"没人管" * 1_600_000}"}}\n'
    (folder / "line.jsonl").write_text(line * 2, encoding="utf-8")
    return ["ingest", "line.jsonl", "--out", "posts.parquet"]


def _gigabyte(
    name: str, before: str, after: str, piece: str = "没人管"
) -> Callable[[Path], list[str]]:
    """Make a file in which a text of a gigabyte stands on one line between two others."""

    def make(folder: Path) -> list[str]:
        block = (piece * ((1 << 20) // len(piece.encode()))).encode()
        with (folder / name).open("wb") as file:
            file.write(before.encode())
            for _ in range(1 << 10):
                file.write(block)
            file.write(after.encode())
        return ["ingest", name, "--out", "posts.parquet"]

    return make


def _sparse(folder: Path) -> list[str]:
    with (folder / "sparse.csv").open("wb") as file:
        file.write(_ROWS.encode())
        file.seek(1 << 30)
        file.write(f"\n{_DAY},没人管".encode())
    return ["ingest", "sparse.csv", "--out", "posts.parquet"]


_ROWS = _HEADER + "".join(f"{_DAY},快递太慢了，第{n}次\n" for n in range(9))
_OBJECTS = [f'{{"评论时间": "{_DAY}", "评论内容": "快递太慢了，第{n}次"}}' for n in range(9)]
_WIDE = _OBJECTS[1][:-1] + f', "页面": "{"<p>" * 300_000}"}}'
_OPEN = f'{{"评论时间": "{_DAY}", "评论内容": "'


def _endless_view(folder: Path) -> list[str]:
    database = sqlite3.connect(folder / "view.db")
    database.execute(
        "CREATE VIEW weibo AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        f" SELECT '{_DAY}' AS 评论时间, '没人管' || i AS 评论内容 FROM n"
    )
    database.close()
    return ["ingest", "view.db", "--out", "posts.parquet"]


CASES: dict[str, Callable[[Path], list[str]]] = {
    "a zip of 1,500 members": _many_members,
    "dates of 1996 and 2099 beside 2020": _far_dates,
    "days of other centuries": _no_days,
    "a pipe": _pipe,
    "a pipe in a folder": _pipe_in_folder,
    "the folder above": _folder_above,
    "the folder itself": _folder_itself,
    "rows that each open a quote": _open_quotes,
    "one text that a million rows share": _one_text,
    "a cell in the last row and column": _far_cell,
    "2 GB of noughts in a zip": _bomb,
    "100,000 columns": _many_columns,
    "two lines of 14 MB": _long_line,
    "a view that never ends": _endless_view,
    "a line of 1 GB in a CSV": _gigabyte("a.csv", f"{_ROWS}{_DAY},", f"\n{_DAY},没人管\n"),
    "a line of 1 GB of commas": _gigabyte("b.csv", f"{_ROWS}{_DAY}", f"\n{_DAY},没人管\n", ","),
    "a quote of 1 GB": _gigabyte("c.csv", f'{_ROWS}{_DAY},"', f'"\n{_DAY},没人管\n'),
    "a line of 1 GB in a JSONL": _gigabyte(
        "a.jsonl", "\n".join([*_OBJECTS, _OPEN]), '"}\n' + _OBJECTS[0]
    ),
    "an element of 1 GB in a JSON": _gigabyte(
        "a.json", f"[{', '.join([*_OBJECTS, _OPEN])}", f'"}}, {_OBJECTS[0]}]'
    ),
    "one object of 1 GB": _gigabyte("b.json", f'{{"data": [{_OPEN}', '"}]}'),
    "a list of 1 GB": _gigabyte("c.json", f"[{_OBJECTS[0]}", "]", f", {_WIDE}"),
    "1 GB of JSONL with wide records": _gigabyte("b.jsonl", _OBJECTS[0], "", f"\n{_WIDE}"),
    "a text of 1 GB without a line": _gigabyte("a.txt", "没人管", ""),
    "1 GB of noughts in a CSV": _sparse,
}


def try_case(name: str, make: Callable[[Path], list[str]]) -> bool:
    """Make a case, give it to the command, print how that ended; return whether it held."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve() / "data"
        folder.mkdir()
        words = make(folder)
        said = folder.parent / "said.txt"
        before = {path for path in folder.parent.rglob("*") if path.is_file()}
        begun = time.monotonic()
        with said.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-c", "from analysis.cli import main; main()", *words],
                cwd=folder, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            end = threading.Timer(_HANGS, process.kill)
            end.start()
            _, status, used = os.wait4(process.pid, 0)
            end.cancel()
        took = time.monotonic() - begun
        code = os.waitstatus_to_exitcode(status)
        lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
        outside = [
            str(path) for path in folder.parent.rglob("*")
            if path.is_file() and path not in before | {said} and folder not in path.parents
        ]  # fmt: skip
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    told = [line for line in lines if line.startswith("caodian: ")]
    wrong = (
        code not in (0, 1) or (code == 1 and len(told) != 1) or cpu > MOST_SECONDS[words[0]]
        or peak > MOST_MEGABYTES or bool(outside) or "no rule foresaw" in "".join(lines)
    )  # fmt: skip
    print(f"{'WRONG  ' if wrong else ''}{name}: exit {code}, {cpu:.1f} s of CPU, {took:.1f} s,"
          f" {peak:,.0f} MB; {(told or lines or [''])[-1][:300]}"
          f"{'; wrote ' + ', '.join(outside) if outside else ''}", flush=True)  # fmt: skip
    return not wrong


def main() -> None:
    """Try all cases, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help="a part of a case's name")
    given = parser.parse_args().cases
    chosen = [n for n in CASES if not given or any(part in n for part in given)]
    held = [try_case(name, CASES[name]) for name in chosen]
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
