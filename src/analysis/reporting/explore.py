"""Controls for JupyterLab: choose a code, a unit and days; search a table."""

from collections.abc import Callable
from datetime import date
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd
from IPython.display import Image, display

from analysis.measures.quantities import table_or_empty
from analysis.plots.axes import band_entries, find_bands, frame_days, spread_days
from analysis.plots.frame import draw_legend, make_setting, open_figure, render
from analysis.plots.style import DARK_BLUE, theme
from analysis.reporting.saved_run import SavedRun
from analysis.words import load_words


def browse(run: SavedRun) -> widgets.VBox:
    """Offer a figure by day with controls for code, unit and days.

    Returns
    -------
    ipywidgets.VBox
        Three controls above the figure that they draw; a sentence alone where the run has no
        figures by day, as for posts without dates.

    Examples
    --------
    >>> browse(SavedRun({}, None, False, 1.0, "en")).children[0].value
    'This run has no figures by day, so there are no days to choose from.'
    """
    series = "daily" if run.study is None else run.study.series
    say, wide = load_words(run.language), spread_days(table_or_empty(run.tables, series), "items")
    if wide.empty:
        return widgets.VBox([widgets.HTML(say("absent.daily"))])
    say, days = load_words(run.language, run.study.period), wide.index.tolist()
    code = widgets.Dropdown(
        options=[(say.label(name), name) for name in wide.columns], value=str(wide.columns[0]),
        description=say("header.grievance"),
    )  # fmt: skip
    unit = widgets.ToggleButtons(
        options=[(say(f"header.{name}"), name) for name in ("items", "families")]
    )
    span = widgets.SelectionRangeSlider(
        options=_short(days), index=(0, len(days) - 1), description=say("header.date"),
        layout=widgets.Layout(width="32rem"), continuous_update=False,  # a figure takes its time
    )  # fmt: skip
    picture = widgets.Output()

    def draw(_: object = None) -> None:
        with picture:
            picture.clear_output(wait=True)
            display(Image(_plot_span(run, code.value, unit.value, *span.value)))  # type: ignore[no-untyped-call]

    _watch([code, unit, span], draw)
    draw()
    return widgets.VBox([widgets.HBox([code, unit]), span, picture])


def _short(days: list[str]) -> list[tuple[str, str]]:
    """Write days as short as they stay distinct: the slider has room for few signs."""
    shown = [f"{when.year}/{when.month}/{when.day}" for when in map(date.fromisoformat, days)]
    if len({text.partition("/")[0] for text in shown}) == 1:
        shown = [text.partition("/")[2] for text in shown]
    return list(zip(shown, days, strict=True))


def _watch(controls: list[Any], draw: Callable[[object], None]) -> None:
    for control in controls:
        control.observe(draw, names="value")


def _plot_span(run: SavedRun, grievance: str, unit: str, first: str, last: str) -> bytes:
    """Draw one code in one unit between two days, both inside."""
    daily = run.tables[run.study.series]
    series = spread_days(daily, unit)[grievance].loc[first:last]
    scale = run.scale if run.simulated else None
    setting = make_setting(run.language, study=run.study, scale=scale)
    bands = find_bands(setting, table_or_empty(run.tables, run.study.coverage), daily)
    say, days = setting.words, series.index.tolist()
    with theme():
        subtitle = say("list.semicolon").join([say.label(grievance), say(f"header.{unit}")])
        figure, axes = open_figure(setting, "daily", height=2.6, left=0.6, subtitle=subtitle)
        axes.plot(range(len(series)), series, color=DARK_BLUE, lw=1.5, marker="o", ms=3.5)
        frame_days(axes, days, setting, bands)
        axes.set_ylim(0, max(float(series.fillna(0).max()), 1.0) * 1.15)
        draw_legend(figure, band_entries(days, setting, bands))
    return render(figure, "png")


def search(table: pd.DataFrame) -> None:
    """Show a table that can be searched and sorted, without any network.

    Parameters
    ----------
    table
        Any table of a run.
    """
    import itables

    itables.init_notebook_mode(all_interactive=False, connected=False)
    itables.show(table, table_id="caodian-table", maxBytes=0)
