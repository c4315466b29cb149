"""Both sentiment scores of a post, SnowNLP's own number and a calibrated one, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from analysis.corpus.clean import own_words
from analysis.frames import (
    AnyFrame,
    Frame,
    as_lazy,
    as_texts,
    like_frame,
    put_columns,
    take_columns,
    to_pandas,
)
from analysis.minimum import share_interval
from analysis.schema import parse_columns
from analysis.sentiment.linear import negative_probabilities
from analysis.sentiment.snownlp_exact import score_texts
from analysis.study.model import Study
from analysis.study.periods import list_periods

DAY_COLUMNS = ("date", "posts", "snownlp_negative", "negative", "low", "high")
CUTOFF_COLUMNS = ("cutoff", "posts", "snownlp_negative", "negative", "both", "either")
_SCORES = ("snownlp_score", "negative_probability")
_WHICH_COUNT = ("repeat_of", "is_in_window")
_ZONE = "Asia/Shanghai"
_STEPS = 20  # cut-offs between 0 and 1


def score_sentiment(posts: Frame, text: str = "text") -> Frame:
    """Score the sentiment of posts.

    Parameters
    ----------
    posts
        pandas or Polars frame.
    text
        Column of the text, cleaned.

    Returns
    -------
    The same kind of frame
        With `snownlp_score`, SnowNLP's own number, bit for bit (1 positive, 0 negative), and
        `negative_probability`, calibrated: how likely the writer's own words judge goods, sellers,
        services or platforms negatively; whom he quotes and what a shop or a developer answered
        below is left out. Both are missing where the text is missing or empty, the latter also
        where somebody forwards without a word. Neither tells a complaint: that is the coder's
        `is_negative`.

    Raises
    ------
    CaodianError
        When the text column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> posts = score_sentiment(pd.DataFrame({"text": ["质量太差，退货还要自己付运费", "很满意"]}))
    >>> (posts["negative_probability"] > 0.5).tolist()
    [True, False]
    """
    texts = as_texts(take_columns(posts, [text])[text]).alias("text")
    own = own_words(texts.to_frame()).set(texts.is_null(), None)
    scores = {
        "snownlp_score": score_texts(texts),
        "negative_probability": negative_probabilities(own),
    }
    return put_columns(posts, pl.DataFrame(scores))


# How negative posts sound: by day with an interval, and against the cut-off that one chooses.


def sentiment_by_day(posts: AnyFrame, cutoff: float = 0.5) -> Any:  # noqa: ANN401 - as given
    """Give the share of posts that sound negative, day by day, by both scores.

    Parameters
    ----------
    posts
        pandas or Polars frame from `score_sentiment`, with `published_at`. Repeats and posts
        outside the window are not counted, nor those without a score.
    cutoff
        Between 0 and 1. A post sounds negative to ours where `negative_probability` is at least
        so much, to SnowNLP where `1 - snownlp_score` is.

    Returns
    -------
    The same kind of frame
        One row a day with posts: `date` (YYYY-MM-DD), `posts`, and as fractions of them
        `snownlp_negative`, `negative`, and `low, high`, the 95 % interval of `negative` (Wilson
        1927). It is that of a sample of independent posts: reposts make it too narrow. No row
        where no post has a day.

    Raises
    ------
    CaodianError
        When a column is missing.

    Examples
    --------
    >>> posts = pd.DataFrame({"published_at": pd.to_datetime(["2020-06-01"] * 2),
    ...                       "snownlp_score": [0.9, 0.2], "negative_probability": [0.1, 0.8]})
    >>> sentiment_by_day(posts)[["date", "posts", "negative"]].values.tolist()
    [['2020-06-01', 2, 0.5]]
    """
    scored = _take_scores(posts, ["published_at"]).filter(pl.col("published_at").is_not_null())
    sounds = [
        (1 - pl.col("snownlp_score") >= cutoff).mean().alias("snownlp_negative"),
        (pl.col("negative_probability") >= cutoff).sum().alias("hits"),
    ]
    by_day = scored.group_by(_day(scored).cast(pl.String).alias("date"))
    table = by_day.agg(pl.len().alias("posts"), *sounds).sort("date").to_pandas()
    low, high = share_interval(table["hits"].to_numpy(float), table["posts"].to_numpy(float))
    # What is left of a rounding lies outside, and a nought below nought is written with a sign.
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    table = table.assign(negative=table["hits"] / table["posts"], low=low, high=high)
    return like_frame(posts, table[list(DAY_COLUMNS)])


def sweep_cutoffs(posts: AnyFrame) -> Any:  # noqa: ANN401 - the kind given
    """Give the share of posts that sound negative at each cut-off, by both scores.

    Parameters
    ----------
    posts
        As for `sentiment_by_day`; no dates are needed.

    Returns
    -------
    The same kind of frame
        A row for each `cutoff` from 0.05 to 0.95: `posts`, and as fractions of them
        `snownlp_negative`, `negative`, `both` and `either`. No row without scored posts.

    Raises
    ------
    CaodianError
        When a column is missing.

    Examples
    --------
    >>> posts = pd.DataFrame({"snownlp_score": [0.9, 0.2], "negative_probability": [0.1, 0.8]})
    >>> sweep_cutoffs(posts).query("0.49 < cutoff < 0.51")["both"].tolist()
    [0.5]
    """
    scored = _take_scores(posts)
    theirs = 1 - scored["snownlp_score"].to_numpy()
    ours = scored["negative_probability"].to_numpy()
    rows = []
    for step in range(1, _STEPS) if len(ours) else ():
        cutoff = round(step / _STEPS, 2)
        said, meant = theirs >= cutoff, ours >= cutoff
        shares = [float(np.mean(part)) for part in (said, meant, said & meant, said | meant)]
        rows.append((cutoff, len(ours), *shares))
    return like_frame(posts, pd.DataFrame(rows, columns=list(CUTOFF_COLUMNS)))


def _take_scores(posts: AnyFrame, needed: Sequence[str] = ()) -> pl.DataFrame:
    """Take the posts that count and have both scores."""
    remedy = "Score the posts first: score_sentiment."
    scores = take_columns(posts, _SCORES, remedy=remedy)
    others = take_columns(posts, needed, _WHICH_COUNT)
    taken = parse_columns(pl.concat([scores, others], how="horizontal"))
    taken = taken.drop_nulls(_SCORES)
    if "repeat_of" in taken.columns:
        taken = taken.filter(pl.col("repeat_of").is_null())
    if "is_in_window" in taken.columns:
        taken = taken.filter(pl.col("is_in_window").ne_missing(pl.lit(False)))
    return taken


def _day(posts: pl.DataFrame) -> pl.Expr:
    """Give the day of each post in China; a time without a zone is China's."""
    kind, moment = posts.schema["published_at"], pl.col("published_at")
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        moment = moment.dt.convert_time_zone(_ZONE)
    return moment.dt.date()


