"""Social networks as their collectors write them.

Of Weibo: weibo-search, weibo-crawler, WeiboSpider; of seven networks: MediaCrawler and MindSpider.
"""

from __future__ import annotations

import re

import polars as pl

from analysis.corpus.readers.plan import Head, Plan, Preparation, first_present


def _mark_reposts(*names: str) -> Preparation:
    """Add `kind`: a row that names, in one of these columns, what it passes on is a repost."""

    def prepare(cells: pl.DataFrame) -> pl.DataFrame:
        present = [name for name in names if name in cells.columns]
        origins = [pl.col(name).str.strip_chars().replace("", None) for name in present]
        origin = pl.coalesce(origins) if origins else pl.lit(None, pl.String)
        return cells.with_columns(kind=pl.when(origin.is_not_null()).then(pl.lit("repost")))

    return prepare


# weibo-search (dataabc): tables of posts found by a word, which is the name of the file.

_COMMON = (
    "发布位置 艾特用户 话题 转发数 评论数 点赞数 发布时间 发布工具 "
    "微博图片url 微博视频url retweet_id"
)
_HEADERS = {
    16: "id bid user_id 用户昵称 微博正文 " + _COMMON,
    17: "id bid user_id 用户昵称 微博正文 头条文章url " + _COMMON,
}
_HEADERS[18] = _HEADERS[17] + " ip"
_HEADERS[19] = _HEADERS[18] + " user_authentication"
_HEADERS[21] = _HEADERS[19] + " 会员类型 会员等级"
_NAMES = {width: tuple(names.split()) for width, names in _HEADERS.items()}
_ERAS = {
    16: "16 columns (from 2020-04-05)",
    17: "17 columns (from 2020-05-01)",
    18: "18 columns (from 2023-10-13)",
    19: "19 columns (from 2024-05-16)",
    21: "21 columns (from 2025-05-06)",
}


# Some exports write `nickname:text` into the cell of the text. A name has no mark of a topic in it.
_NAMED = r"^([^:：#【】\s]{1,30}):\s*"
_SHARE_OF_NAMED, _FEWEST_NAMED = 0.9, 5
# 12:30 and an address have a colon, too; and what half of the posts begin with is no name.
_CLOCK_OR_ADDRESS = r"^[^:]*\d:\d\d(?:\D|$)|^https?:"
_SHARE_OF_NAMES = 0.5


def _are_named(head: Head) -> bool:
    """Tell whether nearly all texts begin with a name, as those of one collector do."""
    texts = [text for text in head.column("微博正文") if text and text != "微博正文"]
    found = [re.match(_NAMED, text) for text in texts if not re.match(_CLOCK_OR_ADDRESS, text)]
    names = [match[1] for match in found if match is not None]
    if len(texts) < _FEWEST_NAMED or len(names) < _SHARE_OF_NAMED * len(texts):
        return False
    return len(set(names)) >= _SHARE_OF_NAMES * len(names)


def _part_names(cells: pl.DataFrame) -> pl.DataFrame:
    """Add the name before each text, and the text without it."""
    text = pl.col("微博正文")
    has_none = text.str.contains(_CLOCK_OR_ADDRESS)
    return cells.with_columns(
        named=pl.when(~has_none).then(text.str.extract(_NAMED)),
        told=pl.when(has_none).then(text).otherwise(text.str.replace(_NAMED, "")),
    )


def recognise_search(head: Head) -> Plan | None:
    """Return the plan of a weibo-search table, or of a topic export with its column names."""
    if "微博正文" not in head.header or "发布时间" not in head.header:
        return None
    width = len(head.header)
    is_full = head.has("id", "bid", "user_id", "转发数")
    layouts = {**_NAMES, width: head.header} if is_full else {}
    names = tuple(dict.fromkeys((*head.header, *(_NAMES[21] if is_full else ()))))
    if not is_full and _are_named(head):
        return _plan_named(head)
    return Plan(
        source="weibo_search",
        source_format="weibo-search CSV" if is_full else "Weibo topic export",
        era=_ERAS.get(width, f"{width} columns") if is_full else f"{width} columns",
        header=head.header,
        columns=_map_columns(names),
        channel="weibo",
        keyword=_keyword(head) if is_full else None,
        layouts=layouts,
        prepare=_mark_reposts("retweet_id") if "retweet_id" in names else None,
        prepare_reads=("retweet_id",),
        repairs=_repairs(head) if is_full else (),
    )


