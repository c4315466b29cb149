"""Draw every figure of a run and save each with the data behind it."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from matplotlib.collections import Collection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from pandas.api.types import is_float_dtype

from analysis.corpus.readers.values.times import find_order, parse_time
from analysis.errors import CaodianError
from analysis.measures.quantities import is_told_code, read_rows
from analysis.measures.specification import CHOICES
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
from analysis.schema.tables import column as definition_of
from analysis.storage import write_bytes
from analysis.storage.encoding import detect
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
    planted = None if grievance == "price" else tables.get("planted")
    return plot_sub_grievances(tables["sub_grievances"], grievance, planted=planted, **look)


def _draw_platforms(tables: Tables, look: _Look) -> ReportFigure:
    return plot_platforms(tables["platforms"], **look)


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
    """Draw one figure without saving it."""
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
    """Draw a figure from its own table alone, the CSV that stands beside it."""
    source = _FIGURES[name]
    look = _Look(language=language, study=study, scale=scale if simulated else None, size=size)
    return source.draw({source.needs[0]: data}, look)


# The CSV of a figure, which its reader may have opened and saved in a spreadsheet.

# A row is placed by one of these at least: a file of several parts has other ones in each.
_PLACED_BY = {
    "date", "grievance", "sub_grievance", "platform", "channel", "stars", "step", "cutoff",
    "cluster", "campaign", "selection", "first", "second", "term", "hour", "specification",
    *CHOICES,
}  # fmt: skip
_BOOLEANS = {"true": "True", "false": "False"}


def read_figure_data(path: Path) -> pd.DataFrame:
    r"""Read the CSV of a figure, also one that a spreadsheet has saved.

    Excel writes GB18030, tabs or semicolons, dates such as 2020/6/1 and rows of empty cells; all of
    it is read as what it was. A file as the run wrote it is read as `quantities.read_rows` does.
    """
    header, *body = _read_cells(path) or [(1, [])]
    names = header[1]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None or not any(names):
        rule = "each column of the data of a figure must have a name of its own"
        raise _unfit(path, header[0], "no columns" if twice is None else twice, rule)
    _require_places(path, names, body)
    columns = [_as_written(path, name, at, body) for at, name in enumerate(names)]
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *zip(*columns, strict=True)])
    return read_rows(StringIO(text.getvalue()))


_ANEW = "Mend it there; `caodian report` writes the file anew."


def _read_cells(path: Path) -> list[tuple[int, list[str]]]:
    """Cut a CSV into its rows, each with its number in a spreadsheet, without the empty ones."""
    text = _decoded(path)
    head = text.partition("\n")[0]
    sign = next((one for one in ",\t;" if one in head), ",")
    reader = csv.reader(StringIO(text, newline=""), delimiter=sign, strict=True)
    rows: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            cells = [cell.strip() for cell in row] if not rows else row
            if any(cells):
                rows.append((number, cells))
    except csv.Error as error:
        raise _unfit(path, number + 1, str(error), "each quote must be closed") from None
    if not rows:
        return rows
    width = len(rows[0][1])
    while width and not any(row[width - 1] for _, row in rows if len(row) >= width):
        width -= 1  # columns without name or cell, which a spreadsheet leaves at the end
    for number, row in rows:
        if len(row) < width or any(row[width:]):
            rule = f"each row must be as wide as the header, {width} cells"
            raise _unfit(path, number, f"{len(row)} cells", rule)
    return [(number, row[:width]) for number, row in rows]


def _unfit(path: Path, row: int, found: str, rule: str) -> CaodianError:
    return CaodianError(rule, value=found, where=f"{path.as_posix()}, row {row}", remedy=_ANEW)


def _decoded(path: Path) -> str:
    """Give the text of a file in the encoding that makes the likelier Chinese of its bytes."""
    data = path.read_bytes()
    try:
        found = detect(data, where=path.as_posix())
    except CaodianError:
        # The few names in the data of a figure are not always among the most frequent characters.
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
        raise
    if found.mixed_lines:
        line, name = found.mixed_lines[0]
        raise _unfit(path, line, name, f"a figure's data must be in one encoding, {found.name}")
    text = data[found.mark :].decode(found.name)
    beyond = {character for character in text if not character.isascii()}
    if beyond and all("\u0100" <= character <= "\u07ff" for character in beyond):
        # 双 alone in GB18030 is UTF-8 too, but of a sign (˫) that no report writes.
        other = data.decode("gb18030", errors="replace")
        if all(character.isascii() or "\u4e00" <= character <= "\u9fff" for character in other):
            return other
    return text


def _require_places(
    path: Path, names: Sequence[str], body: Sequence[tuple[int, list[str]]]
) -> None:
    """Refuse a row of which no cell says where it stands."""
    places = [at for at, name in enumerate(names) if name in _PLACED_BY]
    for number, row in body:
        if places and not any(row[at].strip() for at in places):
            defined = definition_of(names[places[0]])
            kind = "string" if defined is None else defined.type
            said = "column " + ", or ".join(names[at] for at in places)
            raise CaodianError(
                f"the {said} must hold {_KINDS.get(kind, 'a name')} in every row",
                value="",
                where=f"{path.as_posix()}, row {number}, {said}",
                remedy=_ANEW,
            )


def _as_written(path: Path, name: str, at: int, body: Sequence[tuple[int, list[str]]]) -> list[str]:
    """Give the cells of a column in the form in which a run writes them."""
    defined = definition_of(name)
    kind = defined.type if defined is not None else "string"
    order = find_order(row[at] for _, row in body) if kind == "date" else None
    written = []
    for number, row in body:
        cell = row[at] if kind == "string" else row[at].strip()
        form = _FORMS[kind](cell, order) if cell and kind in _FORMS else cell
        if form is None:
            raise CaodianError(
                f"a cell of the column {name} must be {_KINDS[kind]} or empty",
                value=row[at],
                where=f"{path.as_posix()}, row {number}, column {name}",
                remedy=_ANEW,
            )
        written.append(form)
    return written


def _as_number(cell: str, _: str | None) -> str | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return cell if isfinite(number) and cell.isascii() and "_" not in cell else None


def _as_date(cell: str, order: str | None) -> str | None:
    moment, precision = parse_time(cell, order=order)
    is_day = moment is not None and precision != "month" and not (moment.hour or moment.minute)
    return moment.date().isoformat() if moment is not None and is_day else None


def _as_boolean(cell: str, _: str | None) -> str | None:
    return _BOOLEANS.get(cell.lower())


_FORMS: dict[str, Callable[[str, str | None], str | None]] = {
    "integer": _as_number,
    "number": _as_number,
    "date": _as_date,
    "boolean": _as_boolean,
}
_KINDS = {
    "integer": "a number in plain digits, such as 1234",
    "number": "a number in plain digits, such as 0.5 or 1234",
    "date": "a day such as 2020-06-18",
    "boolean": "True or False",
}


def _roles(study: Study) -> dict[str, str]:
    """Name the tables that stand for the study's series and for the grades of it."""
    return {"daily": study.series, "coverage": study.coverage}


