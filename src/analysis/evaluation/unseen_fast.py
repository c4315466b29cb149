"""What the fast coder would say of the posts that it learns from, had it not seen them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.classifier_model import sub_targets
from analysis.coding.own_words import own_words
from analysis.evaluation.gram_fit import Floats, fit_grams, folds_of
from analysis.evaluation.label_matrix import label_matrix
from analysis.evaluation.stack_fit import Judged, fit_stack
from analysis.evaluation.train_coder import (
    BUCKETS,
    SUB_BUCKETS,
    evidence_on,
    held_targets,
)


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
    texts, held, weight = own_words(posts), all_held(posts), posts["weight"].to_numpy()
    known = ["text", "writer", "negative", "weight"]
    everything = pl.concat([_with_writer(frame).select(known) for frame in (posts, judged)])
    folds = folds_of(everything)
    of_posts = folds[: posts.height]
    _, negative = fit_grams(
        own_words(everything),
        everything["negative"].to_numpy()[:, None],
        everything["weight"].to_numpy(),
        BUCKETS,
        seed,
        folds=folds,
    )
    subs_from = held.shape[1] - len(sub_targets())
    _, codes = fit_grams(texts, held[:, 1:subs_from], weight, BUCKETS, seed, folds=of_posts)
    _, subs = fit_grams(texts, held[:, subs_from:], weight, SUB_BUCKETS, seed, folds=of_posts)
    grams = np.hstack([negative[: posts.height], codes, subs])
    seen = evidence_on(posts, grams)
    coded = Judged(seen, held, weight)
    stack, shifts = fit_stack(coded, coded, seed)
    return UnseenFast(np.einsum("ptk,tk->pt", seen, stack) + shifts, held)


def _with_writer(posts: pl.DataFrame) -> pl.DataFrame:
    if "writer" in posts.columns:
        return posts
    return posts.with_columns(pl.lit(None, pl.String).alias("writer"))


def all_held(posts: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Return ``posts x targets and subs``: what holds.

    Examples
    --------
    >>> post = {"negative": [True], "grievances": [["price"]], "sub_grievances": [[]],
    ...         "voice": ["consumer"]}
    >>> all_held(pl.DataFrame(post, schema_overrides={"sub_grievances": pl.List(pl.String)})).sum()
    np.int64(2)
    """
    subs = label_matrix(posts["sub_grievances"], list(sub_targets()))
    return np.column_stack([held_targets(posts), subs])
