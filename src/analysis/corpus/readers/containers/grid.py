"""Tables whose header is only a row among rows: find it, and fit each row to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

import polars as pl

from analysis.corpus.readers.column_names import looks_like_header
from analysis.corpus.readers.plan import Head, Plan
from analysis.corpus.readers.values.columns import BLANKS
from analysis.corpus.readers.values.times import parse_time

# Put a row right whose text held unquoted delimiters, where only one reading is possible.


def _realign(row: Sequence[str], plan: Plan) -> list[str] | None:
    """Return the row with the pieces of its text joined again.

    Three cases are certain enough: the text is the last column, so that all cells beyond it are its
    pieces; only numbers, times and blanks stand behind it, in as many cells as the header has
    there; or the time stands right of the text and one later cell only is a time, so that what lies
    between are pieces.
    """
    text, time = _place(plan, "text"), _place(plan, "published_at")
    if text is None or time is None:
        return None
    width = len(plan.header)
    if text > time:
        end = len(row) - (width - 1 - text)
        if end <= text or not _is_time(row[time]) or not all(map(_is_measure, row[end:])):
            return None
        return [*row[:text], ",".join(row[text:end]), *row[end:]]
    if _is_time(row[time]):
        return None
    found = [place for place in range(time + 1, len(row)) if _is_time(row[place])]
    if len(found) != 1:
        return None
    extra = found[0] - time
    mended = [*row[:text], ",".join(row[text : text + extra + 1]), *row[text + extra + 1 :]]
    return mended if len(mended) <= width else None


def _place(plan: Plan, canonical: str) -> int | None:
    names = plan.columns.get(canonical, ())
    return plan.header.index(names[0]) if names and names[0] in plan.header else None


def _is_time(cell: str) -> bool:
    return any(mark in cell for mark in "-/:年") and parse_time(cell)[0] is not None


def _is_measure(cell: str) -> bool:
    return _MEASURE.fullmatch(cell) is not None or _is_time(cell)


_MEASURE = re.compile(r"\s*(?:[+-]?\d[\d.]*\s*[%+万千wWkK]?)?\s*")
_USUAL_TIME = "%Y-%m-%d %H:%M"
_HEADER_SEARCH = 30
SAMPLE_ROWS = 300
_AGAIN = "the header again"


def possible_heads(
    rows: Sequence[Sequence[str]], path: PurePath, container: str, table: str | None
) -> Iterator[tuple[int, Head]]:
    """Yield each of the first rows as a possible header, with its place.

    Examples
    --------
    >>> rows = [["导出"], ["时间", "内容"], ["2020", "慢"]]
    >>> [(place, head.header) for place, head in possible_heads(rows, PurePath("a"), "csv", None)]
    [(0, ('导出',)), (1, ('时间', '内容')), (2, ('2020', '慢'))]
    """
    headers = [place for place, row in enumerate(rows) if looks_like_header(row)]
    for place, row in enumerate(rows[:_HEADER_SEARCH]):
        end = next((other for other in headers if other > place), place + 1 + SAMPLE_ROWS)
        sample = tuple(tuple(cells) for cells in rows[place + 1 : end])
        yield place, Head(path, container, table, name_cells(row), sample)


def name_cells(row: Sequence[str]) -> tuple[str, ...]:
    r"""Return header cells stripped, blank ones numbered and repeated ones told apart.

    Examples
    --------
    >>> name_cells(["\ufeffid ", "", "id"])
    ('id', 'Unnamed: 1', 'id (2)')
    """
    seen: Counter[str] = Counter()
    names: list[str] = []
    for place, cell in enumerate(row):
        name = cell.replace("\x00", "").strip().strip("\ufeff").strip() or f"Unnamed: {place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def is_blank(row: Sequence[str]) -> bool:
    r"""Tell whether every cell of a row is empty.

    Examples
    --------
    >>> is_blank(["", " \t"]), is_blank(["0"])
    (True, False)
    """
    return not any(cell.strip(" \t\r\n\x00") for cell in row)


def fit_rows(rows: Sequence[list[str]], numbers: Sequence[int], plan: Plan) -> pl.DataFrame:
    """Return rows as the columns that the plan needs, with `row_number` and `note`.

    Parameters
    ----------
    rows
        Cells of each row, of any number.
    plan
        Its layouts and its `repair` say what a row of so many cells is; the others carry a note.
    """
    needed = plan.needed_columns()
    columns: dict[str, list[str | None]] = {name: [] for name in needed}
    notes: list[str | None] = []
    for row in rows:
        cells, names, note = _fit_row(row, plan)
        named = dict(zip(names, cells, strict=False))
        for name in needed:
            columns[name].append((named.get(name) or "").strip(BLANKS) or None)
        notes.append(note)
    frame = pl.DataFrame(
        {
            "row_number": pl.Series(numbers, dtype=pl.Int64),
            "broken": pl.Series(notes, dtype=pl.String),
            **{name: pl.Series(cells, dtype=pl.String) for name, cells in columns.items()},
        }
    )
    noted = note_headers(frame.drop("broken"), plan)
    return noted.with_columns(note=pl.coalesce("note", frame["broken"]))


def _fit_row(row: list[str], plan: Plan) -> tuple[list[str], tuple[str, ...], str | None]:
    """Return the cells of a row, their names, and why it is broken if it is."""
    if plan.repair is not None and (plan.repairs_all or plan.layout(len(row)) is None):
        mended = plan.repair(row)
        if mended is None and plan.repairs_all:
            return row, plan.header, f"{len(row)} cells that no layout of the collector fits"
        row = mended or row
    names = plan.layout(len(row))
    if names is not None:
        return row, names, None
    width = len(plan.header)
    if len(row) > width and is_blank(row[width:]):
        return row[:width], plan.header, None
    if len(row) < width:
        return row, plan.header, None if _reaches(row, plan) else _count_cells(row, width)
    joined = _realign(row, plan)
    return (joined or row), plan.header, None if joined else _count_cells(row, width)


def _count_cells(row: Sequence[str], width: int) -> str:
    return f"{len(row)} cells where the header has {width}"


def _reaches(row: Sequence[str], plan: Plan) -> bool:
    """Tell whether a short row still holds the columns without which it is no post."""
    wanted = [*plan.columns.get("text", ())[:1], *plan.columns.get("published_at", ())[:1]]
    return all(name not in plan.header or plan.header.index(name) < len(row) for name in wanted)


def find_shifted(frame: pl.DataFrame, plan: Plan) -> pl.Series:
    """Mark rows of the right width in whose time column stands no time, but something else."""
    names = plan.columns.get("published_at", ())[:1]
    if not names or names[0] not in frame.columns:
        return _none_of(frame)
    cells = frame[names[0]]
    if cells.str.to_datetime(_USUAL_TIME, strict=False).null_count() == cells.null_count():
        return _none_of(frame)
    cells = cells.str.strip_chars()
    is_time = cells.str.contains(r"\d[-/.:年月]\d|^\d{5,16}(\.\d+)?$") & (
        cells.str.len_chars() < 48
    )
    return (~is_time & (cells != "") & frame["note"].is_null()).fill_null(False)


def _none_of(frame: pl.DataFrame) -> pl.Series:
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, frame.height)


def fit_shifted(rows: Sequence[list[str]], numbers: Sequence[int], plan: Plan) -> pl.DataFrame:
    """Return rows as `fit_rows` does, those put right for which only one reading is possible."""
    return fit_rows([_realign(row, plan) or row for row in rows], numbers, plan)


def note_headers(frame: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Add `note`: a row that is the header again, as in files that were joined, is no record."""
    keys = [plan.columns.get(name, ())[:1] for name in ("published_at", "text")]
    names = [key[0] for key in keys if key and key[0] in frame.columns]
    is_named = all(frame[name].str.contains(name, literal=True).any() for name in names)
    if not names or not is_named:
        return frame.with_columns(note=pl.lit(None, pl.String))
    is_header = pl.all_horizontal(
        [pl.col(name).str.strip_chars(" \t\ufeff") == name for name in names]
    )
    return frame.with_columns(note=pl.when(is_header).then(pl.lit(_AGAIN)))


