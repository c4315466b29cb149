"""What the caller of a figure gives: the keywords that all figures share, and its tables."""

import inspect
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TypedDict

import pandas as pd
import polars as pl
from matplotlib.axes import Axes

from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, to_pandas
from analysis.numbers import number_text, scale_text
from analysis.plots.style import NARROW, WIDTH, shorten
from analysis.study.model import Study
from analysis.study.periods import Period, period_start
from analysis.words import Words, load_words, window_of

# Inches: in less, the labels leave no room for the data; under the first, the layout is narrow.
_WIDE, _NARROWEST, _LOWEST = 5, 3.2, 2.4
_TITLE_UNITS = 80  # of display width; a report may be called after a file of any name
_SUBTITLE_UNITS = 104  # of display width in a line


class Look(TypedDict, total=False):
    """The keyword arguments of every figure; `report_figure` in `frame` documents them."""

    language: str
    title: str | None
    source: str | None
    study: Study | None
    scale: float | None
    ax: Axes | None
    size: float | tuple[float, float] | None


LOOK_DEFAULTS = Look(
    language="zh", title=None, source=None, study=None, scale=None, ax=None, size=None
)


_LOOK_PARAMETERS = """
language
    `zh` or `en`.
title
    Another headline.
source
    Where the posts come from, for the source line; an empty text for no such line.
study
    The study (`load_study`), for the source line, event days and published values.
scale
    Scale of a simulated corpus, `0.01` for 1:100: published counts are multiplied by it, and
    the figure says that its data are simulated.
ax
    Axes of yours to draw into: then there are no headline and no source line, and the legend
    stands above the data.
size
    Width, or width and height, in inches. Text keeps its size, the data take the room. Under 5
    inches the layout is that of a telephone, which is as high as it must be.
"""
_LOOK_RETURNS = """ReportFigure
    A matplotlib figure that a notebook shows; `table` has the rows behind it, empty where there
    was nothing to show, and `alt` says it in words. With `ax` the figure of those axes, which has
    neither.
"""
_LOOK_RAISES = """CaodianError
    When a column is missing, a date or code is none, the language is another, or a size is too
    small.
"""


def with_look(signature: inspect.Signature) -> inspect.Signature:
    """Put the shared keyword arguments in the place of ``**look``."""
    own = [part for part in signature.parameters.values() if part.kind is not part.VAR_KEYWORD]
    shared = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=value,
            annotation=Look.__annotations__[name],
        )
        for name, value in LOOK_DEFAULTS.items()
    ]
    return signature.replace(parameters=[*own, *shared])


def document(text: str) -> str:
    r"""Put what all figures share into a docstring, section by section."""
    summary, *rest = re.split(r"\n\n(?=[A-Z]\w+\n-+\n)", inspect.cleandoc(text))
    own = dict(re.split(r"\n-+\n", part) for part in rest)
    returned = own.get("Returns", "").removeprefix("ReportFigure").rstrip()
    sections = {
        "Parameters": own["Parameters"] + _LOOK_PARAMETERS,
        "Returns": _LOOK_RETURNS.rstrip() + returned,
        "Raises": _LOOK_RAISES,
        "Examples": own["Examples"],
    }
    told = [f"{name}\n{'-' * len(name)}\n{body.strip()}" for name, body in sections.items()]
    return "\n\n".join([summary, *told]) + "\n"


