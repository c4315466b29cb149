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
from scipy.special import betaincinv, ndtri

from analysis.audit.leaning import (
    COUNTED_POSTS,
    FEW,
    lean_on_few,
    lean_on_siblings,
    shrink_to_count,
)
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
_UNSEEN = 0.75
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
    found: dict[str, _Found] = {}
    for target, side in hidden.group_by("target", maintain_order=True):
        name = str(target[0])
        column = _coded_column(name)
        if column in codes:
            given = codes.loc[side["post_id"].to_list()]
            is_negative = None if column == "negative" else given.get("negative")
            y = given[column].to_numpy(dtype=float)
            found[name] = _find(side, y, is_negative)
    leaning = _lean(found)
    rows = [_estimate_row(name, found[name], leaning[name]) for name in found]
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


@dataclass(frozen=True)
class _Found:
    """What the audit found of one target, before it leans on anything."""

    counted: Correction
    items: int
    audited: int
    at_issue: int  # audited posts that the coder gave the target, or nearly
    seen_at_issue: float  # true ones of them
    missed: float  # true posts among the others, by the audit
    seen: float
    seen_not: float

    @property
    def ends(self) -> tuple[float, float]:
        """The interval, held to what was seen."""
        low, high = self.counted.interval
        if self.at_issue < min(FEW, self.items):  # too few for a band: they speak for themselves
            right, wrong = self.seen_at_issue, self.at_issue - self.seen_at_issue
            right += COUNTED_POSTS  # as the estimate takes the coder's count for something
            high = max(high, self.items * float(betaincinv(right + 0.5, wrong + 0.5, 0.975)))
        return max(low, self.seen), min(high, self.counted.posts - self.seen_not)


def _find(side: pl.DataFrame, y: np.ndarray, is_negative: pd.Series | None) -> _Found:
    is_at_issue = side["score"].to_numpy() >= _AT_ISSUE
    return _Found(
        counted=_correct_side(side, y, is_negative),
        items=int(side["items"][0]),
        audited=side.height,
        at_issue=int(is_at_issue.sum()),
        seen_at_issue=float(y[is_at_issue].sum()),
        missed=_plain_total(side, y * ~is_at_issue),
        seen=float(y.sum()),
        seen_not=float((1 - y).sum()),
    )


_AT_ISSUE = 0.2  # scores of posts that the coder gave the target, or nearly
_COUNTS = ("items", "at_issue")


def _lean(found: Mapping[str, _Found]) -> dict[str, float]:
    """Return the estimates: codes lean on the coder's count, sub-grievances on their siblings."""
    leaning = {}
    for name, one in found.items():
        if "." not in name:
            given = shrink_to_count(one.counted.estimate - one.missed, one.items, one.at_issue)
            leaning[name] = given + one.missed
    for code in sorted({name.split(".")[0] for name in found if "." in name}):
        names = [name for name in found if name.startswith(f"{code}.")]
        subs = [found[name] for name in names]
        low, high = np.array([one.ends for one in subs]).T
        items, audited = (np.array([getattr(one, key) for one in subs]) for key in _COUNTS)
        missed = np.array([one.missed for one in subs])
        coded = lean_on_few(
            np.array([one.counted.estimate for one in subs]) - missed,
            items,
            audited=audited,
            right=np.array([one.seen_at_issue for one in subs]),
        )
        estimates = lean_on_siblings(
            coded + missed,
            items,
            low=low,
            high=high,
            audited=audited,
            code_ratio=leaning[code] / max(found[code].items, 1) if code in found else 1.0,
        )
        leaning |= dict(zip(names, estimates.tolist(), strict=True))
    return leaning


def _estimate_row(target: str, found: _Found, leaning: float) -> dict[str, object]:
    estimate = max(leaning, found.seen)
    low, high = found.ends
    return {
        "grievance": target,
        "items": found.items,
        "estimate": round(estimate, 1),
        "low": round(min(low, estimate), 1),
        "high": round(max(high, estimate), 1),
        "audited": found.audited,
        "carriers": int(found.seen),
    }


