"""Figures of who is named and where posts come from."""

import pandas as pd

from analysis.numbers import count_text, share_text
from analysis.reporting.estimates import total_posts
from analysis.reporting.plots.bars import draw_bars, has_intervals, spell_bars, style_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    GREY,
    MUTED,
    Drawing,
    Setting,
    open_canvas,
    own_counts,
)  # fmt: skip
from analysis.reporting.plots.keys import room_for
from analysis.reporting.tables import table_or_empty

Tables = dict[str, pd.DataFrame]


def plot_platforms(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the twelve platforms that negative items name most."""
    rows = table_or_empty(tables, "platforms")
    if rows.empty:
        return None
    rows = rows.sort_values(["items", "platform"], ascending=[False, True], kind="stable").head(12)
    rows, say = rows.reset_index(drop=True), setting.words
    labels = [say.label(name) for name in rows["platform"]]
    subtitle = own_counts(setting, "platforms", has_intervals=has_intervals(rows))
    posts = total_posts(tables)
    canvas, axes = open_canvas(
        setting, "platforms", height=0.34 * len(rows) + 0.1, left=room_for(labels),
        subtitle=subtitle,
    )  # fmt: skip
    draw_bars(axes, rows, labels, say, posts=posts)
    values = spell_bars(rows, labels, say, posts=posts)
    return Drawing(
        "platforms", canvas, say("figure.platforms.title"), subtitle,
        say("figure.platforms.alt", values=values), rows, ("platforms",),
    )  # fmt: skip


def plot_channels(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw posts by channel with the negative part of each."""
    rows = table_or_empty(tables, "channels")
    rows = rows[rows["items"] > 0] if len(rows) else rows
    if rows.empty:
        return None
    rows = rows.sort_values(["items", "channel"], ascending=[False, True], kind="stable")
    labels = [setting.words.label(name) for name in rows["channel"]]
    return _draw_parts("channels", rows.reset_index(drop=True), labels, "items", setting)


def plot_ratings(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw negative items by stars: those with five are few of many, so all posts get no bar."""
    rows = table_or_empty(tables, "ratings")
    rows = rows[rows["items"] > 0] if len(rows) else rows
    if rows.empty:
        return None
    labels = [setting.words(f"stars.{stars}") for stars in rows["stars"]]
    return _draw_parts("ratings", rows.reset_index(drop=True), labels, "negative_items", setting)


def _draw_parts(
    name: str, rows: pd.DataFrame, labels: list[str], longest: str, setting: Setting
) -> Drawing:
    """Draw negative items of each row, before all its items where these are the longest bar."""
    say, subtitle = setting.words, own_counts(setting, name)
    canvas, axes = open_canvas(
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
    return Drawing(
        name, canvas, say(f"figure.{name}.title"), subtitle,
        say(f"figure.{name}.alt", values=say("list.semicolon").join(parts)), rows, (name,),
    )  # fmt: skip
