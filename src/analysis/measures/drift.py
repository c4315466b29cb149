"""Drift of the coder over the window, as the audit measured it, against a trend.

A coder that finds 20 % more late than early makes a trend out of nothing. The audit gives, per
grievance, an interval for that change; a trend stands only if it remains when the drift is taken
out, with the uncertainty of both.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import CaodianError
from analysis.measures.trend_rule import TrendFit

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


def could_drift_explain(fit: TrendFit, verdict: str, interval: Interval) -> bool:
    """Tell whether the coder's drift could make the trend, or hide one behind a flat series.

    For growth and decline: with the drift taken out on the log scale, variances added, the 95 %
    interval of the change no longer excludes zero on the trend's side. For flat: the drift interval
    excludes zero.

    Parameters
    ----------
    fit
        The fit that decides.
    verdict
        What it decided without drift.
    interval
        The drift interval of the grievance.

    Returns
    -------
    bool
        True when the verdict has to be withdrawn.

    Examples
    --------
    >>> fit = TrendFit(slope=0.02, margin=0.005, p=0.0001, span=19, phi=0.2)
    >>> [could_drift_explain(fit, "growth", drift) for drift in ((-0.2, 0.6), (-0.1, 0.1))]
    [True, False]
    """
    low, high = np.log1p(interval[0]), np.log1p(interval[1])
    if verdict == "flat":
        return bool(low > 0 or high < 0)
    if verdict not in ("growth", "decline"):
        return False
    change = fit.span * fit.slope - (low + high) / 2
    margin = np.hypot(fit.span * fit.margin, (high - low) / 2)
    return bool(change - margin <= 0 if verdict == "growth" else change + margin >= 0)
