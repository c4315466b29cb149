"""The three units that everything is counted in, side by side.

Items are the posts in the window with repeats once, families the distinct near-duplicate texts
among them, authors the distinct people among them. Nothing here depends on the order of rows, and
a lazy frame is never read as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import polars as pl

from analysis.errors import CaodianError, nearest
from analysis.frames import AnyFrame, as_lazy

UNITS = ["items", "families", "authors"]
NEEDED = ("is_negative", "grievances")
# Told apart by eight bytes of each, which keeps memory small. That two of ten million names share
# them, so that one is missed, happens in 3 runs of a million.
_NAMED = ("family_id", "author_key")
COUNTED: dict[str, pl.DataType] = {
    "is_in_window": pl.Boolean(),
    "repeat_of": pl.String(),
    "published_at": pl.Datetime("us", "Asia/Shanghai"),
    "channel": pl.String(),
    "stars": pl.Float64(),
    "is_negative": pl.Boolean(),
    "family_id": pl.String(),
    "author_key": pl.String(),
    "grievances": pl.List(pl.String),
    "sub_grievances": pl.List(pl.String),
    "platforms": pl.List(pl.String),
}


def select_items(posts: AnyFrame) -> pl.LazyFrame:
    """Return the countable posts: in the window, repeats once; a missing column is null.

    Without a study `is_in_window` is null throughout, and every post is in the window.
    """
    lazy = as_lazy(posts)
    present = lazy.collect_schema()
    for name in NEEDED:
        if name not in present:
            raise CaodianError(
                f"counting needs the column `{name}`",
                value=sorted(present),
                remedy="Code the posts first (caodian code).",
            )
    lazy = lazy.select(_column(name, kind, present.get(name)) for name, kind in COUNTED.items())
    is_judged = lazy.select(pl.col("is_in_window").is_not_null().any()).collect(engine="streaming")
    if is_judged.item():
        lazy = lazy.filter(pl.col("is_in_window"))
    return lazy.filter(pl.col("repeat_of").is_null())


def _column(name: str, kind: pl.DataType, found: pl.DataType | None) -> pl.Expr:
    if found is None:
        return pl.lit(None, dtype=kind).alias(name)
    column = pl.col(name)
    if isinstance(found, pl.Datetime) and found.time_zone is None:
        column = column.dt.replace_time_zone("Asia/Shanghai")  # a bare time is local time
    return column.cast(kind)


def spread(items: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Return one row per negative item and distinct member of a list column, in `group`."""
    return (
        items.filter(pl.col("is_negative"))
        .with_columns(pl.col(column).list.unique().alias("group"))
        .explode("group")
        .filter(pl.col("group").is_not_null())
    )


def label(items: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """Return the items with `group` set to one name."""
    return items.with_columns(pl.lit(name).alias("group"))


def count_units(grouped: pl.LazyFrame, by: Sequence[str] = ("group",)) -> pl.LazyFrame:
    """Count items, families and authors by the given columns; an unknown author is nobody."""
    hashed = grouped.with_columns(
        pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name) for name in _NAMED
    )
    return hashed.group_by(by).agg(
        pl.len().cast(pl.Int64).alias("items"),
        _distinct("family_id").alias("families"),
        _distinct("author_key").alias("authors"),
    )


def _distinct(column: str) -> pl.Expr:
    return (pl.col(column).n_unique() - (pl.col(column).null_count() > 0)).cast(pl.Int64)


def collect_counts(queries: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    """Run the queries one after another, streaming, and stack their rows.

    Each holds the distinct families and authors of its groups: together they would hold as many
    times the whole corpus's as there are queries.
    """
    return pl.concat([query.collect(engine="streaming") for query in queries])


def in_order(found: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    """Return one row per name, in the order given, zero where nothing was found."""
    unknown = sorted(set(found[column]) - set(names))
    if unknown:
        near = nearest(unknown[0], list(names))
        raise CaodianError(
            f"every {column} must be in the codebook",
            value=unknown,
            where=f"column {column}",
            remedy=f"Did you mean {near!r}?" if near else "Add it to the codebook.",
        )
    units = [unit for unit in UNITS if unit in found]
    table = found.set_index(column).reindex(pd.Index(names, name=column))
    table[units] = table[units].fillna(0).astype("int64")
    return table.reset_index()
