"""Planted personal data: runs that are killed at every step, or refuse, must leave none of it.

    python benchmarks/canaries.py [--kinds csv,xlsx] [--whole csv] [--kills 3] [--refusals 7]
        [--seed 1]

An export with canaries, 13 kinds of personal data in each of 15 columns and odd spellings of them
in the text, is written as CSV, workbook, zip, SQLite, JSON, Parquet, packed CSV and web page. For
each, `caodian report` is killed (SIGKILL) in each of its steps at the first, a middle and the last
call that opens a file to write, changes one, or opens the export, at once or some milliseconds
later, alone or with the processes that it began; so are `ingest` and `mask`. What comes after an
export was read knows nothing of its container: in all but the first, runs are killed until then,
and `--whole` names others that are gone through. Then exports that are
cut off, have no header, no day or no text, and options that name a wrong column are refused. After
each, every byte that stands outside `data/raw`, temporary files and what was said among it, and
what is new in the user's cache, is searched for the canaries, tables also by what is in them.

Runs are forked as in `kills.py`, with its stand-ins for figures and pages, which print all tables
(`tests/test_canaries.py` makes real ones). Linux and macOS.
"""

from __future__ import annotations

import argparse
import base64
import csv
import gzip
import html
import io
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import kills
import polars as pl

from analysis.engine.compiled import cache_folder

COLUMNS = {
    "post_id": "帖子ID", "parent_id": "父ID", "title": "标题", "text": "内容", "author": "用户昵称",
    "author_type": "认证", "region": "地区", "channel": "渠道", "target": "投诉对象",
    "demand": "诉求", "status": "状态", "keyword": "关键词", "url": "链接", "source": "来源",
    "kind": "类型", "time": "发布时间",
}  # fmt: skip
# The same columns under names that few exports use.
ODD_NAMES = {
    "post_id": "诉求编号", "parent_id": "In-Reply-To", "title": "来信标题", "text": "反映问题",
    "author": "买家昵称", "author_type": "verified_type", "region": "IP归属地",
    "channel": "媒体类型", "target": "被投诉商家", "demand": "诉求目的", "status": "办理状态",
    "keyword": "检索词", "url": "permalink", "source": "来源", "kind": "类型", "time": "反映时间",
}  # fmt: skip
_CUE = re.compile("^(电话|微信号|QQ：|订单号|车牌|联系人：|我住在)")
GIVEN = "文武明华英俊伟强芳娜敏静丽勇军杰涛超磊洋"


def _identity(number: int) -> str:
    body = f"310101198001{number % 28 + 1:02d}{number % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def _card(number: int) -> str:
    body, total = f"622202{number:012d}", 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


KINDS: dict[str, Callable[[int], str]] = {
    "mobile": lambda n: f"138{n:08d}",
    "mobile with 0": lambda n: f"0137{n:08d}",
    "mobile in groups": lambda n: f"139 {n // 10000:04d} {n % 10000:04d}",
    "landline": lambda n: f"电话021-5{n % 10**7:07d}",
    "mail": lambda n: f"zhangsan{n}@163.com",
    "wechat": lambda n: f"微信号wxid{n}abc",
    "qq": lambda n: f"QQ：9{n:08d}",
    "order": lambda n: f"订单号2020{n:012d}",
    "plate": lambda n: f"车牌沪A{n % 100000:05d}",
    "name": lambda n: f"联系人：欧阳{GIVEN[n % 20]}{GIVEN[n // 20 % 20]}",
    "address": lambda n: f"我住在上海市浦东新区张杨路{n % 9000 + 100}弄{n % 90 + 10}号{n % 900}室",
    "identity card": _identity,
    "bank card": _card,
}
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_HAN = str.maketrans("0123456789", "零一二三四五六七八九")
# A mobile as people hide it from machines, each in a text.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "wide": lambda digits: digits.translate(_WIDE),
    "circled": lambda digits: f"电话{digits.translate(_CIRCLED)}",
    "Chinese": lambda digits: f"电话{digits.translate(_HAN)}",
    "with +86": lambda digits: f"+86 {digits}",
    "dotted": lambda digits: f"{digits[:3]}.{digits[3:7]}.{digits[7:]}",
    "dashed": lambda digits: f"{digits[:4]}-{digits[4:8]}-{digits[8:]}",
    "second": lambda digits: f"12315/{digits}",
}


