"""Figures of what people complain about: by code, by topic, and in which words."""

from collections.abc import Collection, Hashable, Sequence
from datetime import date
from typing import Any, Unpack

import numpy as np
import pandas as pd
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from analysis.errors import CaodianError
from analysis.frames import AnyFrame
from analysis.measures.quantities import best_values, qualified_sub
from analysis.numbers import count_text, period_text, scale_text, share_text
from analysis.plots.arguments import Look, Setting, make_setting, take_other, take_table
from analysis.plots.axes import (
    End,
    band_entries,
    draw_bars,
    find_bands,
    frame_days,
    has_intervals,
    inches_of,
    lay_panels,
    line_width,
    marker_for,
    room_beside,
    spell_bars,
    style_bars,
    write_end,
)
from analysis.plots.findings import (
    compare_strands,
    name_leader,
    tell_terms,
    tell_total,
)
from analysis.plots.frame import (
    EDGE,
    TOP,
    LegendEntry,
    ReportFigure,
    draw_legend,
    nothing_to_show,
    open_figure,
    open_frame,
    own_counts,
    report_figure,
)
from analysis.plots.style import (
    BLUE,
    DARK_BLUE,
    GREY,
    INK,
    LEAST,
    MUTED,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    WIDTH,
    display_width,
    drawable,
    fit_lines,
    room_for,
    shorten,
    text_width,
)
from analysis.study.periods import list_periods, period_start
from analysis.words import Words

_STRANDS = {
    "price_surge": "surge",
    "price_drop_after_purchase": "drop",
    "price_protection_refused": "drop",
}
_STRAND_COLORS = {"surge": PALE_ORANGE, "drop": PALE_BLUE, "other": GREY}
_APP, _SCALED = "platform:", "published_scaled"
_TOTALS = ("all", "negative")
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
        any `estimate, low, high` of an audit and `published` counts. Rows `platform:…` are apps.
    platforms
        Table of `count_grievances(posts, by="platform")`, for the apps that the study has a
        published count of; they are drawn below the codes.

    Returns
    -------
    ReportFigure
        `table` has first `all` posts and all `negative` items, of which the headline speaks, then
        the codes and apps that are drawn; `published_scaled` is the published count at the scale
        of the corpus.

    Examples
    --------
    >>> counts = pd.DataFrame({"grievance": ["all", "negative", "price"], "items": [9, 4, 3]})
    >>> plot_grievances(counts, language="en").alt
    'Bar chart of negative items by kind: Price 3.'
    """
    setting = make_setting(**look)
    counts = take_table(counts, ["grievance", "items"])
    twice = counts["grievance"][counts["grievance"].duplicated()]
    if len(twice):
        raise CaodianError(
            "each grievance must have one row",
            value=str(twice.iloc[0]),
            remedy="Give count_grievances(posts), which counts by nothing else.",
        )
    rows = _codes_with_apps(counts, take_other(platforms, ["platform", "items"]), setting)
    if rows.empty:
        return nothing_to_show(setting, "grievances", rows)
    say, labels = setting.words, rows["label"].tolist()
    codes = rows[~rows["grievance"].str.startswith(_APP)]
    setting = setting.saying(
        name_leader(
            "grievances", codes, [say.inside(code) for code in codes["grievance"]], say,
            total=tell_total(counts, say),
        )
    )  # fmt: skip
    bare = "" if has_intervals(rows) else "_bare"
    subtitle = say(f"figure.grievances.subtitle{bare}")
    figure, axes = open_figure(
        setting, "grievances", height=0.36 * len(rows) + 0.1, left=room_beside(setting, labels),
        subtitle=subtitle, has_legend=True,
    )  # fmt: skip
    draw_bars(axes, rows, labels, say)
    draw_legend(figure, _entries(rows, setting))
    return figure.describe(
        setting.title("grievances"), subtitle,
        say("figure.grievances.alt", values=spell_bars(rows, labels, say)),
        _with_totals(counts, rows.drop(columns="label"), setting),
    )  # fmt: skip


def _with_totals(counts: pd.DataFrame, rows: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Put the counts of all posts and of all negative items first, of which no bar is drawn."""
    totals = counts[counts["grievance"].isin(_TOTALS)].reindex(columns=list(rows))
    parts = [part.astype(object) for part in (_scale(totals, setting), rows)]
    return pd.concat(parts, ignore_index=True).infer_objects()


