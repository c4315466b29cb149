"""Figures of accuracy: agreement of coders, causes of error, the usual script beside the coder."""

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from analysis.coding.codebook import load_codebook
from analysis.frames import AnyFrame
from analysis.numbers import decimal_text, range_text
from analysis.plots.arguments import Look, Setting, make_setting, take_table
from analysis.plots.axes import End, room_beside, style_bars, write_end
from analysis.plots.frame import (
    LegendEntry,
    ReportFigure,
    draw_legend,
    nothing_to_show,
    open_figure,
    report_figure,
    stamp,
)
from analysis.plots.style import BLUE, DARK_BLUE, INK, MUTED, ORANGE, RULE, drawable
from analysis.words import Words

# Agreement of coders: one point with its interval a label.

# Platforms have too many names for a figure: their row is the whole set of a post.
_COLORS = {"negative": INK, "voice": DARK_BLUE, "platform": INK, "grievance": BLUE,
          "sub_grievance": ORANGE}  # fmt: skip


@report_figure
def plot_agreement(table: AnyFrame, **look: Unpack[Look]) -> ReportFigure:
    """Draw alpha with its interval for the negative item, voices, codes and sub-grievances.

    Parameters
    ----------
    table
        pandas or Polars table of agreement: `kind, label, posts, alpha, alpha_low, alpha_high`.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows; `table` has the rows drawn, in their order.

    Examples
    --------
    >>> rows = pd.DataFrame([("grievance", "price", 90, 0.9, 0.8, 1.0)], columns=[
    ...     "kind", "label", "posts", "alpha", "alpha_low", "alpha_high"])
    >>> plot_agreement(rows, language="en").alt
    'Price 0.90 (0.80 to 1.00)'
    """
    setting = make_setting(**look)
    say = setting.words
    table = take_table(table, ["kind", "label", "posts", "alpha", "alpha_low", "alpha_high"])
    rows = table[(table["kind"] != "platform") | (table["label"] == "platforms")]
    rows = rows.dropna(subset=["alpha"]).reset_index(drop=True)
    if rows.empty:
        return nothing_to_show(setting, "agreement", rows)
    labels = [_label(name, say) for name in rows["label"]]
    figure, axes = open_figure(
        setting, "agreement", height=0.19 * len(rows) + 0.2, left=2.35, right=0.75,
        source=say("figure.agreement.source", posts=int(rows["posts"].max())),
    )  # fmt: skip
    _points(axes, rows, labels)
    values = rows[["alpha", "alpha_low", "alpha_high"]].to_numpy()
    alt = [
        f"{label} "
        + say(
            "list.with_interval",
            best=decimal_text(alpha),
            interval=range_text(decimal_text(low), decimal_text(high), say.language),
        )
        for label, (alpha, low, high) in zip(labels, values, strict=True)
    ]
    return _describe(figure, "agreement", setting, alt, rows)


def _describe(
    figure: ReportFigure, key: str, setting: Setting, parts: list[str], rows: pd.DataFrame
) -> ReportFigure:
    """Keep the words of a figure, which has one part a row."""
    say = setting.words
    return figure.describe(
        setting.title(key), say(f"figure.{key}.subtitle"), say("list.semicolon").join(parts), rows
    )


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


@report_figure
def plot_error_causes(table: AnyFrame, **look: Unpack[Look]) -> ReportFigure:
    """Draw how many errors each cause has, in the order of the table.

    Parameters
    ----------
    table
        pandas or Polars table: `about` (`negative`, `codes` or `voice`), `cause, errors, posts`.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows; `table` has the rows drawn.

    Examples
    --------
    >>> rows = pd.DataFrame([("codes", "neighbour_code", 3, 60, 0.05)], columns=[
    ...     "about", "cause", "errors", "posts", "share"])
    >>> plot_error_causes(rows, language="en").alt
    'wrong neighbour code 3 of 60'
    """
    setting = make_setting(**look)
    say, table = setting.words, take_table(table, ["about", "cause", "errors", "posts"])
    if table.empty:
        return nothing_to_show(setting, "error_causes", table)
    labels = [say(f"figure.error_causes.{cause}") for cause in table["cause"]]
    values = [
        say("figure.error_causes.value", errors=int(errors), posts=int(posts))
        for errors, posts in zip(table["errors"], table["posts"], strict=True)
    ]
    figure, axes = open_figure(
        setting, "error_causes", height=0.27 * len(table) + 0.1, left=room_beside(setting, labels),
        source=say("figure.error_causes.source"),
    )  # fmt: skip
    _bars(axes, table, labels, values)
    alt = [f"{label} {value}" for label, value in zip(labels, values, strict=True)]
    return _describe(figure, "error_causes", setting, alt, table)


