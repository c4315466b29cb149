"""Figures by day: all grievances in panels, one with its named days, one with its trend."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.frames import AnyFrame
from analysis.measures.quantities import is_corrected, row_of
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import (
    change_range_text,
    change_text,
    count_text,
    is_missing,
    mean_text,
    period_text,
    short_count_text,
)
from analysis.plots.arguments import (
    Look,
    Setting,
    as_dates,
    join_facts,
    join_grades,
    make_setting,
    take_dated,
    take_other,
)
from analysis.plots.axes import (
    Bands,
    band_entries,
    find_bands,
    frame_days,
    has_items,
    inches_of,
    is_peak_told,
    lay_panels,
    line_width,
    marker_for,
    spread_days,
)
from analysis.plots.findings import tell_peaks, tell_trend, tell_trends
from analysis.plots.frame import (
    EDGE,
    TOP,
    LegendEntry,
    ReportFigure,
    draw_legend,
    nothing_to_show,
    open_figure,
    open_frame,
    own_counts,
    report_figure,
)
from analysis.plots.style import (
    BLUE,
    DARK_BLUE,
    INK,
    LEAST,
    MUTED,
    PALE_BLUE,
    fit_lines,
    text_width,
)
from analysis.study.model import Claim
from analysis.study.periods import period_start
from analysis.words import Words

_ENDS = ("growth", "low", "high")
_LEFT, _RIGHT, _GAP = 0.55, 0.3, 0.42  # inches
_LEAD, _ROW, _PANEL = 1.62, 1.5, 0.8  # heights: lead with its title, a row of panels, a panel


@report_figure
def plot_daily(
    daily: AnyFrame,
    trends: AnyFrame | None = None,
    coverage: AnyFrame | None = None,
    counts: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw every grievance by day in a panel of its own, all negative items above them.

    From two weeks on, days are points, and the line is the mean of the seven days around each.

    Parameters
    ----------
    daily
        pandas or Polars table of `count_grievances(posts, by="date")`: `date` (the first day of a
        week or month where it counts those), `grievance, items`, and where they are there
        `families` and `grade`. A missing count leaves a gap.
    trends
        Table of trends (`grievance, verdict`, and where they are there `measure` and
        `count_verdict`). Above each panel stands the verdict on the count, which the panel draws,
        else the verdict that is there, each with the measure it is on; where the count rose or
        fell and the share of posts tells otherwise, both stand there, and the headline follows
        the share. Without this table `verdict` and `measure` of `daily` are used.
    coverage
        Table of the collection (`date, grade`), for the bands; else the grades of `daily`.
    counts
        Table of counts with the estimates of an audit (`grievance, items, low, high`): a band shows
        where the line would lie with the coder's error taken out, were it the same each day; else
        `low_ratio` and `high_ratio` of `daily`.
    event_days
        Days that stand out behind the lines; those of the study when it is given alone.

    Returns
    -------
    ReportFigure
        A code of fewer than 30 items is named below and not drawn. `table` is `daily` with `grade`,
        `verdict` and `measure` of the code's trend, and how far its count can lie below and above
        the coder's own, `low_ratio` and `high_ratio`.

    Examples
    --------
    >>> daily = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grievance": ["negative"] * 2,
    ...                       "items": [40, 60]})
    >>> plot_daily(daily, language="en").alt
    "Daily lines of the coder's counts over 2 days: Negative items 100 in all."
    """
    table = join_grades(take_dated(daily), coverage)
    tested = take_other(trends, ["grievance", "verdict"])
    table, unlike = _join_verdicts(table, tested), _unlike_shares(tested)
    table = _join_ratios(table, take_other(counts, ["grievance", "items"]))
    verdicts = _of_codes(table, ["verdict", "measure"])
    setting = make_setting(**look, dates=table["date"].tolist(), event_days=event_days)
    items, families = (spread_days(table, unit) for unit in ("items", "families"))
    if items.empty:
        return nothing_to_show(setting, "daily", table)
    bands = find_bands(setting, table)
    say, days = setting.words, items.index.tolist()
    codes = [code for code in _by_size(items) if code not in ("all", "negative")]
    drawn = [code for code in codes if items[code].sum() >= FEWEST_ITEMS]
    note = _left_out([code for code in codes if code not in drawn], setting)
    note += say("figure.daily.withheld") if items.isna().any(axis=None) else ""
    setting = setting.saying(_find_trends(items, drawn, verdicts, unlike, say))
    headings = {
        code: [say.label(code), _verdict_above(code, verdicts, unlike, say)]
        for code in map(str, items)
    }
    grid, broken = lay_panels(
        setting, [headings[code] for code in drawn], (9.0, 7.8), left=_LEFT, right=_RIGHT, gap=_GAP,
        heading=0.44, panel=_PANEL, below=_ROW - _PANEL - 0.44,
    )  # fmt: skip
    headings |= dict(zip(drawn, broken, strict=True))
    height = _LEAD + grid.height(len(drawn))
    subtitle = own_counts(setting, "daily")
    figure = open_frame(
        setting, "daily", height=height, margins=(_LEFT, _RIGHT), note=note, subtitle=subtitle
    )
    right = EDGE if setting.is_narrow else _RIGHT
    shown = (
        [("negative", (_LEFT, TOP + 1.37, setting.width - _LEFT - right, 0.95))]
        if "negative" in items
        else []
    )
    for number, code in enumerate(drawn):
        left, low, width, tall = grid.place(number)
        shown.append((code, (left, TOP + _LEAD + low, width, tall)))
    means = _means_around(items, bands, setting)
    ratios = _ratios(table, [code for code, _ in shown])
    lines = [(items, DARK_BLUE)] if families.empty else [(families, PALE_BLUE), (items, DARK_BLUE)]
    for code, box in shown:
        axes = figure.add_panel(*box)
        top = float(items[code].fillna(0).max())
        if means is not None:
            top = _draw_means(axes, items[code], means[code], ratios.get(code))
        for wide, color in lines if means is None else ():
            axes.plot(
                range(len(days)), wide[code], color=color, lw=line_width(len(days)),
                marker=marker_for(wide[code]), ms=2.5,
            )  # fmt: skip
        frame_days(axes, days, setting, bands, few=code != "negative")
        axes.set_ylim(0, max(top, 1.0) * 1.15)
        _title_panel(axes, *headings[code])
        _tell_days(figure, axes, items[code], setting, say.label(code))
    entries = [LegendEntry(say("figure.daily.items"), DARK_BLUE, "line")]
    if means is not None:
        entries = [
            LegendEntry(say("figure.daily.points"), BLUE, "point"),
            LegendEntry(say("figure.daily.around", n=_AROUND), DARK_BLUE, "line"),
        ]
        if ratios:
            entries.append(LegendEntry(say("figure.daily.band"), PALE_BLUE))
    elif len(lines) > 1:
        entries.append(LegendEntry(say("figure.daily.families"), PALE_BLUE, "line"))
    draw_legend(figure, entries + band_entries(days, setting, bands))
    values = say("list.semicolon").join(_spell(items[code], code, setting) for code, _ in shown)
    return figure.describe(
        setting.title("daily"), subtitle,
        say("figure.daily.alt", days=len(days), values=values), table,
    )  # fmt: skip


