"""Give the known columns of a file their own types; a CSV knows only strings."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from analysis.errors import CaodianError
from analysis.schema.definition import ZONE, Column, column

TRUE_FALSE = {"true": True, "false": False, "1": True, "0": False}


def parse_columns(frame: pl.DataFrame, names: list[str] | None = None) -> pl.DataFrame:
    """Cast the known columns that are still strings to their own types.

    Parameters
    ----------
    frame
        Any table; unknown columns are left alone.
    names
        Only these columns, when given.

    Returns
    -------
    polars.DataFrame
        The same rows and columns.

    Raises
    ------
    CaodianError
        When a cell does not parse: names the column, the first bad value and its row.

    Examples
    --------
    >>> frame = pl.DataFrame({"grievances": ["price;delivery", None], "is_negative": ["true", ""]})
    >>> parse_columns(frame).to_dicts()[0]
    {'grievances': ['price', 'delivery'], 'is_negative': True}
    """
    chosen = frame.columns if names is None else [name for name in names if name in frame.columns]
    parsed = []
    for name in chosen:
        definition = column(name)
        if definition is not None and frame[name].dtype != definition.polars_type:
            parsed.append(_parse(frame[name], definition))
    return frame.with_columns(parsed) if parsed else frame


def _parse(series: pl.Series, definition: Column) -> pl.Series:
    if series.dtype == pl.Null:
        return series.cast(definition.polars_type)
    if definition.type == "datetime" and isinstance(series.dtype, pl.Datetime | pl.Date):
        return _in_shanghai(series)
    if series.dtype != pl.String:
        series = _cast(series, definition)
        return series
    blank_is_missing = series.to_frame().select(
        pl.when(pl.col(series.name).str.strip_chars() == "")
        .then(None)
        .otherwise(pl.col(series.name))
        .alias(series.name)
    )[series.name]
    parsed = _parse_strings(blank_is_missing, definition).alias(series.name)
    _refuse_unparsed(blank_is_missing, parsed, definition)
    return parsed


def _cast(series: pl.Series, definition: Column) -> pl.Series:
    cast = series.cast(definition.polars_type, strict=False)
    _refuse_unparsed(series, cast, definition)
    return cast


def _parse_strings(series: pl.Series, definition: Column) -> pl.Series:
    if definition.type in ("string", "object"):
        return series
    if definition.type == "list":
        return _parse_list(series)
    cells = series.str.strip_chars()
    if definition.type in PARSERS:
        return PARSERS[definition.type](cells)
    return cells.cast(definition.polars_type, strict=False)


def _parse_list(series: pl.Series) -> pl.Series:
    """Split at `;`; a missing cell is the empty list."""
    return (
        series.fill_null("")
        .str.split(";")
        .list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != ""))
    )


def _parse_times(series: pl.Series) -> pl.Series:
    """Read ISO times; without a zone they are Shanghai wall clock."""
    frame = series.str.replace(" ", "T", literal=True).alias("t").to_frame()
    has_zone = pl.col("t").str.contains(r"(Z|[+-]\d\d:?\d\d)$")
    with_zone = (
        pl.when(has_zone)
        .then(pl.col("t"))
        .str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
        .dt.convert_time_zone(ZONE)
    )
    forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]
    wall = pl.coalesce(
        pl.when(~has_zone).then(pl.col("t")).str.to_datetime(form, time_unit="us", strict=False)
        for form in forms
    ).dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
    return frame.select(pl.coalesce(with_zone, wall).alias("t"))["t"]


def _parse_flags(cells: pl.Series) -> pl.Series:
    return cells.str.to_lowercase().replace_strict(
        TRUE_FALSE, default=None, return_dtype=pl.Boolean
    )


def _parse_dates(cells: pl.Series) -> pl.Series:
    return cells.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _parse_whole(cells: pl.Series) -> pl.Series:
    """Read whole numbers, `12.0` as well; a fraction is none."""
    number = cells.cast(pl.Float64, strict=False)
    is_whole = number.is_null() | (number == number.round())
    return number.set(~is_whole, None).cast(pl.Int64, strict=False)


def _in_shanghai(series: pl.Series) -> pl.Series:
    zone = getattr(series.dtype, "time_zone", None)  # a day has none: it begins in Shanghai, too
    series = series.cast(pl.Datetime("us", zone))
    if zone is None:
        return series.dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
    return series.dt.convert_time_zone(ZONE)


def _refuse_unparsed(before: pl.Series, after: pl.Series, definition: Column) -> None:
    lost = before.is_not_null() & after.is_null()
    if not lost.any():
        return
    row = int(lost.arg_max() or 0)
    raise CaodianError(
        f"the column {definition.name} must hold values of type {definition.type}",
        value=before[row],
        where=f"row {row + 1}; {int(lost.sum())} such cells",
        remedy="Mend these cells or leave them empty.",
    )


PARSERS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "boolean": _parse_flags,
    "date": _parse_dates,
    "datetime": _parse_times,
    "integer": _parse_whole,
}
