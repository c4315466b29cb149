"""What the fast coder would say of the posts that it learns from, had it not seen them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.evaluation.learned_fit import Floats
from analysis.evaluation.stack_fit import fit_stack
from analysis.evaluation.targets_fit import completed, learn_targets
from analysis.kernels.evidence_sums import weigh_evidence

_COLUMNS = (
    "text", "channel", "writer", "voice", "negative", "grievances", "sub_grievances",
    "negative_probability", "weight", "knows_codes",
)  # fmt: skip


@dataclass(frozen=True)
class UnseenFast:
    """The fast coder's log-odds beside what holds.

    Parameters
    ----------
    logits
        ``posts x targets and subs``, each from n-grams that saw no post of its writer.
    held
        What holds, in the same shape.
    """

    logits: Floats
    held: npt.NDArray[np.bool_]


def unseen_fast(posts: pl.DataFrame, judged: pl.DataFrame, seed: int) -> UnseenFast:
    """Return the log-odds of every coded post.

    Parameters
    ----------
    posts
        Coded posts: ``text, channel, voice, negative, grievances, sub_grievances, weight``, and
        ``negative_probability`` where the shipped sentiment has learnt them.
    judged
        More posts, of which only ``text, negative, weight`` are known.
    seed
        Of the solver.
    """
    parts = [
        completed(posts).with_columns(knows_codes=pl.lit(True)),
        completed(judged).with_columns(knows_codes=pl.lit(False)),
    ]
    learnt = learn_targets(pl.concat([part.select(_COLUMNS) for part in parts]), seed)
    stack, shifts = fit_stack(learnt.coded, learnt.coded)
    return UnseenFast(weigh_evidence(*learnt.coded.seen, stack.T, shifts), learnt.coded.held)