def _bars(axes: Axes, table: pd.DataFrame, labels: list[str], values: list[str]) -> None:
    edge = max(float(table["errors"].max()), 1.0)
    colors = [_CAUSE_COLORS[about] for about in table["about"]]
    axes.barh(range(len(table)), table["errors"], height=0.56, color=colors, zorder=2)
    ends = [
        (float(errors), End(value)) for errors, value in zip(table["errors"], values, strict=True)
    ]
    for at, (errors, end) in enumerate(ends):
        write_end(axes, (errors + edge * 0.015, at), end)
    style_bars(axes, labels, edge, ends=ends)


# The counts of the usual script and of the coder, as multiples of what was planted.

_SIDES = {"script_items": ORANGE, "coder_items": BLUE}


@report_figure
def plot_hardness(table: AnyFrame, **look: Unpack[Look]) -> ReportFigure:
    """Draw the counts of the usual script and of the coder as multiples of what was planted.

    Parameters
    ----------
    table
        pandas or Polars table: `label, planted, script_items, coder_items`, in items;
        rows with nothing planted and the row of means are left out.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows, stamped as simulated; `table` has the rows drawn,
        in their order.

    Examples
    --------
    >>> rows = pd.DataFrame([("price", 20, 30, 18)], columns=[
    ...     "label", "planted", "script_items", "coder_items"])
    >>> plot_hardness(rows, language="en").alt
    'Price: 20 planted, script 30, coder 18'
    """
    setting = make_setting(**look)
    say = setting.words
    table = take_table(table, ["label", "planted", *_SIDES])
    kept = (table["planted"] > 0) & (table["label"] != "macro_codes")
    rows = table[kept].reset_index(drop=True)
    if rows.empty:
        return nothing_to_show(setting, "hardness", rows)
    alt = [
        say(
            "figure.hardness.alt", label=say.label(row["label"]), planted=row["planted"],
            script=row["script_items"], coder=row["coder_items"],
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    figure, axes = open_figure(
        setting, "hardness", height=0.32 * len(rows) + 0.1,
        left=room_beside(setting, [say.label(name) for name in rows["label"]]),
        source=say("figure.hardness.source"), has_legend=True,
    )  # fmt: skip
    if not setting.tag:  # what was planted is simulated, whoever draws it
        stamp(figure, say("scale.simulated_short"))
    _multiples(axes, rows, say)
    if setting.ax is not None:  # in place of the subtitle
        axes.set_xlabel(say("figure.hardness.axis"), size=8.5)
    sides = [(say(f"figure.hardness.{name}"), color) for name, color in _SIDES.items()]
    draw_legend(figure, [LegendEntry(text, color, "point") for text, color in sides])
    return _describe(figure, "hardness", setting, alt, rows)


def _multiples(axes: Axes, rows: pd.DataFrame, say: Words) -> None:
    axes.axvline(1, color=INK, lw=1.0, zorder=2)
    shares = rows[list(_SIDES)].div(rows["planted"], axis=0)
    for at in range(len(rows)):
        axes.plot(shares.loc[at], [at, at], color=RULE, lw=2.0, zorder=1)
    for name, color in _SIDES.items():
        axes.plot(shares[name], range(len(rows)), "o", color=color, ms=5.5, zorder=3)
    axes.set_yticks(range(len(rows)), [drawable(say.label(name)) for name in rows["label"]])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(1.2, float(shares.max().max()) * 1.05) if len(rows) else 1.2)
    axes.grid(axis="x", color=RULE)
    axes.tick_params(axis="both", length=0)
    axes.spines["bottom"].set_visible(False)
