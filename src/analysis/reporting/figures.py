"""Draw every figure of a run and save each with the data behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from matplotlib.collections import Collection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from analysis.errors import CaodianError
from analysis.measures.quantities import is_told_code, read_rows, total_posts
from analysis.plots.collection import plot_coverage, plot_funnel, plot_hours
from analysis.plots.daily import plot_daily, plot_peak_days, plot_trend
from analysis.plots.frame import ReportFigure, render
from analysis.plots.grievances import (
    plot_cluster_codes,
    plot_cluster_days,
    plot_grievances,
    plot_sub_grievances,
    plot_terms,
)
from analysis.plots.inline import draw_inline
from analysis.plots.sources import (
    plot_campaigns,
    plot_channels,
    plot_clusters,
    plot_platforms,
    plot_ratings,
    plot_sentiment,
)
from analysis.plots.specifications import plot_event_days, plot_specifications
from analysis.plots.style import NARROW
from analysis.storage import write_bytes
from analysis.study.model import Study
from analysis.words import load_words

Tables = dict[str, pd.DataFrame]


class _Look(TypedDict):
    """What every figure of a run is told."""

    language: str
    study: Study
    scale: float | None
    size: float | None


@dataclass(frozen=True)
class _Source:
    """How a figure is drawn from the tables of a run, or from its own table alone.

    ``needs`` are the tables without which it is not drawn; ``daily`` stands for the study's own
    series, by day, week or month, and so does ``coverage`` for the grades of it. Drawing joins
    what the figure takes from other tables to the rows of the first, so that its own table can
    stand in the place of that one without any other.
    """

    needs: tuple[str, ...]
    draw: Callable[[Tables, _Look], ReportFigure]
    code: str | None = None  # the code that it is about; one of a few items has no figure


def _of(plot: Callable[..., ReportFigure], name: str) -> Callable[[Tables, _Look], ReportFigure]:
    """Draw a figure from one table alone."""
    return lambda tables, look: plot(tables[name], **look)


def _draw_grievances(tables: Tables, look: _Look) -> ReportFigure:
    return plot_grievances(tables["counts"], tables.get("platforms"), **look)


def _draw_daily(tables: Tables, look: _Look) -> ReportFigure:
    trends, coverage = tables.get("trends"), tables.get("coverage")
    return plot_daily(tables["daily"], trends, coverage, tables.get("counts"), **look)


def _draw_live(tables: Tables, look: _Look) -> ReportFigure:
    coverage, claims = tables.get("coverage"), tables.get("claims")
    return plot_peak_days(tables["daily"], "live_streaming", coverage, claims, **look)


def _draw_sms(tables: Tables, look: _Look) -> ReportFigure:
    coverage = tables.get("coverage")
    return plot_trend(tables["daily"], tables.get("trends"), "sms_harassment", coverage, **look)


def _draw_subs(grievance: str, tables: Tables, look: _Look) -> ReportFigure:
    posts = total_posts(tables)
    planted = None if grievance == "price" else tables.get("planted")
    return plot_sub_grievances(
        tables["sub_grievances"], grievance, posts=posts, planted=planted, **look
    )


def _draw_platforms(tables: Tables, look: _Look) -> ReportFigure:
    return plot_platforms(tables["platforms"], posts=total_posts(tables), **look)


def _draw_coverage(tables: Tables, look: _Look) -> ReportFigure:
    return plot_coverage(tables["coverage"], tables.get("daily"), **look)


def _draw_hours(tables: Tables, look: _Look) -> ReportFigure:
    # Hours stand by day: the grades of weeks or months say nothing of them.
    graded = tables.get("coverage") if look["study"].period == "day" else None
    return plot_hours(tables["coverage_hours"], graded, **look)


def _draw_campaigns(tables: Tables, look: _Look) -> ReportFigure:
    return plot_campaigns(tables["campaigns"], tables.get("counts"), **look)


def _draw_sentiment(tables: Tables, look: _Look) -> ReportFigure:
    return plot_sentiment(tables["sentiment_cutoffs"], tables.get("sentiment_days"), **look)


def _draw_cluster_days(tables: Tables, look: _Look) -> ReportFigure:
    return plot_cluster_days(tables["cluster_days"], tables.get("clusters"), **look)


def _draw_cluster_codes(tables: Tables, look: _Look) -> ReportFigure:
    return plot_cluster_codes(tables["cluster_codes"], tables.get("clusters"), **look)


def _draw_terms(selection: str, tables: Tables, look: _Look) -> ReportFigure:
    table = tables["distinguishing_terms"]
    rows = table[table["selection"] == selection].reset_index(drop=True)
    say = load_words(look["language"], look["study"].period)
    named = [str(rows[side].iloc[0]) for side in ("first", "second")] if len(rows) else []
    # Stars and days have names of their own; platforms and channels are labels.
    keys = [f"{_NAMED_BY[selection]}{name}" for name in named if selection in _NAMED_BY]
    names = [say(key) for key in keys] or [say.label(name) for name in named]
    return plot_terms(rows, names, negative=True, **look)


_NAMED_BY = {"stars": "stars.", "period": "figure.terms.days_"}
_TERMS = ("distinguishing_terms",)
_SUBS = ("sub_grievances",)
# Reading order of the report.
_FIGURES: dict[str, _Source] = {
    "grievances": _Source(("counts",), _draw_grievances),
    "daily_negatives": _Source(("daily",), _draw_daily),
    "live_streaming_by_day": _Source(("daily",), _draw_live, code="live_streaming"),
    "sms_by_day": _Source(("daily",), _draw_sms, code="sms_harassment"),
    "event_days": _Source(("event_days",), _of(plot_event_days, "event_days")),
    "sentiment": _Source(("sentiment_cutoffs",), _draw_sentiment),
    "red_envelopes": _Source(_SUBS, partial(_draw_subs, "red_envelope"), code="red_envelope"),
    "price_strands": _Source(_SUBS, partial(_draw_subs, "price"), code="price"),
    "platforms": _Source(("platforms",), _draw_platforms),
    "terms_by_platform": _Source(_TERMS, partial(_draw_terms, "platform")),
    "channels": _Source(("channels",), _of(plot_channels, "channels")),
    "terms_by_channel": _Source(_TERMS, partial(_draw_terms, "channel")),
    "ratings": _Source(("ratings",), _of(plot_ratings, "ratings")),
    "terms_by_stars": _Source(_TERMS, partial(_draw_terms, "stars")),
    "funnel": _Source(("funnel",), _of(plot_funnel, "funnel")),
    "collection_coverage": _Source(("coverage", "daily"), _draw_coverage),
    "collection_hours": _Source(("coverage_hours",), _draw_hours),
    "clusters": _Source(("clusters",), _of(plot_clusters, "clusters")),
    "cluster_days": _Source(("cluster_days", "clusters"), _draw_cluster_days),
    "cluster_codes": _Source(("cluster_codes", "clusters"), _draw_cluster_codes),
    "terms_by_period": _Source(_TERMS, partial(_draw_terms, "period")),
    "specifications": _Source(("specifications",), _of(plot_specifications, "specifications")),
    "campaigns": _Source(("campaigns",), _draw_campaigns),
}


@dataclass(frozen=True)
class SavedFigure:
    """A saved figure: its files, its words for those who cannot see it, and its SVG for a page."""

    name: str
    title: str
    alt: str
    png: Path
    svg: Path
    csv: Path
    caption: str
    inline: str = ""


def draw_figure(
    name: str,
    tables: Tables,
    study: Study,
    language: str,
    *,
    simulated: bool,
    scale: float,
    size: float | None = None,
) -> ReportFigure | None:
    """Draw one figure without saving it.

    Parameters
    ----------
    name
        One of ``_FIGURES``.
    simulated
        Whether the corpus was simulated; the figure then says so.
    scale
        Scale of the simulated corpus, 1 for a real one.
    size
        Width in inches; the report's by default.

    Returns
    -------
    ReportFigure or None
        None when the run has no data for it.

    Examples
    --------
    >>> from analysis.study.load import study_of_range
    >>> from datetime import date
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> draw_figure("channels", {}, study, "en", simulated=False, scale=1.0) is None
    True
    """
    source, roles = _FIGURES[name], _roles(study)
    own = {table: rows for table, rows in tables.items() if table not in roles}
    own |= {role: tables[table] for role, table in roles.items() if table in tables}
    needed = [own.get(table) for table in source.needs]
    if any(table is None or table.empty for table in needed):
        return None
    if source.code is not None and not is_told_code(source.code, tables):
        return None
    look = _Look(language=language, study=study, scale=scale if simulated else None, size=size)
    figure = source.draw(own, look)
    return None if figure.table.empty else figure


def redraw_figure(
    name: str,
    data: pd.DataFrame,
    study: Study,
    language: str,
    *,
    simulated: bool,
    scale: float,
    size: float | None = None,
) -> ReportFigure:
    """Draw a figure from its own table alone, the CSV that stands beside it.

    Parameters
    ----------
    data
        As `quantities.read_rows` reads it.
    name, study, language, simulated, scale, size
        As for `draw_figure`.

    Raises
    ------
    CaodianError
        When a column is missing.

    Examples
    --------
    >>> from analysis.study.load import study_of_range
    >>> from datetime import date
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> data = pd.DataFrame({"platform": ["得物"], "items": [3], "posts": [9]})
    >>> redraw_figure("platforms", data, study, "en", simulated=False, scale=1.0).alt
    'Bars of negative items naming each platform: Dewu 3.'
    """
    source = _FIGURES[name]
    look = _Look(language=language, study=study, scale=scale if simulated else None, size=size)
    return source.draw({source.needs[0]: data}, look)


def _roles(study: Study) -> dict[str, str]:
    """Name the tables that stand for the study's series and for the grades of it."""
    return {"daily": study.series, "coverage": study.coverage}


