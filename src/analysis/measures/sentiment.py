"""How negative the posts of a run sound, by both scores: at each cut-off, and by day."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.frames import AnyFrame, as_lazy, to_pandas
from analysis.sentiment.scores import (
    CUTOFF_COLUMNS,
    DAY_COLUMNS,
    sentiment_by_day,
    sweep_cutoffs,
)
from analysis.study.model import Study
from analysis.study.periods import list_periods

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
