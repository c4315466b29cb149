"""Reviews of apps as Qimai and similar services export them: 发表时间, 作者, 评级, 标题, 内容."""

from __future__ import annotations

from analysis.corpus.readers.plan import Head, Plan, first_present

_TIMES = ("发表时间", "发布时间", "评论时间", "更新时间")


def recognise(head: Head) -> Plan | None:
    """Return the plan of an app store export."""
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
