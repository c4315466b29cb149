"""How well the steps before coding do: what is masked, and which near-duplicates are joined.

Masking by kind on labelled spans, with the scan for what is left in files that were built;
deduplication on pairs of texts.
"""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from gzip import GzipFile
from io import BytesIO
from itertools import count, pairwise
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import pandas as pd
import polars as pl

from analysis.corpus.families import group_near_duplicates
from analysis.corpus.mask import find_personal_data, mask_texts
from analysis.corpus.mask_finders import TOKENS, Span
from analysis.errors import CaodianError
from analysis.frames import as_texts
from analysis.storage.encoding import detect
from analysis.storage.read import read_sheets

# Pictures, checksums, styles and drawings are full of digits and say nothing. `@jupyterlab/…` and
# `@media` are no handles, so a leaking handle needs a Han character.
_SILENT = re.compile(
    r"data:[a-z]+/[a-z0-9.+\-]+;base64,[A-Za-z0-9+/=\s]+|[A-Za-z0-9+/=]{200,}|\b[0-9a-f]{32,}\b"
    r"|<style\b.*?</style>|<svg\b.*?</svg>|\\u[0-9a-f]{4}",
    re.ASCII | re.DOTALL,
)
_HAN = re.compile("[\u4e00-\u9fff]")


class _Leak(NamedTuple):
    """Something that identifies, in a file that is to leave the project."""

    line: int
    kind: str
    written: str


def _scan_for_personal_data(text: str) -> list[_Leak]:
    r"""Find what identifies in a built file: HTML, a notebook, CSV, JSON or plain text."""
    readable = _SILENT.sub(lambda found: " " + "\n" * found.group().count("\n"), text)
    lines = pl.Series(readable.split("\n"), dtype=pl.String)
    leaks = []
    for row in (pl.Series(mask_texts(lines)[1]) != "{}").arg_true():
        line = lines[row]
        for span in find_personal_data(line):
            written = line[span.start : span.end]
            if span.kind != "url" and (span.kind != "handle" or _HAN.search(written)):
                leaks.append(_Leak(row + 1, span.kind, written))
    return leaks


def evaluate_privacy(
    labelled: pl.DataFrame, *, text_column: str = "text", label_column: str = "spans"
) -> pd.DataFrame:
    """Measure masking on texts with labelled spans.

    Parameters
    ----------
    labelled
        A text a row, and its spans: a list (or its JSON) of `{"start", "end", "kind"}` with
        places in characters and kinds as in the `masked` column.

    Returns
    -------
    pd.DataFrame
        `kind, labelled, masked, recall, right_kind, found, precision`. A span is masked if nothing
        of it is left, under whatever token; a find is right if it meets a labelled span.

    Raises
    ------
    CaodianError
        When a label is not readable.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["打13812345678"],
    ...                       "spans": ['[{"start": 1, "end": 12, "kind": "phone"}]']})
    >>> evaluate_privacy(posts)[["kind", "labelled", "masked"]].to_dict("records")[0]
    {'kind': 'phone', 'labelled': 1, 'masked': 1}
    """
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("labelled", "masked", "right_kind", "found", "right")
    }
    rows = labelled.select(text_column, label_column).iter_rows()
    for number, (text, label) in enumerate(rows, start=1):
        _compare(find_personal_data(text or ""), _read_spans(label, number), counts)
    return _table(counts)


def _compare(found: list[Span], wanted: list[Span], counts: dict[str, Counter[str]]) -> None:
    for span in wanted:
        meeting = [other for other in found if _meets(span, other)]
        covered = {place for other in meeting for place in range(other.start, other.end)}
        counts["labelled"][span.kind] += 1
        counts["masked"][span.kind] += covered.issuperset(range(span.start, span.end))
        counts["right_kind"][span.kind] += any(other.kind == span.kind for other in meeting)
    for span in found:
        counts["found"][span.kind] += 1
        counts["right"][span.kind] += any(_meets(span, other) for other in wanted)


