"""Figures of where posts come from and go: platforms, channels, funnel, collection, clusters."""

import pandas as pd

from analysis.reporting.numbers import count_text, is_missing, share_text
from analysis.reporting.plots.bars import draw_bars, spell_bars, style_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    Drawing,
    Setting,
    open_canvas,
    wrap,
)  # fmt: skip
from analysis.reporting.plots.day_axes import band_signs, frame_days
from analysis.reporting.plots.keys import Sign, draw_key, room_for
from analysis.reporting.tables import table_or_empty

Tables = dict[str, pd.DataFrame]
GRADES = {"good": PALE_BLUE, "doubtful": PALE_ORANGE, "unfit": GREY}


def plot_platforms(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the twelve platforms that negative items name most."""
    rows = table_or_empty(tables, "platforms")
    if rows.empty:
        return None
    rows = rows.sort_values(["items", "platform"], ascending=[False, True], kind="stable").head(12)
    rows, say = rows.reset_index(drop=True), setting.words
    labels = [say.label(name) for name in rows["platform"]]
    canvas, axes = open_canvas(
        setting, "platforms", height=0.34 * len(rows) + 0.1, left=room_for(labels)
    )
    draw_bars(axes, rows, labels, say)
    return Drawing(
        "platforms", canvas, say("figure.platforms.title"), say("figure.platforms.subtitle"),
        say("figure.platforms.alt", values=spell_bars(rows, labels, say)), rows, ("platforms",),
    )  # fmt: skip


def plot_channels(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw posts by channel with the negative part of each."""
    rows = table_or_empty(tables, "channels")
    rows = rows[rows["items"] > 0] if len(rows) else rows
    if rows.empty:
        return None
    rows = rows.sort_values(["items", "channel"], ascending=[False, True], kind="stable")
    rows, say = rows.reset_index(drop=True), setting.words
    labels = [say.label(name) for name in rows["channel"]]
    canvas, axes = open_canvas(
        setting, "channels", height=0.34 * len(rows) + 0.1, left=room_for(labels)
    )
    axes.barh(range(len(rows)), rows["items"], height=0.56, color=GREY, alpha=0.6)
    axes.barh(range(len(rows)), rows["negative_items"], height=0.56, color=BLUE)
    edge = float(rows["items"].max())
    parts = []
    for position, (label, row) in enumerate(zip(labels, rows.to_dict("records"), strict=True)):
        share = share_text(row["negative_items"] / row["items"])
        values = {"items": count_text(row["items"]), "negative": count_text(row["negative_items"])}
        text = axes.text(
            row["items"] + edge * 0.015, position, share, va="center", size=9.2, color=DARK_BLUE
        )
        axes.annotate(
            f"  {values['negative']} / {values['items']}", xy=(1, 0.5), xycoords=text,
            va="center", size=8.2, color=MUTED,
        )  # fmt: skip
        parts.append(say("figure.channels.part", label=label, share=share, **values))
    style_bars(axes, labels, edge)
    return Drawing(
        "channels", canvas, say("figure.channels.title"), say("figure.channels.subtitle"),
        say("figure.channels.alt", values=say("list.semicolon").join(parts)), rows, ("channels",),
    )  # fmt: skip


def plot_funnel(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the posts left after each step and what each step dropped."""
    rows = table_or_empty(tables, "funnel")
    if rows.empty:
        return None
    rows, say = rows.reset_index(drop=True), setting.words
    labels = [step_label(step, setting) for step in rows["step"]]
    canvas, axes = open_canvas(
        setting, "funnel", height=0.42 * len(rows) + 0.1, left=room_for(labels)
    )
    edge = float(max(rows["posts_in"].max(), rows["posts_out"].max(), 1))
    axes.barh(range(len(rows)), rows["posts_in"], height=0.56, color=PALE_ORANGE, zorder=1)
    axes.barh(range(len(rows)), rows["posts_out"], height=0.56, color=BLUE, zorder=2)
    for position, row in enumerate(rows.to_dict("records")):
        out = axes.text(
            max(row["posts_in"], row["posts_out"]) + edge * 0.015, position,
            count_text(row["posts_out"]), va="center", size=9.2, color=INK,
        )  # fmt: skip
        if row["dropped"]:
            axes.annotate(
                "  " + say("figure.funnel.dropped", dropped=count_text(row["dropped"])),
                xy=(1, 0.5), xycoords=out, va="center", size=8.2, color=ORANGE,
            )  # fmt: skip
    style_bars(axes, labels, edge, room=1.42)
    parts = [
        say("figure.funnel.part", step=label, out=count_text(out))
        for label, out in zip(labels, rows["posts_out"], strict=True)
    ]
    return Drawing(
        "funnel", canvas, say("figure.funnel.title"), say("figure.funnel.subtitle"),
        say("figure.funnel.alt", values=say("list.semicolon").join(parts)), rows, ("funnel",),
    )  # fmt: skip


def step_label(step: str, setting: Setting) -> str:
    """Name a step of the pipeline; an unknown one keeps its own name."""
    return setting.words.texts.get(f"step.{step}", str(step).replace("_", " "))


def plot_coverage(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw all posts by day, coloured by the grade of the day's collection."""
    daily, grades = table_or_empty(tables, "daily"), table_or_empty(tables, "coverage")
    if daily.empty or grades.empty:
        return None
    say = setting.words
    totals = daily[daily["grievance"] == "all"].set_index("date")["items"]
    rows = grades.sort_values("date", kind="stable").reset_index(drop=True)
    rows["items"] = rows["date"].map(totals).fillna(0)
    canvas, axes = open_canvas(setting, "coverage", height=2.3, left=0.7)
    colors = [GRADES.get(str(grade), GREY) for grade in rows["grade"]]
    axes.bar(range(len(rows)), rows["items"], width=0.78, color=colors, zorder=2)
    days = rows["date"].astype(str).tolist()
    frame_days(axes, days, setting, tables)
    axes.set_ylim(0, max(float(rows["items"].max()), 1.0) * 1.1)
    parts = [
        say(
            "figure.coverage.part", grade=say.label(grade),
            n=int((rows["grade"].astype(str) == grade).sum()),
        )
        for grade in GRADES
    ]  # fmt: skip
    signs = [Sign(part, color) for part, color in zip(parts, GRADES.values(), strict=True)]
    draw_key(canvas, signs + band_signs(days, setting, {}))
    return Drawing(
        "collection_coverage", canvas, say("figure.coverage.title"),
        say("figure.coverage.subtitle"),
        say("figure.coverage.alt", values=say("list.semicolon").join(parts)), rows,
        ("coverage", "daily"),
    )  # fmt: skip


def plot_clusters(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the clusters of negative items; those outside the codebook stand out."""
    rows = table_or_empty(tables, "clusters")
    if rows.empty:
        return None
    rows = rows.sort_values(["items", "cluster"], ascending=[False, True], kind="stable").head(15)
    rows, say = rows.reset_index(drop=True), setting.words
    outside = [is_outside(value) for value in rows["covered"]]
    labels = [wrap(str(label), 34).split("\n")[0] for label in rows["label"]]
    canvas, axes = open_canvas(
        setting, "clusters", height=0.34 * len(rows) + 0.1, left=room_for(labels)
    )
    colors = [ORANGE if flag else PALE_BLUE for flag in outside]
    draw_bars(axes, rows[["items"]], labels, say, colors=colors)
    return Drawing(
        "clusters", canvas, say("figure.clusters.title"), say("figure.clusters.subtitle"),
        say("figure.clusters.alt", values=spell_bars(rows[["items"]], labels, say)), rows,
        ("clusters",),
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
