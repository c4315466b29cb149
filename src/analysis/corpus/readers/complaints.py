"""Complaints and reviews as those who take them export them.

黑猫投诉 (tousu.sina.com.cn) has many collectors, each with its own files; offices are city hotlines
and mailboxes, and the CFPB. Reviews are those of apps as Qimai and similar services export them,
and of goods at JD and Taobao.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from analysis.corpus.readers.column_names import fold_name
from analysis.corpus.readers.plan import Head, Plan, Preparation, first_present
from analysis.corpus.readers.table import guess_columns
from analysis.yaml_text import read_yaml

_SPAN = r"</?span[^<>]*>"
_ID_IN_URL = r"/view/(\d+)"


def recognise_heimao(head: Head) -> Plan | None:
    """Return the plan of the first variant of 黑猫投诉 whose columns are there."""
    for variant in _load_variants():
        if set(variant["keys"]) <= set(head.header):
            return _heimao_plan(head, str(variant["variant"]), variant["columns"])
    return None


@cache
def _load_variants() -> list[dict[str, Any]]:
    """Return the variants of `heimao.yaml` in their order."""
    text = files("analysis.corpus.readers").joinpath("heimao.yaml").read_text("utf-8")
    listed: list[dict[str, Any]] = read_yaml(text)
    return listed


def _heimao_plan(head: Head, variant: str, mapping: dict[str, list[str]]) -> Plan:
    derived = (
        "heimao_title",
        "heimao_text",
        "heimao_date",
        "heimao_target",
        "heimao_demand",
        "heimao_amount",
    )
    columns = {
        canonical: tuple(name for name in names if name in head.header or name in derived)
        for canonical, names in mapping.items()
    }
    columns = {canonical: names for canonical, names in columns.items() if names}
    columns["post_id"] = (*columns.get("post_id", ()), "heimao_id")
    said = [
        "links lose their visit token; markup leaves the titles; summaries may be cut by the site"
    ]
    if "published_at" not in columns:
        said.append("no time of complaint in this export: name one with --time-column")
    return Plan(
        source="heimao",
        source_format=f"heimao {variant}",
        era=f"{len(head.header)} columns",
        header=head.header,
        columns=columns,
        kind="complaint",
        channel="complaint",
        prepare=_prepare_heimao,
        repairs=tuple(said),
    )


def _prepare_heimao(cells: pl.DataFrame) -> pl.DataFrame:
    names = set(cells.columns)
    marked = [
        name
        for name in ("title", "cotitle", "main.title", "main.cotitle", "投诉问题", "投诉对象")
        if name in names
    ]
    cells = cells.with_columns(pl.col(marked).str.replace_all(_SPAN, "")) if marked else cells
    url = next((name for name in ("href", "url", "main.url", "链接") if name in names), None)
    identity = pl.col(url).str.extract(_ID_IN_URL) if url else pl.lit(None, pl.String)
    cells = cells.with_columns(heimao_id=identity)
    if "amount_list" in names:
        cells = cells.with_columns(heimao_amount=pl.col("amount_list").str.split(";").list.first())
    return _split_raw(cells) if {"title", "content", "href"} <= names else cells


def _split_raw(cells: pl.DataFrame) -> pl.DataFrame:
    """Take the parts of H1's one multi-line cell: date, title, text, target and demand."""
    raw = pl.col("title").str.replace_all("\r\n", "\n", literal=True)
    after = raw.str.replace(r"(?s)^.*?于黑猫投诉平台发起\s*", "")
    body = after.str.extract(r"(?s)^[^\n]*\n+(.*?)\s*(?:\[投诉对象\]|\[投诉要求\]|$)$?")
    return cells.with_columns(
        heimao_date=raw.str.extract(r"(\d{4}-\d\d-\d\d)[^\n]*于黑猫投诉平台发起"),
        heimao_title=after.str.extract(r"^([^\n]*)"),
        heimao_text=body.str.strip_chars().replace("", None),
        heimao_target=raw.str.extract(r"\[投诉对象\]([^\n\[]*)"),
        heimao_demand=raw.str.extract(r"\[投诉要求\]([^\n\[]*)"),
    )


def recognise_office(head: Head) -> Plan | None:
    """Return the plan of what an office publishes, with or without the complaint's own words."""
    return _recognise_cfpb(head) or _recognise_hotline(head)


_CFPB_NAMES = {
    "post_id": ("complaintid",),
    "text": ("consumercomplaintnarrative", "complaintwhathappened"),
    "published_at": ("datereceived",),
    "target": ("company",),
    "region": ("state",),
    "status": ("companyresponsetoconsumer", "companyresponse"),
}


