"""Every column of every table, defined once."""

from analysis.schema.tables import (
    Column,
    Table,
    check,
    check_cells,
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
    "check_cells",
    "column",
    "parse_columns",
    "spell_numbers",
    "table",
    "table_names",
]
