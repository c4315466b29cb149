"""A linear classifier of negative items and codes on character n-grams, beside the rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.codebook import CODES
from analysis.coding.engine import Engine
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.scoring import FloatArray, Scores
from analysis.errors import CaodianError
from analysis.kernels.gram_sums import side_by_side, sum_all_weights
from analysis.kernels.utf8 import text_buffers

SHIPPED_WEIGHTS = Path(__file__).with_name("weights") / "coder.npz"
TARGETS = ("negative", *CODES)
# Beyond these log-odds an n-gram model is sure of its own corpus only.
SUREST = 4.0
# What a code without any rule, or with the surest ones, is given as probability.
LEAST = 0.02


@dataclass(frozen=True)
class ClassifierModel:
    """Whole-number weights of hashed character 1-3-grams, one row a target of `TARGETS`.

    The log-odds of a target are `slope * sum(weights) / sqrt(grams) + intercept`.
    """

    weights: npt.NDArray[np.int8]
    foldings: npt.NDArray[np.int32]
    slopes: FloatArray
    intercepts: FloatArray

    @classmethod
    def load(cls, path: Path | str | None = None) -> ClassifierModel:
        """Return the model of a weights file; without `path` the shipped one.

        Raises
        ------
        CaodianError
            If the file is absent or no weights file of this program.

        Examples
        --------
        >>> ClassifierModel.load().weights.dtype
        dtype('int8')
        """
        source = SHIPPED_WEIGHTS if path is None else Path(path)
        try:
            with np.load(source, allow_pickle=False) as arrays:
                if tuple(arrays["targets"].tolist()) != TARGETS:
                    raise ValueError("trained for another codebook")
                size = int(arrays["folded_from"].max()) + 1
                foldings = np.arange(size, dtype=np.int32)
                foldings[arrays["folded_from"]] = arrays["folded_to"]
                return cls(arrays["weights"], foldings, arrays["slopes"], arrays["intercepts"])
        except (OSError, KeyError, ValueError) as error:
            raise CaodianError(
                "a classifier must be a weights file written by `caodian train coder`",
                value=str(error),
                where=str(source),
                remedy="Train it again.",
            ) from error

    def save(self, path: Path | str) -> None:
        """Write the weights file; the same model gives the same bytes."""
        changed = np.flatnonzero(self.foldings != np.arange(self.foldings.size)).astype(np.int32)
        with Path(path).open("wb") as file:
            np.savez(
                file,
                weights=self.weights,
                folded_from=changed,
                folded_to=self.foldings[changed],
                slopes=self.slopes,
                intercepts=self.intercepts,
                targets=np.array(TARGETS),
            )

    def log_odds(self, texts: pl.Series) -> FloatArray:
        """Return the log-odds of each target for each text; a text without grams gives zeros."""
        buffers = text_buffers(texts)
        result = sum_all_weights(buffers, self.foldings, self._rows, len(TARGETS))
        result *= self.slopes
        result += self.intercepts
        result[np.diff(buffers.offsets) == 0] = 0.0
        return result

    @cached_property
    def _rows(self) -> npt.NDArray[np.uint64]:
        return side_by_side(self.weights)


@cache
def shipped_classifier() -> ClassifierModel:
    """Return the shipped classifier, read once a process."""
    return ClassifierModel.load()


@dataclass(frozen=True)
class Combination:
    """How much the classifier's log-odds weigh beside the rules, and what is added to both."""

    negative: float
    codes: float
    negative_shift: float = 0.0
    codes_shift: float = 0.0


def combine(scores: Scores, log_odds: FloatArray, how: Combination) -> Scores:
    """Return the scores of the rules with the classifier's log-odds added.

    Subs stay as the rules gave them.

    Examples
    --------
    >>> rules = Scores(np.zeros(1), np.zeros((1, 1)), np.full((1, 9), 0.5))
    >>> both = combine(rules, np.full((1, 10), 2.0), Combination(negative=0.5, codes=0.0))
    >>> both.negative.tolist(), both.labels[0, 0].item()
    ([1.0], 0.5)
    """
    drawn_in = np.clip(log_odds, -SUREST, SUREST)
    negative = scores.negative + how.negative * drawn_in[:, 0] + how.negative_shift
    ruled = np.clip(scores.labels[:, : len(CODES)], LEAST, 1 - LEAST)
    logits = np.log(ruled / (1 - ruled)) + how.codes * drawn_in[:, 1:] + how.codes_shift
    labels = scores.labels.copy()
    labels[:, : len(CODES)] = 1 / (1 + np.exp(-logits))
    return Scores(negative, scores.voice, labels)


class ClassifierCoder(KeywordCoder):
    """The rules and the sentiment with the classifier beside them.

    Parameters
    ----------
    how
        The weights of the classifier.
    model
        The classifier; the shipped one by default.
    engine, sentiment_weight, shift
        As for `KeywordCoder`.
    """

    name = "classifier"

    def __init__(
        self,
        how: Combination,
        model: ClassifierModel | None = None,
        engine: Engine | None = None,
        sentiment_weight: float = 0.8,
        shift: float = 0.5,
    ) -> None:
        super().__init__(engine, sentiment_weight, shift)
        self.how = how
        self.model = model or shipped_classifier()

    def _judge(self, texts: pl.Series, scores: Scores) -> Scores:
        return combine(scores, self.model.log_odds(texts), self.how)


@cache
def combined_coder() -> ClassifierCoder:
    """Return the default: rules, sentiment and classifier together."""
    # Chosen on a held-out simulated sample, with a look at part c of the coded posts (40, so a
    # single post moves its scores) and at real posts about other things: none of them got worse.
    coder = ClassifierCoder(
        Combination(negative=1.2, codes=0.5, negative_shift=1.0, codes_shift=1.0)
    )
    coder.name = "fast"
    return coder
