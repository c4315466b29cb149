"""Figures of who is named and where posts come from."""

import pandas as pd

from analysis.frames import AnyFrame
from analysis.numbers import count_text, share_text
from analysis.reporting.plots.bars import draw_bars, has_intervals, spell_bars, style_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    GREY,
    MUTED,
    ReportFigure,
    Setting,
    make_setting,
    nothing_to_show,
    open_figure,
    own_counts,
    take_table,
    themed,
)  # fmt: skip
from analysis.reporting.plots.keys import room_for
from analysis.study.model import Study

MOST_PLATFORMS = 12


@themed
def plot_platforms(
    platforms: AnyFrame,
    *,
    posts: float = 0.0,
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw the twelve platforms that negative items name most.

    Parameters
    ----------
    platforms
        pandas or Polars table of `count_grievances(posts, by="platform")`: `platform, items`, and
        where there are any `estimate, low, high`.
    posts
        Number of all posts. A corrected estimate below a hundredth of it is written as "fewer
        than" its upper end.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> platforms = pd.DataFrame({"platform": ["得物"], "items": [3]})
    >>> plot_platforms(platforms, language="en").alt
    'Bars of negative items naming each platform: 得物 3.'
    """
    setting = make_setting(language, title, source, study, scale)
    rows = take_table(platforms, ["platform", "items"])
    if rows.empty:
        return nothing_to_show(setting, "platforms", rows)
    rows = rows.sort_values(["items", "platform"], ascending=[False, True], kind="stable")
    rows, say = rows.head(MOST_PLATFORMS).reset_index(drop=True), setting.words
    labels = [say.label(name) for name in rows["platform"]]
    subtitle = own_counts(setting, "platforms", has_intervals=has_intervals(rows))
    figure, axes = open_figure(
        setting, "platforms", height=0.34 * len(rows) + 0.1, left=room_for(labels),
        subtitle=subtitle,
    )  # fmt: skip
    draw_bars(axes, rows, labels, say, posts=posts)
    values = spell_bars(rows, labels, say, posts=posts)
    return figure.describe(
        setting.title("platforms"), subtitle, say("figure.platforms.alt", values=values), rows
    )


@themed
def plot_channels(
    channels: AnyFrame,
    *,
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw posts by channel with the negative part of each.

    Parameters
    ----------
    channels
        pandas or Polars table of `count_grievances(posts, by="channel")`: `channel, items,
        negative_items`.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> channels = pd.DataFrame({"channel": ["weibo"], "items": [4], "negative_items": [1]})
    >>> plot_channels(channels, language="en").alt
    'Bars by channel: Weibo 4 posts, 1 negative (25.0%).'
    """
    setting = make_setting(language, title, source, study, scale)
    rows = take_table(channels, ["channel", "items", "negative_items"])
    rows = rows[rows["items"] > 0]
    rows = rows.sort_values(["items", "channel"], ascending=[False, True], kind="stable")
    labels = [setting.words.label(name) for name in rows["channel"]]
    return _draw_parts("channels", rows.reset_index(drop=True), labels, "items", setting)


@themed
def plot_ratings(
    ratings: AnyFrame,
    *,
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw negative items by stars: those with five are few of many, so all posts get no bar.

    Parameters
    ----------
    ratings
        pandas or Polars table of a run, `ratings`: `stars` (`1` to `5`, or `none`), `items,
        negative_items`.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> ratings = pd.DataFrame({"stars": ["1"], "items": [4], "negative_items": [3]})
    >>> plot_ratings(ratings, language="en").alt
    'Bars by stars: one star 4 posts, 3 negative (75.0%).'
    """
    setting = make_setting(language, title, source, study, scale)
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
    figure, axes = open_figure(
        setting, name, height=0.34 * len(rows) + 0.1, left=room_for(labels), subtitle=subtitle,
    )  # fmt: skip
    if longest == "items":
        axes.barh(range(len(rows)), rows["items"], height=0.56, color=GREY, alpha=0.6)
    axes.barh(range(len(rows)), rows["negative_items"], height=0.56, color=BLUE)
    edge = max(float(rows[longest].max()), 1.0)
    parts = []
    for position, (label, row) in enumerate(zip(labels, rows.to_dict("records"), strict=True)):
        share = share_text(row["negative_items"] / row["items"])
        values = {"items": count_text(row["items"]), "negative": count_text(row["negative_items"])}
        text = axes.text(
            row[longest] + edge * 0.015, position, share, va="center", size=9.2, color=DARK_BLUE
        )
        axes.annotate(
            f"  {values['negative']} / {values['items']}", xy=(1, 0.5), xycoords=text,
            va="center", size=8.2, color=MUTED,
        )  # fmt: skip
        parts.append(say("figure.channels.part", label=label, share=share, **values))
    style_bars(axes, labels, edge)
    return figure.describe(
        setting.title(name), subtitle,
        say(f"figure.{name}.alt", values=say("list.semicolon").join(parts)), rows,
    )  # fmt: skip
