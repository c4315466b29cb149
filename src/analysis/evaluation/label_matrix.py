"""Labels of posts as people write them, brought to lists and to matrices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError

_TRUE = ("true", "1", "1.0", "yes", "是")
_LISTS = ("grievances", "sub_grievances", "platforms")


def read_labels(data: pl.DataFrame) -> pl.DataFrame:
    """Return labelled posts with ``negative`` as a boolean and the lists as lists.

    Parameters
    ----------
    data
        ``text``, ``negative`` or ``is_negative``, and any of the lists, ``;``-joined or not.

    Returns
    -------
    pl.DataFrame
        The same rows; every other column as it was.

    Raises
    ------
    CaodianError
        If a column is missing or a code does not stand in the codebook.

    Examples
    --------
    >>> read_labels(pl.DataFrame({"text": ["坏了"], "negative": ["1"]}))["negative"].to_list()
    [True]
    """
    name = "negative" if "negative" in data.columns else "is_negative"
    for column in ("text", name):
        if column not in data.columns:
            raise CaodianError(
                "labelled posts must have the columns text and negative",
                value=", ".join(data.columns),
                remedy="Rename the columns, 1 or true for a negative item.",
            )
    negative = data[name].cast(pl.String).str.to_lowercase().is_in(_TRUE).fill_null(False)
    frame = data.with_columns(negative.alias("negative"))
    for column in _LISTS:
        if column in frame.columns:
            frame = frame.with_columns(_as_lists(frame[column]).alias(column))
    _check_codes(frame)
    return frame


def _as_lists(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.List):
        return values.cast(pl.List(pl.String)).fill_null([])
    split = values.cast(pl.String).fill_null("").str.split(";")
    return split.list.eval(pl.element().str.strip_chars().filter(pl.element() != ""))


def _check_codes(frame: pl.DataFrame) -> None:
    codebook = load_codebook()
    for column in _LISTS[:2]:
        if column in frame.columns:
            for name in frame[column].explode().drop_nulls().unique().sort().to_list():
                codebook.require(name, where=f"column {column}")


def label_matrix(lists: pl.Series, names: list[str]) -> npt.NDArray[np.bool_]:
    """Return for each row and name whether the row's list holds the name.

    Examples
    --------
    >>> label_matrix(pl.Series([["a"], []], dtype=pl.List(pl.String)), ["a", "b"]).tolist()
    [[True, False], [False, False]]
    """
    frame = lists.alias("list").to_frame()
    holds = [pl.col("list").list.contains(name).fill_null(False).alias(name) for name in names]
    return frame.select(holds).to_numpy().astype(bool).reshape(len(lists), len(names))
