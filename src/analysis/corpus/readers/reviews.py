"""Reviews: of apps as Qimai and similar services export them, of goods at JD and Taobao."""

from __future__ import annotations

from analysis.corpus.readers.column_names import fold_name
from analysis.corpus.readers.plan import Head, Plan, first_present
from analysis.corpus.readers.table import guess_columns


def recognise(head: Head) -> Plan | None:
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


_SIGNS = tuple(
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
_OWN_NAMES = {
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
    sign = next((sign for sign in _SIGNS if sign <= set(folded)), None)
    if sign is None:
        return None
    guesses = guess_columns(head)
    columns = {name: (options[0],) for name, options in guesses.items()}
    for canonical, options in _OWN_NAMES.items():
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
