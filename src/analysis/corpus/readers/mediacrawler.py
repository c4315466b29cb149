"""MediaCrawler (NanmiCoder): seven platforms, posts and comments, before and after 2026-07-01.

MindSpider (BettaFish) keeps the same tables, and one of headlines.

The older era names the user; the newer one gives an unsalted hash, which is keyed again like any
other id. Times are epoch seconds or milliseconds, and `last_modify_ts` is the time of the crawl.
"""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.plan import Head, Plan, first_present

# Column orders of MediaCrawler's CSV files, for rows of one era below the header of the other.
#
# The files are appended to for a day, so the day of an update mixes both.

_B = {
    ("weibo", "contents"): (
        "note_id content create_time create_date_time liked_count comments_count shared_count "
        "last_modify_ts note_url @ nickname source_keyword"
    ),
    ("weibo", "comments"): (
        "comment_id create_time create_date_time note_id content sub_comment_count "
        "comment_like_count last_modify_ts parent_comment_id @ nickname"
    ),
    ("xiaohongshu", "contents"): (
        "note_id type title desc video_url time last_update_time @ nickname liked_count "
        "collected_count comment_count share_count image_list tag_list last_modify_ts "
        "note_url source_keyword xsec_token"
    ),
    ("xiaohongshu", "comments"): (
        "comment_id create_time note_id content @ nickname sub_comment_count pictures "
        "parent_comment_id last_modify_ts like_count"
    ),
    ("douyin", "contents"): (
        "aweme_id aweme_type title desc create_time @ nickname liked_count collected_count "
        "comment_count share_count last_modify_ts aweme_url cover_url video_download_url "
        "music_download_url note_download_url source_keyword"
    ),
    ("douyin", "comments"): (
        "comment_id create_time aweme_id content @ nickname sub_comment_count like_count "
        "last_modify_ts parent_comment_id pictures"
    ),
    ("bilibili", "contents"): (
        "video_id video_type title desc create_time @ nickname liked_count disliked_count "
        "video_play_count video_favorite_count video_share_count video_coin_count "
        "video_danmaku video_comment last_modify_ts video_url video_cover_url source_keyword"
    ),
    ("bilibili", "comments"): (
        "comment_id parent_comment_id create_time video_id content @ nickname "
        "sub_comment_count like_count last_modify_ts"
    ),
    ("kuaishou", "contents"): (
        "video_id video_type title desc create_time @ nickname liked_count viewd_count "
        "last_modify_ts video_url video_cover_url video_play_url source_keyword"
    ),
    ("kuaishou", "comments"): (
        "comment_id create_time video_id content @ nickname sub_comment_count last_modify_ts"
    ),
    ("tieba", "contents"): (
        "note_id title desc note_url publish_time @ user_nickname tieba_name tieba_link "
        "total_replay_num total_replay_page source_keyword last_modify_ts"
    ),
    ("tieba", "comments"): (
        "comment_id parent_comment_id content @ user_nickname publish_time sub_comment_count "
        "note_id note_url tieba_id tieba_name tieba_link last_modify_ts"
    ),
    ("zhihu", "contents"): (
        "content_id content_type content_text content_url question_id title desc created_time "
        "updated_time voteup_count comment_count source_keyword @ user_nickname "
        "last_modify_ts"
    ),
    ("zhihu", "comments"): (
        "comment_id parent_comment_id content publish_time sub_comment_count like_count "
        "dislike_count content_id content_type @ user_nickname last_modify_ts"
    ),
}


def _layouts_of(platform: str, word: str) -> dict[int, tuple[str, ...]]:
    """Return the newer era's columns of a platform by their number."""
    names = tuple(_B[platform, word].replace("@", "creator_hash").split())
    return {len(names): names}


