"""What the posts themselves tell of each platform, for the conditions of the red and black list."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy

COLUMNS = ("platform", "days", "families", "authors", "largest_family_share")
NEEDED = ("is_negative", "platforms")
ZONE = "Asia/Shanghai"


def gather_evidence(posts: AnyFrame) -> pd.DataFrame:
    """Count days, distinct texts and distinct authors of the negative items on each platform.

    What only people can know (the audit per platform, the precision of the brand attribution, the
    check for campaigns, the right of reply) has to be added before `rank_platforms` lists anybody.

    Parameters
    ----------
    posts
        Coded posts: `is_negative, platforms`; `published_at, family_id, author_key, repeat_of,
        is_in_window` where they are known.

    Returns
    -------
    pd.DataFrame
        One row per platform, by name: `days, families, authors` (0 where the posts do not know
        them) and `largest_family_share`, the part of the items that one text makes up.

    Raises
    ------
    CaodianError
        When the posts are not coded.

    Examples
    --------
    >>> posts = pl.DataFrame({"is_negative": [True] * 3, "platforms": [["得物"]] * 3,
    ...                       "family_id": ["a", "a", "b"]})
    >>> gather_evidence(posts)[["platform", "families", "largest_family_share"]].values.tolist()
    [['得物', 2, 0.666667]]
    """
    lazy = as_lazy(posts)
    present = lazy.collect_schema()
    missing = [name for name in NEEDED if name not in present]
    if missing:
        raise CaodianError(
            f"the evidence on platforms needs the columns {', '.join(NEEDED)}",
            value=f"missing: {', '.join(missing)}",
            remedy="Code the posts first (caodian code).",
        )
    if "repeat_of" in present:
        lazy = lazy.filter(pl.col("repeat_of").is_null())
    if "is_in_window" in present:
        lazy = lazy.filter(pl.col("is_in_window").fill_null(True))
    rows = lazy.filter("is_negative").select(
        pl.col("platforms").cast(pl.List(pl.String)).list.unique().alias("platform"),
        _day(present).alias("day"),
        *(
            (pl.col(name) if name in present else pl.lit(None)).cast(pl.String).alias(name)
            for name in ("family_id", "author_key")
        ),
    )
    rows = rows.explode("platform").drop_nulls("platform")
    largest = rows.group_by("platform", "family_id").len().group_by("platform")
    counted = rows.group_by("platform").agg(
        pl.col("day").drop_nulls().n_unique().alias("days"),
        pl.col("family_id").drop_nulls().n_unique().alias("families"),
        pl.col("author_key").drop_nulls().n_unique().alias("authors"),
        pl.len().alias("items"),
    )
    table = counted.join(largest.agg(pl.col("len").max()), on="platform").with_columns(
        largest_family_share=(pl.col("len") / pl.col("items")).round(6)
    )
    return pd.DataFrame(table.select(COLUMNS).sort("platform").collect().to_dict(as_series=False))


def _day(present: pl.Schema) -> pl.Expr:
    if "published_at" not in present:
        return pl.lit(None, dtype=pl.Date)
    time = pl.col("published_at")
    zone = getattr(present["published_at"], "time_zone", None)
    return (time.dt.convert_time_zone(ZONE) if zone else time).dt.date()
