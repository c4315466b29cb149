"""The matrix behind the coverage audit as a table: posts by search word, day and hour."""

from __future__ import annotations

import pandas as pd

from analysis.frames import AnyFrame
from analysis.measures.coverage_cells import OTHERS, hour_keyword_matrix
from analysis.study.model import Study

COLUMNS = ["keyword", "date", "hour", "items", "grade"]
# More rows than this nobody can tell apart in a figure, nor wants in a file.
MOST_KEYWORDS = 16
MOST_ROWS = 100_000


def tabulate_hours(
    posts: AnyFrame, study: Study | None = None, grades: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count the posts of each hour by the search word that found them.

    Parameters
    ----------
    posts, study
        As for `grade_coverage`.
    grades
        The coverage table; its grade stands beside every hour of its day.

    Returns
    -------
    pd.DataFrame
        `keyword, date, hour, items, grade`, zeros included: the search words with most posts, in
        that order, and the others together as ``*``. Empty when no post has a clock time, and in a
        window of more than 60 days, of which nobody could tell the hours apart.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import datetime
    >>> posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 9, 40)], "keyword": ["红包"]})
    >>> tabulate_hours(posts).query("items > 0").values.tolist()
    [['红包', '2020-06-01', 9, 1, '']]
    """
    if study is not None and study.period != "day":
        return pd.DataFrame(columns=COLUMNS)
    matrix = hour_keyword_matrix(posts, study)
    if not matrix["items"].any():
        return pd.DataFrame(columns=COLUMNS)
    matrix["keyword"] = _name_most(matrix)
    order = {word: place for place, word in enumerate(_by_size(matrix, last=OTHERS))}
    counted = matrix.groupby(["keyword", "date", "hour"], sort=False)["items"].sum()
    table = counted.to_frame().reset_index()
    table["place"] = table["keyword"].map(order)
    table = table.sort_values(["place", "date", "hour"], kind="stable", ignore_index=True)
    table["date"] = [day.isoformat() for day in table["date"]]
    known = {} if grades is None else dict(zip(grades["date"], grades["grade"], strict=True))
    table["grade"] = [known.get(day, "") for day in table["date"]]
    return table[COLUMNS]


def _name_most(matrix: pd.DataFrame) -> pd.Series:
    """Keep the names of the largest search words and give the others one name together."""
    days = matrix["date"].nunique()
    room = max(1, min(MOST_KEYWORDS, MOST_ROWS // (24 * days)))
    words = _by_size(matrix)
    kept = words if len(words) <= room else words[: room - 1]
    return matrix["keyword"].where(matrix["keyword"].isin(kept), OTHERS)


def _by_size(matrix: pd.DataFrame, last: str | None = None) -> list[str]:
    sizes = matrix.groupby("keyword")["items"].sum()
    words = sorted(sizes.index, key=lambda word: (word == last, -int(sizes[word]), word))
    return [str(word) for word in words]
