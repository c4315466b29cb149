"""What a section is made of, and how numbers and tables carry their evidence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup, escape

from analysis.reporting.figures import Figure
from analysis.reporting.numbers import change_text, count_text, is_missing, share_text
from analysis.reporting.sections.blocks import Text
from analysis.reporting.tables import row_of, table_or_empty
from analysis.reporting.words import Words
from analysis.study.model import Study

# The columns that name a row of each table, as used in evidence ids.
KEYS: dict[str, tuple[str, ...]] = {
    "funnel": ("step",), "counts": ("grievance",), "daily": ("date", "grievance"),
    "trends": ("grievance",), "sub_grievances": ("grievance", "sub_grievance"),
    "platforms": ("platform",), "channels": ("channel",), "claims": ("claim_id",),
    "coverage": ("date",), "clusters": ("cluster",), "emerging": ("cluster",),
    "watchlist": ("platform",), "audit": ("grievance",), "reconciliation": ("source_file",),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Everything that the sections may say."""

    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Figure]
    study: Study
    words: Words
    simulated: bool
    scale: float
    notebooks: Sequence[tuple[str, str]]
    manifest: Mapping[str, object]

    def table(self, name: str) -> pd.DataFrame:
        """Give a table of the run, or an empty one."""
        return table_or_empty(dict(self.tables), name)

    def row(self, table: str, value: str) -> pd.Series | None:
        """Give the row of a table by its one key."""
        return row_of(self.table(table), KEYS[table][0], value)

    @property
    def is_audited(self) -> bool:
        """Whether the counts carry corrected estimates."""
        counts = self.table("counts")
        return "estimate" in counts and bool(counts["estimate"].notna().any())

    def number(self, table: str, key: str, column: str, kind: str = "count") -> Markup:
        """Write one cell of a table with the id of its evidence."""
        row = self.row(table, key)
        value = None if row is None else row.get(column)
        return mark(table, (key,), column, value, kind=kind, words=self.words)


@dataclass(frozen=True)
class Cell:
    """One cell of a table in the report."""

    html: Markup
    sort: str
    is_number: bool = False


@dataclass(frozen=True)
class TableView:
    """A table as the reader sees it: the first column names the row."""

    name: str
    caption: str
    headers: list[str]
    rows: list[list[Cell]]
    numeric: list[bool]
    is_open: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the report; with nothing to show, ``absent`` says why."""

    key: str
    title: str
    paragraphs: list[Text] = field(default_factory=list)
    notes: list[Markup] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[TableView] = field(default_factory=list)
    absent: str = ""


WORDS = ("text", "label", "step", "sentence")  # kinds of column that hold no number
Column = tuple[str, str, str]  # column of the table, key of its header, kind


def mark(
    table: str, key: Sequence[object], column: str, value: object, *, kind: str, words: Words
) -> Markup:
    """Write a value with ``data-evidence``: which table, row and column it comes from.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> mark("counts", ("price",), "items", 1650,
    ...      kind="count", words=load_words("en"))
    Markup('<data value="1650" data-evidence="counts/price/items">1,650</data>')
    """
    if is_missing(value):
        return Markup("–")
    return Markup('<data value="{}" data-evidence="{}">{}</data>').format(
        exact(value), evidence_id(table, key, column), write(value, kind, words)
    )


def evidence_id(table: str, key: Sequence[object], column: str) -> str:
    """Name a cell: table, key of the row and column, each made safe for an address.

    Examples
    --------
    >>> evidence_id("daily", ("2020-06-01", "price"), "items")
    'daily/2020-06-01/price/items'
    """
    return "/".join(quote(str(part), safe=",.+-_") for part in (table, *key, column))


def ratio(run: "Run", part: tuple[str, str, str], whole: tuple[str, str, str]) -> Markup:
    """Write one cell over another in per cent, with the evidence of both."""
    rows = [(run.row(table, key), column) for table, key, column in (part, whole)]
    values = [None if row is None else row.get(column) for row, column in rows]
    if any(is_missing(value) for value in values) or not values[1]:
        return Markup("–")
    share = float(values[0]) / float(values[1])  # type: ignore[arg-type]
    ids = [evidence_id(cell[0], (cell[1],), cell[2]) for cell in (part, whole)]
    return Markup('<data value="{}" data-evidence="{}" data-over="{}">{}</data>').format(
        repr(share), *ids, share_text(share, 2)
    )


def quoted(table: str, key: Sequence[object], column: str, text: str) -> Markup:
    """Write a sentence that stands in a table, with its evidence."""
    return Markup('<span data-evidence="{}">{}</span>').format(
        evidence_id(table, key, column), text
    )


def exact(value: object) -> str:
    """Write a value so that nothing is lost: whole numbers without point, floats round-trip.

    Examples
    --------
    >>> exact(1650.0), exact(0.25), exact("weibo")
    ('1650', '0.25', 'weibo')
    """
    if isinstance(value, bool | str):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else repr(number)


def write(value: object, kind: str, words: Words) -> str:
    """Write a value for readers by its kind.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> write(0.42, "change", load_words("zh")), write("weibo", "label", load_words("zh"))
    ('+42%', '微博')
    """
    if is_missing(value):
        return "–"
    if kind in WRITERS:
        return WRITERS[kind](float(value))  # type: ignore[arg-type]
    if kind == "step":
        return words.texts.get(f"step.{value}", str(value).replace("_", " "))
    if kind == "label":
        return words.label(str(value).lower() if isinstance(value, bool) else str(value))
    return str(value)


WRITERS: dict[str, Callable[[float], str]] = {
    "count": count_text,
    "share": lambda number: share_text(number, 2 if number < 0.1 else 1),
    "change": change_text,
    "p": lambda number: "<0.001" if number < 0.001 else f"{number:.3f}",
    "decimal": lambda number: f"{number:.2f}",
    "number": lambda number: f"{number:,.0f}" if abs(number) >= 10 else f"{number:.4g}",
}


def view(
    run: Run, name: str, columns: Sequence[Column], *, rows: pd.DataFrame | None = None,
    caption: str = "", is_open: bool = False,
) -> TableView:  # fmt: skip
    """Turn a table into what the reader sees, each number with its evidence.

    The kind ``interval`` joins the columns ``low`` and ``high``; ``low:change`` sets how.
    """
    table = run.table(name) if rows is None else rows
    present = [c for c in columns if c[0] in table or c[2].startswith("interval")]
    say = run.words
    body = [[_cell(run, name, row, column) for column in present] for _, row in table.iterrows()]
    return TableView(
        name, caption or say(f"table.{name}"), [say(f"header.{c[1]}") for c in present], body,
        [c[2] not in WORDS for c in present], is_open,
    )  # fmt: skip


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
    return Cell(html, "" if is_missing(value) else exact(value), is_number=True)


def _interval_cell(run: Run, name: str, row: pd.Series, key: Sequence[object], kind: str) -> Cell:
    if is_missing(row.get("low")) or is_missing(row.get("high")):
        return Cell(Markup("–"), "", is_number=True)
    ends = {
        end: mark(name, key, end, row[end], kind=kind, words=run.words) for end in ("low", "high")
    }
    return Cell(run.words.markup("list.range", **ends), exact(row["low"]), is_number=True)


def interval(run: Run, table: str, key: str) -> Markup:
    """Write the interval of a row in words, with its evidence."""
    ends = {end: run.number(table, key, end) for end in ("low", "high")}
    return run.words.markup("list.range", **ends)
