"""Exports whose rows are known, and inputs that nobody wrote, by the hundred thousand.

    python benchmarks/fuzz_containers.py [--known 100000] [--fuzzed 1000000] [--seed 618]

A long run may be broken off: each number of a seed is an input of its own, the numbers reached are
told on stderr every ten thousand, and `--start` goes on from one.

`fuzz_readers.py` throws a thousand inputs at the whole of `ingest`, which takes .03 s each. Here
exports stand in memory and are read by the containers alone, so that a hundred thousand are tried.

**Known.** A writer that shares no code with the readers writes a header and rows of odd cells
(quotes, delimiters, line ends, blank rows, quoted blanks, marks of an encoding) in each container:
delimited text by four delimiters, three line ends, five encodings, two ways of quoting; JSON lines;
JSON as a list, wrapped, in pages, by column; each of these in a zip or gz; workbooks, Parquet and
SQLite (fewer: each is opened in another process). Recognition chooses the columns, the container
yields the rows, and each text and rating must be the one that was written, in order: one
row too many, too few or changed is a failure.

**Fuzzed.** The bytes of such exports, one in fifty packed and one in a hundred of those that are
opened in another process, with up to six changes: bytes changed, cut out, doubled, joined with
those of another, or tokens put in. Each is looked at as a file is (tables, headers);
one in twenty is recognised and read, one in a thousand goes through `ingest`. It must be read or
refused by a `CaodianError` in 20 s of CPU. What breaks this is kept in `data/raw/fuzz-failures`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import itertools
import json
import os
import random
import resource
import signal
import sqlite3
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from types import FrameType

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # tables of ten rows

from analysis.corpus.ingest import Ingestion
from analysis.corpus.readers.column_names import ColumnChoice
from analysis.corpus.readers.containers.export import Export, find_exports
from analysis.corpus.readers.containers.tables import list_tables
from analysis.corpus.readers.plan import NOTE
from analysis.corpus.readers.recognition import open_readers
from analysis.errors import CaodianError

FAILURES = Path("data/raw/fuzz-failures")
ROOM = Path("/dev/shm" if Path("/dev/shm").is_dir() else ".") / f"fuzz-{os.getpid()}"
LONGEST_SECONDS = 20
HEADERS = (
    ["内容", "时间", "评分"], ["评价", "日期", "评分"], ["text", "time", "rating"],
    ["时间", "评分", "内容"],
)  # fmt: skip
PIECES = (
    "快递太慢了", "没人管", "客服", ",", "，", ";", "\t", "|", '"', "'", "\n", "\r\n", "\r", " ",
    "　", "=1+1", "\\", "/", "{", "}", "[", "]", "<b>", "&amp;", "💥", "é", "𠮷", "0", "618", "-",
    "null", "NaN", "【", "】", "…", "#", "@甲", "\u200d", "\ufeff", "\u202e", "\x0b", "\x1c",
    "\x85", "\u2028", "a", "b",
)  # fmt: skip
PLAIN = tuple(piece for piece in PIECES if piece.isprintable() and piece not in ("", '"'))
TOKENS = (
    b'"', b"\n", b"\r", b"\0", b",", b"\t", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"{", b"}", b"[",
    b"]", b":", b"\\", b"\\u", b"\\ud83d", b"<td>", b"</table>", b"<table>", b"<![CDATA[", b"]]>",
    b"</item>", b"<item>", b"&#", b"<!ENTITY a ", b"1e999", b"null",
    b"[" * 50, "内容".encode(), "内容".encode("gb18030"), b"9" * 40, b"-", b"PK\x03\x04",
    b"\x1f\x8b", b"\x81",
)  # fmt: skip

Row = list[str]
Known = tuple[bytes, str, str, list[Row]]
"""Bytes, name, kind, and the rows below the header as cells of text, time and rating."""


def cell(draw: random.Random, pieces: tuple[str, ...]) -> str:
    """Return a text that begins and ends with something that no reader strips."""
    inner = "".join(draw.choice(pieces) for _ in range(draw.randrange(6)))
    return f"慢{inner}了"


def rows(draw: random.Random, pieces: tuple[str, ...]) -> list[Row]:
    """Return rows of text, time and rating."""
    return [
        [
            cell(draw, pieces),
            f"2020-06-{draw.randrange(1, 29):02d} {draw.randrange(24):02d}:30",
            str(draw.randrange(1, 6)),
        ]
        for _ in range(draw.randrange(2, 9))
    ]


def arranged(row: Row, header: Row) -> Row:
    """Return the cells in the order of the header."""
    if header[0] == "时间":
        return [row[1], row[2], row[0]]
    return row


def quoted(text: str, delimiter: str, *, always: bool) -> str:
    """Write a field by RFC 4180."""
    if always or any(mark in text for mark in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def as_delimited(draw: random.Random) -> Known:
    """Write delimited text."""
    delimiter, end = draw.choice(",\t;|"), draw.choice(("\n", "\r\n", "\r"))
    encoding = draw.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030"))
    header, always = draw.choice(HEADERS), draw.random() < 0.3
    pieces = PLAIN if encoding == "gb18030" else PIECES
    listed = rows(draw, pieces)
    lines = []
    for row in [header, *(arranged(row, header) for row in listed)]:
        lines.append(delimiter.join(quoted(text, delimiter, always=always) for text in row))
        if len(lines) > 1 and draw.random() < 0.1:
            lines.append(draw.choice(("", delimiter * 2, f'""{delimiter}""{delimiter}""')))
    text = end.join(lines) + (end if draw.random() < 0.8 else "")
    return text.encode(encoding), "a.csv", f"delimited, {encoding}", listed


def records(draw: random.Random) -> tuple[list[Row], list[dict[str, object]]]:
    """Return rows, and the same as records with keys."""
    header, listed = draw.choice(HEADERS), rows(draw, PIECES)
    kept = [dict(zip(header, arranged(row, header), strict=True)) for row in listed]
    return listed, [{**record, "n": {"m": 1}} if draw.random() < 0.2 else record for record in kept]


def as_lines(draw: random.Random) -> Known:
    """Write JSON lines."""
    listed, found = records(draw)
    is_ascii = draw.random() < 0.5
    lines = [json.dumps(record, ensure_ascii=is_ascii) for record in found]
    if draw.random() < 0.3:
        lines.insert(draw.randrange(len(lines)), "")
    mark = b"\xef\xbb\xbf" if draw.random() < 0.2 else b""
    end = draw.choice(("\n", "\r\n"))
    return mark + (end.join(lines) + end).encode(), "a.jsonl", "JSON lines", listed


def as_json(draw: random.Random) -> Known:
    """Write a JSON document in one of the shapes that collectors know."""
    listed, found = records(draw)
    shape = draw.choice(("list", "wrapped", "pages", "column"))
    flat = [{key: value for key, value in one.items() if key != "n"} for one in found]
    document: object = found
    if shape == "wrapped":
        document = {"code": 0, draw.choice(("data", "list", "hits")): found}
    elif shape == "pages":
        cut = draw.randrange(1, len(found))
        document = [{"page": 1, "list": found[:cut]}, {"page": 2, "list": found[cut:]}]
    elif shape == "column":
        document = {key: {str(n): one[key] for n, one in enumerate(flat)} for key in flat[0]}
    indent = draw.choice((None, 2))
    text = json.dumps(document, ensure_ascii=draw.random() < 0.5, indent=indent)
    return text.encode(), "a.json", f"JSON, {shape}", listed


_NOT_IN_XML = ("\x0b", "\x1c", "\r", "\r\n")
_LINE_ENDS = {"\n": "&#10;", "\t": "&#9;", "\x85": "&#133;", "\u2028": "&#8232;"}


def as_workbook(draw: random.Random) -> Known:
    """Write a workbook."""
    import xlsxwriter

    header, out = draw.choice(HEADERS), io.BytesIO()
    listed = rows(draw, tuple(p for p in PIECES if p not in ("\x0b", "\x1c", "\r", "\r\n")))
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([header, *(arranged(row, header) for row in listed)]):
            for column, text in enumerate(row):
                sheet.write_string(place, column, text)
    return out.getvalue(), "a.xlsx", "workbook", listed


def as_parquet(draw: random.Random) -> Known:
    """Write a Parquet file, by Arrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    header, listed, out = draw.choice(HEADERS), rows(draw, PIECES), io.BytesIO()
    columns = zip(*(arranged(row, header) for row in listed), strict=True)
    table = pa.table({name: list(column) for name, column in zip(header, columns, strict=True)})
    pq.write_table(table, out, row_group_size=draw.randrange(1, 9))
    return out.getvalue(), "a.parquet", "Parquet", listed


