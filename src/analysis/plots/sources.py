"""Figures of who is named, where posts come from and how they sound."""

from collections.abc import Collection
from datetime import date
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.frames import AnyFrame
from analysis.measures.published import OURS
from analysis.measures.quantities import Quantity, printed_as, spell_share
from analysis.numbers import (
    count_text,
    decimal_text,
    is_missing,
    period_text,
    range_text,
    share_text,
)
from analysis.plots.arguments import Look, Setting, make_setting, take_dated, take_other, take_table
from analysis.plots.axes import (
    Bands,
    End,
    band_entries,
    draw_bars,
    find_bands,
    frame_days,
    has_intervals,
    line_width,
    room_beside,
    spell_bars,
    style_bars,
    write_end,
)
from analysis.plots.findings import compare_shares, name_leader, tell_campaigns
from analysis.plots.frame import (
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
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALE_BLUE,
    RULE,
    wrap,
)
from analysis.words import Words

# The figure of clusters: which negative items go together, and which no code covers.

_MOST_CLUSTERS = 15


@report_figure
def plot_clusters(
    clusters: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the largest clusters of negative items; those outside the codebook stand out.

    Parameters
    ----------
    clusters
        pandas or Polars table of clusters: `cluster, label, items`, and `covered`, the share of
        the items of a cluster that carry a code.

    Returns
    -------
    ReportFigure
        At most fifteen clusters.

    Examples
    --------
    >>> import pandas as pd
    >>> clusters = pd.DataFrame({"cluster": [1], "label": ["鲜花·枯萎"], "items": [40],
    ...                          "covered": [0.1]})
    >>> plot_clusters(clusters, language="en").alt
    'Bars of topics: 鲜花·枯萎 40.'
    """
    setting = make_setting(**look)
    rows = take_table(clusters, ["cluster", "label", "items", "covered"])
    if rows.empty:
        return nothing_to_show(setting, "clusters", rows)
    rows = rows.sort_values(["items", "cluster"], ascending=[False, True], kind="stable")
    rows, say = rows.head(_MOST_CLUSTERS).reset_index(drop=True), setting.words
    outside = [is_outside(value) for value in rows["covered"]]
    found = "found" if any(outside) else "none_outside"
    setting = setting.saying(say(f"figure.clusters.{found}", n=len(rows), outside=sum(outside)))
    labels = [wrap(str(label), 34).split("\n")[0] for label in rows["label"]]
    figure, axes = open_figure(
        setting, "clusters", height=0.34 * len(rows) + 0.1, left=room_beside(setting, labels)
    )
    colors = [ORANGE if flag else PALE_BLUE for flag in outside]
    draw_bars(axes, rows[["items"]], labels, say, colors=colors)
    return figure.describe(
        setting.title("clusters"), say("figure.clusters.subtitle"),
        say("figure.clusters.alt", values=spell_bars(rows[["items"]], labels, say)), rows,
    )  # fmt: skip


def is_outside(covered: object) -> bool:
    """Say whether a cluster lies outside the codebook: under half of its items carry a code.

    Examples
    --------
    >>> is_outside(0.2), is_outside(True), is_outside("false"), is_outside(None)
    (True, False, True, False)
    """
    if is_missing(covered):
        return False
    words = {"true": 1.0, "false": 0.0}
    return words.get(str(covered).lower()) == 0.0 or (
        str(covered).lower() not in words and float(str(covered)) < 0.5
    )


_MOST_PLATFORMS = 12


@report_figure
def plot_platforms(
    platforms: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the twelve platforms that negative items name most.

    Parameters
    ----------
    platforms
        pandas or Polars table of `count_grievances(posts, by="platform")`: `platform, items`, and
        where there are any `estimate, low, high`.

    Examples
    --------
    >>> platforms = pd.DataFrame({"platform": ["得物"], "items": [3]})
    >>> plot_platforms(platforms, language="en").alt
    'Bars of negative items naming each platform: Dewu 3.'
    """
    setting = make_setting(**look)
    rows = take_table(platforms, ["platform", "items"])
    if rows.empty:
        return nothing_to_show(setting, "platforms", rows)
    rows = rows.sort_values(["items", "platform"], ascending=[False, True], kind="stable")
    rows, say = rows.head(_MOST_PLATFORMS).reset_index(drop=True), setting.words
    labels = [say.label(name) for name in rows["platform"]]
    setting = setting.saying(name_leader("platforms", rows, labels, say))
    subtitle = own_counts(setting, "platforms", has_intervals=has_intervals(rows))
    figure, axes = open_figure(
        setting, "platforms", height=0.34 * len(rows) + 0.1, left=room_beside(setting, labels),
        subtitle=subtitle,
    )  # fmt: skip
    draw_bars(axes, rows, labels, say)
    values = spell_bars(rows, labels, say)
    return figure.describe(
        setting.title("platforms"), subtitle, say("figure.platforms.alt", values=values), rows
    )


@report_figure
def plot_channels(
    channels: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw posts by channel with the negative part of each.

    Parameters
    ----------
    channels
        pandas or Polars table of `count_grievances(posts, by="channel")`: `channel, items,
        negative_items`.

    Examples
    --------
    >>> channels = pd.DataFrame({"channel": ["weibo"], "items": [4], "negative_items": [1]})
    >>> plot_channels(channels, language="en").alt
    'Bars by channel: Weibo 4 posts, 1 negative (25.0%).'
    """
    setting = make_setting(**look)
    rows = take_table(channels, ["channel", "items", "negative_items"])
    rows = rows[rows["items"] > 0]
    rows = rows.sort_values(["items", "channel"], ascending=[False, True], kind="stable")
    labels = [setting.words.label(name) for name in rows["channel"]]
    return _draw_parts("channels", rows.reset_index(drop=True), labels, "items", setting)


@report_figure
def plot_ratings(
    ratings: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw negative items by stars: those with five are few of many, so all posts get no bar.

    Parameters
    ----------
    ratings
        pandas or Polars table of a run, `ratings`: `stars` (`1` to `5`, or `none`), `items,
        negative_items`.

    Examples
    --------
    >>> ratings = pd.DataFrame({"stars": ["1"], "items": [4], "negative_items": [3]})
    >>> plot_ratings(ratings, language="en").alt
    'Bars by stars: one star 4 posts, 3 negative (75.0%).'
    """
    setting = make_setting(**look)
    rows = take_table(ratings, ["stars", "items", "negative_items"])
    rows = rows[rows["items"] > 0]
    labels = [setting.words(f"stars.{stars}") for stars in rows["stars"]]
    return _draw_parts("ratings", rows.reset_index(drop=True), labels, "negative_items", setting)


def _draw_parts(
    name: str, rows: pd.DataFrame, labels: list[str], longest: str, setting: Setting
) -> ReportFigure:
    """Draw negative items of each row, before all its items where these are the longest bar."""
    if rows.empty:
        return nothing_to_show(setting, name, rows)
    say, subtitle = setting.words, own_counts(setting, name)
    setting = setting.saying(_compare(name, rows, labels, say))
    figure, axes = open_figure(
        setting, name, height=0.34 * len(rows) + 0.1, left=room_beside(setting, labels),
        subtitle=subtitle,
    )  # fmt: skip
    if longest == "items":
        axes.barh(range(len(rows)), rows["items"], height=0.56, color=GREY, alpha=0.6)
    axes.barh(range(len(rows)), rows["negative_items"], height=0.56, color=BLUE)
    edge = max(float(rows[longest].max()), 1.0)
    parts: list[str] = []
    ends: list[tuple[float, End]] = []
    for position, (label, row) in enumerate(zip(labels, rows.to_dict("records"), strict=True)):
        share = share_text(row["negative_items"] / row["items"])
        values = {"items": count_text(row["items"]), "negative": count_text(row["negative_items"])}
        end = End(share, f"  {values['negative']} / {values['items']}", color=DARK_BLUE)
        ends.append((float(row[longest]), end))
        write_end(axes, (float(row[longest]) + edge * 0.015, position), end)
        parts.append(say("figure.channels.part", label=label, share=share, **values))
    style_bars(axes, labels, edge, ends=ends)
    figure.tell(axes, zip(rows[longest], range(len(rows)), strict=True), parts, along="y")
    return figure.describe(
        setting.title(name), subtitle,
        say(f"figure.{name}.alt", values=say("list.semicolon").join(parts)), rows,
    )  # fmt: skip


def _compare(name: str, rows: pd.DataFrame, labels: list[str], say: Words) -> str:
    """State whose negative share is the largest, of stars how far the ends lie apart."""
    if name == "channels":
        inside = [say.inside(str(channel)) for channel in rows["channel"]]
        return compare_shares(name, rows, inside, say, by_size=True)
    starred = (rows["stars"].astype(str) != "none").tolist()
    named = [label for label, has_stars in zip(labels, starred, strict=True) if has_stars]
    return compare_shares(name, rows[starred], named, say, by_size=False)


# Shares of the campaigns of 2019-2024 beside this run: one row a campaign.

_PANELS = ("negative", "live_streaming")
_LEFT, _RIGHT, _GAP, _ROW = 1.25, 0.75, 0.75, 0.26  # inches


@report_figure
def plot_campaigns(
    campaigns: AnyFrame,
    counts: AnyFrame | None = None,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the negative share, and the share of live-stream selling in the negative items.

    Parameters
    ----------
    campaigns
        pandas or Polars table of a run, `campaigns`: `campaign` (`this run` or a name such as
        `618-2020`), `grievance, share, low, high`, fractions.
    counts
        Table of `count_grievances(posts)`, which tells in which form the share of a code of this
        run is written. Without it a column `form` says so.

    Returns
    -------
    ReportFigure
        `table` has the rows of the two panels, with `form`.

    Examples
    --------
    >>> rows = pd.DataFrame({"campaign": ["618-2020"], "grievance": ["negative"], "share": [0.19],
    ...                      "low": [None], "high": [None]})
    >>> plot_campaigns(rows, language="en").alt
    '618-2020 Negative items 19.0%'
    """
    setting = make_setting(**look)
    table = take_table(campaigns, ["campaign", "grievance", "share", "low", "high"])
    counted = take_other(counts, ["grievance", "items"])
    rows = table[table["grievance"].isin(_PANELS)]
    if rows.empty:
        return nothing_to_show(setting, "campaigns", rows)
    say = setting.words
    if len(counted) or "form" not in rows:
        rows = rows.assign(form=_forms(rows, counted))
    rows = rows.assign(written=[_share(row, say) for _, row in rows.iterrows()])
    ours = rows[(rows["campaign"] == OURS) & (rows["grievance"] == "negative")]
    setting = setting.saying(
        tell_campaigns(rows, say, "estimate" if ours.empty else ours["form"].iloc[0])
    )
    names = list(dict.fromkeys(rows["campaign"]))
    height, narrow = _ROW * len(names) + 0.5, setting.is_narrow
    figure = open_frame(
        setting, "campaigns", height=height * len(_PANELS) if narrow else height,
        margins=(_LEFT, _RIGHT), note=say("figure.campaigns.note"),
    )  # fmt: skip
    width = (setting.width - _LEFT - _RIGHT - _GAP) / len(_PANELS)
    if narrow:  # one below the other
        width = setting.width - _LEFT - _RIGHT
    for number, name in enumerate(_PANELS):
        left = _LEFT + (0 if narrow else number * (width + _GAP))
        low = TOP + height * (number + 1 if narrow else 1)
        axes = figure.add_panel(left, low, width, height - 0.45)
        _draw(axes, rows[rows["grievance"] == name].set_index("campaign"), names)
        axes.set_title(say(f"figure.campaigns.{name}"), loc="left", size=9.2, color=INK)
        shown = rows[(rows["grievance"] == name) & rows["share"].notna()]
        places = [(share, names.index(one)) for share, one in zip(
            shown["share"], shown["campaign"], strict=True)]  # fmt: skip
        told = [f"{say.label(one)} {written}" for one, written in zip(
            shown["campaign"], shown["written"], strict=True)]  # fmt: skip
        figure.tell(axes, places, told, along="y")
        labels = [say.label(campaign) for campaign in names] if number == 0 or narrow else []
        axes.set_yticks(range(len(labels)), labels, size=8.6)
    parts = say("list.semicolon").join(
        f"{say.label(row['campaign'])} {say.label(row['grievance'])} {row['written']}"
        for _, row in rows[rows["share"].notna()].iterrows()
    )
    return figure.describe(
        setting.title("campaigns"), say("figure.campaigns.subtitle"), parts,
        rows.drop(columns="written").reset_index(drop=True),
    )  # fmt: skip


def _forms(rows: pd.DataFrame, counts: pd.DataFrame) -> list[str]:
    """Say of each row in which form it is written; published shares are bare numbers."""
    forms = {str(row["grievance"]): printed_as(row) for _, row in counts.iterrows()}
    return [
        forms.get(str(code), "items") if campaign == OURS else "items"
        for campaign, code in zip(rows["campaign"], rows["grievance"], strict=True)
    ]


def _share(row: pd.Series, say: Words) -> str:
    """Write the share of a campaign; ours in the form of its count."""
    if is_missing(row["share"]):
        return ""
    ends = [None if is_missing(row[end]) else float(row[end]) for end in ("low", "high")]
    return spell_share(Quantity(float(row["share"]), *ends), say, row["form"])


def _draw(axes: Axes, rows: pd.DataFrame, campaigns: list[str]) -> None:
    edge = 0.01
    for at, campaign in enumerate(campaigns):
        if campaign not in rows.index or is_missing(rows.loc[campaign, "share"]):
            continue
        row = rows.loc[campaign]
        color = ORANGE if campaign == OURS else BLUE
        end = float(rows["share" if is_missing(row["high"]) else "high"].astype(float)[campaign])
        if not is_missing(row["low"]):
            axes.plot([row["low"], row["high"]], [at, at], color=color, lw=1.8, zorder=2)
        axes.plot([row["share"]], [at], "o", color=color, ms=5, zorder=3)
        axes.annotate(
            str(row["written"]), xy=(end, at), xytext=(7, 0), textcoords="offset points",
            va="center", size=8.2, color=MUTED,
        )  # fmt: skip
        edge = max(edge, end)
    axes.set_xlim(0, edge * 1.05)
    axes.set_ylim(len(campaigns) - 0.5, -0.5)
    axes.set_xticks([])
    axes.hlines(range(len(campaigns)), 0, edge * 1.05, color=RULE, lw=0.7, zorder=0)
    axes.tick_params(axis="both", length=0)
    axes.spines["bottom"].set_visible(False)


# How negative posts sound: two scores, by day and by cut-off.

_EDGE, _BETWEEN = (0.6, 0.3), 0.55  # inches at the left and right, and between two panels
_TITLE, _PANEL, _DAYS = 0.45, 1.6, 1.5
_BY_DAY = ["date", "posts", "snownlp_negative", "negative", "low", "high"]
_BY_CUTOFF = ["cutoff", "posts", "snownlp_negative", "negative"]


@report_figure
def plot_sentiment(
    cutoffs: AnyFrame,
    days: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw how negative posts sound: the distribution, the share at each cut-off, and by day.

    Parameters
    ----------
    cutoffs
        pandas or Polars table of `sweep_cutoffs(posts)`.
    days
        Table of `sentiment_by_day(posts)`, for the panel below; without rows there is none. Where
        it is not given, the rows of ``cutoffs`` that have a `date` are it.
    event_days
        As for `plot_daily`.

    Returns
    -------
    ReportFigure
        `table` has the rows by `cutoff`, and below them those by `date`.

    Examples
    --------
    >>> cutoffs = pd.DataFrame({"cutoff": [0.5], "posts": [9], "snownlp_negative": [0.6],
    ...                         "negative": [0.4]})
    >>> plot_sentiment(cutoffs, language="en").alt
    'At a cut-off of 0.5 SnowNLP calls 60.0% of the posts negative, ours 40.0%.'
    """
    given = take_table(cutoffs, _BY_CUTOFF)
    rows = given.dropna(subset=_BY_CUTOFF).reset_index(drop=True)
    if days is None and "date" in given:
        days = given[given["date"].notna()].drop(columns="cutoff")
    rows = rows.drop(columns="date", errors="ignore")
    by_day = take_other(days, _BY_DAY)
    by_day = by_day if by_day.empty else take_dated(by_day, _BY_DAY)
    dates = by_day["date"].astype(str).tolist()
    setting = make_setting(**look, dates=dates, event_days=event_days)
    if rows.empty:
        return nothing_to_show(setting, "sentiment", rows)
    say = setting.words
    setting = setting.saying(_spell("found", rows, setting))
    height = _TITLE + _PANEL + 0.3 + (_TITLE + _DAYS if dates else 0)
    narrow = setting.is_narrow
    height += _TITLE + _PANEL + 0.3 if narrow else 0
    figure = open_frame(setting, "sentiment", height=height, margins=_EDGE)
    whole = setting.width - sum(_EDGE)
    half = whole if narrow else (whole - _BETWEEN) / 2

    def panel(key: str, left: float, top: float, width: float, high: float) -> Axes:
        figure.write(left, top - 0.16, say(f"figure.sentiment.{key}"), size=9.2, color=INK)
        return figure.add_panel(left, top + high, width, high)

    top = TOP + _TITLE
    _draw_distribution(panel("distribution", _EDGE[0], top, half, _PANEL), rows)
    beside = _EDGE[0] if narrow else _EDGE[0] + half + _BETWEEN
    top += _TITLE + _PANEL + 0.3 if narrow else 0
    swept = panel("cutoffs", beside, top, half, _PANEL)
    _draw_cutoffs(swept, rows)
    _tell_shares(figure, swept, [f"≥ {decimal_text(cut)}" for cut in rows["cutoff"]], rows, say)
    bands = find_bands(setting)
    if dates:
        top += _PANEL + 0.3 + _TITLE
        wide = panel("days", _EDGE[0], top, whole, _DAYS)
        _draw_days(wide, by_day, setting, bands)
        told = [period_text(day, setting.period, say.language) for day in dates]
        _tell_shares(figure, wide, told, by_day, say)
    entries = [
        LegendEntry("SnowNLP", ORANGE, "line"),
        LegendEntry(say("figure.sentiment.ours"), DARK_BLUE, "line"),
    ]
    if dates:
        entries.append(LegendEntry(say("figure.sentiment.interval"), PALE_BLUE))
    draw_legend(figure, entries + (band_entries(dates, setting, bands) if dates else []))
    return figure.describe(
        setting.title("sentiment"), say("figure.sentiment.subtitle"),
        _spell("alt", rows, setting), _stack(rows, by_day),
    )  # fmt: skip


def _stack(rows: pd.DataFrame, by_day: pd.DataFrame) -> pd.DataFrame:
    """Put the rows by date below those by cut-off, in columns that both have."""
    columns = ["cutoff", "date", *_BY_DAY[1:]]
    parts = [part.reindex(columns=columns) for part in (rows, by_day) if len(part)]
    stacked = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    return stacked.infer_objects()


def _spell(key: str, rows: pd.DataFrame, setting: Setting) -> str:
    """Say the shares at the cut-off nearest to a half."""
    middle = rows.iloc[int((rows["cutoff"] - 0.5).abs().argmin())]
    return setting.words(
        f"figure.sentiment.{key}", cutoff=f"{middle['cutoff']:g}",
        theirs=share_text(middle["snownlp_negative"]), ours=share_text(middle["negative"]),
    )  # fmt: skip


def _tell_shares(
    figure: ReportFigure, axes: Axes, names: list[str], rows: pd.DataFrame, say: Words
) -> None:
    """Say both shares at each cut-off or date, ours with its interval where there is one."""
    told = []
    for name, row in zip(names, rows.to_dict("records"), strict=True):
        ours = share_text(row["negative"])
        if not is_missing(row.get("low")):
            low, high = share_text(row["low"]), share_text(row["high"])
            interval = range_text(low, high, say.language)
            ours = say("list.with_interval", best=ours, interval=interval)
        told.append(
            say("tip.scores", at=name, theirs=share_text(row["snownlp_negative"]), ours=ours)
        )
    places = rows["cutoff"] if "cutoff" in rows else range(len(rows))
    figure.tell(axes, zip(places, rows["negative"], strict=True), told)


def _draw_distribution(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw which share of the posts lies between two cut-offs, by each score."""
    edges = np.array([0.0, *rows["cutoff"], 1.0])
    for name, color in (("snownlp_negative", ORANGE), ("negative", DARK_BLUE)):
        below = np.array([1.0, *rows[name], 0.0])
        # A withheld cut-off leaves a wider step: the share is spread over it.
        spread = -np.diff(below) / np.diff(edges) * np.diff(edges).min()
        axes.stairs(spread, edges, color=color, lw=1.4)
    _frame_scores(axes)


def _draw_cutoffs(axes: Axes, rows: pd.DataFrame) -> None:
    for name, color in (("snownlp_negative", ORANGE), ("negative", DARK_BLUE)):
        axes.plot(rows["cutoff"], rows[name], color=color, lw=1.4)
    axes.axvline(0.5, color=RULE, lw=1.0, zorder=0)
    _frame_scores(axes)


def _draw_days(axes: Axes, days: pd.DataFrame, setting: Setting, bands: Bands) -> None:
    places, dates = np.arange(len(days)), days["date"].tolist()
    axes.fill_between(places, days["low"], days["high"], color=PALE_BLUE, lw=0)
    for name, color in (("snownlp_negative", ORANGE), ("negative", DARK_BLUE)):
        axes.plot(places, days[name], color=color, lw=line_width(len(days)))
    frame_days(axes, dates, setting, bands)
    axes.set_ylim(0, min(1.0, float(days[["snownlp_negative", "high"]].max().max()) * 1.15))
    _in_percent(axes)


def _frame_scores(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="both", length=2, labelsize=7.8, colors=MUTED)
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    _in_percent(axes)


def _in_percent(axes: Axes) -> None:
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
