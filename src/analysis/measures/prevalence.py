"""How many posts voice which grievance, platform or part, by day and in all, in three units.

One function per published table. Shares: `all` is 1, `negative` is a share of all posts, a code is
a share of the negative ones; codes overlap, so nothing is summed over them. Corrected estimates
are joined from the audit (`audit/correction`) and empty without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Literal

import pandas as pd
import polars as pl

from analysis.audit.correction import join_estimates
from analysis.audit.machine_scores import countable
from analysis.coding.codebook import load_codebook
from analysis.coding.scoring import NO_STARS, whole_stars, with_stars
from analysis.errors import CaodianError, nearest
from analysis.frames import (
    AnyFrame,
    as_lazy,
    as_small,
    like_frame,
    take_columns,
)
from analysis.measures.coverage import grade_coverage, grade_periods
from analysis.measures.coverage_hours import NEEDED as GRADED_BY
from analysis.schema import parse_columns
from analysis.study.model import Study
from analysis.study.periods import Period, list_periods, truncate

# From counted groups to published tables: pandas rows and shares.


def _as_pandas(found: pl.DataFrame, name: str) -> pd.DataFrame:
    """Return the groups as a pandas table, the group's column named."""
    renamed = found.rename({"group": name})
    return pd.DataFrame(renamed.to_dict(as_series=False), columns=renamed.columns)


