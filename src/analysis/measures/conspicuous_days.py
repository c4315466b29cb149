"""Days that stand out: breaks and bursts with what drives them, and event days against others."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray
from scipy import special

from analysis.clusters.terms import name_cluster, select_negative
from analysis.clusters.words import list_terms
from analysis.frames import AnyFrame, as_lazy, as_polars, take_columns
from analysis.measures.breaks import COLUMNS as BREAK_COLUMNS
from analysis.measures.breaks import DRAWS, find_breaks
from analysis.measures.daily_series import (
    COUNT,
    DailySeries,
    arrange_daily,
    event_starts,
    parse_days,
    shortfalls,
)
from analysis.measures.trend_rule import LogSeries, correct_phi, holm, lag_one
from analysis.measures.trend_tests import OUTSIDE_TESTS
from analysis.minimum import SMALLEST_DAY
from analysis.study.model import Study
from analysis.study.periods import Period

# The name by which a post is told in what is published: it can be checked and not read.


def post_digest(key: str) -> str:
    """Turn the key of a post (``source:post_id``) into the id that the ledger prints.

    Examples
    --------
    >>> post_digest("weibo_search:4513")
    'd32edcf60fbdbc21'
    """
    return hashlib.sha256(key.encode()).hexdigest()[:16]


# What drove a day: its most repeated texts, its own terms, the platform most named.

_COLUMNS = (
    "grievance", "date", "items", "families", "top_families", "top_family_share", "terms",
    "platform", "platform_share",
)  # fmt: skip
_FAMILIES_SHOWN = 3
_TERMS_SHOWN = 5
# A term shown for a day must stand in so many distinct texts of that day.
_FEWEST_TEXTS = 3
# Terms of a day are told from a sample where there are more distinct texts than this.
_MOST_TEXTS = 20_000


def _describe_days(posts: AnyFrame, days: pd.DataFrame, period: Period = "day") -> pd.DataFrame:
    """Describe the posts behind conspicuous days."""
    take_columns(posts, ["is_negative", "text"], (), "Code the posts first.")
    items = select_negative(as_polars(posts), period)
    parsed = [day.date() for day in parse_days(days["date"], "days to describe")]
    rows = [
        (name, day.isoformat(), *_describe(_of_grievance(items, name), day))
        for name, day in zip(days["grievance"], parsed, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _of_grievance(items: pl.DataFrame, name: str) -> pl.DataFrame:
    if name in ("negative", "all"):
        return items
    return items.filter(pl.col("grievances").list.contains(name))


def _describe(items: pl.DataFrame, day: date) -> tuple[object, ...]:
    inside = items.filter(pl.col("day") == day)
    if inside.is_empty():
        return (0, 0, "", np.nan, "", "", np.nan)
    families = _most(inside["family"].to_list())
    platforms = _most(inside["platforms"].explode().drop_nulls().to_list())
    shown = ";".join(f"{name} {count}" for name, count in families[:_FAMILIES_SHOWN])
    first = platforms[0] if platforms else ("", 0)
    return (
        inside.height,
        len(families),
        shown,
        round(families[0][1] / inside.height, 6),
        "、".join(_own_terms(inside, items.filter(pl.col("day") != day))),
        first[0],
        round(first[1] / inside.height, 6) if platforms else np.nan,
    )


def _most(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))


def _own_terms(inside: pl.DataFrame, outside: pl.DataFrame) -> list[str]:
    """Terms by how far their share of texts on the day exceeds that on other days (z-value)."""
    here, there = _texts(inside), _texts(outside)
    listed = list_terms([*here, *there], _FEWEST_TEXTS)
    held = listed.held(len(here) + len(there))
    on_day = np.asarray(held[: len(here)].sum(axis=0)).ravel()
    both = np.asarray(held.sum(axis=0)).ravel()
    share = both / (len(here) + len(there))
    error = np.sqrt(share * (1 - share) * (1 / len(here) + 1 / max(1, len(there))))
    apart = on_day / len(here) - (both - on_day) / max(1, len(there))
    weights = np.divide(apart, error, out=apart.copy(), where=error > 0)
    told = (on_day >= _FEWEST_TEXTS) & listed.may_name
    return name_cluster(np.where(told, weights, 0.0), listed.terms)[:_TERMS_SHOWN]


def _texts(items: pl.DataFrame) -> list[str]:
    """Give one text a family, in order, a sample where they are many."""
    texts: list[str] = items.unique("family", keep="first")["text"].sort().to_list()
    if len(texts) > _MOST_TEXTS:
        drawn = np.sort(np.random.default_rng(618).permutation(len(texts))[:_MOST_TEXTS])
        texts = [texts[place] for place in drawn]
    return texts


_NEEDED = (
    "text", "is_negative", "grievances", "platforms", "family_id", "is_representative",
    "published_at", "repeat_of", "is_in_window",
)  # fmt: skip
TABLE = tuple(
    "break_kind" if name == "kind" else name for name in dict.fromkeys((*BREAK_COLUMNS, *_COLUMNS))
)


def list_conspicuous_days(
    posts: AnyFrame,
    daily: pd.DataFrame,
    study: Study,
    grades: pd.DataFrame | None = None,
    *,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Find breaks and bursts beside trend and event days, and describe the posts behind each.

    Parameters
    ----------
    posts
        Coded posts; of a LazyFrame only the negative items of found series are read.
    daily
        Counts by the study's period (`study.series`); the row `all` is no grievance and is only
        what a find is held against.
    study
        Its event days, seed and period.
    grades
        Coverage table of the same period.
    draws
        Null series a search.

    Returns
    -------
    pd.DataFrame
        `find_breaks` (its `kind` as `break_kind`), with `_describe_days` beside every find.
        `top_families` names families by the digest of their first post, as the evidence ledger
        does, and never by the post's own id.

    Examples
    --------
    >>> from datetime import date
    >>> from analysis.study.load import study_of_range
    >>> daily = pd.DataFrame({"date": pd.date_range("2020-06-01", periods=20), "grievance": "price",
    ...                       "items": [100, 104] * 10})
    >>> study = study_of_range("x", date(2020, 6, 1), date(2020, 6, 20), [])
    >>> list_conspicuous_days(pl.DataFrame(), daily, study, draws=99)["is_found"].tolist()
    [False]
    """
    if daily["grievance"].eq(OUTSIDE_TESTS).all():
        return pd.DataFrame(columns=list(TABLE))
    table = find_breaks(
        daily,
        event_days=study.event_days,
        grades=grades,
        seed=study.seed,
        draws=draws,
        period=study.period,
    )
    table = table.rename(columns={"kind": "break_kind"})
    found = table[table["is_found"].astype(bool)]
    if found.empty:
        return table.reindex(columns=list(TABLE))
    described = _describe_days(_read(posts, set(found["grievance"])), found, study.period)
    described["top_families"] = [_by_digest(text) for text in described["top_families"]]
    described = described.drop_duplicates(["grievance", "date"])
    return table.merge(
        described.assign(is_found=True), how="left", on=["grievance", "date", "is_found"]
    )[list(TABLE)]


