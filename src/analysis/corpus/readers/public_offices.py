"""Complaints that public offices publish: city hotlines and mailboxes, and the CFPB."""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.column_names import fold_name
from analysis.corpus.readers.plan import Head, Plan, Preparation, first_present


def recognise(head: Head) -> Plan | None:
    """Return the plan of what an office publishes, with or without the complaint's own words."""
    return _recognise_cfpb(head) or _recognise_hotline(head)


_NAMES = {
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
        for canonical, names in _NAMES.items()
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
