"""The columns of the canonical post, in their order, with their types, as the schema has them."""

from __future__ import annotations

import polars as pl

from analysis.schema import table
from analysis.schema.definition import ZONE

__all__ = ["CANONICAL", "REJECTS", "ZONE"]

CANONICAL = pl.Schema(table("posts").polars_schema)
REJECTS = pl.Schema(table("rejects").polars_schema)
