"""Does the coder drift? Its error in the first half of the window against the second.

A coder that finds more late than early makes a trend out of nothing; `measures.trend` takes this
table in. The factor between the machine's count and the corrected one is estimated in each half;
the change between the halves' middles, half a window apart, is carried to the whole window. A
thousand posts tell that of a rare code to a factor of ten; but codes share one coder, so all are
estimated together: each leans on the common drift as far as its own posts say little
(`pool_drifts`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl
from scipy.special import ndtr

from analysis.audit.correction import merge_thin, spread_machine

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
        for target, side in spread_machine(sample).group_by("target", maintain_order=True):
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
