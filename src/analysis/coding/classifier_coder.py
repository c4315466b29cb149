"""The default coder: learned weights of n-grams and concepts beside rules and sentiment."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from analysis.coding.classifier_model import (
    TARGETS,
    ClassifierModel,
    sub_targets,
)
from analysis.coding.clues import Clues
from analysis.coding.codebook import CODES
from analysis.coding.engine import Engine
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.scoring import FloatArray, Scores
from analysis.coding.sentiment_column import drawn_in, given_logits
from analysis.kernels.evidence_sums import drawn_in_logits, weigh_evidence
from analysis.sentiment.linear import shipped_model

# What a label without any rule, or with the surest ones, is given as probability.
LEAST = 0.02
N_CODES = len(CODES)
Shared = tuple[FloatArray, FloatArray, FloatArray]


def evidence(
    learned: FloatArray, of_negative: FloatArray, rules: FloatArray, *others: FloatArray
) -> FloatArray:
    """Return ``posts x targets x KINDS``: what speaks for each target.

    Parameters
    ----------
    learned
        Log-odds of each target by its own n-grams and concepts, ``posts x targets``.
    of_negative
        Those of a negative item.
    rules
        Logits of each target by the rules, ``posts x targets``.
    others
        The rules' logit of a negative item and the sentiment's, one a post.
    """
    shared = [np.broadcast_to(column[:, None], learned.shape) for column in (of_negative, *others)]
    return np.stack([learned, rules, *shared], axis=2)


def rule_logits(scores: Scores) -> tuple[FloatArray, FloatArray]:
    """Return the rules' logits of `TARGETS` and of the subs, before any other opinion.

    Examples
    --------
    >>> scores = Scores(np.zeros(1), np.zeros((1, 5)), np.full((1, 28), 0.5))
    >>> [logits.shape for logits in rule_logits(scores)]
    [(1, 14), (1, 19)]
    """
    labels = drawn_in_logits(scores.labels, LEAST)
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
        learned = model or ClassifierModel.load()
        # The weights as they are kept take as much memory again; they are let go.
        self._main = learned.main.reader(self.engine, shipped_model())
        self._subs = learned.subs.reader(self.engine)
        self._stack, self._shifts = learned.stack, learned.shifts
        parents = {sub.split(".")[0] for sub in sub_targets()}
        self._divided = [1 + place for place, code in enumerate(CODES) if code in parents]

    def _judge(self, posts: pl.DataFrame, clues: Clues, scores: Scores) -> Scores:
        learned, sentiment = self._read(posts, clues)
        by_rules, subs_by_rules = rule_logits(scores)
        shared = (learned[:, 0], scores.negative, sentiment)
        main = self._weigh(0, learned, by_rules, shared)
        labels = np.zeros_like(scores.labels)
        labels[:, :N_CODES] = _probabilities(main[:, 1 : 1 + N_CODES])
        # Subs are asked for where a code that has some may hold: elsewhere they do not count.
        asked = np.flatnonzero((main[:, 0] > 0) & (main[:, self._divided] > 0).any(axis=1))
        if asked.size:
            odds = self._subs.log_odds(clues.gather(asked))
            parts = (shared[0][asked], shared[1][asked], shared[2][asked])
            subs = self._weigh(len(TARGETS), odds, subs_by_rules[asked], parts)
            labels[asked, N_CODES:] = _probabilities(subs)
        voice = np.column_stack([np.zeros(len(main)), main[:, 1 + N_CODES :]])
        return Scores(main[:, 0], voice, labels)

    def _read(self, posts: pl.DataFrame, clues: Clues) -> tuple[FloatArray, FloatArray]:
        """Return the learned log-odds of `TARGETS` and the sentiment's, in one pass over grams."""
        odds = self._main.log_odds(clues)
        given = given_logits(posts)
        return odds[:, :-1], drawn_in(odds[:, -1]) if given is None else given

    def _weigh(
        self, first: int, learned: FloatArray, rules: FloatArray, shared: Shared
    ) -> FloatArray:
        """Weigh the evidence without laying it side by side, as `evidence` does for learning."""
        which = slice(first, first + learned.shape[1])
        return weigh_evidence(learned, rules, shared, self._stack[which], self._shifts[which])


def _probabilities(logits: FloatArray) -> FloatArray:
    result: FloatArray = 1 / (1 + np.exp(-logits))
    return result


@cache
def combined_coder() -> ClassifierCoder:
    """Return the default: rules, sentiment and classifier together."""
    coder = ClassifierCoder()
    coder.name = "fast"
    return coder
