"""Negative items and their distinct texts, in an order that does not depend on the input's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.coding.own_words import own_words
from analysis.study.periods import Period, choose_period, list_periods, truncate

ZONE = "Asia/Shanghai"
NEEDED = ("text", "is_negative", "grievances")
# What is looked at beside, where it is there.
USED = (
    "family_id", "is_representative", "published_at", "repeat_of", "is_in_window", "platforms",
)  # fmt: skip


def select_negative(posts: pl.DataFrame, period: Period = "day") -> pl.DataFrame:
    """Select the negative items of the window, repeats once, with family and day.

    Parameters
    ----------
    posts
        Coded posts, with `text, is_negative, grievances`; a missing other column is taken as not
        known.
    period
        What `day` stands for: the day, or the first day of its week or month.

    Returns
    -------
    pl.DataFrame
        `row` (place among the posts), `family, text, day, grievances, platforms,
        is_representative`, sorted.

    Examples
    --------
    >>> posts = pl.DataFrame({"text": ["退款难", "好"], "is_negative": [True, False],
    ...                       "grievances": [["after_sales"], []]})
    >>> select_negative(posts)["text"].to_list()
    ['退款难']
    """
    rows = posts.with_row_index("row")
    rows = rows.filter(pl.col("is_negative") & pl.col("text").is_not_null())
    # What was forwarded, or answered by a seller, is no grievance of the writer's.
    rows = rows.with_columns(own_words(rows).alias("text"))
    if "repeat_of" in rows.columns:
        rows = rows.filter(pl.col("repeat_of").is_null())
    if "is_in_window" in rows.columns:
        rows = rows.filter(pl.col("is_in_window").fill_null(True))
    return rows.select(
        "row",
        _or_text(rows, "family_id").alias("family"),
        pl.col("text").cast(pl.String),
        truncate(_day(rows), period).alias("day"),
        pl.col("grievances").cast(pl.List(pl.String)),
        _known(rows, "platforms").cast(pl.List(pl.String)),
        _known(rows, "is_representative").cast(pl.Boolean).fill_null(False),
    ).sort(
        ["family", "is_representative", "day", "text"],
        descending=[False, True, False, False],
        nulls_last=True,
    )


def suggest_period(posts: pl.DataFrame) -> Period:
    """Choose days, weeks or months by the range of the posts' dates.

    Examples
    --------
    >>> suggest_period(pl.DataFrame({"published_at": [date(2019, 6, 1), date(2020, 6, 1)]}))
    'week'
    """
    days = posts.select(_day(posts).alias("day"))["day"]
    first, last = days.min(), days.max()
    if not (isinstance(first, date) and isinstance(last, date)):
        return "day"
    return choose_period((last - first).days + 1)


def distinct_texts(items: pl.DataFrame, shortest: int) -> pl.DataFrame:
    """Reduce the items to one text per family: `family, text, items`.

    Examples
    --------
    >>> items = pl.DataFrame({"family": ["a", "a"], "text": ["退款太难", "退款太难！"]})
    >>> distinct_texts(items, 4).rows()
    [('a', '退款太难', 2)]
    """
    families = items.group_by("family", maintain_order=True).agg(
        pl.col("text").first(), pl.len().cast(pl.Int64).alias("items")
    )
    return families.filter(pl.col("text").str.len_chars() >= shortest)


def sample_texts(families: pl.DataFrame, most: int, seed: int) -> pl.DataFrame:
    """Draw a sample of the distinct texts where there are too many; the order stays.

    Examples
    --------
    >>> sample_texts(pl.DataFrame({"family": ["a", "b", "c"]}), 2, 618).height
    2
    """
    if families.height <= most:
        return families
    places = np.sort(np.random.default_rng(seed).permutation(families.height)[:most])
    sampled: pl.DataFrame = families[places.tolist()]
    return sampled


def list_days(items: pl.DataFrame, period: Period = "day") -> list[date]:
    """List every day (week, month) from the first to the last dated item.

    Examples
    --------
    >>> list_days(pl.DataFrame({"day": [date(2020, 6, 1), date(2020, 6, 3)]}))[1]
    datetime.date(2020, 6, 2)
    """
    first, last = items["day"].min(), items["day"].max()
    if not (isinstance(first, date) and isinstance(last, date)):
        return []
    return list_periods(first, last, period)


def count_days(items: pl.DataFrame, days: Sequence[date]) -> NDArray[np.int64]:
    """Count dated items by family × day, families in sorted order.

    Examples
    --------
    >>> items = pl.DataFrame({"family": ["a", "b"], "day": [date(2020, 6, 1)] * 2})
    >>> count_days(items, [date(2020, 6, 1)]).tolist()
    [[1], [1]]
    """
    dated = items.filter(pl.col("day").is_not_null())
    names = {name: i for i, name in enumerate(sorted(dated["family"].unique().to_list()))}
    places = {day: i for i, day in enumerate(days)}
    counts = np.zeros((len(names), len(days)), dtype=np.int64)
    rows = [names[name] for name in dated["family"]]
    np.add.at(counts, (rows, [places[day] for day in dated["day"]]), 1)
    return counts


def _known(rows: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in rows.columns else pl.lit(None).alias(name)


def _or_text(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Take the family, or the text itself where families were not looked for."""
    return _known(rows, name).cast(pl.String).fill_null(pl.col("text").cast(pl.String))


def _day(rows: pl.DataFrame) -> pl.Expr:
    if "published_at" not in rows.columns:
        return pl.lit(None, dtype=pl.Date)
    kind = rows.schema["published_at"]
    time = pl.col("published_at")
    if kind == pl.String:
        return time.str.slice(0, 10).str.to_date(strict=False)
    if getattr(kind, "time_zone", None):
        time = time.dt.convert_time_zone(ZONE)
    return time.cast(pl.Date) if kind == pl.Date else time.dt.date()