LAST_ROWS = 10  # of a table, among which totals and signatures stand
_FOOTER = "a row of totals or notes below the table"
_TOTALS = re.compile(
    r"(?:合计|总计|小计|共计|总数|总分|汇总|平均|平均分|平均值|均值"
    r"|(?:grand )?totals?|subtotals?|sum|average|mean)[:：]?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:注|备注|说明|共|制表|填表|审核|数据来源|来源|导出|打印|截至|截止)|[^:：/]{1,12}[:：]|(?:note|source)\b",
    re.IGNORECASE,
)
_FEWEST_COLUMNS = 3  # of a table in which a row of one cell stands out


def note_footers(frame: pl.DataFrame, last: Sequence[Sequence[str]], plan: Plan) -> pl.DataFrame:
    """Add to `note` which of the last rows are no records: totals, and who made the table.

    Parameters
    ----------
    last
        All cells of the last rows of the frame.
    """
    notes = [_FOOTER if _is_footer(row, plan) else None for row in last]
    if not any(notes):
        return frame
    before = [None] * (frame.height - len(notes))
    return frame.with_columns(
        note=pl.coalesce("note", pl.Series([*before, *notes], dtype=pl.String))
    )


def _is_footer(row: Sequence[str], plan: Plan) -> bool:
    """Tell whether a row begins with a word for totals, or holds a note and nothing else.

    A row that a post can be read from is none, whatever word it begins with.
    """
    filled = [place for place, cell in enumerate(row) if not is_blank([cell])]
    texts = {*plan.columns.get("text", ()), *plan.columns.get("title", ())}
    if not filled or filled[0] >= len(plan.header) or plan.header[filled[0]] in texts:
        return False
    times = [plan.header.index(n) for n in plan.columns.get("published_at", ()) if n in plan.header]
    if times:
        if any(parse_time(row[place])[0] is not None for place in times if place < len(row)):
            return False
    elif any(plan.header[place] in texts for place in filled if place < len(plan.header)):
        return False
    first = row[filled[0]].strip(BLANKS)
    if len(filled) == 1 and len(plan.header) >= _FEWEST_COLUMNS and _NOTE.match(first):
        return not _is_time(first)
    return _TOTALS.fullmatch(first) is not None and len(filled) * 2 <= len(plan.header)
