"""Figures of the collection: what each step left out, and which days can bear a trend."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from numpy.typing import NDArray

from analysis.frames import AnyFrame
from analysis.measures.coverage_hours import OTHERS
from analysis.numbers import count_text, is_missing, period_text
from analysis.plots.arguments import (
    Look,
    Setting,
    join_grades,
    make_setting,
    take_dated,
    take_table,
)
from analysis.plots.axes import (
    Bands,
    band_entries,
    find_bands,
    frame_days,
    inches_of,
    is_narrow,
)
from analysis.plots.frame import (
    EDGE,
    LegendEntry,
    ReportFigure,
    draw_legend,
    nothing_to_show,
    open_figure,
    report_figure,
)
from analysis.plots.style import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    LEAST,
    MUTED,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    RULE,
    SHADES,
    drawable,
    fit_lines,
    room_for,
    text_width,
)
from analysis.words import Words

_GRADES = {"good": PALE_BLUE, "doubtful": PALE_ORANGE, "partial": RULE, "unfit": GREY}


@report_figure
def plot_funnel(
    funnel: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the posts as a flow: what each step leaves runs on, what it drops turns aside.

    Parameters
    ----------
    funnel
        pandas or Polars table of a run, `funnel`: `step, posts_in, posts_out, dropped`, in posts.

    Examples
    --------
    >>> funnel = pd.DataFrame({"step": ["read"], "posts_in": [9], "posts_out": [8], "dropped": [1]})
    >>> plot_funnel(funnel, language="en").alt
    'Flow of the records: 8 left after reading.'
    """
    setting = make_setting(**look)
    rows = take_table(funnel, ["step", "posts_in", "posts_out", "dropped"])
    if rows.empty:
        return nothing_to_show(setting, "funnel", rows)
    say = setting.words
    setting = setting.saying(_say_left(rows, say))
    labels = [_step_label(step, setting) for step in rows["step"]]
    nodes = _nodes(rows, labels, say)
    lines = [node.lines(_STEP_ROOM[setting.is_narrow]) for node in nodes]
    longest = max(text_width(line, _STEP_SIZE) for names in lines for line in names)
    figure, axes = open_figure(
        setting, "funnel", height=_STEP * len(nodes), left=EDGE + longest + 0.1, right=EDGE
    )
    _draw_flow(axes, nodes, lines, say)
    told = [f"{node.label} {'–' if node.left is None else count_text(node.left)}" for node in nodes]
    places = [(node.left or 0.0, place + _BAR / 2) for place, node in enumerate(nodes)]
    figure.tell(axes, places, told, along="y")
    parts = [
        say("figure.funnel.part", step=label, out=count_text(out))
        for label, out in zip(labels, rows["posts_out"], strict=True)
    ]
    return figure.describe(
        setting.title("funnel"), say("figure.funnel.subtitle"),
        say("figure.funnel.alt", values=say("list.semicolon").join(parts)), rows,
    )  # fmt: skip


def _say_left(rows: pd.DataFrame, say: Words) -> str:
    """State how many of the posts are left at the end, and at the step before; none if withheld."""
    first, last = rows["posts_in"].iloc[0], rows["posts_out"].iloc[-1]
    if is_missing(first) or is_missing(last):
        return ""
    out = dict(zip(rows["step"], rows["posts_out"], strict=True))
    sizes = {"all": count_text(first)}
    if not any(is_missing(out.get(step)) for step in ("negative", "coded")):
        sizes |= {"left": count_text(out["negative"]), "coded": count_text(out["coded"])}
        return say("figure.funnel.found", **sizes)
    return say("figure.funnel.found_bare", left=count_text(last), **sizes)


@dataclass(frozen=True)
class _Node:
    """What is left after a step, and what it dropped; neither is known where it is withheld."""

    label: str
    left: float | None
    dropped: float | None

    def lines(self, room: float) -> list[str]:
        """Write the step and the posts left, for the side of the flow."""
        size = "–" if self.left is None else count_text(self.left)
        name = fit_lines(drawable(self.label), room, _STEP_SIZE)
        fits = text_width(f"{name[-1]}  {size}", _STEP_SIZE) <= room
        return [*name[:-1], f"{name[-1]}  {size}"] if fits else [*name, size]


