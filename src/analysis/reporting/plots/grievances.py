"""Figures of what people complain about: codes against the published values, and their parts."""

import pandas as pd

from analysis.numbers import scale_text
from analysis.reporting.estimates import best_values, is_told_code, total_posts
from analysis.reporting.plots.bars import draw_bars, has_intervals, spell_bars
from analysis.reporting.plots.canvas import (
    BLUE,
    GREY,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    Drawing,
    Setting,
    open_canvas,
    own_counts,
)  # fmt: skip
from analysis.reporting.plots.keys import Sign, draw_key, room_for
from analysis.reporting.tables import qualified_sub

Tables = dict[str, pd.DataFrame]
STRANDS = {
    "price_surge": "surge",
    "price_drop_after_purchase": "drop",
    "price_protection_refused": "drop",
}
STRAND_COLORS = {"surge": PALE_ORANGE, "drop": PALE_BLUE, "other": GREY}


def plot_grievances(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw negative items a code, with intervals and the published values at this scale."""
    rows = _codes_with_apps(tables, setting)
    if rows.empty:
        return None
    say, labels = setting.words, rows["label"].tolist()
    bare = "" if has_intervals(rows) else "_bare"
    subtitle = say(f"figure.grievances.subtitle{bare}")
    canvas, axes = open_canvas(
        setting, "grievances", height=0.36 * len(rows) + 0.1, left=room_for(labels),
        subtitle=subtitle,
    )  # fmt: skip
    posts = total_posts(tables)
    draw_bars(axes, rows, labels, say, posts=posts)
    draw_key(canvas, _signs(rows, setting))
    return Drawing(
        "grievances", canvas, say("figure.grievances.title"), subtitle,
        say("figure.grievances.alt", values=spell_bars(rows, labels, say, posts=posts)),
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


def _signs(rows: pd.DataFrame, setting: Setting) -> list[Sign]:
    say = setting.words
    if has_intervals(rows):
        signs = [Sign(say("figure.grievances.estimate"), PALE_BLUE, "interval")]
        if rows["high"].isna().any():
            signs.append(Sign(say("figure.grievances.items"), GREY))
    else:
        signs = [Sign(say("figure.grievances.items"), BLUE)]
    if rows["published_scaled"].notna().any():
        times = "" if setting.scale == 1 else f" × {scale_text(setting.scale)}"
        signs.append(Sign(say("figure.grievances.published", times=times), ORANGE, "mark"))
    return signs


def plot_red_envelopes(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the sub-grievances of red envelopes."""
    rows = _subs(tables, "red_envelope", setting)
    if rows.empty:
        return None
    return _plot_subs(("envelopes", "red_envelopes"), rows, setting, total_posts(tables))


def plot_price(tables: Tables, setting: Setting) -> Drawing | None:
    """Draw the sub-grievances of price in their two strands and the rest."""
    rows = _subs(tables, "price", setting)
    if rows.empty:
        return None
    rows["strand"] = [STRANDS.get(sub.split(".")[-1], "other") for sub in rows["sub_grievance"]]
    order = {strand: number for number, strand in enumerate(STRAND_COLORS)}
    rows = rows.sort_values("strand", key=lambda s: s.map(order), kind="stable")
    rows = rows.reset_index(drop=True)
    colors = [STRAND_COLORS[strand] for strand in rows["strand"]]
    drawing = _plot_subs(("price", "price_strands"), rows, setting, total_posts(tables), colors)
    strands = [strand for strand in STRAND_COLORS if strand in set(rows["strand"])]
    draw_key(
        drawing.canvas,
        [Sign(setting.words(f"figure.price.strand_{s}"), STRAND_COLORS[s]) for s in strands],
    )
    return drawing


def _subs(tables: Tables, grievance: str, setting: Setting) -> pd.DataFrame:
    """Take the parts of one code, largest first."""
    table = tables.get("sub_grievances", pd.DataFrame({"grievance": [], "items": []}))
    rows = table[table["grievance"] == grievance].copy()
    if not rows["items"].astype(float).fillna(0).any() or not is_told_code(grievance, tables):
        return rows.head(0)
    rows["sub_grievance"] = [qualified_sub(grievance, sub) for sub in rows["sub_grievance"]]
    rows["order"] = -best_values(rows)
    rows = rows.sort_values(["order", "sub_grievance"], kind="stable").drop(columns="order")
    rows["label"] = [setting.words.label(sub) for sub in rows["sub_grievance"]]
    return rows.reset_index(drop=True)


def _plot_subs(
    names: tuple[str, str], rows: pd.DataFrame, setting: Setting, posts: float,
    colors: list[str] | None = None,
) -> Drawing:  # fmt: skip
    key, name = names
    say, labels = setting.words, rows["label"].tolist()
    subtitle = own_counts(setting, key, has_intervals=has_intervals(rows))
    canvas, axes = open_canvas(
        setting, key, height=0.42 * len(rows) + 0.1, left=room_for(labels), subtitle=subtitle
    )
    draw_bars(axes, rows, labels, say, posts=posts, colors=colors)
    return Drawing(
        name, canvas, say(f"figure.{key}.title"), subtitle,
        say(f"figure.{key}.alt", values=spell_bars(rows, labels, say, posts=posts)),
        rows.drop(columns="label"), ("sub_grievances",),
    )  # fmt: skip
