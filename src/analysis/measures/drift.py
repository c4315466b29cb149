"""Drift of the coder over the window, as the audit measured it, against a trend.

A coder that finds 20 % more late than early makes a trend out of nothing. The audit gives, per
grievance, an interval for that change; a trend stands only if it remains when the drift is taken
out, with the uncertainty of both.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import CaodianError
from analysis.measures.trend_rule import TrendFit, tail_share

Interval = tuple[float, float]


def read_drift(drift: pd.DataFrame | None) -> dict[str, Interval]:
    """Check a drift table and give the interval of each grievance.

    Parameters
    ----------
    drift
        Columns `grievance, low, high`: 95 % interval of the change, over the window, that the
        coder's error alone makes in the counts, as fractions (0.1 = 10 % more late than early).

    Returns
    -------
    dict
        Interval by grievance; empty without a table. A row without an interval says nothing.

    Raises
    ------
    CaodianError
        A column is missing, an end is no number above −1, or the ends are the wrong way round.

    Examples
    --------
    >>> read_drift(pd.DataFrame({"grievance": ["price"], "low": [-0.1], "high": [0.2]}))
    {'price': (-0.1, 0.2)}
    """
    if drift is None:
        return {}
    if {"drift_low", "drift_high"} <= set(drift.columns):
        drift = drift.assign(low=drift["drift_low"], high=drift["drift_high"])
    missing = [name for name in ("grievance", "low", "high") if name not in drift.columns]
    if missing:
        raise CaodianError(
            "a drift table must have the columns grievance, low, high",
            value=f"missing: {', '.join(missing)}",
            remedy="Use the drift table of the audit.",
        )
    low = pd.to_numeric(drift["low"], errors="coerce")
    high = pd.to_numeric(drift["high"], errors="coerce")
    bad = (low <= -1) | (low > high)
    if bad.any():
        raise CaodianError(
            "a drift interval must run from low to high, both above -1",
            value=f"{low[bad].iloc[0]} to {high[bad].iloc[0]}",
            where=f"drift table, {drift['grievance'][bad].iloc[0]}",
        )
    known = low.notna() & high.notna()
    names = drift["grievance"].astype(str)
    return {
        name: (float(a), float(b))
        for name, a, b in zip(names[known], low[known], high[known], strict=True)
    }


def drift_p(fit: TrendFit, interval: Interval, seed: int) -> float:
    """Test the change that remains when the coder's drift is taken out, with both uncertainties.

    Parameters
    ----------
    fit
        The fit that decides, with its null slopes.
    interval
        The drift interval of the grievance.
    seed
        Of the draws of the drift's error.

    Returns
    -------
    float
        The larger of the rule's p-value and that of what remains; drift never makes a trend.

    Examples
    --------
    >>> null = np.linspace(-0.006, 0.006, 9999)
    >>> fit = TrendFit(0.02, 0.005, 0.0001, 19, null=null)
    >>> [drift_p(fit, drift, 618) < 0.05 for drift in ((-0.05, 0.05), (0.1, 0.6))]
    [True, False]
    """
    low, high = np.log1p(interval[0]), np.log1p(interval[1])
    error = (high - low) / (2 * 1.959964)
    noise = np.random.default_rng([seed, 1]).standard_normal(len(fit.null))
    remaining = fit.span * fit.slope - (low + high) / 2
    if remaining * fit.slope <= 0:
        return 1.0
    return max(fit.p, tail_share(fit.span * fit.null + error * noise, remaining))


def is_drift_shown(interval: Interval) -> bool:
    """Tell whether the audit shows a drift at all: then a flat series may hide a change.

    Examples
    --------
    >>> is_drift_shown((-0.1, 0.2)), is_drift_shown((0.05, 0.2))
    (False, True)
    """
    return interval[0] > 0 or interval[1] < 0