def _nodes(rows: pd.DataFrame, labels: list[str], say: Words) -> list[_Node]:
    """Give what came in, where the first step drops any of it, and what each step left."""
    nodes = []
    for label, row in zip(labels, rows.to_dict("records"), strict=True):
        sizes = [None if is_missing(row[n]) else float(row[n]) for n in ("posts_out", "dropped")]
        nodes.append(_Node(label, *sizes))
    first = rows["posts_in"].iloc[0]
    if nodes[0].dropped != 0 and not is_missing(first):
        nodes.insert(0, _Node(say("figure.funnel.start"), float(first), 0.0))
    return nodes


# The flow: what is left runs straight down at the left, and what a step drops turns aside and ends
# beside it. Widths are true: one unit is one unit everywhere.

_STEP, _BAR = 0.6, 0.34  # inches of a step; part of it that the bar of what is left takes
_STEP_ROOM, _STEP_SIZE = (1.7, 1.0), 9.0  # inches of its name, on a telephone too, and points
_ASIDE = 0.035  # of the widest bar: how far what is dropped turns
_DROPPED_SIZE = 8.4


def _draw_flow(axes: Axes, nodes: list[_Node], lines: list[list[str]], say: Words) -> None:
    edge = max([(node.left or 0.0) + (node.dropped or 0.0) for node in nodes] + [1.0])
    before, widest = edge, 0.0
    for place, node in enumerate(nodes):
        left = before if node.left is None else node.left
        if place:
            _draw_band(axes, (0, left), (0, left), (place - 1 + _BAR, place), PALE_BLUE)
        if place and node.dropped:
            ends = (left + edge * _ASIDE, left + node.dropped + edge * _ASIDE)
            down = (place - 1 + _BAR, place + _BAR / 2)
            _draw_band(axes, (left, left + node.dropped), ends, down, PALE_ORANGE)
            text = say("figure.funnel.dropped", dropped=count_text(node.dropped))
            widest = max(widest, text_width(text, _DROPPED_SIZE) + 0.12)
            axes.annotate(
                text, (ends[1], place), xytext=(5, 0), textcoords="offset points", va="center",
                size=_DROPPED_SIZE, color=ORANGE,
            )  # fmt: skip
        color = GREY if node.left is None else BLUE
        axes.fill([0, left, left, 0], np.repeat([place, place + _BAR], 2), color=color, lw=0)
        before = left
    middles = [place + _BAR / 2 for place in range(len(nodes))]
    axes.set_yticks(middles, ["\n".join(names) for names in lines], fontsize=_STEP_SIZE)
    wide = inches_of(axes)[0]
    axes.set_xlim(0, edge * (1 + _ASIDE) * wide / (wide - widest))
    axes.set_ylim(len(nodes) - 1 + _BAR + 0.05, -0.05)
    axes.set_xticks([])
    axes.tick_params(axis="both", length=0)
    axes.spines[:].set_visible(False)


def _draw_band(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], down: tuple[float, float],
    color: str,
) -> None:  # fmt: skip
    """Draw a band from one pair of ends to another, in a bend."""
    part = np.linspace(0, 1, 24)
    bend = part**2 * (3 - 2 * part)
    sides = [one + (other - one) * bend for one, other in zip(start, end, strict=True)]
    heights = down[0] + (down[1] - down[0]) * part
    axes.fill(
        np.concatenate([sides[0], sides[1][::-1]]), np.concatenate([heights, heights[::-1]]),
        color=color, lw=0, zorder=1,
    )  # fmt: skip


def _step_label(step: str, setting: Setting) -> str:
    """Name a step of the pipeline; an unknown one keeps its own name."""
    return setting.words.texts.get(f"step.{step}", str(step).replace("_", " "))


