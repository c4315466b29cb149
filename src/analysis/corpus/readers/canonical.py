"""The columns of the canonical post, in their order, with their types."""

from __future__ import annotations

import polars as pl

ZONE = "Asia/Shanghai"
_WORD, _COUNT, _FLAG = pl.String(), pl.Int64(), pl.Boolean()
_TIME, _NUMBER = pl.Datetime("us", ZONE), pl.Float64()

CANONICAL = pl.Schema(
    {
        "source": _WORD,
        "source_format": _WORD,
        "source_file": _WORD,
        "row_number": _COUNT,
        "kind": _WORD,
        "post_id": _WORD,
        "repeat_of": _WORD,
        "parent_id": _WORD,
        "title": _WORD,
        "text": _WORD,
        "published_at": _TIME,
        "published_precision": _WORD,
        "collected_at": _TIME,
        "author_key": _WORD,
        "author_type": _WORD,
        "region": _WORD,
        "channel": _WORD,
        "like_count": _COUNT,
        "comment_count": _COUNT,
        "share_count": _COUNT,
        "rating": _NUMBER,
        "target": _WORD,
        "demand": _WORD,
        "amount_yuan": _NUMBER,
        "status": _WORD,
        "keyword": _WORD,
        "url": _WORD,
        "is_in_window": _FLAG,
        "via_repost": _FLAG,
    }
)
REJECTS = pl.Schema({"source_file": _WORD, "row_number": _COUNT, "reason": _WORD})