def _plan_named(head: Head) -> Plan:
    """Read texts behind the names of their writers: a name is no part of what is told."""
    columns = _map_columns(head.header)
    named = {"author": columns.get("author", ("named",)), "text": ("told",)}
    return Plan(
        source="weibo_search",
        source_format="Weibo topic export",
        era=f"{len(head.header)} columns",
        header=head.header,
        columns={**columns, **named},
        channel="weibo",
        prepare=_part_names,
        prepare_reads=("微博正文",),
        repairs=("the name before each text is taken for its author",),
    )


def _map_columns(header: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    columns = first_present(
        header,
        post_id=("id", "微博id", "mid"),
        text="微博正文",
        published_at="发布时间",
        author=("user_id", "用户id", "用户昵称"),
        author_type="user_authentication",
        region=("ip", "发布位置"),
        like_count="点赞数",
        comment_count="评论数",
        share_count="转发数",
        parent_id="retweet_id",
        url=("微博链接", "url"),
        keyword=("关键词", "keyword"),
    )
    return {**columns, "kind": ("kind",)} if "retweet_id" in header else columns


def _keyword(head: Head) -> str | None:
    """Return the keyword, which the collector writes as 结果文件/<keyword>/<keyword>.csv."""
    stem = head.path.stem
    return stem if stem and head.path.parent.name == stem else None


def _repairs(head: Head) -> tuple[str, ...]:
    widths = sorted({len(row) for row in head.rows} - {len(head.header)})
    known = [str(width) for width in widths if width in _NAMES]
    if not known:
        return ()
    return (f"rows of {', '.join(known)} cells are read by the header of their own era",)


# weibo-crawler (dataabc): timelines of given users, their comments and reposts.
#
# The post CSV is appended to by every version, and two versions wrote rows that are longer than
# the header: one left the new Live Photo column out of it, one put a dictionary into the row. Each
# row is therefore read from its own date cell outward.

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_FRONT = ("id", "bid", "正文", "头条文章url", "原始图片url", "视频url")
_MIDDLE = ("日期", "工具", "点赞数", "评论数", "转发数", "话题", "@用户")
_FITTED = (
    *_FRONT,
    "Live Photo视频url",
    "位置",
    *_MIDDLE,
    "完整日期",
    "是否原创",
    "源用户id",
    "源微博id",
)
_CRAWLER_ERAS = {
    14: "14 columns (before 2024-01)",
    15: "15 columns (from 2024-01-10)",
    16: "16 columns (from 2025-11-20)",
    18: "18 columns (from 2025-12-03)",
}
_COMMENT_HEADER = (
    "id",
    "weibo_id",
    "created_at",
    "user_screen_name",
    "text",
    "pic_url",
    "like_count",
)


def recognise_crawler(head: Head) -> Plan | None:
    """Return the plan of a weibo-crawler post CSV or comment CSV."""
    if head.header == _COMMENT_HEADER:
        return _comments(head)
    if not head.has("正文", "@用户", "日期") or "微博正文" in head.header:
        return None
    own = sum(not name.startswith("源") and name != "是否原创" for name in head.header)
    return Plan(
        source="weibo_crawler",
        source_format="weibo-crawler posts",
        era=_CRAWLER_ERAS.get(own, f"{own} columns"),
        header=head.header,
        columns={
            "post_id": ("id",),
            "text": ("正文",),
            "published_at": ("完整日期", "日期"),
            "region": ("位置",),
            "published_precision": ("precision",),
            "like_count": ("点赞数",),
            "comment_count": ("评论数",),
            "share_count": ("转发数",),
            "parent_id": ("源微博id",),
            "kind": ("kind",),
            "author": ("author",),
        },
        channel="weibo",
        layouts={len(_FITTED): _FITTED},
        repair=_fit_row,
        repairs_all=True,
        prepare=_preparation(head),
        repairs=_crawler_repairs(head, own),
    )


def _fit_row(row: list[str]) -> list[str] | None:
    r"""Return the cells of `_FITTED` from a row of any era, None where no date anchors it."""
    place = next((at for at in (7, 8) if at < len(row) and _DATE.fullmatch(row[at].strip())), None)
    if place is None or len(row) < place + len(_MIDDLE):
        return None
    live = row[6] if place == 8 else ""
    middle = row[place : place + len(_MIDDLE)]
    rest = row[place + len(_MIDDLE) :]
    if rest and rest[0].lstrip().startswith("{"):
        rest = rest[1:]
    full = ""
    if rest and _FULL_DATE.fullmatch(rest[0].strip()):
        full, rest = rest[0], rest[1:]
    if len(rest) > 1 and rest[0] in ("True", "False", "") and re.fullmatch(r"\d{1,4}", rest[1]):
        rest = rest[2:]
    tail = [*rest[:2], *rest[3:4]] if rest and rest[0] == "False" else [*rest[:1], "", ""]
    tail = [*tail, "", "", ""][:3]
    return [*row[:6], live, row[place - 1], *middle, full, *tail]


def _preparation(head: Head) -> Preparation:
    """Take the author from the file's name, since the user stands in no column."""
    stem = head.path.stem
    author = stem if re.fullmatch(r"\d{5,12}", stem) else head.path.parent.name or None

    def prepare(cells: pl.DataFrame) -> pl.DataFrame:
        origin = pl.col("源微博id").str.strip_chars().replace("", None)
        return cells.with_columns(
            kind=pl.when(origin.is_not_null()).then(pl.lit("repost")),
            author=pl.lit(author, pl.String),
            precision=_mark_invented_hours(),
        )

    return prepare


def _mark_invented_hours() -> pl.Expr:
    """Mark posts that were labelled 昨天 and carry the clock time of the crawl.

    Several of them in one crawl share their minute, which posts of one person's timeline
    hardly do; the day stays right, the hour means nothing.
    """
    minute = pl.coalesce(pl.col("完整日期").replace("", None), pl.col("日期")).str.slice(0, 16)
    return pl.when((minute.str.len_chars() == 16) & minute.is_duplicated()).then(
        pl.lit("invented_hour")
    )


def _comments(head: Head) -> Plan:
    return Plan(
        source="weibo_crawler",
        source_format="weibo-crawler comments",
        era="from 2025-11-20",
        header=head.header,
        kind="comment",
        channel="weibo",
        columns=first_present(
            head.header,
            post_id="id",
            parent_id="weibo_id",
            published_at="created_at",
            author="user_screen_name",
            text="text",
            like_count="like_count",
        ),
    )


def _crawler_repairs(head: Head, own: int) -> tuple[str, ...]:
    said = ["ids lose their trailing tab; each row is read outward from its date cell"]
    if own == 15 and any(len(row) > 8 and _DATE.fullmatch(row[8].strip()) for row in head.rows):
        said.append("the Live Photo column that the header lacks is put in its place")
    if any(cell.lstrip().startswith("{") for row in head.rows for cell in row[14:18]):
        said.append("the llm_analysis dictionary in the rows is left out")
    return tuple(said)


# The databases and JSON of weibo-search and weibo-crawler.

_SEARCH_ONLY = {"ip", "user_authentication", "vip_type"}


def recognise_records(head: Head) -> Plan | None:
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
        prepare=_mark_reposts("retweet_id", "retweet.id"),
    )


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


