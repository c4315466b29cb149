"""weibo-crawler (dataabc): timelines of given users, their comments and reposts.

The post CSV is appended to by every version, and two versions wrote rows that are longer than the
header: one left the new Live Photo column out of it, one put a dictionary into the row. Each row is
therefore read from its own date cell outward.
"""

from __future__ import annotations

import re

import polars as pl

from analysis.corpus.readers.plan import Head, Plan, Preparation, first_present

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
_ERAS = {
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


def recognise(head: Head) -> Plan | None:
    """Return the plan of a weibo-crawler post CSV or comment CSV."""
    if head.header == _COMMENT_HEADER:
        return _comments(head)
    if not head.has("正文", "@用户", "日期") or "微博正文" in head.header:
        return None
    own = sum(not name.startswith("源") and name != "是否原创" for name in head.header)
    return Plan(
        source="weibo_crawler",
        source_format="weibo-crawler posts",
        era=_ERAS.get(own, f"{own} columns"),
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
        repairs=_repairs(head, own),
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


def _repairs(head: Head, own: int) -> tuple[str, ...]:
    said = ["ids lose their trailing tab; each row is read outward from its date cell"]
    if own == 15 and any(len(row) > 8 and _DATE.fullmatch(row[8].strip()) for row in head.rows):
        said.append("the Live Photo column that the header lacks is put in its place")
    if any(cell.lstrip().startswith("{") for row in head.rows for cell in row[14:18]):
        said.append("the llm_analysis dictionary in the rows is left out")
    return tuple(said)
