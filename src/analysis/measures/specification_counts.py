"""Daily counts in three units at another threshold of the coder."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy

THRESHOLDS = (0.35, 0.65)
ZONE = "Asia/Shanghai"
NEEDED = ("published_at", "is_negative", "grievances")
OPTIONAL = ("family_id", "author_key", "scores", "repeat_of", "is_in_window")


def count_by_threshold(posts: AnyFrame, threshold: float | None) -> pd.DataFrame | None:
    """Count items, families and authors by day and grievance.

    Parameters
    ----------
    posts
        Coded posts.
    threshold
        Probability from which a negative item carries a code; None for the coder's own decision.

    Returns
    -------
    pd.DataFrame or None
        `date, grievance, items` and `families, authors` where the posts know them; rows `all` and
        `negative` do not move with the threshold. None when the posts hold no scores to cut.

    Raises
    ------
    CaodianError
        When a needed column is missing.

    Examples
    --------
    >>> from datetime import datetime
    >>> posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1)] * 2, "is_negative": [True] * 2,
    ...     "grievances": [["price"], []], "scores": ['{"price":0.9}', '{"price":0.4}']})
    >>> table = count_by_threshold(posts, 0.35)
    >>> int(table.set_index("grievance").loc["price", "items"])
    2
    """
    lazy = as_lazy(posts)
    present = lazy.collect_schema()
    missing = [name for name in NEEDED if name not in present]
    if missing:
        raise CaodianError(
            f"a specification curve needs the columns {', '.join(NEEDED)}",
            value=f"missing: {', '.join(missing)}",
            remedy="Code the posts first (caodian code).",
        )
    if threshold is not None and "scores" not in present:
        return None
    columns = [*NEEDED, *(name for name in OPTIONAL if name in present)]
    rows = _in_window(lazy.select(columns)).collect()
    rows = rows.with_columns(_day(rows).alias("date")).filter(pl.col("date").is_not_null())
    negative = rows.filter(pl.col("is_negative").fill_null(False))
    codes = _coded(negative) if threshold is None else _scored(negative, threshold)
    groups = [(rows, "all"), (negative, "negative")]
    parts = [part.with_columns(grievance=pl.lit(name)) for part, name in groups]
    counted = [_count(part) for part in (*parts, codes)]
    return pd.DataFrame(pl.concat(counted).to_dict(as_series=False))


def _in_window(rows: pl.LazyFrame) -> pl.LazyFrame:
    names = rows.collect_schema().names()
    if "repeat_of" in names:
        rows = rows.filter(pl.col("repeat_of").is_null())
    if "is_in_window" in names:
        rows = rows.filter(pl.col("is_in_window").fill_null(True))
    return rows


def _day(rows: pl.DataFrame) -> pl.Expr:
    kind = rows.schema["published_at"]
    time = pl.col("published_at")
    if getattr(kind, "time_zone", None):
        time = time.dt.convert_time_zone(ZONE)
    return time.dt.date()


def _coded(negative: pl.DataFrame) -> pl.DataFrame:
    lists = pl.col("grievances").cast(pl.List(pl.String)).list.unique().alias("grievance")
    return negative.with_columns(lists).explode("grievance").drop_nulls("grievance")


def _scored(negative: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Spread the scores, `{"price":0.81,…}`, over rows and keep those from the threshold up."""
    pairs = pl.col("scores").cast(pl.String).str.extract_all(r'"[^"]+":\s*[0-9.eE+-]+')
    rows = negative.with_columns(pairs.alias("pair")).explode("pair").drop_nulls("pair")
    rows = rows.with_columns(
        grievance=pl.col("pair").str.extract(r'"([^"]+)"'),
        score=pl.col("pair").str.extract(r":\s*([0-9.eE+-]+)$").cast(pl.Float64),
    )
    return rows.filter((pl.col("score") >= threshold) & (pl.col("grievance") != "negative"))


def _count(rows: pl.DataFrame) -> pl.DataFrame:
    units = [pl.len().cast(pl.Int64).alias("items")]
    for unit, column in (("families", "family_id"), ("authors", "author_key")):
        if column in rows.columns:
            units.append(pl.col(column).drop_nulls().n_unique().cast(pl.Int64).alias(unit))
    return rows.group_by(pl.col("date"), pl.col("grievance")).agg(units).sort("date", "grievance")
