"""Quantities of a run: read from its tables, as corrected estimates where there are any.

One rule for text, table, figure and alternative text (`printed_as`): without an audit the coder's
own count; with one the estimate, or its interval alone where that is wide, or "fewer than" its
upper end where the audit saw hardly any.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from math import exp, hypot, log, sqrt
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from analysis.errors import CaodianError
from analysis.frames import AnyFrame, as_polars
from analysis.minimum import FEWEST_ITEMS
from analysis.numbers import Printed, count_text, fewer_text, is_missing, range_text, share_text
from analysis.storage.write import guard_formulas
from analysis.words import Words

# The small tables of a run, ``build/<study>/tables/*.csv``, read back as pandas.

TABLES = (
    "funnel", "counts", "daily", "weekly", "monthly", "trends", "sub_grievances", "platforms",
    "channels", "ratings", "claims", "coverage", "coverage_hours", "coverage_periods", "clusters",
    "emerging", "watchlist", "reconciliation", "audit", "specifications", "breaks",
    "platform_sub_grievances", "cluster_days", "cluster_codes", "distinguishing_terms",
    "campaigns", "notes", "count_errors", "shared_errors", "sentiment_cutoffs", "sentiment_days",
    "event_days", "planted", "explore",
)  # fmt: skip
# Words that pandas would take for missing values are data here, so only empty cells are missing.
_TEXT = {"date": str, "grievance": str, "sub_grievance": str, "platform": str, "claim_id": str,
         "stars": str, "keyword": str, "threshold": str, "first": str, "second": str,
         "term": str, "grievances": str, "sub_grievances": str, "platforms": str,
         "channel": str, "sentiment": str, "label": str, "campaign": str,
         "counted": str}  # fmt: skip


def load_tables(build_dir: str | Path) -> dict[str, pd.DataFrame]:
    """Read every table of a run.

    Parameters
    ----------
    build_dir
        The folder of one study, for example ``build/618-2020``.

    Returns
    -------
    dict[str, pd.DataFrame]
        Table by name; a table that the run did not write is absent.

    Raises
    ------
    CaodianError
        When the folder holds no tables.

    Examples
    --------
    >>> load_tables("no/such/build")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a run must have written its tables: ...
    """
    folder = Path(build_dir) / "tables"
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise CaodianError(
            "a run must have written its tables",
            value=folder.as_posix(),
            remedy="Run caodian report first, or name its build folder.",
        )
    for path in paths:
        if not path.is_file():  # who opens a pipe waits for ever
            raise CaodianError(
                "a table of a run must be a file",
                value=path.as_posix(),
                where="a folder, a pipe, a socket or a device",
                remedy="Remove it, or make the report again.",
            )
    return {path.stem: read_rows(path) for path in paths}


def read_rows(path: Path | StringIO) -> pd.DataFrame:
    """Read one table of a run, or of a figure of it, as it was written.

    Examples
    --------
    >>> read_rows(StringIO(pd.DataFrame({"platform": ["NA"]}).to_csv(index=False))).values.tolist()
    [['NA']]
    """
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=_TEXT)


def parse_table(table: AnyFrame) -> pd.DataFrame:
    """Give a table as it is read back from the file that a run writes of it.

    Examples
    --------
    >>> parse_table(pd.DataFrame({"grievance": ["NA"], "items": [2.0]})).values.tolist()
    [['NA', 2.0]]
    """
    return read_rows(StringIO(guard_formulas(as_polars(table)).write_csv()))


def table_or_empty(tables: dict[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """Give a table, or an empty one when the run has none.

    Examples
    --------
    >>> table_or_empty({}, "counts").empty
    True
    """
    return tables.get(name, pd.DataFrame())


def row_of(table: pd.DataFrame, column: str, value: str) -> pd.Series | None:
    """Find the one row with a value, or None.

    Examples
    --------
    >>> row_of(pd.DataFrame({"grievance": ["all"], "items": [3]}), "grievance", "all")["items"]
    np.int64(3)
    """
    if column not in table:
        return None
    keys = enumerate(table[column].tolist())  # a table is short, and asked for a few rows
    place = next((n for n, key in keys if str(key) == value and not pd.isna(key)), None)
    return None if place is None else table.iloc[place]


def qualified_sub(grievance: str, sub: str) -> str:
    """Write a sub-grievance with its code before it, whichever way the table has it.

    Examples
    --------
    >>> qualified_sub("price", "price_surge"), qualified_sub("price", "price.price_surge")
    ('price.price_surge', 'price.price_surge')
    """
    return sub if sub.startswith(f"{grievance}.") else f"{grievance}.{sub}"


# Look a quantity up in the tables of a run: a code, a platform, or a sum of them.


# Fixed before any verdict: an interval whose ends differ by more than half tells a claim that is
# wrong by half again from a true one in no direction.
_WIDEST_RATIO = 1.5
WIDEST_PRINTED = 0.6  # half of an interval over its estimate
FEWEST_CARRIERS = 5  # audited posts that carry a code
# What a number could have been before it was measured: anything over a tenfold range.
_RANGE = 10.0
# Without an interval: how far the coder's own count may be off, beside chance.
_COUNT_ERROR = 0.10


@dataclass(frozen=True)
class Quantity:
    """A count or share with its interval; without an audit the interval is missing."""

    value: float
    low: float | None = None
    high: float | None = None
    # the ends are what is possible or told, and no error about the value
    is_bound: bool = field(default=False, repr=False, kw_only=True)

    @property
    def has_interval(self) -> bool:
        """Whether both ends are known."""
        return self.low is not None and self.high is not None

    def over(self, divisor: float) -> "Quantity":
        """Divide by a known number."""
        ends = [None if end is None else end / divisor for end in (self.low, self.high)]
        return Quantity(self.value / divisor, *ends, is_bound=self.is_bound)

    def share_of(self, whole: "Quantity") -> "Quantity":
        """Divide by a whole; where it has an interval too, the ends take both errors in.

        The distances of the ends are combined on the log scale as those of two independent errors
        (Zou and Donner 2008). A part's error is one of the whole's as well and moves both the same
        way, so that the share is covered more often than that. A bound may be reached, and so the
        worse ends of bounds are divided; so are those of a rare code, which is told by its end. A
        whole that may be nought leaves the share without an upper end, and so untested.
        """
        if self.low is None or self.high is None or whole.low is None or whole.high is None:
            return self.over(whole.value)
        share = self.value / whole.value
        is_bound = self.is_bound or whole.is_bound
        if is_bound or self.value <= 0:
            high = self.high / whole.low if whole.low > 0 else None
            return Quantity(share, self.low / whole.high, high, is_bound=is_bound)
        low, high = 0.0, None
        if self.low > 0:
            low = share * exp(-hypot(log(self.value / self.low), log(whole.high / whole.value)))
        if whole.low > 0:
            high = share * exp(hypot(log(self.high / self.value), log(whole.value / whole.low)))
        return Quantity(share, low, high)

    def within_the_whole(self) -> "Quantity":
        """Bound a share by one: overlapping parts and worst ends may add up to more."""
        low, high = (None if end is None else min(1.0, end) for end in (self.low, self.high))
        return Quantity(min(1.0, self.value), low, high, is_bound=self.is_bound)

    def share_of_counts(self, whole: "Quantity") -> "Quantity":
        """Divide a count by its whole, both without interval: chance, and 10 % for the coder."""
        share = min(1.0, self.value / whole.value)
        reach = _COUNT_ERROR * share + 1.96 * sqrt(share * (1 - share) / whole.value)
        return Quantity(share, max(0.0, share - reach), min(1.0, share + reach))

    @property
    def is_precise(self) -> bool:
        """Whether the interval is narrow enough to bear out a number: high at most 1.5 × low."""
        return bool(self.low and self.high is not None and self.high <= _WIDEST_RATIO * self.low)

    @property
    def is_informative(self) -> bool:
        """Whether an estimate says more than its interval: half its width at most 60 % of it."""
        if self.low is None or self.high is None:
            return False
        return self.high - self.low <= 2 * WIDEST_PRINTED * self.value

    @property
    def chance(self) -> float | None:
        """How often so wide an interval, at random over a tenfold range, would hold a number."""
        if self.low is None or self.high is None:
            return None
        return 1.0 if self.low <= 0 else min(1.0, log(self.high / self.low) / log(_RANGE))

    def with_ends(self) -> "Quantity":
        """Give a count without interval one: chance, and 10 % for a coder that nobody checked."""
        if self.has_interval:
            return self
        reach = _COUNT_ERROR * self.value + 1.96 * sqrt(max(self.value, 0.0))
        return Quantity(self.value, max(0.0, self.value - reach), self.value + reach)

    def is_above(self, other: "Quantity") -> bool:
        """Say whether the whole interval lies above another's."""
        return self.low is not None and other.high is not None and self.low > other.high

    def covers(self, target: float) -> bool:
        """Say whether the interval holds a value."""
        return self.low is not None and self.high is not None and self.low <= target <= self.high


