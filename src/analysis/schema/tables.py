"""The columns of every table: read from `tables.yaml`, documented, given their types, checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, as_polars
from analysis.yaml_text import read_yaml

# Read the definitions of columns and tables from `tables.yaml`.

ZONE = "Asia/Shanghai"

ColumnType = Literal["string", "integer", "number", "boolean", "date", "datetime", "list", "object"]

_POLARS_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", ZONE),
    "list": pl.List(pl.String()),
    "object": pl.String(),
}


class Column(BaseModel):
    """A column: its type, meaning and allowed values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: ColumnType
    about: str
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def polars_type(self) -> pl.DataType:
        """The column's type in a Polars frame; objects are JSON strings in memory."""
        return _POLARS_TYPES[self.type]


class Table(BaseModel):
    """A table: its grain and its columns in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns in order."""
        return [column.name for column in self.columns]

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Types of the columns in order, to build a frame from."""
        return {column.name: column.polars_type for column in self.columns}


def column(name: str) -> Column | None:
    """Return the definition of a column, or None for a column that is not ours.

    Examples
    --------
    >>> column("rating").type
    'number'
    >>> column("no such column") is None
    True
    """
    return _columns().get(name)


def table(name: str) -> Table:
    """Return the definition of a table.

    Examples
    --------
    >>> table("rejects").names
    ['source_file', 'row_number', 'reason']
    """
    tables = _definitions()["tables"]
    if name not in tables:
        near = nearest(name, list(tables))
        raise CaodianError("a table must be a defined one", value=name, remedy=f"Nearest: {near}.")
    chosen = [_columns()[column_name] for column_name in tables[name]["columns"]]
    return Table(name=name, grain=tables[name]["grain"], columns=tuple(chosen))


def table_names() -> list[str]:
    """Return the names of all defined tables in order."""
    return list(_definitions()["tables"])


def spell_numbers(name: str, frame: AnyFrame) -> pl.DataFrame:
    """Give the numbers of a table the one form in which files have them, by the types of columns.

    Beside a missing cell a library makes a number with a fraction of a count, and a file would
    have `398.0` in one run and `398` in the next.
    """
    spelt = as_polars(frame)
    if name not in _definitions()["tables"]:
        return spelt
    kinds = {each.name: each.type for each in table(name).columns}
    for column_name in spelt.columns:
        if kinds.get(column_name) in ("integer", "number"):
            is_count = kinds[column_name] == "integer"
            spelt = spelt.with_columns(_spell(spelt[column_name], is_count=is_count))
    return spelt


def _spell(cells: pl.Series, *, is_count: bool) -> pl.Series:
    """Give numbers, or texts that are numbers, as whole ones where they count; others stay."""
    numbers = cells.cast(pl.Float64, strict=False)
    if numbers.null_count() > cells.null_count():
        return cells
    is_whole = numbers.is_finite().all() and (numbers == numbers.round()).all()
    return numbers.cast(pl.Int64) if is_count and is_whole else numbers


@cache
def _columns() -> dict[str, Column]:
    return {name: Column(name=name, **about) for name, about in _definitions()["columns"].items()}


@cache
def _definitions() -> dict[str, Any]:
    text = (files("analysis.schema") / "tables.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = read_yaml(text)
    return loaded


# The data dictionary in Markdown, made from the definitions.

_HEADER = """# Data dictionary

