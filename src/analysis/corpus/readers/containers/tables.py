"""The tables inside a file, whatever kind of file it is, told by its first bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Protocol

import polars as pl

from analysis.corpus.readers.containers.delimited import DelimitedTable
from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.spreadsheet import sheets
from analysis.corpus.readers.plan import Head, Plan

DELIMITERS = (",", "\t", ";", "|")


class RawTable(Protocol):
    """One table of strings in one file."""

    export: Export
    path: PurePath
    container: str
    table: str | None
    blank: int
    notes: list[str]

    def heads(self) -> Iterator[tuple[int, Head]]:
        """Yield possible headers with their places."""

    def batches(self, place: int, plan: Plan) -> Iterator[pl.DataFrame]:
        """Yield rows below the header: `row_number`, `note` and the plan's columns."""


def list_tables(export: Export) -> list[list[RawTable]]:
    """Return the tables of a file, each as the list of ways in which it may be read."""
    with export.open() as stream:
        start = stream.read(16)
    if start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return [[sheet] for sheet in sheets(export)]
    return [[DelimitedTable(export, delimiter) for delimiter in DELIMITERS]]
