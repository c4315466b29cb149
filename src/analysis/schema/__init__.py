"""Every column of every table, defined once."""

from analysis.schema.tables import (
    Column,
    Table,
    check,
    column,
    parse_columns,
    spell_numbers,
    table,
    table_names,
)

__all__ = [
    "Column",
    "Table",
    "check",
    "column",
    "parse_columns",
    "spell_numbers",
    "table",
    "table_names",
]
