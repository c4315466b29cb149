"""Numbers and sentences that carry the id of their evidence: table, row, column."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from markupsafe import Markup

from analysis.reporting.numbers import change_text, count_text, is_missing, share_text
from analysis.reporting.words import Words

# The columns that name a row of each table, as used in evidence ids.
KEYS: dict[str, tuple[str, ...]] = {
    "funnel": ("step",), "counts": ("grievance",), "daily": ("date", "grievance"),
    "weekly": ("date", "grievance"), "monthly": ("date", "grievance"),
    "coverage_periods": ("date",),
    "trends": ("grievance",), "sub_grievances": ("grievance", "sub_grievance"),
    "platforms": ("platform",), "channels": ("channel",), "claims": ("claim_id",),
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
    if kind == "label":
        return words.label(str(value).lower() if isinstance(value, bool) else str(value))
    return str(value)


WRITERS: dict[str, Callable[[float], str]] = {
    "count": count_text,
    "share": lambda number: share_text(number, 2 if number < 0.1 else 1),
    "percent": lambda number: share_text(number, 2),
    "change": change_text,
    "p": lambda number: "<0.001" if number < 0.001 else f"{number:.3f}",
    "decimal": lambda number: f"{number:.2f}",
    "number": lambda number: f"{number:,.0f}" if abs(number) >= 10 else f"{number:.4g}",
}


def join_ends(ends: Mapping[str, Markup], kind: str, words: Words) -> Markup:
    """Join the ends of an interval; signed ones by a word, since a dash would read as a minus."""
    return words.markup("list.signed_range" if kind == "change" else "list.range", **ends)
