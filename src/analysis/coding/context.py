"""Concepts that come from other columns than the text."""

from __future__ import annotations

from collections.abc import Sequence

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
# Where the concepts of a column stand among the given ones of a post.
_COLUMNS = {"channel": (0, _CHANNELS), "kind": (1, _KINDS), "author_type": (2, _AUTHORS)}

# In a long text some cue of everything stands somewhere, so more must speak for a complaint.
LONGER, LONG, HUGE = 110, 200, 350


def number_among(column: str, names: Sequence[str]) -> pl.Expr:
    """Return the expression of where each value of a column stands among names, -1 for nowhere.

    Examples
    --------
    >>> posts = pl.DataFrame({"channel": ["weibo", None, "tv", "review"]})
    >>> posts.select(number_among("channel", ["review", "weibo"]))["channel"].to_list()
    [1, -1, -1, 0]
    """
    known = pl.col(column).cast(pl.String).cast(pl.Enum(names), strict=False)
    return known.to_physical().cast(pl.Int32).fill_null(-1)


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
    columns = {name: which for name, which in _COLUMNS.items() if name in posts.columns}
    read = posts.select(
        pl.col("text").cast(pl.String).str.len_chars().fill_null(0),
        *(number_among(name, tuple(concepts)) for name, (_, concepts) in columns.items()),
        *(_is_hotline() for name in columns if name == "channel"),
    )
    given = np.full((posts.height, 6), -1, np.int32)
    for name, (place, concepts) in columns.items():
        # -1, a value that no name has, is the last one.
        numbers = [engine.numbers[concept] for concept in concepts.values()]
        given[:, place] = np.array([*numbers, -1], np.int32)[read[name].to_numpy()]
    if "channel" in columns:
        # A complaint to a city's hotline is mostly about roads, schools or noise.
        given[read[HOTLINE].to_numpy(), 1] = -1
    length = read["text"].to_numpy()
    given[length > LONGER, 3] = engine.numbers["longer_text"]
    given[length > LONG, 4] = engine.numbers["long_text"]
    given[length > HUGE, 5] = engine.numbers["huge_text"]
    return given


def _is_hotline() -> pl.Expr:
    return (pl.col("channel").cast(pl.String) == HOTLINE).fill_null(value=False).alias(HOTLINE)
