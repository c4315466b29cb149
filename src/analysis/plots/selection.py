"""The figure of a selection of posts: by day, by code, by platform, at the width of a journal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.numbers import count_text
from analysis.plots.arguments import Setting, make_setting
from analysis.plots.axes import Bands, band_entries, find_bands, frame_days, style_bars
from analysis.plots.frame import ReportFigure, blank_figure
from analysis.plots.style import (
    BLUE,
    DARK_BLUE,
    MUTED,
    ORANGE,
    PALE_BLUE,
    display_width,
    room_for,
    theme,
    wrap,
)
from analysis.study.model import Study

PANELS = ("daily", "codes", "platforms")
_TOTALS = ("all", "negative")
_MOST = 12  # platforms
_HEAD, _FOOT, _GAP, _TITLE = 0.62, 0.42, 0.3, 0.3  # inches
_BAR, _DAILY, _APART = 0.2, 1.5, 0.25
_SIZE = 7.8  # points of labels, legible in a column
_INCH = 25.4  # millimetres


def plot_selection(
    tables: Mapping[str, pd.DataFrame],
    title: str,
    *,
    unit: str = "items",
    chosen: Collection[str] = (),
    coverage: pd.DataFrame | None = None,
    language: str = "zh",
    study: Study | None = None,
    scale: float | None = None,
    width: float = 174,
) -> ReportFigure:
    """Draw a selection of posts: by day above, by code and by platform side by side below.

    Parameters
    ----------
    tables
        Any of ``daily`` (`date, count, low, high`), ``codes`` (`grievance, count`) and
        ``platforms`` (`platform, count`, most first).
    title
        The selection in words.
    unit
        What was counted: ``items``, ``families`` or ``authors``.
    chosen
        Codes and platforms whose bars stand out.
    coverage
        Grades of the collection (`date, grade`), for the bands behind the days.
    language, study, scale
        As for `plot_grievances`.
    width
        In millimetres: 85 and 174 are a column and a page of most journals.

    Returns
    -------
    ReportFigure
        `table` holds what is drawn; with several panels, their names in the column `panel`.

    Examples
    --------
    >>> codes = pd.DataFrame({"grievance": ["price"], "count": [3]})
    >>> figure = plot_selection({"codes": codes}, "Price", language="en", width=85)
    >>> round(figure.get_figwidth() * 25.4), figure.alt
    (85, 'Price. By kind (Items): Price 3')
    """
    with theme():
        shown = {name: _shown(name, tables[name], chosen) for name in PANELS if name in tables}
        dates = shown["daily"]["date"].tolist() if "daily" in shown else []
        setting = make_setting(language, study=study, scale=scale, dates=dates)
        bars = {name: 0.3 + _BAR * max(len(shown[name]), 1) for name in shown if name != "daily"}
        above = _DAILY + _TITLE + _APART if dates else 0.0
        head = _Head(setting, wrap(title, int(width / _INCH / 0.088)), width / _INCH)
        figure = blank_figure(
            head.height + above + max(bars.values(), default=0) + _FOOT, head.width
        )
        head.write(figure)
        look = _Look(setting, setting.words(f"header.{unit}"), frozenset(chosen), coverage)
        if dates:
            box = (0.1, head.height, head.width - 0.2, _DAILY + _TITLE)
            _draw_days(figure, box, shown["daily"], look)
            _name_bands(figure, head.height - 0.2, dates, look)
        part = (head.width - 0.2 - _GAP * (len(bars) - 1)) / max(len(bars), 1)
        for place, (name, height) in enumerate(bars.items()):
            box = (0.1 + place * (part + _GAP), head.height + above, part, height)
            _draw_bars(figure, box, shown[name], look, name)
        parts = [f"{title}.", *(_spell(name, table, look) for name, table in shown.items())]
        (lead, *others) = shown.values()
        table = pd.concat(
            [table.assign(panel=name) for name, table in shown.items()], ignore_index=True
        )
        return figure.describe(title, "", " ".join(parts), table if others else lead)


@dataclass(frozen=True)
class _Look:
    """What all panels share."""

    setting: Setting
    unit: str
    chosen: frozenset[str]
    coverage: pd.DataFrame | None

    @property
    def bands(self) -> Bands:
        """The days that stand out behind the data."""
        has_grades = self.coverage is not None and not self.coverage.empty
        graded = [self.coverage] if self.coverage is not None and has_grades else []
        return find_bands(self.setting, *graded)


@dataclass(frozen=True)
class _Head:
    """Headline, warning and source line, broken to the width."""

    setting: Setting
    title: str
    width: float

    @property
    def height(self) -> float:
        """Inches above the data."""
        return _HEAD + 0.2 * self.title.count("\n")

    def write(self, figure: ReportFigure) -> None:
        """Write the lines."""
        total = figure.get_figheight()
        put: Callable[..., Any] = figure.text
        put(0.1 / self.width, 1 - 0.12 / total, self.title, size=10.5, va="top")
        if self.setting.tag:
            place = 1 - (self.height - 0.2) / total
            put(0.1 / self.width, place, self.setting.tag, size=_SIZE, color=ORANGE, va="center")
        source = wrap(self.setting.source, int(self.width / 0.052))
        put(0.1 / self.width, 0.08 / total, source, size=6.4, color=MUTED, va="bottom")


def _shown(name: str, table: pd.DataFrame, chosen: Collection[str]) -> pd.DataFrame:
    """Keep what has room: the codes without totals, the platforms named most."""
    if name == "codes":
        return table[~table["grievance"].isin(_TOTALS)].reset_index(drop=True)
    if name == "platforms":
        is_shown = (np.arange(len(table)) < _MOST) | table["platform"].isin(list(chosen))
        return table[is_shown].reset_index(drop=True)
    return table


def _spell(name: str, table: pd.DataFrame, look: _Look) -> str:
    """Write a panel in words for readers who cannot see it."""
    say = look.setting.words
    if name == "daily":
        counts = table["count"]
        if counts.empty:
            return ""
        lowest, highest = count_text(counts.min()), count_text(counts.max())
        return say("explore.alt_daily", unit=look.unit, lowest=lowest, highest=highest)
    named = zip(_labels(table, look), table["count"], strict=True)
    texts = say("list.semicolon").join(f"{label} {count_text(count)}" for label, count in named)
    return say(f"explore.alt_{name}", unit=look.unit, texts=texts)


def _labels(table: pd.DataFrame, look: _Look) -> list[str]:
    return [look.setting.words.label(str(name)) for name in table.iloc[:, 0]]


_Box: TypeAlias = tuple[float, float, float, float]  # left, top, width, height in inches


def _add_axes(figure: ReportFigure, box: _Box, left: float, title: str) -> Axes:
    """Add axes below a small headline."""
    width, total = figure.get_figwidth(), figure.get_figheight()
    x, y, wide, high = box
    figure.text(x / width, 1 - (y + 0.1) / total, title, size=8.6, color=MUTED, va="center")
    inner = ((x + left) / width, 1 - (y + high) / total)
    return figure.add_axes((*inner, (wide - left) / width, (high - _TITLE) / total))


def _draw_days(figure: ReportFigure, box: _Box, table: pd.DataFrame, look: _Look) -> None:
    axes = _add_axes(figure, box, 0.42, look.setting.words("explore.daily", unit=look.unit))
    places = np.arange(len(table))
    axes.fill_between(places, table["low"], table["high"], color=PALE_BLUE, alpha=0.55, lw=0)
    mark = "o" if len(table) <= 60 else ""
    axes.plot(places, table["count"], color=DARK_BLUE, lw=1.2, marker=mark, ms=2.6)
    frame_days(axes, table["date"].tolist(), look.setting, look.bands)
    axes.tick_params(axis="both", labelsize=_SIZE)
    axes.set_ylim(0, max(float(table["high"].max()), 1.0) * 1.1)


def _name_bands(figure: ReportFigure, y: float, days: list[str], look: _Look) -> None:
    """Say at the right, in line with the warning, what the bands behind the days are."""
    width, total = figure.get_figwidth(), figure.get_figheight()
    x = width - 0.1
    for entry in reversed(band_entries(days, look.setting, look.bands)):
        figure.text(x / width, 1 - y / total, entry.text, size=_SIZE, ha="right", va="center")
        x -= display_width(entry.text) * _SIZE / 9.5 + 0.24
        place, size = (x / width, 1 - (y + 0.05) / total), (0.15 / width, 0.1 / total)
        patch = Rectangle(place, *size, color=entry.color, lw=0, transform=figure.transFigure)
        figure.add_artist(patch)
        x -= 0.12


def _draw_bars(
    figure: ReportFigure, box: _Box, table: pd.DataFrame, look: _Look, name: str
) -> None:
    labels = [wrap(label, 28) for label in _labels(table, look)]
    left = min(room_for(labels) * _SIZE / 9.5, box[2] * 0.55)
    axes = _add_axes(figure, box, left, look.setting.words(f"explore.{name}", unit=look.unit))
    edge = max(float(table["count"].max()), 1.0) if len(table) else 1.0
    colors = [DARK_BLUE if key in look.chosen else BLUE for key in table.iloc[:, 0]]
    axes.barh(range(len(table)), table["count"], height=0.62, color=colors)
    style_bars(axes, labels, edge, 1.25)
    axes.tick_params(axis="y", labelsize=_SIZE)
    for place, count in enumerate(table["count"].tolist()):
        axes.text(count + edge * 0.02, place, count_text(count), va="center", size=_SIZE)