# Of a run: its posts at each cut-off and by day, week or month of its window.

_NEEDED = ("repeat_of", "is_in_window", "published_at", "snownlp_score", "negative_probability")
_STARTS = {"day": "1d", "week": "1w", "month": "1mo"}  # weeks begin on Monday
_DIGITS = 6
CUTOFFS = tuple(round(step / 20, 2) for step in range(1, 20))  # as `sweep_cutoffs` has them


def describe_sentiment(posts: AnyFrame, study: Study) -> dict[str, pd.DataFrame]:
    """Count how many posts sound negative: all of them at each cut-off, and day by day at a half.

    Parameters
    ----------
    posts
        Scored posts of a run: `snownlp_score, negative_probability`, and where they are there
        `published_at, repeat_of, is_in_window`.
    study
        Window, and whether it is told by day, week or month.

    Returns
    -------
    dict
        ``sentiment_cutoffs`` of `sweep_cutoffs`, and ``sentiment_days`` of `sentiment_by_day`, by
        week or month in a long window (`date` is its first day), with a row for each period of the
        window; one without posts has no shares. Both are empty where posts have no scores.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 2), [])
    >>> posts = pd.DataFrame({"published_at": pd.to_datetime(["2020-06-01"] * 2),
    ...                       "snownlp_score": [0.9, 0.2], "negative_probability": [0.1, 0.8]})
    >>> describe_sentiment(posts, study)["sentiment_days"]["posts"].tolist()
    [2, 0]
    """
    frame = as_lazy(posts)
    known = frame.collect_schema().names()
    tables = {
        "sentiment_cutoffs": pd.DataFrame(columns=list(CUTOFF_COLUMNS)),
        "sentiment_days": pd.DataFrame(columns=list(DAY_COLUMNS)),
    }
    if not {"snownlp_score", "negative_probability"} <= set(known):
        return tables
    scored = frame.select(name for name in _NEEDED if name in known).collect()
    tables["sentiment_cutoffs"] = to_pandas(sweep_cutoffs(scored)).round(_DIGITS)
    if study.window is not None and "published_at" in known:
        start = pl.col("published_at").dt.truncate(_STARTS[study.period])
        found = to_pandas(sentiment_by_day(scored.with_columns(start))).round(_DIGITS)
        days = list_periods(study.window.start, study.window.end, study.period)
        whole = found.set_index("date").reindex([day.isoformat() for day in days])
        whole["posts"] = whole["posts"].fillna(0).astype(int)
        tables["sentiment_days"] = whole.rename_axis("date").reset_index()
    return tables
