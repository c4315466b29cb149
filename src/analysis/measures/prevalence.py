"""How many posts voice which grievance: the counts of the report, in three units.

One function per published table. Shares: `all` is 1, `negative` is a share of all posts, a code is
a share of the negative ones; codes overlap, so nothing is summed over them. Corrected estimates
come from the audit table and are empty without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import pandas as pd
import polars as pl

from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError, nearest
from analysis.frames import (
    AnyFrame,
    as_polars,
    as_small,
    like_frame,
    put_columns,
    take_columns,
)
from analysis.measures.counts_breakdowns import (
    count_channels,
    count_platforms,
    count_ratings,
    count_sub_grievances,
)
from analysis.measures.counts_dates import dates_of, grades_by_date, with_dates
from analysis.measures.counts_table import ESTIMATES, as_pandas, divide, join_estimates
from analysis.measures.counts_units import (
    COUNTED,
    NEEDED,
    collect_counts,
    count_units,
    in_order,
    label,
    select_items,
    spread,
)
from analysis.schema import parse_columns
from analysis.study.periods import Period

__all__ = [
    "correct_counts",
    "count_channels",
    "count_codes",
    "count_daily",
    "count_grievances",
    "count_platforms",
    "count_ratings",
    "count_sub_grievances",
    "join_estimates",
]


DAILY_COLUMNS = ("date", "grievance", "items", "families", "grade")


def count_grievances(
    posts: AnyFrame,
    by: Literal["date", "platform", "channel", "sub_grievance"] | None = None,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Count coded posts: how many are negative items, and of which grievance.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances`. Posts that repeat another (`repeat_of`) or
        lie outside the window (`is_in_window` false) are not counted. Families and authors are
        counted where `family_id` and `author_key` are there.
    by
        Nothing for one row a grievance, else a row for each date and grievance, each platform
        named, each channel, or each sub-grievance.

    Returns
    -------
    The same kind of frame
        `items, families, authors` side by side, in rows `all` (every post), `negative` and the
        codes of the codebook. `share` is a fraction: of all posts for `negative`, of the negative
        items for a code. Codes overlap, so nothing is summed over them. `estimate, low, high` are
        empty until an audit corrects the counts. By date, no posts give no row.

    Raises
    ------
    CaodianError
        When the posts are not coded, `by` is unknown, or dates are asked for and there are none.

    Examples
    --------
    >>> posts = pd.DataFrame({"is_negative": [True, True, False],
    ...                       "grievances": [["price"], ["price", "delivery"], []]})
    >>> counts = count_grievances(posts).set_index("grievance")
    >>> counts.loc[["all", "negative", "price"], "items"].tolist()
    [3, 2, 2]
    """
    kind, codebook = posts, load_codebook()
    codes = list(codebook.code_names)
    if not isinstance(posts, pl.LazyFrame):
        # A table that went through a CSV has lists and times as text.
        posts = parse_columns(take_columns(posts, NEEDED, list(COUNTED)))
        if by == "date" and posts.is_empty():
            return like_frame(kind, pd.DataFrame(columns=list(DAILY_COLUMNS)))
    makers: dict[str | None, Callable[[], pd.DataFrame]] = {
        None: lambda: count_codes(posts, codes),
        "date": lambda: count_daily(posts, codes),
        "platform": lambda: count_platforms(posts),
        "channel": lambda: count_channels(posts),
        "sub_grievance": lambda: count_sub_grievances(posts, codebook.sub_names),
    }
    if by not in makers:
        known = [name for name in makers if name]
        near = nearest(str(by), known)
        raise CaodianError(
            f"posts are counted by {', '.join(known)}, or by nothing",
            value=by,
            remedy=f"Did you mean {near!r}?" if near else None,
        )
    table = makers[by]()
    return like_frame(kind, table)


def correct_counts(counts: AnyFrame, audit: AnyFrame) -> Any:  # noqa: ANN401 - the kind given
    """Put the audit's corrected counts beside the coder's own.

    Parameters
    ----------
    counts
        pandas or Polars, from `count_grievances`: by nothing, by sub-grievance or by platform. Days
        and channels have no estimate of their own.
    audit
        Table of `score_audit`, of the same posts; estimates of sub-grievances and platforms are in
        its `attrs["details"]`, or rows of the table itself.

    Returns
    -------
    The same kind of frame
        The counts with `estimate, low, high` in posts: corrected for the coder's error, with a 95 %
        interval that covers this error and not the selection of posts. Missing where the audit has
        no row (`all` needs no correction). `share` stays the coder's own.

    Raises
    ------
    CaodianError
        When either table lacks a column, or the counts are by day or channel.

    Examples
    --------
    >>> counts = pd.DataFrame({"grievance": ["all", "price"], "items": [40, 8]}, index=["a", "b"])
    >>> audit = pd.DataFrame({"grievance": ["price"], "estimate": [9.0], "low": [7.0],
    ...                       "high": [12.0]})
    >>> correct_counts(counts, audit)
      grievance  items  estimate  low  high
    a       all     40       NaN  NaN   NaN
    b     price      8       9.0  7.0  12.0
    """
    kinds = {"sub_grievance": "sub_grievance", "platform": "platform", "grievance": "grievance"}
    columns = take_columns(counts, [], ["date", *kinds]).columns
    by = next((name for name in kinds if name in columns), None)
    if by is None or "date" in columns:
        raise CaodianError(
            "an audit corrects counts by grievance, sub-grievance or platform",
            value=f"counts by {'date' if 'date' in columns else 'something else'}",
            remedy="Count by one of them: count_grievances(posts).",
        )
    table = as_small(take_columns(counts, [by]))
    names = table[by].astype("str")
    table["audited_as"] = "platform:" + names if by == "platform" else names
    joined = join_estimates(table, "audited_as", _audited_rows(audit))
    return put_columns(counts, as_polars(joined[ESTIMATES]))  # type: ignore[type-var]


