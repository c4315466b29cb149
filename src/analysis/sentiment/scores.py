"""Both sentiment scores of a post, side by side: SnowNLP's own number and a calibrated one."""

from __future__ import annotations

import polars as pl

from analysis.frames import Frame, put_columns, take_columns
from analysis.sentiment.linear import negative_probabilities
from analysis.sentiment.snownlp_exact import score_texts


def score_sentiment(posts: Frame, text: str = "text") -> Frame:
    """Score the sentiment of posts.

    Parameters
    ----------
    posts
        pandas or Polars frame.
    text
        Column of the text, cleaned.

    Returns
    -------
    The same kind of frame
        With `snownlp_score`, SnowNLP's own number, bit for bit (1 positive, 0 negative), and
        `negative_probability`, calibrated: how likely the text judges goods, sellers, services or
        platforms negatively. Both are missing where the text is missing or empty.

    Raises
    ------
    CaodianError
        When the text column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = score_sentiment(pd.DataFrame({"text": ["质量太差，退货还要自己付运费", "很满意"]}))
    >>> (posts["negative_probability"] > 0.5).tolist()
    [True, False]
    """
    texts = take_columns(posts, [text])[text].cast(pl.String)
    scores = {
        "snownlp_score": score_texts(texts),
        "negative_probability": negative_probabilities(texts),
    }
    return put_columns(posts, pl.DataFrame(scores))
