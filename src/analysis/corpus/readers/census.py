"""Which of several rows under one key counts, decided by what they say and not by their order.

Two passes keep memory flat. The first holds eight bytes a row, or sixteen, and finds the keys that
occur more than once; the second looks at those rows only. A row that loses carries `repeat_of`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import polars as pl

from analysis.corpus.readers.keys import WEIBO_SOURCES, hash_keys
from analysis.corpus.readers.same_posts import describe_rows, group_same

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


def summarise(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what the decision needs of each row, in a few bytes and without its words.

    Parameters
    ----------
    rows
        Rows under repeated keys: canonical posts with `reading`, `has_own_id`, `is_named`,
        `product` and what `with_said_keys` adds.
    """
    contents = [pl.col(name).cast(pl.String).fill_null("") for name in CONTENT]
    identity = pl.concat_str("kind", "channel")
    said = pl.concat_str(pl.col("said_key").cast(pl.String), pl.col("title").fill_null(""))
    summary = rows.select(
        *POSITION,
        "source",
        "post_id",
        "has_own_id",
        "collected_at",
        "comment_count",
        identity=pl.when(pl.col("said_key").is_null()).then(identity).otherwise(said),
        is_original=pl.col("author_type").is_not_null(),
        length=pl.col("text").str.len_chars(),
        content=pl.concat_str(contents, separator="\x1f"),
    )
    summary = summary.with_columns(
        identity=_digest(summary["identity"]), content=_digest(summary["content"])
    )
    return summary.hstack(describe_rows(rows))


def _digest(texts: pl.Series) -> pl.Series:
    digests = [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
    return pl.Series(digests, dtype=pl.String)


def decide(summaries: Iterable[pl.DataFrame], days: pl.DataFrame) -> pl.DataFrame | None:
    """Return the final id of each row under a repeated key, and which post it repeats.

    Parameters
    ----------
    summaries
        What `summarise` returns of all rows under the repeated keys.
    days
        `reading, day, weight`: how much each table says on each day.

    Returns
    -------
    polars.DataFrame or None
        `reading, row_number, final_id, repeats` (the key of the post that counts, else null),
        `counted_in` (the table where that one stands); None when there are no such rows.
    """
    parts = list(summaries)
    if not parts:
        return None
    rows = pl.concat(parts)
    is_said = pl.col("said_key").is_not_null()
    named = _rank(rows.filter(~is_said), ["source", "post_id"])
    said = rows.filter(is_said)
    own = pl.when("has_own_id").then(pl.concat_str("source", "post_id", separator=":"))
    numbers = group_same(said.with_columns(own_id=own), days)
    alike = _rank(said.with_columns(post=numbers), ["post"])
    return pl.concat([_decide_named(named), _decide_said(alike)])


def _rank(rows: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    """Sort the rows of each group so that the one that counts comes first."""
    return rows.sort(
        [*group, *RICHNESS, "content", *POSITION],
        descending=[*(False for _ in group), *(True for _ in RICHNESS), False, False, False],
        nulls_last=True,
    )


def _decide_named(ranked: pl.DataFrame) -> pl.DataFrame:
    """Decide where an id names the post; under one id of two kinds stand two posts."""
    group = ["source", "post_id"]
    is_other = pl.col("identity") != pl.col("identity").first().over(group)
    parted = pl.concat_str("post_id", pl.lit("~"), pl.col("identity").str.head(8))
    final = ranked.with_columns(final_id=pl.when(is_other).then(parted).otherwise("post_id"))
    return _mark_repeats(final, [*group, "identity"])


def _decide_said(ranked: pl.DataFrame) -> pl.DataFrame:
    """Decide where rows are known by what they say: the ids of posts, told apart where they meet.

    A hash gets the number of its occurrence. An id that only numbers rows and that another post
    has, too, gets a hash of what is said.
    """
    first = _rank(ranked.unique("post", keep="first"), [])
    group = ["source", "post_id"]
    occurrence = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(group)
    again = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over([*group, "identity"])
    is_other = pl.col("identity") != pl.col("identity").first().over(group)
    parted = pl.concat_str("post_id", pl.lit("~"), pl.col("identity").str.head(8))
    own = pl.when(is_other).then(parted).otherwise("post_id")
    own = pl.when(again > 1).then(pl.concat_str(own, pl.lit("-"), again)).otherwise(own)
    numbered = pl.concat_str("post_id", pl.lit("-"), occurrence)
    ids = first.select("post", final_id=pl.when("has_own_id").then(own).otherwise(numbered))
    return _mark_repeats(ranked.join(ids, on="post", maintain_order="left"), ["post"])


def _mark_repeats(ranked: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    place = pl.int_range(0, pl.len(), dtype=pl.Int64).over(group)
    counted = pl.concat_str("source", pl.lit(":"), "final_id").first().over(group)
    return ranked.select(
        *POSITION,
        "final_id",
        repeats=pl.when(place > 0).then(counted),
        counted_in=pl.col("reading").first().over(group),
    )


def settle(
    frame: pl.DataFrame, decisions: pl.DataFrame | None, originals: pl.Series
) -> pl.DataFrame:
    """Return a frame with final ids, `repeat_of`, `via_repost` and `is_elsewhere`.

    `is_elsewhere` tells of a repeat that the post that counts stands in another table.

    Parameters
    ----------
    frame
        Canonical posts with `reading` and `has_own_id`.
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
        none = pl.lit(None, pl.String)
        frame = frame.with_columns(final_id=none, repeat_of=none, is_elsewhere=pl.lit(False))
    else:
        frame = frame.join(decisions, on=POSITION, how="left", maintain_order="left").with_columns(
            repeat_of="repeats", is_elsewhere=pl.col("counted_in") != pl.col("reading")
        )
    first = pl.concat_str("post_id", pl.lit("-1"))
    plain = pl.when("has_own_id").then("post_id").otherwise(first)
    return frame.with_columns(post_id=pl.coalesce("final_id", plain))
