"""One grievance by day: live streaming with its named days, SMS harassment with its trend."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.numbers import (
    change_text,
    count_text,
    is_missing,
    mean_text,
    period_text,
    range_text,
)
from analysis.reporting.estimates import is_told_code
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    INK,
    MUTED,
    PALE_BLUE,
    Drawing,
    Setting,
    open_canvas,
    own_counts,
)  # fmt: skip
from analysis.reporting.plots.day_axes import (
    band_signs,
    event_days,
    frame_days,
    graded_days,
    has_items,
    is_peak_told,
    line_width,
    spread_days,
)
from analysis.reporting.plots.keys import Sign, draw_key
from analysis.reporting.tables import row_of, table_or_empty
from analysis.study.periods import period_start

Tables = dict[str, pd.DataFrame]


def plot_live_streaming(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw live streaming by day; the days that the published claims name stand out."""
    wide = spread_days(tables, "items", setting.study.series)
    if not has_items(wide, "live_streaming") or not is_told_code("live_streaming", tables):
        return None
    series, say = wide["live_streaming"], setting.words
    named = named_days(setting, "live_streaming") if is_peak_told(series) else []
    named = [day for day in named if day in series.index]
    median = float(series[~series.index.isin(named)].median())
    subtitle = own_counts(setting, "live")
    canvas, axes = open_canvas(
        setting, "live", height=2.5, left=0.55, right=0.75, subtitle=subtitle
    )
    colors = [DARK_BLUE if day in named else PALE_BLUE for day in series.index]
    axes.bar(
        range(len(series)), series, width=0.74 if len(series) <= 60 else 1.0, color=colors, zorder=2
    )
    frame_days(axes, series.index.tolist(), setting, tables)
    axes.set_ylim(0, max(float(series.fillna(0).max()), 1.0) * 1.22)
    _mark_median(axes, median, len(series), setting)
    _label_days(axes, series, named, setting)
    signs = [Sign(say("figure.live.named"), DARK_BLUE)] if named else []
    draw_key(canvas, signs + band_signs(series.index.tolist(), setting, tables))
    data = pd.DataFrame({"date": series.index, "items": series.to_numpy()})
    return Drawing(
        "live_streaming_by_day", canvas, say("figure.live.title"), subtitle,
        say("figure.live.alt", median=mean_text(median), values=_spell_days(series, setting)),
        data.assign(is_named_in_claim=data["date"].isin(named)), (setting.study.series,),
    )  # fmt: skip


def named_days(setting: Setting, grievance: str) -> list[str]:
    """Give the days that the study's claims call high for a code, or the periods of them."""
    return sorted(
        {
            period_start(day, setting.study.period).isoformat()
            for claim in setting.study.claims
            if claim.kind == "peak" and claim.grievance == grievance
            for day in claim.days
        }
    )


def _mark_median(axes: Axes, median: float, days: int, setting: Setting) -> None:
    axes.plot([-0.6, days - 0.4], [median] * 2, color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=3)
    axes.annotate(
        setting.words("figure.live.median", value=mean_text(median)), xy=(1, median),
        xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
        size=8, color=MUTED, va="center",
    )  # fmt: skip


def _label_days(axes: Axes, series: pd.Series, named: list[str], setting: Setting) -> None:
    """Write date and value above each named day."""
    for day in [day for day in named if not is_missing(series[day])]:
        text = f"{_name_of(day, setting)}\n{count_text(series[day])}"
        axes.annotate(
            text, xy=(series.index.get_loc(day), series[day]), xytext=(0, 3),
            textcoords="offset points", ha="center", va="bottom", size=8.2, color=INK,
            linespacing=1.2, zorder=6,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "alpha": 0.85, "lw": 0},
        )  # fmt: skip


def _name_of(day: object, setting: Setting) -> str:
    return period_text(day, setting.study.period, setting.words.language)


