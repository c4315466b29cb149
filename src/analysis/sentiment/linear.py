"""Probability that a text voices a negative judgement: a linear model on character n-grams."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from analysis.engine.flat_columns import text_buffers
from analysis.engine.linear_sums import sum_weights
from analysis.errors import CaodianError

_SHIPPED_WEIGHTS = Path(__file__).with_name("weights") / "sentiment.npz"


@dataclass(frozen=True)
class LinearModel:
    """Whole-number weights of hashed character 1-3-grams, with their calibration.

    The log-odds of a text are `slope * sum(weights) / sqrt(grams) + intercept`.
    """

    weights: npt.NDArray[np.int8]
    foldings: npt.NDArray[np.int32]
    slope: float
    intercept: float

    @classmethod
    def load(cls, path: Path | str | None = None) -> LinearModel:
        """Return the model of a weights file; without `path` the shipped one."""
        source = _SHIPPED_WEIGHTS if path is None else Path(path)
        try:
            with np.load(source, allow_pickle=False) as arrays:
                slope, intercept = arrays["calibration"].tolist()
                foldings = _unpack_foldings(arrays["folded_from"], arrays["folded_to"])
                return cls(arrays["weights"], foldings, slope, intercept)
        except (OSError, KeyError, ValueError) as error:
            raise CaodianError(
                "a sentiment model must be a weights file written by `caodian train sentiment`",
                value=str(error),
                where=str(source),
                remedy="Train it again.",
            ) from error

    def save(self, path: Path | str) -> None:
        """Write the weights file; the same model gives the same bytes."""
        folded_from, folded_to = _pack_foldings(self.foldings)
        with Path(path).open("wb") as file:
            np.savez(
                file,
                weights=self.weights,
                folded_from=folded_from,
                folded_to=folded_to,
                calibration=np.array([self.slope, self.intercept]),
            )

    def log_odds(self, texts: pl.Series) -> npt.NDArray[np.float64]:
        """Return the calibrated log-odds of "negative" for each text."""
        buffers = text_buffers(texts)
        sums = sum_weights(buffers.offsets, buffers.data, self.foldings, self.weights)
        return self.slope * sums + self.intercept

    def negative_probabilities(self, texts: pl.Series) -> pl.Series:
        """Return the probability of "negative" for each text, null for a null or empty one."""
        values = pl.Series("negative_probability", expit(self.log_odds(texts)))
        return values.set(texts.str.len_bytes().fill_null(0) == 0, None)


def _pack_foldings(
    table: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the code points that fold to another one, and what they fold to."""
    changed = np.flatnonzero(table != np.arange(table.size)).astype(np.int32)
    return changed, table[changed]


def _unpack_foldings(
    folded_from: npt.NDArray[np.int32], folded_to: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Return the whole table again; the last code point of the table always folds to nothing."""
    table = np.arange(int(folded_from.max()) + 1, dtype=np.int32)
    table[folded_from] = folded_to
    return table


@cache
def shipped_model() -> LinearModel:
    """Return the shipped model, read once a process."""
    return LinearModel.load()


def negative_probabilities(texts: pl.Series) -> pl.Series:
    """Return, by the shipped model, the probability that each text judges negatively.

    Negative means a negative judgement of goods, sellers, services or platforms. A null or
    empty text gives null.

    Parameters
    ----------
    texts
        Strings, cleaned and masked or as they stand.

    Examples
    --------
    >>> found = negative_probabilities(pl.Series(["质量太差，客服不理人", "很好用，发货快", None]))
    >>> [None if p is None else p > 0.5 for p in found.to_list()]
    [True, False, None]
    """
    return shipped_model().negative_probabilities(texts)
