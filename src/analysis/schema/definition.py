"""Read the definitions of columns and tables from `tables.yaml`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from analysis.errors import CaodianError, nearest
from analysis.yaml_text import read_yaml

ZONE = "Asia/Shanghai"

ColumnType = Literal["string", "integer", "number", "boolean", "date", "datetime", "list", "object"]

POLARS_TYPES: dict[str, pl.DataType] = {
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
        return POLARS_TYPES[self.type]


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
    """Return the names of all defined tables in order.

    Examples
    --------
    >>> table_names()[0]
    'posts'
    """
    return list(_definitions()["tables"])


@cache
def _columns() -> dict[str, Column]:
    return {name: Column(name=name, **about) for name, about in _definitions()["columns"].items()}


@cache
def _definitions() -> dict[str, Any]:
    text = (files("analysis.schema") / "tables.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = read_yaml(text)
    return loaded
