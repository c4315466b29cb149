"""What a section is made of, and the run that it speaks of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from markupsafe import Markup

from analysis.numbers import fewer_text, is_missing, share_text
from analysis.reporting.estimates import is_corrected, is_rare, total_posts
from analysis.reporting.figures import SavedFigure
from analysis.reporting.sections.blocks import Text
from analysis.reporting.sections.marks import (
    KEYS,
    evidence_id,
    mark,
    marked_best,
    marked_range,
    quoted,
)  # fmt: skip
from analysis.reporting.tables import row_of, table_or_empty
from analysis.reporting.words import Words
from analysis.study.model import Study

ABOUT = ("funnel", "coverage", "method", "reproduce")  # sections on the report itself


@dataclass(frozen=True)
class Run:
    """Everything that the sections may say."""

    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, SavedFigure]
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
        return marked_best("counts", (code,), {} if row is None else row, self.posts, self.words)

    def interval(self, code: str) -> Markup:
        """Write the interval of a row of the counts table, with its evidence."""
        row = self.row("counts", code)
        return marked_range(
            "counts", (code,), {} if row is None else row, kind="count", words=self.words
        )

    def share(self, code: str) -> Markup:
        """Write the share of a code in the negative items, of the negative items in all posts.

        It is corrected where the counts are, by its upper end where the code is rare, and the
        coder's own without an audit.
        """
        row, whole = self.row("counts", code), self.row("counts", "negative")
        if row is None or not is_corrected(row) or whole is None:
            return self.number("counts", code, "share", "share")
        of_all = code == "negative"
        if is_rare(row, self.posts):
            least = ("counts", "all", "items") if of_all else ("counts", "negative", "low")
            high = self.ratio(("counts", code, "high"), least)
            text = fewer_text(high, self.words.language, of_shares=True)
        else:
            least = ("counts", "all", "items") if of_all else ("counts", "negative", "estimate")
            text = self.ratio(("counts", code, "estimate"), least)
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
        return "" if row is not None and row.get("authors") else "_no_authors"

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

    ``absent`` is the reason why its question has no answer. With nothing else to show the section
    is one line of the list of what is not said; beside a figure or a table it is the first
    paragraph. ``unsaid`` are parts of a section that go to that list while the section stays.
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

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to show but the reason.

        Examples
        --------
        >>> Section("breaks", "Breaks", absent="Too few days.").is_silent
        True
        """
        return bool(self.absent) and not (self.paragraphs or self.figures or self.tables)


def gather_silent(sections: Sequence[Section], title: str) -> list[Section]:
    """Keep the sections that say something; put all that is not said into one list after them.

    The list stands after the last section that answers a question and before those that tell how
    the report was made; without anything to list there is none.

    Examples
    --------
    >>> made = gather_silent([Section("trends", "Trends", absent="Too few days.")], "Not said")
    >>> made[0].key, made[0].unsaid[0].reason
    ('unsaid', 'Too few days.')
    """
    sections = [section for section in sections if not section.part_of]
    shown = [section for section in sections if not section.is_silent]
    lines: list[Unsaid] = []
    for section in sections:
        if section.is_silent:
            lines.append(Unsaid(section.title, section.absent, section.key))
        lines += section.unsaid
    if not lines:
        return shown
    after = [number for number, section in enumerate(shown) if section.key not in ABOUT]
    at = after[-1] + 1 if after else 0
    return [*shown[:at], Section("unsaid", title, unsaid=lines), *shown[at:]]
