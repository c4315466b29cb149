"""WeiboSpider (nghuyong): tweets and comments as JSONL, and the flat records of 2020."""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.plan import Head, Plan, first_present


def recognise(head: Head) -> Plan | None:
    """Return the plan of a tweet or comment file."""
    if head.has("_id", "mblogid", "content", "created_at"):
        return _plan(head, "tweets", "post", "from 2022 (mblogid)")
    if "_id" in head.header and any(name.startswith("comment_user") for name in head.header):
        era = "2020" if head.has("comment_user_id") else "from 2022"
        return _plan(head, "comments", "comment", era)
    if head.has("_id", "user_id", "content", "created_at", "repost_num"):
        return _plan(head, "tweets", "post", "2020 (data_stracture.md)")
    return None


def _plan(head: Head, word: str, kind: str, era: str) -> Plan:
    columns = first_present(
        head.header,
        post_id="_id",
        text="content",
        published_at="created_at",
        author=("user._id", "comment_user._id", "user_id", "comment_user_id"),
        author_type=("user.verified_type", "user.verified"),
        region=("ip_location", "location", "geo"),
        like_count=("attitudes_count", "like_num", "like_counts", "like_count"),
        comment_count=("comments_count", "comment_num"),
        share_count=("reposts_count", "repost_num"),
        keyword="keyword",
        url=("url", "weibo_url"),
        collected_at="crawl_time",
        parent_id=("retweet_id", "origin_weibo", "reply_comment._id"),
    )
    if kind == "post" and "parent_id" in columns:
        columns["kind"] = ("kind",)
    return Plan(
        source="weibospider",
        source_format=f"WeiboSpider {word}",
        era=era,
        header=head.header,
        columns=columns,
        kind=kind,
        channel="weibo",
        prepare=_mark_reposts if "kind" in columns else None,
    )


def _mark_reposts(cells: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in ("retweet_id", "origin_weibo") if name in cells.columns]
    origin = pl.coalesce(
        [pl.col(name).str.strip_chars().replace("", None) for name in names]
        or [pl.lit(None, pl.String)]
    )
    return cells.with_columns(kind=pl.when(origin.is_not_null()).then(pl.lit("repost")))