def _meets(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end


def _read_spans(label: object, row: int) -> list[Span]:
    try:
        spans = json.loads(label) if isinstance(label, str) else (label or [])
        if not isinstance(spans, Iterable):
            raise TypeError
        read = [Span(int(span["start"]), int(span["end"]), str(span["kind"])) for span in spans]
    except (TypeError, KeyError, ValueError) as error:
        raise CaodianError(
            'a label must be a list of {"start", "end", "kind"}', value=label, where=f"row {row}"
        ) from error
    unknown = [span.kind for span in read if span.kind not in TOKENS]
    if unknown:
        raise CaodianError(
            f"a kind must be one of {', '.join(TOKENS)}", value=unknown[0], where=f"row {row}"
        )
    return read


def _table(counts: dict[str, Counter[str]]) -> pd.DataFrame:
    kinds = [kind for kind in TOKENS if counts["labelled"][kind] or counts["found"][kind]]
    rows = []
    for kind in [*kinds, "all"]:
        one = {
            name: sum(counter.values()) if kind == "all" else counter[kind]
            for name, counter in counts.items()
        }
        rows.append(
            {
                "kind": kind,
                "labelled": one["labelled"],
                "masked": one["masked"],
                "recall": _share(one["masked"], one["labelled"]),
                "right_kind": _share(one["right_kind"], one["labelled"]),
                "found": one["found"],
                "precision": _share(one["right"], one["found"]),
            }
        )
    return pd.DataFrame(rows)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


# Look for personal data in files that are to leave the project, and in what is packed into them.

# Files of another suffix are read too if they are UTF-8.
_TEXT = (".csv", ".tsv", ".jsonl", ".json", ".ipynb", ".html", ".htm", ".svg", ".xml", ".txt")
_BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
# How much is unpacked of one file, and how deep; what is beyond is named and not read.
_MOST_BYTES = 1 << 30
_DEEPEST = 4
# `\u738b` is a character to a reader of JSON; control characters would shift the lines.
_ESCAPED = re.compile(r"\\u((?!00[0-7])(?!d[89a-f])[0-9a-f]{4})", re.IGNORECASE)
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
# Of a drawing only what is written in it is read: its paths are full of digits.
_UNWRITTEN = re.compile(r"<style\b.*?</style>|<[^>!][^>]*>", re.DOTALL)
# In a program `before + view.x` is no account of WeChat, if nobody wrote about it in Chinese.
_PROGRAM = re.compile(r"<script\b(?![^>]*json).*?</script>", re.DOTALL)
# A table that a page offers to save.
_SAVED = re.compile(r"data:(?:text|application)/[a-z.+;=0-9-]+;base64,([A-Za-z0-9+/=]+)")
# A map of topics: facts about it, and its points with their texts in one packed block.
_MAP = re.compile(r'id="facts"[^>]*>(.*?)</script>.*?id="packed"[^>]*>(.*?)</script>', re.DOTALL)
_ONE_BYTE = 150  # characters of a map that take one

_HASH = re.compile("[0-9a-f]+")


class FileLeak(NamedTuple):
    """Something that identifies, and where it stands."""

    path: Path
    place: str
    kind: str
    masked: str


@dataclass
class Scan:
    """What identifies in a file, and which members of it are not read; "" is the file itself."""

    path: Path
    leaks: list[FileLeak] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    room: int = field(default_factory=lambda: _MOST_BYTES)

    def tell(self, place: str, leaks: Iterable[_Leak], *, unit: str = "line") -> None:
        """Add finds, themselves masked, in a place; without a unit it has no lines."""
        for leak in leaks:
            where = _within(place, f"{unit} {leak.line}" if unit else "")
            self.leaks.append(FileLeak(self.path, where, leak.kind, "*" * len(leak.written)))

    @contextmanager
    def refuse_broken(self, kind: str, place: str) -> Iterator[None]:
        """Turn what a damaged file raises into a sentence."""
        try:
            yield
        except _BROKEN as error:
            raise CaodianError(
                f"{kind} must be whole",
                value=str(self.path),
                where=place or None,
                remedy="Mend the file or write it again.",
            ) from error


_BROKEN = (
    BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError,
    sqlite3.Error, pl.exceptions.PolarsError,
)  # fmt: skip


def _within(place: str, inner: str) -> str:
    return ", ".join(part for part in (place, inner) if part)


def list_files(paths: Sequence[str | Path]) -> list[Path]:
    """Name the files of paths and of the folders below them, hidden ones left out, in order.

    Raises
    ------
    CaodianError
        If a path does not exist.

    Examples
    --------
    >>> from analysis.storage.run_paths import project_root
    >>> [path.name for path in list_files([project_root() / "data/coded/README.md"])]
    ['README.md']
    """
    files: dict[Path, None] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise CaodianError(
                "a path to scan must exist", value=str(path), remedy="Check the path."
            )
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.is_file() and not hidden:
                files[file] = None
    return list(files)


def scan_file(path: str | Path) -> Scan:
    """Find what identifies in one file: in its name and in all that it holds.

    Parameters
    ----------
    path
        A table (CSV, JSONL, Parquet), a workbook with every sheet, remark and property, a database
        of SQLite, a page, a drawing, a notebook, text, or an archive of such files (zip, tar, gzip)
        and of other archives. At most a gigabyte is unpacked.

    Returns
    -------
    Scan
        Every find with its place, itself masked, and what is of no kind that is read.

    Raises
    ------
    CaodianError
        If a workbook, an archive, a database or a Parquet file is damaged, or a text is in no known
        encoding.

    Examples
    --------
    >>> from analysis.storage.run_paths import project_root
    >>> scan_file(project_root() / "data/coded/README.md").leaks
    []
    """
    path = Path(path)
    scan = Scan(path)
    scan.tell("its name", _scan_for_personal_data(path.name), unit="")
    _scan_content(scan, path.read_bytes(), path.name, "", _DEEPEST)
    return scan


def _scan_content(scan: Scan, content: bytes, name: str, place: str, depth: int) -> None:
    """Search a file, or the member of one that `place` names, as what its first bytes say it is."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".parquet" or content.startswith(b"PAR1"):
        _scan_parquet(scan, content, place)
    elif content and (suffix in _BOOKS or _is_book(content)):
        _scan_book(scan, content, place, depth)
    elif suffix == ".zip" or content.startswith(b"PK\3\4"):
        _scan_zip(scan, content, place, depth)
    elif content.startswith(b"\x1f\x8b"):
        with scan.refuse_broken("a packed file", place), GzipFile(fileobj=BytesIO(content)) as file:
            _scan_member(scan, file, name.removesuffix(".gz"), place, depth)
    elif content[257:262] == b"ustar":
        _scan_tar(scan, content, place, depth)
    elif content.startswith(b"SQLite format 3\0"):
        _scan_database(scan, content, place)
    else:
        text = _decode(content, str(scan.path), known=suffix in _TEXT)
        if text is None:
            scan.unread.append(place)
        else:
            scan.tell(place, _in_text(text))


# What holds further files.


def _scan_zip(scan: Scan, content: bytes, place: str, depth: int) -> None:
    with scan.refuse_broken("an archive", place), ZipFile(BytesIO(content)) as archive:
        remark = archive.comment.decode("utf-8", "replace")
        scan.tell(_within(place, "remark"), _scan_for_personal_data(remark), unit="")
        for member in archive.infolist():
            if member.flag_bits & 1:
                scan.unread.append(_within(place, f"{_masked(member.filename)} (locked)"))
            elif not member.is_dir():
                with archive.open(member) as stream:
                    _scan_member(scan, stream, member.filename, place, depth)


def _scan_tar(scan: Scan, content: bytes, place: str, depth: int) -> None:
    with scan.refuse_broken("an archive", place), tarfile.open(fileobj=BytesIO(content)) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                _scan_member(scan, stream, member.name, place, depth)


def _scan_member(
    scan: Scan, stream: IO[bytes] | GzipFile, name: str, place: str, depth: int
) -> None:
    """Search a member and its name, unless it is deeper or larger than what is unpacked."""
    inside = _within(place, _masked(name))
    scan.tell(_within(inside, "its name"), _scan_for_personal_data(name), unit="")
    content = stream.read(scan.room + 1) if depth else b""
    if not depth or len(content) > scan.room:
        scan.unread.append(inside)
        return
    scan.room -= len(content)
    _scan_content(scan, content, name, inside, depth - 1)


def _masked(name: str) -> str:
    """Write the name of a member, a sheet or a table so that it names nobody."""
    for leak in _scan_for_personal_data(name):
        name = name.replace(leak.written, "*" * len(leak.written))
    return name


# Tables.

# The parts of a workbook that hold cells, which are read as a table.
_SHEETS = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.(?:xml|bin)|content\.xml")
_MARKUP = (".xml", ".rels", ".vml")
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_AT_ONCE, _HEAD = 20_000, 1_000  # rows of a database in memory, and those that all are held against


def _is_book(content: bytes) -> bool:
    """Tell a workbook of Excel under another suffix."""
    if content.startswith(b"PK\3\4"):
        with suppress(BadZipFile), ZipFile(BytesIO(content)) as archive:
            return any(name.startswith("xl/workbook.") for name in archive.namelist())
    return False


def _scan_book(scan: Scan, content: bytes, place: str, depth: int) -> None:
    """Search the cells, the names of sheets, and what a workbook says beside them."""
    for name, sheet in read_sheets(content, where=str(scan.path)).items():
        named = _within(place, f"sheet {_masked(name)}")
        scan.tell(_within(named, "its name"), _scan_for_personal_data(name), unit="")
        _scan_columns(scan, map(_words, sheet.iter_columns()), named)
    if not content.startswith(b"PK"):
        return
    with scan.refuse_broken("a workbook", place), ZipFile(BytesIO(content)) as parts:
        for name in parts.namelist():  # remarks, properties, headers, pictures
            if name.endswith(_MARKUP) and not _SHEETS.fullmatch(name):
                said = _UNWRITTEN.sub(" ", parts.read(name).decode("utf-8", "replace"))
                scan.tell(_within(place, name), _scan_for_personal_data(said), unit="")
            elif not name.endswith((*_MARKUP, "/")):
                with parts.open(name) as stream:
                    _scan_member(scan, stream, name, place, depth)


def _scan_parquet(scan: Scan, content: bytes, place: str) -> None:
    if not content:
        return
    with scan.refuse_broken("a .parquet file", place):
        table = pl.read_parquet(BytesIO(content))
    names = _scan_for_personal_data(" ".join(table.columns))
    scan.tell(_within(place, "names of columns"), names, unit="")
    _scan_columns(scan, map(_words, table.iter_columns()), place)


def _scan_database(scan: Scan, content: bytes, place: str) -> None:
    with (
        scan.refuse_broken("a database", place),
        closing(sqlite3.connect(":memory:")) as database,
    ):
        database.deserialize(content)
        database.text_factory = lambda cell: cell.decode("utf-8", "replace")
        for (name,) in database.execute(_TABLES).fetchall():
            quoted = name.replace('"', '""')
            rows = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - the file's own name
            names = " ".join([name, *(column[0] for column in rows.description)])
            named = _within(place, f"table {_masked(name)}")
            scan.tell(_within(named, "names"), _scan_for_personal_data(names), unit="")
            head: list[list[str]] = []
            for after in count(step=_AT_ONCE):
                if not (part := rows.fetchmany(_AT_ONCE)):
                    break
                columns = [[_word(cell) for cell in cells] for cells in zip(*part, strict=True)]
                head = head or [cells[:_HEAD] for cells in columns]
                _scan_columns(scan, columns, named, after=after, head=head)


def _words(column: pl.Series) -> list[str]:
    return [_word(value) for value in column.to_list()]


def _word(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _scan_columns(
    scan: Scan, columns: Iterable[list[str]], place: str, *, after: int = 0,
    head: Sequence[list[str]] = (),
) -> None:  # fmt: skip
    """Search cells column by column; the line of a find is the row, from 1.

    Of a table that is read in parts, rows are counted after those of earlier parts, and a column
    holds hashes where its first rows do, too.
    """
    found = [
        (after + leak.line, number, leak)
        for number, cells in enumerate(columns, start=1)
        if not _are_keys([*cells, *(head[number - 1] if head else ())])
        for leak in _in_cells(cells)
    ]
    for row, number, leak in found:
        scan.tell(_within(place, f"row {row}, column {number}"), [leak], unit="")


def _in_cells(cells: list[str]) -> Iterator[_Leak]:
    """Search each different cell once: columns of labels and dates repeat few."""
    places: dict[str, list[int]] = {}
    for row, cell in enumerate(cells, start=1):
        places.setdefault(re.sub(r"[\r\n]", " ", cell), []).append(row)
    different = list(places)
    for leak in _scan_for_personal_data("\n".join(different)):
        for row in places[different[leak.line - 1]]:
            yield leak._replace(line=row)


def _are_keys(cells: list[str]) -> bool:
    """Tell a column of hashes, in which by chance some are all digits."""
    filled = [cell for cell in cells if cell]
    return (
        len({len(cell) for cell in filled}) == 1
        and len(filled[0]) >= 16
        and all(_HASH.fullmatch(cell) for cell in filled)
        and sum(map(str.isdecimal, filled)) < len(filled) / 2
    )


# Text, pages and drawings.


def _decode(data: bytes, where: str, *, known: bool) -> str | None:
    try:
        if not known:
            return None if b"\0" in data else data.decode("utf-8")
        encoding = detect(data, where=where)
    except UnicodeDecodeError:
        return None
    return data[encoding.mark :].decode(encoding.name, errors="replace")


def _in_text(text: str) -> list[_Leak]:
    readable = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    programs = _lines_of_programs(readable)
    leaks = [
        leak
        for leak in _scan_for_personal_data(readable)
        if leak.kind != "wechat" or leak.line not in programs
    ]
    for drawing in _DRAWING.finditer(readable):
        first = readable.count("\n", 0, drawing.start())
        written = _UNWRITTEN.sub(lambda tag: " " + "\n" * tag[0].count("\n"), drawing[0])
        leaks += [_Leak(first + line, *rest) for line, *rest in _scan_for_personal_data(written)]
    for place, packed in _packed_in(readable):
        line = readable.count("\n", 0, place) + 1
        leaks += [leak._replace(line=line) for leak in _scan_for_personal_data(packed)]
    return sorted(leaks)


def _lines_of_programs(page: str) -> set[int]:
    """Return the numbers of the lines of programs of a page in which no Chinese stands."""
    lines = set()
    for program in _PROGRAM.finditer(page):
        first = page.count("\n", 0, program.start()) + 1
        inside = enumerate(program[0].split("\n"), start=first)
        lines |= {number for number, line in inside if not _HAN.search(line)}
    return lines


def _packed_in(page: str) -> Iterator[tuple[int, str]]:
    """Yield what a page holds packed, with its place: tables to save, the texts of a map."""
    for saved in _SAVED.finditer(page):
        yield saved.start(), base64.b64decode(saved[1] + "==").decode("utf-8", "replace")
    for drawn in _MAP.finditer(page):
        with suppress(ValueError, KeyError, IndexError, TypeError, zlib.error):  # another page
            yield drawn.start(2), _texts_of_map(json.loads(drawn[1]), drawn[2])


def _texts_of_map(facts: dict[str, Any], packed: str) -> str:
    """Spell the texts of a map of topics as its script does (`reporting/topic_map.py`)."""
    content = zlib.decompress(base64.b64decode(packed), -15)
    numbers = 6 * facts["pairs"] + 11 * facts["texts"]  # bytes of the points and their days
    signs, codes = facts["characters"], iter(content[numbers:])
    if not isinstance(signs, str):  # as text in maps from before December 2026
        signs = "".join(map(chr, signs))
    return "".join(
        signs[code if code < _ONE_BYTE else _ONE_BYTE + (code - _ONE_BYTE) * 256 + next(codes)]
        for code in codes
    )


# Near-duplicates, on pairs of texts.


def evaluate_deduplication(
    pairs: pl.DataFrame, *, columns: tuple[str, str] = ("text_a", "text_b"), similarity: float = 0.8
) -> pd.DataFrame:
    """Measure recall and precision on pairs, by their exact similarity.

    All texts are searched together, as in a corpus; a pair is joined if its texts fall into one
    family. Pairs under the threshold may rightly be joined, by way of a third text.

    Parameters
    ----------
    pairs
        Two texts a row.
    similarity
        Least Jaccard similarity of near-duplicates.

    Returns
    -------
    pd.DataFrame
        `low, high` (Jaccard similarity of the pairs, `high` excluded)`, pairs, joined, share`.

    Examples
    --------
    >>> pairs = pl.DataFrame({"text_a": ["客服一直推脱"], "text_b": ["客服一直推脱"]})
    >>> evaluate_deduplication(pairs).to_dict("records")
    [{'low': 1.0, 'high': 1.1, 'pairs': 1, 'joined': 1, 'share': 1.0}]
    """
    left, right = as_texts(pairs[columns[0]]), as_texts(pairs[columns[1]])
    texts = pl.concat([left.rename("text"), right.rename("text")])
    posts = texts.to_frame().select(
        key=pl.format("{}", pl.int_range(pl.len())),
        published_at=pl.lit(None, pl.Int64),
        text="text",
    )
    families = group_near_duplicates(posts, similarity)["family_id"]
    joined = (families[: len(left)] == families[len(left) :]).to_list()
    alike = [_jaccard(one, other) for one, other in zip(left, right, strict=True)]
    measured = pd.DataFrame({"similarity": alike, "joined": joined})
    return _by_band(measured, similarity)


def _jaccard(left: str | None, right: str | None) -> float:
    """Jaccard similarity of the sets of character 3-grams; short texts compare whole."""
    if not left or not right:
        return 0.0
    if min(len(left), len(right)) < 3:
        return float(left == right)
    one = {left[place : place + 3] for place in range(len(left) - 2)}
    other = {right[place : place + 3] for place in range(len(right) - 2)}
    return len(one & other) / len(one | other)


def _by_band(measured: pd.DataFrame, similarity: float) -> pd.DataFrame:
    edges = sorted({0.0, similarity, round(min(similarity + 0.05, 1.0), 10), 1.0, 1.1})
    rows = []
    for low, high in pairwise(edges):
        band = measured[(measured["similarity"] >= low) & (measured["similarity"] < high)]
        if len(band):
            joined = int(band["joined"].sum())
            row = {"low": low, "high": high, "pairs": len(band), "joined": joined}
            rows.append({**row, "share": joined / len(band)})
    return pd.DataFrame(rows, columns=["low", "high", "pairs", "joined", "share"])
