"""What other columns than the text say of a post."""

import polars as pl
import pytest

from analysis.coding.context import given_concepts
from analysis.coding.engine import load_engine


@pytest.mark.parametrize(
    ("channel", "kind", "is_expected"),
    [
        ("complaint", "complaint", True),
        ("other", "complaint", True),
        ("hotline", "complaint", False),
        ("weibo", "post", False),
        (None, None, False),
    ],
)
def test_a_hotline_is_no_complaint_channel(channel, kind, is_expected):
    engine = load_engine()
    schema = {"text": pl.String, "channel": pl.String, "kind": pl.String}
    posts = pl.DataFrame(
        {"text": ["路灯坏了"], "channel": [channel], "kind": [kind]}, schema=schema
    )
    given = given_concepts(posts, engine)
    assert (engine.numbers["channel_complaint"] in given[0]) == is_expected


def test_columns_of_any_string_like_type_are_read():
    engine = load_engine()
    posts = pl.DataFrame({"text": ["刷的", "刷的"], "channel": ["live_room", "elsewhere"]})
    plain = given_concepts(posts, engine)
    categories = posts.with_columns(pl.col("channel").cast(pl.Categorical))
    assert given_concepts(categories, engine).tolist() == plain.tolist()
    nothing = posts.with_columns(pl.lit(None).alias("channel"))
    assert given_concepts(nothing, engine).max() == -1
    assert plain[:, 0].tolist() == [engine.numbers["channel_live_room"], -1]
