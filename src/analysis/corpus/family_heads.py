"""The representative of every family: its earliest post, then the one with the smallest key."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from analysis.corpus.ahead import in_order
from analysis.corpus.fingerprints import Array
from analysis.kernels.union_find import note_members

_NEVER = np.iinfo(np.int64).max
_ORDER = ("published_at", "key", "partition", "row")


def family_heads(partitions: Callable[[], Iterator[pl.DataFrame]], roots: Array) -> pl.DataFrame:
    """Return the first row of every family of two rows or more; a post without a time comes last.

    Parameters
    ----------
    partitions
        Yields `key, published_at, entry` of the partitions; called twice. Times are
        temporal or whole numbers.
    roots
        Component of every entry.

    Returns
    -------
    pl.DataFrame
        `key, published_at, entry, row, root, partition`.
    """
    counts, earliest = _first_times(partitions(), roots)

    def candidates(numbered: tuple[int, pl.DataFrame]) -> pl.DataFrame:
        number, rows = numbered
        placed = _with_places(rows, number, roots)
        is_early = values_at(earliest, placed["root"]) == _times(rows)
        is_shared = values_at(counts, placed["root"]) > 1
        return _with_own_keys(placed.filter(is_shared & is_early))

    heads, waiting, n_waiting = pl.DataFrame(), [], 0
    for found in in_order(candidates, enumerate(partitions())):
        waiting.append(found)
        n_waiting += found.height
        # Merged when they would double what is kept: few merges, and never much more than needed.
        if n_waiting > heads.height:
            heads, waiting, n_waiting = _firsts(pl.concat([heads, *waiting])), [], 0
    return _firsts(pl.concat([heads, *waiting]))


def _first_times(partitions: Iterator[pl.DataFrame], roots: Array) -> tuple[Array, Array]:
    """Return the number of rows of each component, up to two, and the earliest of their times."""
    counts = np.zeros(len(roots), np.uint8)
    earliest = np.full(len(roots), _NEVER, np.int64)
    for rows in partitions:
        has_text = rows["entry"].is_not_null()
        members = roots[rows["entry"].filter(has_text).to_numpy()]
        note_members(members, _times(rows).filter(has_text).to_numpy(), counts, earliest)
    return counts, earliest


def _times(rows: pl.DataFrame) -> pl.Series:
    """Return the times as numbers in their order; a post without a time comes last."""
    return rows["published_at"].to_physical().cast(pl.Int64).fill_null(_NEVER)


def values_at(values: Array, places: pl.Series) -> pl.Series:
    """Return the values at the places given, null where the place is null.

    Examples
    --------
    >>> values_at(np.array([5, 7]), pl.Series([1, None])).to_list()
    [7, None]
    """
    if places.null_count() == len(places):
        return pl.Series([None] * len(places), dtype=pl.Int32)
    found = pl.Series(values[places.fill_null(0).to_numpy()])
    if not places.has_nulls():
        return found
    return pl.select(pl.when(places.is_not_null()).then(found)).to_series()


def _with_places(rows: pl.DataFrame, number: int, roots: Array) -> pl.DataFrame:
    return rows.with_row_index("row").with_columns(
        values_at(roots, rows["entry"]).cast(pl.Int32).alias("root"),
        partition=pl.lit(number, pl.UInt32),
    )


def _with_own_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Copy the keys: those of a filtered frame would keep all keys of its partition in memory."""
    keys = rows["key"].cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest())
    return rows.with_columns(pl.Series("key", keys))


def _firsts(rows: pl.DataFrame) -> pl.DataFrame:
    if not rows.width:
        return rows
    ordered = rows.sort(_ORDER, nulls_last=True)
    return ordered.unique("root", keep="first", maintain_order=True)
