"""The sentiment's opinion of a post, as a logit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analysis.kernels.strict_math import strict_log

COLUMN = "negative_probability"
# No sentiment may outvote three rules.
_LEAST, _MOST = 0.03, 0.97
_FARTHEST = 3.4760986898352733  # the logit of _MOST

Logits = npt.NDArray[np.float64]


def negative_logits(posts: pl.DataFrame, texts: pl.Series) -> Logits:
    """Return the logit of ``negative_probability``, computed where the column is missing.

    Nulls and extremes are drawn in.

    Examples
    --------
    >>> frame = pl.DataFrame({"text": ["好"], "negative_probability": [0.5]})
    >>> negative_logits(frame, frame["text"]).tolist()
    [0.0]
    """
    given = given_logits(posts)
    if given is not None:
        return given
    from analysis.sentiment.linear import negative_probabilities

    return _logits(negative_probabilities(texts))


def given_logits(posts: pl.DataFrame) -> Logits | None:
    """Return the logits of the column, None where there is none."""
    return _logits(posts[COLUMN].cast(pl.Float64)) if COLUMN in posts.columns else None


def drawn_in(log_odds: Logits) -> Logits:
    """Return log-odds of the sentiment without extremes.

    Examples
    --------
    >>> drawn_in(np.array([-0.5, 9.0])).round(3).tolist()
    [-0.5, 3.476]
    """
    return np.clip(log_odds, -_FARTHEST, _FARTHEST)


def _logits(probability: pl.Series) -> Logits:
    values = np.clip(probability.fill_null(0.5).fill_nan(0.5).to_numpy(), _LEAST, _MOST)
    return strict_log(values / (1 - values))
