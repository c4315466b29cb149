"""How posts sound, counted again with plain Python."""

from datetime import date, datetime

import polars as pl
import pytest

from analysis.sentiment.scores import describe_sentiment
from analysis.study.load import study_of_range

SCORES = [
    (1, 0.9, 0.1),
    (1, 0.2, 0.8),
    (1, 0.5, 0.5),
    (3, 0.1, 0.4),
    (3, None, None),
    (4, 0.1, 0.9),
]


def posts(month=6):
    return pl.DataFrame(
        {
            "published_at": [datetime(2020, month, day) for day, _, _ in SCORES],
            "snownlp_score": [theirs for _, theirs, _ in SCORES],
            "negative_probability": [ours for _, _, ours in SCORES],
            "repeat_of": [None] * 5 + ["a:1"],
        }
    )


def study(first=date(2020, 6, 1), last=date(2020, 6, 3)):
    return study_of_range("x", first, last, [])


def test_each_day_of_the_window_has_a_row_and_repeats_count_once():
    days = describe_sentiment(posts(), study())["sentiment_days"]
    assert days["date"].tolist() == ["2020-06-01", "2020-06-02", "2020-06-03"]
    assert days["posts"].tolist() == [3, 0, 1]
    assert days["snownlp_negative"].tolist()[::2] == [round(2 / 3, 6), 1.0]
    assert days["negative"].tolist()[::2] == [round(2 / 3, 6), 0.0]
    assert days.loc[1, ["snownlp_negative", "negative", "low", "high"]].isna().all()
    assert ((days["low"] <= days["negative"]) & (days["negative"] <= days["high"]))[::2].all()


def test_the_share_at_a_cutoff_is_that_of_all_scored_posts():
    swept = describe_sentiment(posts(), study())["sentiment_cutoffs"].set_index("cutoff")
    assert swept["posts"].unique().tolist() == [4]
    assert swept.loc[0.5, ["snownlp_negative", "negative", "both", "either"]].tolist() == [
        0.75, 0.5, 0.5, 0.75,
    ]  # fmt: skip
    assert swept.loc[0.85, "negative"] == 0.0


def test_a_long_window_is_told_by_the_week_that_begins_on_monday():
    days = describe_sentiment(posts(), study(date(2020, 5, 1), date(2020, 8, 1)))["sentiment_days"]
    told = days[days["posts"] > 0]
    assert told[["date", "posts"]].values.tolist() == [["2020-06-01", 4]]
    assert len(days) == 14


@pytest.mark.parametrize("missing", ["snownlp_score", "negative_probability"])
def test_posts_without_scores_give_empty_tables(missing):
    tables = describe_sentiment(posts().drop(missing), study())
    assert {name: len(table) for name, table in tables.items()} == {
        "sentiment_cutoffs": 0, "sentiment_days": 0,
    }  # fmt: skip