def _audited_rows(audit: AnyFrame) -> pd.DataFrame:
    """Return the audit with what stands beside it on sub-grievances and platforms."""
    needed = ["grievance", *ESTIMATES]
    rows = as_small(take_columns(audit, needed, (), "Give the table of score_audit."))
    details = getattr(audit, "attrs", {}).get("details")
    if details is None or not len(details):
        return rows
    return pd.concat([rows, as_small(details)[needed]], ignore_index=True)


def count_codes(
    posts: AnyFrame,
    codebook_codes: Sequence[str],
    published: Mapping[str, int] | None = None,
    audit: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row for all posts, one for the negative items and one per code of the codebook.

    Parameters
    ----------
    posts
        Coded posts; a LazyFrame is streamed.
    codebook_codes
        The codes in the order of the table; a code that is not among them is an error.
    published
        Published counts by row name, to stand beside ours.
    audit
        The table of `analysis.audit.score.score_audit`, for `estimate, low, high`.

    Returns
    -------
    pd.DataFrame
        grievance, items, families, authors, share, estimate, low, high, published.

    Raises
    ------
    CaodianError
        When posts are not coded or carry an unknown code.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True, True, False],
    ...                       "grievances": [["price"], ["price", "delivery"], []]})
    >>> count_codes(posts, ["price", "delivery"])[["grievance", "items", "share"]]
      grievance  items     share
    0       all      3  1.000000
    1  negative      2  0.666667
    2     price      2  1.000000
    3  delivery      1  0.500000
    """
    items = select_items(posts)
    found = collect_counts(
        [
            count_units(label(items, "all")),
            count_units(_negative(items)),
            count_units(_coded(items)),
        ]
    )
    names = ["all", "negative", *codebook_codes]
    table = in_order(as_pandas(found, "grievance"), "grievance", names)
    all_items, negative_items = table["items"].iloc[0], table["items"].iloc[1]
    bases = [all_items, all_items] + [negative_items] * len(codebook_codes)
    table["share"] = divide(table["items"], pd.Series(bases))
    table = join_estimates(table, "grievance", audit)
    values = [(published or {}).get(name) for name in names]
    table["published"] = pd.array(values, dtype="Int64")
    return table


def count_daily(
    posts: AnyFrame,
    codebook_codes: Sequence[str],
    window: tuple[date, date] | None = None,
    grades: pd.DataFrame | None = None,
    period: Period = "day",
) -> pd.DataFrame:
    """One row per date of the window and row of the counts table; zero where nothing was posted.

    Families are counted once a day (a week, a month), so those of the days of a week do not add up
    to its own. Posts without a date are in no row.

    Parameters
    ----------
    posts
        Coded posts.
    codebook_codes
        The codes in the order of the table.
    window
        First and last date; without it the posts' own range.
    grades
        The coverage table (`date, grade`), for the column `grade`.
    period
        What a row counts. Only the groups that hold a post are ever held in memory.

    Returns
    -------
    pd.DataFrame
        date, grievance, items, families, grade; dates as `YYYY-MM-DD`, of a week or month its first
        day, whether or not the window holds that day.

    Examples
    --------
    >>> from datetime import datetime
    >>> posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1, 9), datetime(2020, 6, 3, 9)],
    ...                       "is_negative": [True, False], "grievances": [["price"], []]})
    >>> count_daily(posts, ["price"]).query("grievance == 'all'")["items"].tolist()
    [1, 0, 1]
    """
    dated = with_dates(select_items(posts), period)
    by = ["date", "group"]
    queries = [label(dated, "all"), _negative(dated), _coded(dated)]
    counted = [count_units(query, by).drop("authors") for query in queries]
    found = as_pandas(collect_counts(counted), "grievance")
    names = ["all", "negative", *codebook_codes]
    in_order(found[["grievance"]].drop_duplicates(), "grievance", names)  # unknown codes raise
    dates = dates_of(found, window, period)
    rows = pd.MultiIndex.from_product([dates, names], names=["date", "grievance"])
    units = ["items", "families"]
    table = found.set_index(["date", "grievance"])[units].reindex(rows)
    table = table.fillna(0).astype("int64").reset_index()
    table["grade"] = grades_by_date(table["date"], grades)
    table["date"] = [day.isoformat() for day in table["date"]]
    return table


def _negative(items: pl.LazyFrame) -> pl.LazyFrame:
    return label(items.filter(pl.col("is_negative")), "negative")


def _coded(items: pl.LazyFrame) -> pl.LazyFrame:
    return spread(items, "grievances")
