"""Does the coder drift? Its error in the first half of the window against the second.

A coder that finds more late than early makes a trend out of nothing; `measures.trend` takes this
table in. The factor between the machine's count and the corrected one is estimated in each half;
the change between the halves' middles, half a window apart, is carried to the whole window.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.bands import merge_thin
from analysis.audit.correction import coded_column, spread_machine
from analysis.audit.intervals import UPPER, weigh_bands

COLUMNS = ["grievance", "change", "low", "high", "p"]
DRAWS = 10_000
SEED = 20_200_620


def measure_drift(sample: pl.DataFrame, coding: pd.DataFrame, *, seed: int = SEED) -> pd.DataFrame:
    """Estimate how much of a change over the window the coder's drift alone would make.

    Parameters
    ----------
    sample
        The sample of `draw_sample`.
    coding
        Final codes by post.
    seed
        Seed of the draws.

    Returns
    -------
    pd.DataFrame
        grievance, change, low, high (fractions over the window: 0.1 is 10 % more found late than
        early), p (two-sided, of no drift). A target without items in a half has no row.

    Examples
    --------
    >>> measure_drift(pl.DataFrame(schema=_SAMPLE), pd.DataFrame()).columns.tolist()
    ['grievance', 'change', 'low', 'high', 'p']
    """
    rows = []
    if sample.height:
        for target, side in spread_machine(sample).group_by("target", maintain_order=True):
            name = str(target[0])
            if coded_column(name) in coding:
                y = coding.set_index("post_id")[coded_column(name)].astype(float)
                codes = y.loc[side["post_id"].to_list()].to_numpy()
                rows.append(_drift_of(name, side, codes, np.random.default_rng(seed)))
    return pd.DataFrame([row for row in rows if row], columns=COLUMNS)


_SAMPLE = {"post_id": pl.String, "machine": pl.List(pl.Struct({"target": pl.String}))}


def _drift_of(
    name: str, side: pl.DataFrame, y: np.ndarray, generator: np.random.Generator
) -> list[object] | None:
    halves = [_log_factor(side, y, half, generator) for half in (0, 1)]
    early, late = halves
    if early is None or late is None:
        return None
    change = 2 * (late - early)  # the halves' middles are half a window apart
    low, high = np.expm1(np.quantile(change, [0.025, 0.975]))
    below = float((change < 0).mean())
    p = min(1.0, 2 * min(below, 1 - below) + 1 / DRAWS)
    return [name, *(round(float(x), 4) for x in (np.expm1(np.median(change)), low, high)), p]


def _log_factor(
    side: pl.DataFrame, y: np.ndarray, half: int, generator: np.random.Generator
) -> np.ndarray | None:
    """Draw log(machine's count / corrected count) of one half."""
    inside = (side["half"] == half).to_numpy()
    rows = side.filter(pl.Series(inside))
    if rows.is_empty() or rows["half_items"][0] == 0:
        return None
    band = rows["band"].to_numpy().astype(np.int64)
    size = int(band.max()) + 1
    posts = np.zeros(size)
    posts[band] = rows["half_posts"].to_numpy()
    merged = merge_thin(np.bincount(band, minlength=size))
    weight = 1 / rows["inclusion_probability"].to_numpy()
    sizes = np.bincount(merged, weights=posts, minlength=size)
    bands = weigh_bands(sizes, np.zeros(size), merged[band], weight, y[inside])
    positives = bands.share * bands.effective
    negatives = bands.effective - positives
    shape = (len(positives), DRAWS)
    shares = generator.beta(
        positives[:, None] + UPPER[0], negatives[:, None] + UPPER[1], size=shape
    )
    return np.asarray(np.log(float(rows["half_items"][0])) - np.log(bands.posts @ shares))