_FIRST = "zh"  # the language in which figures are drawn when their data are written


def write_figure_data(
    tables: Tables,
    study: Study,
    directory: Path,
    *,
    simulated: bool,
    scale: float,
    only: Sequence[str] | None = None,
) -> dict[str, ReportFigure]:
    """Write ``<name>.csv``, of which a figure is drawn in any language.

    Drawing joins the tables, so that each figure is there, too, in Chinese: `draw_figures` need
    not lay it out again.

    Parameters
    ----------
    only
        Names of figures; by default all of them.

    Examples
    --------
    >>> import tempfile
    >>> from analysis.study.load import study_of_range
    >>> from datetime import date
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_figure_data({}, study, Path(folder), simulated=False, scale=1.0)
    {}
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = {}
    for name in _FIGURES if only is None else only:
        # The table of a figure is the same in every language.
        joined = draw_figure(name, tables, study, _FIRST, simulated=simulated, scale=scale)
        if joined is not None:
            write_bytes(_as_csv(joined.table), directory / f"{name}.csv")
            written[name] = joined
    return written


def draw_figures(
    tables: Tables | None,
    study: Study,
    language: str,
    directory: Path,
    *,
    simulated: bool,
    scale: float,
    only: Sequence[str] | None = None,
    drawn: Mapping[str, ReportFigure] | None = None,
) -> list[SavedFigure]:
    """Draw and save every figure that the tables have data for.

    Parameters
    ----------
    tables
        None where `write_figure_data` has written the figures' data into the directory.
    directory
        Where ``<name>.<language>.png``, ``<name>.<language>.svg`` and ``<name>.csv`` go.
    only
        Names of figures; by default all of them.
    drawn
        What `write_figure_data` drew of this language.

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
    names = list(_FIGURES if only is None else only)
    if tables is not None:
        written = write_figure_data(
            tables, study, directory, simulated=simulated, scale=scale, only=names
        )
        names, drawn = list(written), written if language == _FIRST else None
    there = drawn or {}
    saved = []
    for name in names:
        csv = directory / f"{name}.csv"
        if csv.is_file():
            data = read_rows(csv)
            drawings = [
                redraw_figure(
                    name, data.copy(), study, language, simulated=simulated, scale=scale, size=size
                )
                for size in ((NARROW,) if name in there else (None, NARROW))
            ]
            if name in there:
                drawings.insert(0, there[name])
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
    """Write a table; counts as whole numbers, which beside a missing one have a fraction here."""
    counts = [name for name in table if _are_counts(table[name])]
    whole = table.astype(dict.fromkeys(counts, "Int64"))
    for name in (name for name in whole if whole[name].dtype.kind == "f"):
        whole[name] = whole[name] + 0.0  # nought has no sign
    return whole.to_csv(index=False, lineterminator="\n").encode()


def _are_counts(cells: pd.Series) -> bool:
    definition = definition_of(str(cells.name))
    is_count = definition is not None and definition.type == "integer"
    return is_count and is_float_dtype(cells) and bool((cells.dropna() % 1 == 0).all())


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