def _plain_total(side: pl.DataFrame, y: np.ndarray) -> float:
    """Estimate a count by the bands alone."""
    table = side.select("band", "band_posts", weight=1 / pl.col("inclusion_probability"))
    bands = table.with_columns(y=pl.Series(y)).group_by("band", maintain_order=True)
    share = (pl.col("weight") * pl.col("y")).sum() / pl.col("weight").sum()
    return float(bands.agg(share * pl.col("band_posts").first())["weight"].sum())


# The prediction-powered estimate that stands beside the corrected counts.
#
# Angelopoulos et al. (Science 382, 2023; power-tuned: arXiv 2311.01453), here for a stratified
# sample, which `ppi_py` does not know: the machine's mean over the whole frame plus the mean of
# its errors over the audit, stratum by stratum. Its normal interval is too short when the audit
# holds about ten true posts or fewer, so it is a check and not the figure of the report.

_POWERED_COLUMNS = ["grievance", "estimate", "low", "high", "tuning"]


def prediction_powered_counts(
    sample: pl.DataFrame,
    coding: pd.DataFrame,
    *,
    tuning: float | None = None,
    level: float = 0.95,
    left_out: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Estimate every coded target from the machine's scores plus their audited errors."""
    rows = []
    quantile = float(ndtri((1 + level) / 2))
    for target, side in spread_machine(sample).group_by("target", maintain_order=True):
        name = str(target[0])
        if _coded_column(name) not in coding:
            continue
        y = coding.set_index("post_id")[_coded_column(name)].astype(float)
        strata = _Strata(side, y.loc[side["post_id"].to_list()].to_numpy(), sample)
        chosen = strata.best_tuning() if tuning is None else tuning
        estimate, error = strata.estimate(chosen)
        low, high = max(estimate - quantile * error, 0.0), estimate + quantile * error
        numbers = [round(number, 1) for number in (estimate, low, high)]
        rows.append([name, *numbers, round(chosen, 4)])
    return _with_left_out(pd.DataFrame(rows, columns=_POWERED_COLUMNS), left_out)


class _Strata:
    """Scores and codes of one target by stratum of the draw."""

    def __init__(self, side: pl.DataFrame, y: np.ndarray, sample: pl.DataFrame) -> None:
        names, self.group = np.unique(side["stratum"].to_numpy(), return_inverse=True)
        drawn = dict(sample.group_by("stratum").len().iter_rows())
        probability = np.zeros(len(names))
        probability[self.group] = side["inclusion_probability"].to_numpy()
        self.drawn = np.array([drawn[name] for name in names], dtype=float)
        self.posts = self.drawn / probability
        self.mean = np.zeros(len(names))
        self.mean[self.group] = side["stratum_score"].to_numpy()
        self.score, self.y = side["score"].to_numpy(), y
        self.scale = self.posts**2 * (1 - probability) / self.drawn

    def estimate(self, tuning: float) -> tuple[float, float]:
        """Return the corrected count and its standard error."""
        residual = self.y - tuning * self.score
        means = np.bincount(self.group, weights=residual) / self.drawn
        total = float(self.posts @ (tuning * self.mean + means))
        return total, float(np.sqrt(max(self._variance(residual, residual), 0.0)))

    def best_tuning(self) -> float:
        """Return the weight of the scores that makes the variance smallest."""
        spread = self._variance(self.score, self.score)
        if spread <= 0:
            return 1.0
        return float(np.clip(self._variance(self.score, self.y) / spread, 0, 1))

    def _variance(self, first: np.ndarray, second: np.ndarray) -> float:
        """Return the variance of the total, each stratum with its own covariance.

        A target that is defined on part of the posts is zero for the rest of its stratum.
        """
        sums = [np.bincount(self.group, weights=values) for values in (first, second)]
        product = np.bincount(self.group, weights=first * second)
        free = np.maximum(self.drawn - 1, 1)
        covariance = (product - sums[0] * sums[1] / self.drawn) / free
        lonely = self.drawn < 2
        if lonely.any() and not lonely.all():
            covariance[lonely] = np.average(covariance[~lonely], weights=self.posts[~lonely])
        return float(self.scale @ covariance)


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