def _read(posts: AnyFrame, names: set[str]) -> pl.DataFrame:
    """Read the negative items of the found series, and of them only what describes a day."""
    lazy = as_lazy(posts)
    present = lazy.collect_schema()
    rows = lazy.filter(pl.col("is_negative").fill_null(False))
    if not names & {"all", "negative"}:
        held = [pl.col("grievances").list.contains(name) for name in sorted(names)]
        rows = rows.filter(pl.any_horizontal(held))
    columns = [name for name in _NEEDED if name in present]
    return rows.select(columns).collect(engine="streaming")


def _by_digest(text: str) -> str:
    """Name families by digest: ``key 12;key 3`` to ``digest 12;digest 3``."""
    pairs = [part.rpartition(" ") for part in text.split(";") if part]
    return ";".join(f"{post_digest(key)} {count}" for key, _, count in pairs)


# Event days against the others: how much larger the share of a grievance is on them.

EVENT_COLUMNS = (
    "grievance", "measure", "days_event", "days_other", "items_event", "items_other", "ratio",
    "low", "high", "p", "p_holm", "verdict",
)  # fmt: skip
_FEWEST_EVENTS, _FEWEST_OTHERS = 2, 5  # days; fewer have no spread that could be told
_LEVEL = 0.05


def compare_event_days(
    daily: pd.DataFrame,
    event_days: Iterable[date | str],
    grades: pd.DataFrame | None = None,
    *,
    period: Period = "day",
) -> pd.DataFrame:
    """Compare the share of each grievance on event days with that on the other days.

    A day's share varies beyond chance, and one day is like the next: the interval takes the spread
    of the days around their two levels, never less than counting gives, with one autocorrelation
    for all series. Nothing is taken out: a series that grows is higher on event days at the end.

    Parameters
    ----------
    daily
        `date, grievance, items` by day, week or month; shares are of the row `all` where it is
        there, else as in `judge_trend`.
    event_days
        Fixed before the data were seen.
    grades
        Coverage table: unfit days are left out.
    period
        What a row of ``daily`` counts.

    Returns
    -------
    pd.DataFrame
        A row for negative and each code: `measure`, `days_event, days_other` and the items on them
        (`items_event, items_other`), `ratio` of the two levels with 95 % interval (`low, high`),
        `p, p_holm` over the codes, and `verdict`: higher, lower (by p_holm), no_difference, or
        not_testable where days or items are too few; then there is no ratio. Empty without event
        days.

    Examples
    --------
    >>> days = [f"2020-06-{day:02d}" for day in range(1, 21)]
    >>> items = [40, 44, 38, 42, 41] * 3 + [80, 90, 85, 41, 40]
    >>> rows = [pd.DataFrame({"date": days, "grievance": name, "items": counts})
    ...         for name, counts in (("all", [1000] * 20), ("price", items))]
    >>> compare_event_days(pd.concat(rows), days[15:18])[["grievance", "verdict"]].values.tolist()
    [['price', 'higher']]
    """
    starts = set(event_starts(event_days, period))
    if daily.empty or not starts:
        return pd.DataFrame(columns=list(EVENT_COLUMNS))
    series = arrange_daily(daily, grades=grades, period=period)
    inside = np.array([day in starts for day in series.days], dtype=bool)
    lacking = shortfalls(series)
    names = [name for name in series.counts if name != OUTSIDE_TESTS]
    rows = {name: _sizes(series, name, inside) for name in names}
    tested = [
        name
        for name, row in rows.items()
        if name not in lacking
        and row["days_event"] >= _FEWEST_EVENTS
        and row["days_other"] >= _FEWEST_OTHERS
        and min(row["items_event"], row["items_other"]) >= SMALLEST_DAY
    ]
    for name, found in _contrasts(series, tested, inside).items():
        rows[name] |= found
    return pd.DataFrame(list(rows.values())).reindex(columns=list(EVENT_COLUMNS))


