"""What stands on the axes: bars with labels at their ends, or days, weeks and months with bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.measures.quantities import best_values, spell_best
from analysis.minimum import shortfall
from analysis.numbers import count_text, is_missing, month_text
from analysis.plots.arguments import Setting
from analysis.plots.frame import LegendEntry
from analysis.plots.style import (
    BLUE,
    DARK_BLUE,
    EVENT,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALE_BLUE,
    RULE,
    drawable,
)
from analysis.study.periods import LONGEST_BY_DAY
from analysis.words import Words

_NARROWEST_DATA = 4.1  # inches that a figure of its own size leaves beside the longest labels


def draw_bars(
    axes: Axes,
    rows: pd.DataFrame,
    labels: Sequence[str],
    words: Words,
    *,
    posts: float = 0.0,
    colors: Sequence[str] | None = None,
) -> None:
    """Draw one bar a row: its length is the estimate where there is one, else the count.

    ``rows`` has ``items`` and may have ``estimate, low, high`` and ``published_scaled``, a value
    to mark; ``posts`` is the number of all posts, below a hundredth of which the label says "fewer
    than". The first row is drawn on top. A suppressed count has no bar and a dash.
    """
    values = best_values(rows).fillna(0)
    reach = _reach(rows, values)
    edge = max(float(reach.max()), 1.0)
    axes.barh(range(len(rows)), values, height=0.56, color=colors or _bar_colors(rows), zorder=2)
    for position, (_, row) in enumerate(rows.iterrows()):
        _mark_bar(axes, position, row)
        place = (float(reach.iloc[position]) + edge * 0.015, position)
        _label_bar(axes, place, spell_best(row, posts, words))
    style_bars(axes, labels, edge)


def _bar_colors(rows: pd.DataFrame) -> list[str]:
    """Colour corrected estimates pale, behind their intervals, and bare counts beside them grey."""
    if not has_intervals(rows):
        return [BLUE] * len(rows)
    return [GREY if is_missing(high) else PALE_BLUE for high in rows["high"]]


def _reach(rows: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Say how far right each row draws: bar, interval and mark."""
    ends = [
        values,
        *(rows[name].astype(float) for name in ("high", "published_scaled") if name in rows),
    ]
    return pd.concat(ends, axis=1).max(axis=1)


def _mark_bar(axes: Axes, position: int, row: pd.Series) -> None:
    """Draw the interval of a bar and the published value beside it."""
    if not is_missing(row.get("high")):
        axes.plot([row["low"], row["high"]], [position] * 2, color=DARK_BLUE, lw=1.6, zorder=4)
        axes.plot([row["estimate"]], [position], "o", color=DARK_BLUE, ms=4.2, zorder=5)
    if not is_missing(row.get("published_scaled")):
        ends = [position - 0.4, position + 0.4]
        axes.plot([row["published_scaled"]] * 2, ends, color=ORANGE, lw=2.4, zorder=3)


def _label_bar(axes: Axes, place: tuple[float, int], texts: tuple[str, str]) -> None:
    """Write the value of a bar, and its interval smaller behind it."""
    best, interval = texts
    label = axes.text(*place, best, va="center", ha="left", color=INK, size=9.2, zorder=6)
    if interval:
        axes.annotate(
            f" ({interval})", xy=(1, 0.5), xycoords=label, va="center", ha="left", color=MUTED,
            size=8.2,
        )  # fmt: skip


def style_bars(axes: Axes, labels: Sequence[str], edge: float, room: float = 1.34) -> None:
    """Name the bars, leave room for the labels at the ends, take the frame away.

    ``room`` is in lengths of the longest bar; on narrower axes the labels need a larger part.
    """
    axes.set_yticks(range(len(labels)), [drawable(label) for label in labels])
    axes.set_ylim(len(labels) - 0.5, -0.6)
    width = axes.get_position().width * cast(Figure, axes.get_figure(root=True)).get_figwidth()
    labels_part = min((1 - 1 / room) * _NARROWEST_DATA / width, 0.7)
    axes.set_xlim(0, edge * max(room, 1 / (1 - labels_part)))
    axes.tick_params(axis="both", length=0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def has_intervals(rows: pd.DataFrame) -> bool:
    """Say whether the table carries audited estimates.

    Examples
    --------
    >>> has_intervals(pd.DataFrame({"items": [3], "high": [None]}))
    False
    """
    return "high" in rows and bool(rows["high"].notna().any())


def spell_bars(
    rows: pd.DataFrame, labels: Sequence[str], words: Words, *, posts: float = 0.0
) -> str:
    """Write the bars as words for readers who cannot see them.

    A bare count among estimates is called the coder's.

    Examples
    --------
    >>> from analysis.words import load_words
    >>> spell_bars(pd.DataFrame({"items": [3]}), ["Price"], load_words("en"))
    'Price 3'
    """
    parts = []
    for label, (_, row) in zip(labels, rows.iterrows(), strict=True):
        best, interval = spell_best(row, posts, words)
        if interval:
            best = words("list.with_interval", best=best, interval=interval)
        elif has_intervals(rows):
            best = words("list.coders_own", best=best)
        parts.append(f"{label} {best}")
    return words("list.semicolon").join(parts)


# Days, weeks or months below, event days and unfit ones behind, and the counts by date.

_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 600)  # months between two dates below an axis


