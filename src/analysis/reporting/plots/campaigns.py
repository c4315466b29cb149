"""Shares of the campaigns of 2019-2024 beside this run: one row a campaign."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.numbers import is_missing
from analysis.reporting.campaigns import OURS
from analysis.reporting.estimates import is_rare, spell_share, total_posts
from analysis.reporting.measured import Measured
from analysis.reporting.plots.canvas import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    TOP,
    WIDTH,
    Drawing,
    Setting,
    open_frame,
)  # fmt: skip
from analysis.reporting.tables import row_of, table_or_empty
from analysis.reporting.words import Words

Tables = dict[str, pd.DataFrame]
PANELS = ("negative", "live_streaming")
LEFT, RIGHT, GAP, ROW = 1.25, 0.75, 0.75, 0.26  # inches


def plot_campaigns(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the negative share, and the share of live-stream selling in the negative items."""
    table = table_or_empty(tables, "campaigns")
    rows = table[table["grievance"].isin(PANELS)] if len(table) else table
    if rows.empty:
        return None
    say = setting.words
    rows = rows.assign(written=[_share(row, tables, say) for _, row in rows.iterrows()])
    campaigns = list(dict.fromkeys(rows["campaign"]))
    height = ROW * len(campaigns) + 0.5
    canvas, total = open_frame(
        setting, "campaigns", height=height, note=say("figure.campaigns.note")
    )
    width = (WIDTH - LEFT - RIGHT - GAP) / len(PANELS)
    for number, name in enumerate(PANELS):
        left = LEFT + number * (width + GAP)
        y, tall = 1 - (TOP + height) / total, (height - 0.45) / total
        axes = canvas.add_axes((left / WIDTH, y, width / WIDTH, tall))
        _draw(axes, rows[rows["grievance"] == name].set_index("campaign"), campaigns)
        axes.set_title(say(f"figure.campaigns.{name}"), loc="left", size=9.2, color=INK)
        labels = [_name(campaign, say) for campaign in campaigns] if number == 0 else []
        axes.set_yticks(range(len(labels)), labels, size=8.6)
    parts = say("list.semicolon").join(
        f"{_name(row['campaign'], say)} {say.label(row['grievance'])} {row['written']}"
        for _, row in rows[rows["share"].notna()].iterrows()
    )
    return Drawing(
        "campaigns", canvas, say("figure.campaigns.title"), say("figure.campaigns.subtitle"), parts,
        rows.drop(columns="written").reset_index(drop=True), ("campaigns", "counts"),
    )  # fmt: skip


def _share(row: pd.Series, tables: Tables, say: Words) -> str:
    """Write the share of a campaign; ours by its upper end where the code is rare."""
    if is_missing(row["share"]):
        return ""
    ends = [None if is_missing(row[end]) else float(row[end]) for end in ("low", "high")]
    counted = row_of(table_or_empty(tables, "counts"), "grievance", row["grievance"])
    rare = row["campaign"] == OURS and counted is not None and is_rare(counted, total_posts(tables))
    return spell_share(Measured(float(row["share"]), *ends), say, rare=rare)


def _name(campaign: str, say: Words) -> str:
    return say.label(campaign)


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
