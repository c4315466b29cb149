"""Counts corrected for the coder's error, with intervals.

`estimate_counts` is the estimate of the report: own-score bands with Beta intervals (`intervals`).
What the interval covers is the coder's error, not the selection of posts, and it takes the
adjudicated codes for the truth.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl

from analysis.audit.intervals import AuditedBands, beta_interval, weigh_bands

COLUMNS = ["grievance", "items", "estimate", "low", "high", "audited"]
SEED = 20_200_618


def estimate_counts(
    sample: pl.DataFrame, coding: pd.DataFrame, *, seed: int = SEED
) -> pd.DataFrame:
    """Correct the machine's count of every target that the coders coded.

    Parameters
    ----------
    sample
        The sample of `draw_sample`: post_id, stratum, inclusion_probability, machine.
    coding
        What the coders agreed on: post_id, negative, one column a code (0, 1, or between where two
        coders differ and nobody adjudicated), sub-grievances where they were coded.
    seed
        Seed of the Monte Carlo draws.

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
    rows = []
    for target, side in hidden.group_by("target", maintain_order=True):
        name = str(target[0])
        column = coded_column(name)
        if column not in coding:
            continue
        codes = coding.set_index("post_id")[column].astype(float)
        y = codes.loc[side["post_id"].to_list()].to_numpy()
        rows.append(_correct_one(name, side, y, seed))
    return pd.DataFrame(rows, columns=COLUMNS)


def spread_machine(sample: pl.DataFrame) -> pl.DataFrame:
    """Return one row per drawn post and target, targets in their order."""
    kept = ["post_id", "stratum", "inclusion_probability", "machine"]
    rows = sample.select(kept).sort("post_id").explode("machine").unnest("machine")
    order = rows["target"].unique(maintain_order=True)
    longest = sorted(order, key=lambda name: (name.startswith("platform:"), "." in name))
    return rows.sort(pl.col("target").cast(pl.Enum(longest)), "post_id")


def coded_column(target: str) -> str:
    """Return the column of the coding that decides a target."""
    return "negative" if target.startswith("platform:") else target


def bands_of(side: pl.DataFrame, y: np.ndarray) -> AuditedBands:
    """Return the audited bands of one target."""
    known = side.group_by("band").agg(pl.col("band_posts").first(), pl.col("band_score").first())
    size = int(side["band"].to_numpy().max()) + 1
    posts, expected = np.zeros(size), np.zeros(size)
    posts[known["band"].to_numpy()] = known["band_posts"].to_numpy()
    expected[known["band"].to_numpy()] = known["band_score"].to_numpy()
    weight = 1 / side["inclusion_probability"].to_numpy()
    return weigh_bands(posts, expected, side["band"].to_numpy().astype(np.int64), weight, y)


def _correct_one(target: str, side: pl.DataFrame, y: np.ndarray, seed: int) -> dict[str, object]:
    bands = bands_of(side, y)
    low, high = beta_interval(bands, np.random.default_rng(seed))
    seen, seen_not = float(y.sum()), float((1 - y).sum())
    posts = float(bands.posts.sum())
    estimate = bands.estimate
    return {
        "grievance": target,
        "items": int(side["items"][0]),
        "estimate": round(estimate, 1),
        "low": round(min(max(low, seen), estimate), 1),
        "high": round(max(min(high, posts - seen_not), estimate), 1),
        "audited": side.height,
    }