_AROUND, _FEWEST_FOR_MEANS = 7, 14  # days


def _means_around(items: pd.DataFrame, bands: Bands, setting: Setting) -> pd.DataFrame | None:
    """Take the mean of the days around each, but those unfit for use; none of weeks and months."""
    if setting.period != "day" or len(items) < _FEWEST_FOR_MEANS:
        return None
    known = items.copy()
    known.loc[known.index.isin(bands.unfit | bands.partial)] = np.nan
    return known.rolling(_AROUND, center=True, min_periods=_AROUND // 2 + 1).mean()


_RATIOS = {"low_ratio": "low", "high_ratio": "high"}


def _join_verdicts(table: pd.DataFrame, trends: pd.DataFrame) -> pd.DataFrame:
    """Put the verdict on each code beside its rows, on the count where that was tested."""
    if "count_verdict" in trends:
        trends = trends.assign(verdict=trends["count_verdict"], measure="count")
    elif "measure" not in trends:
        trends = trends.assign(measure="count")
    return join_facts(table, trends, "grievance", {"verdict": "verdict", "measure": "measure"})


def _unlike_shares(trends: pd.DataFrame) -> dict[str, str]:
    """Give the verdict on the share of codes whose count rose or fell and whose share did not."""
    if not {"measure", "count_verdict"} <= set(trends):
        return {}
    rose = trends["count_verdict"].isin(["growth", "decline"]) & (trends["measure"] != "count")
    unlike = trends[rose & (trends["verdict"] != trends["count_verdict"])]
    return dict(zip(unlike["grievance"].astype(str), unlike["verdict"].astype(str), strict=True))


def _join_ratios(table: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Put beside each code how far its count can lie below and above the coder's own."""
    if counts.empty or not set(_RATIOS.values()) <= set(counts):
        return table
    known = counts[counts.apply(is_corrected, axis=1) & (counts["items"] > 0)]
    ratios = {ours: known[end].astype(float) / known["items"] for ours, end in _RATIOS.items()}
    facts = {name: name for name in _RATIOS}
    return join_facts(table, known.assign(**ratios).round(6), "grievance", facts)


def _of_codes(table: pd.DataFrame, facts: list[str]) -> pd.DataFrame:
    """Take what a table by date says of each code: one row a code, none without its first fact."""
    rows = table.reindex(columns=["grievance", *facts]).drop_duplicates("grievance")
    return rows[rows[facts[0]].notna()]


def _ratios(table: pd.DataFrame, codes: list[str]) -> dict[str, tuple[float, float]]:
    """Give the ratios of the codes that are drawn, where an audit says so."""
    rows = _of_codes(table, list(_RATIOS)).set_index("grievance").astype(float)
    ends = dict(zip(rows.index, rows.to_numpy(), strict=True))
    return {code: (float(ends[code][0]), float(ends[code][1])) for code in codes if code in ends}


def _draw_means(
    axes: Axes, items: pd.Series, means: pd.Series, ratio: tuple[float, float] | None
) -> float:
    """Draw days as points, the mean around them as a line on its band; return the largest value."""
    places, top = range(len(items)), float(items.fillna(0).max())
    if ratio is not None:
        low, high = (means * end for end in ratio)
        axes.fill_between(places, low, high, color=PALE_BLUE, alpha=0.55, lw=0, zorder=1)
        top = max(top, float(high.fillna(0).max()))
    axes.plot(places, items, color=BLUE, lw=0, marker="o", ms=2.2, zorder=2)
    axes.plot(places, means, color=DARK_BLUE, lw=line_width(len(items)), zorder=3)
    return top


def _find_trends(
    items: pd.DataFrame,
    drawn: list[str],
    trends: pd.DataFrame,
    unlike: Mapping[str, str],
    say: Words,
) -> str:
    """State how many negative items there are, and which of the drawn codes changed."""
    found = {code: row_of(trends, "grievance", code) for code in drawn}
    tested = {code: row for code, row in found.items() if row is not None}
    verdicts = {code: unlike.get(code, str(row["verdict"])) for code, row in tested.items()}
    totals = items.get("negative")
    has_mean = totals is not None and is_peak_told(totals)
    measure = _measure(next(iter(tested.values())), say) if tested else ""
    return tell_trends(totals, verdicts, measure, say, has_mean=has_mean)


def _left_out(codes: list[str], setting: Setting) -> str:
    """Say which codes have no panel because they have too few items."""
    if not codes:
        return ""
    say = setting.words
    return say(
        "figure.daily.left_out",
        least=FEWEST_ITEMS,
        names=say("list.comma").join(map(say.inside, codes)),
    )


def _by_size(items: pd.DataFrame) -> list[str]:
    """Give the columns from most to fewest items; ties by name."""
    sums = items.sum().sort_index()
    return [str(code) for code in sums.sort_values(ascending=False, kind="stable").index]


def _tell_days(
    figure: ReportFigure, axes: Axes, series: pd.Series, setting: Setting, label: str = ""
) -> None:
    """Say date and count of each point."""
    say, texts = setting.words, []
    for day, value in series.items():
        known = "" if is_missing(value) else count_text(value)
        text = say("tip.day", date=_name_of(day, setting), value=known or say("tip.unknown"))
        texts.append(f"{label}\n{text}" if label else text)
    figure.tell(axes, enumerate(series.fillna(0)), texts)


def _verdict_above(code: str, trends: pd.DataFrame, unlike: Mapping[str, str], say: Words) -> str:
    """Say the verdict of a panel's trend where there is one."""
    trend = row_of(trends, "grievance", code)
    if trend is None:
        return ""
    told = _verdict_of_panel(trend, say)
    if code not in unlike:
        return told
    return say("figure.daily.unlike", count=told, share=say.label(unlike[code]))


def _title_panel(axes: Axes, name: str, verdict: str) -> None:
    """Name the panel, and below the name the verdict of its trend."""
    above = 17 + 12 * verdict.count("\n")
    for text, lift, size, color in ((name, above, 9.0, INK), (verdict, 5, 7.8, MUTED)):
        axes.annotate(
            text, xy=(0, 1), xycoords="axes fraction", xytext=(0, lift), textcoords="offset points",
            size=size, color=color, va="bottom",
        )  # fmt: skip


def _verdict_of_panel(trend: pd.Series, say: Words) -> str:
    """Say the verdict, and the measure that it is on."""
    verdict = say.label(str(trend["verdict"]))
    return say("figure.daily.verdict", measure=_measure(trend, say), verdict=verdict)


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


# One grievance by day: with the days that somebody named, or with its trend.


_NAMED = ("is_named_in_claim", "claim_verdict")
_CURVES = tuple(f"trend_{name}" for name in _ENDS)
_TESTED = ("verdict", "measure", "days", *_ENDS, "drift_removed")
_JOINED = (*_NAMED, *_TESTED, *_CURVES)


@report_figure
def plot_peak_days(
    daily: AnyFrame,
    grievance: str = "live_streaming",
    coverage: AnyFrame | None = None,
    claims: AnyFrame | None = None,
    *,
    named: Collection[str | date] = (),
    event_days: Collection[str | date] = (),
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw one code by day, its named days dark, with the median of the others.

    Parameters
    ----------
    daily, coverage, event_days
        As for `plot_daily`.
    grievance
        The code.
    claims
        Table of verdicts (`claim_id, verdict`): the headline tells that on the days that the study
        claims to be high; else `claim_verdict` of `daily` does.
    named
        Days that somebody called high; those of the study's claims when it is given alone. They
        stand out only where the code has items on enough days.

    Returns
    -------
    ReportFigure
        `table` is `date, grievance, items, is_named_in_claim` and, where they are known, `grade`
        and the verdict on the claim that names the day, `claim_verdict`.

    Examples
    --------
    >>> daily = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grievance": ["price"] * 2,
    ...                       "items": [40, 60]})
    >>> plot_peak_days(daily, "price", language="en").table["items"].tolist()
    [40.0, 60.0]
    """
    key = "live" if grievance == "live_streaming" else "peaks"
    data, bands, setting = _series_of(key, (daily, coverage), grievance, event_days, look)
    if data.empty:
        return nothing_to_show(setting, key, data)
    say, series = setting.words, data.set_index("date")["items"]
    if named or _NAMED[0] not in data:
        dark = _named_days(named, setting, grievance) if is_peak_told(series) else []
        data[_NAMED[0]] = data["date"].isin(dark)
    dark = data.loc[data[_NAMED[0]].astype(bool), "date"].tolist()
    if not named:
        data = _join_claims(data, take_other(claims, ["claim_id", "verdict"]), setting, grievance)
    median = float(series[~series.index.isin(dark)].median())
    subtitle = own_counts(setting, key)
    setting = setting.saying(
        tell_peaks(say.label(grievance), series, _judged(data), say, has_mean=is_peak_told(series))
    )
    figure, axes = open_figure(
        setting, key, height=2.5, left=0.55, right=0.75, subtitle=subtitle, has_legend=True
    )
    colors = [DARK_BLUE if day in dark else PALE_BLUE for day in series.index]
    axes.bar(
        range(len(series)), series, width=0.74 if len(series) <= 60 else 1.0, color=colors, zorder=2
    )
    frame_days(axes, series.index.tolist(), setting, bands)
    axes.set_ylim(0, max(float(series.fillna(0).max()), 1.0) * 1.22)
    _mark_median(axes, median, len(series), setting)
    _label_days(axes, series, dark, setting)
    _tell_days(figure, axes, series, setting)
    whose = "peaks" if named else "live"  # the caller's days, or those of a published claim
    entries = [LegendEntry(say(f"figure.{whose}.named"), DARK_BLUE)] if dark else []
    draw_legend(figure, entries + band_entries(series.index.tolist(), setting, bands))
    alt = say(
        f"figure.{key}.alt", label=say.label(grievance), median=mean_text(median),
        values=_spell_days(series, sorted({*dark, str(series.idxmax())}), setting),
    )  # fmt: skip
    return figure.describe(setting.title(key), subtitle, alt, data)


def _series_of(
    key: str,
    tables: tuple[AnyFrame, AnyFrame | None],
    grievance: str,
    event_days: Collection[str | date],
    look: Look,
) -> tuple[pd.DataFrame, Bands, Setting]:
    """Take the counts of one code by date, empty where it has none, and what stands behind them.

    What a figure has put beside the counts stays there, so that its own table draws it again.
    """
    daily, coverage = tables
    table = join_grades(take_dated(daily), coverage)
    setting = make_setting(**look, dates=table["date"].tolist(), event_days=event_days)
    setting = setting.naming(key, grievance, set(table["grievance"]))
    wide = spread_days(table, "items")
    series = wide[grievance] if has_items(wide, grievance) else pd.Series([], dtype=float)
    rows = pd.DataFrame({"date": series.index, "grievance": grievance, "items": series.to_numpy()})
    rows = join_facts(rows, table, "date", {"grade": "grade"})
    own = table[table["grievance"] == grievance]
    rows = join_facts(rows, own, "date", {name: name for name in _JOINED})
    return rows, find_bands(setting, table), setting


def _named_days(named: Collection[str | date], setting: Setting, grievance: str) -> list[str]:
    """Give the days to stand out, those named or else claimed, or the periods that hold them."""
    claimed = [day for claim in _claims_on_peaks(setting, grievance) for day in claim.days]
    days = as_dates(named) or claimed
    return sorted({period_start(day, setting.period).isoformat() for day in days})


def _claims_on_peaks(setting: Setting, grievance: str) -> list[Claim]:
    claims = [] if setting.study is None else setting.study.claims
    return [one for one in claims if one.kind == "peak" and one.grievance == grievance]


def _join_claims(
    data: pd.DataFrame, claims: pd.DataFrame, setting: Setting, grievance: str
) -> pd.DataFrame:
    """Put the verdicts on the study's claims beside the days that they call high."""
    told = [
        (period_start(day, setting.period).isoformat(), str(verdict))
        for claim in _claims_on_peaks(setting, grievance)
        for verdict in claims.loc[claims["claim_id"] == claim.id, "verdict"]
        for day in claim.days
    ]
    if not told:
        return data
    by_day = {day: sorted({one for at, one in told if at == day}) for day, _ in told}
    verdicts = [";".join(by_day.get(day, [])) for day in data["date"]]
    return data.assign(claim_verdict=pd.Series(verdicts, data.index).replace("", None))


def _judged(data: pd.DataFrame) -> list[str]:
    """Give the verdicts on the claims on the days that stand out."""
    if "claim_verdict" not in data:
        return []
    told = data.loc[data[_NAMED[0]].astype(bool), "claim_verdict"].dropna()
    return [verdict for text in told for verdict in str(text).split(";")]


def _mark_median(axes: Axes, median: float, days: int, setting: Setting) -> None:
    short = short_count_text(median, setting.words.language, median)
    value = mean_text(median) if median < 100_000 else short
    text = setting.words("figure.live.median", value=value)
    room, size = (0.5, LEAST) if setting.is_narrow else (0.66, 8.0)
    axes.plot([-0.6, days - 0.4], [median] * 2, color=MUTED, lw=0.9, ls=(0, (4, 3)), zorder=3)
    axes.annotate(
        "\n".join(fit_lines(text, room, size)), xy=(1, median),
        xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
        size=size, color=MUTED, va="center",
    )  # fmt: skip


_MOST_LEVELS = 4  # of labels above each other; more would press the columns flat
_LEVEL = 25  # points


def _label_days(axes: Axes, series: pd.Series, named: list[str], setting: Setting) -> None:
    """Write date and value above each named day, higher where one before has the place."""
    width, height = inches_of(axes)
    step, size = width / max(len(series), 1), LEAST if setting.is_narrow else 8.2
    taken: list[tuple[float, float, int]] = []  # right end in inches, value below, level
    for day in [day for day in named if not is_missing(series[day])]:
        text = f"{_name_of(day, setting)}\n{count_text(series[day])}"
        place = series.index.tolist().index(day)
        half = max(text_width(line, size) for line in text.split("\n")) / 2 + 0.03
        before = [one for one in taken if one[0] > (place + 0.5) * step - half]
        level = max((one[2] for one in before), default=-1) + 1
        base = max([float(series[day]), *(one[1] for one in before)])
        if level == _MOST_LEVELS:  # the table has it
            continue
        taken.append(((place + 0.5) * step + half, base, level))
        axes.annotate(
            text, xy=(place, base), xytext=(0, 3 + _LEVEL * level),
            textcoords="offset points", ha="center", va="bottom", size=size, color=INK,
            linespacing=1.2, zorder=6,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "alpha": 0.85, "lw": 0},
        )  # fmt: skip
    tops = [base * 72 * height / (72 * height - 3 - _LEVEL * (at + 1)) for _, base, at in taken]
    axes.set_ylim(0, max([axes.get_ylim()[1], *tops]))