def _codes_with_apps(
    counts: pd.DataFrame, platforms: pd.DataFrame, setting: Setting
) -> pd.DataFrame:
    """Put the codes by size, then the apps for which the model report printed a count."""
    given = counts[counts["grievance"].astype(str).str.startswith(_APP)]
    codes = counts[~counts["grievance"].isin([*_TOTALS, *given["grievance"]])].copy()
    codes["order"] = -best_values(codes)
    codes = codes.sort_values(["order", "grievance"], kind="stable").drop(columns="order")
    codes["label"] = [setting.words.label(code) for code in codes["grievance"]]
    study = setting.study
    published = study.published.platforms if study is not None and study.published else {}
    named = platforms[platforms["platform"].isin(list(published))].copy()
    named["grievance"] = _APP + named["platform"].astype(str)
    named["published"] = named["platform"].map(published).astype(float)
    named = named if len(named) else given.copy()
    if len(named):
        say = setting.words
        names = named["grievance"].str.removeprefix(_APP)
        named["label"] = [say("figure.grievances.app", name=say.label(name)) for name in names]
        codes = pd.concat([codes, named], ignore_index=True)
    columns = [
        "grievance", "items", "families", "authors", "estimate", "low", "high", "published",
        "carriers",
    ]  # fmt: skip
    rows = codes.reindex(columns=[*columns, "label", _SCALED]).reset_index(drop=True)
    return _scale(rows, setting)


