"""What speaks for each target of a post, before it is weighed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.coding.classifier_model import TARGETS
from analysis.coding.codebook import CODES
from analysis.coding.scoring import FloatArray, Scores
from analysis.kernels.evidence_sums import drawn_in_logits, shared_columns

# What a label without any rule, or with the surest ones, is given as probability.
LEAST = 0.02
N_CODES = len(CODES)
#: Where the codes stand among `TARGETS`.
OF_CODES = slice(1, 1 + N_CODES)
#: Kinds of evidence of one target: its own two, and the shared ones.
KINDS = 2 + 2 * len(TARGETS) + 3


class Evidence(NamedTuple):
    """What speaks for the targets of some posts.

    A post is a negative item the more surely, the more a code of it holds, and a code the less
    surely, the more its neighbours hold: so what was learnt of every one of `TARGETS` is evidence
    for each target, as log-odds and as probability.

    Parameters
    ----------
    own
        What was learnt of each target itself, log-odds, ``posts x targets``.
    rules
        Logits of each target by the rules, ``posts x targets``.
    shared
        What is evidence for all of them, as `shared_evidence` returns it.
    """

    own: FloatArray
    rules: FloatArray
    shared: FloatArray

    def gather(self, rows: npt.NDArray[np.int64]) -> Evidence:
        """Return the evidence on some of the posts."""
        return Evidence(self.own[rows], self.rules[rows], self.shared[rows])

    def of_target(self, target: int) -> FloatArray:
        """Return ``posts x KINDS``: all that speaks for one target.

        Examples
        --------
        >>> Evidence(np.ones((1, 2)), np.zeros((1, 2)), np.full((1, 1), 5.0)).of_target(1).tolist()
        [[1.0, 0.0, 5.0]]
        """
        return np.column_stack([self.own[:, target], self.rules[:, target], self.shared])


def shared_evidence(learned: FloatArray, rules: FloatArray, sentiment: FloatArray) -> FloatArray:
    """Return what is evidence for all targets of each post.

    Parameters
    ----------
    learned
        What was learnt of `TARGETS`, log-odds, ``posts x targets``.
    rules, sentiment
        The rules' logit of a negative item and the sentiment's, one a post.

    Examples
    --------
    >>> shared_evidence(np.zeros((2, len(TARGETS))), np.zeros(2), np.zeros(2)).shape[1] + 2 == KINDS
    True
    """
    return shared_columns(learned, OF_CODES, rules, sentiment)


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
