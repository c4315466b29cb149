"""The figure of clusters: which negative items go together, and which no code covers."""

from analysis.frames import AnyFrame
from analysis.numbers import is_missing
from analysis.reporting.plots.bars import draw_bars, spell_bars
from analysis.reporting.plots.canvas import (
    ORANGE,
    PALE_BLUE,
    ReportFigure,
    make_setting,
    nothing_to_show,
    open_figure,
    take_table,
    themed,
    wrap,
)  # fmt: skip
from analysis.reporting.plots.keys import room_for
from analysis.study.model import Study

MOST_CLUSTERS = 15


@themed
def plot_clusters(
    clusters: AnyFrame,
    *,
    language: str = "zh",
    title: str | None = None,
    source: str | None = None,
    study: Study | None = None,
    scale: float | None = None,
) -> ReportFigure:
    """Draw the largest clusters of negative items; those outside the codebook stand out.

    Parameters
    ----------
    clusters
        pandas or Polars table of clusters: `cluster, label, items`, and `covered`, the share of
        the items of a cluster that carry a code.
    language, title, source, study, scale
        As for `plot_grievances`.

    Returns
    -------
    ReportFigure
        As `plot_grievances`; at most fifteen clusters.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> import pandas as pd
    >>> clusters = pd.DataFrame({"cluster": [1], "label": ["鲜花·枯萎"], "items": [40],
    ...                          "covered": [0.1]})
    >>> plot_clusters(clusters, language="en").alt
    'Bars of clusters: 鲜花·枯萎 40.'
    """
    setting = make_setting(language, title, source, study, scale)
    rows = take_table(clusters, ["cluster", "label", "items", "covered"])
    if rows.empty:
        return nothing_to_show(setting, "clusters", rows)
    rows = rows.sort_values(["items", "cluster"], ascending=[False, True], kind="stable")
    rows, say = rows.head(MOST_CLUSTERS).reset_index(drop=True), setting.words
    outside = [is_outside(value) for value in rows["covered"]]
    labels = [wrap(str(label), 34).split("\n")[0] for label in rows["label"]]
    figure, axes = open_figure(
        setting, "clusters", height=0.34 * len(rows) + 0.1, left=room_for(labels)
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
