"""Tables whose header is only a row among rows: find it, and fit each row to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

import polars as pl

from analysis.corpus.readers.plan import Head, Plan

HEADER_SEARCH = 30
SAMPLE_ROWS = 200


def possible_heads(
    rows: Sequence[Sequence[str]], path: PurePath, container: str, table: str | None
) -> Iterator[tuple[int, Head]]:
    """Yield each of the first rows as a possible header, with its place.

    Examples
    --------
    >>> heads = possible_heads([["导出"], ["时间", "内容"], ["2020", "慢"]], PurePath("a"), "csv", None)
    >>> [(place, head.header) for place, head in heads]
    [(0, ('导出',)), (1, ('时间', '内容')), (2, ('2020', '慢'))]
    """
    for place, row in enumerate(rows[:HEADER_SEARCH]):
        sample = tuple(tuple(cells) for cells in rows[place + 1 : place + 1 + SAMPLE_ROWS])
        yield place, Head(path, container, table, name_cells(row), sample)


def name_cells(row: Sequence[str]) -> tuple[str, ...]:
    r"""Return header cells stripped, blank ones numbered and repeated ones told apart.

    Examples
    --------
    >>> name_cells(["\ufeffid ", "", "id"])
    ('id', 'Unnamed: 1', 'id (2)')
    """
    names: list[str] = []
    for place, cell in enumerate(row):
        name = cell.strip().strip("\ufeff").strip() or f"Unnamed: {place}"
        seen = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(name if not seen else f"{name} ({seen + 1})")
    return tuple(names)


def is_blank(row: Sequence[str]) -> bool:
    r"""Tell whether every cell of a row is empty.

    Examples
    --------
    >>> is_blank(["", " \t"]), is_blank(["0"])
    (True, False)
    """
    return not any(cell.strip(" \t\r\n\u3000\xa0\ufeff\x00") for cell in row)


def fit_rows(rows: Sequence[list[str]], numbers: Sequence[int], plan: Plan) -> pl.DataFrame:
    """Return rows as the columns that the plan needs, with `row_number` and `note`.

    Parameters
    ----------
    rows
        Cells of each row, of any width.
    numbers
        Row numbers.
    plan
        Its `repair` mends rows of another width; what it cannot mend carries a note.
    """
    fitted, notes = [], []
    for row in rows:
        mended, note = fit_row(row, plan)
        fitted.append(mended)
        notes.append(note)
    places = {name: plan.header.index(name) for name in plan.needed_columns()}
    columns = {
        name: pl.Series([row[place] for row in fitted], dtype=pl.String)
        for name, place in places.items()
    }
    return pl.DataFrame(
        {
            "row_number": pl.Series(numbers, dtype=pl.Int64),
            "note": pl.Series(notes, dtype=pl.String),
            **columns,
        }
    )


def fit_row(row: list[str], plan: Plan) -> tuple[list[str], str | None]:
    """Return the row with as many cells as the header, and why it is broken if it is."""
    width = len(plan.header)
    if plan.repair is not None:
        mended = plan.repair(row)
        if mended is not None and len(mended) == width:
            return mended, _header_note(mended, plan)
    if len(row) == width:
        return row, _header_note(row, plan)
    if len(row) > width and is_blank(row[width:]):
        return row[:width], _header_note(row[:width], plan)
    note = f"{len(row)} cells where the header has {width}"
    padded = (row + [""] * width)[:width]
    if len(row) < width and _holds_needed(row, plan):
        return padded, _header_note(padded, plan)
    return padded, note


def _header_note(row: Sequence[str], plan: Plan) -> str | None:
    """Say so when the row is the header again, as in files that were joined."""
    text, time = plan.columns.get("text", ()), plan.columns.get("published_at", ())
    for name in (*text[:1], *time[:1]):
        if name not in plan.header or row[plan.header.index(name)].strip().strip("\ufeff") != name:
            return None
    return "the header again" if text else None


def _holds_needed(row: Sequence[str], plan: Plan) -> bool:
    """Tell whether a short row still reaches the columns without which it is no post."""
    wanted = (*plan.columns.get("text", ())[:1], *plan.columns.get("published_at", ())[:1])
    return all(name not in plan.header or plan.header.index(name) < len(row) for name in wanted)
