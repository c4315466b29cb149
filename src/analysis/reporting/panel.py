"""The panel to explore: how many posts share which combination, small enough to stand in a page.

A cell counts the posts of one day, set of codes, of sub-grievances and of platforms, channel, stars
and sentiment. A post is in one cell only, so sums are exact; to choose a code is to take the cells
whose set holds it. Where the cells would not fit a page they are told more coarsely, always in
the same order (`STEPS`). The counts are the coder's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import pandas as pd
import polars as pl
from markupsafe import Markup

from analysis.coding.scoring import NO_STARS
from analysis.frames import AnyFrame, as_lazy, as_polars
from analysis.numbers import count_text, day_text, is_missing, month_text, period_text
from analysis.reporting.drawer import safe_json
from analysis.reporting.ledger import counted_posts
from analysis.reporting.sections.section import ReportContext
from analysis.study.model import Study
from analysis.study.periods import Period, list_periods, truncate
from analysis.words import LANGUAGES, Note, Words, load_words

TABLE = "explore"
COLUMNS = ("date", "is_negative", "grievances", "sub_grievances", "platforms", "channel", "stars",
           "sentiment", "items")  # fmt: skip
_BY = list(COLUMNS[:-1])
_SETS = ("grievances", "sub_grievances", "platforms")

# Bands of the negative probability, by their lower ends.
_BANDS = ((0.9, "0.9-1"), (0.7, "0.7-0.9"), (0.5, "0.5-0.7"), (0.0, "0-0.5"))
NO_BAND = "none"
#: What is given up, one after another, until the cells fit a page.
STEPS = ("sentiment", "stars", "sub_grievances", "few_platforms", "platforms")
#: Where platforms are too many, all but so many share one name.
OTHER_PLATFORMS = "*"
_MOST_PLATFORMS = 8
_MOST_CHARACTERS = 160_000
_MOST_CELLS = _MOST_CHARACTERS // 2  # each takes two characters at least


# Count the cells, and tell them more coarsely until they fit.


def count_cells(posts: AnyFrame, period: Period | None = "day") -> pl.DataFrame:
    """Count the posts of each combination that occurs.

    Parameters
    ----------
    posts
        Coded posts; a LazyFrame is streamed, and only the cells are ever in memory.
    period
        What `date` stands for: the day, or the first day of its week or month; None for posts
        that are told without days, whose `date` is empty.

    Returns
    -------
    pl.DataFrame
        date, is_negative, grievances, sub_grievances, platforms (names joined by ``;`` in order,
        empty for none), channel, stars, sentiment (band of the negative probability, ``none``
        where there is none), items. Posts that are not negative differ by date, channel and stars
        alone.

    Raises
    ------
    CaodianError
        When the posts are not coded.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True, True, False], "channel": ["weibo"] * 3,
    ...                       "grievances": [["price"], ["price"], []]})
    >>> count_cells(posts).select("is_negative", "grievances", "items").rows()
    [(False, '', 1), (True, 'price', 2)]
    """
    counted = _group(counted_posts(as_lazy(posts)), period, _band())
    return counted.collect(engine="streaming").sort(_BY)


def _group(rows: pl.LazyFrame, period: Period | None, band: pl.Expr) -> pl.LazyFrame:
    """Group countable posts by what a cell tells of them."""
    negative = pl.col("is_negative")
    day = pl.col("date") if period else pl.lit("")
    if period not in ("day", None):
        day = truncate(day.str.to_date(), period).dt.to_string("%Y-%m-%d")
    sets = [
        pl.when(negative).then(_joined(name)).otherwise(pl.lit("")).alias(name) for name in _SETS
    ]
    told = pl.when(negative).then(band).otherwise(pl.lit(NO_BAND)).alias("sentiment")
    cells = rows.select(day.fill_null("").alias("date"), negative, *sets, "channel", "stars", told)
    return cells.group_by(_BY).agg(pl.len().cast(pl.Int64).alias("items"))


def _joined(name: str) -> pl.Expr:
    return pl.col(name).list.join(";").fill_null("")


def _band() -> pl.Expr:
    """Name the band that the negative probability lies in."""
    probability = pl.col("negative_probability")
    band = pl.lit(NO_BAND)
    for low, name in reversed(_BANDS):
        band = pl.when(probability >= low).then(pl.lit(name)).otherwise(band)
    return pl.when(probability.is_nan()).then(pl.lit(NO_BAND)).otherwise(band)


def fit_cells(cells: pl.DataFrame, most: int = _MOST_CHARACTERS) -> tuple[pl.DataFrame, list[str]]:
    """Tell the cells more coarsely, step by step, until a page can hold them.

    Parameters
    ----------
    cells
        From `count_cells`.
    most
        Characters that they may take in the page.

    Returns
    -------
    tuple
        The cells, and which of `STEPS` were taken; no cell, and ``all``, where none was enough.

    Examples
    --------
    >>> cells = count_cells(pl.DataFrame({"is_negative": [True], "grievances": [["price"]]}))
    >>> fit_cells(cells)[1], fit_cells(cells, most=1)[1]
    ([], ['all'])
    """
    taken: list[str] = []
    for step in STEPS:
        if _fits(cells, most):
            return cells, taken
        coarser = _coarsen(cells, step)
        if coarser.height < cells.height:
            cells, taken = coarser, [*taken, step]
    return (cells, taken) if _fits(cells, most) else (cells.clear(), ["all"])


def _fits(cells: pl.DataFrame, most: int) -> bool:
    return cells.height <= min(_MOST_CELLS, most) and len(safe_json(pack_cells(cells))) <= most


def _coarsen(cells: pl.DataFrame, step: str) -> pl.DataFrame:
    """Give one thing up and add the cells that are alike without it."""
    if step == "few_platforms":
        changed = pl.col("platforms").replace(_names_of_few(cells))
    else:
        changed = pl.lit("").alias(step)
    return _regroup(cells.with_columns(changed))


def _regroup(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.group_by(_BY).agg(pl.col("items").sum()).sort(_BY)


def _names_of_few(cells: pl.DataFrame) -> dict[str, str]:
    """Write each set of platforms with the largest by name and the others as one."""
    sizes: Counter[str] = Counter()
    sets = cells.group_by("platforms").agg(pl.col("items").sum()).rows()
    for names, items in sets:
        sizes.update(dict.fromkeys(_members(names), int(items)))
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    return _rename_sets([names for names, _ in sets], set(order[:_MOST_PLATFORMS]))


def _rename_sets(sets: Iterable[str], kept: set[str]) -> dict[str, str]:
    def rename(names: str) -> str:
        return ";".join(sorted({n if n in kept else OTHER_PLATFORMS for n in _members(names)}))

    return {names: rename(names) for names in sets}


def _members(names: object) -> list[str]:
    return [] if is_missing(names) else str(names).split(";")


def note_cells(taken: Sequence[str]) -> Note | None:
    """Say in both languages what was told more coarsely; None where nothing was.

    Examples
    --------
    >>> note_cells([]) is None, note_cells(["sentiment"])[1]
    (True, 'To keep the page small, the panel does not tell bands of sentiment apart.')
    """
    if not taken:
        return None
    notes = []
    for language in LANGUAGES:
        say = load_words(language)
        if taken == ["all"]:
            notes.append(say("panel.too_many"))
        else:
            parts = say("list.comma").join(say(f"panel.step.{step}") for step in taken)
            notes.append(say("panel.coarser", parts=parts))
    return Note(notes[0], notes[1])


# From cells to text: the members of every set once, and the cells as a tree of small numbers.


def pack_cells(cells: pd.DataFrame | pl.DataFrame) -> dict[str, Any]:
    """Write cells for a page.

    Negative cells are a tree of the levels profile (codes and sub-grievances), platforms, channel,
    stars, sentiment, date; the others one of channel, stars, date. A node is written as how many
    numbers it lies after the one before it, then how many nodes it holds; a leaf, how many items
    less one. Numbers take a character for each five bits, low bits first, of ``A-Z a-z 0-9 - _``;
    the sixth bit says that more follow.
    """
    rows = _rows(cells)
    names = {
        column: sorted({member for row in rows for member in _members(row[column])})
        for column in _SETS
    }
    groups = {
        column: sorted({str(row[column]) for row in rows})
        for column in ("channel", "stars", "date")
    }
    negative = [row for row in rows if row["is_negative"]]
    groups["sentiment"] = sorted({str(row["sentiment"]) for row in negative})
    place = {column: {name: n for n, name in enumerate(known)} for column, known in
             (names | groups).items()}  # fmt: skip
    profiles = _by_size((row["grievances"], row["sub_grievances"]) for row in negative)
    platforms = _by_size(row["platforms"] for row in negative)

    def others(row: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(place[column][str(row[column])] for column in ("channel", "stars"))

    leaves = sorted(
        (profiles[row["grievances"], row["sub_grievances"]], platforms[row["platforms"]],
         *others(row), place["sentiment"][row["sentiment"]], place["date"][row["date"]],
         int(row["items"]))
        for row in negative
    )  # fmt: skip
    rest = sorted(
        (*others(row), place["date"][row["date"]], int(row["items"]))
        for row in rows if not row["is_negative"]
    )  # fmt: skip

    def numbers(column: str, joined: str) -> list[int]:
        return [place[column][member] for member in _members(joined)]

    return {
        "codes": names["grievances"], "subs": names["sub_grievances"],
        "platforms": names["platforms"], "channels": groups["channel"], "stars": groups["stars"],
        "bands": groups["sentiment"], "dates": groups["date"],
        "profiles": [[numbers("grievances", codes), numbers("sub_grievances", subs)]
                     for codes, subs in profiles],
        "named": [numbers("platforms", joined) for joined in platforms],
        "negative": _write_tree(leaves), "others": _write_tree(rest),
    }  # fmt: skip


def _rows(cells: pd.DataFrame | pl.DataFrame) -> list[dict[str, Any]]:
    """Give the cells as plain rows; a missing cell of a table read back is an empty text."""
    listed: list[dict[str, Any]] = as_polars(cells).select(COLUMNS).to_dicts()
    for row in listed:
        for column in COLUMNS:
            if is_missing(row[column]):
                row[column] = ""
        row["is_negative"] = str(row["is_negative"]).lower() == "true"
    return listed


def _by_size(found: Iterable[Any]) -> dict[Any, int]:
    """Give a number to each that occurs, the commonest first, so that numbers are short."""
    sizes = Counter(found)
    return {name: n for n, name in enumerate(sorted(sizes, key=lambda one: (-sizes[one], one)))}


def _write_tree(leaves: Sequence[tuple[int, ...]]) -> str:
    """Write sorted rows of numbers, the last of each its items, as a tree."""
    signs: list[str] = []

    def write(rows: Sequence[tuple[int, ...]], level: int) -> None:
        if level == len(rows[0]) - 1:
            signs.append(_write_number(sum(row[-1] for row in rows) - 1))
            return
        nodes = [(number, list(inside)) for number, inside in
                 groupby(rows, key=lambda row: row[level])]  # fmt: skip
        if level:
            signs.append(_write_number(len(nodes)))
        before = -1
        for number, inside in nodes:
            signs.append(_write_number(number - before - 1))
            write(inside, level + 1)
            before = number

    if leaves:
        write(leaves, 0)
    return "".join(signs)


_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _write_number(number: int) -> str:
    signs = ""
    while number >= 32:
        signs += _SIGNS[32 + number % 32]
        number //= 32
    return signs + _SIGNS[number]


# Hold the cells to the ledger.


# The block of the page.


@dataclass(frozen=True)
class Panel:
    """What the page shows: the packed cells and all words, or why there are none.

    `rows` are the codes by platform, for those who have no script: names, then counts. Without
    days nothing is said of choosing them.
    """

    facts: Markup
    notes: Sequence[str]
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    has_days: bool = True


def build_panel(run: ReportContext) -> Panel | None:
    """Build the panel of a run."""
    cells, say = run.table(TABLE), run.words
    every = run.row("counts", "all")
    if TABLE not in run.tables or (cells.empty and (every is None or every["items"] == 0)):
        return None
    told = run.table("notes")
    notes = (
        [str(text) for text in told.loc[told["about"] == TABLE, say.language]]
        if len(told) else []
    )  # fmt: skip
    if cells.empty:
        return Panel(Markup(""), notes or [say("panel.withheld")], [], [])
    packed = pack_cells(cells)
    facts = packed | _describe(packed, run.study, say)
    headers, rows = _tabulate(cells, say)
    has_days = bool(facts["calendar"])
    return Panel(Markup(safe_json(facts)), notes, headers, rows, has_days)  # noqa: S704 - escaped there


def _describe(packed: Mapping[str, Any], study: Study, say: Words) -> dict[str, Any]:
    """Give the names that a reader sees, the calendar and the words of the script."""
    dates, period = [name for name in packed["dates"] if name], study.period
    if dates:
        ends = (study.window.start, study.window.end) if study.window else (
            date.fromisoformat(dates[0]), date.fromisoformat(dates[-1]))  # fmt: skip
        dates = [day.isoformat() for day in list_periods(*ends, period)]
    return {
        "study": study.name, "language": say.language, "period": period,
        "calendar": dates,
        "days": [period_text(day, period, say.language) for day in dates],
        "ticks": [_tick(day, period, say.language) for day in dates],
        "labels": {
            "code": [say.label(name) for name in packed["codes"]],
            "sub": [say.label(name) for name in packed["subs"]],
            "platform": [_platform(name, say) for name in packed["platforms"]],
            "channel": [say.label(name) for name in packed["channels"]],
            "stars": [say(f"stars.{name or NO_STARS}") for name in packed["stars"]],
            "sentiment": [_band_label(name, say) for name in packed["bands"]],
        },
        "say": {
            key.removeprefix("panel.js."): text for key, text in say.texts.items()
            if key.startswith("panel.js.")
        },
    }  # fmt: skip


def _tick(day: str, period: Period, language: str) -> str:
    when = date.fromisoformat(day)
    return month_text(when, language) if period == "month" else day_text(day, language)


def _platform(name: str, say: Words) -> str:
    return say("panel.other_platforms") if name == OTHER_PLATFORMS else say.label(name)


def _band_label(name: str, say: Words) -> str:
    return say("panel.no_band") if name in ("", NO_BAND) else name.replace("-", "–")


def _tabulate(cells: pd.DataFrame, say: Words) -> tuple[list[str], list[list[str]]]:
    """Count codes by the largest platforms, for a reader without script."""
    by_code: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    sizes: Counter[str] = Counter()
    for row in _rows(cells):
        if not row["is_negative"]:
            continue
        codes, platforms = _members(row["grievances"]), _members(row["platforms"])
        items = int(row["items"])
        for code in codes:
            by_code[code] += items
            both.update({(code, platform): items for platform in platforms})
        sizes.update(dict.fromkeys(platforms, items))
    columns = sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_PLATFORMS]
    codes = sorted(by_code, key=lambda name: (-by_code[name], name))
    headers = [say("header.grievance"), say("panel.items"),
               *(_platform(name, say) for name in columns)]  # fmt: skip
    rows = [
        [say.label(code), count_text(by_code[code]),
         *(count_text(both[code, name]) for name in columns)]
        for code in codes
    ]  # fmt: skip
    return headers, rows