class Canary(NamedTuple):
    """What was planted: its kind, the column, sheet or name it stands in, and its characters."""

    kind: str
    place: str
    text: str


Rows = list[dict[str, str]]


def bare(written: str) -> str:
    """Give a canary without the words that introduce it."""
    return _CUE.sub("", written)


def plant() -> tuple[Rows, list[Canary]]:
    """Lay out an export, a row a canary; and the canaries, each with its place."""
    rows: Rows = []
    canaries: list[Canary] = []
    number = 20000001

    def add(kind: str, column: str, written: str, searched: str) -> None:
        row = {
            "post_id": f"p{len(rows)}", "author": f"u{len(rows)}", "target": "京东",
            "text": f"快递太慢了一直不发货气死我了第{len(rows)}次", "channel": "weibo",
            "time": f"2020-06-{len(rows) % 20 + 1:02d} 08:{len(rows) % 60:02d}",
        }  # fmt: skip
        is_text = column in ("text", "title", "demand")
        row[column] = f"{written} 快递太慢了不发货{len(rows)}" if is_text else written
        rows.append(row)
        canaries.append(Canary(kind, column, searched))

    for kind, write in KINDS.items():
        for column in list(COLUMNS)[:-1]:
            number += 1237
            add(kind, column, write(number), bare(write(number)))
    for spelling, spell in SPELLINGS.items():
        number += 1237
        digits = KINDS["mobile"](number)
        add(f"mobile, {spelling}", "text", spell(digits), digits)
    return [{name: row.get(name, "") for name in COLUMNS} for row in rows], canaries


# The export in each container.

NAMES = {
    "csv": "posts.csv", "xlsx": "posts.xlsx", "zip": "posts.zip", "sqlite": "posts.db",
    "json": "posts.json", "parquet": "posts.parquet", "gz": "posts.csv.gz", "html": "posts.html",
}  # fmt: skip


def write_export(
    path: Path, rows: Rows, *, has_header: bool = True, names: Mapping[str, str] = COLUMNS
) -> None:
    """Write rows, the names of columns in Chinese, into the container that the ending names."""
    head = list(names.values())
    cells = [list(row.values()) for row in rows]
    lines = [head, *cells] if has_header else cells
    stream = io.StringIO()
    csv.writer(stream).writerows(lines)
    content = stream.getvalue().encode()
    match path.suffix:
        case ".csv":
            path.write_bytes(content)
        case ".gz":
            path.write_bytes(gzip.compress(content, mtime=0))
        case ".zip":
            with zipfile.ZipFile(path, "w") as pack:
                pack.writestr("posts.csv", content)
        case ".json":
            records = [dict(zip(head, row, strict=True)) for row in cells]
            path.write_text(json.dumps(records if has_header else cells), encoding="utf-8")
        case ".html":
            body = "".join(
                f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in line)}</tr>"
                for line in lines
            )
            path.write_text(f"<meta charset=utf-8><table>{body}</table>", encoding="utf-8")
        case ".db":
            _write_database(path, lines[0], lines[1:])
        case ".xlsx":
            _write_workbook(path, lines)
        case ".parquet":
            pl.DataFrame(lines[1:], schema=lines[0], orient="row").write_parquet(path)
        case _:
            raise ValueError(path.suffix)


