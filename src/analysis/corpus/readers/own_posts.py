"""Posts that Caodian wrote itself: the output of `ingest` or `simulate`."""

from __future__ import annotations

from analysis.corpus.readers.plan import CANONICAL, Head, Plan

_KEYS = ("source", "kind", "post_id", "text", "published_at", "channel")
_COMPUTED = (
    "source_format",
    "source_file",
    "row_number",
    "repeat_of",
    "is_in_window",
    "via_repost",
)


def recognise(head: Head) -> Plan | None:
    """Return the plan of canonical posts, whose columns are what they are called."""
    if not head.has(*_KEYS):
        return None
    names = [name for name in CANONICAL if name in head.header and name not in _COMPUTED]
    return Plan(
        source="caodian",
        source_format="canonical posts",
        era=f"{len(head.header)} columns",
        header=head.header,
        columns={name: (name,) for name in names},
    )
