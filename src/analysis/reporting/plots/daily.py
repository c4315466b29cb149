"""Small multiples: every grievance by day in a panel of its own."""

from collections.abc import Collection
from datetime import date

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.frames import AnyFrame
from analysis.measures.minimum import FEWEST_ITEMS
from analysis.numbers import count_text, mean_text, period_text
from analysis.reporting.plots.canvas import (
    DARK_BLUE,
    INK,
    MUTED,
    PALE_BLUE,
    TOP,
    WIDTH,
    ReportFigure,
    Setting,
    make_setting,
    nothing_to_show,
    open_frame,
    own_counts,
    take_dated,
    take_other,
    themed,
)  # fmt: skip
from analysis.reporting.plots.day_axes import (
    band_entries,
    find_bands,
    frame_days,
    is_peak_told,
    line_width,
    marker_for,
    spread_days,
)  # fmt: skip
from analysis.reporting.plots.keys import LegendEntry, draw_legend
from analysis.reporting.tables import row_of
from analysis.study.model import Study

LEFT, RIGHT, GAP = 0.55, 0.3, 0.42  # inches
LEAD, ROW, PANEL = 1.62, 1.5, 0.8  # heights: lead with its title, a row of panels, a panel


@themed
def plot_daily(
    daily: AnyFrame,
    trends: AnyFrame | None = None,
    coverage: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw every grievance by day in a panel of its own, all negative items above them.

    Parameters
    ----------
    daily
        pandas or Polars table of `count_grievances(posts, by="date")`: `date` (the first day of a
        week or month where it counts those), `grievance, items`, and where they are there
        `families` and `grade`. A missing count leaves a gap.
    trends
        Table of trends (`grievance, verdict`); the verdict stands above each panel.
    coverage
        Table of the collection (`date, grade`), for the bands; else the grades of `daily`.
    event_days
        Days that stand out behind the lines; those of the study when it is given alone.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`. A code of fewer than 30 items is named below and not drawn.

    Raises
    ------
    CaodianError
        When a column is missing, a date is none, or the language is another.

    Examples
    --------
    >>> daily = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grievance": ["negative"] * 2,
    ...                       "items": [40, 60]})
    >>> plot_daily(daily, language="en").alt
    "Daily lines of the coder's counts over 2 days: Negative items 100 in all."
    """
    table, graded = take_dated(daily), take_other(coverage, ["date", "grade"])
    verdicts = take_other(trends, ["grievance", "verdict"])
    setting = make_setting(
        language, title, source, study, scale, dates=table["date"].tolist(), event_days=event_days
    )
    items, families = (spread_days(table, unit) for unit in ("items", "families"))
    if items.empty:
        return nothing_to_show(setting, "daily", table)
    bands = find_bands(setting, *([] if coverage is None else [graded]), table)
    say, days = setting.words, items.index.tolist()
    codes = [code for code in _by_size(items) if code not in ("all", "negative")]
    drawn = [code for code in codes if items[code].sum() >= FEWEST_ITEMS]
    note = _left_out([code for code in codes if code not in drawn], setting)
    note += say("figure.daily.withheld") if items.isna().any(axis=None) else ""
    height = LEAD + -(-len(drawn) // 3) * ROW
    subtitle = own_counts(setting, "daily")
    figure, total = open_frame(setting, "daily", height=height, note=note, subtitle=subtitle)
    shown = (
        [("negative", (LEFT, TOP + 0.42, WIDTH - LEFT - RIGHT, 0.95))]
        if "negative" in items
        else []
    )
    shown += [(code, _place(number)) for number, code in enumerate(drawn)]
    lines = [(items, DARK_BLUE)] if families.empty else [(families, PALE_BLUE), (items, DARK_BLUE)]
    for code, box in shown:
        axes = _panel(figure, total, box)
        for wide, color in lines:
            axes.plot(
                range(len(days)), wide[code], color=color, lw=line_width(len(days)),
                marker=marker_for(wide[code]), ms=2.5,
            )  # fmt: skip
        frame_days(axes, days, setting, bands, few=code != "negative")
        axes.set_ylim(0, max(float(items[code].fillna(0).max()), 1.0) * 1.15)
        _title_panel(axes, code, verdicts, setting)
    entries = [LegendEntry(say("figure.daily.items"), DARK_BLUE, "line")]
    if len(lines) > 1:
        entries.append(LegendEntry(say("figure.daily.families"), PALE_BLUE, "line"))
    draw_legend(figure, entries + band_entries(days, setting, bands))
    values = say("list.semicolon").join(_spell(items[code], code, setting) for code, _ in shown)
    return figure.describe(
        setting.title("daily"), subtitle,
        say("figure.daily.alt", days=len(days), values=values), table,
    )  # fmt: skip


def _left_out(codes: list[str], setting: Setting) -> str:
    """Say which codes have no panel because they have too few items."""
    if not codes:
        return ""
    say = setting.words
    return say(
        "figure.daily.left_out",
        least=FEWEST_ITEMS,
        names=say("list.comma").join(map(say.label, codes)),
    )


def _by_size(items: pd.DataFrame) -> list[str]:
    """Give the columns from most to fewest items; ties by name."""
    sums = items.sum().sort_index()
    return [str(code) for code in sums.sort_values(ascending=False, kind="stable").index]


def _place(number: int) -> tuple[float, float, float, float]:
    """Give left, top, width and height in inches of the panel with this number."""
    width = (WIDTH - LEFT - RIGHT - 2 * GAP) / 3
    row, column = divmod(number, 3)
    return LEFT + column * (width + GAP), TOP + LEAD + row * ROW + 0.44, width, PANEL


def _panel(figure: Figure, total: float, box: tuple[float, float, float, float]) -> Axes:
    x, y, width, height = box
    return figure.add_axes((x / WIDTH, 1 - (y + height) / total, width / WIDTH, height / total))


def _title_panel(axes: Axes, code: str, trends: pd.DataFrame, setting: Setting) -> None:
    """Name the panel, and below the name the verdict of its trend."""
    trend = row_of(trends, "grievance", code)
    verdict = "" if trend is None else setting.words.label(str(trend["verdict"]))
    for text, lift, size, color in (
        (setting.words.label(code), 17, 9.0, INK), (verdict, 5, 7.8, MUTED),
    ):  # fmt: skip
        axes.annotate(
            text, xy=(0, 1), xycoords="axes fraction", xytext=(0, lift), textcoords="offset points",
            size=size, color=color, va="bottom",
        )  # fmt: skip


def _spell(series: pd.Series, code: str, setting: Setting) -> str:
    say = setting.words
    if not is_peak_told(series):
        total = count_text(series.sum())
        return say("figure.daily.small_part", label=say.label(code), total=total)
    return say(
        "figure.daily.part", label=say.label(code), mean=mean_text(series.mean()),
        peak=count_text(series.max()),
        date=period_text(series.idxmax(), setting.period, say.language),
    )  # fmt: skip
