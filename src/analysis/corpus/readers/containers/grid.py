"""Tables whose header is only a row among rows: find it, and fit each row to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

import polars as pl
import polars.selectors as cs

from analysis.corpus.readers.column_names import looks_like_header
from analysis.corpus.readers.plan import NOTE, ROW_NUMBER, Head, Plan
from analysis.corpus.readers.values.columns import BLANKS
from analysis.corpus.readers.values.numbers import is_missing
from analysis.corpus.readers.values.times import parse_time
from analysis.errors import CaodianError

# Put a row right whose text held unquoted delimiters, where only one reading is possible.


@dataclass(frozen=True)
class Seen:
    """What the first rows of a table tell of its columns, to judge longer rows by."""

    delimiter: str = ","
    width: int = 0
    cells: Mapping[str, Counter[str]] = field(default_factory=dict)
    rows: int = 0
    named: frozenset[str] = frozenset()

    def is_usual(self, name: str, cell: str) -> bool:
        """Tell whether a filled cell says what its column says elsewhere."""
        if is_missing(cell):
            return False
        if _is_measure(cell):
            return self._holds_measures(name) is True
        said = self.cells.get(name, Counter())
        return cell in said and said.total() >= _FEWEST_SEEN

    def may_hold(self, name: str, cell: str) -> bool:
        """Tell whether a cell may stand in a column: words in none of numbers, nor the reverse."""
        holds = self._holds_measures(name)
        return holds is None or is_missing(cell) or _is_measure(cell) is holds

    def is_never_empty(self, name: str) -> bool:
        """Tell whether a column holds something in every one of many rows."""
        return self.rows >= _SURELY_FILLED and self.cells[name].total() == self.rows

    def _holds_measures(self, name: str) -> bool | None:
        """Tell whether a column holds numbers and times; None where it holds both, or few cells."""
        cells = self.cells.get(name, Counter())
        measures = sum(number for cell, number in cells.items() if _is_measure(cell))
        if cells.total() < _FEWEST_SEEN:
            return True if name in self.named and measures == cells.total() else None
        return None if 0 < measures < cells.total() else measures > 0


def look_at_rows(rows: Sequence[Sequence[str]], plan: Plan, delimiter: str) -> Seen:
    """Return what the rows below a header tell of its columns."""
    widths = Counter(map(len, rows))
    cells: dict[str, Counter[str]] = {name: Counter() for name in plan.header}
    for row in rows:
        if len(row) == len(plan.header):
            for name, cell in zip(plan.header, row, strict=True):
                if not is_missing(cell):
                    cells[name][cell] += 1
    ((width, number),) = widths.most_common(1) or ((0, 0),)
    usual = width if number * 2 > len(rows) else 0
    named = frozenset(name for canonical in _MEASURED for name in plan.columns.get(canonical, ()))
    return Seen(delimiter, usual, cells, widths[len(plan.header)], named)


def _realign(row: Sequence[str], plan: Plan, seen: Seen) -> list[str] | None:
    """Return a row that is too long as wide as the header, or None where it can be read two ways.

    Cells beyond the header are pieces of the text, empty ones that follow the row, or both. What
    stands behind the text decides, so far as it can be told from words: numbers, times, empty cells
    and what its column says elsewhere. Where the time stands right of the text, its place does.
    """
    width = len(plan.header)
    row = row[: max(_filled(row), width + _MOST_EMPTY)]
    if len(row) > width + _MOST_PIECES:
        return None
    text, time = _place(plan, "text"), _place(plan, "published_at")
    if text is None or (time is not None and text > time and not _is_time(row[time])):
        return _cut(row, plan)
    if time is not None and text < time:
        return _realign_by_time(row, plan, text, time, seen)
    pieces = _count_pieces(row, text, plan, seen)
    return None if pieces is None else _join(row, text, pieces, seen)[: len(plan.header)]


def _count_pieces(row: Sequence[str], text: int, plan: Plan, seen: Seen) -> int | None:
    """Return how many cells behind the text are pieces of it, None where that cannot be told."""
    width = len(plan.header)
    behind, least = plan.header[text + 1 :], max(0, _filled(row) - width)
    readings: list[tuple[int, int, bool]] = []
    for pieces in range(least, len(row) - width + 1):
        # A text does not end in a delimiter, unless nothing else will do.
        if pieces > least and is_blank([row[text + pieces]]):
            continue
        begin = text + 1 + pieces
        cells = [*zip(behind, row[begin : begin + len(behind)], strict=True)]
        if all(seen.may_hold(*cell) for cell in cells):
            usual = sum(seen.is_usual(*cell) for cell in cells)
            readings.append((-usual, pieces, pieces == 0 or _is_sure(cells, seen)))
    if readings and readings[0][1] == 0:  # it may be of one piece, and what is too much be empty
        most = max(pieces for _, pieces, is_sure in readings if is_sure)
        others = zip(behind, row[text + 1 : text + 1 + most], strict=False)
        is_doubtful = any(
            not (is_missing(cell) or seen.is_usual(name, cell)) for name, cell in others
        )
        return None if is_doubtful and len(row) != seen.width else 0
    _, pieces, is_sure = min(readings, default=(0, 0, False))
    return pieces if is_sure else None


def _is_sure(cells: Sequence[tuple[str, str]], seen: Seen) -> bool:
    """Tell whether what follows a text of several pieces is surely none of them.

    What its column says elsewhere holds the place of all that stands behind it; what would leave
    a column empty that never is has shifted.
    """
    if any(is_missing(cell) and seen.is_never_empty(name) for name, cell in cells):
        return False
    for name, cell in cells:
        if seen.is_usual(name, cell):
            return True
        if not is_missing(cell) and not _is_measure(cell):
            return False
    return True


def _realign_by_time(
    row: Sequence[str], plan: Plan, text: int, time: int, seen: Seen
) -> list[str] | None:
    """Return a row whose time, right of the text, tells how many pieces the text has."""
    if _is_time(row[time]):
        return _cut(row, plan)
    found = [place - time for place in range(time + 1, len(row)) if _is_time(row[place])]
    if not found:
        return _cut(row, plan)
    exact = len(row) - len(plan.header)
    pieces = found[0] if len(found) == 1 else exact
    return _cut(_join(row, text, pieces, seen), plan) if pieces in found else None


def _join(row: Sequence[str], text: int, pieces: int, seen: Seen) -> list[str]:
    end = text + 1 + pieces
    return [*row[:text], seen.delimiter.join(row[text:end]), *row[end:]]


def _cut(row: Sequence[str], plan: Plan) -> list[str] | None:
    """Return a row without the empty cells beyond the header, None where others stand there."""
    width = len(plan.header)
    return list(row[:width]) if is_blank(row[width:]) else None


def _filled(row: Sequence[str]) -> int:
    """Count the cells up to the last one that holds something."""
    return max((place + 1 for place, cell in enumerate(row) if not is_blank([cell])), default=0)


def _place(plan: Plan, canonical: str) -> int | None:
    names = plan.columns.get(canonical, ())
    return plan.header.index(names[0]) if names and names[0] in plan.header else None


def _is_time(cell: str) -> bool:
    return any(mark in cell for mark in "-/:年") and parse_time(cell)[0] is not None


def _is_measure(cell: str) -> bool:
    return _MEASURE.fullmatch(cell) is not None or _is_time(cell)


_MEASURE = re.compile(r"\s*(?:[+-]?\d[\d.]*\s*[%+万千wWkK]?)?\s*")
_MEASURED = (
    *("published_at", "collected_at", "rating", "amount_yuan"),
    *("like_count", "comment_count", "share_count"),
)
_MOST_EMPTY, _MOST_PIECES = 1_000, 10_000  # cells beyond the header
_FEWEST_SEEN = 3  # cells of a column, to tell what it holds
_SURELY_FILLED = 20  # rows, to tell that a column is never empty
_USUAL_TIME = "%Y-%m-%d %H:%M"
_HEADER_SEARCH = 30
SAMPLE_ROWS = 300
_AGAIN = "the header again"
_NOTHING_SEEN = Seen()


def possible_heads(
    rows: Sequence[Sequence[str]], path: PurePath, container: str, table: str | None
) -> Iterator[tuple[int, Head]]:
    """Yield each of the first rows as a possible header, with its place."""
    require_columns(max(map(len, rows), default=0), path)
    headers = [place for place, row in enumerate(rows) if looks_like_header(row)]
    for place, row in enumerate(rows[:_HEADER_SEARCH]):
        end = next((other for other in headers if other > place), place + 1 + SAMPLE_ROWS)
        sample = tuple(tuple(cells) for cells in rows[place + 1 : end])
        yield place, Head(path, container, table, name_cells(row), sample)


def require_columns(number: int, path: PurePath) -> None:
    """Raise where a table has more columns than any export; each would be asked what it holds."""
    if number > MOST_COLUMNS:
        raise CaodianError(
            f"a table must have at most {MOST_COLUMNS:,} columns",
            value=f"{number:,} columns",
            where=str(path),
            remedy="Save the columns of the posts alone.",
        )


MOST_COLUMNS = 150_000


def name_cells(row: Sequence[str]) -> tuple[str, ...]:
    r"""Return header cells stripped, blank ones numbered and repeated ones told apart."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for place, cell in enumerate(row):
        name = cell.replace("\x00", "").strip().strip("\ufeff").strip() or f"Unnamed: {place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def is_blank(row: Sequence[str]) -> bool:
    r"""Tell whether every cell of a row is empty."""
    return not any(cell.strip(" \t\r\n\x00") for cell in row)


