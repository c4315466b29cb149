"""Axes by day: dates below, event days and unfit days behind, and what the daily table holds."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.measures.minimum import shortfall
from analysis.numbers import count_text
from analysis.reporting.plots.canvas import GREY, MUTED, RULE, Setting
from analysis.reporting.plots.keys import Sign
from analysis.reporting.tables import table_or_empty

Tables = dict[str, pd.DataFrame]
EVENT_COLOR = "#f7e3d0"


def spread_days(tables: Tables, unit: str) -> pd.DataFrame:
    """Lay the daily table out: a row a day, a column a grievance.

    A pair that the table lacks is 0; a suppressed count stays missing and leaves a gap.

    Examples
    --------
    >>> daily = pd.DataFrame({"date": ["2020-06-01"], "grievance": ["price"], "items": [3]})
    >>> spread_days({"daily": daily}, "items")["price"].tolist()
    [3.0]
    """
    daily = table_or_empty(tables, "daily")
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


def unfit_days(tables: Tables) -> set[str]:
    """Collect the days whose collection cannot bear a trend."""
    coverage, daily = table_or_empty(tables, "coverage"), table_or_empty(tables, "daily")
    source = coverage if "grade" in coverage else daily
    if "grade" not in source:
        return set()
    return set(source.loc[source["grade"].astype(str) == "unfit", "date"].astype(str))


def event_days(setting: Setting) -> set[str]:
    """Give the study's event days as they stand in the tables."""
    return {day.isoformat() for day in setting.study.event_days}


def band_signs(days: list[str], setting: Setting, tables: Tables) -> list[Sign]:
    """Explain the bands that a figure over these days shows."""
    say, signs = setting.words, []
    if event_days(setting) & set(days):
        signs.append(Sign(say("figure.daily.event"), EVENT_COLOR))
    if unfit_days(tables) & set(days):
        signs.append(Sign(say("figure.daily.unfit"), GREY))
    return signs


def frame_days(
    axes: Axes, days: list[str], setting: Setting, tables: Tables, *, few: bool = False
) -> None:
    """Put dates below the axes and bands behind the data; ``few`` is for small panels."""
    _draw_bands(axes, days, setting, tables)
    ticks = _ticks(len(days), 2 if few else 4)
    axes.set_xticks(ticks, [_short(days[tick], len(days)) for tick in ticks])
    axes.set_xlim(-0.6, len(days) - 0.4)
    axes.locator_params(axis="y", nbins=3 if few else 5, integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: count_text(value))
    axes.tick_params(axis="both", length=2, labelsize=7.8, colors=MUTED)
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _draw_bands(axes: Axes, days: list[str], setting: Setting, tables: Tables) -> None:
    events, unfit = event_days(setting), unfit_days(tables)
    for position, day in enumerate(days):
        ends = (position - 0.5, position + 0.5)
        if day in events:
            axes.axvspan(*ends, color=EVENT_COLOR, lw=0, zorder=0)
        if day in unfit:
            axes.axvspan(*ends, facecolor=RULE, edgecolor=GREY, hatch="////", lw=0, zorder=1)


def _ticks(days: int, parts: int) -> list[int]:
    """Choose evenly spaced days, the first among them, at most ``parts`` + 1.

    Examples
    --------
    >>> _ticks(20, 4), _ticks(1, 4)
    ([0, 5, 10, 15], [0])
    """
    step = max(1, -(-(days - 1) // parts))
    return list(range(0, days, step))


def _short(day: str, days: int) -> str:
    when = date.fromisoformat(day)
    return f"{when.year}/{when.month}" if days > 300 else f"{when.month}/{when.day}"
