"""Tables as the reader sees them: each number with its evidence, empty columns left out."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup, escape

from analysis.reporting.numbers import is_missing
from analysis.reporting.sections.marks import KEYS, exact, join_ends, mark, quoted, write
from analysis.reporting.sections.shape import Cell, Run, TableView

WORDS = ("text", "label", "step", "sentence")  # kinds of column that hold no number
Column = tuple[str, str, str]  # column of the table, key of its header, kind


def view(
    run: Run, name: str, columns: Sequence[Column], *, rows: pd.DataFrame | None = None,
    caption: str = "", is_open: bool = False,
) -> TableView:  # fmt: skip
    """Turn a table into what the reader sees, each number with its evidence.

    The kind ``interval`` joins the columns ``low`` and ``high``; ``low:change`` sets how.
    """
    table = run.table(name) if rows is None else rows
    present = [c for c in columns if _has_values(table, c)]
    say = run.words
    body = [[_cell(run, name, row, column) for column in present] for _, row in table.iterrows()]
    return TableView(
        name, caption or say(f"table.{name}"), [say(f"header.{c[1]}") for c in present], body,
        [c[2] not in WORDS for c in present], is_open,
    )  # fmt: skip


def _has_values(table: pd.DataFrame, column: Column) -> bool:
    """Say whether a column is worth showing: there, and not empty in every row.

    Where nobody has an author, the zeros of ``authors`` would read as a finding; they are left out.
    """
    name = column[0]
    if name not in table:
        return False
    if name == "authors":
        return bool(table[name].fillna(0).astype(float).sum())
    return table.empty or not all(is_missing(value) for value in table[name])


def _cell(run: Run, name: str, row: pd.Series, column: Column) -> Cell:
    source, _, kind = column
    key = [row[part] for part in KEYS[name] if part in row]
    if kind.startswith("interval"):
        return _interval_cell(run, name, row, key, kind.partition(":")[2] or "count")
    value = row[source]
    if kind == "sentence":
        return Cell(quoted(name, key, source, write(value, kind, run.words)), str(value))
    if kind in WORDS:
        text = write(value, kind, run.words)
        return Cell(escape(text), text)
    html = mark(name, key, source, value, kind=kind, words=run.words)
    if source == "estimate" and run.is_rare(row):
        high = mark(name, key, "high", row["high"], kind=kind, words=run.words)
        html = run.words.markup("list.fewer", high=high)
    return Cell(html, "" if is_missing(value) else exact(value), is_number=True)


def _interval_cell(run: Run, name: str, row: pd.Series, key: Sequence[object], kind: str) -> Cell:
    if is_missing(row.get("low")) or is_missing(row.get("high")):
        return Cell(Markup("–"), "", is_number=True)
    ends = {
        end: mark(name, key, end, row[end], kind=kind, words=run.words) for end in ("low", "high")
    }
    return Cell(join_ends(ends, kind, run.words), exact(row["low"]), is_number=True)
