"""Columns of lists and of JSON out of flat arrays, without a Python object a row."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analysis.coding.codebook import CODES
from analysis.kernels.row_lists import DECIMALS, true_columns, write_fractions
from analysis.kernels.utf8 import text_buffers

LongArray = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

SMALLEST_SCORE = 0.005


def names_where(held: npt.NDArray[np.bool_], names: tuple[str, ...]) -> pl.Series:
    """Return for each row the names of its true columns, in their order.

    Examples
    --------
    >>> names_where(np.array([[True, False], [False, False]]), ("a", "b")).to_list()
    [['a'], []]
    """
    return name_lists(*true_columns(held), names)


def name_lists(
    bounds: LongArray, numbers: npt.NDArray[np.int32], names: tuple[str, ...]
) -> pl.Series:
    """Return lists of names, row `i` those of `numbers[bounds[i]:bounds[i + 1]]`.

    Examples
    --------
    >>> name_lists(np.array([0, 2, 2]), np.array([1, 0], np.int32), ("a", "b")).to_list()
    [['b', 'a'], []]
    """
    values = pl.Series(names, dtype=pl.String).gather(numbers.astype(np.uint32))
    lists = pa.LargeListArray.from_arrays(
        pa.array(bounds), values.to_arrow(compat_level=pl.CompatLevel.newest())
    )
    return pl.Series(values=lists, dtype=pl.List(pl.String))


def score_objects(probabilities: npt.NDArray[np.float64]) -> pl.Series:
    """Return the graded scores as JSON objects, keys sorted, tiny scores left out.

    Examples
    --------
    >>> score_objects(np.array([[0.9] + [0.0] * 8])).to_list()
    ['{"live_streaming":0.9}']
    """
    keys, digits, order = _written()
    least = round(SMALLEST_SCORE * DECIMALS)
    bounds, data = write_fractions(probabilities, order, least, keys, digits)
    texts = pa.LargeStringArray.from_buffers(
        len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data)
    )
    return pl.Series(values=texts, dtype=pl.String)


@lru_cache(maxsize=1)
def _written() -> tuple[tuple[LongArray, Bytes], tuple[LongArray, Bytes], LongArray]:
    """Every key and every number as it is written, and the columns in the order of their keys."""
    order = np.argsort(np.array(CODES))
    keys = text_buffers(pl.Series([f'"{CODES[column]}":' for column in order]))
    digits = text_buffers(pl.Series(np.arange(DECIMALS + 1) / DECIMALS).cast(pl.String))
    return (keys.offsets, keys.data), (digits.offsets, digits.data), order
