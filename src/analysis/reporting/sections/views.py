"""Tables as the reader sees them: each number with its evidence, empty columns left out."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import escape

from analysis.numbers import is_missing
from analysis.reporting.campaigns import OURS
from analysis.reporting.estimates import is_corrected
from analysis.reporting.sections.marks import (
    KEYS,
    exact,
    mark,
    marked_best,
    marked_range,
    quoted,
    write,
)  # fmt: skip
from analysis.reporting.sections.shape import Cell, Run, TableView
from analysis.reporting.words import Words

WORDS = ("text", "label", "step", "stars", "sentence")  # kinds of column that hold no number
# Tables whose negative items are the coder's own counts unless an estimate stands beside them.
OWN_COUNTS = ("daily", "platforms", "channels", "ratings", "platform_sub_grievances")
Column = tuple[str, str, str]  # column of the table, key of its header, kind


def view(
    run: Run, name: str, columns: Sequence[Column], *, rows: pd.DataFrame | None = None,
    caption: str = "", is_open: bool = False,
) -> TableView:  # fmt: skip
    """Turn a table into what the reader sees, each number with its evidence.

    The kind ``interval`` joins the columns ``low`` and ``high``; ``interval:change`` sets how.
    ``best`` is the corrected estimate by the one rule for it, ``code_share`` a share of the counts.
    Beside a corrected estimate the header of ``items`` says that these are the coder's own.
    """
    table = run.table(name) if rows is None else rows
    present = [c for c in columns if _has_values(table, c)]
    say = run.words
    caption = caption or say(f"table.{name}")
    if name in OWN_COUNTS and not any(kind == "best" for _, _, kind in present):
        caption = say("table.coders_own", caption=caption)
    body = [[_cell(run, name, row, column) for column in present] for _, row in table.iterrows()]
    return TableView(
        name, caption, _headers(present, say), body,
        [c[2] not in WORDS for c in present], is_open,
    )  # fmt: skip


def _headers(columns: Sequence[Column], say: Words) -> list[str]:
    beside = "_corrected" if any(kind == "best" for _, _, kind in columns) else ""
    keys = [f"header.{key}{beside}" for _, key, _ in columns]
    return [
        say(key if key in say.texts else f"header.{column[1]}")
        for key, column in zip(keys, columns, strict=True)
    ]


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
    if kind == "best" and is_corrected(row):
        html = marked_best(name, key, row, run.posts, run.words)
    elif (kind == "campaign_share" and row["campaign"] == OURS) or kind == "code_share":
        html = run.share(str(row["grievance"]))
    else:
        kind = {"best": "count", "campaign_share": "share"}.get(kind, kind)
        html = mark(name, key, source, value, kind=kind, words=run.words)
    return Cell(html, "" if is_missing(value) else exact(value), is_number=True)


def _interval_cell(run: Run, name: str, row: pd.Series, key: Sequence[object], kind: str) -> Cell:
    html = marked_range(name, key, row, kind=kind, words=run.words)
    return Cell(html, "" if html == "–" else exact(row["low"]), is_number=True)
