"""City hotlines and mayors' mailboxes: 留言编号, 留言主题, 留言时间, 留言详情."""

from __future__ import annotations

from analysis.corpus.readers.plan import Head, Plan, first_present


def recognise(head: Head) -> Plan | None:
    """Return the plan of a hotline or mailbox table."""
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
