"""Tables of persons, which are recognised in order not to be read."""

from __future__ import annotations

from analysis.corpus.readers.plan import Head

SIGNS = (
    {"用户id", "昵称", "粉丝数", "关注数"},
    {"id", "nick_name", "follower_count"},
    {"user_id", "nickname", "fans"},
    {"user_id", "fans", "follows"},
    {"id", "nick_name", "gender", "location"},
    {"up_id", "fan_id"},
)
TABLES = frozenset(
    (
        "user",
        "users",
        "bins",
        "bilibili_up_info",
        "bilibili_contact_info",
        "weibo_creator",
        "xhs_creator",
        "dy_creator",
        "tieba_creator",
        "zhihu_creator",
        "crawling_tasks",
        "daily_topics",
        "topic_news_relation",
    )
)


def is_profile(head: Head) -> bool:
    """Tell whether a table holds persons or bookkeeping instead of posts.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> is_profile(Head(PurePath("users.csv"), "csv", None, ("用户id", "昵称", "粉丝数", "关注数")))
    True
    """
    return head.table in TABLES or any(sign <= set(head.header) for sign in SIGNS)
