"""Put a row right whose text held unquoted delimiters, where only one reading is possible."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.corpus.readers.plan import Plan
from analysis.corpus.readers.values.times import parse_time


def realign(row: Sequence[str], plan: Plan) -> list[str] | None:
    """Return the row with the pieces of its text joined again.

    Two cases are certain enough: the text is the last column, so that all cells beyond it are its
    pieces; or the time stands right of the text and one later cell only is a time, so that what
    lies between are pieces.

    Parameters
    ----------
    row
        Cells, as many as the header or more.
    plan
        Where text and time stand.

    Returns
    -------
    list of str or None
        At most as many cells as the header, None where no single reading is possible.

    Examples
    --------
    >>> plan = Plan("table", "table", "", {"text": ("内容",), "published_at": ("时间",)},
    ...             ("内容", "时间", "分"))
    >>> realign(["太慢", "不发货", "2020-06-12 08:00", "1"], plan)
    ['太慢,不发货', '2020-06-12 08:00', '1']
    >>> realign(["太慢", "不发货", "1", "2"], plan) is None
    True
    """
    text, time = _place(plan, "text"), _place(plan, "published_at")
    if text is None or time is None:
        return None
    width = len(plan.header)
    if text > time:
        if text != width - 1 or not _is_time(row[time]):
            return None
        return [*row[:text], ",".join(row[text:])]
    if _is_time(row[time]):
        return None
    found = [place for place in range(time + 1, len(row)) if _is_time(row[place])]
    if len(found) != 1:
        return None
    extra = found[0] - time
    mended = [*row[:text], ",".join(row[text : text + extra + 1]), *row[text + extra + 1 :]]
    return mended if len(mended) <= width else None


def _place(plan: Plan, canonical: str) -> int | None:
    names = plan.columns.get(canonical, ())
    return plan.header.index(names[0]) if names and names[0] in plan.header else None


def _is_time(cell: str) -> bool:
    return any(mark in cell for mark in "-/:年") and parse_time(cell)[0] is not None
