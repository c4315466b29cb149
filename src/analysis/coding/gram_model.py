"""Learned weights of hashed character 1-3-grams, several targets at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.scoring import FloatArray
from analysis.kernels.gram_sums import MAX_TARGETS, side_by_side, sum_all_weights
from analysis.kernels.utf8 import text_buffers
from analysis.sentiment.linear import LinearModel, shipped_model


@dataclass(frozen=True)
class GramModel:
    """Whole-number weights of hashed grams, one row a target, as they are learnt and kept.

    The log-odds of a target are `slope * sum(weights) / sqrt(grams) + intercept`.
    """

    weights: npt.NDArray[np.int8]
    slopes: FloatArray
    intercepts: FloatArray

    def table(self, sentiment: LinearModel | None = None) -> GramTable:
        """Return the model as it is read, with the sentiment as its last target if given.

        Raises
        ------
        ValueError
            If the sentiment's table of grams has another size: both are read in one pass.
        """
        weights, slopes, intercepts = self.weights, self.slopes, self.intercepts
        if sentiment is not None:
            if sentiment.weights.size != weights.shape[1]:
                raise ValueError("trained with another number of hashed grams")
            weights = np.vstack([weights, sentiment.weights])
            slopes = np.append(slopes, sentiment.slope)
            intercepts = np.append(intercepts, sentiment.intercept)
        firsts = range(0, len(weights), MAX_TARGETS)
        rows = tuple(side_by_side(weights[first : first + MAX_TARGETS]) for first in firsts)
        return GramTable(rows, slopes, intercepts)


@dataclass(frozen=True)
class GramTable:
    """The weights as the kernel reads them: those of a gram side by side.

    Parameters
    ----------
    rows
        Up to `MAX_TARGETS` targets each.
    slopes, intercepts
        One a target.
    """

    rows: tuple[npt.NDArray[np.uint64], ...]
    slopes: FloatArray
    intercepts: FloatArray

    def log_odds(self, texts: pl.Series) -> FloatArray:
        """Return the log-odds of each target for each text; a text without grams gives zeros."""
        buffers, foldings = text_buffers(texts), shipped_model().foldings
        parts = [sum_all_weights(buffers, foldings, rows, MAX_TARGETS) for rows in self.rows]
        sums = parts[0] if len(parts) == 1 else np.hstack(parts)
        result: FloatArray = sums[:, : len(self.slopes)] * self.slopes + self.intercepts
        result[np.diff(buffers.offsets) == 0] = 0.0
        return result