def _spell_days(series: pd.Series, setting: Setting) -> str:
    say = setting.words
    return say("list.semicolon").join(
        f"{_name_of(day, setting)} {count_text(value)}" for day, value in series.items()
    )


def plot_sms(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw SMS harassment by day with the trend that its test found and the interval of it."""
    wide = spread_days(tables, "items", setting.study.series)
    if not has_items(wide, "sms_harassment") or not is_told_code("sms_harassment", tables):
        return None
    series, say = wide["sms_harassment"], setting.words
    subtitle = own_counts(setting, "sms")
    canvas, axes = open_canvas(setting, "sms", height=2.5, left=0.55, subtitle=subtitle)
    data = pd.DataFrame({"date": series.index, "items": series.to_numpy()})
    trend = row_of(table_or_empty(tables, "trends"), "grievance", "sms_harassment")
    lines = _trend_lines(series, trend, setting, graded_days(tables, setting, "partial"))
    if lines:
        axes.fill_between(
            range(len(series)), lines["low"], lines["high"], color=PALE_BLUE, alpha=0.55, lw=0
        )
        axes.plot(range(len(series)), lines["growth"], color=BLUE, lw=1.3)
        data = data.assign(**{f"trend_{name}": line for name, line in lines.items()})
    marker = "o" if len(series) <= 60 else ""
    axes.plot(
        range(len(series)),
        series,
        color=DARK_BLUE,
        lw=line_width(len(series)),
        marker=marker,
        ms=3.8,
        zorder=4,
    )
    frame_days(axes, series.index.tolist(), setting, tables)
    axes.set_ylim(0, max(float(series.fillna(0).max()), 1.0) * 1.15)
    sentence = _sentence(trend, setting)
    draw_key(
        canvas, [Sign(sentence, BLUE, "line"), *band_signs(list(series.index), setting, tables)]
    )
    alt = say("figure.sms.small_alt", total=count_text(series.sum()), trend=sentence)
    if is_peak_told(series):
        alt = say(
            "figure.sms.alt", mean=mean_text(series.mean()), lowest=count_text(series.min()),
            peak=count_text(series.max()), date=_name_of(series.idxmax(), setting),
            trend=sentence,
        )  # fmt: skip
    return Drawing(
        "sms_by_day", canvas, say("figure.sms.title"), subtitle, alt, data,
        (setting.study.series, "trends"),
    )  # fmt: skip


def _sentence(trend: pd.Series | None, setting: Setting) -> str:
    """Say the verdict of the trend in half a line."""
    say = setting.words
    if trend is None or is_missing(trend["growth"]):
        return say("figure.sms.none")
    low, high = (change_text(trend[end]) for end in ("low", "high"))
    return say(
        "figure.sms.trend", verdict=say.label(str(trend["verdict"])),
        growth=change_text(trend["growth"]), interval=range_text(low, high, say.language),
    )  # fmt: skip


def _trend_lines(
    series: pd.Series, trend: pd.Series | None, setting: Setting, cut: set[str]
) -> dict[str, np.ndarray]:
    """Turn a change over the window into curves through the middle of the days without event.

    Weeks or months that are not whole (``cut``) are in no trend and get no curve.
    """
    inside = ~series.index.isin(list(cut))
    if trend is None or is_missing(trend["growth"]) or not inside.any():
        return {}
    first, last = np.flatnonzero(inside)[[0, -1]].tolist()
    places = np.arange(len(series))
    steps = np.where((places < first) | (places > last), np.nan, places - (first + last) / 2)
    whole = series[inside]
    usual = whole[~whole.index.isin(event_days(setting))].dropna()
    logs = np.log((usual if len(usual) else whole.dropna()).to_numpy(dtype=float) + 0.5)
    span = max(last - first, 1)
    return {
        name: np.exp(logs.mean() + np.log1p(max(float(trend[name]), -0.999)) / span * steps).round(
            6
        )
        for name in ("growth", "low", "high")
    }
