"""What a collector says about a table: where each canonical column stands and what is mended.

A collector module defines `recognise(head) -> Plan | None` and is listed once in `recognition.py`.
It never opens a file: containers give it a header and a sample, and convert reads by its plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePath

import polars as pl

from analysis.schema import table

# The columns of the canonical post, in their order, with their types, as the schema has them.

CANONICAL = pl.Schema(table("posts").polars_schema)
REJECTS = pl.Schema(table("rejects").polars_schema)


# What a batch carries beside the columns of its table. No column can be called so, for names are
# stripped of what is not shown; and people do call theirs `note` and `row_number`.
ROW_NUMBER = "\0row number"
NOTE = "\0note"


RowRepair = Callable[[list[str]], list[str] | None]
Preparation = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Head:
    """The beginning of one table, enough to recognise its collector."""

    path: PurePath
    container: str
    table: str | None
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()

    def has(self, *names: str) -> bool:
        """Tell whether every name stands in the header."""
        return set(names) <= set(self.header)

    def column(self, name: str) -> list[str]:
        """Return the sample cells of one column."""
        place = self._places[name]
        return [row[place] for row in self.rows if place < len(row)]

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each column stands, the first of a name: to seek it anew is quadratic."""
        width = len(self.header)
        return {name: width - 1 - place for place, name in enumerate(reversed(self.header))}

    def without_shifted(self) -> Head:
        """Return the sample without rows that delimiters in a text shift, where others are left."""
        rows = tuple(row for row in self.rows if len(row) <= len(self.header))
        return replace(self, rows=rows) if rows else self


@dataclass(frozen=True)
class Plan:
    """How a table becomes canonical posts."""

    source: str
    source_format: str
    era: str
    columns: Mapping[str, tuple[str, ...]]
    header: tuple[str, ...]
    kind: str = "post"
    channel: str = "other"
    local_ids: bool = False
    layouts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    repair: RowRepair | None = None
    repairs_all: bool = False
    prepare: Preparation | None = None
    prepare_reads: tuple[str, ...] | None = None
    guessed: frozenset[str] = frozenset()
    time_order: str | None = None
    year: int | None = None
    has_printed_dates: bool = False
    has_whole_days: bool = False
    rating_scale: int = 5
    repairs: tuple[str, ...] = ()
    keyword: str | None = None
    joins_texts: bool = False
    no_days: str = ""

    def layout(self, width: int) -> tuple[str, ...] | None:
        """Return the names of the cells of a row with so many cells."""
        if self.layouts:
            return self.layouts.get(width)
        return self.header if width == len(self.header) else None

    def narrow(self, *canonical: str) -> Plan:
        """Return the plan for a few canonical columns only."""
        kept = {name: self.columns[name] for name in canonical if name in self.columns}
        return replace(self, columns=kept)

    def needed_columns(self) -> list[str]:
        """Return the columns of the table that the plan reads, in the header's order."""
        names = [*self.header, *(name for layout in self.layouts.values() for name in layout)]
        every = list(dict.fromkeys(names))
        if self.prepare is not None and self.prepare_reads is None:
            return every
        wanted = {name for names in self.columns.values() for name in names}
        wanted.update(self.prepare_reads or ())
        return [name for name in every if name in wanted]


def first_present(
    header: Sequence[str], **wanted: Sequence[str] | str
) -> dict[str, tuple[str, ...]]:
    """Return the wanted canonical columns whose columns the header has."""
    found = {}
    for canonical, names in wanted.items():
        options = (names,) if isinstance(names, str) else names
        present = tuple(name for name in options if name in header)
        if present:
            found[canonical] = present
    return found


# What is told of tables whose posts have no days, by the codes of `Plan.no_days`.
#
# A report on them holds all that needs no day. So a table is not refused for want of a time: it
# is read without one, and the reader learns which column was looked for and how to name it.

_WORDING = {
    "none": ("没有一条帖子写明日期", "no post carries one"),
    "left_out": (
        "按 --time-column none 的要求没有读取发布时间",
        "as --time-column none asks, no time of publication was read",
    ),
    "no_time_column": (
        "没有哪一列的名字像发布时间；若有这样一列，请用 --time-column 列名 指明",
        "no column is named like a time of publication; if one is, name it with --time-column",
    ),
    "other_dates": (
        "没有哪一列的名字像发布时间，但“{0}”一列里是日期；若它就是发布时间，"
        "请用 --time-column {0} 指明",
        "no column is named like a time of publication, but “{0}” holds dates; if they are that "
        "time, say --time-column {0}",
    ),
    "no_date": (
        "“{0}”一列里读不出日期（例如只有钟点，或只写“昨天”）；若日期在别的列，"
        "请用 --time-column 列名 指明",
        "the column “{0}” holds no dates that can be read (a clock time alone, or “yesterday”, "
        "names no day); if another column does, name it with --time-column",
    ),
    "no_year": (
        "“{0}”一列里的日期没有年份；请把年份写进文件名（例如 评论2020.csv）",
        "the dates of the column “{0}” have no year; put it into the name of the file (as in "
        "comments-2020.csv)",
    ),
    "two_orders": (
        "“{0}”一列里的日期分不清年、月、日的次序（例如 06/05/20）；请写成 2020-06-05 这样的日期",
        "nothing in the column “{0}” tells year, month and day of its dates apart (as 06/05/20); "
        "write them as 2020-06-05",
    ),
    "blank_time": (
        "“{0}”一列是空的；若日期在别的列，请用 --time-column 列名 指明",
        "the column “{0}” is empty; if another column holds the dates, name it with --time-column",
    ),
}


def explain_no_days(codes: Iterable[str], language: str, *, all_posts: bool = True) -> str:
    """Say why posts have no days and what that leaves out of the report.

    Parameters
    ----------
    codes
        `Plan.no_days` of the tables.
    all_posts
        No post of the run has a day; else other posts have one.

    Examples
    --------
    >>> explain_no_days(["no_date(时间)"], "zh")[:20]
    '帖子没有发布日期：“时间”一列里读不出日'
    """
    known = sorted({code for code in codes if code}) or ["none"]
    why = ("；" if language == "zh" else "; ").join(
        _put_into_words(code, language) for code in known
    )
    if language == "zh":
        if all_posts:
            return (
                f"帖子没有发布日期：{why}。因此没有趋势、突变、采集覆盖等需要日期的部分，"
                "其余各部分计入全部帖子。"
            )
        return f"有的文件没有发布日期，其中的帖子不在监测期内，没有计入：{why}。"
    if all_posts:
        return (
            f"The posts have no day of publication: {why}. So nothing is said of trends, breaks, "
            "coverage or anything else that needs days; all else counts every post."
        )
    return f"Some files have no days; their posts lie in no window and are not counted: {why}."


def retell_no_days(told: str) -> str | None:
    """Say in Chinese what `explain_no_days` said of one table in English; None of other sentences.

    Examples
    --------
    >>> retell_no_days(explain_no_days(["no_date(时间)"], "en"))[:20]
    '帖子没有发布日期：“时间”一列里读不出日'
    """
    for kind, (_, english) in _WORDING.items():
        found = re.search(re.escape(english.partition("{0}")[0]) + "(.{0,40}?)”", told)
        code = f"{kind}({found[1]})" if found else kind
        if explain_no_days([code], "en") == told:
            return explain_no_days([code], "zh")
    return None


def _put_into_words(code: str, language: str) -> str:
    kind, _, name = code.partition("(")
    return _WORDING[kind][0 if language == "zh" else 1].format(name.removesuffix(")"))
