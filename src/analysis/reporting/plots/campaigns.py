"""Shares of the campaigns of 2019-2024 beside this run: one row a campaign."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.frames import AnyFrame
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
    ReportFigure,
    make_setting,
    nothing_to_show,
    open_frame,
    take_other,
    take_table,
    themed,
)  # fmt: skip
from analysis.reporting.tables import row_of
from analysis.reporting.words import Words
from analysis.study.model import Study

PANELS = ("negative", "live_streaming")
LEFT, RIGHT, GAP, ROW = 1.25, 0.75, 0.75, 0.26  # inches


@themed
def plot_campaigns(
    campaigns: AnyFrame,
    counts: AnyFrame | None = None,
    *,
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw the negative share, and the share of live-stream selling in the negative items.

    Parameters
    ----------
    campaigns
        pandas or Polars table of a run, `campaigns`: `campaign` (`this run` or a name such as
        `618-2020`), `grievance, share, low, high`, fractions.
    counts
        Table of `count_grievances(posts)`, which tells whether a code of this run is rare: below a
        hundredth of all posts its share is written as "under" its upper end.
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
    >>> rows = pd.DataFrame({"campaign": ["618-2020"], "grievance": ["negative"], "share": [0.19],
    ...                      "low": [None], "high": [None]})
    >>> plot_campaigns(rows, language="en").alt
    '618-2020 Negative items 19.0%'
    """
    setting = make_setting(language, title, source, study, scale)
    table = take_table(campaigns, ["campaign", "grievance", "share", "low", "high"])
    counted = take_other(counts, ["grievance", "items"])
    rows = table[table["grievance"].isin(PANELS)]
    if rows.empty:
        return nothing_to_show(setting, "campaigns", rows)
    say = setting.words
    rows = rows.assign(written=[_share(row, counted, say) for _, row in rows.iterrows()])
    names = list(dict.fromkeys(rows["campaign"]))
    height = ROW * len(names) + 0.5
    figure, total = open_frame(
        setting, "campaigns", height=height, note=say("figure.campaigns.note")
    )
    width = (WIDTH - LEFT - RIGHT - GAP) / len(PANELS)
    for number, name in enumerate(PANELS):
        left = LEFT + number * (width + GAP)
        y, tall = 1 - (TOP + height) / total, (height - 0.45) / total
        axes = figure.add_axes((left / WIDTH, y, width / WIDTH, tall))
        _draw(axes, rows[rows["grievance"] == name].set_index("campaign"), names)
        axes.set_title(say(f"figure.campaigns.{name}"), loc="left", size=9.2, color=INK)
        labels = [say.label(campaign) for campaign in names] if number == 0 else []
        axes.set_yticks(range(len(labels)), labels, size=8.6)
    parts = say("list.semicolon").join(
        f"{say.label(row['campaign'])} {say.label(row['grievance'])} {row['written']}"
        for _, row in rows[rows["share"].notna()].iterrows()
    )
    return figure.describe(
        setting.title("campaigns"), say("figure.campaigns.subtitle"), parts,
        rows.drop(columns="written").reset_index(drop=True),
    )  # fmt: skip


def _share(row: pd.Series, counts: pd.DataFrame, say: Words) -> str:
    """Write the share of a campaign; ours by its upper end where the code is rare."""
    if is_missing(row["share"]):
        return ""
    ends = [None if is_missing(row[end]) else float(row[end]) for end in ("low", "high")]
    counted = row_of(counts, "grievance", row["grievance"])
    rare = (
        row["campaign"] == OURS
        and counted is not None
        and is_rare(counted, total_posts({"counts": counts}))
    )
    return spell_share(Measured(float(row["share"]), *ends), say, rare=rare)


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
