"""A table without a collector of its own, mapped by the dictionary of column names."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.corpus.readers.column_names import match_columns
from analysis.corpus.readers.plan import Head, Plan
from analysis.corpus.readers.values.numbers import is_missing
from analysis.corpus.readers.values.times import find_order, parse_time
from analysis.errors import CaodianError

FLAGS = {
    "text": "--text-column",
    "published_at": "--time-column",
    "title": "--title-column",
    "post_id": "--id-column",
    "rating": "--rating-column",
    "author": "--author-column",
    "region": "--region-column",
    "keyword": "--keyword-column",
    "channel": "--channel-column",
}
_SHORTEST_DATE = 8  # 2020-6-1
_LONGEST_NAME = 24
_MOST_SHOWN = 20
REQUIRED = ("text", "published_at")
TIME_LIKE = (
    "the time has no year",
    "day and month cannot be told apart",
    "no such date or time",
)


def guess_columns(head: Head) -> dict[str, list[str]]:
    """Return for each canonical column the columns of its best rank that the sample supports.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> head = Head(PurePath("a.csv"), "csv", None, ("comment", "content", "time"),
    ...             (("12", "太慢了", "2020-06-12"),))
    >>> guess_columns(head)
    {'text': ['content'], 'published_at': ['time']}
    """
    guesses: dict[str, list[str]] = {}
    taken: set[str] = set()
    for canonical, ranks in match_columns(head.header).items():
        free = [[name for name in names if name not in taken] for names in ranks]
        named = [names for names in free if names]
        backed = [[name for name in names if supports(head, name, canonical)] for names in named]
        dated = [[name for name in names if holds_days(head, name)] for names in backed]
        better = dated if canonical == "published_at" else []
        # The name decides where no sample backs any column, so that the reason can be told. Of a
        # date and a clock time beside it the date is the time of publication.
        chosen = next((names for names in (*better, *backed) if names), named[0] if named else [])
        if chosen:
            guesses[canonical] = chosen
            taken.update(chosen)
    return guesses


def supports(head: Head, name: str, canonical: str) -> bool:
    """Tell whether the sample cells of a column can be what the canonical column asks for."""
    cells = [cell.strip() for cell in head.column(name) if not is_missing(cell)]
    if not cells:
        return not head.rows
    if canonical == "text":
        return sum(cell.replace(".", "").isdigit() for cell in cells) <= len(cells) / 2
    if canonical == "published_at":
        return any(_is_time(cell) for cell in cells)
    return True


def holds_days(head: Head, name: str) -> bool:
    """Tell whether a day can be read from any sampled cell of a column.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> head = Head(PurePath("a.csv"), "csv", None, ("date", "time"), (("2020-06-12", "08:03"),))
    >>> holds_days(head, "date"), holds_days(head, "time")
    (True, False)
    """
    cells = [cell for cell in head.column(name) if not is_missing(cell)]
    order = find_order(cells)
    return any(parse_time(cell, order=order)[0] is not None for cell in cells)


def _is_time(cell: str) -> bool:
    moment, reason = parse_time(cell)
    return moment is not None or reason in TIME_LIKE


def _is_no_name(cell: str) -> bool:
    """Tell whether a header cell is what records hold: a time, a number, a sentence."""
    is_time = len(cell) >= _SHORTEST_DATE and _is_time(cell)
    is_sentence = len(cell) > _LONGEST_NAME and not cell.isascii()
    return is_time or is_sentence or cell.replace(".", "").isdigit()


def recognise(head: Head) -> Plan | None:
    """Return a plan when the dictionary finds one text, or only a title, and one time."""
    guesses = guess_columns(head)
    if "text" not in guesses and head.container != "sql":
        guesses["text"] = guesses.pop("title", [])
    if any(len(guesses.get(canonical, ())) != 1 for canonical in REQUIRED):
        return None
    columns = {canonical: (names[0],) for canonical, names in guesses.items()}
    kind, channel = guess_kind(head, columns)
    return Plan(
        source="table",
        source_format="table",
        era="columns by name",
        header=head.header,
        columns=columns,
        kind=kind,
        channel=channel,
        local_ids=True,
        guessed=frozenset(columns) - set(REQUIRED),
    )


def guess_kind(head: Head, columns: Mapping[str, object]) -> tuple[str, str]:
    """Return kind and channel: complaints name themselves, and reviews have a rating."""
    if any("投诉" in name or "complaint" in name.lower() for name in head.header):
        return "complaint", "complaint"
    return ("review", "review") if "rating" in columns else ("post", "other")


def missing_columns(head: Head) -> CaodianError:
    """Return the question to ask when text or time are not found, or found twice."""
    guesses = guess_columns(head)
    asked = []
    for canonical, word in (("text", "text"), ("published_at", "time of publication")):
        names = guesses.get(canonical, [])
        if len(names) > 1:
            asked.append(
                f"which of {', '.join(names)} is the {word}? say it with {FLAGS[canonical]}"
            )
        elif not names:
            asked.append(f"no column looks like the {word}: name it with {FLAGS[canonical]}")
    is_row = head.container in ("csv", "xlsx", "html")
    is_record = is_row and any(map(_is_no_name, head.header))
    if is_record:
        asked = [
            "the first row seems to be a record: put a row with the names of its columns above"
        ]
    listed = [name[:40] for name in head.header[:_MOST_SHOWN]]
    more = " …" if len(head.header) > _MOST_SHOWN else ""
    shown = "columns: " + ", ".join(listed) + more
    spare = (
        ""
        if is_record or guesses.get("published_at")
        else " (`--time-column none` where there are no times)"
    )
    return CaodianError(
        "a table must have one text column and one time column that are known by name",
        value=f"a first row of {len(head.header)} cells without names" if is_record else shown,
        where=str(head.path) + (f", sheet or table {head.table}" if head.table else ""),
        remedy="; ".join(asked).capitalize() + spare + ".",
    )
