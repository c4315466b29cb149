"""Figures of what people complain about: codes against the published values, and their parts."""

from typing import Unpack

import pandas as pd

from analysis.frames import AnyFrame
from analysis.measures.quantities import best_values, qualified_sub, total_posts
from analysis.numbers import scale_text
from analysis.plots.arguments import Look, Setting, make_setting, take_other, take_table
from analysis.plots.axes import draw_bars, has_intervals, spell_bars
from analysis.plots.frame import (
    LegendEntry,
    ReportFigure,
    draw_legend,
    nothing_to_show,
    open_figure,
    own_counts,
    report_figure,
)
from analysis.plots.style import BLUE, GREY, ORANGE, PALE_BLUE, PALE_ORANGE, room_for

_STRANDS = {
    "price_surge": "surge",
    "price_drop_after_purchase": "drop",
    "price_protection_refused": "drop",
}
_STRAND_COLORS = {"surge": PALE_ORANGE, "drop": PALE_BLUE, "other": GREY}
# Words of their own for the two codes whose parts the model report printed.
_OWN_WORDS = {"price": "price", "red_envelope": "envelopes"}


@report_figure
def plot_grievances(
    counts: AnyFrame,
    platforms: AnyFrame | None = None,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw negative items a code, with intervals and the published values where there are any.

    Parameters
    ----------
    counts
        pandas or Polars table of `count_grievances(posts)`: `grievance, items`, and where there are
        any `estimate, low, high` of an audit and `published` counts.
    platforms
        Table of `count_grievances(posts, by="platform")`, for the apps that the study has a
        published count of; they are drawn below the codes.
    title
        Another headline.
    source
        Where the posts come from, for the source line.
    study
        The study (`load_study`), for the source line and the published counts of platforms.
    scale
        Scale of a simulated corpus, `0.01` for 1:100: published counts are multiplied by it, and
        the figure says that its data are simulated.

    Returns
    -------
    ReportFigure
        A matplotlib figure that a notebook shows; `table` has the rows behind it, empty where
        there was nothing to show, and `alt` says it in words.

    Examples
    --------
    >>> counts = pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [9, 4, 3]})
    >>> plot_grievances(counts, language="en").alt
    'Bar chart of negative items by grievance: Price 3.'
    """
    setting = make_setting(**look)
    counts = take_table(counts, ["grievance", "items"])
    rows = _codes_with_apps(counts, take_other(platforms, ["platform", "items"]), setting)
    if rows.empty:
        return nothing_to_show(setting, "grievances", rows)
    say, labels = setting.words, rows["label"].tolist()
    bare = "" if has_intervals(rows) else "_bare"
    subtitle = say(f"figure.grievances.subtitle{bare}")
    figure, axes = open_figure(
        setting, "grievances", height=0.36 * len(rows) + 0.1, left=room_for(labels),
        subtitle=subtitle, has_legend=True,
    )  # fmt: skip
    posts = total_posts({"counts": counts})
    draw_bars(axes, rows, labels, say, posts=posts)
    draw_legend(figure, _entries(rows, setting))
    return figure.describe(
        setting.title("grievances"), subtitle,
        say("figure.grievances.alt", values=spell_bars(rows, labels, say, posts=posts)),
        rows.drop(columns="label"),
    )  # fmt: skip


def _codes_with_apps(
    counts: pd.DataFrame, platforms: pd.DataFrame, setting: Setting
) -> pd.DataFrame:
    """Put the codes by size, then the apps for which the model report printed a count."""
    codes = counts[~counts["grievance"].isin(["all", "negative"])].copy()
    codes["order"] = -best_values(codes)
    codes = codes.sort_values(["order", "grievance"], kind="stable").drop(columns="order")
    codes["label"] = [setting.words.label(code) for code in codes["grievance"]]
    study = setting.study
    published = study.published.platforms if study is not None and study.published else {}
    named = platforms[platforms["platform"].isin(list(published))].copy()
    if len(named):
        named["grievance"] = "platform:" + named["platform"]
        named["published"] = named["platform"].map(published).astype(float)
        say = setting.words
        named["label"] = [
            say("figure.grievances.app", name=say.label(name)) for name in named["platform"]
        ]
        codes = pd.concat([codes, named], ignore_index=True)
    columns = ["grievance", "items", "families", "authors", "estimate", "low", "high", "published"]
    rows = codes.reindex(columns=[*columns, "label"]).reset_index(drop=True)
    rows["published_scaled"] = rows["published"].astype(float) * (setting.scale or 1.0)
    return rows


def _entries(rows: pd.DataFrame, setting: Setting) -> list[LegendEntry]:
    say = setting.words
    if has_intervals(rows):
        entries = [LegendEntry(say("figure.grievances.estimate"), PALE_BLUE, "interval")]
        if rows["high"].isna().any():
            entries.append(LegendEntry(say("figure.grievances.items"), GREY))
    else:
        entries = [LegendEntry(say("figure.grievances.items"), BLUE)]
    if rows["published_scaled"].notna().any():
        scale = setting.scale or 1.0
        times = "" if scale == 1 else f" × {scale_text(scale)}"
        published = say("figure.grievances.published", times=times)
        entries.append(LegendEntry(published, ORANGE, "mark"))
    return entries


@report_figure
def plot_sub_grievances(
    sub_grievances: AnyFrame,
    grievance: str,
    *,
    posts: float = 0.0,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the sub-grievances of one code; those of price in their two strands and the rest.

    Parameters
    ----------
    sub_grievances
        pandas or Polars table of `count_grievances(posts, by="sub_grievance")`: `grievance,
        sub_grievance, items`, and where there are any `estimate, low, high`.
    grievance
        The code, such as `price`.
    posts
        Number of all posts. A corrected estimate below a hundredth of it is written as "fewer
        than" its upper end.

    Examples
    --------
    >>> subs = pd.DataFrame({"grievance": ["price"], "sub_grievance": ["price.price_surge"],
    ...                      "items": [3]})
    >>> plot_sub_grievances(subs, "price", language="en").alt
    'Bars of price sub-grievances: Price surge 3.'
    """
    key = _OWN_WORDS.get(grievance, "subs")
    table = take_table(sub_grievances, ["grievance", "sub_grievance", "items"])
    setting = make_setting(**look)
    setting = setting.naming(key, grievance, set(table["grievance"]))
    rows = _subs(table, grievance, setting)
    if rows.empty:
        return nothing_to_show(setting, key, rows)
    colors = None
    if grievance == "price":
        rows["strand"] = [
            _STRANDS.get(sub.split(".")[-1], "other") for sub in rows["sub_grievance"]
        ]
        order = {strand: number for number, strand in enumerate(_STRAND_COLORS)}
        rows = rows.sort_values("strand", key=lambda s: s.map(order), kind="stable")
        rows = rows.reset_index(drop=True)
        colors = [_STRAND_COLORS[strand] for strand in rows["strand"]]
    say, labels = setting.words, rows["label"].tolist()
    subtitle = own_counts(setting, key, has_intervals=has_intervals(rows))
    figure, axes = open_figure(
        setting,
        key,
        height=0.42 * len(rows) + 0.1,
        left=room_for(labels),
        subtitle=subtitle,
        has_legend=bool(colors),
    )
    draw_bars(axes, rows, labels, say, posts=posts, colors=colors)
    values = spell_bars(rows, labels, say, posts=posts)
    if colors:
        drawn = [strand for strand in _STRAND_COLORS if strand in set(rows["strand"])]
        draw_legend(
            figure,
            [LegendEntry(say(f"figure.price.strand_{s}"), _STRAND_COLORS[s]) for s in drawn],
        )
    return figure.describe(
        setting.title(key), subtitle, say(f"figure.{key}.alt", values=values),
        rows.drop(columns="label"),
    )  # fmt: skip


def _subs(table: pd.DataFrame, grievance: str, setting: Setting) -> pd.DataFrame:
    """Take the parts of one code, largest first; none where all are empty."""
    rows = table[table["grievance"] == grievance].copy()
    if not rows["items"].astype(float).fillna(0).any():
        return rows.head(0)
    rows["sub_grievance"] = [qualified_sub(grievance, sub) for sub in rows["sub_grievance"]]
    rows["order"] = -best_values(rows)
    rows = rows.sort_values(["order", "sub_grievance"], kind="stable").drop(columns="order")
    rows["label"] = [setting.words.label(sub) for sub in rows["sub_grievance"]]
    return rows.reset_index(drop=True)
