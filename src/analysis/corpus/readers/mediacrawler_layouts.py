"""Column orders of MediaCrawler's CSV files, for rows of one era below the header of the other.

The files are appended to for a day, so the day of an update mixes both.
"""

from __future__ import annotations

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


def layouts_of(platform: str, word: str) -> dict[int, tuple[str, ...]]:
    """Return the newer era's columns of a platform by their number.

    Examples
    --------
    >>> layouts_of("kuaishou", "comments")[8][:5]
    ('comment_id', 'create_time', 'video_id', 'content', 'creator_hash')
    """
    names = tuple(_B[platform, word].replace("@", "creator_hash").split())
    return {len(names): names}
