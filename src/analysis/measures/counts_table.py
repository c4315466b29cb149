"""From counted groups to published tables: pandas rows, shares, estimates beside them."""

from __future__ import annotations

import pandas as pd
import polars as pl

ESTIMATES = ["estimate", "low", "high"]


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
    rows = {} if audit is None else audit.set_index("grievance")[ESTIMATES].to_dict("index")
    for column in ESTIMATES:
        values = [rows.get(name, {}).get(column) for name in table[key]]
        table[column] = pd.array(values, dtype="Float64")
    return table


def as_pandas(found: pl.DataFrame, name: str) -> pd.DataFrame:
    """Return the groups as a pandas table, the group's column named."""
    renamed = found.rename({"group": name})
    return pd.DataFrame(renamed.to_dict(as_series=False), columns=renamed.columns)


def divide(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return shares; a share of nothing is 0, so that empty tables stay readable."""
    return (part / whole.where(whole > 0)).fillna(0.0)
