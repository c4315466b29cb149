"""What is found in one text, without overlaps: where it stands, and of what kind it is."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import lean
from analysis.kernels.pattern_match import DOUBT

KINDS = (
    "phone",
    "id_card",
    "bank_card",
    "order_no",
    "plate",
    "passport",
    "email",
    "wechat",
    "qq",
    "url",
    "handle",
    "address",
    "name",
)
# Integers of Python would each be a type of its own, for which functions are compiled anew.
_places = map(np.int64, range(len(KINDS)))
PHONE, _, BANK_CARD, ORDER_NO, _, _, _, WECHAT, QQ, _, HANDLE, ADDRESS, _ = _places
NOTHING = np.int64(0)
# Of each: first character, end, kind, and how many characters behind the first one are kept.
START, END, KIND, KEPT = range(4)
# A text in which more is found is left to Python.
MOST = 60
_BITS = 4


@lean
def take_span(taken, groups, start, end, kind, kept):
    """Add what is found if it overlaps nothing and, of spelled numbers, if enough is spelled.

    Parameters
    ----------
    taken
        The spans, their number in the first row before them; the text in plain symbols, which of
        these are digits written as characters, and how many of them a number must hold.
    groups
        Where it is told when there is no more room.
    start, end, kind, kept
        The span.
    """
    spans, text, is_spelled, least = taken
    count = spans[0, 0]
    for row in range(1, count + 1):
        if start < spans[row, END] and spans[row, START] < end:
            return
    found = 0
    for at in range(start, end if least else start):
        found += is_spelled[text[at]]
    if found < least:
        return
    if count == MOST:
        groups[DOUBT] = 1
        return
    row = count + 1
    # In order of their places: what stands behind it moves on.
    while row > 1 and spans[row - 1, START] > start:
        for column in range(spans.shape[1]):
            spans[row, column] = spans[row - 1, column]
        row -= 1
    spans[row, START], spans[row, END] = start, end
    spans[row, KIND], spans[row, KEPT] = kind, kept
    spans[0, 0] = count + 1


@lean
def packed_counts(spans):
    """Return how much is found of each kind, in four bits a kind; -1 where these are too few."""
    packed = np.int64(0)
    for row in range(1, spans[0, 0] + 1):
        shift = _BITS * spans[row, KIND]
        if packed >> shift & 15 == 15:
            return np.int64(-1)
        packed += np.int64(1) << shift
    return packed


def counts_by_kind(packed: int) -> dict[str, int]:
    """Return the counts that are packed in a number, by the name of the kind.

    Examples
    --------
    >>> counts_by_kind(2 + (1 << 4 * 8))
    {'phone': 2, 'qq': 1}
    """
    counts = {kind: packed >> _BITS * place & 15 for place, kind in enumerate(KINDS)}
    return {kind: count for kind, count in counts.items() if count}
