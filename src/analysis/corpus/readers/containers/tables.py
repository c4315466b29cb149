"""The tables inside a file, whatever kind of file it is, told by its first bytes."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice, pairwise
from pathlib import PurePath
from typing import Protocol
from unicodedata import east_asian_width

import polars as pl

from analysis.corpus.readers.column_names import match_columns
from analysis.corpus.readers.containers.delimited import (
    DelimitedTable,
    DelimitedText,
    rewritten,
)
from analysis.corpus.readers.containers.export import Export, find_exports
from analysis.corpus.readers.containers.foreign import (
    ParquetTable,
    html_tables,
    sheets,
    sqlite_tables,
)
from analysis.corpus.readers.containers.json_records import json_table, looks_like_json
from analysis.corpus.readers.containers.keyed import (
    Chat,
    NamedLines,
    database_tables,
    find_names,
    find_sign,
    hide_password,
    sqlite_file,
    text_lines,
)
from analysis.corpus.readers.containers.xml_posts import find_root, xml_sheets, xml_table
from analysis.corpus.readers.plan import Head, Plan
from analysis.errors import CaodianError
from analysis.storage.encoding import share_common
from analysis.storage.formats import EXPORT_SUFFIXES

NO_DELIMITER = "\x1f"  # where every other stands in texts
_DELIMITERS = (",", "\t", ";", "|", "\x01", NO_DELIMITER)  # the fifth is what Hive writes
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"ARROW1", "a Feather file"),
    (b"FEA1", "a Feather file"),
    (b"GIF8", "a picture"),
    (b"PARE", "an encrypted Parquet file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"{\\rtf", "a document of a word processor"),
    (b"RIFF", "a picture, a sound or a film"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"$FL", "a file of SPSS"),
    (b"<stata_dta>", "a file of Stata"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"X\n\0\0\0", "an R object"),
    (b"\x7fELF", "a program"),
    (b"\xff\xff\xff\xff", "an Arrow stream"),
)
_PACKED = (
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"MSCF", "a cabinet archive"),
    (b"BZh", "packed by bzip2"),
    (b"\x1f\x8b", "packed twice by gzip"),
    (b"\x1f\x9d", "packed by compress"),
    (b"\xfd7zXZ", "packed by xz"),
    (b"\x5d\0\0", "packed by LZMA"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd"),
    (b"\x04\x22\x4d\x18", "packed by LZ4"),
)
_WRITTEN = (
    (
        re.compile(
            rb"(?:(?:--|#|SET |USE |LOCK )[^\n]*\n|/\*[^*]*\*/;?|\s)*"
            rb"(?:INSERT INTO|REPLACE INTO|CREATE TABLE|CREATE DATABASE|DROP TABLE"
            rb"|BEGIN TRANSACTION|PRAGMA )",
            re.IGNORECASE,
        ),
        "statements of SQL",
    ),
    (re.compile(rb"\d+\s*\n\d\d:\d\d:\d\d[,.]\d{3} --> |WEBVTT|\[Script Info\]"), "subtitles"),
    (re.compile(rb"(?:\[[a-z]{2}:[^\]]*\]\s*)*\[\d\d:\d\d[.:]\d\d\d?\]"), "lyrics or subtitles"),
    (re.compile(rb"BEGIN:V(?:CARD|CALENDAR)"), "a calendar or cards of addresses"),
    (re.compile(rb"commit [0-9a-f]{6,40}\s*\n(?:Merge: [^\n]*\n)?Author: "), "a log of git"),
    (re.compile(rb"diff --git |--- [^\n]+\n\+\+\+ "), "a patch"),
    (re.compile(rb"bplist00"), "a property list"),
    (re.compile(rb"\x00\x01\x00\x00Standard (?:Jet|ACE) DB"), "a database of Access"),
    (re.compile(rb".{8}DUCK", re.DOTALL), "a database of DuckDB"),
)
"""Kinds of file that are told by more than their first bytes: none of them is a table."""
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95")
_PAGE = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style", b"<body", b"<div")


class RawTable(Protocol):
    """One table in one file: strings, and numbers and times where the file types them."""

    path: PurePath
    container: str
    table: str | None
    blank: int
    is_stripped: bool
    """No blanks are left around the cells that `batches` yields."""

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield possible headers with their places."""

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield rows below the header: `ROW_NUMBER`, `NOTE` and the plan's columns."""

    def notes(self) -> list[str]:
        """Return what was mended while reading."""


