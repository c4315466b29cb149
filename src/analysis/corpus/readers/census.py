"""Which of several rows under one key counts, decided by what they say and not by their order.

Two passes keep memory flat. The first holds eight bytes a row and finds the keys that occur more
than once; the second looks at those rows only. A row that loses carries `repeat_of`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

import polars as pl

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
WEIBO_SOURCES = ("weibo_search", "weibo_crawler")
Frames = Callable[[], Iterable[pl.DataFrame]]

_KEY = pl.concat_str("source", pl.lit(":"), "post_id")


def resolve(frames: Frames) -> Iterator[pl.DataFrame]:
    """Yield the frames with final ids, `repeat_of` and `via_repost`.

    Parameters
    ----------
    frames
        Returns the canonical frames of all files from the start, each with `has_own_id` and
        `local_ids`.

    Yields
    ------
    polars.DataFrame
        The frames in the same order.
    """
    repeated, reposted = _survey(frames())
    decisions = _decide(_gather(frames(), repeated))
    position = 0
    for frame in frames():
        numbered = frame.with_columns(
            position=pl.int_range(position, position + frame.height, dtype=pl.Int64)
        )
        position += frame.height
        yield _settle(numbered, decisions, reposted)


def _hash(expression: pl.Expr) -> pl.Expr:
    return expression.hash(seed=20200618)


def _survey(frames: Iterable[pl.DataFrame]) -> tuple[pl.Series, pl.Series]:
    """Return hashes of the keys that occur again and of the originals that reposts name."""
    keys, parents = [], []
    for frame in frames:
        keys.append(frame.select(_hash(_KEY)).to_series())
        reposts = frame.filter(pl.col("source").is_in(WEIBO_SOURCES) & (pl.col("kind") == "repost"))
        parents.append(
            reposts.select(_hash(pl.concat_str("source", pl.lit(":"), "parent_id"))).to_series()
        )
    if not keys:
        return pl.Series([], dtype=pl.UInt64), pl.Series([], dtype=pl.UInt64)
    every = pl.concat(keys).alias("key")
    repeated = every.filter(every.is_duplicated()).unique()
    return repeated, pl.concat(parents).unique()


def _gather(frames: Iterable[pl.DataFrame], repeated: pl.Series) -> pl.DataFrame | None:
    """Return the rows whose key occurs again, with their position among all rows."""
    if repeated.is_empty():
        return None
    parts, position = [], 0
    for frame in frames:
        numbered = frame.with_columns(
            position=pl.int_range(position, position + frame.height, dtype=pl.Int64)
        )
        position += frame.height
        parts.append(numbered.filter(_hash(_KEY).is_in(repeated.implode())))
    return pl.concat(parts)


def _decide(rows: pl.DataFrame | None) -> pl.DataFrame | None:
    """Return for each gathered row its final id and what it repeats."""
    if rows is None:
        return None
    said = pl.concat_str(
        pl.col("text").fill_null(""), pl.lit("\x1f"), pl.col("title").fill_null("")
    )
    ranked = rows.with_columns(
        identity=pl.when("local_ids")
        .then(said)
        .otherwise(pl.concat_str("kind", pl.lit("\x1f"), "channel")),
        is_original=pl.col("author_type").is_not_null(),
        length=pl.col("text").str.len_chars(),
        content=pl.concat_str(
            [pl.col(name).cast(pl.String).fill_null("") for name in CONTENT], separator="\x1f"
        ),
    ).sort(
        [
            "source",
            "post_id",
            "is_original",
            "length",
            "collected_at",
            "comment_count",
            "content",
            "position",
        ],
        descending=[False, False, True, True, True, True, False, False],
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
        "position",
        final_id=_final_ids(named),
        is_repeat=pl.col("has_own_id") & (pl.col("place") > 0),
    )


def _final_ids(rows: pl.DataFrame) -> pl.Series:
    """Tell posts of one export under one id apart by a hash of what they say."""
    ids = []
    for post_id, own, occurrence, other, identity in rows.select(
        "post_id", "has_own_id", "occurrence", "is_other", "identity"
    ).rows():
        if not own:
            ids.append(f"{post_id}-{occurrence}")
        elif other:
            ids.append(f"{post_id}~{hashlib.blake2b(identity.encode(), digest_size=4).hexdigest()}")
        else:
            ids.append(post_id)
    return pl.Series(ids, dtype=pl.String)


def _settle(
    frame: pl.DataFrame, decisions: pl.DataFrame | None, reposted: pl.Series
) -> pl.DataFrame:
    is_weibo = pl.col("source").is_in(WEIBO_SOURCES)
    reached = (
        (pl.col("kind") == "post")
        & pl.col("author_type").is_null()
        & _hash(_KEY).is_in(reposted.implode())
    )
    frame = frame.with_columns(via_repost=pl.when(is_weibo).then(reached))
    if decisions is None:
        frame = frame.with_columns(final_id=pl.lit(None, pl.String), is_repeat=pl.lit(False))
    else:
        frame = frame.join(decisions, on="position", how="left", maintain_order="left")
    plain = pl.when("has_own_id").then("post_id").otherwise(pl.concat_str("post_id", pl.lit("-1")))
    frame = frame.with_columns(post_id=pl.coalesce("final_id", plain))
    return frame.with_columns(
        repeat_of=pl.when(pl.col("is_repeat").fill_null(False)).then(_KEY)
    ).drop("position", "final_id", "is_repeat", "has_own_id", "local_ids")
