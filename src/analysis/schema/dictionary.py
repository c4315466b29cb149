"""The data dictionary in Markdown, made from the definitions."""

from __future__ import annotations

from analysis.schema.definition import Column, Table, table, table_names

HEADER = """# Data dictionary

Made from `src/analysis/schema/tables.yaml` by `make dictionary`; do not edit here.
Lists are arrays in JSONL and Parquet and `;`-joined in CSV and XLSX; objects are objects in JSONL
and JSON strings elsewhere; missing is an empty cell, or null.
"""


def write_dictionary() -> str:
    """Return the dictionary: one section a table, one row a column.

    Examples
    --------
    >>> write_dictionary().splitlines()[0]
    '# Data dictionary'
    """
    return "\n".join([HEADER, *(_section(table(name)) for name in table_names())])


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
