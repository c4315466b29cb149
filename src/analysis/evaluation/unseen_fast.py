"""What the fast coder would say of the posts that it learns from, had it not seen them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.coding.classifier_model import sub_targets
from analysis.coding.clues import read_clues
from analysis.coding.keyword_coder import keyword_coder
from analysis.evaluation.label_matrix import label_matrix
from analysis.evaluation.learned_fit import Floats, fit_learned, folds_of
from analysis.evaluation.stack_fit import Judged, fit_stack
from analysis.evaluation.train_coder import (
    BUCKETS,
    SUB_BUCKETS,
    evidence_on,
    forget_channels,
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
    known = ["text", "writer", "channel", "negative", "weight"]
    frames = [_completed(frame) for frame in (posts, judged)]
    everything = forget_channels(pl.concat([frame.select(known) for frame in frames]), seed)
    engine = keyword_coder().engine
    clues, folds = read_clues(everything, engine), folds_of(everything)
    _, negative = fit_learned(
        clues,
        engine.concepts,
        everything["negative"].to_numpy()[:, None],
        everything["weight"].to_numpy(),
        buckets=BUCKETS,
        seed=seed,
        folds=folds,
    )
    rows = np.arange(posts.height)
    of_posts, held, weight = clues.gather(rows), all_held(posts), posts["weight"].to_numpy()
    subs_from = held.shape[1] - len(sub_targets())
    parts = [negative[: posts.height]]
    for targets, buckets in ((held[:, 1:subs_from], BUCKETS), (held[:, subs_from:], SUB_BUCKETS)):
        _, unseen = fit_learned(
            of_posts, engine.concepts, targets, weight,
            buckets=buckets, seed=seed, folds=folds[rows],
        )  # fmt: skip
        parts.append(unseen)
    as_seen = posts.with_columns(everything["channel"].head(posts.height))
    seen = evidence_on(as_seen, of_posts, np.hstack(parts))
    coded = Judged(seen, held, weight)
    stack, shifts = fit_stack(coded, coded, seed)
    return UnseenFast(np.einsum("ptk,tk->pt", seen, stack) + shifts, held)


def _completed(posts: pl.DataFrame) -> pl.DataFrame:
    missing = {"writer", "channel"} - set(posts.columns)
    return posts.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(missing))


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