def fit_rows(
    rows: Sequence[list[str]], numbers: Sequence[int], plan: Plan, seen: Seen = _NOTHING_SEEN
) -> pl.DataFrame:
    """Return rows as the columns that the plan needs, with `ROW_NUMBER` and `NOTE`."""
    needed = plan.needed_columns()
    columns: dict[str, list[str | None]] = {name: [] for name in needed}
    notes: list[str | None] = []
    for row in rows:
        cells, names, note = _fit_row(row, plan, seen)
        named = dict(zip(names, cells, strict=False))
        for name in needed:
            columns[name].append((named.get(name) or "").strip(BLANKS) or None)
        notes.append(note)
    frame = pl.DataFrame(
        {
            ROW_NUMBER: pl.Series(numbers, dtype=pl.Int64),
            **{name: pl.Series(cells, dtype=pl.String) for name, cells in columns.items()},
        }
    )
    broken = pl.Series(notes, dtype=pl.String)
    return note_headers(frame, plan).with_columns(pl.coalesce(NOTE, broken).alias(NOTE))


def _fit_row(
    row: list[str], plan: Plan, seen: Seen
) -> tuple[list[str], tuple[str, ...], str | None]:
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
    if len(row) < width:
        return row, plan.header, None if _reaches(row, plan) else _count_cells(row, width)
    joined = _realign(row, plan, seen)
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
    cells = frame[names[0]].alias("cell")
    if cells.str.to_datetime(_USUAL_TIME, strict=False).null_count() == cells.null_count():
        return _none_of(frame)
    cells = cells.str.strip_chars()
    is_time = cells.str.contains(r"\d[-/.:年月]\d|^\d{5,16}(\.\d+)?$") & (
        cells.str.len_chars() < 48
    )
    return (~is_time & (cells != "") & frame[NOTE].is_null()).fill_null(False)


