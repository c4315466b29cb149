"""From scores to the columns that every coder writes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analysis.coding.codebook import CODES, VOICES
from analysis.coding.compiled_codebook import CompiledCodebook
from analysis.coding.features import Features
from analysis.coding.scoring import Scores
from analysis.engine.flat_columns import DECIMALS, text_buffers, true_columns, write_fractions
from analysis.engine.strict_math import strict_probability

# Columns of lists and of JSON out of flat arrays, without a Python object a row.

LongArray = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.uint8]

_SMALLEST_SCORE = 0.005


def _names_where(held: npt.NDArray[np.bool_], names: tuple[str, ...]) -> pl.Series:
    """Return for each row the names of its true columns, in their order."""
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
    least = round(_SMALLEST_SCORE * DECIMALS)
    bounds, data = write_fractions(probabilities, order, least, keys, digits)
    texts = pa.LargeStringArray.from_buffers(
        len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data)
    )
    return pl.Series(values=texts, dtype=pl.String)


@lru_cache(maxsize=1)
def _written() -> tuple[tuple[LongArray, _Bytes], tuple[LongArray, _Bytes], LongArray]:
    """Every key and every number as it is written, and the columns in the order of their keys."""
    order = np.argsort(np.array(CODES))
    keys = text_buffers(pl.Series([f'"{CODES[column]}":' for column in order]))
    digits = text_buffers(pl.Series(np.arange(DECIMALS + 1) / DECIMALS).cast(pl.String))
    return (keys.offsets, keys.data), (digits.offsets, digits.data), order


CODE_THRESHOLD = 0.5
_SUB_THRESHOLD = 0.5

CODED_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "voice": pl.String,
    "is_negative": pl.Boolean,
    "negative_probability": pl.Float64,
    "grievances": pl.List(pl.String),
    "sub_grievances": pl.List(pl.String),
    "platforms": pl.List(pl.String),
    "scores": pl.String,
}


def build_answers(
    compiled: CompiledCodebook, features: Features, platforms: pl.Series, scores: Scores
) -> pl.DataFrame:
    """Decide on voice, negative item and codes, and write the scores.

    A comment that attacks a practice on consumers' behalf is negative whatever its voice; any
    other post must be a consumer's.
    """
    voice = np.argmax(scores.voice, axis=1)
    spoken = strict_probability(scores.negative)
    on_behalf = features.hold([compiled.numbers["attacks_practice"]])
    silent = (voice != 0) & ~on_behalf
    probability = np.where(silent, spoken * 0.05, spoken)
    is_negative = probability >= 0.5
    codes = scores.labels[:, : len(CODES)]
    held = (codes >= CODE_THRESHOLD) & is_negative[:, None]
    subs = (scores.labels[:, len(CODES) :] >= _SUB_THRESHOLD) & is_negative[:, None]
    parents = [CODES.index(label.split(".")[0]) for label in compiled.labels[len(CODES) :]]
    subs &= held[:, parents]
    return pl.DataFrame(
        {
            "voice": pl.Series(VOICES).gather(voice),
            "is_negative": is_negative,
            "negative_probability": probability,
            "grievances": _names_where(held, CODES),
            "sub_grievances": _names_where(subs, compiled.labels[len(CODES) :]),
            "platforms": platforms,
            "scores": score_objects(probability[:, None] * codes),
        },
        schema=CODED_COLUMNS,
    )
