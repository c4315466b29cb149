"""Negative items by sub-grievance, platform, channel and stars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import polars as pl

from analysis.coding.stars import NO_STARS, whole_stars, with_stars
from analysis.frames import AnyFrame, as_lazy
from analysis.measures.counts_table import as_pandas, divide, join_estimates
from analysis.measures.counts_units import (
    collect_counts,
    count_units,
    in_order,
    select_items,
    spread,
)


def count_sub_grievances(
    posts: AnyFrame, codebook_subs: Sequence[str], audit: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per sub-grievance of the codebook, written `price.price_surge`.

    Returns
    -------
    pd.DataFrame
        grievance, sub_grievance, items, families, estimate, low, high.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True], "grievances": [["price"]],
    ...                       "sub_grievances": [["price.price_surge"]]})
    >>> count_sub_grievances(posts, ["price.price_surge"])["items"].tolist()
    [1]
    """
    found = collect_counts([count_units(spread(select_items(posts), "sub_grievances"))])
    table = in_order(as_pandas(found, "sub_grievance"), "sub_grievance", codebook_subs)
    table.insert(0, "grievance", [name.split(".")[0] for name in table["sub_grievance"]])
    return join_estimates(table.drop(columns="authors"), "sub_grievance", audit)


def count_platforms(
    posts: AnyFrame,
    exposure: Mapping[str, float] | None = None,
    audit: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per platform that a negative item names, most items first.

    Returns
    -------
    pd.DataFrame
        platform, items, families, authors, exposure, estimate, low, high.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True, False], "grievances": [[], []],
    ...                       "platforms": [["得物"], ["得物"]]})
    >>> count_platforms(posts)[["platform", "items"]].values.tolist()
    [['得物', 1]]
    """
    found = collect_counts([count_units(spread(select_items(posts), "platforms"))])
    table = as_pandas(found, "platform")
    table = table.sort_values(["items", "platform"], ascending=[False, True], ignore_index=True)
    known = [(exposure or {}).get(name) for name in table["platform"]]
    table["exposure"] = pd.array(known, dtype="Float64")
    table["audited_as"] = [f"platform:{name}" for name in table["platform"]]
    return join_estimates(table, "audited_as", audit).drop(columns="audited_as")


def count_channels(posts: AnyFrame) -> pd.DataFrame:
    """One row per channel; `share` is the negative part of the channel's own posts.

    Returns
    -------
    pd.DataFrame
        channel, items, negative_items, share; most negative items first.

    Examples
    --------
    >>> posts = pl.DataFrame({"channel": ["weibo", "douyin", "weibo"], "grievances": [[], [], []],
    ...                       "is_negative": [True, False, True]})
    >>> count_channels(posts).values.tolist()
    [['weibo', 2, 2, 1.0], ['douyin', 1, 0, 0.0]]
    """
    by_channel = pl.col("channel").fill_null("other")
    table = _negative_parts(select_items(posts), by_channel)
    return table.sort_values(
        ["negative_items", "items", "channel"], ascending=[False, False, True], ignore_index=True
    )


def count_ratings(posts: AnyFrame) -> pd.DataFrame:
    """One row per number of stars; `share` is the negative part of the reviews that gave so many.

    Returns
    -------
    pd.DataFrame
        stars (``1`` to ``5``, halves counted up, then ``none``), items, negative_items, share;
        no row where no post has stars.

    Examples
    --------
    >>> posts = pl.DataFrame({"rating": [5, 1, 5, None], "grievances": [[], [], [], []],
    ...                       "is_negative": [True, True, False, False]})
    >>> count_ratings(posts).values.tolist()
    [['1', 1, 1, 1.0], ['5', 2, 1, 0.5], ['none', 1, 0, 0.0]]
    """
    items = select_items(with_stars(as_lazy(posts)))
    table = _negative_parts(items, whole_stars()).sort_values("stars", ignore_index=True)
    is_rated = bool((table["stars"] != NO_STARS).any())
    return table if is_rated else table.iloc[:0]


def _negative_parts(items: pl.LazyFrame, group: pl.Expr) -> pd.DataFrame:
    """Count items and negative items of each group, and the share of these in those."""
    counted = (
        items.group_by(group)
        .agg(
            pl.len().cast(pl.Int64).alias("items"),
            pl.col("is_negative").fill_null(False).sum().cast(pl.Int64).alias("negative_items"),
        )
        .collect(engine="streaming")
    )
    table = pd.DataFrame(counted.to_dict(as_series=False), columns=counted.columns)
    table["share"] = divide(table["negative_items"], table["items"])
    return table