# Platform and kind by the keys that only they have; comments are asked about first.
_COMMENTS = (
    ("douyin", {"comment_id", "aweme_id"}),
    ("zhihu", {"comment_id", "content_id"}),
    ("tieba", {"comment_id", "note_id", "tieba_name"}),
    ("weibo", {"comment_id", "note_id", "create_date_time"}),
    ("xiaohongshu", {"comment_id", "note_id", "create_time"}),
    ("bilibili", {"comment_id", "video_id", "parent_comment_id"}),
    ("kuaishou", {"comment_id", "video_id"}),
)
_CONTENTS = (
    ("douyin", {"aweme_id", "create_time"}),
    ("zhihu", {"content_id", "voteup_count"}),
    ("zhihu", {"content_id", "content_text"}),
    ("tieba", {"note_id", "tieba_name"}),
    ("tieba", {"note_id", "total_replay_num"}),
    ("weibo", {"note_id", "content", "create_time"}),
    ("xiaohongshu", {"note_id", "desc", "time"}),
    ("bilibili", {"video_id", "video_play_count"}),
    ("kuaishou", {"video_id", "viewd_count"}),
    ("kuaishou", {"video_id", "video_play_url"}),
)
_IDS = ("note_id", "aweme_id", "video_id", "content_id")
_MINDSPIDER = {"topic_id", "crawling_task_id"}
_TAG = r"</?(?:a|span|img|br|i|em|b|p|div|font)\b[^<>]*>"


def recognise(head: Head) -> Plan | None:
    """Return the plan of a MediaCrawler file or table, also as MindSpider's database holds it."""
    names = set(head.header)
    comment = next((platform for platform, keys in _COMMENTS if keys <= names), None)
    content = next((platform for platform, keys in _CONTENTS if keys <= names), None)
    platform = comment or content
    if platform is None:
        return _headlines(head)
    is_mind = bool(_MINDSPIDER & names)
    is_old = "creator_hash" not in names
    word = "comments" if comment else "contents"
    return Plan(
        source="mindspider" if is_mind else "mediacrawler",
        source_format=f"{'MindSpider' if is_mind else 'MediaCrawler'} {platform} {word}",
        era="A (2024-01 to 2026-06, with user columns)"
        if is_old
        else "B (from 2026-07, creator_hash)",
        header=head.header,
        columns=_map_comment(head) if comment else _map_content(head),
        kind="comment" if comment else "post",
        channel=platform,
        layouts={**_layouts_of(platform, word), len(head.header): head.header},
        prepare=_strip_tags if platform == "weibo" else None,
    )


def _map_content(head: Head) -> dict[str, tuple[str, ...]]:
    return first_present(
        head.header,
        post_id=_IDS,
        title="title",
        text=("content_text", "content", "desc"),
        published_at=("create_time", "created_time", "publish_time", "time", "create_date_time"),
        collected_at="last_modify_ts",
        author=("creator_hash", "user_id", "user_link", "user_nickname", "nickname"),
        region="ip_location",
        like_count=("liked_count", "voteup_count"),
        comment_count=("comments_count", "comment_count", "video_comment", "total_replay_num"),
        share_count=("shared_count", "share_count", "video_share_count"),
        keyword="source_keyword",
        url=("note_url", "aweme_url", "video_url", "content_url"),
    )


def _map_comment(head: Head) -> dict[str, tuple[str, ...]]:
    return first_present(
        head.header,
        post_id="comment_id",
        text="content",
        parent_id=_IDS,
        published_at=("create_time", "publish_time", "create_date_time"),
        collected_at="last_modify_ts",
        author=("creator_hash", "user_id", "user_link", "user_nickname", "nickname"),
        region="ip_location",
        like_count=("comment_like_count", "like_count"),
        comment_count="sub_comment_count",
        url=("note_url",),
    )


def _strip_tags(cells: pl.DataFrame) -> pl.DataFrame:
    """Before 2024-05-28 the text of a Weibo post was written with its HTML."""
    return cells.with_columns(pl.col("content").str.replace_all(_TAG, ""))


def _headlines(head: Head) -> Plan | None:
    """Return the plan of MindSpider's `daily_news`, the day's hot lists."""
    if not head.has("news_id", "source_platform", "title", "crawl_date"):
        return None
    return Plan(
        source="mindspider",
        source_format="MindSpider daily_news",
        era="2025",
        header=head.header,
        columns=first_present(
            head.header,
            post_id="news_id",
            title="title",
            text=("description", "title"),
            published_at="crawl_date",
            collected_at="add_ts",
            url="url",
        ),
        channel="news",
        repairs=("the day of the hot list stands for the day of publication",),
    )
