"""The sentiment's opinion of a post, as a logit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl


def negative_logits(posts: pl.DataFrame, texts: pl.Series) -> npt.NDArray[np.float64]:
    """Return the logit of ``negative_probability``, computed where the column is missing.

    Nulls and extremes are drawn in: no sentiment may outvote three rules.

    Examples
    --------
    >>> frame = pl.DataFrame({"text": ["好"], "negative_probability": [0.5]})
    >>> negative_logits(frame, frame["text"]).tolist()
    [0.0]
    """
    if "negative_probability" in posts.columns:
        probability = posts["negative_probability"].cast(pl.Float64)
    else:
        from analysis.sentiment.linear import negative_probabilities

        probability = negative_probabilities(texts)
    values = np.clip(probability.fill_null(0.5).fill_nan(0.5).to_numpy(), 0.03, 0.97)
    logits: npt.NDArray[np.float64] = np.log(values / (1 - values))
    return logits
