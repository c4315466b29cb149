"""Draw every figure of a run and save each with the data behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.reporting.plots.campaigns import plot_campaigns
from analysis.reporting.plots.canvas import Drawing, Setting, render, theme
from analysis.reporting.plots.clusters import plot_clusters
from analysis.reporting.plots.collection import plot_coverage, plot_funnel
from analysis.reporting.plots.collection_hours import plot_hours
from analysis.reporting.plots.daily import plot_daily
from analysis.reporting.plots.grievances import plot_grievances, plot_price, plot_red_envelopes
from analysis.reporting.plots.single_days import plot_live_streaming, plot_sms
from analysis.reporting.plots.sources import plot_channels, plot_platforms, plot_ratings
from analysis.reporting.plots.specifications import plot_specifications
from analysis.reporting.words import load_words
from analysis.storage import write_bytes
from analysis.study.model import Study

Tables = dict[str, pd.DataFrame]

# Reading order of the report. Each function gives None when its table is absent or empty.
FIGURES: dict[str, Callable[[Tables, Setting], Drawing | None]] = {
    "grievances": plot_grievances,
    "daily_negatives": plot_daily,
    "live_streaming_by_day": plot_live_streaming,
    "sms_by_day": plot_sms,
    "red_envelopes": plot_red_envelopes,
    "price_strands": plot_price,
    "platforms": plot_platforms,
    "channels": plot_channels,
    "ratings": plot_ratings,
    "funnel": plot_funnel,
    "collection_coverage": plot_coverage,
    "collection_hours": plot_hours,
    "clusters": plot_clusters,
    "specifications": plot_specifications,
    "campaigns": plot_campaigns,
}


@dataclass(frozen=True)
class Figure:
    """A saved figure: its files, and its words for those who cannot see it."""

    name: str
    title: str
    alt: str
    png: Path
    svg: Path
    csv: Path
    caption: str
    source_tables: tuple[str, ...]


def draw_figure(
    name: str, tables: Tables, study: Study, language: str, *, simulated: bool, scale: float
) -> Drawing | None:
    """Draw one figure without saving it.

    Parameters
    ----------
    name
        One of ``FIGURES``.
    tables
        The run's tables, from :func:`analysis.reporting.tables.load_tables`.
    study
        The study behind them.
    language
        ``zh`` or ``en``.
    simulated
        Whether the corpus was simulated; the figure then says so.
    scale
        Scale of the simulated corpus, 1 for a real one.

    Returns
    -------
    Drawing or None
        None when the run has no data for it.

    Examples
    --------
    >>> from analysis.study.load import study_of_range
    >>> from datetime import date
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> draw_figure("channels", {}, study, "en", simulated=False, scale=1.0) is None
    True
    """
    with theme():
        return FIGURES[name](
            tables, Setting(study, load_words(language, study.period), simulated, scale)
        )


def draw_figures(
    tables: Tables,
    study: Study,
    language: str,
    directory: Path,
    *,
    simulated: bool,
    scale: float,
) -> list[Figure]:
    """Draw and save every figure that the tables have data for.

    Parameters
    ----------
    tables, study, language, simulated, scale
        As for :func:`draw_figure`.
    directory
        Where ``<name>.<language>.png``, ``<name>.<language>.svg`` and ``<name>.csv`` go.

    Returns
    -------
    list[Figure]
        In reading order.

    Examples
    --------
    >>> import tempfile
    >>> from analysis.study.load import study_of_range
    >>> from datetime import date
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw_figures({}, study, "zh", Path(folder), simulated=False, scale=1.0)
    []
    """
    directory.mkdir(parents=True, exist_ok=True)
    drawings = (
        draw_figure(name, tables, study, language, simulated=simulated, scale=scale)
        for name in FIGURES
    )
    return [save_figure(drawing, directory, language) for drawing in drawings if drawing]


def save_figure(drawing: Drawing, directory: Path, language: str) -> Figure:
    """Save a figure as PNG and SVG with its data as CSV, the same bytes on every run."""
    stem = directory / f"{drawing.name}.{language}"
    png, svg = stem.with_name(stem.name + ".png"), stem.with_name(stem.name + ".svg")
    csv = directory / f"{drawing.name}.csv"
    write_bytes(render(drawing.canvas, "png"), png)
    write_bytes(render(drawing.canvas, "svg"), svg)
    write_bytes(drawing.data.to_csv(index=False, lineterminator="\n").encode(), csv)
    return Figure(
        drawing.name, drawing.title, drawing.alt, png, svg, csv, drawing.caption,
        drawing.source_tables,
    )  # fmt: skip
