"""The figure of clusters: which negative items go together, and which no code covers."""

import pandas as pd

from analysis.numbers import is_missing
from analysis.reporting.plots.bars import draw_bars, spell_bars
from analysis.reporting.plots.canvas import (
    ORANGE,
    PALE_BLUE,
    Drawing,
    Setting,
    open_canvas,
    wrap,
)  # fmt: skip
from analysis.reporting.plots.keys import room_for
from analysis.reporting.tables import table_or_empty

Tables = dict[str, pd.DataFrame]


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
