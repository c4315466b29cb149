"""What the simulator planted: true counts, which the pipeline must recover without seeing them."""

from __future__ import annotations

import polars as pl

from analysis.frames import AnyFrame, as_lazy


def planted_counts(truth: AnyFrame) -> dict[str, int]:
    """Count the planted posts, negative items, grievances, sub-grievances and platforms.

    Parameters
    ----------
    truth
        The simulator's truth: `is_negative, grievances, sub_grievances, platforms`.

    Returns
    -------
    dict
        `all`, `negative`, each code, each `code.sub`, and `platform:NAME` for negative items
        that name the platform.

    Examples
    --------
    >>> truth = pl.DataFrame({"is_negative": [True, False], "grievances": [["price"], []],
    ...                       "sub_grievances": [[], []], "platforms": [["得物"], ["京东"]]},
    ...     schema_overrides={"sub_grievances": pl.List(pl.String)})
    >>> planted_counts(truth)
    {'all': 2, 'negative': 1, 'price': 1, 'platform:得物': 1}
    """
    posts = as_lazy(truth)
    negative = posts.filter(pl.col("is_negative"))
    totals = posts.select(pl.len().alias("all"), pl.col("is_negative").sum().alias("negative"))
    counts: dict[str, int] = {name: int(n) for name, n in totals.collect().to_dicts()[0].items()}
    for column, prefix in (("grievances", ""), ("sub_grievances", ""), ("platforms", "platform:")):
        counts |= {f"{prefix}{name}": n for name, n in _count_inside(negative, column)}
    return counts


def _count_inside(posts: pl.LazyFrame, column: str) -> list[tuple[str, int]]:
    inside = posts.select(pl.col(column).explode()).drop_nulls()
    counted = inside.group_by(column).len().sort(column).collect()
    return [(str(name), int(n)) for name, n in counted.iter_rows()]
