"""How far counts lie off what was planted: the usual script beside the coder."""

import pandas as pd

from analysis.frames import AnyFrame
from analysis.reporting.font import drawable
from analysis.reporting.plots.canvas import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    WIDTH,
    ReportFigure,
    blank_figure,
    make_setting,
    nothing_to_show,
    stamp,
    take_table,
    themed,
)  # fmt: skip
from analysis.reporting.words import Words, load_words

SIDES = {"script_items": ORANGE, "coder_items": BLUE}
ROW, TOP, BOTTOM, LEFT = 0.32, 1.2, 0.7, 2.5  # inches


@themed
def plot_hardness(table: AnyFrame, *, language: str = "zh") -> ReportFigure:
    """Draw the counts of the usual script and of the coder as multiples of what was planted.

    Parameters
    ----------
    table
        pandas or Polars table: `label, planted, script_items, coder_items`, in items;
        rows with nothing planted and the row of means are left out.
    language
        `zh` or `en`.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows, stamped as simulated; `table` has the rows drawn,
        in their order.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> rows = pd.DataFrame([("price", 20, 30, 18)], columns=[
    ...     "label", "planted", "script_items", "coder_items"])
    >>> plot_hardness(rows, language="en").alt
    'Price: 20 planted, script 30, coder 18'
    """
    say = load_words(language)
    table = take_table(table, ["label", "planted", *SIDES])
    kept = (table["planted"] > 0) & (table["label"] != "macro_codes")
    rows = table[kept].reset_index(drop=True)
    if rows.empty:
        return nothing_to_show(make_setting(language, source=""), "hardness", rows)
    alt = [
        say(
            "figure.hardness.alt", label=say.label(row["label"]), planted=row["planted"],
            script=row["script_items"], coder=row["coder_items"],
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    figure = _draw(rows, say)
    return figure.describe(
        say("figure.hardness.title"), say("figure.hardness.subtitle"),
        say("list.semicolon").join(alt), rows,
    )  # fmt: skip


def _draw(rows: pd.DataFrame, say: Words) -> ReportFigure:
    height = ROW * len(rows) + 0.1
    total = height + TOP + BOTTOM
    figure = blank_figure(total)
    for y, text, size, color in (
        (0.30, say("figure.hardness.title"), 14.5, INK),
        (0.60, say("figure.hardness.subtitle"), 9.2, MUTED),
        (total - 0.16, say("figure.hardness.source"), 7.4, MUTED),
    ):
        figure.text(0.12 / WIDTH, 1 - y / total, text, va="center", size=size, color=color)
    stamp(figure, say("scale.simulated_short"), total)
    box = (LEFT / WIDTH, BOTTOM / total, (WIDTH - LEFT - 0.3) / WIDTH, height / total)
    axes = figure.add_axes(box)
    axes.axvline(1, color=INK, lw=1.0, zorder=2)
    shares = rows[list(SIDES)].div(rows["planted"], axis=0)
    for at in range(len(rows)):
        axes.plot(shares.loc[at], [at, at], color=RULE, lw=2.0, zorder=1)
    for name, color in SIDES.items():
        label = drawable(say(f"figure.hardness.{name}"))
        axes.plot(shares[name], range(len(rows)), "o", color=color, ms=5.5, zorder=3, label=label)
    axes.set_yticks(range(len(rows)), [drawable(say.label(name)) for name in rows["label"]])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(1.2, float(shares.max().max()) * 1.05) if len(rows) else 1.2)
    axes.set_xlabel(say("figure.hardness.axis"), size=8.5)
    axes.grid(axis="x", color=RULE)
    axes.tick_params(axis="both", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=8.5
    )  # fmt: skip
    return figure