def draw_figures(
    tables: Tables,
    study: Study,
    language: str,
    directory: Path,
    *,
    simulated: bool,
    scale: float,
) -> list[SavedFigure]:
    """Draw and save every figure that the tables have data for.

    Parameters
    ----------
    directory
        Where ``<name>.<language>.png``, ``<name>.<language>.svg`` and ``<name>.csv`` go.

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
    saved = []
    for name in _FIGURES:
        joined = draw_figure(name, tables, study, language, simulated=simulated, scale=scale)
        if joined is not None:
            csv = write_bytes(_as_csv(joined.table), directory / f"{name}.csv")
            drawings = [
                redraw_figure(
                    name, read_rows(csv), study, language, simulated=simulated, scale=scale,
                    size=size,
                )
                for size in (None, NARROW)
            ]  # fmt: skip
            saved.append(_save(drawings, name, csv, language))
    return saved


def _save(drawings: Sequence[ReportFigure], name: str, csv: Path, language: str) -> SavedFigure:
    """Save a figure as PNG and SVG beside the CSV it was drawn from, the same bytes on every run.

    The second drawing is the narrow one, which only pages have.
    """
    figure = drawings[0]
    png, svg = (csv.with_name(f"{name}.{language}.{kind}") for kind in ("png", "svg"))
    write_bytes(render(figure, "png"), png)
    write_bytes(render(figure, "svg"), svg)
    inline = "\n".join(
        draw_inline(drawing, f"figure-{name}{'-narrow' * drawing.is_narrow}")
        for drawing in drawings
    )
    return SavedFigure(name, figure.title, figure.alt, png, svg, csv, figure.caption, inline)


def _as_csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()


KINDS = ("png", "svg", "pdf")


def save_figure(figure: ReportFigure, path: str | Path, *, dpi: float | None = None) -> Path:
    """Save a figure as PNG, SVG or PDF by the end of the file's name, its numbers beside it.

    Parameters
    ----------
    path
        The numbers go to its name up to the first dot: ``price.zh.png`` and ``price.csv``.
    dpi
        Dots an inch of a PNG, where it is not the report's.

    Raises
    ------
    CaodianError
        When the name ends otherwise.

    Examples
    --------
    >>> save_figure(ReportFigure(), "price.jpg")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a figure is saved as png, svg, pdf: found '.jpg'. ...
    """
    path = Path(path)
    kind = path.suffix.lstrip(".")
    if kind not in KINDS:
        raise CaodianError(
            f"a figure is saved as {', '.join(KINDS)}",
            value=path.suffix,
            remedy=f"Name it {path.stem}.png.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(_as_csv(figure.table), path.with_name(f"{path.name.partition('.')[0]}.csv"))
    write_bytes(render(figure, kind) if dpi is None else render(figure, kind, dpi=dpi), path)
    return path


def figure_names() -> list[str]:
    """Name every figure of a report, in reading order.

    Examples
    --------
    >>> figure_names()[0]
    'grievances'
    """
    return list(_FIGURES)


def resize(figure: ReportFigure, width: float) -> float:
    """Scale a drawn figure as a whole, text and lines with it.

    Parameters
    ----------
    width
        Millimetres.

    Returns
    -------
    float
        Points of the smallest text; journals ask for 5 to 7 at least.

    Examples
    --------
    >>> from analysis.plots.frame import blank_figure
    >>> figure = blank_figure(2.0)
    >>> figure.text(0, 0, "Price", size=9.65) and None
    >>> round(resize(figure, 96.52), 2), round(float(figure.get_figwidth()), 2)
    (4.83, 3.8)
    """
    figure.canvas.draw()  # ticks and layout are made when they are drawn
    part = width / 25.4 / figure.get_figwidth()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                pad: Any = tick.get_pad()  # type: ignore[func-returns-value]
                tick.set_pad(pad * part)
    for text in figure.findobj(Text):
        text.set_fontsize(float(text.get_fontsize()) * part)
    for line in figure.findobj(Line2D):
        line.set_linewidth(line.get_linewidth() * part)
        line.set_markersize(line.get_markersize() * part)
    for patch in figure.findobj(Patch):
        patch.set_linewidth(patch.get_linewidth() * part)
    for collection in figure.findobj(Collection):
        collection.set_linewidth((np.atleast_1d(collection.get_linewidth()) * part).tolist())
    figure.set_size_inches(*(figure.get_size_inches() * part))
    shown = [float(text.get_fontsize()) for text in figure.findobj(Text) if text.get_text()]
    return float(min(shown, default=0.0))