@dataclass(frozen=True)
class Setting:
    """What a figure must know beside its data."""

    words: Words
    study: Study | None = None
    period: Period = "day"
    scale: float | None = None  # of a simulated corpus
    own_title: str | None = None
    own_source: str | None = None
    ax: Axes | None = None
    size: float | tuple[float, float] | None = None
    dates: tuple[date, ...] = ()
    finding: str = ""  # what the figure shows, in a sentence

    def title(self, key: str) -> str:
        """Give the headline: the caller's, else what was found, else the kind of figure."""
        return self.own_title or self.finding or self.words(f"figure.{key}.title")

    def saying(self, finding: str) -> "Setting":
        """Put what the figure shows into its headline, where the caller has none of its own."""
        return replace(self, finding=finding)

    def naming(self, key: str, grievance: str, counted: Collection[str]) -> "Setting":
        """Put a code into the headline of a figure that is drawn of any code."""
        if grievance not in counted and f"label.{grievance}" not in self.words.texts:
            near = nearest(str(grievance), sorted(counted))
            raise CaodianError(
                "a figure of one code must be of one that is counted",
                value=grievance,
                remedy=f"Did you mean {near!r}?" if near else None,
            )
        return self.saying(self.words(f"figure.{key}.title", label=self.words.label(grievance)))

    @property
    def source(self) -> str:
        """The source line below a figure."""
        if self.own_source == "":
            return ""
        if self.own_source is not None:
            return self.words("figure.source_named", source=shorten(self.own_source, _TITLE_UNITS))
        if self.study is None:
            return self.words("figure.unit")
        title = self.study.title_zh if self.words.language == "zh" else self.study.title_en
        key = "figure.source" if self.study.days else "figure.source_undated"
        return self.words(
            key, study=shorten(title, _TITLE_UNITS), window=window_of(self.study, self.words)
        )

    @property
    def tag(self) -> str:
        """The warning on figures of simulated data; empty on real data."""
        if self.scale is None:
            return ""
        return self.words("scale.simulated", scale=scale_text(self.scale))

    @property
    def is_narrow(self) -> bool:
        """Whether the figure is as narrow as a telephone and laid out for it."""
        return self.ax is None and self.size_for(_LOWEST)[0] < _WIDE

    @property
    def width(self) -> float:
        """Inches of the figure's own width, in which plots place their parts."""
        return NARROW if self.is_narrow else WIDTH

    @property
    def subtitle_units(self) -> int:
        """The display width of a line below the headline; a narrow figure has smaller letters."""
        return int(_SUBTITLE_UNITS * max(1.0, self.size_for(_LOWEST)[0] / WIDTH))

    def size_for(self, height: float) -> tuple[float, float]:
        """Give width and height in inches of a figure that is this high of its own."""
        if self.size is None:
            return WIDTH, height
        width, tall = _read_size(self.size, height)
        if width < _NARROWEST or tall < min(_LOWEST, height):
            raise CaodianError(
                f"a figure must be at least {_NARROWEST} inches wide and {_LOWEST} high",
                value=f"{number_text(width)} × {number_text(tall)}",
                remedy="Draw into axes of your own (ax=…) where it must be smaller.",
            )
        return width, tall

    @property
    def event_days(self) -> set[str]:
        """The event days, or the weeks or months that hold one, as tables name them."""
        return {period_start(day, self.period).isoformat() for day in self.dates}


def _read_size(size: object, height: float) -> tuple[float, float]:
    """Take a width, or width and height, as they are given."""
    sides = list(size) if isinstance(size, Sequence) and not isinstance(size, str) else [size]
    inches = [float(side) for side in sides if isinstance(side, int | float)]
    if not 0 < len(inches) == len(sides) < 3:
        raise CaodianError(
            "a size is a width, or width and height, in inches",
            value=size,
            remedy="Write size=8 or size=(8, 5).",
        )
    return inches[0], inches[1] if len(inches) == 2 else height


def make_setting(
    language: str = "zh",
    *,
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
    ax: Axes | None = None,
    size: float | tuple[float, float] | None = None,
    dates: Sequence[str] = (),
    event_days: Collection[str | date] = (),
) -> Setting:
    """Gather what the caller of a figure says; ``dates`` are those of its table."""
    period: Period = _period_of(dates) if study is None else study.period
    days = as_dates(event_days)
    if study is not None and not days:
        days = study.event_days
    if ax is not None and (size is not None or not isinstance(ax, Axes)):
        raise CaodianError(
            "a figure is drawn into one pair of axes, and takes their size",
            value=f"ax {type(ax).__name__}, size {size}",
            remedy="Give ax or size; of several axes give one, such as axes[0].",
        )
    words = load_words(language, period)
    return Setting(words, study, period, scale, title, source, ax, size, tuple(days))


