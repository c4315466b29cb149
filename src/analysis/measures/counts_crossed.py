"""Sub-grievances within each platform, and how many posts name a platform at all."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.frames import AnyFrame
from analysis.measures.counts_units import collect_counts, count_units, select_items, spread

COLUMNS = ["platform", "grievance", "sub_grievance", "items", "families", "authors"]


def count_platform_sub_grievances(posts: AnyFrame) -> pd.DataFrame:
    """One row per platform and sub-grievance that negative items name together.

    Returns
    -------
    pd.DataFrame
        platform, grievance, sub_grievance, items, families, authors; by platform, most items
        first. The counts are the coder's own: the audit's sample is too thin for a cell of two
        rare labels.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True, True], "grievances": [["counterfeit"]] * 2,
    ...     "sub_grievances": [["counterfeit.fake_goods"]] * 2, "platforms": [["得物"], []]})
    >>> count_platform_sub_grievances(posts)[["platform", "sub_grievance"]].values.tolist()
    [['得物', 'counterfeit.fake_goods']]
    """
    named = (
        spread(select_items(posts), "platforms")
        .rename({"group": "platform"})
        .with_columns(pl.col("sub_grievances").list.unique().alias("sub_grievance"))
        .explode("sub_grievance")
        .filter(pl.col("sub_grievance").is_not_null())
    )
    found = collect_counts([count_units(named, ["platform", "sub_grievance"])])
    table = pd.DataFrame(found.to_dict(as_series=False), columns=found.columns)
    table["grievance"] = [name.split(".")[0] for name in table["sub_grievance"]]
    order = ["platform", "items", "sub_grievance"]
    return table.sort_values(order, ascending=[True, False, True], ignore_index=True)[COLUMNS]


def with_named(platforms: pd.DataFrame, posts: AnyFrame) -> pd.DataFrame:
    """Add how many posts name each platform, whoever speaks and whatever is said.

    No correction can lift the negative items that name a platform above this number, nor below 0.

    Parameters
    ----------
    platforms
        From `count_platforms`.
    posts
        Coded posts; a LazyFrame is streamed.

    Returns
    -------
    pd.DataFrame
        The table with the column `named`.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True, False], "grievances": [[], []],
    ...                       "platforms": [["得物"], ["得物", "京东"]]})
    >>> with_named(pd.DataFrame({"platform": ["得物"], "items": [1]}), posts)["named"].tolist()
    [2]
    """
    named = (
        select_items(posts)
        .filter(pl.col("platforms").list.len() > 0)
        .select(pl.col("platforms").list.unique().alias("platform"))
        .explode("platform")
        .group_by("platform")
        .agg(pl.len().cast(pl.Int64).alias("named"))
        .collect(engine="streaming")
    )
    counts = dict(named.iter_rows())
    return platforms.assign(named=[counts.get(name, 0) for name in platforms["platform"]])