def _recognise_cfpb(head: Head) -> Plan | None:
    """Take complaints of the CFPB, from the file or the API, in any of their eras."""
    folded = {fold_name(name.removeprefix("_source.")): name for name in reversed(head.header)}
    if not {"datereceived", "company", "issue", "product"} <= set(folded):
        return None
    columns = {
        canonical: tuple(folded[name] for name in names if name in folded)
        for canonical, names in _CFPB_NAMES.items()
    }
    present = {canonical: names for canonical, names in columns.items() if names}
    return Plan(
        source="cfpb",
        source_format="CFPB complaints" if "Date received" in head.header else "CFPB records",
        era=f"{len(head.header)} columns, {'with' if 'text' in present else 'without'} narrative",
        header=head.header,
        columns={**present, "title": ("headline",)},
        kind="complaint",
        channel="complaint",
        time_order="month_first",
        has_printed_dates=True,
        prepare=_join_issue(folded["issue"], folded.get("subissue")),
    )


def _join_issue(issue: str, sub_issue: str | None) -> Preparation:
    """Without a narrative, issue and sub-issue are all that the consumer is known to say."""
    parts = [issue, sub_issue] if sub_issue else [issue]

    def prepare(cells: pl.DataFrame) -> pl.DataFrame:
        words = [pl.col(name).str.strip_chars().replace("", None) for name in parts]
        return cells.with_columns(headline=pl.concat_str(words, separator=": ", ignore_nulls=True))

    return prepare


def _recognise_hotline(head: Head) -> Plan | None:
    """Take letters to a city: 留言编号, 留言主题, 留言时间, 留言详情."""
    if not head.has("留言主题", "留言详情") and not head.has("留言编号", "留言详情"):
        return None
    return Plan(
        source="citizen_hotline",
        source_format="citizen mailbox",
        era="with answers" if head.has("答复意见") else "complaints",
        header=head.header,
        columns=first_present(
            head.header,
            post_id="留言编号",
            author="留言用户",
            title="留言主题",
            published_at="留言时间",
            text="留言详情",
            like_count="点赞数",
            region=("地区", "所在地"),
        ),
        kind="complaint",
        channel="hotline",
        local_ids=True,
    )


def recognise_reviews(head: Head) -> Plan | None:
    """Return the plan of an export of reviews, or None when the columns are no reviews'."""
    return _recognise_apps(head) or _recognise_goods(head)


_TIMES = ("发表时间", "发布时间", "评论时间", "更新时间")


def _recognise_apps(head: Head) -> Plan | None:
    """Take reviews of apps as Qimai and similar services write them."""
    if not head.has("标题", "内容") or not set(_TIMES) & set(head.header):
        return None
    if not set(head.header) & {"评级", "评分", "星级"}:
        return None
    return Plan(
        source="app_store",
        source_format="app store reviews",
        era=f"{len(head.header)} columns",
        header=head.header,
        columns=first_present(
            head.header,
            title="标题",
            text="内容",
            published_at=_TIMES,
            rating=("评级", "评分", "星级"),
            author=("作者", "昵称", "用户名"),
            region=("国家", "地区"),
            post_id=("评论ID", "评论id"),
        ),
        kind="review",
        channel="app_store",
        local_ids=True,
    )


_SIGNS_OF_REVIEWS = tuple(
    frozenset(fold_name(name) for name in sign)
    for sign in (
        ("product_id", "score", "comment_time", "comment"),
        ("content", "creationTime"),
        ("content", "score", "time"),
        ("评论内容", "评论时间", "购买时间"),
        ("评论内容", "评论时间", "打分"),
        ("评论内容", "购买时间"),
        ("评价内容", "评价时间"),
        ("评论内容", "评论时间", "会员级别"),
        ("rateContent", "rateDate"),
        ("content", "referenceName"),
        ("content", "productColor"),
        ("评论内容", "商品id"),
        ("评论内容", "商品名称"),
        ("评论内容", "星级"),
        ("评论内容", "评分"),
    )
)
_NAMES_OF_REVIEWS = {
    "text": ("content", "comment", "评论内容", "评价内容", "ratecontent"),
    "published_at": (
        "creationtime",
        "commenttime",
        "评论时间",
        "评价时间",
        "ratedate",
        "time",
        "评论日期",
    ),
    "target": ("店铺", "店铺名称", "商家"),
    "author": ("nickname", "会员名", "会员", "用户昵称", "昵称", "用户名", "displayusernick"),
}


def _recognise_goods(head: Head) -> Plan | None:
    """Take reviews of goods; each script has its own columns and no standard."""
    folded = {fold_name(name): name for name in head.header}
    sign = next((sign for sign in _SIGNS_OF_REVIEWS if sign <= set(folded)), None)
    if sign is None:
        return None
    guesses = guess_columns(head)
    columns = {name: (options[0],) for name, options in guesses.items()}
    for canonical, options in _NAMES_OF_REVIEWS.items():
        found = next((folded[option] for option in options if option in folded), None)
        if found is not None:
            columns[canonical] = (found,)
    if not {"text", "published_at"} <= set(columns):
        return None
    return Plan(
        source="jd_review",
        source_format="review export",
        era="columns " + ", ".join(sorted(sign)),
        header=head.header,
        columns=columns,
        kind="review",
        channel="review",
        local_ids=True,
        guessed=frozenset(columns) - {"text", "published_at"},
    )