def as_database(draw: random.Random) -> Known:
    """Write a SQLite database."""
    header, listed = draw.choice(HEADERS), rows(draw, PIECES)
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE weibo ({', '.join(header)})")
    database.executemany(
        "INSERT INTO weibo VALUES (?, ?, ?)", [arranged(row, header) for row in listed]
    )
    database.commit()
    return database.serialize(), "a.db", "SQLite", listed


TEXTS = (as_delimited, as_delimited, as_lines, as_json)
OTHERS = (as_workbook, as_parquet, as_database)
_OTHER_SHARE, _PACKED_SHARE = 0.01, 0.02


def known(draw: random.Random) -> Known:
    """Draw an export of any kind."""
    made = draw.choice(OTHERS if draw.random() < _OTHER_SHARE else TEXTS)(draw)
    return packed(draw, made) if draw.random() < _PACKED_SHARE else made


def packed(draw: random.Random, made: Known) -> Known:
    """Pack an export into a gz or a zip."""
    content, name, kind, listed = made
    if draw.random() < 0.5:
        return gzip.compress(content, 1, mtime=0), f"{name}.gz", f"gz of {kind}", listed
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"数据/{name}", content)
    return out.getvalue(), "a.zip", f"zip of {kind}", listed


def exports(content: bytes, name: str) -> list[Export]:
    """Return what a file of these bytes holds: text is read from memory, the rest from a file."""
    if not content.startswith(
        (b"PK", b"\x1f\x8b", b"PAR1", b"SQLite format 3\0", b"\xd0\xcf\x11\xe0")
    ):
        return [Export(PurePath(name), lambda: io.BytesIO(content), size=len(content))]  # type: ignore[arg-type,return-value]
    path = ROOM / name
    path.write_bytes(content)
    return find_exports([path])


