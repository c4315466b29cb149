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
from scipy.special import betaincinv, ndtr, ndtri

from analysis.audit.strata import merge_thin
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

_LEAST_PART = 0.35
_UNSEEN = 0.75


@dataclass(frozen=True)
class Correction:
    """A corrected count with its variance, the posts of its frame, and the weight of a miss."""

    estimate: float
    variance: float
    posts: float
    missed_weight: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval.

        Examples
        --------
        >>> low, high = Correction(100.0, 400.0, 1000.0, 10.0).interval
        >>> round(low), round(high)
        (64, 150)
        """
        unseen = _UNSEEN * self.missed_weight
        low = _beta_end(0.025, self.estimate, self.variance, self.posts)
        variance = self.variance + unseen * self.missed_weight
        high = _beta_end(0.975, self.estimate + unseen / 2, variance, self.posts)
        return min(low, self.estimate), max(high, self.estimate)


def _beta_end(level: float, mean: float, variance: float, posts: float) -> float:
    """Quantile of a count whose share of the posts has a Beta distribution."""
    share, spread = mean / posts, variance / posts**2
    if not 0 < share < 1 or spread <= 0:
        return min(max(mean, 0.0), posts)
    size = max(share * (1 - share) / spread - 1, 1e-3)
    return posts * float(betaincinv(share * size, (1 - share) * size, level))


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
    """Correct the count of one target by its audited posts.

    Parameters
    ----------
    posts, mean_score
        Posts of the frame by band, lowest first, and their mean score (0 to 1).
    band, weight, score, y
        Of each audited post: its band, one over its inclusion probability, its score, its code (0
        to 1).
    is_negative
        Whether each audited post is a negative item: only such a post can be a missed one. Any can
        where this is not given.

    Returns
    -------
    Correction
        Of the bands that hold audited posts.

    Examples
    --------
    >>> band, y = np.repeat([0, 1], 10), np.array([0] * 9 + [1] + [1] * 9 + [0])
    >>> weight, score = np.where(band == 0, 90.0, 10.0), np.where(band == 0, 0.02, 0.9)
    >>> count = correct_bands(np.array([900, 100]), np.array([0.02, 0.9]), band=band, y=y,
    ...                       weight=weight, score=score)
    >>> round(count.estimate), [round(end) for end in count.interval]
    (180, [48, 477])
    """
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


_COLUMNS = ["grievance", "items", "estimate", "low", "high", "audited"]


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
    hidden = _spread_machine(sample)
    codes = coding.set_index("post_id")
    rows = []
    for target, side in hidden.group_by("target", maintain_order=True):
        name = str(target[0])
        column = _coded_column(name)
        if column in codes:
            given = codes.loc[side["post_id"].to_list()]
            is_negative = None if column == "negative" else given.get("negative")
            y = given[column].to_numpy(dtype=float)
            rows.append(_correct_one(name, side, y, is_negative))
    return _with_left_out(pd.DataFrame(rows, columns=_COLUMNS), left_out)


def _with_left_out(table: pd.DataFrame, left_out: Mapping[str, int] | None) -> pd.DataFrame:
    """Add what the machine counts in the posts that were not to be drawn."""
    if left_out:
        known = table["grievance"].map(left_out).fillna(0).astype(int)
        for column in table.columns.intersection(["items", "estimate", "low", "high"]):
            table[column] += known
    return table


def _spread_machine(sample: pl.DataFrame) -> pl.DataFrame:
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


def _correct_one(
    target: str, side: pl.DataFrame, y: np.ndarray, is_negative: pd.Series | None
) -> dict[str, object]:
    counted = _correct_side(side, y, is_negative)
    low, high = counted.interval
    seen, seen_not = float(y.sum()), float((1 - y).sum())
    items = int(side["items"][0])
    is_at_issue = side["score"].to_numpy() >= _AT_ISSUE
    missed = _plain_total(side, y * ~is_at_issue)
    given = shrink_to_count(counted.estimate - missed, items, int(is_at_issue.sum()))
    estimate = max(given + missed, seen)
    return {
        "grievance": target,
        "items": items,
        "estimate": round(estimate, 1),
        "low": round(min(max(low, seen), estimate), 1),
        "high": round(max(min(high, counted.posts - seen_not), estimate), 1),
        "audited": side.height,
    }


def _plain_total(side: pl.DataFrame, y: np.ndarray) -> float:
    """Estimate a count by the bands alone."""
    table = side.select("band", "band_posts", weight=1 / pl.col("inclusion_probability"))
    bands = table.with_columns(y=pl.Series(y)).group_by("band", maintain_order=True)
    share = (pl.col("weight") * pl.col("y")).sum() / pl.col("weight").sum()
    return float(bands.agg(share * pl.col("band_posts").first())["weight"].sum())


_AT_ISSUE = 0.2  # scores of posts that the coder gave the target, or nearly
_ENOUGH = 20  # of them, so that the audit speaks for itself


def shrink_to_count(estimate: float, items: int, audited: int) -> float:
    """Return an estimate that leans on the coder's own count where few posts speak against it.

    Parameters
    ----------
    estimate
        The audit's estimate of true posts among those that the coder gave the target, or nearly. In
        the posts below, where the coder's count has nothing to say, the audit alone does.
    items
        The coder's own count.
    audited
        Audited posts that the coder gave the target, or nearly. With none the coder's count
        stands; from twenty on, or when all of them were audited, the audit alone does. The interval
        holds whatever comes out.

    Examples
    --------
    >>> shrink_to_count(0.0, 93, 3), shrink_to_count(0.0, 93, 20), shrink_to_count(50.0, 93, 10)
    (79.05, 0.0, 71.5)
    >>> shrink_to_count(1.0, 3, 3)
    1.0
    """
    weight = min(1.0, audited / min(_ENOUGH, max(items, 1)))
    return weight * estimate + (1 - weight) * items


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
    """Estimate every coded target from the machine's scores plus their audited errors.

    Parameters
    ----------
    sample
        The sample of `draw_sample`.
    coding
        Final codes by post, as for `estimate_counts`.
    tuning
        Weight of the machine's scores, 0 (audit only) to 1; chosen for the smallest variance when
        it is not given.
    level
        Level of the interval; 95 %, not the 90 % that `ppi_py` takes by default.
    left_out
        By target, what the machine counts in posts that were not to be drawn; added as it is.

    Returns
    -------
    pd.DataFrame
        grievance, estimate, low, high, tuning.

    Examples
    --------
    >>> from analysis.audit.sampling import draw_sample
    >>> late = [number % 4 == 0 for number in range(400)]
    >>> coded = pl.DataFrame(
    ...     {
    ...         "post_id": [str(number) for number in range(400)],
    ...         "text": "发货慢",
    ...         "is_negative": late,
    ...         "grievances": [["delivery"] if is_late else [] for is_late in late],
    ...     }
    ... )
    >>> sample = draw_sample(coded, size=100, seed=1, codes=["delivery"])
    >>> posts = sample["post_id"].to_list()
    >>> codes = [int(post) % 4 == 0 for post in posts]
    >>> coding = pd.DataFrame({"post_id": posts, "negative": codes, "delivery": codes})
    >>> prediction_powered_counts(sample, coding)["estimate"].tolist()
    [100.0, 100.0]
    """
    rows = []
    quantile = float(ndtri((1 + level) / 2))
    for target, side in _spread_machine(sample).group_by("target", maintain_order=True):
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


# Does the coder drift? Its error in the first half of the window against the second.
#
# A coder that finds more late than early makes a trend out of nothing; `measures.trend` takes
# this table in. The factor between the machine's count and the corrected one is estimated in
# each half; the change between the halves' middles, half a window apart, is carried to the
# whole window. A thousand posts tell that of a rare code to a factor of ten; but codes share one
# coder, so all are estimated together: each leans on the common drift as far as its own posts say
# little (`pool_drifts`).

_DRIFT_COLUMNS = ["grievance", "change", "low", "high", "p", "alone", "alone_low", "alone_high"]
_Z = 1.959964
_HALF_EVENT = 0.5  # what a band is taken to hold beside what was found in it


def measure_drift(sample: pl.DataFrame, coding: pd.DataFrame) -> pd.DataFrame:
    """Estimate how much of a change over the window the coder's drift alone would make.

    Parameters
    ----------
    sample
        The sample of `draw_sample`.
    coding
        Final codes by post.

    Returns
    -------
    pd.DataFrame
        One row for negative and each code that has items in both halves of the window: grievance,
        change, low, high (fractions over the window, 0.1 is 10 % more found late than early;
        estimated over all codes together, 95 %), p (two-sided, of no drift), and alone, alone_low,
        alone_high: the same from the code's own posts.

    Examples
    --------
    >>> measure_drift(pl.DataFrame(schema=_SAMPLE), pd.DataFrame()).columns.tolist()[:4]
    ['grievance', 'change', 'low', 'high']
    """
    names, own = [], []
    if sample.height:
        for target, side in _spread_machine(sample).group_by("target", maintain_order=True):
            name = str(target[0])
            if name not in coding or "." in name:
                continue
            y = coding.set_index("post_id")[name].astype(float)
            found = _drift_of(side, y.loc[side["post_id"].to_list()].to_numpy())
            if found is not None:
                names.append(name)
                own.append(found)
    changes, errors = np.array(own, dtype=float).reshape(-1, 2).T
    pooled = pool_drifts(changes, errors)
    alone = [changes, changes - _Z * errors, changes + _Z * errors]
    ends = [pooled.middle, pooled.low, pooled.high, *alone]
    table = pd.DataFrame(np.expm1(np.clip(ends, -_LARGEST_LOG, _LARGEST_LOG)).T.round(4))
    table.columns = pd.Index(["change", "low", "high", "alone", "alone_low", "alone_high"])
    table["grievance"], table["p"] = names, pooled.p.round(4)
    return table[_DRIFT_COLUMNS]


_SAMPLE = {"post_id": pl.String, "machine": pl.List(pl.Struct({"target": pl.String}))}
_LARGEST_LOG = 7.0  # a factor of a thousand: as good as unknown


def _drift_of(side: pl.DataFrame, y: np.ndarray) -> tuple[float, float] | None:
    """Estimate the drift of one target from its own posts, where it has items in both halves."""
    half, band = (side[name].to_numpy().astype(np.int64) for name in ("half", "band"))
    items = np.zeros(2)
    items[half] = side["half_items"].to_numpy()
    if not items.all():
        return None
    posts = np.zeros((2, int(band.max()) + 1))
    whole = posts[0].copy()
    posts[half, band], whole[band] = side["half_posts"].to_numpy(), side["band_posts"].to_numpy()
    # what nobody drew in one half is what the other leaves of the band
    posts = np.where(posts > 0, posts, whole - posts[::-1])
    weight = 1 / side["inclusion_probability"].to_numpy()
    return drift_alone(posts, items, half=half, band=band, weight=weight, y=y)


def drift_alone(
    posts: np.ndarray,
    items: np.ndarray,
    *,
    half: np.ndarray,
    band: np.ndarray,
    weight: np.ndarray,
    y: np.ndarray,
) -> tuple[float, float]:
    """Estimate the drift of one target from its own audited posts.

    In each half the corrected count is that of the bands. With few posts a band leans on its share
    over both halves, by half a true post: where the machine did not see them, in proportion to
    what it counted in the half, so that a growing code is no drift.

    Parameters
    ----------
    posts
        Posts of the frame, by half (rows) and band.
    items
        What the machine counts in each half.
    half, band, weight, y
        Of each audited post: half, band, one over its inclusion probability, code (0 to 1).

    Returns
    -------
    tuple
        Change over the window of log(machine's count / true count), and its standard error;
        infinite where a half has no audited posts in a band.

    Examples
    --------
    >>> half, band = np.repeat([0, 1], 40), np.tile([0, 1], 40)
    >>> found = np.where(band == 1, np.arange(80) % 8 > 1, 0)
    >>> change, error = drift_alone(np.full((2, 2), 200.0), np.array([100.0, 120.0]), half=half,
    ...                             band=band, weight=np.full(80, 10.0), y=found)
    >>> round(change, 2), round(error, 1)
    (0.35, 0.3)
    """
    count = posts.shape[1]
    by_half = [np.bincount(band[half == one], minlength=count) for one in (0, 1)]
    merged = merge_thin(np.minimum(*by_half))
    cell = half * count + merged[band]
    drawn, true, square = (
        np.bincount(cell, weights=values, minlength=2 * count).reshape(2, count)
        for values in (weight, weight * y, weight * (weight - 1))
    )
    held = np.array([np.bincount(merged, weights=row, minlength=count) for row in posts])
    kept = held.sum(axis=0) > 0
    if not drawn[:, kept].all():
        return 0.0, np.inf
    held, drawn, true, square = held[:, kept], drawn[:, kept], true[:, kept], square[:, kept]
    effective = drawn**2 / np.maximum(square, 1e-9)
    found = true / drawn * effective
    usual = (found.sum(axis=0) + _HALF_EVENT) / (effective.sum(axis=0) + 2 * _HALF_EVENT)
    size = held.sum(axis=1)
    grown = (items / size) / (items.sum() / size.sum())
    is_unseen = np.flatnonzero(kept) < _SEEN_BAND
    expected = np.minimum(usual * np.where(is_unseen, grown[:, None], 1.0), 0.999)
    prior = np.maximum(1.0, _HALF_EVENT / usual)
    share = (found + prior * expected) / (effective + prior)
    total = (held * share).sum(axis=1)
    variance = (held**2 * share * (1 - share) / effective).sum(axis=1)
    factor = np.log(items) - np.log(total)
    change = 2 * float(factor[1] - factor[0])  # the halves' middles are half a window apart
    return change, 2 * float(np.sqrt((variance / total**2).sum()))


_SEEN_BAND = 2  # from this band on the machine gave a post the target, or nearly
_HETEROGENEITY = 0.25  # scale of the half-normal prior of the codes' spread about the common drift
_LEAST_SPREAD = 0.05  # never taken to be smaller: no two codes drift quite alike
_COMMON = 0.5  # prior standard deviation of the common drift
_SPREADS = np.linspace(0.0, 1.5, 151)


@dataclass(frozen=True)
class PooledDrifts:
    """Log drifts estimated together: median and 95 % ends of each, p of none, and their spread."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    spread: float


def pool_drifts(changes: np.ndarray, errors: np.ndarray) -> PooledDrifts:
    """Let the drifts of all codes lean on each other (partial pooling).

    The drift of a code is normal about a common drift, with a spread that the codes themselves
    tell; both are unknown. Prior of the common drift: normal, standard deviation .5; of the spread:
    half-normal, scale .25, and .05 at least (`docs/method.md` has how far these matter). The common
    drift is integrated exactly, the spread over a grid.

    Parameters
    ----------
    changes, errors
        Log change over the window and its standard error, of each code alone; an infinite error
        says nothing, and the code then has the common drift with its spread.

    Returns
    -------
    PooledDrifts
        In the order given.

    Examples
    --------
    >>> pooled = pool_drifts(np.array([0.0, 0.02, 2.0]), np.array([0.1, 0.2, 1.5]))
    >>> bool(pooled.middle[2] < 0.2), bool(pooled.high[2] < 0.9)
    (True, True)
    """
    spreads = np.hypot(_SPREADS, _LEAST_SPREAD)[:, None]
    known = np.isfinite(errors)
    values = np.where(known, changes, 0.0)
    variances = np.where(known, errors, 0.0) ** 2 + spreads**2
    weights = np.where(known, 1 / variances, 0.0)
    precision = weights.sum(axis=1) + _COMMON**-2
    common = (weights * values).sum(axis=1) / precision
    fit = (weights * values**2 + np.where(known, np.log(variances), 0.0)).sum(axis=1)
    log_weight = -0.5 * (
        fit - precision * common**2 + np.log(precision) + (_SPREADS / _HETEROGENEITY) ** 2
    )
    mixed = np.exp(log_weight - log_weight.max())
    mixed /= mixed.sum()
    own = np.where(known, spreads**2 * weights, 0.0)  # how far a code stands on its own posts
    means = own * values + (1 - own) * common[:, None]
    within = own * np.where(known, errors, 0.0) ** 2 + np.where(known, 0.0, spreads**2)
    deviations = np.sqrt(within + (1 - own) ** 2 / precision[:, None])
    below = mixed @ ndtr(-means / deviations)
    middle, low, high = (
        _mixture_quantile(level, means, deviations, mixed) for level in (0.5, 0.025, 0.975)
    )
    p = 2 * np.minimum(below, 1 - below)
    return PooledDrifts(middle, low, high, p, float(mixed @ spreads[:, 0]))


def _mixture_quantile(
    level: float, means: np.ndarray, deviations: np.ndarray, mixed: np.ndarray
) -> np.ndarray:
    """Find a quantile of each column's mixture of normal distributions, by halving."""
    low, high = (means - 9 * deviations).min(axis=0), (means + 9 * deviations).max(axis=0)
    for _ in range(60):
        middle = (low + high) / 2
        is_below = mixed @ ndtr((middle - means) / deviations) < level
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return np.asarray((low + high) / 2)


# The estimates beside the coder's own counts.

_ESTIMATES = ["estimate", "low", "high"]


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
        The counts with `estimate, low, high` in posts: corrected for the coder's error, with a 95 %
        interval that covers this error and not the selection of posts. Missing where the audit has
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
      grievance  items  estimate  low  high
    a       all     40       NaN  NaN   NaN
    b     price      8       9.0  7.0  12.0
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
    needed = ["grievance", *_ESTIMATES]
    rows = as_small(take_columns(audit, needed, (), "Give the table of score_audit."))
    details = getattr(audit, "attrs", {}).get("details")
    if details is None or not len(details):
        return rows
    return pd.concat([rows, as_small(details)[needed]], ignore_index=True)


def join_estimates(table: pd.DataFrame, key: str, audit: pd.DataFrame | None) -> pd.DataFrame:
    """Return the table with `estimate, low, high` of the audit row of the same name.

    Examples
    --------
    >>> audit = pd.DataFrame(
    ...     {"grievance": ["price"], "estimate": [9.0], "low": [7.0], "high": [12.0]}
    ... )
    >>> join_estimates(pd.DataFrame({"grievance": ["all", "price"]}), "grievance", audit)
      grievance  estimate   low  high
    0       all      <NA>  <NA>  <NA>
    1     price       9.0   7.0  12.0
    """
    rows = {} if audit is None else audit.set_index("grievance")[_ESTIMATES].to_dict("index")
    for column in _ESTIMATES:
        values = [rows.get(name, {}).get(column) for name in table[key]]
        table[column] = pd.array(values, dtype="Float64")
    return table
