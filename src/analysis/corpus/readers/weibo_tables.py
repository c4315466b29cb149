"""Posts, comments and reposts as records: SQLite and JSON of weibo-search and weibo-crawler."""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.plan import Head, Plan, first_present

_SEARCH_ONLY = {"ip", "user_authentication", "vip_type"}


def recognise(head: Head) -> Plan | None:
    """Return the plan of a `weibo`, `comments` or `reposts` table, or of weibo-crawler's JSON."""
    if head.has("weibo_id", "user_id", "text", "created_at", "user_screen_name"):
        return _answers(head)
    if not head.has("id", "bid", "user_id", "text", "created_at", "attitudes_count"):
        return None
    is_search = bool(_SEARCH_ONLY & set(head.header))
    return Plan(
        source="weibo_search" if is_search else "weibo_crawler",
        source_format=f"weibo-{'search' if is_search else 'crawler'} {head.container.upper()}",
        era="with vip_type"
        if "vip_type" in head.header
        else "with edits"
        if "edited" in head.header
        else "records",
        header=head.header,
        columns={
            **first_present(
                head.header,
                post_id="id",
                text="text",
                published_at=("full_created_at", "created_at"),
                author=("user_id", "screen_name"),
                author_type="user_authentication",
                region=("ip", "location"),
                like_count="attitudes_count",
                comment_count="comments_count",
                share_count="reposts_count",
                parent_id=("retweet_id", "retweet.id"),
                keyword="keyword",
            ),
            "kind": ("kind",),
        },
        channel="weibo",
        prepare=_mark_reposts,
    )


def _mark_reposts(cells: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in ("retweet_id", "retweet.id") if name in cells.columns]
    origins = [pl.col(name).str.strip_chars().replace("", None) for name in names]
    origin = pl.coalesce(origins) if origins else pl.lit(None, pl.String)
    return cells.with_columns(kind=pl.when(origin.is_not_null()).then(pl.lit("repost")))


def _answers(head: Head) -> Plan:
    is_repost = head.table == "reposts" or "root_id" not in head.header
    return Plan(
        source="weibo_crawler",
        source_format=f"weibo-crawler {'reposts' if is_repost else 'comments'}",
        era="SQLite",
        header=head.header,
        columns=first_present(
            head.header,
            post_id="id",
            text="text",
            published_at="created_at",
            author="user_id",
            parent_id="weibo_id",
            like_count="like_count",
        ),
        kind="repost" if is_repost else "comment",
        channel="weibo",
    )
