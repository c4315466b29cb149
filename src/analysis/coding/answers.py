"""From scores to the columns that every coder writes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import CODES, VOICES
from analysis.coding.engine import Engine
from analysis.coding.scoring import Scores

SMALLEST_SCORE = 0.005
CODE_THRESHOLD = 0.5
SUB_THRESHOLD = 0.5

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
    engine: Engine,
    posts: pl.DataFrame,
    starts: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
    scores: Scores,
) -> pl.DataFrame:
    """Decide on voice, negative item, codes and platforms, and write the scores.

    A comment that attacks a practice on consumers' behalf is negative whatever its voice; any
    other post must be a consumer's.
    """
    voice = np.argmax(scores.voice, axis=1)
    spoken = 1 / (1 + np.exp(-scores.negative))
    on_behalf = holds(starts, found, engine.numbers["attacks_practice"])
    silent = (voice != 0) & ~on_behalf
    probability = np.where(silent, spoken * 0.05, spoken)
    is_negative = probability >= 0.5
    codes = scores.labels[:, : len(CODES)]
    held = (codes >= CODE_THRESHOLD) & is_negative[:, None]
    subs = (scores.labels[:, len(CODES) :] >= SUB_THRESHOLD) & is_negative[:, None]
    parents = [CODES.index(label.split(".")[0]) for label in engine.labels[len(CODES) :]]
    subs &= held[:, parents]
    return pl.DataFrame(
        {
            "voice": pl.Series(VOICES).gather(voice),
            "is_negative": is_negative,
            "negative_probability": probability,
            "grievances": names_where(held, CODES),
            "sub_grievances": names_where(subs, engine.labels[len(CODES) :]),
            "platforms": platform_names(engine, starts, found),
            "scores": score_objects(probability[:, None] * codes),
        },
        schema=CODED_COLUMNS,
    )


def holds(
    starts: npt.NDArray[np.int64], found: npt.NDArray[np.int32], concept: int
) -> npt.NDArray[np.bool_]:
    """Tell for each post whether a concept was found."""
    result = np.zeros(starts.size - 1, bool)
    places = np.flatnonzero(found == concept)
    result[np.searchsorted(starts, places, side="right") - 1] = True
    return result


def names_where(held: npt.NDArray[np.bool_], names: tuple[str, ...]) -> pl.Series:
    """Return for each row the names of its true columns, in their order.

    Examples
    --------
    >>> names_where(np.array([[True, False], [False, False]]), ("a", "b")).to_list()
    [['a'], []]
    """
    _rows, columns = np.nonzero(held)
    return _lists(held.sum(axis=1), pl.Series(names, dtype=pl.String).gather(columns))


def _lists(counts: npt.NDArray[np.int64], values: pl.Series) -> pl.Series:
    """Cut a column of values into lists of the given lengths."""
    rows = np.repeat(np.arange(counts.size), counts)
    grouped = (
        pl.DataFrame({"row": rows, "value": values})
        .group_by("row", maintain_order=True)
        .agg("value")
    )
    every = pl.DataFrame({"row": np.arange(counts.size)}).join(
        grouped, on="row", how="left", maintain_order="left"
    )
    return every["value"].fill_null(pl.lit([], dtype=pl.List(pl.String)))


def platform_names(
    engine: Engine, starts: npt.NDArray[np.int64], found: npt.NDArray[np.int32]
) -> pl.Series:
    """Return the canonical platforms of each post, in the codebook's order."""
    named = np.zeros((starts.size - 1, len(engine.platforms)), bool)
    places = np.flatnonzero(engine.platform_of[found] >= 0)
    posts = np.searchsorted(starts, places, side="right") - 1
    named[posts, engine.platform_of[found[places]]] = True
    return names_where(named, engine.platforms)


def score_objects(probabilities: npt.NDArray[np.float64]) -> pl.Series:
    """Return the graded scores as JSON objects, keys sorted, tiny scores left out.

    Examples
    --------
    >>> score_objects(np.array([[0.9] + [0.0] * 8])).to_list()
    ['{"live_streaming":0.9}']
    """
    rounded = np.round(probabilities, 4)
    order = np.argsort(CODES)
    columns = {CODES[index]: rounded[:, index] for index in order}
    frame = pl.DataFrame(columns)
    parts = [
        pl.when(pl.col(code) >= SMALLEST_SCORE).then(
            pl.lit(f'"{code}":') + pl.col(code).cast(pl.String)
        )
        for code in columns
    ]
    body = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return frame.select(("{" + body + "}").alias("scores"))["scores"]
