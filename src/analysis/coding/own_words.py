"""The writer's own words: what was quoted or forwarded is left out."""

from __future__ import annotations

import polars as pl

#: In a quoted chain the last writer stands first; after the mark come the earlier ones.
CHAIN = "//@"
_EMPTY_FORWARD = r"^\s*(转发微博|轉發微博|Repost|转发|[/／]+|轉發)?\s*$"
_ADDRESS = r"^(回复|回覆)@[^:：\s]{1,30}\s*[:：]"


def own_words(posts: pl.DataFrame) -> pl.Series:
    """Return the text of each post without quoted chains.

    Examples
    --------
    >>> own_words(pl.DataFrame({"text": ["同感//@某人:发货太慢", "好用"]})).to_list()
    ['同感', '好用']
    """
    text = pl.col("text").cast(pl.String).fill_null("")
    head = text.str.splitn(CHAIN, 2).struct.field("field_0")
    words = pl.when(head.str.contains(_EMPTY_FORWARD)).then(pl.lit("")).otherwise(head)
    return posts.select(words.str.replace(_ADDRESS, "").alias("text"))["text"]
