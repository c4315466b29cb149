"""Concepts that come from other columns than the text."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.coding.engine import Engine
from analysis.kernels.matcher import IntArray

_CHANNELS = {
    "live_room": "channel_live_room",
    "news": "channel_news",
    "review": "channel_review",
    "app_store": "channel_review",
    "complaint": "channel_complaint",
}
_KINDS = {"comment": "kind_comment", "review": "channel_review", "complaint": "channel_complaint"}
HOTLINE = "hotline"
_AUTHORS = {
    "government": "author_official",
    "official": "author_official",
    "政务": "author_official",
    "媒体": "author_media",
    "media": "author_media",
    "企业": "author_business",
    "business": "author_business",
    "merchant": "author_business",
}


# In a long text some cue of everything stands somewhere, so more must speak for a complaint.
LONGER, LONG, HUGE = 110, 200, 350


def given_concepts(posts: pl.DataFrame, engine: Engine) -> IntArray:
    """Return up to six concepts a post, -1 for none: of channel, kind, author and length.

    Examples
    --------
    >>> from analysis.coding.engine import load_engine
    >>> engine = load_engine()
    >>> given = given_concepts(pl.DataFrame({"text": ["刷的"], "channel": ["live_room"]}), engine)
    >>> int(given[0, 0]) == engine.numbers["channel_live_room"]
    True
    """
    given = np.full((posts.height, 6), -1, np.int32)
    length = posts["text"].cast(pl.String).str.len_chars().fill_null(0).to_numpy()
    given[length > LONGER, 3] = engine.numbers["longer_text"]
    given[length > LONG, 4] = engine.numbers["long_text"]
    given[length > HUGE, 5] = engine.numbers["huge_text"]
    columns = (("channel", _CHANNELS), ("kind", _KINDS), ("author_type", _AUTHORS))
    for place, (column, names) in enumerate(columns):
        if column in posts.columns:
            numbers = {value: engine.numbers[concept] for value, concept in names.items()}
            values = posts[column].cast(pl.String)
            codes = values.replace_strict(numbers, default=-1, return_dtype=pl.Int32)
            given[:, place] = codes.fill_null(-1).to_numpy()
    if "channel" in posts.columns:
        # A complaint to a city's hotline is mostly about roads, schools or noise.
        is_hotline = (posts["channel"].cast(pl.String) == HOTLINE).fill_null(False).to_numpy()
        given[is_hotline, 1] = -1
    return given