def spread_days(daily: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Lay counts by day, week or month out: a row a date, a column a grievance.

    A pair that the table lacks is 0; a suppressed count stays missing and leaves a gap.

    Examples
    --------
    >>> daily = pd.DataFrame({"date": ["2020-06-01"], "grievance": ["price"], "items": [3]})
    >>> spread_days(daily, "items")["price"].tolist()
    [3.0]
    """
    if daily.empty or unit not in daily:
        return pd.DataFrame()
    daily = daily.assign(date=daily["date"].astype(str))
    listed = daily.assign(listed=True).pivot(index="date", columns="grievance", values="listed")
    wide = daily.pivot(index="date", columns="grievance", values=unit).astype(float)
    return wide.where(listed.notna(), 0.0).sort_index()


def has_items(wide: pd.DataFrame, grievance: str) -> bool:
    """Say whether a code has any item that may be shown."""
    return grievance in wide and bool(wide[grievance].fillna(0).any())


def is_peak_told(series: pd.Series) -> bool:
    """Say whether a series has enough for one of its days to be called its highest.

    Examples
    --------
    >>> is_peak_told(pd.Series([0, 0, 1] * 7)), is_peak_told(pd.Series([3.0] * 20))
    (False, True)
    """
    known = series.dropna()
    counts = known.to_numpy(dtype=np.int64)
    return shortfall(counts, len(series) - len(known), most=None) is None


def line_width(days: int) -> float:
    """Choose a line that stays readable: thinner in a long window."""
    return 1.5 if days <= 60 else 0.7


def marker_for(series: pd.Series) -> str:
    """Mark the days where a line alone would not show them: few days, or gaps between them."""
    return "o" if len(series) < 3 or series.isna().any() else ""


@dataclass(frozen=True)
class Bands:
    """The dates that stand out behind the data: event days, and what collection cannot bear."""

    events: frozenset[str] = frozenset()
    unfit: frozenset[str] = frozenset()
    partial: frozenset[str] = frozenset()


def find_bands(setting: Setting, *graded: pd.DataFrame) -> Bands:
    """Find the bands; grades are those of the first table that has any.

    Examples
    --------
    >>> from analysis.plots.arguments import make_setting
    >>> daily = pd.DataFrame({"date": ["2020-06-01"], "grade": ["unfit"]})
    >>> sorted(find_bands(make_setting("en"), daily).unfit)
    ['2020-06-01']
    """
    source = next((table for table in graded if "grade" in table), None)

    def of(grade: str) -> frozenset[str]:
        if source is None:
            return frozenset()
        return frozenset(source.loc[source["grade"].astype(str) == grade, "date"].astype(str))

    return Bands(frozenset(setting.event_days), of("unfit"), of("partial"))


def band_entries(days: list[str], setting: Setting, bands: Bands) -> list[LegendEntry]:
    """Explain the bands that a figure over these days shows."""
    say, entries = setting.words, []
    if bands.events & set(days):
        entries.append(LegendEntry(say("figure.daily.event"), EVENT))
    if bands.unfit & set(days):
        entries.append(LegendEntry(say("figure.daily.unfit"), GREY))
    if bands.partial & set(days):
        entries.append(LegendEntry(say("figure.daily.partial"), RULE))
    return entries


def frame_days(
    axes: Axes, days: list[str], setting: Setting, bands: Bands, *, few: bool = False
) -> None:
    """Put dates below the axes and bands behind the data; ``few`` is for small panels."""
    _draw_bands(axes, days, bands)
    axes.set_xticks(*_ticks(days, setting, 2 if few else 4))
    axes.set_xlim(-0.6, len(days) - 0.4)
    axes.locator_params(axis="y", nbins=3 if few else 5, integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: count_text(value))
    axes.tick_params(axis="both", length=2, labelsize=7.8, colors=MUTED)
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _draw_bands(axes: Axes, days: list[str], bands: Bands) -> None:
    for position, day in enumerate(days):
        ends = (position - 0.5, position + 0.5)
        if day in bands.events:
            axes.axvspan(*ends, color=EVENT, lw=0, zorder=0)
        if day in bands.unfit:
            axes.axvspan(*ends, facecolor=RULE, edgecolor=GREY, hatch="////", lw=0, zorder=1)
        if day in bands.partial:
            axes.axvspan(*ends, facecolor="white", edgecolor=RULE, hatch="\\\\\\\\", lw=0, zorder=1)


def _ticks(days: list[str], setting: Setting, parts: int) -> tuple[list[int], list[str]]:
    """Choose where dates stand and how they read: by day, else at the first of a month."""
    dates = [date.fromisoformat(day) for day in days]
    if setting.period == "day" and len(days) <= LONGEST_BY_DAY:
        places = _even_places(len(days), parts)
        return places, [f"{dates[place].month}/{dates[place].day}" for place in places]
    places = _month_places(dates, parts)
    return places, [month_text(dates[place], setting.words.language) for place in places]


def _even_places(days: int, parts: int) -> list[int]:
    """Choose evenly spaced days, the first among them, at most ``parts`` + 1."""
    step = max(1, -(-(days - 1) // parts))
    return list(range(0, days, step))


def _month_places(dates: list[date], parts: int) -> list[int]:
    """Choose the first week of some months, or some months: Januaries where there are years."""
    first: dict[int, int] = {}
    for place, day in enumerate(dates):
        if day.day <= 7:
            first.setdefault(12 * day.year + day.month - 1, place)
    for step in _MONTH_STEPS:
        places = [place for month, place in first.items() if month % step == 0]
        if len(places) <= parts + 1:
            return places or [0]
    return [0]
