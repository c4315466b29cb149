"""All that identifies in one text: every kind's spans, without overlaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from analysis.corpus import (
    mask_chats,
    mask_documents,
    mask_handles,
    mask_links,
    mask_names,
    mask_orders,
    mask_phones,
    mask_places,
)
from analysis.corpus.mask_fold import HAN_DIGITS, plain, spelled
from analysis.corpus.mask_span import Span


class Finder(NamedTuple):
    """A search for some kinds, and what every find of it must hold.

    `gate` is a pattern in Rust's syntax for the text as it stands, so that Polars can tell on a
    whole column which texts need the search.
    """

    gate: str
    search: Callable[[str], Iterator[Span]]


_SPELLED_GATE = f"[{HAN_DIGITS}](?:[^\u4e00-\u9fff]?[0-9{HAN_DIGITS}]){{4}}"
_NUMERIC = (
    mask_chats.chat_spans,
    mask_orders.order_spans,
    mask_documents.document_spans,
    mask_orders.long_number_spans,
    mask_phones.phone_spans,
)


def spelled_spans(folded: str) -> Iterator[Span]:
    """Yield numbers of which three digits or more are written as characters (一三八…)."""
    digits = spelled(folded)
    for search in _NUMERIC:
        for span in search(digits):
            if sum(mark in HAN_DIGITS for mark in folded[span.start : span.end]) >= 3:
                yield span


# In order of trust: what an earlier finder took, a later one does not get.
FINDERS = (
    Finder(mask_links.GATE, mask_links.link_spans),
    Finder(mask_chats.GATE, mask_chats.chat_spans),
    Finder(mask_orders.GATE, mask_orders.order_spans),
    Finder(mask_documents.GATE, mask_documents.document_spans),
    Finder(mask_orders.GATE, mask_orders.long_number_spans),
    Finder(mask_phones.GATE, mask_phones.phone_spans),
    Finder(mask_handles.GATE, mask_handles.handle_spans),
    Finder(mask_places.GATE, mask_places.address_spans),
    Finder(mask_names.GATE, mask_names.name_spans),
    Finder(_SPELLED_GATE, spelled_spans),
)


def find_personal_data(text: str, finders: Sequence[Finder] = FINDERS) -> list[Span]:
    """Return what identifies in a text, by place; tokens that stand there already are no finds.

    Parameters
    ----------
    text
        Cleaned or raw.
    finders
        Those that the text needs; all of them to be safe.

    Returns
    -------
    list of Span
        Disjoint spans with their kinds, in order.

    Examples
    --------
    >>> find_personal_data("收件人：李小红 １３８-1234-5678")
    [Span(start=4, end=7, kind='name'), Span(start=8, end=21, kind='phone')]
    """
    folded = plain(text)
    taken: list[Span] = []
    for finder in finders:
        for span in finder.search(folded):
            if all(span.end <= other.start or other.end <= span.start for other in taken):
                taken.append(span)
    return sorted(taken)