_CHOICE = ColumnChoice()
_STRIPPED = "".join(map(chr, range(33))) + "\x7f\x85\xa0\u2028\u2029\u3000\ufeff"


def compare(content: bytes, name: str, listed: list[Row]) -> int:
    """Read an export; return its rows, or raise when one is not what was written."""
    readers, passed = open_readers(exports(content, name), _CHOICE, b"fuzz")
    if len(readers) != 1 or passed:
        raise AssertionError(f"{len(readers)} tables, {passed}")
    (reader,) = readers
    found: list[tuple[str | None, str | None]] = []
    for batch in reader.raw.batches(reader.place, reader.plan):
        (text,), (rating,) = reader.plan.columns["text"], reader.plan.columns["rating"]
        found += zip(batch[text].to_list(), batch[rating].cast(str).to_list(), strict=True)
        if batch[NOTE].count():
            raise AssertionError(f"a row is noted: {batch[NOTE].drop_nulls().to_list()}")
    wanted = [(row[0], row[2]) for row in listed]
    if found != wanted:
        raise AssertionError(f"read {found!r}\nwhere {wanted!r} stand")
    return len(found)


def mutate(
    draw: random.Random, made: tuple[bytes, str], pool: list[tuple[bytes, str]]
) -> tuple[bytes, str]:
    """Change an export in up to six places."""
    content, name = made
    held = bytearray(content)
    for _ in range(draw.randrange(7)):
        place, size = draw.randrange(len(held) + 1), draw.choice((0, 0, 1, 1, 2, 5, 40))
        how = draw.randrange(6)
        if how == 0:
            held[place : place + size] = draw.randbytes(size)
        elif how == 1:
            del held[place : place + size]
        elif how == 2:
            held[place:place] = held[place : place + size]
        elif how == 3:
            other = draw.choice(pool)[0]
            start = draw.randrange(len(other) + 1)
            held[place:place] = other[start : start + size]
        else:
            held[place : place + size // 2] = draw.choice(TOKENS)
    return bytes(held), name


def look(draw: random.Random, content: bytes, name: str) -> str:
    """Look at an input as deep as its turn is; return how it ended."""
    depth = draw.random()
    try:
        found = exports(content, name)
        if depth < 0.05:
            readers, _ = open_readers(found, _CHOICE, b"fuzz")
            for reader in readers:
                for batch in reader.raw.batches(reader.place, reader.plan):
                    batch.height  # noqa: B018 - it is made
            if depth < 0.001:
                ingestion = Ingestion(readers, None, None)
                kept = sum(part.height for part in ingestion.partitions())
                account = ingestion.reconciliation
                if kept + account["rejected"].sum() != account["records_read"].sum():
                    raise AssertionError(f"a record was lost: {account.to_dict()}")
            return "read"
        ways = [ways for export in found for ways in list_tables(export)]
        for tables in ways:
            for _ in draw.choice(tables).heads():
                pass
    except CaodianError:
        return "refused"
    return "read"


def keep(content: bytes, name: str, error: Exception) -> None:
    """Keep an input that broke something, and say so."""
    FAILURES.mkdir(parents=True, exist_ok=True)
    path = FAILURES / f"{hashlib.sha256(content).hexdigest()[:12]}-{name}"
    path.write_bytes(content)
    print(f"{path}: {type(error).__name__}: {str(error)[:600]}", file=sys.stderr, flush=True)


def stop(number: int, frame: FrameType | None) -> None:
    """Stop what hangs."""
    raise TimeoutError(f"more than {LONGEST_SECONDS} seconds")


_ENDED: list[int] = []


def end(number: int, frame: FrameType | None) -> None:
    """Try no further, and print what was tried."""
    _ENDED.append(number)


def guarded(work: Callable[[], str]) -> str:
    """Do something within its time, that of the processor: other programs may be at work."""
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def until(start: int, count: int, cpu_seconds: float) -> Iterator[int]:
    """Count from a number to another, but no longer than so many seconds of the processor."""
    begun = time.process_time()
    for number in itertools.count(start):
        if (
            _ENDED
            or number >= count
            or (number % 100 == 0 and time.process_time() - begun > cpu_seconds)
        ):
            return
        if number % 10_000 == 0:
            used = time.process_time() - begun
            print(f"at {number:,}, {used:,.0f} s of CPU", file=sys.stderr, flush=True)
        yield number


def try_known(start: int, count: int, seed: int, cpu_seconds: float) -> int:
    """Print how many exports with known rows were read as they are; return how many were not."""
    tried: Counter[str] = Counter()
    read: Counter[str] = Counter()
    failed = 0
    for number in until(start, count, cpu_seconds):
        draw = random.Random(f"known {seed} {number}")
        content, name, kind, listed = known(draw)
        tried[kind] += 1
        try:
            read[kind] += int(guarded(lambda: str(compare(content, name, listed))))  # noqa: B023
        except Exception as error:
            keep(content, name, error)
            failed += 1
    print("\n| exports with known rows | tried | rows read |\n|---|---|---|")
    for kind in sorted(tried):
        print(f"| {kind} | {tried[kind]:,} | {read[kind]:,} |")
    print(
        f"\n{tried.total():,} exports, {read.total():,} rows; {failed} not as written", flush=True
    )
    return failed


def try_fuzzed(start: int, count: int, seed: int, cpu_seconds: float) -> int:
    """Print how many changed exports were read or refused; return how many were neither."""
    draw = random.Random(f"pool {seed}")
    pool = [draw.choice(TEXTS)(draw)[:2] for _ in range(2_000)]
    others = [draw.choice(OTHERS)(draw)[:2] for _ in range(300)]
    archives = [packed(draw, known(draw))[:2] for _ in range(300)]
    pool += [(path.read_bytes(), path.name)
             for path in sorted(Path("tests/fixtures/readers").rglob("*"))
             if path.is_file() and path.stat().st_size < 20_000]  # fmt: skip
    ends: Counter[tuple[str, str]] = Counter()
    for number in until(start, count, cpu_seconds):
        draw = random.Random(f"fuzzed {seed} {number}")
        chosen = draw.random()
        is_packed = chosen < _OTHER_SHARE + _PACKED_SHARE
        more = others if chosen < _OTHER_SHARE else archives if is_packed else pool
        content, name = mutate(draw, draw.choice(more), pool)
        kind = PurePath(name).suffix
        try:
            end = guarded(lambda: look(draw, content, name))  # noqa: B023
        except Exception as error:
            keep(content, name, error)
            end = "FAILED"
        ends[kind, end] += 1
    print("\n| fuzzed | read | refused | FAILED |\n|---|---|---|---|")
    for kind in sorted({kind for kind, _ in ends}):
        counts = " | ".join(f"{ends[kind, end]:,}" for end in ("read", "refused", "FAILED"))
        print(f"| {kind} | {counts} |")
    failed = sum(number for (_, end), number in ends.items() if end == "FAILED")
    print(f"\n{ends.total():,} inputs, {failed} neither read nor refused", flush=True)
    return failed


def main() -> None:
    """Try both; exit 1 when something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--fuzzed", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=618)
    parser.add_argument("--start", type=int, default=0, help="the first number that is tried")
    parser.add_argument(
        "--cpu-seconds",
        type=float,
        default=1e9,
        help="of this process for each of the two, at most; SIGTERM ends with what was tried",
    )
    asked = parser.parse_args()
    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGTERM, end)
    ROOM.mkdir()
    begun = time.process_time()
    try:
        failed = try_known(asked.start, asked.known, asked.seed, asked.cpu_seconds)
        failed += try_fuzzed(asked.start, asked.fuzzed, asked.seed, asked.cpu_seconds)
    finally:
        for path in ROOM.iterdir():
            path.unlink()
        ROOM.rmdir()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{time.process_time() - begun:,.0f} s of CPU here,"
          f" {used.ru_utime + used.ru_stime:,.0f} in processes that open files")  # fmt: skip
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
