"""Figures of what people complain about: codes against the published values, and their parts."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Transform

from analysis.reporting.numbers import scale_text
from analysis.reporting.plots.bars import best_values, draw_bars, has_intervals, spell_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    Drawing,
    Setting,
    open_canvas,
)  # fmt: skip
from analysis.reporting.tables import qualified_sub

Tables = dict[str, pd.DataFrame]
STRANDS = {
    "price_surge": "surge",
    "price_drop_after_purchase": "drop",
    "price_protection_refused": "drop",
    "promotion_gimmick": "gimmick",
}


def plot_grievances(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw negative items a code, with intervals and the published values at this scale."""
    rows = _codes_with_apps(tables, setting)
    if rows.empty:
        return None
    say = setting.words
    labels = rows["label"].tolist()
    bare = "" if has_intervals(rows) else "_bare"
    canvas, axes = open_canvas(
        setting, "grievances", height=0.36 * len(rows) + 0.55, left=2.15,
        subtitle=say(f"figure.grievances.subtitle{bare}"),
    )  # fmt: skip
    draw_bars(axes, rows, labels, say)
    _mark_published(axes, rows, setting)
    axes.set_ylim(len(rows) + 0.5, -0.6)
    return Drawing(
        "grievances", canvas, say("figure.grievances.title"),
        say(f"figure.grievances.subtitle{bare}"),
        say("figure.grievances.alt", values=spell_bars(rows, labels, say)),
        rows.drop(columns="label"), ("counts", "platforms"),
    )  # fmt: skip


def _codes_with_apps(tables: Tables, setting: Setting) -> pd.DataFrame:
    """Put the codes by size, then the apps for which the model report printed a count."""
    counts = tables.get("counts", pd.DataFrame({"grievance": [], "items": []}))
    codes = counts[~counts["grievance"].isin(["all", "negative"])].copy()
    codes["order"] = -best_values(codes)
    codes = codes.sort_values(["order", "grievance"], kind="stable").drop(columns="order")
    codes["label"] = [setting.words.label(code) for code in codes["grievance"]]
    published = setting.study.published.platforms if setting.study.published else {}
    platforms = tables.get("platforms", pd.DataFrame({"platform": []}))
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
    rows["published_scaled"] = rows["published"].astype(float) * setting.scale
    return rows


def _mark_published(axes: Axes, rows: pd.DataFrame, setting: Setting) -> None:
    """Set an orange mark at each published value, and the key below the bars."""
    say, last = setting.words, len(rows)
    marked = rows["published_scaled"].dropna()
    corrected = has_intervals(rows)
    fill = PALE_BLUE if corrected else BLUE
    text = say(f"figure.grievances.{'estimate' if corrected else 'items'}")
    for position, value in enumerate(rows["published_scaled"]):
        ends = [position - 0.4, position + 0.4]
        axes.plot([value, value], ends, color=ORANGE, lw=2.4, zorder=3)
    style = {"size": 8.4, "va": "center", "color": INK}
    axes.barh([last], [0.03], height=0.34, color=fill, transform=_row(axes))
    if corrected:
        axes.plot([0, 0.03], [last, last], color=DARK_BLUE, lw=1.6, transform=_row(axes))
        axes.plot([0.015], [last], "o", color=DARK_BLUE, ms=4.2, transform=_row(axes))
    key = axes.text(0.04, last, text, transform=_row(axes), **style)
    if len(marked):
        times = "" if setting.scale == 1 else f" × {scale_text(setting.scale)}"
        place = {"xy": (1, 0.5), "xycoords": key, "textcoords": "offset points"}
        axes.annotate("┃", xytext=(14, 0), **place, **(style | {"color": ORANGE}))
        words = say("figure.grievances.published", times=times)
        axes.annotate(words, xytext=(26, 0), **place, **style)


def _row(axes: Axes) -> Transform:
    return axes.get_yaxis_transform()


def plot_red_envelopes(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the sub-grievances of red envelopes."""
    rows = _subs(tables, "red_envelope", setting)
    return None if rows.empty else _plot_subs("envelopes", "red_envelopes", rows, setting)


def plot_price(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the sub-grievances of price in their two strands and the rest."""
    rows = _subs(tables, "price", setting)
    if rows.empty:
        return None
    rows["strand"] = [STRANDS.get(sub.split(".")[-1], "other") for sub in rows["sub_grievance"]]
    order = {"surge": 0, "drop": 1, "gimmick": 2, "other": 3}
    rows = rows.sort_values("strand", key=lambda s: s.map(order), kind="stable")
    rows = rows.reset_index(drop=True)
    fills = {"surge": PALE_ORANGE, "drop": PALE_BLUE, "gimmick": GREY, "other": GREY}
    say = setting.words
    rows["label"] = [
        f"{label}\n{say(f'figure.price.strand_{strand}')}" if strand != "other" else label
        for label, strand in zip(rows["label"], rows["strand"], strict=True)
    ]
    return _plot_subs("price", "price_strands", rows, setting, [fills[s] for s in rows["strand"]])


def _subs(tables: Tables, grievance: str, setting: Setting) -> pd.DataFrame:
    """Take the parts of one code, largest first."""
    table = tables.get("sub_grievances", pd.DataFrame({"grievance": []}))
    rows = table[table["grievance"] == grievance].copy()
    if rows.empty:
        return rows
    rows["sub_grievance"] = [qualified_sub(grievance, sub) for sub in rows["sub_grievance"]]
    rows["order"] = -best_values(rows)
    rows = rows.sort_values(["order", "sub_grievance"], kind="stable").drop(columns="order")
    rows["label"] = [setting.words.label(sub) for sub in rows["sub_grievance"]]
    return rows.reset_index(drop=True)


def _plot_subs(
    key: str, name: str, rows: pd.DataFrame, setting: Setting, colors: list[str] | None = None
) -> Drawing:
    say, labels = setting.words, rows["label"].tolist()
    canvas, axes = open_canvas(setting, key, height=0.5 * len(rows) + 0.1, left=1.9)
    draw_bars(axes, rows, labels, say, colors=colors)
    flat = [label.replace("\n", say("list.comma")) for label in labels]
    return Drawing(
        name, canvas, say(f"figure.{key}.title"), say(f"figure.{key}.subtitle"),
        say(f"figure.{key}.alt", values=spell_bars(rows, flat, say)),
        rows.drop(columns="label"), ("sub_grievances",),
    )  # fmt: skip
