"""How well the steps before coding do: what is masked, and which near-duplicates are joined.

Masking by kind on labelled spans, with the scan for what is left in files that were built;
deduplication on pairs of texts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import polars as pl

from analysis.corpus.families import group_near_duplicates
from analysis.corpus.mask import find_personal_data, find_rows
from analysis.corpus.mask_finders import TOKENS, Span
from analysis.engine.flat_columns import text_buffers
from analysis.errors import CaodianError
from analysis.frames import as_texts
from analysis.storage.encoding import detect
from analysis.storage.read import read_sheets, read_table

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
    for row in find_rows(text_buffers(lines)).tolist():
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


# Look for personal data in files that are to leave the project: tables, pages, drawings, text.

# Files of another suffix are read too if they are UTF-8.
_TEXT = (".csv", ".tsv", ".jsonl", ".json", ".ipynb", ".html", ".htm", ".svg", ".xml", ".txt")
# `\u738b` is a character to a reader of JSON; control characters would shift the lines.
_ESCAPED = re.compile(r"\\u((?!00[0-7])(?!d[89a-f])[0-9a-f]{4})", re.IGNORECASE)
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
# Of a drawing only what is written in it is read: its paths are full of digits.
_UNWRITTEN = re.compile(r"<style\b.*?</style>|<[^>!][^>]*>", re.DOTALL)

_HASH = re.compile("[0-9a-f]+")


class FileLeak(NamedTuple):
    """Something that identifies, and where it stands."""

    path: Path
    place: str
    kind: str
    masked: str


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


def scan_file(path: str | Path) -> list[FileLeak] | None:
    """Find what identifies in one file.

    Parameters
    ----------
    path
        A table (CSV, XLSX with every sheet, JSONL, Parquet), a page, a drawing, a notebook, text.

    Returns
    -------
    list of FileLeak or None
        Every find with its place, itself masked; None if the file is of no kind that is read.

    Raises
    ------
    CaodianError
        If a workbook or a Parquet file is damaged, or a text is in no known encoding.

    Examples
    --------
    >>> from analysis.storage.run_paths import project_root
    >>> scan_file(project_root() / "data/coded/README.md")
    []
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if not path.stat().st_size:
        return []
    if suffix == ".xlsx":
        return [
            _tell(path, f"sheet {name}, row {leak.line}, column {column}", leak)
            for name, sheet in read_sheets(path).items()
            for column, leak in _in_columns(sheet)
        ]
    if suffix == ".parquet":
        table = read_table(path)
        names = _scan_for_personal_data(" ".join(table.columns))
        cells = list(_in_columns(table))
        return [
            *(_tell(path, "names of columns", leak) for leak in names),
            *(_tell(path, f"row {leak.line}, column {column}", leak) for column, leak in cells),
        ]
    text = _decode(path, known=suffix in _TEXT)
    if text is None:
        return None
    return [_tell(path, f"line {leak.line}", leak) for leak in _in_text(text)]


def _in_columns(table: pl.DataFrame) -> Iterator[tuple[int, _Leak]]:
    """Search the cells column by column; the line of a find is the row, from 1."""
    for number, column in enumerate(table.iter_columns(), start=1):
        cells = ["" if value is None else str(value) for value in column.to_list()]
        if not _are_keys(cells):
            for leak in _in_cells(cells):
                yield number, leak


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


def _decode(path: Path, *, known: bool) -> str | None:
    data = path.read_bytes()
    try:
        if not known:
            return None if b"\0" in data else data.decode("utf-8")
        encoding = detect(data, where=str(path))
    except UnicodeDecodeError:
        return None
    return data[encoding.mark :].decode(encoding.name, errors="replace")


def _in_text(text: str) -> list[_Leak]:
    readable = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    leaks = _scan_for_personal_data(readable)
    for drawing in _DRAWING.finditer(readable):
        first = readable.count("\n", 0, drawing.start())
        written = _UNWRITTEN.sub(lambda tag: " " + "\n" * tag[0].count("\n"), drawing[0])
        leaks += [_Leak(first + line, *rest) for line, *rest in _scan_for_personal_data(written)]
    return sorted(leaks)


def _tell(path: Path, place: str, leak: _Leak) -> FileLeak:
    return FileLeak(path, place, leak.kind, "*" * len(leak.written))


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