def list_tables(export: Export) -> list[list[RawTable]]:
    """Return the tables of a file, each as the list of ways in which it may be read."""
    with export.open() as stream:
        start = stream.read(4096)
    _refuse_packed(start, export)
    if start.startswith(_OLD_OFFICE):
        _refuse_old_document(start, export)
    if start.startswith((b"PK", _OLD_OFFICE)):
        return [[sheet] for sheet in sheets(export)]
    if start.startswith(b"PAR1"):
        return [[ParquetTable(export)]]
    if start.startswith(b"SQLite format 3\x00"):
        return [[table] for table in sqlite_tables(export)]
    _refuse_foreign(start, export)
    _refuse_seven_bits(start, export)
    if _is_page(start):
        return _page_tables(export)
    root = find_root(start, is_called=export.path.suffix.lower() in _XML_SUFFIXES)
    return _text_tables(export, start) if root is None else _xml_tables(export, root)


def _text_tables(export: Export, start: bytes) -> list[list[RawTable]]:
    """Return the one table of a text file, as JSON, as records, or by one delimiter or another."""
    bare = start.removeprefix(b"\xef\xbb\xbf")
    called = _CALL.match(bare)
    is_called = called is not None and looks_like_json(bare[called.end() :])
    text = _Altered(export, _without_call) if is_called else DelimitedText(export)
    is_json = is_called or looks_like_json(_without_remarks(bare))
    if is_json and not is_called and _has_remarks(text):
        text = _Altered(export, _leave_out_remarks)
    is_called_json = export.path.suffix.lower() in _JSON_SUFFIXES
    if is_called_json and not is_json and _OBJECT.search(start):
        raise CaodianError(
            "a file that is called JSON must begin with an object or a list",
            value=str(export.path),
            remedy="Take out what stands before the first one.",
        )
    if export.path.suffix.lower() == ".toml":
        return [[json_table(_Altered(export, _toml_reader(export)))]]
    keyed = json_table(text) if is_json else _find_fields(text) or _find_chat(text)
    if keyed:
        return [[keyed]]
    ways = [DelimitedTable(text, delimiter) for delimiter in _DELIMITERS]
    return [[*_find_rare(text), *_find_aligned(text), *ways]]


_XML_SUFFIXES = (".xml", ".rss", ".atom")


class _Altered(DelimitedText):
    """A text of which other bytes are read than stand there."""

    def __init__(self, export: Export, alter: Callable[[Iterator[bytes]], Iterator[bytes]]) -> None:
        super().__init__(export)
        self.alter = alter

    def blocks(self, size: int | None = None) -> Iterator[bytes]:
        """Yield UTF-8 bytes."""
        return self.alter(super().blocks(size))