def _scale(rows: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """Put published counts at the scale of the corpus, where the table does not have them."""
    scaled = rows["published"].astype(float) * (setting.scale or 1.0)
    return rows.assign(**{_SCALED: rows[_SCALED].astype(float).fillna(scaled)})


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
    planted: AnyFrame | None = None,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the sub-grievances of one code as dots; those of price as bars in their two strands.

    Parameters
    ----------
    sub_grievances
        pandas or Polars table of `count_grievances(posts, by="sub_grievance")`: `grievance,
        sub_grievance, items`, and where there are any `estimate, low, high`.
    grievance
        The code, such as `price`.
    planted
        Table of a simulated run, `planted` (`grievance, items`): what was put in, as rings; else
        a column `planted`.

    Returns
    -------
    ReportFigure
        `table` has the rows of the code as they are drawn, `planted` where it is known, and of
        price the `strand`.

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
    known = take_other(planted, ["grievance", "items"])
    if len(known):
        put_in = dict(zip(known["grievance"].astype(str), known["items"], strict=True))
        rows["planted"] = rows["sub_grievance"].map(put_in).astype(float)
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
    setting = setting.saying(_find_part(grievance, rows, setting))
    subtitle = own_counts(setting, key, has_intervals=has_intervals(rows))
    figure, axes = open_figure(
        setting,
        key,
        height=0.42 * len(rows) + 0.1,
        left=room_beside(setting, labels),
        subtitle=subtitle,
        has_legend=True,
    )
    draw_bars(axes, rows, labels, say, colors=colors, as_dots=not colors)
    values = spell_bars(rows, labels, say)
    draw_legend(figure, _entries_of_parts(rows, say))
    return figure.describe(
        setting.title(key), subtitle, say(f"figure.{key}.alt", values=values),
        rows.drop(columns="label"),
    )  # fmt: skip


def _entries_of_parts(rows: pd.DataFrame, say: Words) -> list[LegendEntry]:
    """Explain the strands, or the dots and what stands beside them."""
    if "strand" in rows:
        drawn = [strand for strand in _STRAND_COLORS if strand in set(rows["strand"])]
        return [LegendEntry(say(f"figure.price.strand_{s}"), _STRAND_COLORS[s]) for s in drawn]
    if not has_intervals(rows):
        entries = [LegendEntry(say("figure.grievances.items"), BLUE, "point")]
    else:
        entries = [
            LegendEntry(say("figure.grievances.estimate"), DARK_BLUE, "dot"),
            LegendEntry(say("figure.grievances.items"), MUTED, "mark"),
        ]
    if "planted" in rows and rows["planted"].notna().any():
        entries.append(LegendEntry(say("figure.subs.planted"), ORANGE, "ring"))
    return entries


def _find_part(grievance: str, rows: pd.DataFrame, setting: Setting) -> str:
    """State which part leads, of price which strand."""
    say = setting.words
    if "strand" in rows:
        return compare_strands(rows, say)
    names = [say.inside(sub) for sub in rows["sub_grievance"]]
    return name_leader("subs", rows, names, say, label=say.label(grievance))


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


# Topics: the days and codes of each.

_MOST_PANELS, _MOST_ROWS = 12, 15
_PANEL_LEFT, _PANEL_RIGHT, _PANEL_GAP, _PANEL_ROW, _PANEL_HEIGHT = 0.5, 0.3, 0.42, 1.35, 0.78
_SHADES = LinearSegmentedColormap.from_list("shares", ["#f5f8fa", PALE_BLUE, BLUE, DARK_BLUE])
_NO_CODE = "none"
_DARK_CELL = 0.641  # share from which the shades of a page call for light text instead of ink
_NARROW_LABEL = 1.25  # inches of a topic's name on a telephone
_MOSTLY = 0.5
_LABEL_UNITS, _CELL = 30, 0.3


@report_figure
def plot_cluster_days(
    days: AnyFrame,
    clusters: AnyFrame | None = None,
    *,
    event_days: Collection[str | date] = (),
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the largest topics by day, each in a panel with a scale of its own.

    Parameters
    ----------
    days
        pandas or Polars table of `cluster_topics(posts).count("published_at")`: `cluster, items`
        and `date` or `published_at`.
    clusters
        Table of the topics: `cluster, label, items`. Without it `days` must have `label`, and its
        topics are drawn in the order in which they stand there.
    event_days
        As for `plot_daily`.

    Returns
    -------
    ReportFigure
        At most twelve topics. `table` is `date, cluster, label, items`, topic by topic.

    Examples
    --------
    >>> days = pd.DataFrame({"cluster": [0, 0], "date": ["2020-06-01", "2020-06-03"],
    ...                      "items": [4, 2]})
    >>> clusters = pd.DataFrame({"cluster": [0], "label": ["鲜花·枯萎"], "items": [6]})
    >>> plot_cluster_days(days, clusters, language="en").table["items"].tolist()
    [4.0, 0.0, 2.0]
    """
    dated = take_table(_renamed(days, "published_at", "date"), ["cluster", "date", "items"])
    dated = dated[dated["date"].notna()].assign(
        date=lambda rows: [str(d)[:10] for d in rows["date"]]
    )
    setting = make_setting(**look, dates=sorted(set(dated["date"])), event_days=event_days)
    topics = _topics(clusters, dated, _MOST_PANELS)
    dated = dated[dated["cluster"].isin(topics["cluster"])]
    starts = [
        period_start(date.fromisoformat(day), setting.period).isoformat() for day in dated["date"]
    ]
    # A withheld day leaves its week or month without a count, too.
    cells = dated.assign(date=starts).groupby(["cluster", "date"])["items"]
    dated = cells.agg(lambda counts: counts.sum(skipna=False)).reset_index()
    if dated.empty:
        return nothing_to_show(setting, "cluster_days", dated)
    first, last = (date.fromisoformat(day) for day in (dated["date"].min(), dated["date"].max()))
    calendar = [day.isoformat() for day in list_periods(first, last, setting.period)]
    wide = dated.assign(cluster=dated["cluster"].astype(int)).pivot(
        index="date", columns="cluster", values="items"
    )
    listed = dated.assign(known=1).pivot(index="date", columns="cluster", values="known")
    listed = listed.reindex(calendar)
    wide = wide.astype(float).reindex(calendar).where(listed.notna(), 0.0)
    wide = wide.reindex(columns=topics["cluster"], fill_value=0.0)
    labels = [str(label) for label in topics["label"]]
    names = [label if setting.is_narrow else shorten(label, 24) for label in labels]
    grid, broken = lay_panels(
        setting, [[name] for name in names], (9.0,), left=_PANEL_LEFT, right=_PANEL_RIGHT,
        gap=_PANEL_GAP, heading=0.2, panel=_PANEL_HEIGHT, below=_PANEL_ROW - _PANEL_HEIGHT - 0.2,
    )  # fmt: skip
    height = grid.height(len(topics))
    subtitle = setting.words("figure.cluster_days.subtitle")
    setting = setting.saying(_tell_largest(labels[0], wide.iloc[:, 0], setting))
    figure = open_frame(
        setting, "cluster_days", height=height, margins=(_PANEL_LEFT, _PANEL_RIGHT),
        subtitle=subtitle,
    )  # fmt: skip
    bands, say = find_bands(setting), setting.words
    for number, row in enumerate(topics.to_dict("records")):
        left, low, width, tall = grid.place(number)
        axes = figure.add_panel(left, TOP + low, width, tall)
        series = wide[row["cluster"]]
        axes.plot(
            range(len(calendar)), series, color=DARK_BLUE, lw=line_width(len(calendar)),
            marker=marker_for(series), ms=2.5,
        )  # fmt: skip
        frame_days(axes, calendar, setting, bands, few=True)
        axes.set_ylim(0, max(float(series.fillna(0).max()), 1.0) * 1.15)
        axes.set_title(drawable(broken[number][0]), loc="left", size=9.0, color=INK)
        told = [
            say("tip.day", date=period_text(day, setting.period, say.language),
                value=say("tip.unknown") if np.isnan(value) else count_text(value))
            for day, value in series.items()
        ]  # fmt: skip
        figure.tell(axes, enumerate(series.fillna(0)), [f"{row['label']}\n{t}" for t in told])
    draw_legend(figure, band_entries(calendar, setting, bands))
    values = setting.words("list.semicolon").join(
        f"{row['label']} {count_text(wide[row['cluster']].sum())}"
        for row in topics.to_dict("records")
    )
    table = wide.melt(ignore_index=False, var_name="cluster", value_name="items").reset_index()
    called = table["cluster"].map(dict(zip(topics["cluster"], labels, strict=True)))
    table.insert(2, "label", called)
    return figure.describe(
        setting.title("cluster_days"), subtitle,
        setting.words("figure.cluster_days.alt", values=values), table,
    )  # fmt: skip


def _tell_largest(label: str, series: pd.Series, setting: Setting) -> str:
    """Say how many items the largest topic has and when it has most, where all is shown."""
    top = series[series == series.max()]
    if series.isna().any() or len(series) < 2 or len(top) > 1:
        return ""
    when = period_text(str(top.index[0]), setting.period, setting.words.language)
    return setting.words(
        "figure.cluster_days.found", label=shorten(label, 24), n=count_text(series.sum()),
        date=when, most=count_text(top.iloc[0]),
    )  # fmt: skip


@report_figure
def plot_cluster_codes(
    codes: AnyFrame,
    clusters: AnyFrame | None = None,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw which codes the items of each topic carry, as a table with shaded cells.

    Parameters
    ----------
    codes
        pandas or Polars table of `cluster_topics(posts).count("grievances")`: `cluster, items,
        share` and `grievance` or `grievances`, which is missing (or `none`) for items without a
        code.
    clusters
        Table of the topics: `cluster, label, items`; without it as for `plot_cluster_days`.

    Returns
    -------
    ReportFigure
        At most fifteen topics; an item may carry several codes, so a row may add up to more than
        100 %. `table` is `cluster, label, grievance, items, share`, topic by topic.

    Examples
    --------
    >>> codes = pd.DataFrame({"cluster": [0, 0], "grievance": ["price", None], "items": [3, 1],
    ...                       "share": [0.75, 0.25]})
    >>> clusters = pd.DataFrame({"cluster": [0], "label": ["鲜花·枯萎"], "items": [4]})
    >>> plot_cluster_codes(codes, clusters, language="en").alt
    'Table of topics by kind: 鲜花·枯萎: Price 75.0%.'
    """
    setting = make_setting(**look)
    cells = take_table(
        _renamed(codes, "grievances", "grievance"), ["cluster", "grievance", "items", "share"]
    )
    topics = _topics(clusters, cells, _MOST_ROWS)
    cells = cells.assign(grievance=cells["grievance"].astype(object).fillna(_NO_CODE))
    cells = cells[cells["cluster"].isin(topics["cluster"])]
    if cells.empty:
        return nothing_to_show(setting, "cluster_codes", cells)
    topics = topics[topics["cluster"].isin(cells["cluster"])].reset_index(drop=True)
    order = {cluster: place for place, cluster in enumerate(topics["cluster"])}
    cells = cells.sort_values("cluster", key=lambda s: s.map(order), kind="stable")
    called = cells["cluster"].map(dict(zip(topics["cluster"], topics["label"], strict=True)))
    cells = cells.assign(label=called).reset_index(drop=True)
    cells = cells[["cluster", "label", "grievance", "items", "share"]]
    say = setting.words
    setting = setting.saying(_count_pure(cells, len(topics), say))
    sizes = cells.groupby("grievance")["items"].sum().sort_index()
    names = [str(name) for name in sizes.sort_values(ascending=False, kind="stable").index]
    names = [*(name for name in names if name != _NO_CODE), *([_NO_CODE] * (_NO_CODE in names))]
    grid = cells.pivot(index="cluster", columns="grievance", values="share").astype(float)
    known = cells.assign(known=1).pivot(index="cluster", columns="grievance", values="known")
    grid = grid.where(known.notna(), 0.0).reindex(index=topics["cluster"], columns=names)
    labels = [shorten(str(label), _LABEL_UNITS) for label in topics["label"]]
    heads = [
        say("figure.cluster_codes.none") if name == _NO_CODE else shorten(say.label(name), 28)
        for name in names
    ]
    narrow, most = setting.is_narrow, max(map(display_width, heads))
    lift = 0.15 + most * (0.93 if narrow else 0.5)  # inches of the slanted names above
    if narrow:
        labels = ["\n".join(fit_lines(str(one), _NARROW_LABEL, LEAST)) for one in topics["label"]]
    cell = _CELL if not narrow else 0.06 + 0.16 * max(label.count("\n") + 1 for label in labels)
    figure, axes = open_figure(
        setting, "cluster_codes", height=cell * len(topics) + lift,
        left=_NARROW_LABEL + 0.12 if narrow else room_for(labels),
        right=0.3 + most * 0.37 if narrow else max(0.3, lift * 0.8),
    )  # fmt: skip
    axes.imshow(
        np.ma.masked_invalid(grid.to_numpy()), cmap=_SHADES, vmin=0, vmax=1, aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    for (down, across), share in np.ndenumerate(grid.to_numpy()):
        text = "–" if np.isnan(share) else share_text(share) if share else ""
        color = "white" if share >= _DARK_CELL else INK
        if text_width(text, LEAST) < inches_of(axes)[0] / len(names) or not narrow:
            axes.text(across, down, text, ha="center", va="center", size=7.8, color=color)
    for across, head in enumerate(heads):
        axes.text(
            across - 0.15, -0.6, drawable(head), rotation=68 if narrow else 38,
            rotation_mode="anchor", size=8.2, color=INK,
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks(range(len(labels)), [drawable(label) for label in labels])
    axes.tick_params(axis="y", length=0, labelsize=8.6)
    axes.spines[:].set_visible(False)
    axes.set_ylim(len(topics) - 0.5, -0.5 - lift / cell)
    told = [
        say(
            "tip.share", label=label, code=head, share="–" if np.isnan(share) else share_text(share)
        )
        for label, shares in zip(topics["label"], grid.to_numpy(), strict=True)
        for head, share in zip(heads, shares, strict=True)
    ]
    cells_at = [(at, down) for down in range(len(topics)) for at in range(len(names))]
    figure.tell(axes, cells_at, told, along="xy")
    top = grid.drop(columns=_NO_CODE, errors="ignore")
    parts = [
        say("figure.cluster_codes.part", label=label, code=say.label(top.columns[place]),
            share=share_text(row[place]))
        for label, row in zip(labels, top.fillna(0).to_numpy(), strict=True)
        if len(row) and row[(place := int(row.argmax()))] > 0
    ]  # fmt: skip
    return figure.describe(
        setting.title("cluster_codes"), say("figure.cluster_codes.subtitle"),
        say("figure.cluster_codes.alt", values=say("list.semicolon").join(parts)), cells,
    )  # fmt: skip


def _count_pure(cells: pd.DataFrame, topics: int, say: Words) -> str:
    """Count the topics of which more than half carry one code."""
    most = cells[(cells["grievance"] != _NO_CODE) & (cells["share"].astype(float) > _MOSTLY)]
    pure = most["cluster"].nunique()
    return say(f"figure.cluster_codes.{'found' if pure else 'none_pure'}", n=topics, pure=pure)


def _renamed(table: AnyFrame, name: str, other: str) -> AnyFrame:
    """Give a column the name that tables of a report have."""
    if isinstance(table, pl.DataFrame | pl.LazyFrame):
        return table.rename({name: other}, strict=False)
    return table.rename(columns={name: other}) if isinstance(table, pd.DataFrame) else table


def _topics(clusters: AnyFrame | None, cells: pd.DataFrame, most: int) -> pd.DataFrame:
    """Take the largest topics with their names; else those of the cells, in their order."""
    if clusters is None:
        named = take_table(cells, ["cluster", "label"])[["cluster", "label"]]
        return named.drop_duplicates("cluster").head(most).reset_index(drop=True)
    rows = take_table(clusters, ["cluster", "label", "items"])
    rows = rows.sort_values(["items", "cluster"], ascending=[False, True], kind="stable")
    return rows.head(most).reset_index(drop=True)


# Words that tell two selections apart, those of one at the left, of the other at the right.

_SIDE_GAP = 0.5


@report_figure
def plot_terms(
    terms: AnyFrame,
    names: Sequence[str] = (),
    *,
    negative: bool = False,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw the words that tell two selections of posts apart, one at each side.

    Parameters
    ----------
    terms
        pandas or Polars table of `compare_terms(first, second)`: `term, share_first, share_second,
        z`.
    names
        What the two are called, such as two platforms; the headline then says which words each
        has more of.
    negative
        Whether the posts are negative items alone, which the headline then says.

    Returns
    -------
    ReportFigure
        Bars are z, the log-odds over their standard error; beside them the share of the texts of
        either selection that hold the word.

    Examples
    --------
    >>> terms = pd.DataFrame({"term": ["快递", "价格"], "share_first": [0.5, 0.0],
    ...                       "share_second": [0.1, 0.4], "z": [6.1, -5.2]})
    >>> plot_terms(terms, ["淘宝", "京东"], language="en").alt
    'Words of Taobao: 快递 50.0% : 10.0%. Words of JD.com: 价格 40.0% : 0%.'
    """
    setting = make_setting(**look)
    rows = take_table(terms, ["term", "share_first", "share_second", "z"])
    rows = rows[rows["z"].notna()].reset_index(drop=True)
    if rows.empty:
        return nothing_to_show(setting, "terms", rows)
    say = setting.words
    given = [*map(say.label, map(str, names)), "", ""][:2]
    called = [name or say(f"figure.terms.{side}") for name, side in zip(given, _SIDES, strict=True)]
    sides = [rows[rows["z"] > 0], rows[rows["z"] < 0]]
    if all(given):
        words = [side["term"].astype(str).tolist() for side in sides]
        setting = setting.saying(tell_terms(given, words, say, negative=negative))
    longest = max(map(len, sides))
    height = 0.3 * longest + 0.12
    narrow = setting.is_narrow
    figure = open_frame(
        setting, "terms", height=2 * height + 0.7 if narrow else height,
        margins=(EDGE, EDGE) if narrow else (0.12, 0.3),
    )  # fmt: skip
    width = setting.width - 2 * EDGE if narrow else (WIDTH - 0.42 - _SIDE_GAP) / 2
    edge = float(rows["z"].abs().max())
    panels = [
        figure.add_panel(
            EDGE if narrow else 0.12 + number * (width + _SIDE_GAP),
            TOP + height + (number * (height + 0.3) + 0.3 if narrow else 0), width, height - 0.1,
        )
        for number in range(2)
    ]  # fmt: skip
    for number, (name, side, color) in enumerate(zip(called, sides, (BLUE, ORANGE), strict=True)):
        axes = panels[number]
        spelt = [_spell_shares(row, number) for row in side.to_dict("records")]
        written = [drawable(str(term)) for term in side["term"]]
        if narrow:
            axes.barh(range(len(side)), side["z"].abs(), height=0.56, color=color, alpha=0.8)
            for place, shares in enumerate(spelt):
                write_end(axes, (0, place), End("", shares))
            style_bars(axes, written, edge, ends=[(0.0, End("", shares)) for shares in spelt])
            axes.spines[:].set_visible(False)
        else:
            _draw_side(axes, side, (edge, longest), color, to_left=number == 0)
        places = zip(side["z"].abs(), range(len(side)), strict=True)
        figure.tell(
            axes, places, [f"{w} {s}" for w, s in zip(written, spelt, strict=True)], along="y"
        )
        to_right = number == 0 and not narrow
        axes.set_title(drawable(name), loc="right" if to_right else "left", size=9.6, color=color)
    parts = [
        say("list.comma").join(
            f"{row['term']} {_spell_shares(row, number)}" for row in side.to_dict("records")
        )
        or say("text.none")
        for number, side in enumerate(sides)
    ]
    alt = say("figure.terms.alt", first=called[0], second=called[1], ours=parts[0], theirs=parts[1])
    subtitle = say("figure.terms.subtitle")
    return figure.describe(setting.title("terms"), subtitle, alt, rows)


_SIDES = ("first", "second")


def _spell_shares(row: dict[Hashable, Any], side: int) -> str:
    """Write the share of the own side first, then that of the other."""
    own, other = _SIDES[side], _SIDES[1 - side]
    return f"{share_text(row[f'share_{own}'])} : {share_text(row[f'share_{other}'])}"


def _draw_side(
    axes: Axes, rows: pd.DataFrame, extent: tuple[float, int], color: str, *, to_left: bool
) -> None:
    """Draw the bars of one selection from the middle outward, words and shares at their ends."""
    edge, longest = extent
    axes.barh(range(len(rows)), rows["z"].abs(), height=0.6, color=color, alpha=0.8)
    for place, row in enumerate(rows.to_dict("records")):
        at, side = abs(row["z"]) + edge * 0.03, "right" if to_left else "left"
        axes.text(at, place, drawable(row["term"]), va="center", ha=side, size=9.2, color=INK)
        shares = _spell_shares(row, 0 if to_left else 1)
        axes.text(edge * 2.05, place, shares, va="center", ha="left" if to_left else "right",
                  size=7.8, color=MUTED)  # fmt: skip
    axes.set_xlim(*((edge * 2.05, 0) if to_left else (0, edge * 2.05)))
    axes.set_ylim(longest - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
