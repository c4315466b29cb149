"""Sentiment by day and by cut-off, against counts made by hand and SciPy's interval."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

import analysis as cd

SCORED = pd.DataFrame(
    {
        "published_at": pd.to_datetime(
            [f"2020-06-0{day} 23:30" if day else None for day in (1, 1, 1, 3, 0, 3)]
        ).tz_localize("Asia/Shanghai"),
        "snownlp_score": [0.9, 0.2, 0.4, 0.5, 0.1, 0.1],
        "negative_probability": [0.1, 0.8, 0.7, 0.49, 0.9, 0.9],
        "repeat_of": [None, None, None, None, None, "x"],
    }
)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_days_have_the_shares_that_one_counts_by_hand(kind):
    posts = SCORED if kind is pd.DataFrame else pl.from_pandas(SCORED)
    days = cd.sentiment_by_day(posts)
    assert isinstance(days, kind)
    rows = days.to_dicts() if kind is pl.DataFrame else days.to_dict("records")
    assert [(row["date"], row["posts"]) for row in rows] == [("2020-06-01", 3), ("2020-06-03", 1)]
    assert [row["negative"] for row in rows] == pytest.approx([2 / 3, 0])
    assert [row["snownlp_negative"] for row in rows] == pytest.approx([2 / 3, 1])


@pytest.mark.parametrize(
    ("cutoff", "ours", "theirs"), [(0.7, 0.75, 0.25), (0.71, 0.5, 0.25), (0.5, 0.75, 0.75)]
)
def test_a_post_sounds_negative_from_the_cutoff_on(cutoff, ours, theirs):
    posts = pd.DataFrame(
        {"snownlp_score": [0.25, 0.5, 0.5, 0.9], "negative_probability": [0.7, 0.9, 0.8, 0.1]}
    )
    day = cd.sentiment_by_day(posts.assign(published_at=pd.Timestamp("2020-06-01")), cutoff).iloc[0]
    assert (day["negative"], day["snownlp_negative"]) == (ours, theirs)


def test_posts_outside_the_window_do_not_count():
    posts = pd.DataFrame(
        {"snownlp_score": 0.1, "negative_probability": [0.9, 0.9, 0.1],
         "is_in_window": [True, False, None]},
    )  # fmt: skip
    assert cd.sweep_cutoffs(posts).loc[9, ["posts", "negative"]].tolist() == [2, 0.5]


def test_cutoffs_run_from_a_twentieth_to_nineteen():
    posts = pd.DataFrame({"snownlp_score": [0.3, 0.95], "negative_probability": [0.7, 0.95]})
    table = cd.sweep_cutoffs(posts)
    assert table["cutoff"].tolist() == [round(n / 20, 2) for n in range(1, 20)]
    at = table.set_index("cutoff")
    assert at.loc[0.7, ["negative", "snownlp_negative"]].tolist() == [1.0, 0.5]
    assert at.loc[[0.75, 0.95], "negative"].tolist() == [0.5, 0.5]
    assert at.loc[[0.05, 0.1], "snownlp_negative"].tolist() == [1.0, 0.5]


def test_the_day_is_that_of_china():
    late = SCORED.assign(published_at=SCORED["published_at"].dt.tz_convert("UTC"))
    assert cd.sentiment_by_day(late)["date"].tolist() == ["2020-06-01", "2020-06-03"]


@pytest.mark.parametrize(("hits", "posts"), [(0, 5), (3, 7), (40, 41)])
def test_the_interval_is_wilsons(hits, posts):
    sound = [0.9] * hits + [0.1] * (posts - hits)
    table = pd.DataFrame({"snownlp_score": 0.5, "negative_probability": sound})
    day = cd.sentiment_by_day(table.assign(published_at=pd.Timestamp("2020-06-01"))).iloc[0]
    known = stats.binomtest(hits, posts).proportion_ci(0.95, "wilson")
    assert (day["low"], day["high"]) == pytest.approx((known.low, known.high))


def test_cutoffs_have_the_shares_that_one_counts_by_hand():
    at = cd.sweep_cutoffs(SCORED).set_index("cutoff").loc[0.5]
    assert at["posts"] == 5  # the repeat is none
    assert at[["snownlp_negative", "negative", "both", "either"]].tolist() == pytest.approx(
        [4 / 5, 3 / 5, 3 / 5, 4 / 5]
    )


def test_what_is_not_scored_is_told_and_nothing_gives_nothing():
    with pytest.raises(cd.CaodianError, match="snownlp_score"):
        cd.sweep_cutoffs(pd.DataFrame({"text": ["慢"]}))
    assert cd.sweep_cutoffs(SCORED.iloc[:0]).empty
    assert cd.sentiment_by_day(SCORED.assign(published_at=pd.NaT)).empty


JUDGED = [
    ("打不开，闪退 ------ 开发者回复：感谢您的反馈，祝您生活愉快", "打不开，闪退"),
    ("床单有污渍。宾馆反馈 2018年7月9日 ： 感谢您的好评", "床单有污渍"),
    ("太坑了//@某人:很好用，推荐", "太坑了"),
    ("//@某人:很好用，推荐//太坑了", "太坑了"),
    ("问了三次，客服回复：等着", "问了三次，客服回复：等着"),
]


@pytest.mark.parametrize(("text", "own"), JUDGED, ids=range(len(JUDGED)))
def test_the_probability_is_of_the_writers_own_words_and_snownlp_reads_all(text, own):
    scored = cd.score_sentiment(pd.DataFrame({"text": [text, own]}))
    assert scored["negative_probability"].nunique() == 1
    assert scored["snownlp_score"].nunique() == (1 if text == own else 2)


@pytest.mark.parametrize("text", [None, "", "转发微博"])
def test_who_says_nothing_judges_nothing(text):
    posts = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    assert cd.score_sentiment(posts)["negative_probability"].to_list() == [None]


@pytest.mark.parametrize("score", [0.1, 0.9])
def test_an_interval_of_none_or_of_all_ends_within_the_range_of_a_share(score):
    """The least bit below nought was rounded to -0.0, and a sound build failed its check."""
    sizes = range(1, 120)
    days = [pd.Timestamp("2020-01-01") + pd.Timedelta(days=n) for n in sizes for _ in range(n)]
    posts = pd.DataFrame(
        {"published_at": days, "snownlp_score": 0.5, "negative_probability": score}
    )
    table = cd.sentiment_by_day(posts)
    assert table["posts"].tolist() == list(sizes)
    assert not np.signbit(table["low"]).any() and (table["high"] <= 1).all()
