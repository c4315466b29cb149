"""What sections are made of: texts, lists and tables whose numbers carry their evidence."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup, escape

from analysis.measures.published import OURS
from analysis.measures.quantities import (
    Row,
    is_corrected,
    printed_as,
    row_of,
    table_or_empty,
    total_posts,
    write_as,
)
from analysis.numbers import (
    change_text,
    count_text,
    decimal_text,
    is_manifold,
    is_missing,
    mean_text,
    multiple_text,
    number_text,
    p_text,
    quoted_share_text,
    range_text,
    share_text,
)
from analysis.reporting.figures import SavedFigure
from analysis.storage.write import show_hidden
from analysis.study.model import Study
from analysis.study.periods import Period
from analysis.words import Words

# Parts of a section that are no plain paragraph: lists, headings, commands.


class Block:
    """An element that stands by itself and is not put into a paragraph."""


@dataclass(frozen=True)
class Listing(Block):
    """An unordered list."""

    items: Sequence[str]

    def __html__(self) -> Markup:
        items = Markup("").join(Markup("<li>{}</li>").format(item) for item in self.items)
        return Markup("<ul>{}</ul>").format(items)


@dataclass(frozen=True)
class Heading(Block):
    """A heading inside a section."""

    text: str

    def __html__(self) -> Markup:
        return Markup("<h4>{}</h4>").format(self.text)


@dataclass(frozen=True)
class Command(Block):
    """A command to type."""

    text: str

    def __html__(self) -> Markup:
        return Markup("<pre><code>{}</code></pre>").format(self.text)


Text = Markup | Block


# Numbers and sentences that carry the id of their evidence: table, row, column.

# The columns that name a row of each table, as used in evidence ids.
KEYS: dict[str, tuple[str, ...]] = {
    "funnel": ("step",), "counts": ("grievance",), "daily": ("date", "grievance"),
    "weekly": ("date", "grievance"), "monthly": ("date", "grievance"),
    "coverage_periods": ("date",),
    "trends": ("grievance",), "sub_grievances": ("grievance", "sub_grievance"),
    "platforms": ("platform",), "channels": ("channel",), "ratings": ("stars",),
    "claims": ("claim_id",),
    "coverage": ("date",), "clusters": ("cluster",), "emerging": ("cluster",),
    "coverage_hours": ("keyword", "date", "hour"),
    "specifications": ("claim_id", "specification"), "breaks": ("grievance", "date", "break_kind"),
    "campaigns": ("campaign", "grievance"), "notes": ("about", "number"),
    "platform_sub_grievances": ("platform", "grievance", "sub_grievance"),
    "watchlist": ("platform",), "audit": ("grievance",), "reconciliation": ("source_file",),
    "sentiment_cutoffs": ("cutoff",), "sentiment_days": ("date",), "event_days": ("grievance",),
    "planted": ("grievance",),
    "count_errors": ("grievance",), "shared_errors": ("grievance", "shared_error"),
}  # fmt: skip


def mark(
    table: str, key: Sequence[object], column: str, value: object, *, kind: str, words: Words
) -> Markup:
    """Write a value with ``data-evidence``: which table, row and column it comes from."""
    if is_missing(value):
        return Markup("–")
    return Markup('<data value="{}" data-evidence="{}">{}</data>').format(
        _exact(value), evidence_id(table, key, column), _write(value, kind, words)
    )


def evidence_id(table: str, key: Sequence[object], column: str) -> str:
    """Name a cell: table, key of the row and column, each made safe for an address."""
    return "/".join(quote(show_hidden(str(part)), safe=",.+-_") for part in (table, *key, column))


def quoted(table: str, key: Sequence[object], column: str, text: str) -> Markup:
    """Write a sentence that stands in a table, with its evidence."""
    return Markup('<span data-evidence="{}">{}</span>').format(
        evidence_id(table, key, column), text
    )


def beside(href: str, text: str) -> Markup:
    """Write a link to a file of the build, which is one only where the page lies beside that file.

    A page that was sent by itself shows the text, and no link that leads nowhere.
    """
    return Markup('<a data-beside="{}">{}</a>').format(href, text)


def _exact(value: object) -> str:
    """Write a value so that nothing is lost: whole numbers without point, floats round-trip."""
    if isinstance(value, bool | str):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else repr(number)


def _write(value: object, kind: str, words: Words) -> str:  # noqa: PLR0911 - one a kind
    """Write a value for readers by its kind."""
    if is_missing(value):
        return "–"
    if kind in WRITERS:
        return WRITERS[kind](float(value))  # type: ignore[arg-type]
    if kind in ("step", "source_format"):  # what is called after a tool has no word of ours
        return words.texts.get(f"{kind}.{value}", str(value).replace("_", " "))
    if kind == "tier":
        return words(f"tier.label_{int(value)}")  # type: ignore[call-overload]
    if kind == "stars":
        return words(f"stars.{value}")
    if kind == "label":
        return words.label(str(value).lower() if isinstance(value, bool) else str(value))
    return str(value).replace("、", words("list.comma")) if kind == "terms" else str(value)


WRITERS: dict[str, Callable[[float], str]] = {
    "count": count_text,
    "mean": mean_text,
    "share": share_text,
    "quoted_share": quoted_share_text,
    "change": change_text,
    "size": lambda change: change_text(abs(change)).lstrip("+"),
    "multiple": multiple_text,
    "p": p_text,
    "decimal": decimal_text,
    "number": number_text,
}


def marked_range(table: str, key: Sequence[object], row: Row, *, kind: str, words: Words) -> Markup:
    """Write the interval of a row, each end with its evidence; a dash where there is none."""
    if is_missing(row.get("low")) or is_missing(row.get("high")):
        return Markup("–")
    if kind == "change" and is_manifold(float(row["high"])):  # both ends in one form
        kind = "multiple"
    low, high = (mark(table, key, end, row[end], kind=kind, words=words) for end in ("low", "high"))
    return range_text(low, high, words.language)


def marked_best(table: str, key: Sequence[object], row: Row, words: Words) -> Markup:
    """Write what stands for a row of counts, with its evidence."""

    def number(column: str) -> Markup:
        return mark(table, key, column, row.get(column), kind="count", words=words)

    return Markup('<span data-estimate="{}">{}</span>').format(
        evidence_id(table, key, "best"), write_as(printed_as(row), words.language, number)
    )


# What a section is made of, and the run that it speaks of.

_HAN = re.compile("[\u3001\u3002\u4e00-\u9fff\uff08-\uff1b]")  # with Chinese commas and brackets


class PageWords(Words):
    """Words that set no space between two Chinese characters.

    A text has a space around a number; where "fewer than 999" stands for the number, it has none.
    """

    def markup(self, key: str, **values: object) -> Markup:
        """Give the text as HTML, closed up where Chinese meets Chinese."""
        key = self._agreeing(key, values)
        text = self.texts.get(key)
        if self.language != "zh" or text is None:
            return super().markup(key, **values)
        return Words(self.language, {key: _close_up(text, values)}).markup(key, **values)


def _close_up(text: str, values: Mapping[str, object]) -> str:
    """Take the spaces out of a text that would stand between two Chinese characters."""
    made, before = "", ""  # the text so far, and the last character that a reader sees
    for literal, name, _, _ in Formatter().parse(text):
        shown = _shown(values.get(name or "", ""))
        rest = literal[1:] or shown
        if literal[:1] == " " and _HAN.match(before) and _HAN.match(rest):
            literal = literal[1:]  # noqa: PLW2901
        before = literal[-1:] or before
        if literal[-1:] == " " and _HAN.match(literal[-2:-1]) and _HAN.match(shown):
            literal = literal[:-1]  # noqa: PLW2901
        made += literal + (f"{{{name}}}" if name else "")
        before = shown[-1:] or before
    return made


def _shown(value: object) -> str:
    return value.striptags() if isinstance(value, Markup) else str(value)


@dataclass(frozen=True)
class ReportContext:
    """Everything that the sections may say."""

    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, SavedFigure]
    study: Study
    words: Words
    simulated: bool
    scale: float
    notebooks: Sequence[tuple[str, str]]
    manifest: Mapping[str, object]
    map_href: str = ""

    def __post_init__(self) -> None:
        """Let the words of the page close up around what stands for a number."""
        words = PageWords(self.words.language, self.words.texts)
        object.__setattr__(self, "words", words)

    def table(self, name: str) -> pd.DataFrame:
        """Give a table of the run, or an empty one."""
        return table_or_empty(dict(self.tables), name)

    def row(self, table: str, value: str) -> pd.Series | None:
        """Give the row of a table by its one key."""
        return row_of(self.table(table), KEYS[table][0], value)

    @cached_property
    def period(self) -> Period:
        """What the window is told in; asked once, since all its days are counted for it."""
        return self.study.period

    @property
    def is_audited(self) -> bool:
        """Whether the counts carry corrected estimates."""
        counts = self.table("counts")
        return "estimate" in counts and bool(counts["estimate"].notna().any())

    @property
    def is_recoded(self) -> bool:
        """Whether experts coded some audited posts again, so that intervals hold a shared error."""
        audit = self.manifest.get("audit")
        return isinstance(audit, Mapping) and bool(audit.get("has_gold"))

    def by_recoding(self, key: str) -> str:
        """Name the text that holds where there is a recoding, or the one where there is none."""
        return f"{key}_recoded" if self.is_recoded else key

    def listed(self, names: Sequence[str]) -> str:
        """List codes inside a sentence."""
        return self.words("list.comma").join(self.words.inside(name) for name in names)

    def number(self, table: str, key: str, column: str, kind: str = "count") -> Markup:
        """Write one cell of a table with the id of its evidence."""
        row = self.row(table, key)
        value = None if row is None else row.get(column)
        return mark(table, (key,), column, value, kind=kind, words=self.words)

    def ratio(self, part: tuple[str, str, str], whole: tuple[str, str, str]) -> Markup:
        """Write one cell over another in per cent, with the evidence of both."""
        rows = [(self.row(table, key), column) for table, key, column in (part, whole)]
        values = [None if row is None else row.get(column) for row, column in rows]
        if any(is_missing(value) for value in values) or not values[1]:
            return Markup("–")
        share = float(values[0]) / float(values[1])  # type: ignore[arg-type]
        ids = [evidence_id(cell[0], (cell[1],), cell[2]) for cell in (part, whole)]
        return Markup('<data value="{}" data-evidence="{}" data-over="{}">{}</data>').format(
            repr(share), *ids, share_text(share)
        )

    @property
    def posts(self) -> float:
        """All posts of the run."""
        return total_posts(self.tables)

    def best(self, code: str) -> Markup:
        """Write what stands for a row of the counts table: estimate, upper end or own count."""
        row = self.row("counts", code)
        return marked_best("counts", (code,), {} if row is None else row, self.words)

    def interval(self, code: str) -> Markup:
        """Write the interval of a row of the counts table, with its evidence."""
        row = self.row("counts", code)
        return marked_range(
            "counts", (code,), {} if row is None else row, kind="count", words=self.words
        )

    def share(self, code: str) -> Markup:
        """Write the share of a code in the negative items, of the negative items in all posts.

        It is corrected where the counts are, in the form of its count, and the coder's own without
        an audit.
        """
        row, whole = self.row("counts", code), self.row("counts", "negative")
        if row is None or not is_corrected(row) or whole is None:
            return self.number("counts", code, "share", "share")
        form, wholes = printed_as(row), {"low": "high", "high": "low"}

        def share_of(column: str) -> Markup:
            whole = ("counts", "negative", wholes.get(column, column))
            if code == "negative":
                whole = ("counts", "all", "items")
            return self.ratio(("counts", code, column), whole)

        text = write_as(form, self.words.language, share_of, of_shares=True)
        return Markup('<span data-estimate="{}">{}</span>').format(
            evidence_id("counts", (code,), "share_best"), text
        )

    def units(self, code: str) -> dict[str, Markup]:
        """Write a row of the counts table in its three units."""
        return {
            unit: self.number("counts", code, unit) for unit in ("items", "families", "authors")
        }

    @property
    def units_suffix(self) -> str:
        """Choose between texts: without any known author their number is unknown, not zero."""
        row = self.row("counts", "all")
        is_told = row is not None and not is_missing(row.get("authors")) and row["authors"]
        return "" if is_told else "_no_authors"

    def notes(self, about: str) -> list[Markup]:
        """Give the notes on a part of the run, each with its evidence."""
        table = self.table("notes")
        rows = table[table["about"] == about] if len(table) else table
        column = self.words.language
        return [
            quoted("notes", (about, row["number"]), column, str(row[column]))
            for _, row in rows.iterrows()
        ]

    def drawn(self, *names: str) -> list[SavedFigure]:
        """Give those of the named figures that the run has."""
        return [self.figures[name] for name in names if name in self.figures]


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
class Unsaid:
    """What was looked for and is not said, with the reason in one line."""

    title: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class Section:
    """A section of the report.

    ``lead`` is the sentence that states what was found. ``absent`` is the reason why the question
    of the section has no answer: with nothing else to show the section is one line of the list of
    what is not said; beside a figure or a table it is the first paragraph. ``unsaid`` are parts of
    a section that go to that list while the section stays.
    ``part_of`` names the section that says it all already; notebooks can still ask.
    """

    key: str
    title: str
    paragraphs: list[Text] = field(default_factory=list)
    notes: list[Markup] = field(default_factory=list)
    figures: list[SavedFigure] = field(default_factory=list)
    tables: list[TableView] = field(default_factory=list)
    absent: str = ""
    unsaid: list[Unsaid] = field(default_factory=list)
    part_of: str = ""
    lead: Markup = field(default_factory=Markup)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to show but the reason."""
        shown = (self.lead, self.paragraphs, self.figures, self.tables)
        return bool(self.absent) and not any(shown)


