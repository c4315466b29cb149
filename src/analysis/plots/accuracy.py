"""Figures of accuracy: agreement of coders, causes of error, the usual script beside the coder."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.coding.codebook import load_codebook
from analysis.frames import AnyFrame
from analysis.numbers import decimal_text, range_text
from analysis.plots.bars import style_bars
from analysis.plots.frame import (
    BLUE,
    DARK_BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    WIDTH,
    ReportFigure,
    blank_figure,
    drawable,
    make_setting,
    nothing_to_show,
    room_for,
    stamp,
    take_table,
    themed,
    wrap,
)
from analysis.words import Words, load_words


def _open_axes(
    height: float,
    margins: tuple[float, float, float, float],
    lines: tuple[str, str, str],
    lowest: float,
) -> tuple[ReportFigure, Axes]:
    """Open a figure of its own headline, subtitle and source line, these `lowest` inches up.

    The margins are those of the data: left, right, top and bottom, in inches.
    """
    left, right, top, bottom = margins
    total = height + top + bottom
    figure = blank_figure(total)
    looks = ((0.30, 14.5, INK), (0.60, 9.2, MUTED), (total - lowest, 7.4, MUTED))
    for text, (y, size, color) in zip(lines, looks, strict=True):
        figure.text(0.12 / WIDTH, 1 - y / total, text, va="center", size=size, color=color)
    box = (left / WIDTH, bottom / total, (WIDTH - left - right) / WIDTH, height / total)
    return figure, figure.add_axes(box)


# Agreement of coders: one point with its interval a label.

# Platforms have too many names for a figure: their row is the whole set of a post.
_COLORS = {"negative": INK, "voice": DARK_BLUE, "platform": INK, "grievance": BLUE,
          "sub_grievance": ORANGE}  # fmt: skip


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
    title, subtitle = say("figure.agreement.title"), say("figure.agreement.subtitle")
    source = wrap(say("figure.agreement.source", posts=int(rows["posts"].max())), 150)
    figure, axes = _open_axes(
        0.19 * len(rows) + 0.2, (2.35, 0.75, 0.95, 0.75), (title, subtitle, source), 0.25
    )
    _points(axes, rows, labels)
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
    return figure.describe(title, subtitle, say("list.semicolon").join(alt), rows)


def _label(name: str, say: Words) -> str:
    voices = load_codebook().voices
    if name in voices:
        names = next(names for voice, names in voices.items() if voice == name)
        return names.zh if say.language == "zh" else names.en
    whole = {"voice": "figure.agreement.voice", "platforms": "figure.agreement.platforms"}
    return say(whole[name]) if name in whole else say.label(name)


def _points(axes: Axes, rows: pd.DataFrame, labels: list[str]) -> None:
    for at, (_, row) in enumerate(rows.iterrows()):
        color = _COLORS.get(row["kind"], INK)
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


# Errors of a coder by cause: one bar a cause, its share beside it.

_CAUSE_COLORS = {"negative": BLUE, "codes": ORANGE, "voice": DARK_BLUE}


@themed
def plot_error_causes(table: AnyFrame, *, language: str = "zh") -> ReportFigure:
    """Draw how many errors each cause has, in the order of the table.

    Parameters
    ----------
    table
        pandas or Polars table: `about` (`negative`, `codes` or `voice`), `cause, errors, posts`.
    language
        `zh` or `en`.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows; `table` has the rows drawn.

    Raises
    ------
    CaodianError
        When a column is missing, or the language is another.

    Examples
    --------
    >>> rows = pd.DataFrame([("codes", "neighbour_code", 3, 60, 0.05)], columns=[
    ...     "about", "cause", "errors", "posts", "share"])
    >>> plot_error_causes(rows, language="en").alt
    'wrong neighbour code 3 of 60'
    """
    say, table = load_words(language), take_table(table, ["about", "cause", "errors", "posts"])
    if table.empty:
        return nothing_to_show(make_setting(language, source=""), "error_causes", table)
    labels = [say(f"figure.error_causes.{cause}") for cause in table["cause"]]
    values = [
        say("figure.error_causes.value", errors=int(errors), posts=int(posts))
        for errors, posts in zip(table["errors"], table["posts"], strict=True)
    ]
    title, subtitle = say("figure.error_causes.title"), say("figure.error_causes.subtitle")
    figure, axes = _open_axes(
        0.27 * len(table) + 0.1,
        (room_for(labels), 0.3, 0.85, 0.4),
        (title, subtitle, say("figure.error_causes.source")),
        0.18,
    )
    _bars(axes, table, labels, values)
    alt = [f"{label} {value}" for label, value in zip(labels, values, strict=True)]
    return figure.describe(title, subtitle, say("list.semicolon").join(alt), table)


def _bars(axes: Axes, table: pd.DataFrame, labels: list[str], values: list[str]) -> None:
    edge = max(float(table["errors"].max()), 1.0)
    colors = [_CAUSE_COLORS[about] for about in table["about"]]
    axes.barh(range(len(table)), table["errors"], height=0.56, color=colors, zorder=2)
    for at, (errors, value) in enumerate(zip(table["errors"], values, strict=True)):
        axes.text(errors + edge * 0.015, at, value, va="center", color=INK, size=9.0)
    style_bars(axes, labels, edge)


# The counts of the usual script and of the coder, as multiples of what was planted.

_SIDES = {"script_items": ORANGE, "coder_items": BLUE}


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
    table = take_table(table, ["label", "planted", *_SIDES])
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
    title, subtitle = say("figure.hardness.title"), say("figure.hardness.subtitle")
    height = 0.32 * len(rows) + 0.1
    figure, axes = _open_axes(
        height, (2.5, 0.3, 1.2, 0.7), (title, subtitle, say("figure.hardness.source")), 0.16
    )
    stamp(figure, say("scale.simulated_short"), height + 1.2 + 0.7)
    _multiples(axes, rows, say)
    return figure.describe(title, subtitle, say("list.semicolon").join(alt), rows)


def _multiples(axes: Axes, rows: pd.DataFrame, say: Words) -> None:
    axes.axvline(1, color=INK, lw=1.0, zorder=2)
    shares = rows[list(_SIDES)].div(rows["planted"], axis=0)
    for at in range(len(rows)):
        axes.plot(shares.loc[at], [at, at], color=RULE, lw=2.0, zorder=1)
    for name, color in _SIDES.items():
        label = drawable(say(f"figure.hardness.{name}"))
        axes.plot(shares[name], range(len(rows)), "o", color=color, ms=5.5, zorder=3, label=label)
    axes.set_yticks(range(len(rows)), [drawable(say.label(name)) for name in rows["label"]])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(1.2, float(shares.max().max()) * 1.05) if len(rows) else 1.2)
    axes.set_xlabel(say("figure.hardness.axis"), size=8.5)
    axes.grid(axis="x", color=RULE)
    axes.tick_params(axis="both", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=8.5)