def find_quantity(name: str, tables: dict[str, pd.DataFrame]) -> Quantity | None:
    """Find the estimate of a code, a platform, or a sum such as ``a+b``.

    Parameters
    ----------
    name
        ``all``, ``negative``, a code, a sub-grievance (``price.price_surge``), a canonical platform
        name, or several of them joined by ``+``.

    Returns
    -------
    Quantity or None
        None when the tables do not have it. A platform without a corrected estimate enters a sum
        with 0 and the posts that name it.

    Examples
    --------
    >>> counts = pd.DataFrame({"grievance": ["all", "price"], "items": [9, 4]})
    >>> find_quantity("all+price", {"counts": counts})
    Quantity(value=13.0, low=None, high=None)
    """
    names = [part.strip() for part in name.split("+")]
    parts = [_measure_one(part, tables, is_part=len(names) > 1) for part in names]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    return add(known)


def add(parts: Sequence[Quantity]) -> Quantity:
    """Add quantities that an audit estimated from one sample.

    Indicators of parts that hardly overlap are independent at most, so that distances of the ends
    combine as a root of squares (MOVER, Zou and Donner 2008); those of bounds add up.

    Examples
    --------
    >>> add([Quantity(10.0, 7.0, 13.0), Quantity(20.0, 16.0, 24.0)])
    Quantity(value=30.0, low=25.0, high=35.0)
    """
    value = sum(part.value for part in parts)
    if not all(part.has_interval for part in parts):
        return Quantity(value)
    below, above = ([abs(part.value - (part.low or 0.0)) for part in parts],
                    [abs((part.high or 0.0) - part.value) for part in parts])  # fmt: skip
    is_bound = [part.is_bound for part in parts]
    reaches = [
        hypot(*(reach for reach, bound in zip(side, is_bound, strict=True) if not bound))
        + sum(reach for reach, bound in zip(side, is_bound, strict=True) if bound)
        for side in (below, above)
    ]
    low, high = max(0.0, value - reaches[0]), value + reaches[1]
    return Quantity(value, low, high, is_bound=any(is_bound))