@dataclass(frozen=True)
class Part:
    """One of the parts of the page: sections on one kind of thing, read open or folded."""

    key: str
    title: str
    sections: list[Section]
    is_folded: bool = False


def gather_silent(sections: Sequence[Section], title: str) -> Section | None:
    """List what was looked for and is not said; None where there is nothing to list."""
    lines: list[Unsaid] = []
    for section in sections:
        if section.is_silent and not section.part_of:
            lines.append(Unsaid(section.title, section.absent, section.key))
        if not section.part_of:
            lines += section.unsaid
    return Section("unsaid", title, unsaid=lines) if lines else None


def is_shown(section: Section) -> bool:
    """Say whether a section has a place of its own on the page."""
    return not section.part_of and not section.is_silent


_WORDS = (
    "text",
    "label",
    "step",
    "stars",
    "tier",
    "sentence",
    "source_format",
    "terms",
)  # kinds of column that hold no number
# Tables whose negative items are the coder's own counts unless an estimate stands beside them.
_OWN_COUNTS = ("daily", "platforms", "channels", "ratings", "platform_sub_grievances")
Column = tuple[str, str, str]  # column of the table, key of its header, kind


def view(
    run: ReportContext, name: str, columns: Sequence[Column], *, rows: pd.DataFrame | None = None,
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
    if name in _OWN_COUNTS and not any(kind == "best" for _, _, kind in present):
        caption = say("table.coders_own", caption=caption)
    body = [[_cell(run, name, row, column) for column in present] for _, row in table.iterrows()]
    return TableView(
        name, caption, _headers(present, say), body,
        [c[2] not in _WORDS for c in present], is_open,
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


DATES = ("date", "onset", "onset_low", "onset_high")


def _cell(run: ReportContext, name: str, row: pd.Series, column: Column) -> Cell:
    source, _, kind = column
    key = [row[part] for part in KEYS[name] if part in row]
    if kind.startswith("interval"):
        return _interval_cell(run, name, row, key, kind.partition(":")[2] or "count")
    value = row[source]
    if kind == "sentence":
        return Cell(quoted(name, key, source, _write(value, kind, run.words)), str(value))
    if kind in _WORDS:
        text = _write(value, kind, run.words)
        if source in DATES and run.period == "month":
            text = text[:7]  # what stands under “month” is no day
        return Cell(escape(text), text)
    if kind == "best" and is_corrected(row):
        html = marked_best(name, key, row, run.words)
        if printed_as(row) == "interval":  # which stands in the next column
            html = Markup("–")
    elif (kind == "campaign_share" and row["campaign"] == OURS) or kind == "code_share":
        html = run.share(str(row["grievance"]))
    else:
        kind = {"best": "count", "campaign_share": "share"}.get(kind, kind)
        html = mark(name, key, source, value, kind=kind, words=run.words)
    return Cell(html, "" if is_missing(value) else _exact(value), is_number=True)


def _interval_cell(
    run: ReportContext, name: str, row: pd.Series, key: Sequence[object], kind: str
) -> Cell:
    html = marked_range(name, key, row, kind=kind, words=run.words)
    return Cell(html, "" if html == "–" else _exact(row["low"]), is_number=True)
