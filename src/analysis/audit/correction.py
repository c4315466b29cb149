"""Counts corrected for the coder's error, with intervals.

`estimate_counts` is the estimate of the report: own-score bands, each with the machine's scores as
an aid, and an interval with a guard for what nobody saw (`correct_bands`); `correct_counts` puts it
beside the coder's own counts. What the interval covers is the coder's error, not the selection of
posts, and it takes the adjudicated codes for the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from scipy.special import betaincinv

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars, as_small, put_columns, take_columns

# Count of a target from audited posts in bands of its own score, and its interval.
#
# Each band's mean score is known for the whole frame, so the audit need only tell how far truth
# departs from it (a difference estimator within bands, its slope fitted and between 0 and 1). The
# variance is that of the design: a true post that stands for many others says little, and each
# post counts with its own chance, not with an average of its band. The interval is that of a Beta
# distribution with this mean and variance, in which an upper end is farther than a lower one
# (Korn and Graubard 1998). Two things are not in a sample's own variance:
#
# * A band in which all posts agree shows none: above the lowest band the variance is a third, at
#   least, of what half a post more on either side would make it.
# * Posts that the coder misses with confidence are rare and stand for many, and an audit that drew
#   none knows nothing of them. The upper end is that of a sample with a part of one such post more,
#   of the weight that a missed post has here: missed posts of a code are negative items, so it is
#   the weight of the audited negative items in the lowest band.
#
# Where this guard is much of the upper arm, the truth hardly ever lies above it. The lower end
# takes nothing of what that leaves: on real corpora it would miss more often than it may.

_LEAST_PART = 0.35
_UNSEEN = 1.0
_TAIL = 0.025


@dataclass(frozen=True)
class Correction:
    """A corrected count with its variance, the posts of its frame, and the weight of a miss."""

    estimate: float
    variance: float
    posts: float
    missed_weight: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        low, high = interval_ends(
            *np.array([self.estimate, self.variance, self.posts, self.missed_weight])
        )
        return float(low), float(high)


def interval_ends(
    estimate: np.ndarray, variance: np.ndarray, posts: np.ndarray, missed_weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % intervals of many corrections."""
    unseen = _UNSEEN * missed_weight
    low = _beta_end(_TAIL, estimate, variance, posts)
    high = _beta_end(1 - _TAIL, estimate + unseen / 2, variance + unseen * missed_weight, posts)
    return np.minimum(low, estimate), np.maximum(high, estimate)


def _beta_end(
    level: float | np.ndarray, mean: np.ndarray, variance: np.ndarray, posts: np.ndarray
) -> np.ndarray:
    """Quantile of counts whose shares of the posts have Beta distributions."""
    share, spread = mean / posts, variance / posts**2
    is_spread = (share > 0) & (share < 1) & (spread > 0)
    share, spread = np.where(is_spread, share, 0.5), np.where(is_spread, spread, 1.0)
    size = np.maximum(share * (1 - share) / spread - 1, 1e-3)
    ends = posts * betaincinv(share * size, (1 - share) * size, level)
    return np.asarray(np.where(is_spread, ends, np.clip(mean, 0.0, posts)))


FEW = 5  # audited posts: fewer make no band, and do not speak for a cell alone


def merge_thin(audited: np.ndarray) -> np.ndarray:
    """Tell into which band each band goes when those with few audited posts join a neighbour.

    Known before anybody codes, since it looks at the sizes only. A thin band joins the next lower
    one; a thin lowest band joins the next higher one.
    """
    counts, target = audited.astype(np.int64), np.arange(len(audited))
    for band in range(len(audited) - 1, 0, -1):
        if counts[band] < FEW:
            target[target == band] = band - 1
            counts[band - 1] += counts[band]
            counts[band] = 0
    rich = np.flatnonzero(counts >= FEW)
    if counts[0] < FEW and len(rich):
        target[target == 0] = rich[0]
    return target


def correct_bands(
    posts: np.ndarray,
    mean_score: np.ndarray,
    *,
    band: np.ndarray,
    weight: np.ndarray,
    score: np.ndarray,
    y: np.ndarray,
    is_negative: np.ndarray | None = None,
) -> Correction:
    """Correct the count of one target by its audited posts."""
    count = len(posts)
    drawn, true, square, scored = (
        np.bincount(band, weights=values, minlength=count)
        for values in (weight, weight * y, weight * (weight - 1), weight * score)
    )
    kept = drawn > 0
    safe = np.where(kept, drawn, 1.0)
    held = np.where(kept, posts, 0.0)
    share, seen = true / safe, scored / safe
    off_y, off_score = y - share[band], score - seen[band]
    lowest = int(np.flatnonzero(kept)[0])
    above = band > lowest
    slope = _slope(off_score[above], off_y[above], weight[above])
    slopes = np.where(np.arange(count) > lowest, slope, 0.0)
    estimate = float(held @ (share + slopes * (mean_score - seen)))
    off = off_y - slopes[band] * off_score
    spread = np.bincount(band, weights=weight * (weight - 1) * off**2, minlength=count)
    variance = spread * (held / safe) ** 2
    effective = safe**2 / np.maximum(square, 1e-9)
    smooth = (share * effective + 0.5) / (effective + 1)
    least = _LEAST_PART * held**2 * smooth * (1 - smooth) / effective
    variance = np.where(np.arange(count) > lowest, np.maximum(variance, least), variance)
    likely = (band == lowest) if is_negative is None else (band == lowest) & (is_negative > 0)
    likely = likely if likely.any() else band == lowest
    missed = float((weight * (weight - 1))[likely].sum() / weight[likely].sum())
    return Correction(max(estimate, 0.0), float(variance.sum()), float(held.sum()), missed)


