"""What stands on the axes: bars with labels at their ends, or days, weeks and months with bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.measures.quantities import best_values, spell_best
from analysis.minimum import shortfall
from analysis.numbers import is_missing, month_name, month_text, short_count_text
from analysis.plots.arguments import Setting
from analysis.plots.frame import EDGE, LegendEntry, ReportFigure
from analysis.plots.style import (
    BLUE,
    DARK_BLUE,
    EVENT,
    GREY,
    INK,
    LEAST,
    MUTED,
    ORANGE,
    PALE_BLUE,
    RULE,
    drawable,
    fit_lines,
    room_for,
    text_width,
)
from analysis.study.periods import LONGEST_BY_DAY
from analysis.words import Words

_END = 9.2  # points
_THIN, _ROW_LINE, _ROW_GAP = 0.19, 0.165, 0.14  # inches of a bar for telephones, its name, the rest
_LIFT = _THIN * 36 + 2.5  # points from the middle of a thin bar to what is written above it
_END_GAP = 0.08  # inches between a bar and what is written at its end
_DATE_GAP = 0.08  # inches between two dates
_NARROWEST_DATA = 4.1  # inches that a figure of its own size leaves beside the longest labels


def draw_bars(
    axes: Axes,
    rows: pd.DataFrame,
    labels: Sequence[str],
    words: Words,
    *,
    colors: Sequence[str] | None = None,
    as_dots: bool = False,
) -> None:
    """Draw one bar a row, or a dot: the estimate where there is one, else the count.

    ``rows`` has ``items`` and may have ``estimate, low, high`` and ``published_scaled``, a value
    to mark. The first row is drawn on top. A suppressed count has no bar and a dash. Dots have the
    coder's own count beside the estimate, and a ring at ``planted``.
    """
    values = best_values(rows).fillna(0)
    reach = _reach(rows, values)
    edge = max(float(reach.max()), 1.0)
    if not as_dots:
        shades = colors or _bar_colors(rows)
        axes.barh(range(len(rows)), values, height=0.56, color=shades, zorder=2)
    ends = []
    for position, (_, row) in enumerate(rows.iterrows()):
        (_draw_dot if as_dots else _mark_bar)(axes, position, row)
        best, interval = spell_best(row, words)
        beside = words("list.interval_beside", interval=interval) if interval else ""
        ends.append((float(reach.iloc[position]), End(best, beside)))
        write_end(axes, (ends[-1][0] + edge * 0.015, position), ends[-1][1])
    style_bars(axes, labels, edge, ends=ends)
    figure = figure_of(axes)
    if figure is not None:
        told = spell_rows(rows, labels, words)
        figure.tell(axes, zip(values, range(len(rows)), strict=True), told, along="y")


def _bar_colors(rows: pd.DataFrame) -> list[str]:
    """Colour corrected estimates pale, behind their intervals, and bare counts beside them grey."""
    if not has_intervals(rows):
        return [BLUE] * len(rows)
    return [GREY if is_missing(high) else PALE_BLUE for high in rows["high"]]


def _reach(rows: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Say how far right each row draws: bar, interval and mark."""
    ends = [
        values,
        *(rows[name].astype(float) for name in _MARKED if name in rows),
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


_MARKED = ("high", "published_scaled", "planted")


def _draw_dot(axes: Axes, position: int, row: pd.Series) -> None:
    """Draw the best value as a dot on its interval, and beside it what else is known of it."""
    known = None if is_missing(row["items"]) else float(row["items"])
    corrected = not is_missing(row.get("high"))
    best = float(row["estimate"]) if corrected else known
    if best is None:
        return
    axes.plot([0, best], [position] * 2, color=RULE, lw=1.0, zorder=1)
    if corrected:
        axes.plot([row["low"], row["high"]], [position] * 2, color=DARK_BLUE, lw=1.8, zorder=3)
        if known is not None:
            axes.plot(
                [known] * 2, [position - 0.16, position + 0.16], color=MUTED, lw=1.6, zorder=4
            )
    axes.plot([best], [position], "o", color=DARK_BLUE if corrected else BLUE, ms=6, zorder=5)
    if not is_missing(row.get("planted")):
        axes.plot(
            [row["planted"]], [position], "o", ms=6.5, mfc="white", mec=ORANGE, mew=1.6, zorder=6
        )


@dataclass(frozen=True)
class End:
    """What is written at the end of a bar: its value, and smaller what belongs to it."""

    text: str
    small: str = ""
    color: str = INK
    small_color: str = MUTED

    @property
    def width(self) -> float:
        """Inches of both."""
        return text_width(self.text, _END) + text_width(self.small, LEAST if self.small else 1)


def write_end(axes: Axes, place: tuple[float, int], end: End) -> None:
    """Write at the end of a bar; in a narrow figure above it, at the right."""
    size: dict[str, Any] = {"size": 8.2, "color": end.small_color, "zorder": 6}
    if is_narrow(axes):
        last: Any = ("axes fraction", "data")
        look: dict[str, Any] = {"va": "bottom", "ha": "right", "textcoords": "offset points"}
        lift, x, y = _LIFT, 1.0, float(place[1])
        if end.small:
            size["size"] = LEAST
            last = axes.annotate(end.small, (x, y), xycoords=last, xytext=(0, lift), **look, **size)
            lift, x, y = 0.0, 0.0, 0.0
        axes.annotate(
            end.text, (x, y), xycoords=last, xytext=(0, lift), **look, color=end.color, size=_END,
            zorder=6,
        )  # fmt: skip
        return
    label = axes.text(*place, end.text, va="center", ha="left", color=end.color, size=_END,
                      zorder=6)  # fmt: skip
    if end.small:
        axes.annotate(end.small, xy=(1, 0.5), xycoords=label, va="center", ha="left", **size)


def figure_of(axes: Axes) -> ReportFigure | None:
    """Give the figure of the axes; none on axes of the caller, whose figure is their own."""
    figure = axes.get_figure(root=True)
    return figure if isinstance(figure, ReportFigure) and figure.host is None else None


def is_narrow(axes: Axes) -> bool:
    """Say whether the axes stand in a figure for telephones."""
    figure = figure_of(axes)
    return figure is not None and figure.is_narrow


def room_beside(setting: Setting, labels: Sequence[str]) -> float:
    """Give the inches at the left of bars; narrow figures have the names above them."""
    return EDGE if setting.is_narrow else room_for(labels)


def style_bars(
    axes: Axes,
    labels: Sequence[str],
    edge: float,
    room: float = 1.34,
    ends: Sequence[tuple[float, End]] = (),
) -> None:
    """Name the bars, leave room for the labels at the ends, take the frame away.

    ``room`` is in lengths of the longest bar; on narrower axes the labels need a larger part.
    ``ends`` are what is written, each with the value at which it begins.
    """
    width = inches_of(axes)[0]
    labels_part = min((1 - 1 / room) * _NARROWEST_DATA / width, 0.7)
    most = edge * max(room, 1 / (1 - labels_part))
    for value, end in ends:
        left = max(width - end.width - _END_GAP, width * 0.2)
        most = max(most, value * width / left)
    axes.set_xlim(0, edge * 1.01 if is_narrow(axes) else most)
    axes.set_ylim(len(labels) - 0.5, -0.6)
    name_rows(axes, labels, [end for _, end in ends])
    axes.tick_params(axis="both", length=0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def inches_of(axes: Axes) -> tuple[float, float]:
    """Give width and height of the axes in inches."""
    box, size = axes.get_position(), cast(Figure, axes.get_figure(root=True)).get_size_inches()
    return float(box.width * size[0]), float(box.height * size[1])


def name_rows(
    axes: Axes, labels: Sequence[str], ends: Sequence[End] = (), *, has_ticks: bool = False
) -> None:
    """Name rows at the left; in a narrow figure above each, with what is written at their ends.

    Rows stand at 0, 1, 2 … A narrow figure grows by what the lines need, and bars become thin.
    ``has_ticks`` says that something stands below the last row.
    """
    if not is_narrow(axes):
        _name_beside(axes, labels)
        return
    width, height = inches_of(axes)
    lines = [fit_lines(drawable(label), width, _END) for label in labels]
    for row, end in zip(lines, ends, strict=False):
        if text_width(row[-1], _END) + end.width + 0.12 > width:
            row.append("")  # the end has the line above the bar for itself
    axes.spines["left"].set_visible(False)
    most = max(map(len, lines), default=1)
    pitch = _THIN + _ROW_LINE * most + _ROW_GAP
    axes.set_yticks([])
    axes.set_ylim(
        len(labels) - 1 + (_THIN / 2 + 0.05) / pitch, -(_THIN / 2 + _ROW_LINE * most + 0.05) / pitch
    )
    _make_thin(axes, _THIN / pitch / 0.56)
    figure = figure_of(axes)
    if figure is not None:
        low, high = axes.get_ylim()
        box = axes.get_position()
        middle = (1 - (box.y0 + box.y1) / 2) * figure.get_figheight()
        figure.insert_room(middle, (low - high) * pitch - height)
        if not has_ticks and all(
            axes.get_position().y0 <= other.get_position().y0 for other in figure.axes
        ):
            # Nothing stands below the last row but the source line.
            figure.insert_room((1 - axes.get_position().y0) * figure.get_figheight() + 0.02, -0.25)
    for place, row in enumerate(lines):
        axes.annotate(
            "\n".join(row), (0, place), xycoords=("axes fraction", "data"), xytext=(0, _LIFT),
            textcoords="offset points", va="bottom", ha="left", size=_END, color=INK,
            linespacing=1.25,
        )  # fmt: skip


def _name_beside(axes: Axes, labels: Sequence[str]) -> None:
    """Name rows at the left, in two lines where one would leave the figure."""
    figure = figure_of(axes)
    names = [drawable(label) for label in labels]
    if figure is None:
        axes.set_yticks(range(len(labels)), names)
        return
    room = axes.get_position().x0 * figure.get_figwidth() - 0.1
    fitted = ["\n".join(fit_lines(name, room, 9.5)) for name in names]
    axes.set_yticks(range(len(labels)), fitted)
    for text, name in zip(axes.get_yticklabels(), fitted, strict=True):
        if "\n" in name:
            text.set_fontsize(8.2)
            text.set_linespacing(1.0)


def _make_thin(axes: Axes, part: float) -> None:
    """Make bars and the marks across them thinner about their middle."""
    for patch in axes.patches:
        if isinstance(patch, Rectangle):
            middle, height = patch.get_y() + patch.get_height() / 2, patch.get_height() * part
            patch.set_y(middle - height / 2)
            patch.set_height(height)
    for line in axes.lines:
        if line.get_transform() != axes.transData:
            continue  # a line across all rows
        ends = np.asarray(line.get_ydata(), dtype=float)
        line.set_ydata(ends.mean() + (ends - ends.mean()) * part)


def has_intervals(rows: pd.DataFrame) -> bool:
    """Say whether the table carries audited estimates."""
    return "high" in rows and bool(rows["high"].notna().any())


def spell_bars(rows: pd.DataFrame, labels: Sequence[str], words: Words) -> str:
    """Write the bars as words for readers who cannot see them.

    A bare count among estimates is called the coder's.
    """
    return words("list.semicolon").join(spell_rows(rows, labels, words))


def spell_rows(rows: pd.DataFrame, labels: Sequence[str], words: Words) -> list[str]:
    """Write each bar as words, for `spell_bars` and for whoever points at it."""
    parts = []
    for label, (_, row) in zip(labels, rows.iterrows(), strict=True):
        best, interval = spell_best(row, words)
        if interval:
            best = words("list.with_interval", best=best, interval=interval)
        elif has_intervals(rows):
            best = words("list.coders_own", best=best)
        parts.append(f"{label} {best}")
    return parts


# Days, weeks or months below, event days and unfit ones behind, and the counts by date.

_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 600)  # months between two dates below an axis


def spread_days(daily: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Lay counts by day, week or month out: a row a date, a column a grievance.

    A pair that the table lacks is 0; a suppressed count stays missing and leaves a gap.
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
    """Say whether a series has enough for one of its days to be called its highest."""
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
    """Find the bands; grades are those of the first table that has any."""
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


@dataclass(frozen=True)
class PanelGrid:
    """Where small panels stand, in inches from the left and below the top of the grid.

    Above each panel are the lines of its heading: one of a name and one of a verdict, or more.
    """

    columns: int
    width: float
    left: float
    gap: float
    heading: float
    panel: float
    below: float

    @property
    def step(self) -> float:
        """Inches of a row."""
        return self.heading + self.panel + self.below

    def height(self, count: int) -> float:
        """Give the inches of so many panels."""
        return -(-count // self.columns) * self.step

    def place(self, number: int) -> tuple[float, float, float, float]:
        """Give left, lower edge, width and height of the panel with this number."""
        row, column = divmod(number, self.columns)
        low = row * self.step + self.heading + self.panel
        return self.left + column * (self.width + self.gap), low, self.width, self.panel


def lay_panels(
    setting: Setting, headings: Sequence[Sequence[str]], sizes: tuple[float, ...], **inches: float
) -> tuple[PanelGrid, list[list[str]]]:
    """Lay panels out in three columns, two in a narrow figure, and break their headings."""
    columns = min(2 if setting.is_narrow else 3, max(len(headings), 1))
    left, gap = inches["left"], inches["gap"]
    right = EDGE if setting.is_narrow else inches["right"]
    width = (setting.width - left - right + gap) / columns - gap
    sizes = tuple(max(size, LEAST) if setting.is_narrow else size for size in sizes)
    broken = [
        ["\n".join(fit_lines(line, width + min(gap - 0.1, right - 0.02), size)) if line else ""
         for line, size in zip(lines, sizes, strict=True)]
        for lines in headings
    ]  # fmt: skip
    most = max((sum(line.count("\n") for line in lines) for lines in broken), default=0)
    heading = inches["heading"] + most * _HEADING_LINE
    return PanelGrid(columns, width, left, gap, heading, inches["panel"], inches["below"]), broken


_HEADING_LINE = 0.165  # inches


def frame_days(
    axes: Axes, days: list[str], setting: Setting, bands: Bands, *, few: bool = False
) -> None:
    """Put dates below the axes and bands behind the data; ``few`` is for small panels."""
    _draw_bands(axes, days, bands)
    axes.set_xlim(-0.6, len(days) - 0.4)
    _put_dates(axes, days, setting, 2 if few else 4)
    axes.locator_params(axis="y", nbins=3 if few else 5, integer=True)
    language = setting.words.language
    axes.yaxis.set_major_formatter(
        lambda value, _: short_count_text(value, language, axes.get_ylim()[1])
    )
    axes.tick_params(axis="both", length=2, labelsize=_tick_size(axes), colors=MUTED)
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


_BEYOND = 0.25  # inches that a date may reach beyond the side of the axes


def _tick_size(axes: Axes) -> float:
    return LEAST if is_narrow(axes) else 7.8


def _put_dates(axes: Axes, days: list[str], setting: Setting, parts: int) -> None:
    """Write as many dates as stand below the axes without touching, at most ``parts`` + 1.

    The last one ends at its day where the figure leaves no room for half of it beyond. Where two
    are too many, the first stands alone.
    """
    width, box = inches_of(axes)[0], axes.get_position()
    beyond = float(1 - box.x1) * width / float(box.width)  # inches to the side of the figure
    edge = width + min(_BEYOND, beyond)
    for fewer in range(parts, -1, -1):
        places, labels = _ticks(days, setting, max(fewer, 1))
        if not fewer:
            places, labels = places[:1], labels[:1]
        sizes = [
            max(text_width(line, _tick_size(axes)) for line in label.split("\n"))
            for label in labels
        ]
        middles = [(place + 0.6) / len(days) * width for place in places]
        is_pulled = middles[-1] + sizes[-1] / 2 > edge
        middles[-1] -= sizes[-1] / 2 * is_pulled
        ends = zip(middles, sizes, strict=True)
        gaps = [
            after - before - (one + other) / 2
            for (before, one), (after, other) in pairwise(ends)
        ]  # fmt: skip
        if min(gaps, default=1.0) >= _DATE_GAP:
            break
    axes.set_xticks(places, labels)
    if is_pulled:
        axes.get_xticklabels()[-1].set_horizontalalignment("right")


def _ticks(days: list[str], setting: Setting, parts: int) -> tuple[list[int], list[str]]:
    """Choose where dates stand and how they read: by day, else at the first of a month."""
    dates = [date.fromisoformat(day) for day in days]
    if setting.period == "day" and len(days) <= LONGEST_BY_DAY:
        places = _even_places(len(days), parts)
        return places, _name_days([dates[place] for place in places], dates, setting.words.language)
    places = _month_places(dates, parts)
    return places, [month_text(dates[place], setting.words.language) for place in places]


def _name_days(shown: list[date], dates: list[date], language: str) -> list[str]:
    """Write month and day, and the year below where it begins, if a window has more than one."""
    is_english = language == "en"  # where 6/1 is a day of June to some and of January to others
    names = [
        f"{day.day} {month_name(day)[:3]}" if is_english else f"{day.month}/{day.day}"
        for day in shown
    ]
    if dates[0].year == dates[-1].year:
        return names
    years = [day.year for day in shown]
    return [
        name + (f"\n{year}" if year != before else "")
        for name, year, before in zip(names, years, [None, *years], strict=False)
    ]


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