def _divide(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return shares; a share of nothing is 0, so that empty tables stay readable."""
    return (part / whole.where(whole > 0)).fillna(0.0)


# The dates of the daily, weekly or monthly table: all of the window, with posts or without.


def _with_dates(items: pl.LazyFrame, period: Period = "day") -> pl.LazyFrame:
    """Return the dated items with their `date` in China: the day, or the first of its period."""
    day = truncate(pl.col("published_at").dt.date(), period)
    return items.with_columns(day.alias("date")).filter(pl.col("date").is_not_null())


def _dates_of(
    found: pd.DataFrame, window: tuple[date, date] | None, period: Period = "day"
) -> list[date]:
    """Return every date of the window; without one, of the range that was found."""
    if window is None:
        if found.empty:
            raise CaodianError(
                "daily counts need dates",
                remedy="Name the time column: --time-column of a command, published_at in a frame.",
            )
        window = (min(found["date"]), max(found["date"]))
    return list_periods(*window, period)


def _grades_by_date(days: pd.Series, grades: pd.DataFrame | None) -> pd.Series:
    """Return the coverage grade of each day, or nothing where none was given."""
    if grades is None:
        return pd.Series([None] * len(days), dtype="object")
    dates = [str(day)[:10] for day in grades["date"]]
    known = dict(zip(dates, grades["grade"], strict=True))
    return pd.Series([known.get(day.isoformat()) for day in days], dtype="object")


# The three units that everything is counted in, side by side.
#
# Items are the posts in the window with repeats once, families the distinct near-duplicate
# texts among them, authors the distinct people among them. Nothing here depends on the order of
# rows, and a lazy frame is never read as a whole.

_UNITS = ["items", "families", "authors"]
_NEEDED = ("is_negative", "grievances")
# Told apart by eight bytes of each, which keeps memory small. That two of ten million names share
# them, so that one is missed, happens in 3 runs of a million.
_NAMED = {"family_id": "families", "author_key": "authors"}
_COUNTED: dict[str, pl.DataType] = {
    "is_in_window": pl.Boolean(),
    "repeat_of": pl.String(),
    "published_at": pl.Datetime("us", "Asia/Shanghai"),
    "channel": pl.String(),
    "stars": pl.Float64(),
    "is_negative": pl.Boolean(),
    "family_id": pl.String(),
    "author_key": pl.String(),
    "grievances": pl.List(pl.String),
    "sub_grievances": pl.List(pl.String),
    "platforms": pl.List(pl.String),
}


def _select_items(posts: AnyFrame) -> pl.LazyFrame:
    """Return the countable posts; a missing column is null."""
    lazy = as_lazy(posts)
    present = lazy.collect_schema()
    for name in _NEEDED:
        if name not in present:
            raise CaodianError(
                f"counting needs the column `{name}`",
                value=sorted(present),
                remedy="Code the posts first (caodian code).",
            )
    columns = [_column(name, kind, present.get(name)) for name, kind in _COUNTED.items()]
    return countable(lazy.select(columns))


def _column(name: str, kind: pl.DataType, found: pl.DataType | None) -> pl.Expr:
    if found is None:
        return pl.lit(None, dtype=kind).alias(name)
    column = pl.col(name)
    if isinstance(found, pl.Datetime) and found.time_zone is None:
        column = column.dt.replace_time_zone("Asia/Shanghai")  # a bare time is local time
    return column.cast(kind)


def _spread(items: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Return one row per negative item and distinct member of a list column, in `group`."""
    return (
        items.filter(pl.col("is_negative"))
        .with_columns(pl.col(column).list.unique().alias("group"))
        .explode("group")
        .filter(pl.col("group").is_not_null())
    )


def _label(items: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """Return the items with `group` set to one name."""
    return items.with_columns(pl.lit(name).alias("group"))


# Rows whose families, or authors, are told apart at once, in some 50 MB a million.
_AT_ONCE = 7_000_000


def _count_units(
    posts: AnyFrame,
    queries: Sequence[pl.LazyFrame],
    by: Sequence[str] = ("group",),
    named: Sequence[str] = tuple(_NAMED),
) -> pl.DataFrame:
    """Count items, families and authors by the given columns; an unknown author is nobody.

    The queries on the posts run one after another, streaming, and their rows are stacked: each
    holds the families and authors of its groups. Those of very many posts are counted in parts, by
    their hashes, so that memory does not grow with the corpus.
    """
    parts = 1 + int(as_lazy(posts).select(pl.len()).collect().item()) // _AT_ONCE
    count = _count_at_once if parts == 1 else partial(_count_in_parts, parts=parts)
    return pl.concat([count(query, list(by), named) for query in queries])


_ITEMS = pl.len().cast(pl.Int64).alias("items")


def _count_at_once(grouped: pl.LazyFrame, by: list[str], named: Sequence[str]) -> pl.DataFrame:
    hashed = grouped.with_columns(
        pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name) for name in named
    )
    distinct = [
        (pl.col(name).n_unique() - (pl.col(name).null_count() > 0)).cast(pl.Int64) for name in named
    ]
    counts = [count.alias(_NAMED[name]) for name, count in zip(named, distinct, strict=True)]
    return hashed.group_by(by).agg(_ITEMS, *counts).collect(engine="streaming")


def _count_in_parts(
    grouped: pl.LazyFrame, by: list[str], named: Sequence[str], *, parts: int
) -> pl.DataFrame:
    table = grouped.group_by(by).agg(_ITEMS).collect(engine="streaming")
    for name in named:
        units = _NAMED[name]
        hashed = grouped.filter(pl.col(name).is_not_null()).select(*by, pl.col(name).hash())
        distinct = [
            hashed.filter(pl.col(name) % parts == part)
            .group_by(by)
            .agg(pl.col(name).n_unique().cast(pl.Int64).alias(units))
            .collect(engine="streaming")
            for part in range(parts)
        ]
        found = pl.concat(distinct).group_by(by).agg(pl.col(units).sum())
        table = table.join(found, on=by, how="left", nulls_equal=True)
    return table.with_columns(pl.col(_NAMED[name]).fill_null(0) for name in named)


def _without_unknown(table: pd.DataFrame, posts: AnyFrame) -> pd.DataFrame:
    """Return the table with units that no post tells missing: nobody's posts have no 0 authors."""
    for name, units in _NAMED.items():
        if units in table and not table[units].any() and not _is_told(posts, name):
            table[units] = pd.array([pd.NA] * len(table), dtype="Int64")
    return table


def _is_told(posts: AnyFrame, name: str) -> bool:
    lazy = as_lazy(posts)
    told = pl.col(name).is_not_null().any() if name in lazy.collect_schema() else pl.lit(False)
    found = lazy.select(told.alias("told"), (pl.len() > 0).alias("some"))
    told_any, some = found.collect(engine="streaming").row(0)
    return bool(told_any) or not some  # no posts have no authors


def _in_order(found: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    """Return one row per name, in the order given, zero where nothing was found."""
    unknown = sorted(set(found[column]) - set(names))
    if unknown:
        near = nearest(unknown[0], list(names))
        raise CaodianError(
            f"every {column} must be in the codebook",
            value=unknown,
            where=f"column {column}",
            remedy=f"Did you mean {near!r}?" if near else "Add it to the codebook.",
        )
    units = [unit for unit in _UNITS if unit in found]
    table = found.set_index(column).reindex(pd.Index(names, name=column))
    table[units] = table[units].fillna(0).astype("int64")
    return table.reset_index()


# Negative items by sub-grievance, platform, channel and stars.


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
    found = _count_units(posts, [_spread(_select_items(posts), "sub_grievances")])
    table = _in_order(_as_pandas(found, "sub_grievance"), "sub_grievance", codebook_subs)
    table.insert(0, "grievance", [name.split(".")[0] for name in table["sub_grievance"]])
    table = _without_unknown(table.drop(columns="authors"), posts)
    return join_estimates(table, "sub_grievance", audit)


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
    found = _count_units(posts, [_spread(_select_items(posts), "platforms")])
    table = _without_unknown(_as_pandas(found, "platform"), posts)
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
    table = _negative_parts(_select_items(posts), by_channel)
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
    items = _select_items(with_stars(as_lazy(posts)))
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
    table["share"] = _divide(table["negative_items"], table["items"])
    return table


# Sub-grievances within each platform, and how many posts name a platform at all.

_COLUMNS = ["platform", "grievance", "sub_grievance", "items", "families", "authors"]


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
        _spread(_select_items(posts), "platforms")
        .rename({"group": "platform"})
        .with_columns(pl.col("sub_grievances").list.unique().alias("sub_grievance"))
        .explode("sub_grievance")
        .filter(pl.col("sub_grievance").is_not_null())
    )
    found = _count_units(posts, [named], ["platform", "sub_grievance"])
    table = pd.DataFrame(found.to_dict(as_series=False), columns=found.columns)
    table = _without_unknown(table, posts)
    table["grievance"] = [name.split(".")[0] for name in table["sub_grievance"]]
    order = ["platform", "items", "sub_grievance"]
    return table.sort_values(order, ascending=[True, False, True], ignore_index=True)[_COLUMNS]


def with_named(platforms: pd.DataFrame, posts: AnyFrame) -> pd.DataFrame:
    """Add how many posts name each platform, whoever speaks and whatever is said.

    No correction can lift the negative items that name a platform above this number, nor below 0.

    Parameters
    ----------
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
        _select_items(posts)
        .filter(pl.col("platforms").list.len() > 0)
        .select(pl.col("platforms").list.unique().alias("platform"))
        .explode("platform")
        .group_by("platform")
        .agg(pl.len().cast(pl.Int64).alias("named"))
        .collect(engine="streaming")
    )
    counts = dict(named.iter_rows())
    return platforms.assign(named=[counts.get(name, 0) for name in platforms["platform"]])


DAILY_COLUMNS = ("date", "grievance", "items", "families", "grade")


def count_grievances(
    posts: AnyFrame,
    by: Literal["date", "platform", "channel", "sub_grievance"] | None = None,
    *,
    study: Study | None = None,
) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Count coded posts: how many are negative items, and of which grievance.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances`. Posts that repeat another (`repeat_of`) or
        lie outside the window (`is_in_window` false) are not counted. Families and authors are
        counted where `family_id` and `author_key` are there, and missing elsewhere.
    by
        Nothing for one row a grievance, else a row for each date and grievance, each platform
        named, each channel, or each sub-grievance.
    study
        By nothing, `published` are its counts. By date, each date of its window gets a row, in
        weeks or months where the window is long, and the grade of its collection, as in a report;
        a study without days has no row.

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
        used = [*_COUNTED, *(name for name in GRADED_BY if name not in _COUNTED)]
        posts = parse_columns(take_columns(posts, _NEEDED, used))
        if by == "date" and posts.is_empty() and study is None:
            return like_frame(kind, pd.DataFrame(columns=list(DAILY_COLUMNS)))
    makers: dict[str | None, Callable[[], pd.DataFrame]] = {
        None: lambda: count_codes(posts, codes, _published(study)),
        "date": lambda: _count_dates(posts, codes, study),
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
    return like_frame(kind, makers[by]())


def _published(study: Study | None) -> dict[str, int] | None:
    return study.published.counts if study is not None and study.published else None


def _count_dates(posts: AnyFrame, codes: Sequence[str], study: Study | None) -> pd.DataFrame:
    """Count by the dates of a study, each with its grade; or by those of the posts' own range."""
    if study is None:
        return count_daily(posts, codes)
    if study.window is None:
        return pd.DataFrame(columns=list(DAILY_COLUMNS))
    grades = as_small(grade_coverage(posts, study))
    if study.period != "day":
        grades = grade_periods(grades, study.window, study.period)
    window = (study.window.start, study.window.end)
    return count_daily(posts, codes, window, grades, study.period)


STEP_COLUMNS = ("step", "posts_in", "posts_out", "dropped")


def count_steps(posts: AnyFrame) -> Any:  # noqa: ANN401 - the kind of frame that was given
    """Count what each step leaves of the posts that were read, down to those with a code.

    Parameters
    ----------
    posts
        pandas or Polars frame from `code_grievances`: `is_negative, grievances`; `repeat_of,
        is_in_window, voice` where they are there.

    Returns
    -------
    The same kind of frame
        `step, posts_in, posts_out, dropped`, in posts: `repeats` (the same post again), `window`
        (published outside it), `consumer_voice` (media, official, marketing, merchant),
        `negative` (no grievance is voiced), `coded` (no code covers it).

    Raises
    ------
    CaodianError
        When the posts are not coded.

    Examples
    --------
    >>> posts = pd.DataFrame({"is_negative": [True, False], "grievances": [["price"], []],
    ...                       "repeat_of": [None, "1"]})
    >>> count_steps(posts).iloc[[0, -1]].values.tolist()
    [['repeats', 2, 1, 1], ['coded', 1, 1, 0]]
    """
    wanted = ["repeat_of", "is_in_window", "voice"]
    taken = parse_columns(take_columns(posts, _NEEDED, wanted, "Code the posts: code_grievances."))
    taken = taken.with_columns(
        pl.lit(None).alias(name) for name in wanted if name not in taken.columns
    )
    negative = pl.col("is_negative").fill_null(False)
    has_code = pl.col("grievances").list.len().fill_null(0) > 0
    steps = {
        "repeats": pl.col("repeat_of").is_null(),
        "window": pl.col("is_in_window").ne_missing(pl.lit(False)),
        "consumer_voice": pl.col("voice").is_null() | (pl.col("voice") == "consumer") | negative,
        "negative": negative,
        "coded": has_code,
    }
    rows, before = [], taken.height
    for step, is_left in steps.items():
        taken = taken.filter(is_left)
        rows.append((step, before, taken.height, before - taken.height))
        before = taken.height
    return like_frame(posts, pd.DataFrame(rows, columns=list(STEP_COLUMNS)))


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
    items = _select_items(posts)
    found = _count_units(posts, [_label(items, "all"), _negative(items), _coded(items)])
    names = ["all", "negative", *codebook_codes]
    table = _in_order(_as_pandas(found, "grievance"), "grievance", names)
    all_items, negative_items = table["items"].iloc[0], table["items"].iloc[1]
    bases = [all_items, all_items] + [negative_items] * len(codebook_codes)
    table["share"] = _divide(table["items"], pd.Series(bases))
    table = join_estimates(_without_unknown(table, posts), "grievance", audit)
    values = [(published or {}).get(name) for name in names]
    table["published"] = pd.array(values, dtype="Int64")
    table["carriers"] = table.pop("carriers")  # last
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
    window
        First and last date; without it the posts' own range.
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
    dated = _with_dates(_select_items(posts), period)
    by = ["date", "group"]
    queries = [_label(dated, "all"), _negative(dated), _coded(dated)]
    found = _as_pandas(_count_units(posts, queries, by, ["family_id"]), "grievance")
    names = ["all", "negative", *codebook_codes]
    _in_order(found[["grievance"]].drop_duplicates(), "grievance", names)  # unknown codes raise
    dates = _dates_of(found, window, period)
    rows = pd.MultiIndex.from_product([dates, names], names=["date", "grievance"])
    units = ["items", "families"]
    table = found.set_index(["date", "grievance"])[units].reindex(rows)
    table = _without_unknown(table.fillna(0).astype("int64").reset_index(), posts)
    table["grade"] = _grades_by_date(table["date"], grades)
    table["date"] = [day.isoformat() for day in table["date"]]
    return table


def _negative(items: pl.LazyFrame) -> pl.LazyFrame:
    return _label(items.filter(pl.col("is_negative")), "negative")


def _coded(items: pl.LazyFrame) -> pl.LazyFrame:
    return _spread(items, "grievances")