def _measure_one(name: str, tables: dict[str, pd.DataFrame], *, is_part: bool) -> Quantity | None:
    for table, column in (
        ("counts", "grievance"), ("platforms", "platform"), ("sub_grievances", "sub_grievance"),
    ):  # fmt: skip
        row = row_of(table_or_empty(tables, table), column, name)
        if row is not None:
            found = quantity_of(row)
            if found is None or is_part:
                return None if found is None else _bounded(found, row)
            # What is told by its upper end alone is a bound in its share as well: one number.
            return replace(found, is_bound=printed_as(row) == "fewer")
    return None


def _bounded(found: Quantity, row: pd.Series) -> Quantity:
    """Bound a platform too small for the audit by 0 and by all posts that name it."""
    if found.has_interval or is_missing(row.get("named")):
        return found
    return Quantity(found.value, 0.0, float(row["named"]), is_bound=True)


def quantity_of(row: pd.Series) -> Quantity | None:
    """Give the estimate of a row with its interval, or its count; None where neither is known.

    Examples
    --------
    >>> quantity_of(pd.Series({"items": 3, "estimate": 4.0, "low": 1.0, "high": 9.0}))
    Quantity(value=4.0, low=1.0, high=9.0)
    """
    estimate = row.get("estimate")
    value = row.get("items") if is_missing(estimate) else estimate
    if value is None or is_missing(value):
        return None
    if is_missing(row.get("low")) or is_missing(row.get("high")):
        return Quantity(float(value))
    return Quantity(float(value), float(row["low"]), float(row["high"]))


Row = pd.Series | Mapping[str, Any]


def total_posts(tables: Mapping[str, pd.DataFrame]) -> float:
    """Give the number of all posts of a run; 0 when it is not known.

    Examples
    --------
    >>> total_posts({"counts": pd.DataFrame({"grievance": ["all"], "items": [300]})})
    300.0
    """
    row = row_of(table_or_empty(dict(tables), "counts"), "grievance", "all")
    return 0.0 if row is None or is_missing(row["items"]) else float(row["items"])


def is_corrected(row: Row) -> bool:
    """Say whether a row has a corrected estimate with its interval.

    Examples
    --------
    >>> is_corrected({"items": 3, "estimate": 4.0, "low": 1.0, "high": 9.0})
    True
    >>> is_corrected({"items": 3})
    False
    """
    return not any(is_missing(row.get(name)) for name in ("estimate", "low", "high"))


Form = Literal["items", "estimate", "interval", "fewer"]


