"""One name per post, as the sheets show it: short where that is clear, never ambiguous."""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.identity import name_unnamed
from analysis.errors import CaodianError


def name_posts(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the posts with their `name`: `post_id` where unique, else `source:post_id`.

    Posts without an id are named by their text and its occurrence number, so that the order of rows
    does not matter.

    Parameters
    ----------
    posts
        Posts, repeats already left out.

    Returns
    -------
    pl.LazyFrame
        The same rows with the column `name`.

    Raises
    ------
    CaodianError
        When two posts have the same source and id.

    Examples
    --------
    >>> posts = pl.LazyFrame({"source": ["a", "b"], "post_id": ["1", "1"]})
    >>> name_posts(posts).collect()["name"].to_list()
    ['a:1', 'b:1']
    """
    present = posts.collect_schema()
    if "post_id" not in present:
        texts = posts.select(pl.col("text").cast(pl.String)).collect()
        return posts.with_columns(name_unnamed(texts).alias("name"))
    short = pl.col("post_id").cast(pl.String)
    options = [short]
    if "source" in present:
        options.append(pl.concat_str(pl.col("source").fill_null("table"), pl.lit(":"), short))
    for name in options:
        if _is_unique(posts, name):
            return posts.with_columns(name.alias("name"))
    twice = posts.group_by(options[-1].alias("name")).len().filter(pl.col("len") > 1)
    first = twice.sort("name").first().collect(engine="streaming")
    raise CaodianError(
        "each post must have its own id",
        value=first["name"][0],
        where=f"{first['len'][0]} rows",
        remedy="Deduplicate the ids, or ingest the export so that repeats are marked.",
    )


def _is_unique(posts: pl.LazyFrame, name: pl.Expr) -> bool:
    counted = posts.select(
        (name.n_unique() == pl.len()).alias("is_unique"), name.is_null().any().alias("is_missing")
    ).collect(engine="streaming")
    return bool(counted["is_unique"][0] and not counted["is_missing"][0])
