"""Count again, from the ledger alone, what the tables of a run print."""

import pandas as pd
import polars as pl

from analysis.study.periods import SERIES, Period, truncate


def recount(ledger: pl.DataFrame) -> dict[tuple[str, ...], int]:
    """Count every cell that posts stand behind.

    Parameters
    ----------
    ledger
        From :func:`analysis.reporting.ledger.read_ledger`.

    Returns
    -------
    dict
        Count by (table, keys of the row, column); a cell that no post falls into is absent.

    Examples
    --------
    >>> ledger = pl.DataFrame({"post": ["b1"], "date": ["2020-06-01"], "channel": ["weibo"],
    ...     "is_negative": [True], "grievances": [["price"]], "sub_grievances": [[]],
    ...     "platforms": [["京东"]], "family": ["b1"], "author": [None]},
    ...     schema_overrides={"sub_grievances": pl.List(pl.String), "author": pl.String})
    >>> recount(ledger)[("daily", "2020-06-01", "price", "items")]
    1
    """
    negative = ledger.filter("is_negative")
    groups = pl.concat([
        ledger.with_columns(grievance=pl.lit("all")),
        negative.with_columns(grievance=pl.lit("negative")),
        _one_each(negative, "grievances", "grievance"),
    ])  # fmt: skip
    subs = _one_each(negative, "sub_grievances", "sub_grievance").with_columns(
        grievance=pl.col("sub_grievance").str.split(".").list.first()
    )
    platforms = _one_each(negative, "platforms", "platform")
    cells = _count(groups, "counts", ["grievance"])
    for period, name in SERIES.items():
        cells |= _count(_by(groups, period), name, ["date", "grievance"], ("items", "families"))
    cells |= _count(subs, "sub_grievances", ["grievance", "sub_grievance"], ("items", "families"))
    cells |= _count(platforms, "platforms", ["platform"])
    cells |= _count(
        _one_each(platforms, "sub_grievances", "sub_grievance").with_columns(
            grievance=pl.col("sub_grievance").str.split(".").list.first()
        ),
        "platform_sub_grievances", ["platform", "grievance", "sub_grievance"],
    )  # fmt: skip
    for table, key in (("channels", "channel"), ("ratings", "stars")):
        if key in ledger.columns:
            cells |= _count(ledger, table, [key], ("items",))
            for (_, group, _), n in _count(negative, table, [key], ("items",)).items():
                cells[table, group, "negative_items"] = n
    return cells


def _by(posts: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Give in place of the day the first day of its week or month."""
    if period == "day":
        return posts
    start = truncate(pl.col("date").str.to_date(), period)
    return posts.with_columns(start.dt.to_string("%Y-%m-%d").alias("date"))


def _one_each(posts: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """Give one row per post and member of a list."""
    member = pl.col(column).alias(name)
    return posts.with_columns(member).explode(name).filter(pl.col(name).is_not_null())


def _count(
    posts: pl.DataFrame, table: str, by: list[str],
    units: tuple[str, ...] = ("items", "families", "authors"),
) -> dict[tuple[str, ...], int]:  # fmt: skip
    """Count the units of each group; an unknown family or author is nobody."""
    rules = {
        "items": pl.len(),
        "families": pl.col("family").drop_nulls().n_unique(),
        "authors": pl.col("author").drop_nulls().n_unique(),
    }
    counted = posts.drop_nulls(by).group_by(by).agg(**{unit: rules[unit] for unit in units})
    return {
        (table, *(str(row[key]) for key in by), unit): int(row[unit])
        for row in counted.to_dicts() for unit in units
    }  # fmt: skip


def differences(
    tables: dict[str, pd.DataFrame], cells: dict[tuple[str, ...], int], *, has_authors: bool
) -> list[tuple[str, float, int]]:
    """List the printed counts that the ledger does not bear: id, printed, counted.

    Examples
    --------
    >>> counts = pd.DataFrame({"grievance": ["price"], "items": [2]})
    >>> differences({"counts": counts}, {("counts", "price", "items"): 1}, has_authors=True)
    [('counts/price/items', 2.0, 1)]
    """
    keys = {
        "counts": ["grievance"], "channels": ["channel"], "ratings": ["stars"],
        **{name: ["date", "grievance"] for name in SERIES.values()},
        "sub_grievances": ["grievance", "sub_grievance"], "platforms": ["platform"],
        "platform_sub_grievances": ["platform", "grievance", "sub_grievance"],
    }  # fmt: skip
    columns = ["items", "families", "negative_items", *(["authors"] if has_authors else [])]
    found = []
    for name, by in keys.items():
        for row in tables.get(name, pd.DataFrame()).to_dict("records"):
            for column in columns:
                printed = row.get(column)
                if printed is None or pd.isna(printed):  # absent or suppressed
                    continue
                cell = (name, *(str(row[key]) for key in by), column)
                if float(printed) != cells.get(cell, 0):
                    found.append(("/".join(cell), float(printed), cells.get(cell, 0)))
    return found
