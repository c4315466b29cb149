"""The days on which a series breaks or bursts, each with what drives it."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.frames import AnyFrame, as_lazy
from analysis.measures.breaks import COLUMNS as BREAK_COLUMNS
from analysis.measures.breaks import DRAWS, find_breaks
from analysis.measures.day_drivers import COLUMNS as DRIVER_COLUMNS
from analysis.measures.day_drivers import describe_days
from analysis.measures.post_digest import post_digest
from analysis.measures.trend_family import OUTSIDE_FAMILY
from analysis.study.model import Study

NEEDED = (
    "text", "is_negative", "grievances", "platforms", "family_id", "is_representative",
    "published_at", "repeat_of", "is_in_window",
)  # fmt: skip
TABLE = tuple(
    "break_kind" if name == "kind" else name
    for name in dict.fromkeys((*BREAK_COLUMNS, *DRIVER_COLUMNS))
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
        Counts by the study's period (`study.series`); the row `all` is no grievance and is left
        out.
    study
        Its event days, seed and period.
    grades
        Coverage table of the same period.
    draws
        Null series a search.

    Returns
    -------
    pd.DataFrame
        `find_breaks` (its `kind` as `break_kind`), with `describe_days` beside every find.
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
    shown = daily[daily["grievance"] != OUTSIDE_FAMILY]
    if shown.empty:
        return pd.DataFrame(columns=list(TABLE))
    table = find_breaks(
        shown,
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
    described = describe_days(_read(posts, set(found["grievance"])), found, study.period)
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
    columns = [name for name in NEEDED if name in present]
    return rows.select(columns).collect(engine="streaming")


def _by_digest(text: str) -> str:
    """Name families by digest: ``key 12;key 3`` to ``digest 12;digest 3``."""
    pairs = [part.rpartition(" ") for part in text.split(";") if part]
    return ";".join(f"{post_digest(key)} {count}" for key, _, count in pairs)
