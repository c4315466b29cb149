"""Daily counts in three units at several thresholds of the coder, from one pass over the posts.

Only the negative items are kept, and of each only its day, two hashes and its scores, so that a
corpus of millions stays small in memory; a lazy frame is streamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import polars as pl

from analysis.coding.codebook import load_codebook
from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_lazy
from analysis.study.periods import Period, truncate

THRESHOLDS = (0.35, 0.5, 0.65)
ZONE = "Asia/Shanghai"
NEEDED = ("published_at", "is_negative", "grievances")
UNITS = {"families": "family_id", "authors": "author_key"}


@dataclass(frozen=True)
class ScoredItems:
    """The dated negative items of a corpus, and what a threshold can move.

    Parameters
    ----------
    items
        `date`, hashes of family and author where they are known, and for each code `code:NAME`
        (the coder's decision) and `score:NAME`.
    dates
        Every date on which anything was posted.
    total
        Counts of all posts by date, where they were asked for.
    """

    items: pl.DataFrame
    dates: list[date]
    total: pl.DataFrame | None = None

    @property
    def has_scores(self) -> bool:
        """Whether there is anything that a threshold could cut."""
        return any(name.startswith("score:") for name in self.items.columns)

    def count(self, threshold: float | None) -> pd.DataFrame:
        """Count items, families and authors by date and grievance.

        Parameters
        ----------
        threshold
            Score from which a negative item carries a code; None for the coder's own decision.

        Returns
        -------
        pd.DataFrame
            `date, grievance, items` and `families, authors` where the posts know them. The rows
            `all` and `negative` do not move with the threshold.
        """
        parts = [] if self.total is None else [self.total]
        parts.append(self._of(pl.lit(True), "negative"))
        for code in load_codebook().code_names:
            held = f"code:{code}" if threshold is None else f"score:{code}"
            cut = pl.lit(threshold, dtype=pl.Float32)
            rule = pl.col(held) if threshold is None else pl.col(held) >= cut
            parts.append(self._of(rule, code))
        daily = pl.concat([part for part in parts if part.height])
        return pd.DataFrame(daily.to_dict(as_series=False))

    def _of(self, rule: pl.Expr, name: str) -> pl.DataFrame:
        rows = _count(self.items.lazy().filter(rule), name).collect()
        if name != "negative":
            return rows
        # A date without a single negative item is a date with zero, not a missing one.
        days = pl.DataFrame({"date": self.dates}, schema={"date": pl.Date})
        filled = days.join(rows, on="date", how="left").with_columns(grievance=pl.lit(name))
        return filled.fill_null(0).sort("date")


def read_scored(
    posts: AnyFrame, *, with_total: bool = False, period: Period = "day"
) -> ScoredItems:
    """Read what a specification curve needs of coded posts.

    Parameters
    ----------
    posts
        Coded posts; a LazyFrame is streamed.
    with_total
        Count all posts, too.
    period
        What `date` stands for: the day, or the first day of its week or month.

    Returns
    -------
    ScoredItems
        The negative items in the window, repeats once.

    Raises
    ------
    CaodianError
        When a needed column is missing.

    Examples
    --------
    >>> from datetime import datetime
    >>> posts = pl.DataFrame({"published_at": [datetime(2020, 6, 1)] * 2, "is_negative": [True] * 2,
    ...     "grievances": [["price"], []], "scores": ['{"price":0.9}', '{"price":0.4}']})
    >>> scored = read_scored(posts)
    >>> [int(scored.count(cut).set_index("grievance").loc["price", "items"]) for cut in (None, .35)]
    [1, 2]
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
    day = truncate(_day(present), period)
    rows = _in_window(lazy, present).with_columns(date=day).drop_nulls("date")
    hashes = [
        pl.when(pl.col(column).is_not_null()).then(pl.col(column).cast(pl.String).hash()).alias(unit)
        for unit, column in UNITS.items() if column in present
    ]  # fmt: skip
    dates = rows.select("date").unique().collect(engine="streaming")["date"].sort().to_list()
    counted = _count(rows.select("date", *hashes), "all") if with_total else None
    negative = rows.filter(pl.col("is_negative").fill_null(False))
    items = negative.select("date", *hashes, *_codes(), *_scores(present))
    return ScoredItems(
        items.collect(engine="streaming"),
        dates,
        None if counted is None else counted.collect(engine="streaming").sort("date"),
    )


def cuts_of(scored: ScoredItems, thresholds: Sequence[float]) -> dict[str, float | None]:
    """Name the coder's own decision and, where there are scores, each threshold once.

    Examples
    --------
    >>> cuts_of(ScoredItems(pl.DataFrame({"score:price": [0.4]}), []), (0.5, 0.35, 0.5))
    {'coder': None, '0.35': 0.35, '0.50': 0.5}
    """
    cuts = sorted(set(thresholds)) if scored.has_scores else []
    return {"coder": None} | {f"{cut:.2f}": cut for cut in cuts}  # an id


def _in_window(rows: pl.LazyFrame, present: pl.Schema) -> pl.LazyFrame:
    if "repeat_of" in present:
        rows = rows.filter(pl.col("repeat_of").is_null())
    if "is_in_window" in present:
        rows = rows.filter(pl.col("is_in_window").fill_null(True))
    return rows


def _day(present: pl.Schema) -> pl.Expr:
    time = pl.col("published_at")
    if getattr(present["published_at"], "time_zone", None):
        time = time.dt.convert_time_zone(ZONE)
    return time.dt.date()


def _codes() -> list[pl.Expr]:
    held = pl.col("grievances").cast(pl.List(pl.String))
    return [held.list.contains(code).alias(f"code:{code}") for code in load_codebook().code_names]


def _scores(present: pl.Schema) -> list[pl.Expr]:
    """Take the scores, `{"price":0.81,…}`, apart; a code that is absent there scores nothing."""
    if "scores" not in present:
        return []
    codes = list(load_codebook().code_names)
    shape = pl.Struct([pl.Field(code, pl.Float64) for code in codes])
    scores = pl.col("scores").cast(pl.String).str.json_decode(shape)
    fields = [scores.struct.field(code).cast(pl.Float32) for code in codes]
    return [field.alias(f"score:{code}") for field, code in zip(fields, codes, strict=True)]


def _count(rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
    present = rows.collect_schema()
    units = [pl.len().cast(pl.Int64).alias("items")]
    units += [
        pl.col(unit).drop_nulls().n_unique().cast(pl.Int64).alias(unit)
        for unit in UNITS if unit in present
    ]  # fmt: skip
    counted = rows.group_by("date").agg(units).sort("date")
    return counted.select("date", pl.lit(name).alias("grievance"), pl.exclude("date"))
