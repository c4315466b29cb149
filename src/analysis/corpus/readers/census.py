"""Which of several rows under one key counts, decided by what they say and not by their order.

Two passes keep memory flat. The first holds eight bytes a row and finds the keys that occur more
than once; the second looks at those rows only. A row that loses carries `repeat_of`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import polars as pl

from analysis.corpus.readers.keys import WEIBO_SOURCES, hash_keys, key_of

CONTENT = (
    "source",
    "post_id",
    "kind",
    "channel",
    "title",
    "text",
    "published_at",
    "published_precision",
    "parent_id",
    "author_type",
    "region",
    "like_count",
    "comment_count",
    "share_count",
    "rating",
    "target",
    "demand",
    "amount_yuan",
    "status",
    "keyword",
    "url",
    "collected_at",
    "author_key",
)
# Of several copies the one counts that says most: an original found by itself, the longest text,
# the latest collection, the most comments. Content decides between equals, never the order.
RICHNESS = ("is_original", "length", "collected_at", "comment_count")
POSITION = ["reading", "row_number"]


def decide(frames: Iterable[pl.DataFrame]) -> pl.DataFrame | None:
    """Return the final id of each row under a repeated key, and whether it repeats another.

    Parameters
    ----------
    frames
        All rows under the repeated keys: canonical posts with `reading`, `has_own_id` and
        `local_ids`.

    Returns
    -------
    polars.DataFrame or None
        `reading, row_number, final_id, is_repeat`; None when there are no such rows.
    """
    parts = [_summarise(frame) for frame in frames]
    return _decide(pl.concat(parts)) if parts else None


def _summarise(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the decision needs of each row, in a few bytes."""
    text, title = pl.col("text").fill_null(""), pl.col("title").fill_null("")
    said = pl.concat_str(text, pl.lit("\x1f"), title)
    contents = [pl.col(name).cast(pl.String).fill_null("") for name in CONTENT]
    summary = rows.select(
        *POSITION,
        "source",
        "post_id",
        "has_own_id",
        "collected_at",
        "comment_count",
        identity=pl.when("local_ids").then(said).otherwise(pl.concat_str("kind", "channel")),
        is_original=pl.col("author_type").is_not_null(),
        length=pl.col("text").str.len_chars(),
        content=pl.concat_str(contents, separator="\x1f"),
    )
    return summary.with_columns(
        identity=_digest(summary["identity"]), content=_digest(summary["content"])
    )


def _digest(texts: pl.Series) -> pl.Series:
    digests = [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
    return pl.Series(digests, dtype=pl.String)


def _decide(rows: pl.DataFrame) -> pl.DataFrame:
    ranked = rows.sort(
        ["source", "post_id", *RICHNESS, "content", *POSITION],
        descending=[False, False, *(True for _ in RICHNESS), False, False, False],
        nulls_last=True,
    )
    group = ["source", "post_id"]
    first_identity = pl.col("identity").first().over(group)
    named = ranked.with_columns(
        occurrence=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(group),
        place=pl.int_range(0, pl.len(), dtype=pl.Int64).over([*group, "identity"]),
        is_other=pl.col("identity") != first_identity,
    )
    return named.select(
        *POSITION,
        final_id=_final_ids(named),
        is_repeat=pl.col("has_own_id") & (pl.col("place") > 0),
    )


def _final_ids(rows: pl.DataFrame) -> pl.Series:
    """Tell posts of one export under one id apart by a hash of what they say."""
    numbered = pl.concat_str("post_id", pl.lit("-"), "occurrence")
    parted = pl.concat_str("post_id", pl.lit("~"), pl.col("identity").str.head(8))
    own = pl.when("is_other").then(parted).otherwise("post_id")
    return rows.select(pl.when("has_own_id").then(own).otherwise(numbered)).to_series()


def settle(
    frame: pl.DataFrame, decisions: pl.DataFrame | None, originals: pl.Series
) -> pl.DataFrame:
    """Return a frame with final ids, `repeat_of` and `via_repost`.

    Parameters
    ----------
    frame
        Canonical posts with `reading`, `has_own_id` and `local_ids`.
    decisions
        What `decide` said.
    originals
        Hashes of the keys that reposts name.
    """
    reached = (pl.col("kind") == "post") & pl.col("author_type").is_null()
    reached &= hash_keys().is_in(originals.implode())
    is_weibo = pl.col("source").is_in(WEIBO_SOURCES)
    frame = frame.with_columns(via_repost=pl.when(is_weibo).then(reached))
    if decisions is None:
        frame = frame.with_columns(final_id=pl.lit(None, pl.String), is_repeat=pl.lit(False))
    else:
        frame = frame.join(decisions, on=POSITION, how="left", maintain_order="left")
    first = pl.concat_str("post_id", pl.lit("-1"))
    plain = pl.when("has_own_id").then("post_id").otherwise(first)
    frame = frame.with_columns(post_id=pl.coalesce("final_id", plain))
    is_repeat = pl.col("is_repeat").fill_null(False)
    return frame.with_columns(repeat_of=pl.when(is_repeat).then(key_of()))