def _slope(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Slope that makes the design's variance smallest, between 0 and 1."""
    spread = float((weight**2 * x**2).sum())
    return float(np.clip((weight**2 * x * y).sum() / spread, 0, 1)) if spread > 0 else 0.0


Row = dict[str, object]
_COLUMNS = ["grievance", "items", "estimate", "low", "high", "audited", "carriers"]


def estimate_counts(
    sample: pl.DataFrame,
    coding: pd.DataFrame,
    *,
    left_out: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Correct the machine's count of every target that the coders coded.

    Parameters
    ----------
    sample
        The sample of `draw_sample`: post_id, stratum, inclusion_probability, machine.
    coding
        What the coders agreed on: post_id, negative, one column a code (0, 1, or between where two
        coders differ and nobody adjudicated), sub-grievances where they were coded.
    left_out
        By target, what the machine counts in posts that were not to be drawn; added as it is.

    Returns
    -------
    pd.DataFrame
        One row per target: grievance, items (the machine's own count), estimate, low, high (95 %),
        audited. Platforms with enough audited posts stand as `platform:NAME`.

    Examples
    --------
    >>> from analysis.audit.sampling import draw_sample
    >>> coded = pl.DataFrame(
    ...     {"post_id": ["1", "2"], "text": ["发货慢", "好用"],
    ...      "is_negative": [True, True], "grievances": [["delivery"], ["delivery"]]}
    ... )
    >>> sample = draw_sample(coded, size=2, seed=1, codes=["delivery"])
    >>> coding = pd.DataFrame({"post_id": ["1", "2"], "negative": [1, 0], "delivery": [1, 0]})
    >>> estimate_counts(sample, coding)[["grievance", "items", "estimate"]].values.tolist()
    [['negative', 2, 1.0], ['delivery', 2, 1.0]]
    """
    hidden = spread_machine(sample)
    codes = coding.set_index("post_id")
    rows = []
    for target, side in hidden.group_by("target", maintain_order=True):
        name = str(target[0])
        column = _coded_column(name)
        if column in codes:
            given = codes.loc[side["post_id"].to_list()]
            is_negative = None if column == "negative" else given.get("negative")
            y = given[column].to_numpy(dtype=float)
            rows.append(_estimate_row(name, side, y, _correct_side(side, y, is_negative)))
    return _with_left_out(pd.DataFrame(rows, columns=_COLUMNS), left_out)


def _with_left_out(table: pd.DataFrame, left_out: Mapping[str, int] | None) -> pd.DataFrame:
    """Add what the machine counts in the posts that were not to be drawn."""
    if left_out:
        known = table["grievance"].map(left_out).fillna(0).astype(int)
        for column in table.columns.intersection(["items", "estimate", "low", "high"]):
            table[column] += known
    return table


def spread_machine(sample: pl.DataFrame) -> pl.DataFrame:
    """Return one row per drawn post and target, targets in their order."""
    kept = ["post_id", "stratum", "inclusion_probability", "machine"]
    rows = sample.select(kept).sort("post_id").explode("machine").unnest("machine")
    order = rows["target"].unique(maintain_order=True)
    longest = sorted(order, key=lambda name: (name.startswith("platform:"), "." in name))
    return rows.sort(pl.col("target").cast(pl.Enum(longest)), "post_id")


def _coded_column(target: str) -> str:
    """Return the column of the coding that decides a target."""
    return "negative" if target.startswith("platform:") else target


def _correct_side(side: pl.DataFrame, y: np.ndarray, is_negative: pd.Series | None) -> Correction:
    """Correct one target from the hidden side of its posts."""
    known = side.group_by("band").agg(pl.col("band_posts").first(), pl.col("band_score").first())
    size = int(side["band"].to_numpy().max()) + 1
    posts, expected = np.zeros(size), np.zeros(size)
    posts[known["band"].to_numpy()] = known["band_posts"].to_numpy()
    expected[known["band"].to_numpy()] = known["band_score"].to_numpy()
    return correct_bands(
        posts,
        expected,
        band=side["band"].to_numpy().astype(np.int64),
        weight=1 / side["inclusion_probability"].to_numpy(),
        score=side["score"].to_numpy(),
        y=y,
        is_negative=None if is_negative is None else is_negative.to_numpy(dtype=float),
    )


_AT_ISSUE = 0.2  # scores of posts that the coder gave the target, or nearly
_COUNTED_POSTS = 4  # how many audited posts, all of them right, the coder's own count is worth


def _estimate_row(target: str, side: pl.DataFrame, y: np.ndarray, counted: Correction) -> Row:
    """Hold a corrected count and its ends to what was seen."""
    seen, most = float(y.sum()), counted.posts - float((1 - y).sum())
    low, high = counted.interval
    items, at_issue = int(side["items"][0]), side["score"].to_numpy() >= _AT_ISSUE
    if at_issue.sum() < min(FEW, items):  # too few for a band: they speak for themselves
        right, wrong = y[at_issue].sum() + _COUNTED_POSTS, (1 - y[at_issue]).sum()
        high = max(high, items * float(betaincinv(right + 0.5, wrong + 0.5, 1 - _TAIL)))
    estimate = min(max(counted.estimate, seen), max(most, seen))
    return {
        "grievance": target,
        "items": items,
        "estimate": round(estimate, 1),
        "low": round(min(max(low, seen), estimate), 1),
        "high": round(max(min(high, most), estimate), 1),
        "audited": side.height,
        "carriers": int(seen),
    }


# The estimates beside the coder's own counts.

_ESTIMATES = ["estimate", "low", "high", "carriers"]


def correct_counts(counts: AnyFrame, audit: AnyFrame) -> Any:  # noqa: ANN401 - the kind given
    """Put the audit's corrected counts beside the coder's own.

    Parameters
    ----------
    counts
        pandas or Polars, from `count_grievances`: by nothing, by sub-grievance or by platform. Days
        and channels have no estimate of their own.
    audit
        Table of `score_audit`, of the same posts; estimates of sub-grievances and platforms are in
        its `attrs["details"]`, or rows of the table itself.

    Returns
    -------
    The same kind of frame
        The counts with `estimate, low, high` in posts, corrected for the coder's error with a 95 %
        interval that covers this error and not the selection of posts, and `carriers`, the audited
        posts that carry it. Missing where the audit has
        no row (`all` needs no correction). `share` stays the coder's own.

    Raises
    ------
    CaodianError
        When either table lacks a column, or the counts are by day or channel.

    Examples
    --------
    >>> counts = pd.DataFrame({"grievance": ["all", "price"], "items": [40, 8]}, index=["a", "b"])
    >>> audit = pd.DataFrame({"grievance": ["price"], "estimate": [9.0], "low": [7.0],
    ...                       "high": [12.0]})
    >>> correct_counts(counts, audit)
      grievance  items  estimate  low  high  carriers
    a       all     40       NaN  NaN   NaN       NaN
    b     price      8       9.0  7.0  12.0       NaN
    """
    kinds = {"sub_grievance": "sub_grievance", "platform": "platform", "grievance": "grievance"}
    columns = take_columns(counts, [], ["date", *kinds]).columns
    by = next((name for name in kinds if name in columns), None)
    if by is None or "date" in columns:
        raise CaodianError(
            "an audit corrects counts by grievance, sub-grievance or platform",
            value=f"counts by {'date' if 'date' in columns else 'something else'}",
            remedy="Count by one of them: count_grievances(posts).",
        )
    table = as_small(take_columns(counts, [by]))
    names = table[by].astype("str")
    table["audited_as"] = "platform:" + names if by == "platform" else names
    joined = join_estimates(table, "audited_as", _audited_rows(audit))
    return put_columns(counts, as_polars(joined[_ESTIMATES]))  # type: ignore[type-var]


def _audited_rows(audit: AnyFrame) -> pd.DataFrame:
    """Return the audit with what stands beside it on sub-grievances and platforms."""
    needed = ["grievance", "estimate", "low", "high"]
    rows = as_small(take_columns(audit, needed, ("carriers",), "Give the table of score_audit."))
    details = getattr(audit, "attrs", {}).get("details")
    if details is None or not len(details):
        return rows
    return pd.concat([rows, as_small(details)[rows.columns]], ignore_index=True)


def join_estimates(table: pd.DataFrame, key: str, audit: pd.DataFrame | None) -> pd.DataFrame:
    """Return the table with `estimate, low, high, carriers` of the audit row of the same name.

    Examples
    --------
    >>> audit = pd.DataFrame(
    ...     {"grievance": ["price"], "estimate": [9.0], "low": [7.0], "high": [12.0]}
    ... )
    >>> join_estimates(pd.DataFrame({"grievance": ["all", "price"]}), "grievance", audit)
      grievance  estimate   low  high  carriers
    0       all      <NA>  <NA>  <NA>      <NA>
    1     price       9.0   7.0  12.0      <NA>
    """
    rows = {} if audit is None else audit.set_index("grievance").to_dict("index")
    for column in _ESTIMATES:
        values = [rows.get(name, {}).get(column) for name in table[key]]
        table[column] = pd.array(values, dtype="Float64")
    return table
