"""What the fast coder would say of the posts that it learns from, had it not seen them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.evaluation.learned_fit import Floats
from analysis.evaluation.stack_fit import fit_stack
from analysis.evaluation.targets_fit import learn_targets
from analysis.kernels.evidence_sums import weigh_evidence

# What a post is taken for where a column is missing.
_OTHERWISE = {
    "channel": pl.lit(None, pl.String),
    "writer": pl.lit(None, pl.String),
    "voice": pl.lit("consumer"),
    "grievances": pl.lit([], pl.List(pl.String)),
    "sub_grievances": pl.lit([], pl.List(pl.String)),
    "negative_probability": pl.lit(None, pl.Float64),
}


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
        _completed(posts).with_columns(knows_codes=pl.lit(True)),
        _completed(judged).with_columns(knows_codes=pl.lit(False)),
    ]
    columns = ["text", "negative", "weight", "knows_codes", *_OTHERWISE]
    learnt = learn_targets(pl.concat([part.select(columns) for part in parts]), seed)
    stack, shifts = fit_stack(learnt.coded, learnt.coded, seed)
    return UnseenFast(weigh_evidence(*learnt.coded.seen, stack.T, shifts), learnt.coded.held)


def _completed(posts: pl.DataFrame) -> pl.DataFrame:
    missing = _OTHERWISE.keys() - set(posts.columns)
    return posts.with_columns(_OTHERWISE[name].alias(name) for name in sorted(missing))