def _sizes(series: DailySeries, name: str, inside: NDArray[np.bool_]) -> dict[str, Any]:
    counts = series.counts[name]
    return {
        "grievance": name, "verdict": "not_testable", "measure": series.base_of(name)[0],
        "days_event": int(inside.sum()), "days_other": int((~inside).sum()),
        "items_event": int(counts[inside].sum()), "items_other": int(counts[~inside].sum()),
    }  # fmt: skip


def _contrasts(
    series: DailySeries, names: list[str], inside: NDArray[np.bool_]
) -> dict[str, dict[str, Any]]:
    """Fit two levels to the logarithm of each series, and judge their difference."""
    if not names:
        return {}
    days = len(series.days)
    weights = np.where(inside, 1 / inside.sum(), -1 / (~inside).sum())
    logs = [_logs(series, name) for name in names]
    rests = [
        one.logs - np.where(inside, one.logs[inside].mean(), one.logs[~inside].mean())
        for one in logs
    ]
    gaps = np.diff(series.day_numbers)
    phi = correct_phi(float(np.mean([lag_one(rest, gaps) for rest in rests])), days)
    likeness = phi ** np.abs(series.day_numbers[:, None] - series.day_numbers[None, :])
    levels = np.where(inside[:, None] & inside, 1 / inside.sum(), 0.0)
    levels += np.where(~inside[:, None] & ~inside, 1 / (~inside).sum(), 0.0)
    freedom = float(np.einsum("ij,ji->", np.eye(days) - levels, likeness))
    reach = float(np.sqrt(np.einsum("i,ij,j->", weights, likeness, weights)))
    at_most = days - 3  # two levels and the autocorrelation
    quantile = float(special.stdtrit(at_most, 1 - _LEVEL / 2))
    found: dict[str, dict[str, Any]] = {}
    for name, one, rest in zip(names, logs, rests, strict=True):
        difference = float(np.einsum("i,i->", weights, one.logs))
        variance = max(float(np.einsum("i,i->", rest, rest)) / freedom, one.chance)
        error = reach * float(np.sqrt(variance))
        found[name] = {
            "ratio": round(float(np.exp(difference)), 6),
            "low": round(float(np.exp(difference - quantile * error)), 6),
            "high": round(float(np.exp(difference + quantile * error)), 6),
            "p": round(2 * float(special.stdtr(at_most, -abs(difference) / error)), 6),
        }
    corrected = holm(np.array([float(row["p"]) for row in found.values()]))
    for row, p in zip(found.values(), corrected, strict=True):
        is_sure = p < _LEVEL
        row["p_holm"] = round(float(p), 6)
        way = "higher" if row["ratio"] > 1 else "lower"
        row["verdict"] = way if is_sure else "no_difference"
    return found


def _logs(series: DailySeries, name: str) -> LogSeries:
    """Take the logarithm of a series as it is tested."""
    measure, base = series.base_of(name)
    return LogSeries.of(series.counts[name], None if measure == COUNT else base)
