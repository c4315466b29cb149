"""The default coder: learned weights of n-grams and concepts beside rules and sentiment."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from analysis.coding.codebook import CODES
from analysis.coding.compiled_codebook import CompiledCodebook
from analysis.coding.features import Features
from analysis.coding.keyword_coder import KeywordCoder
from analysis.coding.learned_model import (
    N_CODES,
    OF_CODES,
    TARGETS,
    ClassifierModel,
    StackInputs,
    rule_logits,
    shared_inputs,
    sub_targets,
)
from analysis.coding.scoring import (
    FloatArray,
    Scores,
    StarEvidence,
    clip_log_odds,
    doubt_voice,
    given_logits,
    letter_evidence,
    place_evidence,
)
from analysis.engine.linear_sums import weigh_inputs
from analysis.engine.strict_math import strict_probability
from analysis.sentiment.linear import shipped_model


class ClassifierCoder(KeywordCoder):
    """Learned weights beside the rules and the sentiment; `train coder` learns all of them."""

    name = "classifier"

    def __init__(
        self, model: ClassifierModel | None = None, compiled: CompiledCodebook | None = None
    ) -> None:
        super().__init__(compiled)
        learned = model or ClassifierModel.load()
        # The weights as they are kept take as much memory again; they are let go.
        self._main = learned.main.reader(self.compiled, shipped_model())
        self._subs = learned.subs.reader(self.compiled)
        self._stack, self._shifts = learned.stack.T, learned.shifts
        parents = {sub.split(".")[0] for sub in sub_targets()}
        self._divided = [1 + place for place, code in enumerate(CODES) if code in parents]

    def _judge(
        self, posts: pl.DataFrame, features: Features, scores: Scores, stars: StarEvidence
    ) -> Scores:
        learned, sentiment = self._read(posts, features)
        by_rules, subs_by_rules = rule_logits(scores)
        shared = shared_inputs(learned, scores.negative, sentiment)
        main = self._weigh(0, StackInputs(learned, by_rules, shared))
        place = place_evidence(self.compiled, features, scores.negative)
        main[:, OF_CODES] += place.codes
        voice = np.column_stack([np.zeros(len(main)), main[:, 1 + N_CODES :]])
        said = Scores(main[:, 0] + place.negative, voice, scores.labels).with_stars(stars)
        agreed = self._with_voice(features, said)
        labels = np.zeros_like(scores.labels)
        labels[:, :N_CODES] = _probabilities(main[:, OF_CODES])
        # Subs are asked for where a code that has some may hold: elsewhere they do not count.
        asked = np.flatnonzero((agreed.negative > 0) & (main[:, self._divided] > 0).any(axis=1))
        if asked.size:
            odds = self._subs.log_odds(features.gather(asked))
            of_subs = StackInputs(odds, subs_by_rules[asked], shared[asked])
            labels[asked, N_CODES:] = _probabilities(self._weigh(len(TARGETS), of_subs))
        return Scores(agreed.negative, agreed.voice, labels)

    def _with_voice(self, features: Features, said: Scores) -> Scores:
        """Return the scores with who speaks as further evidence."""
        on_behalf = features.hold([self.compiled.numbers["attacks_practice"]])
        return doubt_voice(said.with_consumer(letter_evidence(features)), on_behalf)

    def _read(self, posts: pl.DataFrame, features: Features) -> tuple[FloatArray, FloatArray]:
        """Return the learned log-odds of `TARGETS` and the sentiment's, in one pass over grams."""
        odds = self._main.log_odds(features)
        given = given_logits(posts)
        return odds[:, :-1], clip_log_odds(odds[:, -1]) if given is None else given

    def _weigh(self, first: int, evidence: StackInputs) -> FloatArray:
        """Weigh what speaks for the targets from `first` on."""
        which = slice(first, first + evidence.own.shape[1])
        return weigh_inputs(*evidence, self._stack[:, which], self._shifts[which])


def _probabilities(logits: FloatArray) -> FloatArray:
    return strict_probability(logits)


@cache
def combined_coder() -> ClassifierCoder:
    """Return the default: rules, sentiment and classifier together."""
    coder = ClassifierCoder()
    coder.name = "fast"
    return coder