@report_figure
def plot_coverage(
    coverage: AnyFrame,
    daily: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw all posts by day, coloured by the grade of the day's collection.

    Parameters
    ----------
    coverage
        pandas or Polars table of the collection: `date, grade` (`good`, `doubtful`, `unfit`, and
        `partial` for a week or month that is not whole).
    daily
        Table of `count_grievances(posts, by="date")`; its rows `all` are the heights. Without it
        ``coverage`` must have `items`.
    event_days
        As for `plot_daily`.

    Returns
    -------
    ReportFigure
        `table` is the coverage by date with `items`.

    Examples
    --------
    >>> coverage = pd.DataFrame({"date": ["2020-06-01"], "grade": ["good"]})
    >>> daily = pd.DataFrame({"date": ["2020-06-01"], "grievance": ["all"], "items": [9]})
    >>> plot_coverage(coverage, daily, language="en").table.values.tolist()
    [['2020-06-01', 'good', 9]]
    """
    needed = ["date", "grade"] if daily is not None else ["date", "grade", "items"]
    rows = take_dated(coverage, needed)
    setting = make_setting(**look, dates=rows["date"].tolist(), event_days=event_days)
    rows = rows.sort_values("date", kind="stable").reset_index(drop=True)
    if daily is not None:
        counted = take_dated(daily)
        rows = rows.head(0) if counted.empty else rows
        totals = counted[counted["grievance"] == "all"].set_index("date")["items"]
        rows = rows.assign(items=rows["date"].map(totals).fillna(0))
    if rows.empty:
        return nothing_to_show(setting, "coverage", rows)
    say, bands = setting.words, find_bands(setting, rows)
    setting = setting.saying(_say_grades(rows, say))
    figure, axes = open_figure(setting, "coverage", height=2.3, left=0.7, has_legend=True)
    colors = [_GRADES.get(str(grade), GREY) for grade in rows["grade"]]
    axes.bar(
        range(len(rows)), rows["items"], width=0.78 if len(rows) <= 60 else 1.0, color=colors,
        zorder=2,
    )  # fmt: skip
    days = rows["date"].tolist()
    told = [
        say("tip.graded", date=period_text(day, setting.period, say.language),
            value=count_text(items), grade=say.label(str(grade)))
        for day, grade, items in rows[["date", "grade", "items"]].itertuples(index=False)
    ]  # fmt: skip
    figure.tell(axes, enumerate(rows["items"]), told)
    frame_days(axes, days, setting, bands)
    axes.set_ylim(0, max(float(rows["items"].max()), 1.0) * 1.1)
    kinds = _present_grades(rows)
    parts = [
        say(
            "figure.coverage.part", grade=say.label(grade),
            n=int((rows["grade"].astype(str) == grade).sum()),
        )
        for grade in kinds
    ]  # fmt: skip
    entries = [LegendEntry(part, _GRADES[grade]) for part, grade in zip(parts, kinds, strict=True)]
    events = Bands(events=bands.events)  # the grades are in the legend by their colours
    draw_legend(figure, entries + band_entries(days, setting, events))
    return figure.describe(
        setting.title("coverage"), say("figure.coverage.subtitle"),
        say("figure.coverage.alt", values=say("list.semicolon").join(parts)), rows,
    )  # fmt: skip


def _say_grades(rows: pd.DataFrame, say: Words) -> str:
    """State on how many days the collection is complete, and what the others are."""
    sizes = {grade: int((rows["grade"].astype(str) == grade).sum()) for grade in _GRADES}
    if sizes["good"] == len(rows):
        return say("figure.coverage.all_good", days=len(rows))
    rest = [
        say("figure.coverage.part", grade=say.label(grade), n=n)
        for grade, n in sizes.items()
        if n and grade != "good"
    ]
    facts = {"days": len(rows), "good": sizes["good"], "rest": say("list.comma").join(rest)}
    return say("figure.coverage.found", **facts)


def _present_grades(rows: pd.DataFrame) -> list[str]:
    """Give the grades of the legend: partial weeks and months are named where there are any."""
    has_partial = bool((rows["grade"].astype(str) == "partial").any())
    return [grade for grade in _GRADES if grade != "partial" or has_partial]


# Figure of the collection hour by hour: holes, caps and half days show as pale cells.

_SHADES = LinearSegmentedColormap.from_list("posts", SHADES).with_extremes(bad=PALE_ORANGE)
_LONGEST_LABEL = 14
_NARROW_LABEL = 0.8  # inches
_MOST_DAY_LABELS = 12


@report_figure
def plot_hours(
    hours: AnyFrame,
    coverage: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the posts of each hour: by search word, or by day where no post names one.

    Parameters
    ----------
    hours
        pandas or Polars table of a run, `coverage_hours`: `keyword, date, hour` (0 to 23), `items,
        grade`; a missing count is one that is withheld.
    coverage
        Table of the collection (`date, grade`), for the bands; else the grades of the hours.
    event_days
        As for `plot_daily`.

    Examples
    --------
    >>> hours = pd.DataFrame({"keyword": ["618"] * 24, "date": ["2020-06-01"] * 24,
    ...                       "hour": range(24), "items": [5] * 24, "grade": ["good"] * 24})
    >>> plot_hours(hours, language="en").title
    'Posts in all 24 hours'
    """
    rows = take_dated(hours, ["keyword", "date", "hour", "items", "grade"])
    rows = join_grades(rows, coverage)
    setting = make_setting(**look, dates=rows["date"].tolist(), event_days=event_days)
    if rows.empty or not rows["items"].fillna(0).any():  # nothing, or nothing that may be printed
        return nothing_to_show(setting, "hours", rows)
    rows = rows.assign(keyword=rows["keyword"].fillna(""))
    say, by_keyword = setting.words, bool((rows["keyword"] != "").any())
    unfit = set(rows.loc[rows["grade"].astype(str) == "unfit", "date"])
    facts = _facts(rows, unfit)
    if facts["hours"] != "0":
        found = "all_filled" if facts["empty"] == "0" else "found"
        setting = setting.saying(say(f"figure.hours.{found}", **facts))
    grid = _lay_out(rows, by_keyword=by_keyword)
    labels = [_label(name, setting) for name in grid.index] if by_keyword else list(grid.index)
    subtitle = say(f"figure.hours.by_{'keyword' if by_keyword else 'day'}")
    if setting.is_narrow:
        labels = ["\n".join(fit_lines(label, _NARROW_LABEL, LEAST)) for label in labels]
    height = min(5.6, max(0.9, (0.3 if by_keyword else 0.16) * len(grid) + 0.2))
    figure, axes = open_figure(
        setting,
        "hours",
        height=height,
        left=max(0.7, room_for(labels)) if not setting.is_narrow else _NARROW_LABEL + 0.1,
        subtitle=subtitle,
        has_legend=True,
    )
    days = sorted(rows["date"].unique())
    _paint(axes, grid.to_numpy(float), len(days) if by_keyword else 24)
    if by_keyword:
        frame_days(axes, days, setting, find_bands(setting, rows))
        _frame_keywords(axes, labels, days, unfit)
    else:
        _frame_hours(axes, days, unfit)
    _tell_rows(figure, axes, grid, labels, setting)
    draw_legend(figure, _entries(rows, facts, setting))
    alt = say(f"figure.hours.alt_{'keyword' if by_keyword else 'day'}", rows=len(grid),
              days=len(days), **facts)  # fmt: skip
    return figure.describe(setting.title("hours"), subtitle, alt, rows)


def _tell_rows(
    figure: ReportFigure, axes: Axes, grid: pd.DataFrame, labels: list[str], setting: Setting
) -> None:
    """Say of each row its posts and its fullest hour; single cells are too many to walk."""
    say, places, told = setting.words, [], []
    for at, (label, cells) in enumerate(zip(labels, grid.to_numpy(float), strict=True)):
        known = np.nan_to_num(cells)
        places.append((float(known.argmax()) / (1 if len(cells) == _HOURS else _HOURS), at))
        facts = {"posts": count_text(known.sum()), "peak": count_text(known.max())}
        told.append(say("tip.hours", label=label.replace("\n", ""), **facts))
    figure.tell(axes, places, told, along="y")


_HOURS = 24


def _lay_out(rows: pd.DataFrame, *, by_keyword: bool) -> pd.DataFrame:
    """Lay the hours out: a row a search word and a column an hour of the window, or by day."""
    across = ["date", "hour"] if by_keyword else ["hour"]
    down = "keyword" if by_keyword else "date"
    grid = rows.pivot_table(
        index=down, columns=across, values="items", aggfunc=lambda cells: cells.sum(skipna=False),
        dropna=False, sort=True,
    )  # fmt: skip
    return grid.reindex(list(dict.fromkeys(rows["keyword"]))) if by_keyword else grid


def _label(keyword: str, setting: Setting) -> str:
    if keyword in ("", OTHERS):
        return setting.words(f"figure.hours.{'others' if keyword else 'no_keyword'}")
    short = len(keyword) <= _LONGEST_LABEL
    return keyword if short else keyword[: _LONGEST_LABEL - 1] + "…"


def _paint(axes: Axes, cells: NDArray[np.float64], width: int) -> None:
    """Paint the cells; a count too small to print has a colour of its own."""
    top = float(np.nanmax(cells)) if np.isfinite(cells).any() else 1.0
    axes.imshow(
        np.ma.masked_invalid(cells), cmap=_SHADES, zorder=2,
        norm=PowerNorm(0.5, vmin=0, vmax=max(top, 1.0)), aspect="auto",
        interpolation="nearest", extent=(-0.5, width - 0.5, len(cells) - 0.5, -0.5),
    )  # fmt: skip


def _frame_keywords(axes: Axes, labels: list[str], days: list[str], unfit: set[str]) -> None:
    axes.grid(visible=False)
    axes.set_xlim(-0.5, len(days) - 0.5)
    axes.set_yticks(range(len(labels)), labels, fontsize=8.2, color=INK)
    for position, day in enumerate(days):
        if day in unfit:
            _grey_out(axes, (position - 0.5, position + 0.5), (-0.5, len(labels) - 0.5))


def _frame_hours(axes: Axes, days: list[str], unfit: set[str]) -> None:
    step = max(1, -(-len(days) // _MOST_DAY_LABELS))
    axes.set_yticks(range(0, len(days), step), days[::step], fontsize=7.8, color=INK)
    shown = [0, 6, 12, 18] if is_narrow(axes) else [0, 6, 12, 18, 23]
    axes.set_xticks(shown, [f"{hour}:00" for hour in shown])
    axes.tick_params(axis="both", length=2, labelsize=7.8, colors=MUTED)
    for position, day in enumerate(days):
        if day in unfit:
            _grey_out(axes, (-0.5, 23.5), (position - 0.5, position + 0.5))


def _grey_out(axes: Axes, across: tuple[float, float], down: tuple[float, float]) -> None:
    axes.fill_between(
        across, down[0], down[1], facecolor=GREY, alpha=0.72, hatch="////", edgecolor=MUTED,
        lw=0, zorder=3,
    )  # fmt: skip


def _facts(rows: pd.DataFrame, unfit: set[str]) -> dict[str, object]:
    """Gather what the figure shows, for its key and its alternative text."""
    groups = rows.assign(hidden=rows["items"].isna()).groupby(["date", "hour"], as_index=False)
    hours = groups.agg(items=("items", "sum"), hidden=("hidden", "any"))
    top = hours.sort_values("items", ascending=False, kind="stable").iloc[0]
    fit = hours[~hours["date"].isin(list(unfit))]
    return {
        "peak": count_text(top["items"]),
        "when": f"{top['date']} {top['hour']}:00",
        "empty": count_text(int(((fit["items"] == 0) & ~fit["hidden"]).sum())),
        "hours": count_text(len(fit)),
        "unfit": len(unfit),
    }


def _entries(rows: pd.DataFrame, facts: dict[str, object], setting: Setting) -> list[LegendEntry]:
    say, top = setting.words, rows["items"].max()
    entries = [
        LegendEntry(say("figure.hours.few"), PALE_BLUE),
        LegendEntry(say("figure.hours.many", n=count_text(0 if pd.isna(top) else top)), DARK_BLUE),
    ]
    if rows["items"].isna().any():
        entries.append(LegendEntry(say("figure.hours.hidden"), PALE_ORANGE))
    if facts["unfit"]:
        entries.append(LegendEntry(say("figure.daily.unfit"), GREY))
    return entries
