"""Where a post was published, from the words that exports use for it."""

from __future__ import annotations

import polars as pl

CHANNELS = (
    "weibo",
    "xiaohongshu",
    "douyin",
    "bilibili",
    "kuaishou",
    "tieba",
    "zhihu",
    "complaint",
    "review",
    "app_store",
    "live_room",
    "hotline",
    "news",
    "other",
)

_WORDS = {
    "weibo": ("微博", "新浪微博", "weibo", "wb", "sina weibo"),
    "xiaohongshu": ("小红书", "xhs", "xiaohongshu", "rednote", "red"),
    "douyin": ("抖音", "douyin", "dy", "抖音短视频"),
    "bilibili": ("哔哩哔哩", "b站", "bilibili", "bili", "B站"),
    "kuaishou": ("快手", "kuaishou", "ks"),
    "tieba": ("贴吧", "百度贴吧", "tieba"),
    "zhihu": ("知乎", "zhihu"),
    "complaint": ("黑猫投诉", "黑猫", "投诉", "投诉平台", "12315", "heimao", "complaint"),
    "review": (
        "京东",
        "淘宝",
        "天猫",
        "拼多多",
        "评价",
        "商品评价",
        "电商评论",
        "jd",
        "taobao",
        "tmall",
        "review",
        "电商",
    ),
    "app_store": ("应用商店", "app store", "appstore", "苹果商店", "app_store"),
    "live_room": ("直播", "直播间", "live", "live_room"),
    "hotline": ("12345", "热线", "市长信箱", "留言板", "hotline"),
    "news": (
        "新闻",
        "网媒",
        "媒体",
        "新闻网站",
        "客户端",
        "app",
        "news",
        "网站",
        "报刊",
        "微信",
        "公众号",
        "微信公众号",
    ),
}
_BY_WORD = {word: channel for channel, words in _WORDS.items() for word in words}


def name_channels(words: pl.Series) -> pl.Series:
    """Return the channel of each word, `other` for one that is not known, null for none.

    Examples
    --------
    >>> name_channels(pl.Series(["微博", "XHS", "论坛", None])).to_list()
    ['weibo', 'xiaohongshu', 'other', None]
    """
    if words.null_count() == len(words):
        return words
    if words.is_in(CHANNELS).all():
        return words
    folded = words.str.to_lowercase().str.strip_chars()
    named = folded.replace_strict(_BY_WORD, default="other", return_dtype=pl.String)
    known = folded.is_in(CHANNELS).fill_null(False)
    return folded.zip_with(known, named).set(words.is_null(), None)
