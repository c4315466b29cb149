"""Figures by day: small multiples, live streaming with its named days, SMS with its trend."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.reporting.numbers import change_text, count_text, day_text, is_missing
from analysis.reporting.plots.canvas import (
    BLUE,
    BOTTOM,
    DARK_BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    RULE,
    WIDTH,
    Drawing,
    Setting,
    open_canvas,
    open_frame,
)  # fmt: skip
from analysis.reporting.tables import row_of, table_or_empty

Tables = dict[str, pd.DataFrame]


def plot_daily(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw every grievance by day in a panel of its own, all negative items above them."""
    wide, families = _spread(tables, "items"), _spread(tables, "families")
    if wide.empty:
        return None
    codes = [code for code in _order(tables) if code in wide and code != "negative"]
    rows = -(-len(codes) // 3)
    height = 1.5 + rows * 1.42
    canvas, total = open_frame(setting, "daily", height=height)
    lead = _panel(canvas, total, 0.55, total - BOTTOM - height + 0.28, WIDTH - 0.85, 1.0)
    if "negative" in wide:
        _draw_days(lead, wide["negative"], families["negative"], setting, tables)
        _name_lines(lead, wide["negative"], families["negative"], setting)
        _title_panel(lead, "negative", tables, setting)
        _name_bands(lead, tables, setting)
    width = (WIDTH - 0.85 - 2 * 0.42) / 3
    for number, code in enumerate(codes):
        x = 0.55 + (number % 3) * (width + 0.42)
        y = total - BOTTOM - height + 1.5 + (number // 3) * 1.42 + 0.42
        axes = _panel(canvas, total, x, y, width, 0.78)
        _draw_days(axes, wide[code], families[code], setting, tables)
        _title_panel(axes, code, tables, setting)
    say, shown = setting.words, ["negative", *codes]
    values = say("list.semicolon").join(
        _spell_series(wide[c], c, setting) for c in shown if c in wide
    )
    return Drawing(
        "daily_negatives", canvas, say("figure.daily.title"), say("figure.daily.subtitle"),
        say("figure.daily.alt", days=len(wide), values=values),
        tables["daily"].copy(), ("daily", "trends"),
    )  # fmt: skip


def plot_live_streaming(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw live streaming by day; the days that the published claims name stand out."""
    wide = _spread(tables, "items")
    if "live_streaming" not in wide:
        return None
    series, say = wide["live_streaming"], setting.words
    named = [day for day in _named_days(setting, "live_streaming") if day in series.index]
    median = float(series[~series.index.isin(named)].median())
    subtitle = say(f"figure.live.subtitle{'' if named else '_bare'}")
    canvas, axes = open_canvas(setting, "live", height=2.5, left=0.55, subtitle=subtitle)
    colors = [DARK_BLUE if day in named else PALE_BLUE for day in series.index]
    axes.bar(range(len(series)), series, width=0.72, color=colors, zorder=2)
    _frame_days(axes, series, setting, tables)
    axes.axhline(median, color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=3)
    axes.text(
        len(series) - 0.3, median, say("figure.live.median", value=count_text(median)),
        ha="left", va="center", size=8, color=MUTED, clip_on=False,
    )  # fmt: skip
    for day in named:
        position = list(series.index).index(day)
        axes.text(
            position, series[day], f"{day_text(day, say.language)}\n{count_text(series[day])}",
            ha="center", va="bottom", size=8.4, color=INK, linespacing=1.25,
        )  # fmt: skip
    axes.set_ylim(0, float(series.max()) * 1.25 + 1)
    axes.set_xlim(-0.6, len(series) + 1.6)
    shown = say("list.semicolon").join(
        f"{day_text(day, say.language)} {count_text(value)}" for day, value in series.items()
    )
    data = pd.DataFrame({"date": series.index, "items": series.to_numpy()})
    data["is_named_in_claim"] = data["date"].isin(named)
    return Drawing(
        "live_streaming_by_day", canvas, say("figure.live.title"), subtitle,
        say("figure.live.alt", median=count_text(median), values=shown), data, ("daily",),
    )  # fmt: skip


def plot_sms(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw SMS harassment by day with the trend that its test found and the interval of it."""
    wide = _spread(tables, "items")
    if "sms_harassment" not in wide:
        return None
    series, say = wide["sms_harassment"], setting.words
    canvas, axes = open_canvas(setting, "sms", height=2.5, left=0.55)
    trend = row_of(table_or_empty(tables, "trends"), "grievance", "sms_harassment")
    sentence = say("figure.sms.none")
    data = pd.DataFrame({"date": series.index, "items": series.to_numpy()})
    if trend is not None and not is_missing(trend["growth"]):
        lines = _trend_lines(series, trend)
        axes.fill_between(
            range(len(series)), lines["low"], lines["high"], color=PALE_BLUE, alpha=0.5, lw=0
        )
        axes.plot(range(len(series)), lines["growth"], color=BLUE, lw=1.3)
        data = data.assign(**{f"trend_{name}": line for name, line in lines.items()})
        ends = {end: change_text(trend[end]) for end in ("growth", "low", "high")}
        sentence = f"{say.label(str(trend['verdict']))}{say('list.comma')}" + say(
            "figure.sms.trend", **ends
        )
    axes.plot(range(len(series)), series, color=DARK_BLUE, lw=1.1, marker="o", ms=4, zorder=4)
    _frame_days(axes, series, setting, tables)
    axes.set_ylim(0, float(max(series.max(), 1)) * 1.3)
    axes.text(0.0, 1.0, sentence, transform=axes.transAxes, size=9, color=DARK_BLUE, va="top")
    return Drawing(
        "sms_by_day", canvas, say("figure.sms.title"), say("figure.sms.subtitle"),
        say(
            "figure.sms.alt", mean=count_text(series.mean()), lowest=count_text(series.min()),
            peak=count_text(series.max()), date=day_text(series.idxmax(), say.language),
            trend=sentence,
        ),
        data, ("daily", "trends"),
    )  # fmt: skip


def _trend_lines(series: pd.Series, trend: pd.Series) -> dict[str, np.ndarray]:
    """Turn a change over the window into curves through the geometric middle of the series."""
    steps = np.arange(len(series)) - (len(series) - 1) / 2
    middle = float(np.exp(np.log(series.to_numpy(dtype=float) + 0.5).mean()))
    span = max(len(series) - 1, 1)
    return {
        name: (middle * np.exp(np.log1p(float(trend[name])) / span * steps)).round(6)
        for name in ("growth", "low", "high")
    }


def _spread(tables: Tables, unit: str) -> pd.DataFrame:
    """Lay the daily table out with a column a grievance and every day of the table."""
    daily = table_or_empty(tables, "daily")
    if daily.empty:
        return pd.DataFrame()
    wide = daily.pivot_table(index="date", columns="grievance", values=unit, aggfunc="sum")
    return wide.fillna(0).sort_index()


def _order(tables: Tables) -> list[str]:
    """Give the codes from most to fewest items."""
    daily = tables["daily"]
    sums = daily.groupby("grievance")["items"].sum().drop(labels=["all"], errors="ignore")
    return sums.sort_values(ascending=False, kind="stable").index.tolist()


def _named_days(setting: Setting, grievance: str) -> list[str]:
    return sorted(
        day.isoformat()
        for claim in setting.study.claims
        if claim.kind == "peak" and claim.grievance == grievance
        for day in claim.days
    )


def _panel(canvas: Canvas, total: float, x: float, y: float, width: float, height: float) -> Axes:
    """Place axes by inches from the top left of the figure."""
    return canvas.add_axes((x / WIDTH, 1 - (y + height) / total, width / WIDTH, height / total))


def _draw_days(
    axes: Axes, items: pd.Series, families: pd.Series, setting: Setting, tables: Tables
) -> None:
    axes.plot(range(len(families)), families, color=PALE_BLUE, lw=1.5, zorder=2)
    axes.plot(range(len(items)), items, color=DARK_BLUE, lw=1.5, zorder=3)
    _frame_days(axes, items, setting, tables, few=True)
    axes.set_ylim(0, float(max(items.max(), 1)) * 1.15)


def _frame_days(
    axes: Axes, series: pd.Series, setting: Setting, tables: Tables, *, few: bool = False
) -> None:
    """Mark event days and unfit days, and write a few dates below."""
    days = list(series.index)
    events = {day.isoformat() for day in setting.study.event_days}
    unfit = unfit_days(tables)
    for position, day in enumerate(days):
        if day in events:
            axes.axvspan(
                position - 0.5, position + 0.5, color=PALE_ORANGE, alpha=0.45, lw=0, zorder=0
            )
        if day in unfit:
            axes.axvspan(
                position - 0.5,
                position + 0.5,
                facecolor=RULE,
                edgecolor=GREY,
                hatch="////",
                lw=0,
                zorder=1,
            )
    step = max(1, round((len(days) - 1) / (2 if few else 4)))
    ticks = sorted({*range(0, len(days), step)})
    axes.set_xticks(ticks, [_short(days[tick]) for tick in ticks])
    axes.set_xlim(-0.6, len(days) - 0.4)
    axes.locator_params(axis="y", nbins=3 if few else 5, integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.tick_params(axis="both", length=2, labelsize=7.6, colors=MUTED)
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def unfit_days(tables: Tables) -> set[str]:
    """Collect the days whose collection cannot bear a trend."""
    coverage, daily = table_or_empty(tables, "coverage"), table_or_empty(tables, "daily")
    source = coverage if "grade" in coverage else daily
    if "grade" not in source:
        return set()
    return set(source.loc[source["grade"].astype(str) == "unfit", "date"].astype(str))


def _short(day: str) -> str:
    when = date.fromisoformat(day)
    return f"{when.month}/{when.day}"


def _title_panel(axes: Axes, code: str, tables: Tables, setting: Setting) -> None:
    """Name the panel, and behind it the verdict of its trend."""
    name = axes.text(
        0, 1.06, setting.words.label(code), transform=axes.transAxes, size=9, color=INK, va="bottom"
    )
    trend = row_of(table_or_empty(tables, "trends"), "grievance", code)
    if trend is not None and code != "negative":
        verdict = setting.words.label(str(trend["verdict"]))
        below = len(verdict) + len(setting.words.label(code)) > (16 if _is_zh(setting) else 30)
        axes.annotate(
            verdict, xy=(0, 0) if below else (1, 0), xycoords=name, size=7.6, color=MUTED,
            xytext=(0, -1) if below else (5, 0.6), textcoords="offset points",
            va="top" if below else "bottom",
        )  # fmt: skip


def _is_zh(setting: Setting) -> bool:
    return setting.words.language == "zh"


def _name_lines(axes: Axes, items: pd.Series, families: pd.Series, setting: Setting) -> None:
    """Write the names of the two units at the ends of their lines."""
    say, end = setting.words, len(items) - 1
    gap = float(items.iloc[-1] - families.iloc[-1])
    push = max(0.0, float(items.max()) * 0.16 - gap) / 2
    for value, key, color in (
        (float(items.iloc[-1]) + push, "items", DARK_BLUE),
        (float(families.iloc[-1]) - push, "families", BLUE),
    ):
        axes.text(end + 0.25, value, say(f"figure.daily.{key}"), size=8, color=color, va="center")


def _name_bands(axes: Axes, tables: Tables, setting: Setting) -> None:
    """Write what the orange and hatched bands mean, once, above the first of each."""
    days = sorted(tables["daily"]["date"].astype(str).unique())
    events = [day.isoformat() for day in setting.study.event_days if day.isoformat() in days]
    for chosen, key in ((events, "event"), (sorted(unfit_days(tables) & set(days)), "unfit")):
        if chosen:
            middle = (days.index(chosen[0]) + days.index(chosen[-1])) / 2
            x = middle if key == "event" else days.index(chosen[0])
            axes.text(
                x, axes.get_ylim()[1], setting.words(f"figure.daily.{key}"), size=7.6,
                color=ORANGE if key == "event" else MUTED, ha="center", va="bottom",
            )  # fmt: skip


def _spell_series(series: pd.Series, code: str, setting: Setting) -> str:
    say = setting.words
    return say(
        "figure.daily.part", label=say.label(code), mean=count_text(series.mean()),
        peak=count_text(series.max()), date=day_text(series.idxmax(), say.language),
    )  # fmt: skip