def _name_of(day: object, setting: Setting) -> str:
    return period_text(day, setting.period, setting.words.language)


def _spell_days(series: pd.Series, days: list[str], setting: Setting) -> str:
    """Write the counts of the days that stand out; the table has the others."""
    return setting.words("list.semicolon").join(
        f"{_name_of(day, setting)} {count_text(series[day])}" for day in days
    )


@report_figure
def plot_trend(
    daily: AnyFrame,
    trends: AnyFrame | None = None,
    grievance: str = "sms_harassment",
    coverage: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw one code by day with the trend that a test found and its 95 % interval.

    Parameters
    ----------
    daily, coverage, event_days
        As for `plot_daily`.
    trends
        Table of trends: `grievance, verdict, growth, low, high`, changes over the window as
        fractions, and where they are there `measure` (what was tested) and `count_growth,
        count_low, count_high`, which the band shows. Without it `daily` may have these columns;
        else, or without a row of the code, the figure says that none was tested.
    grievance
        The code.

    Returns
    -------
    ReportFigure
        `table` is `date, grievance, items`, where it is known `grade`, and with a trend what the
        test found (`verdict, measure, days, growth, low, high`, the same in each row) and the
        curves: `trend_growth, trend_low, trend_high`, items a day.

    Examples
    --------
    >>> daily = pd.DataFrame({"date": ["2020-06-01", "2020-06-02"], "grievance": ["price"] * 2,
    ...                       "items": [40, 60]})
    >>> plot_trend(daily, grievance="price", language="en").alt
    "Daily items, Price (coder's counts): 100 in all; trend not tested."
    """
    key = "sms" if grievance == "sms_harassment" else "trend"
    data, bands, setting = _series_of(key, (daily, coverage), grievance, event_days, look)
    if data.empty:
        return nothing_to_show(setting, key, data)
    tested = take_other(trends, ["grievance", "verdict", "growth", "low", "high"])
    data = _join_trend(data, row_of(tested, "grievance", grievance), setting, bands.partial)
    say, subtitle = setting.words, own_counts(setting, key)
    series, trend = data.set_index("date")["items"], _trend_in(data)
    if trend is not None and not is_missing(trend.get("drift_removed")):
        # Else a curve that falls below points that rise would look like a mistake.
        subtitle = say("figure.drift_out", subtitle=subtitle)
    told = tell_trend(key, say.label(grievance), series, trend, say, has_mean=is_peak_told(series))
    setting = setting.saying(told)
    figure, axes = open_figure(
        setting, key, height=2.5, left=0.55, subtitle=subtitle, has_legend=True
    )
    if set(_CURVES) <= set(data):
        middle, low, high = (data[name].astype(float) for name in _CURVES)
        axes.fill_between(range(len(series)), low, high, color=PALE_BLUE, alpha=0.55, lw=0)
        axes.plot(range(len(series)), middle, color=BLUE, lw=1.3)
    axes.plot(
        range(len(series)), series, color=DARK_BLUE, lw=line_width(len(series)),
        marker="o" if len(series) <= 60 else "", ms=3.8, zorder=4,
    )  # fmt: skip
    frame_days(axes, series.index.tolist(), setting, bands)
    axes.set_ylim(0, _room_above(data) * 1.15)
    sentence = _sentence(trend, setting)
    _tell_days(figure, axes, series, setting)
    draw_legend(
        figure,
        [LegendEntry(sentence, BLUE, "line"), *band_entries(list(series.index), setting, bands)],
    )
    facts = {"label": say.label(grievance), "trend": sentence}
    alt = say(f"figure.{key}.small_alt", total=count_text(series.sum()), **facts)
    if is_peak_told(series):
        alt = say(
            f"figure.{key}.alt", mean=mean_text(series.mean()), lowest=count_text(series.min()),
            peak=count_text(series.max()), date=_name_of(series.idxmax(), setting), **facts,
        )  # fmt: skip
    return figure.describe(setting.title(key), subtitle, alt, data)


def _room_above(data: pd.DataFrame) -> float:
    """Return what the axis must hold: the points, and the interval up to twice the highest.

    A wider one is cut off there: it would press the points against the ground.
    """
    peak = max(float(data["items"].fillna(0).max()), 1.0)
    ends = data.get(_CURVES[-1], pd.Series(dtype=float)).astype(float)
    return peak if ends.isna().all() else max(peak, min(float(ends.max()), 2 * peak))


def _join_trend(
    data: pd.DataFrame, trend: pd.Series | None, setting: Setting, cut: Collection[str]
) -> pd.DataFrame:
    """Put what was found of the trend, and its curves, beside each date."""
    if trend is None:
        return data
    facts = {name: trend[name] for name in _TESTED if name in trend.index}
    facts = {name: value for name, value in facts.items() if not is_missing(value)}
    lines = _trend_lines(data.set_index("date")["items"], trend, setting, cut)
    return data.assign(**facts, **{f"trend_{name}": line for name, line in lines.items()})


def _trend_in(data: pd.DataFrame) -> pd.Series | None:
    """Take what was found of the trend out of a table by date; None where nothing was tested."""
    if "verdict" not in data or data["verdict"].isna().all():
        return None
    return data[data["verdict"].notna()].iloc[0].reindex(_TESTED)


def _sentence(trend: pd.Series | None, setting: Setting) -> str:
    """Say the verdict of the trend in half a line."""
    say = setting.words
    if trend is None or trend["verdict"] == "not_testable":
        return say("figure.sms.none")
    if is_missing(trend["growth"]):  # withheld with the days it was fitted to
        return say(
            "figure.sms.withheld", measure=_measure(trend, say),
            verdict=say.label(str(trend["verdict"])),
        )  # fmt: skip
    return say(
        "figure.sms.trend", measure=_measure(trend, say), verdict=say.label(str(trend["verdict"])),
        growth=change_text(trend["growth"]),
        interval=change_range_text(trend["low"], trend["high"], say.language),
    )  # fmt: skip


def _measure(trend: pd.Series, say: Words) -> str:
    """Name what was tested: a share of all posts, or what the table says instead."""
    measure = trend.get("measure")
    return say.label("count" if is_missing(measure) or not measure else str(measure))


def _trend_lines(
    series: pd.Series, trend: pd.Series | None, setting: Setting, cut: Collection[str]
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
    usual = whole[~whole.index.isin(setting.event_days)].dropna()
    logs = np.log((usual if len(usual) else whole.dropna()).to_numpy(dtype=float) + 0.5)
    span = max(last - first, 1)
    changes = {name: float(trend.get(f"count_{name}", trend[name])) for name in _ENDS}
    return {
        name: np.exp(logs.mean() + np.log1p(max(change, -0.999)) / span * steps).round(6)
        for name, change in changes.items()
    }
