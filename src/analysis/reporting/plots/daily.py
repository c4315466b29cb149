"""Small multiples: every grievance by day in a panel of its own."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.measures.minimum import FEWEST_ITEMS
from analysis.numbers import count_text, mean_text, period_text
from analysis.reporting.plots.canvas import (
    DARK_BLUE,
    INK,
    MUTED,
    PALE_BLUE,
    TOP,
    WIDTH,
    Drawing,
    Setting,
    open_frame,
    own_counts,
)  # fmt: skip
from analysis.reporting.plots.day_axes import (
    band_signs,
    frame_days,
    is_peak_told,
    line_width,
    marker_for,
    spread_days,
)  # fmt: skip
from analysis.reporting.plots.keys import Sign, draw_key
from analysis.reporting.tables import row_of, table_or_empty

Tables = dict[str, pd.DataFrame]
LEFT, RIGHT, GAP = 0.55, 0.3, 0.42  # inches
LEAD, ROW, PANEL = 1.62, 1.5, 0.8  # heights: lead with its title, a row of panels, a panel


def plot_daily(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw every grievance by day, all negative items above them."""
    series_of = setting.study.series
    items, families = (spread_days(tables, unit, series_of) for unit in ("items", "families"))
    if items.empty:
        return None
    say, days = setting.words, items.index.tolist()
    codes = [code for code in _by_size(items) if code not in ("all", "negative")]
    drawn = [code for code in codes if items[code].sum() >= FEWEST_ITEMS]
    note = _left_out([code for code in codes if code not in drawn], setting)
    note += say("figure.daily.withheld") if items.isna().any(axis=None) else ""
    height = LEAD + -(-len(drawn) // 3) * ROW
    subtitle = own_counts(setting, "daily")
    canvas, total = open_frame(setting, "daily", height=height, note=note, subtitle=subtitle)
    shown = (
        [("negative", (LEFT, TOP + 0.42, WIDTH - LEFT - RIGHT, 0.95))]
        if "negative" in items
        else []
    )
    shown += [(code, _place(number)) for number, code in enumerate(drawn)]
    for code, box in shown:
        axes = _panel(canvas, total, box)
        for series, color in ((families[code], PALE_BLUE), (items[code], DARK_BLUE)):
            axes.plot(
                range(len(days)), series, color=color, lw=line_width(len(days)),
                marker=marker_for(series), ms=2.5,
            )  # fmt: skip
        frame_days(axes, days, setting, tables, few=code != "negative")
        axes.set_ylim(0, max(float(items[code].fillna(0).max()), 1.0) * 1.15)
        _title_panel(axes, code, tables, setting)
    signs = [
        Sign(say("figure.daily.items"), DARK_BLUE, "line"),
        Sign(say("figure.daily.families"), PALE_BLUE, "line"),
    ]
    draw_key(canvas, signs + band_signs(days, setting, tables))
    values = say("list.semicolon").join(_spell(items[code], code, setting) for code, _ in shown)
    return Drawing(
        "daily_negatives", canvas, say("figure.daily.title"), subtitle,
        say("figure.daily.alt", days=len(days), values=values),
        tables[series_of].copy(), (series_of, "trends"),
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


def _panel(canvas: Canvas, total: float, box: tuple[float, float, float, float]) -> Axes:
    x, y, width, height = box
    return canvas.add_axes((x / WIDTH, 1 - (y + height) / total, width / WIDTH, height / total))


def _title_panel(axes: Axes, code: str, tables: Tables, setting: Setting) -> None:
    """Name the panel, and below the name the verdict of its trend."""
    trend = row_of(table_or_empty(tables, "trends"), "grievance", code)
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
        date=period_text(series.idxmax(), setting.study.period, say.language),
    )  # fmt: skip