def _without_call(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the JSON in a statement of JavaScript: `callback([…]);`, `var posts = […];`."""
    waiting = _CALL.sub(b"", next(blocks, b""), count=1)
    for block in blocks:
        yield waiting
        waiting = block
    yield waiting.rstrip(b" \t\r\n;)")


_CALL = re.compile(
    rb"\s*(?:/\*\*/)?\s*(?:export\s+default|(?:export\s+)?(?:(?:var|let|const)\s+)?[\w$.]{1,80}\s*[=(]"
    rb"|\)\]\}',?|(?:while|for)\s*\([1;]*\)\s*\{?\}?;?)\s*(?=[\[{])"
)


# Comments and commas before a bracket, which people and programs write into JSON.

_TEXT_OF_JSON = rb'"(?:[^"\\]|\\.)*(?:"|\Z)'
# An address that begins with `//` stands behind a quote or a colon.
_REMARKS = re.compile(rb'%b|(?<![:\w"])(?://[^\r\n]*|/\*.*?\*/)' % _TEXT_OF_JSON, re.DOTALL)
_LAST_COMMAS = re.compile(rb"%b|,(?=\s*[\]}])" % _TEXT_OF_JSON, re.DOTALL)


def _without_remarks(text: bytes) -> bytes:
    """Return JSON as its parsers know it; texts stay as they are."""
    bare = _REMARKS.sub(lambda found: found[0] if found[0][:1] == b'"' else b" ", text)
    return _LAST_COMMAS.sub(lambda found: found[0] if found[0] != b"," else b" ", bare)


def _leave_out_remarks(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield blocks without comments and last commas, cut behind a text."""
    carried = b""
    for block in blocks:
        data = carried + block
        ends = (found.end() for found in _REMARKS.finditer(data) if found[0][:1] == b'"')
        cut = max((end for end in ends if end < len(data)), default=0)
        yield _without_remarks(data[:cut])
        carried = data[cut:]
    yield _without_remarks(carried)


def _has_remarks(text: DelimitedText) -> bool:
    head = next(text.blocks(_CHAT_BYTES), b"")
    return _without_remarks(head) != head


def _find_rare(text: DelimitedText) -> list[DelimitedTable]:
    """Return a text as the table that a rare delimiter makes of it; none where none divides names.

    Texts hold these signs, so the first line must name a text and another column.
    """
    lines = _first_lines(text)[:_LINES]
    for sign in _RARE if lines and len(lines[0]) <= _LONGEST_LINE else ():
        names = [name.strip(" \t\"'") for name in lines[0].split(sign)]
        known = match_columns(names) if len(names) > 1 else {}
        divided = sum(line.count(sign) >= len(names) - 1 for line in lines)
        if "text" in known and len(known) > 1 and divided * 2 > len(lines):
            if len(sign.encode()) == 1:
                return [DelimitedTable(text, sign)]
            return [DelimitedTable(_Altered(text.export, _marking(sign)), NO_DELIMITER)]
    return []


def _first_lines(text: DelimitedText) -> list[str]:
    head = next(text.blocks(_CHAT_BYTES), b"").decode("utf-8", "replace")
    return [line for line in head.replace("\r", "\n").split("\n") if line.strip()]


def _marking(sign: str) -> Callable[[Iterator[bytes]], Iterator[bytes]]:
    """Return what puts the control character of no delimiter in the place of a longer one."""
    long, short = sign.encode(), NO_DELIMITER.encode()
    return lambda blocks: rewritten(blocks, lambda part: part.replace(long, short))


_RARE = (
    "\t|\t",
    "||",
    "::",
    "@@",
    "^",
    "~",
    "¦",
    "§",
    "#",
    "$",
    "!",
    "*",
    "%",
    "/",
    "\x02",
    "\x1e",
)
_LONGEST_LINE, _LINES = 4_000, 20


# Columns that stand one below the other, as consoles and printers write them: blanks divide them.


class _Aligned(_Altered):
    """A text whose columns are told by their places; each line is written as quoted cells."""

    said = "columns are read by their places in the lines"

    def keeps_quotes(self, delimiter: str) -> bool:
        """Tell that quotes in its cells are doubled."""
        return False


def _find_aligned(text: DelimitedText) -> list[DelimitedTable]:
    """Return a text whose columns stand at the same places of all lines; none for another."""
    lines = _first_lines(text)[:_ALIGNED_LINES]
    if len(lines) < _FEWEST_ALIGNED or len(lines[0]) > _LONGEST_LINE:
        return []
    ruled = _find_ruled(text.export, lines)
    if ruled:
        return ruled
    names = _WIDE_BLANKS.split(lines[0].strip())
    known = match_columns(names) if len(names) > 1 else {}
    if "text" not in known or len(known) == 1:
        return []
    header, *rows = (line for line in lines if not _RULE.fullmatch(line))
    ways = [
        partial(_cut_line, spread=spread, cuts=cuts)
        for spread in (_spread_wide, str)
        if (cuts := _find_cuts(spread(header), [*map(spread, rows)], names))
    ]
    if ways:
        fitting = min(ways, key=lambda cut: sum(not _is_divided(cut(row)) for row in rows))
        return [_aligned_table(text.export, fitting)]
    divided = [_WIDE_BLANKS.split(row.strip()) for row in rows]
    if sum(len(cells) == len(names) for cells in divided) >= _USUALLY * len(rows):
        return [_aligned_table(text.export, lambda line: _WIDE_BLANKS.split(line.strip()))]
    if text.export.is_found or not set(header).isdisjoint(_DELIMITERS):
        return []
    raise CaodianError(
        "columns that blanks divide must stand at the same places in all lines",
        value=str(text.export.path),
        where=f"the names are {', '.join(names[:_NAMES_TOLD])}",
        remedy="Save the table as CSV, or with a tab between the columns.",
    )


def _find_ruled(export: Export, lines: Sequence[str]) -> list[DelimitedTable]:
    """Return a table below whose names a line for each column is drawn; none for another."""
    if not _RULES.fullmatch(lines[1]):
        return []
    cuts = [found.start() for found in _BETWEEN_RULES.finditer(lines[1].rstrip())]
    for spread in (_spread_wide, str):
        cut = partial(_cut_line, spread=spread, cuts=cuts)
        divided = [cut(line) for line in (lines[0], *lines[2:])]
        known = match_columns(divided[0])
        is_usual = sum(len(cells) > 1 for cells in divided) >= _USUALLY * len(divided)
        if is_usual and "text" in known and len(known) > 1:
            return [_aligned_table(export, cut)]
    return []


_RULES, _BETWEEN_RULES = re.compile(r"\s*[-=]{2,}(?: +[-=]{2,})+\s*"), re.compile("(?<=[-=]) ")


def _is_divided(cells: Sequence[str]) -> bool:
    """Tell whether no cell holds what stands in two columns, as it does in the wrong measure."""
    return len(cells) > 1 and not any(map(_WIDE_BLANKS.search, cells))


_WIDE_BLANKS = re.compile("[ \u3000]{2,}")
_RULE = re.compile(r"[\s\-=+]+")
_ALIGNED_LINES, _FEWEST_ALIGNED, _USUALLY, _NAMES_TOLD = 300, 3, 0.9, 5


def _spread_wide(line: str) -> str:
    """Return a line in which a character that takes two places is followed by a filler."""
    if line.isascii():
        return line
    return "".join(
        sign + _FILLER if east_asian_width(sign) in "WF" and sign != "\u3000" else sign
        for sign in line.replace("\u3000", "  ")
    )


_FILLER = "\ufdd0"  # no character of any text


def _find_cuts(header: str, rows: list[str], names: Sequence[str]) -> list[int] | None:
    """Return the places between the columns, None where no place between two names is blank."""
    cuts, end = list[int](), 0
    blank = Counter(place for row in rows for place in _blank_places(row, len(header)))
    for number, name in enumerate(names):
        shown = _spread_wide(name) if _FILLER in header else name
        begin = header.find(shown, end)
        # A blank within dates stands in all rows, too, but hardly a wider one than the columns'.
        run = _widest_run([n for n in range(end, begin) if blank[n] >= _USUALLY * len(rows)])
        if number and not run:
            return None
        # Something stands left of the first name where rows are numbered without one.
        if number or (run and sum(bool(row[: run[-1]].strip()) for row in rows) * 2 > len(rows)):
            cuts.append(max(run, key=lambda place: (blank[place], place)))
        end = begin + len(shown)
    return cuts


def _widest_run(places: Sequence[int]) -> list[int]:
    """Return the longest run of numbers that follow each other, the last of several."""
    runs: list[list[int]] = [[]]
    for place in places:
        if runs[-1] and place > runs[-1][-1] + 1:
            runs.append([])
        runs[-1].append(place)
    return max(reversed(runs), key=len)


def _blank_places(row: str, end: int) -> Iterator[int]:
    return (place for place in range(end) if row[place : place + 1] in ("", " "))


def _cut_line(line: str, spread: Callable[[str], str], cuts: Sequence[int]) -> list[str]:
    """Return the cells of a line, or all of it where something stands between two."""
    places = spread(line)
    if any(places[cut : cut + 1].strip(" ") for cut in cuts):
        return [line]
    cells = [places[begin:end] for begin, end in pairwise([0, *cuts, len(places)])]
    return [cell.replace(_FILLER, "").strip() for cell in cells]


def _aligned_table(export: Export, cut: Callable[[str], Sequence[str]]) -> DelimitedTable:
    def written(blocks: Iterator[bytes]) -> Iterator[bytes]:
        for line in text_lines(blocks):
            if line.strip() and not _RULE.fullmatch(line):
                cells = (cell.replace('"', '""') for cell in cut(line))
                yield ('"' + f'"{NO_DELIMITER}"'.join(cells) + '"\n').encode()

    return DelimitedTable(_Aligned(export, lambda blocks: _joined(written(blocks))), NO_DELIMITER)


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces in blocks."""
    while block := b"".join(islice(pieces, _PIECES)):
        yield block


_PIECES = 10_000


def _toml_reader(export: Export) -> Callable[[Iterator[bytes]], Iterator[bytes]]:
    """Return what writes a document of TOML as JSON."""

    def written(blocks: Iterator[bytes]) -> Iterator[bytes]:
        content = b""
        try:
            for block in blocks:
                content += block
                if len(content) > _LONGEST_TOML:
                    raise ValueError("it is longer")
            document = tomllib.loads(content.decode().replace("\r\n", "\n"), parse_float=str)
        except (ValueError, RecursionError) as error:
            if export.is_found or export.archive:  # it is named among what is not read
                yield b"{}"
                return
            raise CaodianError(
                f"a TOML file must be whole and have {_LONGEST_TOML >> 20} MiB at most",
                value=str(export.path),
                where=str(error)[:200],
                remedy="Write each post as a table of its own below [[posts]], or as JSONL.",
            ) from None
        yield json.dumps(document, ensure_ascii=False, default=str).encode()

    return written


_LONGEST_TOML = 16 << 20


def _find_fields(text: DelimitedText) -> NamedLines | None:
    """Return a text file whose lines each name what they hold, None for any other."""
    if text.export.path.suffix.lower() not in _TEXT_SUFFIXES:
        return None
    names = find_names(text_lines(text.blocks(_CHAT_BYTES)))
    if names is None:
        return None
    return NamedLines(text.export.path, lambda: text_lines(text.blocks()), names)


_TEXT_SUFFIXES = (".txt", ".yaml", ".yml", ".log", ".md", ".ini", "")


def _find_chat(text: DelimitedText) -> Chat | None:
    """Return a text file as a chat, None for any other."""
    if text.export.path.suffix.lower() != ".txt":
        return None
    sign = find_sign(text_lines(text.blocks(_CHAT_BYTES)))
    return Chat(text.export.path, lambda: text_lines(text.blocks()), sign) if sign else None


_CHAT_BYTES = 1 << 18
_JSON_SUFFIXES, _OBJECT = (".json", ".jsonl", ".ndjson"), re.compile(rb"\{\s*[\"'][^\"']+[\"']\s*:")


def list_database(url: str) -> list[list[RawTable]]:
    """Return the tables of a database by its SQLAlchemy URL."""
    file = sqlite_file(url)
    if file is None:
        return [[table] for table in database_tables(url)]
    shown = PurePath(hide_password(url))
    tables = [sqlite_tables(export, shown) for export in find_exports([file])]
    return [[table] for table in chain.from_iterable(tables)]


def _page_tables(export: Export) -> list[list[RawTable]]:
    tables = html_tables(export)
    if not tables:
        raise _foreign(export, "a web page without a table")
    return [[table] for table in tables]


def _xml_tables(export: Export, root: str) -> list[list[RawTable]]:
    """Return the posts of an XML file, or the sheets of one that is a workbook."""
    if root.rpartition(":")[2] == "Workbook":
        return [[sheet] for sheet in xml_sheets(export)]
    return [[xml_table(export, root)]]


def _refuse_foreign(start: bytes, export: Export) -> None:
    for mark, kind in _FOREIGN:
        if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark) and not _is_page(start):
            raise _foreign(export, kind)
    for sign, kind in _WRITTEN:
        if sign.match(start.removeprefix(b"\xef\xbb\xbf")):
            raise _foreign(export, kind)
    if _is_mail(start):
        raise _foreign(export, "mail, or a page saved as one")
    if start.startswith(_PICKLES):
        raise _foreign(export, "a pickle, which may run any program when it is opened")


def _refuse_packed(start: bytes, export: Export) -> None:
    """Refuse what is packed in a way that is not read: only zip and gz are, and one in no other."""
    found = next((kind for mark, kind in _PACKED if start.startswith(mark)), None)
    found = "a tar archive" if _is_tar(start) else found
    if start.startswith(b"PK\x03\x04"):
        length = int.from_bytes(start[26:28], "little")
        inner = PurePath(start[30 : 30 + length].decode("utf-8", "replace"))
        # The first part of a workbook is XML, too.
        is_archive = inner.suffix.lower() in EXPORT_SUFFIXES - {".xml"}
        found = "an archive within another" if is_archive else found
    if found:
        raise CaodianError(
            "an export must be packed by zip or gzip, and once",
            value=f"{export.path} is {found}",
            remedy="Unpack it and name what was in it.",
        )


_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_SECTOR, _DIRECTORY_BYTES, _SKIPPED_BYTES = 512, 4096, 1 << 20
_OLD_DOCUMENTS = ("WordDocument", "PowerPoint Document", "HwpSummaryInformation")


def _refuse_old_document(start: bytes, export: Export) -> None:
    """Refuse a document of Word or PowerPoint as of 2003, which looks like a workbook outside."""
    # Behind the header the directory's sector; members of archives cannot be entered midway.
    left = (int.from_bytes(start[48:52], "little") + 1) * _SECTOR
    with export.open() as stream:
        while left > 0 and (passed := stream.read(min(left, _SKIPPED_BYTES))):
            left -= len(passed)
        directory = stream.read(_DIRECTORY_BYTES)
    if any(name.encode("utf-16-le") in directory for name in _OLD_DOCUMENTS):
        raise CaodianError(
            "an export must be a table or JSON",
            value=f"{export.path} is a document of Word or PowerPoint",
            remedy="Copy its table into a spreadsheet, or save it as plain text with one post a "
            "line.",
        )


def _is_tar(start: bytes) -> bool:
    """Tell whether a file begins with the header of a member, which adds up to its own check."""
    head = start[:_TAR_BLOCK]
    told = head[_TAR_CHECK].strip(b"\0 ")
    if len(head) < _TAR_BLOCK or not told.isdigit() or b"8" in told or b"9" in told:
        return False
    blanks = _TAR_CHECK.stop - _TAR_CHECK.start
    return int(told, 8) == sum(head) - sum(head[_TAR_CHECK]) + blanks * ord(" ")


_TAR_BLOCK, _TAR_CHECK = 512, slice(148, 156)


def _refuse_seven_bits(start: bytes, export: Export) -> None:
    """Refuse text whose characters are written in ASCII, which reads as words without sense."""
    if not start.isascii():
        return
    for name, (sign, codec) in _SEVEN_BITS.items():
        found = b" ".join(match[0] for match in sign.finditer(start)).decode(codec, "ignore")
        # What is packed in another way, such as a key in an address, gives rare characters.
        if len(found) >= _FEWEST_HAN and (share_common(found) or 0) >= _USUAL_SHARE:
            raise CaodianError(
                "a text file must be UTF-8, UTF-16, GB18030 or Big5",
                value=f"text that seems to be {name}",
                where=str(export.path),
                remedy="Save the file again as UTF-8.",
            )


_SEVEN_BITS = {
    "UTF-7": (re.compile(rb"\+[A-Za-z0-9+/]{3,}-?"), "utf-7"),
    "HZ": (re.compile(rb"~\{(?:[!-w][!-~])+~\}"), "hz"),
    "ISO-2022": (re.compile(rb"\x1b\$[()]?[@-D](?:[!-~][!-~])+(?:\x1b\([BJ])?"), "iso2022_jp_2"),
}
_FEWEST_HAN, _USUAL_SHARE = 4, 0.4


def _is_mail(start: bytes) -> bool:
    """Tell whether a file begins with the lines above a letter, as mail boxes and MHT pages do."""
    lines = start.lstrip(b"\xef\xbb\xbf").splitlines()[:_MAIL_LINES]
    return bool(lines) and (
        _MAIL_BOX.match(lines[0]) is not None
        or (
            _MAIL_LINE.match(lines[0]) is not None
            and sum(_MAIL_LINE.match(line) is not None for line in lines) >= _FEWEST_MAIL_LINES
        )
    )


_MAIL_BOX = re.compile(rb"From \S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} +\d")
_MAIL_LINE = re.compile(
    rb"(?:From|To|Date|Subject|MIME-Version|Received|Return-Path|Delivered-To|Message-ID|Reply-To"
    rb"|Content-Type|X-[A-Za-z-]+): ",
    re.IGNORECASE,
)
_MAIL_LINES, _FEWEST_MAIL_LINES = 20, 2


def _is_page(start: bytes) -> bool:
    """Tell whether markup is a page of the web, also behind a declaration of XML."""
    bare = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if bare.startswith(b"<?xml"):
        bare = bare.partition(b"?>")[2].lstrip()
    return bare.startswith(_PAGE)


def _foreign(export: Export, kind: str) -> CaodianError:
    return CaodianError(
        "an export must be a table or JSON",
        value=f"{export.path} is {kind}",
        remedy="Export the posts as CSV, XLSX, JSON, JSONL, Parquet or SQLite.",
    )
