"""Figures of how sure a finding is.

Specification curves, event days against the others, and topics that more or fewer texts are in.
"""

from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from analysis.frames import AnyFrame
from analysis.measures.specification import CHOICES
from analysis.minimum import LEAST_CONFIDENCE
from analysis.numbers import (
    change_range_text,
    change_text,
    decimal_text,
    is_missing,
    number_text,
    range_text,
    share_text,
)
from analysis.plots.arguments import Look, Setting, make_setting, take_table
from analysis.plots.axes import End, is_narrow, name_rows, room_beside, write_end
from analysis.plots.findings import name_codes
from analysis.plots.frame import (
    EDGE,
    TOP,
    LegendEntry,
    ReportFigure,
    draw_legend,
    nothing_to_show,
    open_figure,
    open_frame,
    report_figure,
)
from analysis.plots.style import (
    BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PALE_BLUE,
    RULE,
    fit_lines,
)
from analysis.words import Words

_LEFT, _RIGHT = 2.0, 0.3  # inches
_NARROW_LEFT = 0.55
_TITLE, _CURVE, _ROW, _GAP = 0.42, 1.5, 0.125, 0.5
_ESTABLISHED = ("growth", "decline", "flat")
_WIDEST = 3.0  # the axis ends at +300 %


@report_figure
def plot_specifications(
    specifications: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw for each trend claim the estimates of all specifications above the choices made.

    Parameters
    ----------
    specifications
        pandas or Polars table of a run, `specifications`: `claim_id, specification, grievance`, one
        column a choice (`unit, threshold, event_days, days_dropped, coverage, correction`),
        `growth, low, high` (changes over the window as fractions) and `holds`; and for the
        headline `verdict`, where it is there.

    Examples
    --------
    >>> rows = pd.DataFrame({"claim_id": ["C7"], "specification": [1], "grievance": ["price"],
    ...                      "growth": [0.1], "low": [-0.1], "high": [0.3], "holds": [True]})
    >>> rows = rows.assign(**{choice: "x" for choice in CHOICES})
    >>> plot_specifications(rows, language="en").title
    'The trend worked out in other sound ways'
    """
    setting = make_setting(**look)
    table = take_table(
        specifications,
        ["claim_id", "specification", "grievance", *CHOICES, "growth", "low", "high", "holds"],
    )
    if table.empty:
        return nothing_to_show(setting, "specifications", table)
    say = setting.words
    setting = setting.saying(_say_established(table, say))
    panels = [
        (str(name), rows.sort_values("specification").reset_index(drop=True))
        for name, rows in table.groupby("claim_id", sort=False)
    ]
    # On a telephone the choices have no room: their table has them, and the wide figure.
    narrow = setting.is_narrow
    grids = [[] if narrow else _grid(rows) for _, rows in panels]
    titles = [_fit_title(_title(name, rows, setting), setting) for name, rows in panels]
    heights = [
        _TITLE + 0.17 * title.count("\n") + _CURVE + _ROW * len(grid) + (0.1 if narrow else _GAP)
        for title, grid in zip(titles, grids, strict=True)
    ]
    margins = (_NARROW_LEFT, EDGE) if narrow else (_LEFT, _RIGHT)
    subtitle = say(f"figure.specifications.subtitle{'_narrow' * narrow}")
    figure = open_frame(
        setting, "specifications", height=sum(heights), margins=margins, subtitle=subtitle
    )
    top = TOP + 0.1
    each = zip(panels, titles, grids, heights, strict=True)
    for (name, rows), title, grid, height in each:
        _panel(_Place(figure, top, margins, title), name, rows, grid, setting)
        top += height
    draw_legend(
        figure,
        [
            LegendEntry(say("figure.specifications.holds"), BLUE),
            LegendEntry(say("figure.specifications.fails"), GREY),
            LegendEntry(say("figure.specifications.published"), ORANGE, "line"),
        ],
    )
    parts = say("list.semicolon").join(_spell(name, rows, setting) for name, rows in panels)
    return figure.describe(
        setting.title("specifications"), say("figure.specifications.subtitle"),
        say("figure.specifications.alt", values=parts), table,
    )  # fmt: skip


def _say_established(table: pd.DataFrame, say: Words) -> str:
    """State how many specifications establish what, where their verdicts are there."""
    if "verdict" not in table:
        return ""
    sizes = {verdict: int((table["verdict"] == verdict).sum()) for verdict in _ESTABLISHED}
    parts = [say(f"figure.specifications.{name}", n=n) for name, n in sizes.items() if n]
    claims = table["claim_id"].nunique()
    key = ("found" if claims == 1 else "several") + ("" if parts else "_none")
    label = say.label(str(table["grievance"].iloc[0]))
    return say(
        f"figure.specifications.{key}", claims=claims, label=label, tested=len(table),
        parts=say("list.comma").join(parts),
    )  # fmt: skip


def _grid(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """List the choices that differ between specifications, each with its values."""
    grid = []
    for choice in CHOICES:
        values = sorted(rows[choice].astype(str).unique())
        if len(values) > 1:
            grid += [(choice, value) for value in values]
    return grid


@dataclass(frozen=True)
class _Place:
    """Where on the figure a panel stands, in inches from the top."""

    figure: ReportFigure
    top: float
    margins: tuple[float, float]
    title: str

    def axes(self, y: float, height: float) -> Axes:
        """Add axes of this height, ``y`` below the headline of the panel."""
        left, right = self.margins
        width = self.figure.layout.width - left - right
        low = self.top + 0.17 * self.title.count("\n") + y + height
        return self.figure.add_panel(left, low, width, height)

    def write_title(self) -> None:
        """Write the headline of the panel."""
        edge = EDGE if self.figure.is_narrow else 0.12
        place = {"va": "top", "linespacing": 1.25} if "\n" in self.title else {"va": "center"}
        top = self.top + (0.13 if "\n" in self.title else 0.2)
        self.figure.write(edge, top, self.title, size=9.5, color=INK, **place)


def _panel(
    place: _Place, claim: str, rows: pd.DataFrame, grid: list[tuple[str, str]], setting: Setting
) -> None:
    place.write_title()
    curve = place.axes(_TITLE, _CURVE)
    _draw_curve(curve, rows)
    _tell(place.figure, curve, rows, setting)
    if grid:
        height = _ROW * len(grid)
        _draw_grid(place.axes(_TITLE + _CURVE + 0.06, height), rows, grid, setting.words)
    for claimed in () if setting.study is None else setting.study.claims:
        if claimed.id == claim and claimed.expected == "flat":
            curve.axhspan(-0.1, 0.1, color=ORANGE, alpha=0.18, lw=0, zorder=0)
    curve.axhline(0, color=ORANGE, lw=1.0, zorder=1)


def _title(claim: str, rows: pd.DataFrame, setting: Setting) -> str:
    """Say in how many specifications a claim holds."""
    title = setting.words(
        "figure.specifications.panel", claim=claim,
        label=setting.words.label(str(rows["grievance"].iloc[0])),
        held=int(rows["holds"].sum()), tested=len(rows),
    )  # fmt: skip
    return _with_own_measure(title, claim, rows, setting)


def _fit_title(title: str, setting: Setting) -> str:
    """Break the headline of a panel at the width of the figure."""
    width = setting.size_for(_CURVE)[0] - (2 * EDGE if setting.is_narrow else 0.12 + _RIGHT)
    return "\n".join(fit_lines(title, width, 9.5))


def _tell(figure: ReportFigure, axes: Axes, rows: pd.DataFrame, setting: Setting) -> None:
    """Say the lowest, middle and highest estimate; thousands of them are too many to walk."""
    say, last = setting.words, len(rows) - 1
    shown = {0: "lowest", last // 2: "middle", last: "highest"}
    told = [
        say(
            f"tip.{key}", best=change_text(rows["growth"].iloc[place]),
            interval=change_range_text(
                rows["low"].iloc[place], rows["high"].iloc[place], say.language
            ),
        )
        for place, key in shown.items()
    ]  # fmt: skip
    ends = [min(float(rows["growth"].iloc[place]), _WIDEST) for place in shown]
    figure.tell(axes, zip(shown, ends, strict=True), told)


def _with_own_measure(text: str, claim: str, rows: pd.DataFrame, setting: Setting) -> str:
    """Add in how many a claim holds by the measure that it speaks of, which the study says."""
    claims = [] if setting.study is None else setting.study.claims
    for measure in [one.measure for one in claims if one.id == claim]:
        own = rows[rows["measure"] == measure]
        if 0 < len(own) < len(rows):
            return setting.words(
                "figure.specifications.own", text=text, tested=len(own),
                held=int(own["holds"].sum()), measure=setting.words(f"specification.{measure}"),
            )  # fmt: skip
    return text


def _draw_curve(axes: Axes, rows: pd.DataFrame) -> None:
    x = np.arange(len(rows))
    holds = rows["holds"].astype(bool).to_numpy()
    high = np.minimum(rows["high"].astype(float), _WIDEST)
    axes.vlines(x, rows["low"], high, color=np.where(holds, PALE_BLUE, RULE), lw=0.9, zorder=2)
    colors = np.where(holds, BLUE, GREY)
    axes.scatter(x, np.minimum(rows["growth"], _WIDEST), s=5, c=colors, zorder=3, linewidths=0)
    axes.set_xlim(-1, len(rows))
    axes.set_xticks([])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: change_text(value)))
    axes.tick_params(axis="y", length=0, labelsize=8, labelcolor=MUTED)
    axes.grid(axis="y", color=RULE)
    axes.spines["bottom"].set_visible(False)


def _draw_grid(axes: Axes, rows: pd.DataFrame, grid: list[tuple[str, str]], say: Words) -> None:
    holds = rows["holds"].astype(bool).to_numpy()
    for at, (choice, value) in enumerate(grid):
        chosen = (rows[choice].astype(str) == value).to_numpy()
        for kind, color in ((holds, BLUE), (~holds, GREY)):
            axes.scatter(
                np.flatnonzero(chosen & kind), np.full((chosen & kind).sum(), at), marker="|", s=18,
                c=color, linewidths=0.9,
            )  # fmt: skip
        if at and grid[at - 1][0] != choice:
            axes.axhline(at - 0.5, color=RULE, lw=0.7)
    names = [
        f"{say(f'specification.{choice}')} · {say.texts.get(f'specification.{value}', value)}"
        for choice, value in grid
    ]
    axes.set_yticks(range(len(grid)), names, size=7.2, color=MUTED)
    axes.set_ylim(len(grid) - 0.4, -0.6)
    axes.set_xlim(-1, len(rows))
    axes.set_xticks([])
    axes.tick_params(axis="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _spell(claim: str, rows: pd.DataFrame, setting: Setting) -> str:
    say = setting.words
    text = say(
        "figure.specifications.part", claim=claim,
        label=say.label(str(rows["grievance"].iloc[0])), held=int(rows["holds"].sum()),
        tested=len(rows), low=change_text(rows["growth"].min()),
        high=change_text(rows["growth"].max()),
    )  # fmt: skip
    return _with_own_measure(text, claim, rows, setting)


# Event days against the others: one row a code, a dot with its interval, no difference at 1.

_RATIO_ROW, _RATIO_ENDS = 0.34, (0.25, 4.0)
_HIGHER, _LOWER, _SAME = "higher", "lower", "no_difference"
_COLORS = {_HIGHER: ORANGE, _LOWER: BLUE, _SAME: MUTED}
_TICKS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4)


@report_figure
def plot_event_days(
    ratios: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw by how much the share of each code is larger on event days than on others.

    Parameters
    ----------
    ratios
        pandas or Polars table of a run, `event_days`: `grievance, ratio, low, high, verdict`
        (higher, lower, no_difference or not_testable).

    Returns
    -------
    ReportFigure
        Codes that could not be tested are named below and not drawn; they are the last rows of
        `table`.

    Examples
    --------
    >>> ratios = pd.DataFrame({"grievance": ["price"], "ratio": [1.8], "low": [1.3], "high": [2.5],
    ...                        "verdict": ["higher"]})
    >>> plot_event_days(ratios, language="en").title
    'On event days, a larger share for price'
    """
    setting = make_setting(**look)
    table = take_table(ratios, ["grievance", "ratio", "low", "high", "verdict"])
    known = table["ratio"].notna()
    rows = table[known].sort_values(["ratio", "grievance"], ascending=[False, True], kind="stable")
    rows, say = rows.reset_index(drop=True), setting.words
    if rows.empty:
        return nothing_to_show(setting, "event_days", rows)
    setting = setting.saying(_say_differences(rows, say))
    left_out = [say.inside(str(name)) for name in table.loc[~known, "grievance"]]
    note = say("figure.event_days.left_out", names=say("list.comma").join(left_out))
    labels = [say.label(str(name)) for name in rows["grievance"]]
    figure, axes = open_figure(
        setting, "event_days", height=_RATIO_ROW * len(rows) + 0.2,
        left=room_beside(setting, labels), right=0.3 if setting.is_narrow else 1.45,
        has_legend=True, note=note if left_out else "",
    )  # fmt: skip
    _draw_ratios(axes, rows, labels, say)
    told = [f"{label} {_spell_ratio(row, say)}" for label, (_, row) in zip(
        labels, rows.iterrows(), strict=True)]  # fmt: skip
    figure.tell(axes, zip(rows["ratio"], range(len(rows)), strict=True), told, along="y")
    shown = [name for name in _COLORS if (rows["verdict"] == name).any()]
    draw_legend(
        figure, [LegendEntry(say(f"figure.event_days.{n}"), _COLORS[n], "point") for n in shown]
    )
    alt = say("figure.event_days.alt", values=say("list.semicolon").join(told))
    table = pd.concat([rows, table[~known]], ignore_index=True) if left_out else rows
    return figure.describe(
        setting.title("event_days"), say("figure.event_days.subtitle"), alt, table
    )


def _say_differences(rows: pd.DataFrame, say: Words) -> str:
    """State what takes a larger or smaller share on event days; or that nothing clearly does."""
    parts = []
    for way in (_HIGHER, _LOWER):
        codes = rows.loc[rows["verdict"] == way, "grievance"].astype(str).tolist()
        if codes:
            parts.append(say(f"figure.event_days.{way}_named", names=name_codes(codes, say)))
    if not parts:
        return say("figure.event_days.none", n=len(rows))
    return say("figure.event_days.found", parts=say("figure.found.and").join(parts))


def _draw_ratios(axes: Axes, rows: pd.DataFrame, labels: list[str], say: Words) -> None:
    axes.axvline(1, color=GREY, lw=1.0, zorder=1)
    ends = [End("", _spell_ratio(row, say)) for _, row in rows.iterrows()]
    for place, (_, row) in enumerate(rows.iterrows()):
        color = _COLORS.get(str(row["verdict"]), MUTED)
        if not is_missing(row["low"]):
            axes.plot([row["low"], row["high"]], [place] * 2, color=color, lw=1.8, zorder=2)
        axes.plot([row["ratio"]], [place], "o", color=color, ms=5.5, zorder=3)
        if is_narrow(axes):
            write_end(axes, (0.0, place), ends[place])
            continue
        axes.annotate(
            ends[place].small, xy=(1, place), xycoords=("axes fraction", "data"),
            xytext=(8, 0), textcoords="offset points", va="center", size=8.2, color=MUTED,
        )  # fmt: skip
    reach = [float(rows["low"].min()) * 0.95, float(rows["high"].max()) * 1.05]
    low, high = max(min(reach[0], 0.7), _RATIO_ENDS[0]), min(max(reach[1], 1.4), _RATIO_ENDS[1])
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    axes.set_xticks(ticks, [f"×{number_text(tick)}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    name_rows(axes, labels, ends, has_ticks=True)
    axes.tick_params(axis="both", length=0)
    axes.tick_params(axis="x", labelsize=7.8, labelcolor=MUTED)
    axes.grid(axis="x", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)


def _spell_ratio(row: pd.Series, say: Words) -> str:
    """Write a ratio with its interval."""
    best = f"×{decimal_text(row['ratio'])}"
    if is_missing(row["low"]):
        return best
    low, high = (decimal_text(row[end]) for end in ("low", "high"))
    return say("list.with_interval", best=best, interval=range_text(low, high, say.language))


# Topics: the more texts are in one, the less the resamples agree on which.


@report_figure
def plot_topic_agreement(
    curve: AnyFrame,
    **look: Unpack[Look],
) -> ReportFigure:
    """Draw how far resamples agree on the topic of a text, against how many texts have one.

    Parameters
    ----------
    curve
        pandas or Polars table of `TopicClusters.curve`: `confidence, assigned, agreement`.

    Returns
    -------
    ReportFigure
        One point a bar of confidence; that of the labels is named.

    Examples
    --------
    >>> curve = pd.DataFrame({"confidence": [0.5, 0.7, 0.9], "assigned": [0.95, 0.84, 0.6],
    ...                       "agreement": [0.8, 0.9, 0.97]})
    >>> plot_topic_agreement(curve, language="en").title
    '84.0% of the texts have a topic; 90.0% of the resamples agree on it'
    """
    setting = make_setting(**look)
    rows = take_table(curve, ["confidence", "assigned", "agreement"])
    rows = rows[rows["agreement"].notna()].sort_values("confidence").reset_index(drop=True)
    if rows.empty:
        return nothing_to_show(setting, "topic_agreement", rows)
    say = setting.words
    told = [
        say(
            "figure.topic_agreement.part", bar=decimal_text(row["confidence"]),
            assigned=share_text(row["assigned"]), agreement=share_text(row["agreement"]),
        )
        for _, row in rows.iterrows()
    ]  # fmt: skip
    labels = (rows["confidence"] - LEAST_CONFIDENCE).abs() < _SAME_BAR
    if labels.any():
        chosen = rows[labels].iloc[0]
        setting = setting.saying(
            say(
                "figure.topic_agreement.found", assigned=share_text(chosen["assigned"]),
                agreement=share_text(chosen["agreement"]),
            )
        )  # fmt: skip
    figure, axes = open_figure(setting, "topic_agreement", height=2.2, left=0.55)
    axes.plot(rows["assigned"], rows["agreement"], color=BLUE, lw=1.6, zorder=2)
    axes.scatter(
        rows["assigned"], rows["agreement"], s=np.where(labels, 46, 20),
        c=np.where(labels, ORANGE, BLUE).tolist(), zorder=3,
    )  # fmt: skip
    figure.tell(axes, zip(rows["assigned"], rows["agreement"], strict=True), told)
    percent = FuncFormatter(lambda value, _: f"{round(100 * value)}%")
    axes.xaxis.set_major_formatter(percent)
    axes.yaxis.set_major_formatter(percent)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.05)
    if setting.ax is not None:  # in place of the subtitle; a long source line has no room below it
        axes.set_xlabel(say("figure.topic_agreement.assigned"), size=8.2, color=MUTED)
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", length=0, labelsize=7.8, labelcolor=MUTED)
    alt = say("figure.topic_agreement.alt", values=say("list.semicolon").join(told))
    subtitle = say("figure.topic_agreement.subtitle")
    return figure.describe(setting.title("topic_agreement"), subtitle, alt, rows)


_SAME_BAR = 1e-6