def _write_database(path: Path, head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    named = ", ".join(f'"{name}{n if not name else ""}"' for n, name in enumerate(head))
    database = sqlite3.connect(path)
    with database:
        database.execute(f"CREATE TABLE posts ({named})")
        marks = ",".join("?" * len(head))
        database.executemany(f"INSERT INTO posts VALUES ({marks})", lines)
    database.close()


def _write_workbook(path: Path, lines: Sequence[Sequence[str]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_urls": False, "in_memory": True}) as book:
        sheet = book.add_worksheet("posts")
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)


# What a run left.


def written_in(path: Path) -> Iterator[str]:
    """Yield what a file says, as bytes and as what an archive, a packed file or a table holds."""
    yield from _said_by(path.read_bytes())


def _said_by(content: bytes) -> Iterator[str]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as pack:
            for name in pack.namelist():
                yield name
                yield from _said_by(pack.read(name))
    elif content.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError):
            yield gzip.decompress(content).decode("utf-8", "ignore")
    elif content.startswith(b"%PDF"):
        yield from _printed_in(content)
    if content.startswith(b"PAR1"):
        with suppress(pl.exceptions.PolarsError):  # one that was not written to its end
            yield "\n".join(map(str, pl.read_parquet(io.BytesIO(content)).rows()))
    text = content.decode("utf-8", "ignore")
    yield text if "\x00" in text else _unescaped(text)
    if "\x00" not in text:
        yield from _packed_in(text)


_PACKED = re.compile(
    r"(?<![A-Za-z0-9+/])(?!iVBORw0|d09GMg)[A-Za-z0-9+/]{40,}={0,2}"
)  # no PNG, WOFF
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")


def _unescaped(text: str) -> str:
    text = html.unescape(text) if "&" in text else text
    return _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text) if "\\u" in text else text


def _packed_in(text: str) -> Iterator[str]:
    """Yield what a page or a notebook holds in base64, deflated too."""
    for packed in _PACKED.findall(text):
        with suppress(ValueError):
            content = base64.b64decode(packed)
            yield (_inflate(content) or content).decode("utf-8", "ignore")


def _inflate(content: bytes) -> bytes:
    """Undo a compression, whatever its head; nothing where there is none."""
    for head in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        with suppress(zlib.error):
            return zlib.decompressobj(head).decompress(content)
    return b""


_OBJECT = re.compile(rb"\b(\d+) 0 obj\b(.*?)\bendobj\b", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)endstream", re.DOTALL)
_GLYPHS = re.compile(rb"<([0-9A-Fa-f]+)> *<([0-9A-Fa-f]+)>(?: *<([0-9A-Fa-f]+)>)?(?: *\n| *$)")
_FONT_OR_WORDS = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9A-Fa-f]+)>")


def _printed_in(content: bytes) -> Iterator[str]:
    """Yield what a PDF of Chromium's says: its streams, and its glyphs as each font tells them."""
    objects = dict(_OBJECT.findall(content))
    streams = {
        number: _inflate(found[1]) or found[1]
        for number, told in objects.items() if (found := _STREAM.search(told))
    }  # fmt: skip
    yield from (stream.decode("utf-8", "ignore") for stream in streams.values())
    fonts = {
        name: _letters_of(streams[told[1]])
        for name, number in re.findall(rb"/(\w+) (\d+) 0 R", content)
        if (told := re.search(rb"/ToUnicode (\d+) 0 R", objects.get(number, b"")))
        and told[1] in streams
    }  # fmt: skip
    for stream in streams.values():
        wide, letters, said = 2, dict[int, str](), []
        for name, glyphs in _FONT_OR_WORDS.findall(stream):
            wide, letters = fonts.get(name, (wide, letters))
            places = range(0, len(glyphs), wide)
            said += [letters.get(int(glyphs[at : at + wide], 16), "") for at in places]
        yield "".join(said)


def _letters_of(font: bytes) -> tuple[int, dict[int, str]]:
    """Read how many digits a glyph of a font has, and the characters that its glyphs stand for."""
    spaces, _, rest = font.partition(b"endcodespacerange")
    letters: dict[int, str] = {}
    for first, last, start in _GLYPHS.findall(rest):
        glyph, end = int(first, 16), int(last if start else first, 16)
        letter = bytes.fromhex((start or last).decode()).decode("utf-16-be", "ignore")
        for n in range(end - glyph + 1):
            letters[glyph + n] = letter[:-1] + chr(ord(letter[-1]) + n) if letter else ""
    return len(re.findall(rb"<([0-9A-Fa-f]+)>", spaces)[-1]), letters


