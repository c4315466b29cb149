"""From scores to the columns that every coder writes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.answer_columns import names_where, score_objects
from analysis.coding.clues import Clues
from analysis.coding.codebook import CODES, VOICES
from analysis.coding.engine import Engine
from analysis.coding.scoring import Scores
from analysis.kernels.strict_math import strict_probability

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
    engine: Engine, clues: Clues, platforms: pl.Series, scores: Scores
) -> pl.DataFrame:
    """Decide on voice, negative item and codes, and write the scores.

    A comment that attacks a practice on consumers' behalf is negative whatever its voice; any
    other post must be a consumer's.
    """
    voice = np.argmax(scores.voice, axis=1)
    spoken = strict_probability(scores.negative)
    on_behalf = holds(clues.starts, clues.found, engine.numbers["attacks_practice"])
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
            "platforms": platforms,
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
