"""SnowNLP's sentiment score of each text: the usual baseline, equal to the last bit."""

from __future__ import annotations

import polars as pl
from snownlp import SnowNLP


def score_texts(texts: pl.Series) -> pl.Series:
    """Return `SnowNLP(text).sentiments` for each text: 1 is positive, 0 negative.

    Parameters
    ----------
    texts
        Strings; a null or empty text, for which SnowNLP has no score, gives null.

    Examples
    --------
    >>> score_texts(pl.Series(["质量不好", "", None])).round(6).to_list()
    [0.225132, None, None]
    """
    unique = [text for text in texts.unique(maintain_order=True).to_list() if text]
    scores = {text: float(SnowNLP(text).sentiments) for text in unique}
    values = [scores.get(text) if text else None for text in texts.to_list()]
    return pl.Series("snownlp_score", values, dtype=pl.Float64)