_APART = re.compile(r"(?<=\d)[\s.,/()-]+(?=\d)")
_IN_CHINESE = str.maketrans("零〇一二三四五六七八九", "00123456789")


def _plainly(text: str) -> str:
    """Write every digit as such and those of one number together."""
    return _APART.sub("", unicodedata.normalize("NFKC", text).translate(_IN_CHINESE))


def found_in(texts: Sequence[str], canaries: Sequence[Canary]) -> set[Canary]:
    """Give the canaries that stand in texts, mobiles in whatever spelling."""
    # Pictures hold digits of no number.
    pictures = "\n".join(text for text in texts if "\x00" in text)
    whole = "\n".join(text for text in texts if "\x00" not in text)
    plainly = _plainly(whole)
    return {one for one in canaries if any(one.text in said for said in (whole, plainly, pictures))}


def leaks(
    folder: Path, export: Path, canaries: Sequence[Canary], told: str = ""
) -> list[tuple[str, str, str]]:
    """List the canaries that stand in a folder outside an export, each with the file's name."""
    found = {(one.kind, one.place, "said") for one in found_in([told], canaries)}
    for path in sorted(folder.rglob("*")):
        if export in (path, *path.parents) or path == export.parent:
            continue
        texts = [str(path.relative_to(folder))]
        if path.is_file() and path.name != ".caodian-secret":
            texts += written_in(path)
        found |= {(one.kind, one.place, path.name) for one in found_in(texts, canaries)}
    return sorted(found)


def _new_in_cache(since: float) -> Iterator[str]:
    for path in cache_folder().rglob("*"):
        if path.is_file() and path.stat().st_mtime >= since and path.suffix not in (".nbi", ".nbc"):
            yield from written_in(path)


# Kill runs.

_RAW = Path("data/raw")
_STAMP = re.compile(r"stamps/([a-z]+)\.json$")
_READ = "read"  # the step behind which nobody knows in what container an export came
_MASKED = ("csv", "xlsx", "parquet")  # what `mask` takes; all else goes through `ingest`
COMMANDS = {
    "report": ["report", "{}", "--quiet"],
    "ingest": ["ingest", "{}", "--quiet"],
    "mask": ["mask", "{}", "--text-column", COLUMNS["text"], "--out", "masked.csv"],
}


def _watch(root: Path, then: Callable[[str], None]) -> kills.Hook:
    """Make a hook that calls `then` with the path at each call that changes or opens a file."""
    within, raw = f"{root}{os.sep}", f"{root / _RAW}{os.sep}"

    def hook(event: str, words: tuple[object, ...]) -> None:
        if event == "open":
            flags = words[2] if isinstance(words[2], int) else 0
            is_written = bool(flags & (os.O_WRONLY | os.O_RDWR))
        elif event in kills.CHANGES:
            is_written = True
        else:
            return
        place = words[1] if event == "os.rename" else words[0]
        if not isinstance(place, str | bytes | os.PathLike):
            return
        path = os.path.abspath(os.fsdecode(place))  # noqa: PTH100 - of bytes, too
        is_ours = path.startswith(within if is_written else raw)
        if is_ours and not path.endswith(("told.txt", "calls.txt")):
            then(path)

    return hook


class Call(NamedTuple):
    """One of the calls of a run: its number, and the step in which it is made."""

    number: int
    step: str


