"""Agreement of coders: one point with its interval a label."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.coding.codebook import load_codebook
from analysis.frames import AnyFrame
from analysis.numbers import decimal_text, range_text
from analysis.reporting.font import drawable
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    WIDTH,
    ReportFigure,
    blank_figure,
    make_setting,
    nothing_to_show,
    take_table,
    themed,
    wrap,
)  # fmt: skip
from analysis.reporting.words import Words, load_words

# Platforms have too many names for a figure: their row is the whole set of a post.
COLORS = {"negative": INK, "voice": DARK_BLUE, "platform": INK, "grievance": BLUE,
          "sub_grievance": ORANGE}  # fmt: skip
ROW, TOP, BOTTOM, LEFT = 0.19, 0.95, 0.75, 2.35  # inches


@themed
def plot_agreement(table: AnyFrame, *, language: str = "zh") -> ReportFigure:
    """Draw alpha with its interval for the negative item, voices, codes and sub-grievances.

    Parameters
    ----------
    table
        pandas or Polars table of agreement: `kind, label, posts, alpha, alpha_low, alpha_high`.
    language
        `zh` or `en`.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows; `table` has the rows drawn, in their order.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> rows = pd.DataFrame([("grievance", "price", 90, 0.9, 0.8, 1.0)], columns=[
    ...     "kind", "label", "posts", "alpha", "alpha_low", "alpha_high"])
    >>> plot_agreement(rows, language="en").alt
    'Price 0.90 (0.80 to 1.00)'
    """
    say = load_words(language)
    table = take_table(table, ["kind", "label", "posts", "alpha", "alpha_low", "alpha_high"])
    rows = table[(table["kind"] != "platform") | (table["label"] == "platforms")]
    rows = rows.dropna(subset=["alpha"]).reset_index(drop=True)
    if rows.empty:
        return nothing_to_show(make_setting(language, source=""), "agreement", rows)
    labels = [_label(name, say) for name in rows["label"]]
    figure = _draw(rows, labels, say)
    values = rows[["alpha", "alpha_low", "alpha_high"]].to_numpy()
    alt = [
        f"{label} "
        + say(
            "list.with_interval",
            best=decimal_text(alpha),
            interval=range_text(decimal_text(low), decimal_text(high), language),
        )
        for label, (alpha, low, high) in zip(labels, values, strict=True)
    ]
    title = say("figure.agreement.title")
    subtitle = say("figure.agreement.subtitle")
    return figure.describe(title, subtitle, say("list.semicolon").join(alt), rows)


def _label(name: str, say: Words) -> str:
    voices = load_codebook().voices
    if name in voices:
        names = next(names for voice, names in voices.items() if voice == name)
        return names.zh if say.language == "zh" else names.en
    whole = {"voice": "figure.agreement.voice", "platforms": "figure.agreement.platforms"}
    return say(whole[name]) if name in whole else say.label(name)


def _draw(rows: pd.DataFrame, labels: list[str], say: Words) -> ReportFigure:
    height = ROW * len(rows) + 0.2
    total = height + TOP + BOTTOM
    figure = blank_figure(total)
    source = wrap(say("figure.agreement.source", posts=int(rows["posts"].max())), 150)
    for y, text, size, color in (
        (0.30, say("figure.agreement.title"), 14.5, INK),
        (0.60, say("figure.agreement.subtitle"), 9.2, MUTED),
        (total - 0.25, source, 7.4, MUTED),
    ):
        figure.text(0.12 / WIDTH, 1 - y / total, text, va="center", size=size, color=color)
    box = (LEFT / WIDTH, BOTTOM / total, (WIDTH - LEFT - 0.75) / WIDTH, height / total)
    _points(figure.add_axes(box), rows, labels)
    return figure


def _points(axes: Axes, rows: pd.DataFrame, labels: list[str]) -> None:
    for at, (_, row) in enumerate(rows.iterrows()):
        color = COLORS.get(row["kind"], INK)
        axes.plot([row["alpha_low"], row["alpha_high"]], [at, at], color=color, lw=1.4, zorder=3)
        axes.plot([row["alpha"]], [at], "o", color=color, ms=4.2, zorder=4, clip_on=False)
        axes.text(
            1.02, at, decimal_text(row["alpha"]), transform=axes.get_yaxis_transform(), va="center",
            color=MUTED, size=8,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), [drawable(label) for label in labels], size=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(min(0.8, float(rows["alpha_low"].min())), 1.0)
    axes.grid(axis="x", color=RULE)
    axes.tick_params(axis="both", length=0)
    axes.spines["bottom"].set_visible(False)
