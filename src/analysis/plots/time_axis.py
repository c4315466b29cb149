"""Axes by day, week or month: dates below, event days and unfit ones behind, and the counts."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.minimum import shortfall
from analysis.numbers import count_text, month_text
from analysis.plots.frame import GREY, MUTED, RULE, LegendEntry, Setting
from analysis.study.periods import LONGEST_BY_DAY

_EVENT_COLOR = "#f7e3d0"
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
    >>> from analysis.plots.frame import make_setting
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
        entries.append(LegendEntry(say("figure.daily.event"), _EVENT_COLOR))
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
            axes.axvspan(*ends, color=_EVENT_COLOR, lw=0, zorder=0)
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
