"""What stands for a row of counts: its corrected estimate, or what may be said in its place.

One rule for text, table, figure and alternative text. Without an audit it is the coder's own count.
With one it is the estimate; where that is below 1 % of all posts it is "fewer than" its upper end,
since a handful of audited positives cannot bear a number of their own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis.measures.minimum import FEWEST_ITEMS
from analysis.numbers import Printed, count_text, fewer_text, is_missing, range_text, share_text
from analysis.reporting.measured import Measured
from analysis.reporting.tables import row_of, table_or_empty
from analysis.reporting.words import Words

RARE = 0.01
Row = pd.Series | Mapping[str, Any]


def total_posts(tables: Mapping[str, pd.DataFrame]) -> float:
    """Give the number of all posts of a run; 0 when it is not known.

    Examples
    --------
    >>> total_posts({"counts": pd.DataFrame({"grievance": ["all"], "items": [300]})})
    300.0
    """
    row = row_of(table_or_empty(dict(tables), "counts"), "grievance", "all")
    return 0.0 if row is None or is_missing(row["items"]) else float(row["items"])


def is_corrected(row: Row) -> bool:
    """Say whether a row has a corrected estimate with its interval.

    Examples
    --------
    >>> is_corrected({"items": 3, "estimate": 4.0, "low": 1.0, "high": 9.0})
    True
    >>> is_corrected({"items": 3})
    False
    """
    return not any(is_missing(row.get(name)) for name in ("estimate", "low", "high"))


def is_rare(row: Row, posts: float) -> bool:
    """Say whether a corrected estimate is below 1 % of all posts.

    Examples
    --------
    >>> is_rare({"estimate": 5.0, "low": 1.0, "high": 20.0}, 1000)
    True
    """
    return is_corrected(row) and float(row["estimate"]) < RARE * posts


def is_told(row: Row) -> bool:
    """Say whether a code is large enough for a section and a figure of its own.

    Examples
    --------
    >>> is_told({"items": 12}), is_told({"items": 12, "estimate": 41.0})
    (False, True)
    """
    known = [row.get(name) for name in ("items", "estimate")]
    return any(float(value) >= FEWEST_ITEMS for value in known if not is_missing(value))  # type: ignore[arg-type]


def is_told_code(code: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Say the same of a row of the counts table; where there is none, nothing speaks against it."""
    row = row_of(table_or_empty(dict(tables), "counts"), "grievance", code)
    return row is None or is_told(row)


def best_values(rows: pd.DataFrame) -> pd.Series:
    """Take the corrected estimate of each row, or its count where there is none.

    Examples
    --------
    >>> best_values(pd.DataFrame({"items": [3, 5], "estimate": [None, 4.0]})).tolist()
    [3.0, 4.0]
    """
    items = rows["items"].astype(float)
    return rows["estimate"].astype(float).fillna(items) if "estimate" in rows else items


def write_best(row: Row, posts: float, language: str, number: Callable[[str], Printed]) -> Printed:
    """Write what stands for a row; ``number`` writes one of its columns.

    Examples
    --------
    >>> row = {"items": 268, "estimate": 408.8, "low": 246.1, "high": 741.9}
    >>> write_best(row, 64885, "en", lambda column: count_text(row[column]))
    'fewer than 742'
    >>> write_best(row, 4000, "en", lambda column: count_text(row[column]))
    '409'
    """
    if not is_corrected(row):
        return number("items")
    if is_rare(row, posts):
        return fewer_text(number("high"), language)
    return number("estimate")


def spell_best(row: Row, posts: float, words: Words) -> tuple[str, str]:
    """Write as plain text what stands for a row, and its interval (empty when there is none).

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> row = {"items": 3, "estimate": 4.2, "low": 1.0, "high": 9.0}
    >>> spell_best(row, 100, load_words("en")), spell_best({"items": 3}, 100, load_words("en"))
    (('4', '1 to 9'), ('3', ''))
    """

    def number(column: str) -> str:
        return count_text(row[column])

    best = write_best(row, posts, words.language, number)
    if not is_corrected(row):
        return best, ""
    return best, range_text(number("low"), number("high"), words.language)


def spell_share(share: Measured, words: Words, *, rare: bool) -> str:
    """Write a share; that of a rare row by its upper end.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> spell_share(Measured(0.032, 0.018, 0.0626), load_words("en"), rare=True)
    'less than 6.26%'
    """
    if rare and share.high is not None:
        return fewer_text(share_text(share.high), words.language, of_shares=True)
    return share_text(share.value)