# WeiboSpider (nghuyong): tweets and comments as JSONL, and the flat records of 2020.


def recognise_spider(head: Head) -> Plan | None:
    """Return the plan of a tweet or comment file."""
    if head.has("_id", "mblogid", "content", "created_at"):
        return _spider(head, "tweets", "post", "from 2022 (mblogid)")
    if "_id" in head.header and any(name.startswith("comment_user") for name in head.header):
        era = "2020" if head.has("comment_user_id") else "from 2022"
        return _spider(head, "comments", "comment", era)
    if head.has("_id", "user_id", "content", "created_at", "repost_num"):
        return _spider(head, "tweets", "post", "2020 (data_stracture.md)")
    return None


def _spider(head: Head, word: str, kind: str, era: str) -> Plan:
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
        prepare=_mark_reposts("retweet_id", "origin_weibo") if "kind" in columns else None,
    )


# MediaCrawler (NanmiCoder): seven platforms, posts and comments, before and after 2026-07-01.
# MindSpider (BettaFish) keeps the same tables, and one of headlines.
#
# The older era names the user; the newer one gives an unsalted hash, which is keyed again like any
# other id. Times are epoch seconds or milliseconds, and `last_modify_ts` is the time of the crawl.

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


def recognise_mediacrawler(head: Head) -> Plan | None:
    """Return the plan of a MediaCrawler file or table, also as MindSpider's database holds it."""
    names = set(head.header)
    comment = next((platform for platform, keys in _COMMENTS if keys <= names), None)
    content = next((platform for platform, keys in _CONTENTS if keys <= names), None)
    platform = comment or content
    if platform is None:
        return _headlines(head)
    columns = _map_comment(head) if comment else _map_content(head)
    if "text" not in columns:  # ids of the site beside texts that another collector wrote
        return None
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
        columns=columns,
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