def _none_of(frame: pl.DataFrame) -> pl.Series:
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, frame.height)


def fit_shifted(
    rows: Sequence[list[str]], numbers: Sequence[int], plan: Plan, seen: Seen
) -> pl.DataFrame:
    """Return rows as `fit_rows` does, those put right for which only one reading is possible."""
    return fit_rows([_realign(row, plan, seen) or row for row in rows], numbers, plan, seen)


def note_headers(frame: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Add `NOTE`: a row that is the header again, as in files that were joined, is no record."""
    keys = [plan.columns.get(name, ())[:1] for name in ("published_at", "text")]
    names = [key[0] for key in keys if key and key[0] in frame.columns]
    is_named = all(
        frame[name].alias("cell").str.contains(name, literal=True).any() for name in names
    )
    if not names or not is_named:
        return frame.with_columns(pl.lit(None, pl.String).alias(NOTE))
    is_header = pl.all_horizontal(
        [cs.by_name(name).str.strip_chars(" \t\ufeff") == name for name in names]
    )
    return frame.with_columns(pl.when(is_header).then(pl.lit(_AGAIN)).alias(NOTE))


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
    """Add to `NOTE` which of the last rows are no records: totals, and who made the table."""
    notes = [_FOOTER if _is_footer(row, plan) else None for row in last]
    if not any(notes):
        return frame
    before = [None] * (frame.height - len(notes))
    below = pl.Series([*before, *notes], dtype=pl.String)
    return frame.with_columns(pl.coalesce(NOTE, below).alias(NOTE))


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
