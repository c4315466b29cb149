"""The specification curve: every defensible choice of a trend claim, sorted by what it finds."""

from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from analysis.frames import AnyFrame
from analysis.measures.specification import CHOICES
from analysis.numbers import change_text
from analysis.plots.arguments import Look, Setting, make_setting, take_table
from analysis.plots.frame import (
    TOP,
    LegendEntry,
    ReportFigure,
    draw_legend,
    nothing_to_show,
    open_frame,
    report_figure,
)
from analysis.plots.style import BLUE, GREY, INK, MUTED, ORANGE, PALE_BLUE, RULE, WIDTH
from analysis.words import Words

_LEFT, _RIGHT = 2.0, 0.3  # inches
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
    'Would another sound choice give the same trend?'
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
    panels = [(str(name), rows) for name, rows in table.groupby("claim_id", sort=False)]
    grids = [_grid(rows) for _, rows in panels]
    heights = [_TITLE + _CURVE + _ROW * len(grid) + _GAP for grid in grids]
    figure = open_frame(setting, "specifications", height=sum(heights), margins=(_LEFT, _RIGHT))
    top = TOP + 0.1
    for (name, rows), grid, height in zip(panels, grids, heights, strict=True):
        _panel(_Place(figure, top), name, rows, grid, setting)
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

    def axes(self, y: float, height: float) -> Axes:
        """Add axes of this height, ``y`` below the top of the panel."""
        width = WIDTH - _LEFT - _RIGHT
        return self.figure.add_panel(_LEFT, self.top + y + height, width, height)

    def title(self, text: str) -> None:
        """Write the headline of the panel."""
        self.figure.write(0.12, self.top + 0.2, text, size=9.5, color=INK, va="center")


def _panel(
    place: _Place, claim: str, rows: pd.DataFrame, grid: list[tuple[str, str]], setting: Setting
) -> None:
    say = setting.words
    rows = rows.sort_values("specification").reset_index(drop=True)
    title = say(
        "figure.specifications.panel", claim=claim, label=say.label(str(rows["grievance"].iloc[0])),
        held=int(rows["holds"].sum()), tested=len(rows),
    )  # fmt: skip
    place.title(_with_own_measure(title, claim, rows, setting))
    curve = place.axes(_TITLE, _CURVE)
    _draw_curve(curve, rows)
    _draw_grid(place.axes(_TITLE + _CURVE + 0.06, _ROW * len(grid)), rows, grid, say)
    for claimed in () if setting.study is None else setting.study.claims:
        if claimed.id == claim and claimed.expected == "flat":
            curve.axhspan(-0.1, 0.1, color=ORANGE, alpha=0.18, lw=0, zorder=0)
    curve.axhline(0, color=ORANGE, lw=1.0, zorder=1)


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
