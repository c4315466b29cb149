"""From concepts found to probabilities: negative item, codes, voice."""

# Compiled loops need many arguments.
# ruff: noqa: PLR0917
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.coding.engine import Engine
from analysis.coding.stars import StarEvidence
from analysis.kernels.compiled import lean

FloatArray = npt.NDArray[np.float64]

BIAS = -2.2
CONSUMER_HEAD_START = 1.6


class Scores(NamedTuple):
    """Per post: logit of a negative item, logits of the voices, probability of each label."""

    negative: FloatArray
    voice: FloatArray
    labels: FloatArray

    def with_stars(self, stars: StarEvidence) -> Scores:
        """Return the scores with what stars add to the negative item and to the consumer."""
        voice = self.voice.copy()
        voice[:, 0] += stars.consumer
        return Scores(self.negative + stars.negative, voice, self.labels)


@lean
def _accumulate(
    starts: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
    negative: FloatArray,
    voice: FloatArray,
    strengths: FloatArray,
    sums: FloatArray,
    voices: FloatArray,
    misses: FloatArray,
    is_rule: npt.NDArray[np.bool_],
) -> None:
    for post in range(starts.size - 1):
        for item in range(starts[post], starts[post + 1]):
            concept = found[item]
            if not is_rule[concept]:
                continue
            sums[post] += negative[concept]
            for speaker in range(voice.shape[1]):
                voices[post, speaker] += voice[concept, speaker]
            for label in range(strengths.shape[1]):
                misses[post, label] *= 1.0 - strengths[concept, label]


def score_posts(
    engine: Engine, starts: npt.NDArray[np.int64], found: npt.NDArray[np.int32], prior: FloatArray
) -> Scores:
    """Combine the concepts of each post.

    Parameters
    ----------
    engine
        Compiled codebook.
    starts, found
        Concepts in compressed rows.
    prior
        Logit of each post from elsewhere (sentiment), added to the rules.

    Returns
    -------
    Scores
        Evidence for negative and voices adds up in logits; rules of one label fail
        independently of each other (noisy or, Pearl 1988).
    """
    n_posts = starts.size - 1
    negative = prior + BIAS
    voice = np.zeros((n_posts, engine.voice.shape[1]))
    voice[:, 0] = CONSUMER_HEAD_START
    misses = np.ones((n_posts, len(engine.labels)))
    _accumulate(
        starts, found, engine.negative, engine.voice, engine.strengths, negative, voice, misses,
        engine.is_rule,
    )  # fmt: skip
    return Scores(negative, voice, 1.0 - misses)