def _calls(folder: Path, words: Sequence[str], *, is_whole: bool = True) -> list[Call]:
    """Let a run end that nobody disturbs, and tell its calls that change or open files.

    One that is not gone through as a whole ends where the export is read.
    """
    noted = os.open(folder / "calls.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(path: str) -> None:
        os.write(noted, f"{path}\n".encode("utf-8", "surrogateescape"))
        if not is_whole and (stamp := _STAMP.search(path)) and stamp[1] == _READ:
            os._exit(0)

    hook = _watch(folder, note)
    code = kills.wait(kills.fork_run(folder, hook, words=words))
    os.close(noted)
    if code:
        sys.exit(f"{' '.join(words)}: {code}\n{(folder / 'told.txt').read_text()}")
    paths = (folder / "calls.txt").read_text().splitlines()
    steps, step = [], "publish"
    for path in reversed(paths):  # a step ends with its stamp
        step = found[1] if (found := _STAMP.search(path)) else step
        steps.append(step)
    return [Call(n, step) for n, step in enumerate(reversed(steps), start=1)]


def _chosen(calls: Sequence[Call], each: int, chance: random.Random) -> list[Call]:
    """Choose some calls of each step; from two on, its first and its last among them."""
    chosen = []
    for step in dict.fromkeys(call.step for call in calls):
        mine = [call for call in calls if call.step == step]
        ends = {mine[0], mine[-1]} if each > 1 else set()
        inner = [call for call in mine if call not in ends]
        ends.update(chance.sample(inner, min(max(0, each - len(ends)), len(inner))))
        chosen += sorted(ends)
    return chosen


def _kill(folder: Path, words: Sequence[str], call: Call, chance: random.Random) -> int:
    """Kill a run at a call or a moment later; wait until all that it began has ended."""
    delay = chance.choice([0.0, 0.0, chance.uniform(0.001, 0.05)])
    seen = 0

    def end(_path: str) -> None:
        nonlocal seen
        seen += 1
        if seen == call.number and delay:
            signal.setitimer(signal.ITIMER_REAL, delay)  # nobody handles it: the system ends us
        elif seen == call.number:
            os.kill(os.getpid(), signal.SIGKILL)

    process = kills.fork_run(folder, _watch(folder, end), words=words, is_leader=True)
    code = kills.wait(process)
    with suppress(ProcessLookupError):
        if chance.random() < 0.5:
            os.killpg(process, signal.SIGKILL)
        for _ in range(200):  # those that it began end by themselves
            os.killpg(process, 0)
            time.sleep(0.05)
    return code


# Refusals.


class Refusal(NamedTuple):
    """An export, or a word beside it, that a run is to refuse."""

    why: str
    words: list[str]
    write: Callable[[Path, Rows], None] = write_export


def _cut_off(path: Path, rows: Rows) -> None:
    write_export(path, rows)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _without_times(path: Path, rows: Rows) -> None:
    write_export(path, [{**row, "time": row["text"]} for row in rows])


def _without_header(path: Path, rows: Rows) -> None:
    write_export(path, rows, has_header=False)


def _under_wrong_names(path: Path, rows: Rows) -> None:
    names = list(COLUMNS)
    write_export(
        path, [dict(zip(names, reversed(list(row.values())), strict=True)) for row in rows]
    )


REFUSALS = (
    Refusal("no such column", ["--text-column", "联系人：欧阳文华"]),
    Refusal("no rating", ["--rating-column", COLUMNS["author"]]),
    Refusal("no time", ["--time-column", COLUMNS["text"]]),
    Refusal("cut off", [], _cut_off),
    Refusal("times that are texts", [], _without_times),
    Refusal("no header", [], _without_header),
    Refusal("cells under wrong names", [], _under_wrong_names),
)


# All of it.


class Tried(NamedTuple):
    """What was tried, and which canaries were found after it."""

    looks: Counter[str]
    found: list[str]


def _look(
    folder: Path, export: Path, canaries: list[Canary], since: float, where: str
) -> list[str]:
    told = (folder / "told.txt").read_text(encoding="utf-8", errors="replace")
    found = leaks(folder, export, canaries, told)
    found += [
        (one.kind, one.place, "cache") for one in found_in(list(_new_in_cache(since)), canaries)
    ]
    return [f"{where}: {kind} of {place} in {file}" for kind, place, file in found]


def _apart(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work returns
    """Do work in a fork and return what it returns: no threads of Polars are left in here."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as stream:
            json.dump(work(), stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as stream:
        told = stream.read()
    if kills.wait(process):
        sys.exit("a process that was to look ended early")
    return json.loads(told)


def try_kills(
    place: Path,
    kind: str,
    each: int,
    chance: random.Random,
    commands: Sequence[str],
    *,
    is_whole: bool = True,
) -> Tried:
    """Kill runs on the export in one container, and look at what each left."""
    looks: Counter[str] = Counter()
    found: list[str] = []
    rows, canaries = plant()
    taken = [one for one in commands if one != "mask" or kind in _MASKED]
    for command in taken if each else ():
        name = (_RAW / NAMES[kind]).as_posix()
        words = [word.format(name) for word in COMMANDS[command]]
        fresh, folder = place / f"{kind} {command}", place / "run"
        (fresh / _RAW).mkdir(parents=True)
        (fresh / "tmp").mkdir()
        _apart(lambda: write_export(fresh / name, rows))  # noqa: B023 - done at once
        shutil.copytree(fresh, folder)
        calls = _calls(folder, words, is_whole=is_whole or command != "report")
        shutil.rmtree(folder)
        for call in _chosen(calls, each, chance):
            shutil.copytree(fresh, folder)
            since = time.time()
            code = _kill(folder, words, call, chance)
            where = f"{kind}, {command} killed in {call.step} at call {call.number} of {len(calls)}"
            export = folder / _RAW
            found += _apart(lambda: _look(folder, export, canaries, since, where))  # noqa: B023
            looks[f"{command}: {call.step}" if command == "report" else command] += 1
            looks["killed" if code < 0 else "ended before"] += 1
            shutil.rmtree(folder)
    return Tried(looks, found)


def try_refusals(place: Path, kind: str, refusals: Sequence[Refusal]) -> Tried:
    """Let runs refuse the export in one container, and look at what each said and left."""
    looks: Counter[str] = Counter()
    found: list[str] = []
    rows, canaries = plant()
    canaries = [*canaries, Canary("name", "option", "欧阳文华")]
    folder, name = place / "run", (_RAW / NAMES[kind]).as_posix()
    for why, words, write in refusals:
        (folder / _RAW).mkdir(parents=True)
        (folder / "tmp").mkdir()
        _apart(lambda: write(folder / name, rows))  # noqa: B023 - done at once
        since = time.time()
        code = kills.wait(kills.fork_run(folder, words=["report", name, "--quiet", *words]))
        where = f"{kind}, {why}, exit {code}"
        found += _apart(lambda: _look(folder, folder / _RAW, canaries, since, where))  # noqa: B023
        looks[{0: "read", 1: "refused"}.get(code, f"exit {code}")] += 1
        shutil.rmtree(folder)
    return Tried(looks, found)


def main() -> None:
    """Kill runs and let them refuse, and print what was found of the canaries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", default=",".join(NAMES), help="containers")
    parser.add_argument("--commands", default=",".join(COMMANDS))
    parser.add_argument("--whole", help="containers whose runs are killed behind reading, too")
    parser.add_argument("--kills", type=int, default=3, help="of each step")
    parser.add_argument("--refusals", type=int, default=len(REFUSALS))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    looks: Counter[str] = Counter()
    found: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name).resolve()
        # What a run lays into the folder for temporary files is looked at, too.
        temporary = place / "run" / "tmp"
        temporary.mkdir(parents=True)
        tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
        kills.prepare_forks(place)
        shutil.rmtree(place / "run")
        kinds, commands = given.kinds.split(","), given.commands.split(",")
        whole = kinds[:1] if given.whole is None else given.whole.split(",")
        for kind in kinds:
            tried = [
                try_kills(place, kind, given.kills, chance, commands, is_whole=kind in whole),
                try_refusals(place, kind, REFUSALS[: given.refusals]),
            ]
            seconds = sum(os.times()[:4])
            print(f"{kind}: {seconds:.0f} s of CPU so far", file=sys.stderr, flush=True)
            for one in tried:
                looks += one.looks
                found += one.found
                print(*one.found, sep="\n", end="\n" * bool(one.found), flush=True)
    print(json.dumps({"looked after": looks, "canaries found": len(found)}, indent=1))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