Made from `src/analysis/schema/tables.yaml` by `make dictionary`; do not edit here.
Lists are arrays in JSONL and Parquet and `;`-joined in CSV and XLSX; objects are objects in JSONL
and JSON strings elsewhere; missing is an empty cell, or null.
"""


def write_dictionary() -> str:
    """Return the dictionary: one section a table, one row a column."""
    return "\n".join([_HEADER, *(_section(table(name)) for name in table_names())])


def _section(definition: Table) -> str:
    rows = [f"| `{c.name}` | {c.type} | {_allowed(c)} | {c.about} |" for c in definition.columns]
    head = ["| column | type | allowed | meaning |", "|---|---|---|---|"]
    return "\n".join([f"## {definition.name}", "", f"{definition.grain}.", "", *head, *rows, ""])


def _allowed(column: Column) -> str:
    if column.values:
        return ", ".join(value or "(empty)" for value in column.values)
    if column.minimum is None and column.maximum is None:
        return ""
    low = "" if column.minimum is None else f"{column.minimum:g}"
    high = "" if column.maximum is None else f"{column.maximum:g}"
    return f"{low} to {high}" if low and high else (f"from {low}" if low else f"up to {high}")


# Check a table against its definition and name what breaks it.


def check(frame: AnyFrame, name: str) -> None:
    """Raise when a table lacks a column or holds a value that its definition forbids."""
    definition = table(name)
    posts = as_polars(frame)
    require_columns(posts, definition.names, where=f"table {name}")
    for column in definition.columns:
        _check_values(posts[column.name], column, name)


def require_columns(frame: pl.DataFrame, names: list[str], *, where: str) -> None:
    """Raise when columns are missing, naming all of them and those that are there.

    Examples
    --------
    >>> require_columns(pl.DataFrame({"text": ["a"]}), ["text"], where="posts.csv")
    """
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise CaodianError(
            f"{where} must have the columns {', '.join(names)}",
            value=f"missing: {', '.join(missing)}",
            where=f"columns there: {', '.join(frame.columns)}",
            remedy="Rename the columns or run the stage that adds them.",
        )


def _check_values(series: pl.Series, column: Column, name: str) -> None:
    present = series.drop_nulls()
    if column.values:
        _refuse(present, ~present.cast(pl.String).is_in(list(column.values)), column, name)
    if column.minimum is not None and len(present):
        _refuse(present, present.cast(pl.Float64) < column.minimum, column, name)
    if column.maximum is not None and len(present):
        _refuse(present, present.cast(pl.Float64) > column.maximum, column, name)


def _refuse(present: pl.Series, bad: pl.Series, column: Column, name: str) -> None:
    if not bad.any():
        return
    limits = ", ".join(column.values) or f"{column.minimum} to {column.maximum}"
    raise CaodianError(
        f"{column.name} must be one of its allowed values ({limits})",
        value=present.filter(bad)[0],
        where=f"table {name}, {int(bad.sum())} rows",
        remedy="Correct the value where it is made, or add it to the definition.",
    )


def check_cells(rows: pl.DataFrame, name: str) -> None:
    """Hold the cells of a table, as its file has them, to the types and bounds of its columns."""
    known = [column for column in table(name).columns if column.name in rows.columns]
    for column in known:
        cells = rows[column.name].replace("", None).drop_nulls()
        if column.type in _FORMS:
            bad = ~cells.str.contains(_FORMS[column.type])
            if column.type == "date":
                bad = bad | cells.str.to_date("%Y-%m-%d", strict=False).is_null()
            if bad.any():
                raise CaodianError(
                    f"{column.name} must be written as a value of type {column.type} is",
                    value=cells.filter(bad)[0], where=f"table {name}, {int(bad.sum())} rows",
                    remedy="Correct the value where it is made.",
                )  # fmt: skip
        _check_values(cells, column, name)
    kinds = {column.name: column.type for column in known}
    for less, more in _definitions()["orders"]:
        if {less, more} <= kinds.keys():
            _check_order(rows, less, more, name, is_date=kinds[less] == "date")


# How numbers, days and yes and no stand in a file: in one way each.
_FORMS = {
    "integer": r"^(?:0|-?[1-9][0-9]{0,14})$",
    "number": r"^-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?$",
    "boolean": r"^(?:true|false)$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
_ROUNDED = 1e-6  # shares and ends of intervals have six digits


def _check_order(rows: pl.DataFrame, less: str, more: str, name: str, *, is_date: bool) -> None:
    """Refuse a row in which the first of two columns holds more than the second."""
    small, large = (rows[one] if is_date else rows[one].cast(pl.Float64) for one in (less, more))
    bad = (small > large if is_date else small - large > _ROUNDED).fill_null(value=False)
    if bad.any():
        raise CaodianError(
            f"{less} must be no more than {more}",
            value=f"{rows[less].filter(bad)[0]} and {rows[more].filter(bad)[0]}",
            where=f"table {name}, {int(bad.sum())} rows",
            remedy="Correct the value where it is made.",
        )


_TRUE_FALSE = {"true": True, "false": False, "1": True, "0": False}


def parse_columns(frame: pl.DataFrame, names: list[str] | None = None) -> pl.DataFrame:
    """Cast the known columns that are still strings to their own types."""
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
    if definition.type in _PARSERS:
        return _PARSERS[definition.type](cells)
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
        _TRUE_FALSE, default=None, return_dtype=pl.Boolean
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


_PARSERS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "boolean": _parse_flags,
    "date": _parse_dates,
    "datetime": _parse_times,
    "integer": _parse_whole,
}
