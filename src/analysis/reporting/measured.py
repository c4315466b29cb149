"""Look a quantity up in the tables of a run: a code, a platform, or a sum of them."""

from dataclasses import dataclass

import pandas as pd

from analysis.numbers import is_missing
from analysis.reporting.tables import row_of, table_or_empty


@dataclass(frozen=True)
class Measured:
    """A count or share with its interval; without an audit the interval is missing."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def has_interval(self) -> bool:
        """Whether both ends are known."""
        return self.low is not None and self.high is not None

    def over(self, divisor: float) -> "Measured":
        """Divide by a known number.

        Examples
        --------
        >>> Measured(100.0, 90.0, 110.0).over(20)
        Measured(value=5.0, low=4.5, high=5.5)
        """
        ends = [None if end is None else end / divisor for end in (self.low, self.high)]
        return Measured(self.value / divisor, *ends)

    def share_of(self, whole: "Measured") -> "Measured":
        """Divide by a whole; where it has an interval too, the ends take the worse end of each.

        Examples
        --------
        >>> Measured(10.0, 8.0, 12.0).share_of(Measured(100.0, 80.0, 120.0))
        Measured(value=0.1, low=0.06666666666666667, high=0.15)
        """
        if self.low is None or self.high is None or not whole.low or whole.high is None:
            return self.over(whole.value)
        return Measured(self.value / whole.value, self.low / whole.high, self.high / whole.low)

    def covers(self, target: float) -> bool:
        """Say whether the interval holds a value.

        Examples
        --------
        >>> Measured(5.0, 4.0, 6.0).covers(6.0), Measured(5.0).covers(5.0)
        (True, False)
        """
        return self.low is not None and self.high is not None and self.low <= target <= self.high


def measure(name: str, tables: dict[str, pd.DataFrame]) -> Measured | None:
    """Find the estimate of a code, a platform, or a sum such as ``a+b``.

    Parameters
    ----------
    name
        ``all``, ``negative``, a code, a sub-grievance (``price.price_surge``), a canonical platform
        name, or several of them joined by ``+``.
    tables
        The run's tables.

    Returns
    -------
    Measured or None
        None when the tables do not have it. The ends of a sum are the sums of the ends, which is
        wider than need be and therefore safe; a platform without a corrected estimate enters a sum
        with 0 and the posts that name it.

    Examples
    --------
    >>> counts = pd.DataFrame({"grievance": ["all", "price"], "items": [9, 4]})
    >>> measure("all+price", {"counts": counts})
    Measured(value=13.0, low=None, high=None)
    """
    names = [part.strip() for part in name.split("+")]
    parts = [_measure_one(part, tables, is_part=len(names) > 1) for part in names]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    low, high = ([getattr(part, end) for part in known] for end in ("low", "high"))
    if any(end is None for end in [*low, *high]):
        return Measured(sum(part.value for part in known))
    return Measured(sum(part.value for part in known), sum(low), sum(high))


def _measure_one(name: str, tables: dict[str, pd.DataFrame], *, is_part: bool) -> Measured | None:
    for table, column in (
        ("counts", "grievance"), ("platforms", "platform"), ("sub_grievances", "sub_grievance"),
    ):  # fmt: skip
        row = row_of(table_or_empty(tables, table), column, name)
        if row is not None:
            found = _from_row(row)
            return _bounded(found, row) if is_part and found is not None else found
    return None


def _bounded(found: Measured, row: pd.Series) -> Measured:
    """Bound a platform too small for the audit by 0 and by all posts that name it."""
    if found.has_interval or is_missing(row.get("named")):
        return found
    return Measured(found.value, 0.0, float(row["named"]))


def _from_row(row: pd.Series) -> Measured | None:
    estimate = row.get("estimate")
    value = row["items"] if is_missing(estimate) else estimate
    if value is None or is_missing(value):
        return None
    if is_missing(row.get("low")) or is_missing(row.get("high")):
        return Measured(float(value))
    return Measured(float(value), float(row["low"]), float(row["high"]))
