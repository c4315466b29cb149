"""weibo-search (dataabc): posts found by keyword; the keyword is the name of the file."""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.plan import Head, Plan, first_present

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


def recognise(head: Head) -> Plan | None:
    """Return the plan of a weibo-search table, or of a topic export with its column names."""
    if "微博正文" not in head.header or "发布时间" not in head.header:
        return None
    width = len(head.header)
    is_full = head.has("id", "bid", "user_id", "转发数")
    layouts = {**_NAMES, width: head.header} if is_full else {}
    names = tuple(dict.fromkeys((*head.header, *(_NAMES[21] if is_full else ()))))
    return Plan(
        source="weibo_search",
        source_format="weibo-search CSV" if is_full else "Weibo topic export",
        era=_ERAS.get(width, f"{width} columns") if is_full else f"{width} columns",
        header=head.header,
        columns=_map_columns(names),
        channel="weibo",
        keyword=_keyword(head) if is_full else None,
        layouts=layouts,
        prepare=_mark_reposts if "retweet_id" in names else None,
        prepare_reads=("retweet_id",),
        repairs=_repairs(head) if is_full else (),
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


def _mark_reposts(cells: pl.DataFrame) -> pl.DataFrame:
    """Add `kind`: a row that names the original it passes on is a repost."""
    original = pl.col("retweet_id").str.strip_chars().replace("", None)
    return cells.with_columns(kind=pl.when(original.is_not_null()).then(pl.lit("repost")))


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
