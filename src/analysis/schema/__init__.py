"""Every column of every table, defined once."""

from analysis.schema.check import check
from analysis.schema.definition import Column, Table, column, table, table_names
from analysis.schema.parse import parse_columns

__all__ = ["Column", "Table", "check", "column", "parse_columns", "table", "table_names"]
