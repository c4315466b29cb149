"""Consumer complaints of the CFPB, with or without the narrative, from the file or the API."""

from __future__ import annotations

import polars as pl

from analysis.corpus.readers.column_names import fold_name
from analysis.corpus.readers.plan import Head, Plan, Preparation

_NAMES = {
    "post_id": ("complaintid",),
    "text": ("consumercomplaintnarrative", "complaintwhathappened"),
    "published_at": ("datereceived",),
    "target": ("company",),
    "region": ("state",),
    "status": ("companyresponsetoconsumer", "companyresponse"),
}


def recognise(head: Head) -> Plan | None:
    """Return the plan of a CFPB export in any of its eras."""
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
