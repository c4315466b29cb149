"""Numbers and sentences that carry the id of their evidence: table, row, column."""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from markupsafe import Markup

from analysis.numbers import (
    change_text,
    count_text,
    decimal_text,
    is_missing,
    mean_text,
    number_text,
    p_text,
    quoted_share_text,
    range_text,
    share_text,
)  # fmt: skip
from analysis.reporting.estimates import Row, write_best
from analysis.reporting.words import Words

# The columns that name a row of each table, as used in evidence ids.
KEYS: dict[str, tuple[str, ...]] = {
    "funnel": ("step",), "counts": ("grievance",), "daily": ("date", "grievance"),
    "weekly": ("date", "grievance"), "monthly": ("date", "grievance"),
    "coverage_periods": ("date",),
    "trends": ("grievance",), "sub_grievances": ("grievance", "sub_grievance"),
    "platforms": ("platform",), "channels": ("channel",), "ratings": ("stars",),
    "claims": ("claim_id",),
    "coverage": ("date",), "clusters": ("cluster",), "emerging": ("cluster",),
    "coverage_hours": ("keyword", "date", "hour"),
    "specifications": ("claim_id", "specification"), "breaks": ("grievance", "date", "break_kind"),
    "campaigns": ("campaign", "grievance"), "notes": ("about", "number"),
    "platform_sub_grievances": ("platform", "grievance", "sub_grievance"),
    "watchlist": ("platform",), "audit": ("grievance",), "reconciliation": ("source_file",),
}  # fmt: skip


def mark(
    table: str, key: Sequence[object], column: str, value: object, *, kind: str, words: Words
) -> Markup:
    """Write a value with ``data-evidence``: which table, row and column it comes from.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> mark("counts", ("price",), "items", 1650,
    ...      kind="count", words=load_words("en"))
    Markup('<data value="1650" data-evidence="counts/price/items">1,650</data>')
    """
    if is_missing(value):
        return Markup("–")
    return Markup('<data value="{}" data-evidence="{}">{}</data>').format(
        exact(value), evidence_id(table, key, column), write(value, kind, words)
    )


def evidence_id(table: str, key: Sequence[object], column: str) -> str:
    """Name a cell: table, key of the row and column, each made safe for an address.

    Examples
    --------
    >>> evidence_id("daily", ("2020-06-01", "price"), "items")
    'daily/2020-06-01/price/items'
    """
    return "/".join(quote(str(part), safe=",.+-_") for part in (table, *key, column))


def quoted(table: str, key: Sequence[object], column: str, text: str) -> Markup:
    """Write a sentence that stands in a table, with its evidence."""
    return Markup('<span data-evidence="{}">{}</span>').format(
        evidence_id(table, key, column), text
    )


def exact(value: object) -> str:
    """Write a value so that nothing is lost: whole numbers without point, floats round-trip.

    Examples
    --------
    >>> exact(1650.0), exact(0.25), exact("weibo")
    ('1650', '0.25', 'weibo')
    """
    if isinstance(value, bool | str):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else repr(number)


def write(value: object, kind: str, words: Words) -> str:
    """Write a value for readers by its kind.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> write(0.42, "change", load_words("zh")), write("weibo", "label", load_words("zh"))
    ('+42%', '微博')
    """
    if is_missing(value):
        return "–"
    if kind in WRITERS:
        return WRITERS[kind](float(value))  # type: ignore[arg-type]
    if kind == "step":
        return words.texts.get(f"step.{value}", str(value).replace("_", " "))
    if kind == "stars":
        return words(f"stars.{value}")
    if kind == "label":
        return words.label(str(value).lower() if isinstance(value, bool) else str(value))
    return str(value)


WRITERS: dict[str, Callable[[float], str]] = {
    "count": count_text,
    "mean": mean_text,
    "share": share_text,
    "quoted_share": quoted_share_text,
    "change": change_text,
    "p": p_text,
    "decimal": decimal_text,
    "number": number_text,
}


def marked_range(table: str, key: Sequence[object], row: Row, *, kind: str, words: Words) -> Markup:
    """Write the interval of a row, each end with its evidence; a dash where there is none."""
    if is_missing(row.get("low")) or is_missing(row.get("high")):
        return Markup("–")
    low, high = (mark(table, key, end, row[end], kind=kind, words=words) for end in ("low", "high"))
    return range_text(low, high, words.language)


def marked_best(table: str, key: Sequence[object], row: Row, posts: float, words: Words) -> Markup:
    """Write what stands for a row of counts, with its evidence.

    Examples
    --------
    >>> from analysis.reporting.words import load_words
    >>> row = {"items": 268, "estimate": 408.8, "low": 246.1, "high": 741.9}
    >>> marked_best("counts", ("price",), row, 64885, load_words("en")).striptags()
    'fewer than 742'
    """

    def number(column: str) -> Markup:
        return mark(table, key, column, row.get(column), kind="count", words=words)

    return Markup('<span data-estimate="{}">{}</span>').format(
        evidence_id(table, key, "best"), write_best(row, posts, words.language, number)
    )