def _period_of(dates: Sequence[str]) -> Period:
    """Tell days, weeks and months apart by the shortest step between two dates."""
    days = sorted({_day(day) for day in dates})
    steps = [(after - before).days for before, after in pairwise(days)]
    shortest = min(steps, default=1)
    return "day" if shortest < 7 else "week" if shortest < 28 else "month"


def as_dates(days: Collection[str | date]) -> list[date]:
    """Give days that may be written `YYYY-MM-DD` as dates."""
    return [_day(str(day)) for day in days]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise CaodianError(
            "a date must be written YYYY-MM-DD", value=text, remedy="Count posts by date."
        ) from None


_LIKE = 0.75  # how like a column's name one must be that may have been meant
_TABLE_REMEDY = "The figure's own help says which function gives its table."
_POSTS_REMEDY = (
    "These are posts: give the table that counts them, such as count_grievances(posts) or "
    "count_grievances(posts, by='date'); the figure's own help says which."
)


def take_table(table: AnyFrame, needed: Sequence[str]) -> pd.DataFrame:
    """Give a table as pandas, with rows numbered from 0."""
    if isinstance(table, pl.LazyFrame):
        table = table.collect()
    taken = to_pandas(table) if isinstance(table, pl.DataFrame) else table
    if not isinstance(taken, pd.DataFrame):
        raise CaodianError(
            "a figure is drawn from a pandas or Polars frame",
            value=type(table).__name__,
            remedy="Give the table of the function that counts, such as count_grievances.",
        )
    for name in needed:
        if name not in taken:
            names = [str(column) for column in taken]
            near = nearest(name, names, _LIKE)
            remedy = f"Did you mean {near!r}?" if near else _TABLE_REMEDY
            raise CaodianError(
                f"the table of the figure must have the column {name}",
                value=f"columns there: {', '.join(names) or 'none'}",
                remedy=_POSTS_REMEDY if "is_negative" in taken else remedy,
            )
    return taken.reset_index(drop=True)


def take_dated(
    table: AnyFrame, needed: Sequence[str] = ("date", "grievance", "items")
) -> pd.DataFrame:
    """Give a table by date as pandas, its dates as text."""
    taken = take_table(table, needed)
    taken = taken.assign(date=[str(day)[:10] for day in taken["date"]])
    if "grievance" in needed and taken.duplicated(["date", "grievance"]).any():
        twice = taken[taken.duplicated(["date", "grievance"])].iloc[0]
        raise CaodianError(
            "a table by date must have one row a date and grievance",
            value=f"{twice['date']} {twice['grievance']}",
            remedy="Add up what stands twice, or draw one part alone.",
        )
    return taken


def take_other(table: AnyFrame | None, needed: Sequence[str]) -> pd.DataFrame:
    """Give a table that a figure can do without: an empty one where there is none."""
    return pd.DataFrame(columns=list(needed)) if table is None else take_table(table, needed)


def join_facts(
    table: pd.DataFrame, other: pd.DataFrame, key: str, facts: dict[str, str]
) -> pd.DataFrame:
    """Put columns of another table beside the rows of a figure: ``facts`` names theirs by ours.

    Where that table says nothing, and where it lacks a column, the table keeps what it has.
    """
    there = {ours: theirs for ours, theirs in facts.items() if theirs in other}
    if other.empty or not there:
        return table
    rows = other.assign(**{key: other[key].astype(str)}).drop_duplicates(key).set_index(key)
    named = table[key].astype(str)
    return table.assign(**{ours: named.map(rows[theirs]) for ours, theirs in there.items()})


def join_grades(table: pd.DataFrame, coverage: AnyFrame | None) -> pd.DataFrame:
    """Put the grade of the collection beside each date; without ``coverage`` keep what is there."""
    if coverage is None:
        return table
    return join_facts(
        table, take_table(coverage, ["date", "grade"]).astype({"date": str}), "date",
        {"grade": "grade"},
    )  # fmt: skip