def printed_as(row: Row) -> Form:
    """Decide what is printed of a row of counts, in text, table and figure alike.

    Parameters
    ----------
    row
        ``items``, and where there was an audit ``estimate, low, high`` and ``carriers``, the
        audited posts that carry it; without that column the width alone decides.

    Returns
    -------
    Form
        ``items``: no audit. ``fewer``: fewer than five audited posts carry it. ``estimate``, with
        the interval beside it: half of its width is at most 60 % of it. Else ``interval``.

    Examples
    --------
    >>> audited = {"items": 9, "estimate": 10.0, "low": 5.0, "high": 16.0}
    >>> printed_as(audited), printed_as({**audited, "high": 20.0})
    ('estimate', 'interval')
    >>> printed_as({**audited, "carriers": 4}), printed_as({"items": 9})
    ('fewer', 'items')
    """
    if not is_corrected(row):
        return "items"
    carriers = row.get("carriers")
    if not is_missing(carriers) and float(carriers) < FEWEST_CARRIERS:  # type: ignore[arg-type]
        return "fewer"
    found = Quantity(float(row["estimate"]), float(row["low"]), float(row["high"]))
    return "estimate" if found.is_informative else "interval"


def is_told(row: Row) -> bool:
    """Say whether a code is large enough for a section and a figure of its own.

    Examples
    --------
    >>> is_told({"items": 12}), is_told({"items": 12, "estimate": 41.0})
    (False, True)
    """
    known = [row.get(name) for name in ("items", "estimate")]
    return any(float(value) >= FEWEST_ITEMS for value in known if not is_missing(value))  # type: ignore[arg-type]


def is_told_code(code: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Say the same of a row of the counts table; where there is none, nothing speaks against it."""
    row = row_of(table_or_empty(dict(tables), "counts"), "grievance", code)
    return row is None or is_told(row)


def best_values(rows: pd.DataFrame) -> pd.Series:
    """Take the corrected estimate of each row, or its count where there is none.

    Examples
    --------
    >>> best_values(pd.DataFrame({"items": [3, 5], "estimate": [None, 4.0]})).tolist()
    [3.0, 4.0]
    """
    items = rows["items"].astype(float)
    return rows["estimate"].astype(float).fillna(items) if "estimate" in rows else items


def write_as(
    form: Form, language: str, number: Callable[[str], Printed], *, of_shares: bool = False
) -> Printed:
    """Write a quantity in the form that was decided; ``number`` writes one of its columns.

    Examples
    --------
    >>> row = {"items": 268, "estimate": 408.8, "low": 246.1, "high": 741.9}
    >>> for form in ("estimate", "interval", "fewer"):
    ...     print(write_as(form, "en", lambda column: count_text(row[column])))
    409
    246 to 742
    fewer than 742
    """
    if form == "fewer":
        return fewer_text(number("high"), language, of_shares=of_shares)
    if form == "interval":
        return range_text(number("low"), number("high"), language)
    return number(form)


def spell_best(row: Row, words: Words) -> tuple[str, str]:
    """Write as plain text what stands for a row, and the interval that stands beside an estimate.

    Examples
    --------
    >>> from analysis.words import load_words
    >>> row = {"items": 3, "estimate": 4.2, "low": 1.0, "high": 9.0}
    >>> spell_best(row, load_words("en")), spell_best({"items": 3}, load_words("en"))
    (('1 to 9', ''), ('3', ''))
    """

    def number(column: str) -> str:
        return count_text(row[column])

    form = printed_as(row)
    best = write_as(form, words.language, number)
    if form != "estimate":
        return best, ""
    return best, range_text(number("low"), number("high"), words.language)


def spell_share(share: Quantity, words: Words, form: Form) -> str:
    """Write a share in the form of its count.

    Examples
    --------
    >>> from analysis.words import load_words
    >>> spell_share(Quantity(0.032, 0.018, 0.0626), load_words("en"), "fewer")
    'less than 6.26%'
    """
    if not share.has_interval or form in ("items", "estimate"):
        return share_text(share.value)
    ends = {"low": share.low, "high": share.high}
    return write_as(form, words.language, lambda end: share_text(ends[end]), of_shares=True)


# What the tables of a run say of one thing.

REMEDY = "Do not use this report; make it again with caodian report."


_READ = ("records_read", "kept", "repeats")
# Why a step left posts out; of the window there are two reasons.
FUNNEL_REASONS = {
    "read": "records rejected, each with its reason in rejects.csv",
    "repeats": "the same post again: another keyword, another run, overlapping exports, "
    "one review below several goods",
    "window": "published outside the window, or without a day",
    "no_window": "no days, so no window: all are counted",
    "consumer_voice": "media, official, marketing or merchant voice",
    "negative": "no grievance of a consumer is voiced",
    "coded": "a negative item that no code of the codebook covers",
}


_SHARED = ("channels", "ratings", "platforms")
_EXACT = 1e-9
