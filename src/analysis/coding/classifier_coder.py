"""The default coder: learned weights of character n-grams beside rules and sentiment."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from analysis.coding.classifier_model import (
    TARGETS,
    ClassifierModel,
    shipped_classifier,
)
from analysis.coding.codebook import CODES
from analysis.coding.engine import Engine
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.scoring import FloatArray, Scores
from analysis.coding.sentiment_column import negative_logits

# What a label without any rule, or with the surest ones, is given as probability.
LEAST = 0.02
N_CODES = len(CODES)


def evidence(
    grams: FloatArray, of_negative: FloatArray, rules: FloatArray, *others: FloatArray
) -> FloatArray:
    """Return ``posts x targets x KINDS``: what speaks for each target.

    Parameters
    ----------
    grams
        Log-odds of each target by its own n-grams, ``posts x targets``.
    of_negative
        Log-odds of a negative item by n-grams.
    rules
        Logits of each target by the rules, ``posts x targets``.
    others
        The rules' logit of a negative item and the sentiment's, one a post.
    """
    shared = [np.broadcast_to(column[:, None], grams.shape) for column in (of_negative, *others)]
    return np.stack([grams, rules, *shared], axis=2)


def rule_logits(scores: Scores) -> tuple[FloatArray, FloatArray]:
    """Return the rules' logits of `TARGETS` and of the subs, before any other opinion.

    Examples
    --------
    >>> scores = Scores(np.zeros(1), np.zeros((1, 5)), np.full((1, 28), 0.5))
    >>> [logits.shape for logits in rule_logits(scores)]
    [(1, 14), (1, 19)]
    """
    drawn_in = np.clip(scores.labels, LEAST, 1 - LEAST)
    labels = np.log(drawn_in / (1 - drawn_in))
    voices = scores.voice[:, 1:] - scores.voice[:, :1]
    main = np.column_stack([scores.negative, labels[:, :N_CODES], voices])
    return main, labels[:, N_CODES:]


class ClassifierCoder(KeywordCoder):
    """Learned weights beside the rules and the sentiment; `train coder` learns all of them.

    Parameters
    ----------
    model
        The learned weights; the shipped ones by default.
    engine
        The compiled codebook; the project's by default.
    """

    name = "classifier"

    def __init__(self, model: ClassifierModel | None = None, engine: Engine | None = None) -> None:
        super().__init__(engine)
        self.model = model or shipped_classifier()

    def _judge(self, posts: pl.DataFrame, texts: pl.Series, scores: Scores) -> Scores:
        grams = self.model.main.log_odds(texts)
        by_rules, subs_by_rules = rule_logits(scores)
        shared = (grams[:, 0], scores.negative, negative_logits(posts, texts))
        main = self._weigh(0, grams, by_rules, shared)
        labels = np.zeros_like(scores.labels)
        labels[:, :N_CODES] = _probabilities(main[:, 1 : 1 + N_CODES])
        # Subs are asked for where a code may hold: elsewhere no answer of theirs counts.
        asked = np.flatnonzero((main[:, 0] > 0) & (main[:, 1 : 1 + N_CODES] > 0).any(axis=1))
        if asked.size:
            odds = self.model.subs.log_odds(texts.gather(asked))
            parts = tuple(column[asked] for column in shared)
            subs = self._weigh(len(TARGETS), odds, subs_by_rules[asked], parts)
            labels[asked, N_CODES:] = _probabilities(subs)
        voice = np.column_stack([np.zeros(len(main)), main[:, 1 + N_CODES :]])
        return Scores(main[:, 0], voice, labels)

    def _weigh(
        self, first: int, grams: FloatArray, rules: FloatArray, shared: tuple[FloatArray, ...]
    ) -> FloatArray:
        """Weigh the evidence without laying it side by side, as `evidence` does for learning."""
        which = slice(first, first + grams.shape[1])
        weights = self.model.stack[which].T
        result: FloatArray = grams * weights[0] + rules * weights[1] + self.model.shifts[which]
        for column, weight in zip(shared, weights[2:], strict=True):
            result += column[:, None] * weight
        return result


def _probabilities(logits: FloatArray) -> FloatArray:
    result: FloatArray = 1 / (1 + np.exp(-logits))
    return result


@cache
def combined_coder() -> ClassifierCoder:
    """Return the default: rules, sentiment and classifier together."""
    coder = ClassifierCoder()
    coder.name = "fast"
    return coder
