"""Numbers that are spelled with characters to get past filters (一三八…)."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.corpus.mask_chats import chat_spans
from analysis.corpus.mask_documents import document_spans
from analysis.corpus.mask_fold import HAN_DIGITS, spelled
from analysis.corpus.mask_orders import long_number_spans, order_spans
from analysis.corpus.mask_phones import phone_spans
from analysis.corpus.mask_span import Span

_LEAST = 3


def spelled_spans(folded: str) -> Iterator[Span]:
    """Yield numbers of which three digits or more are written as characters.

    Examples
    --------
    >>> text = "加一三八，一二三四，5678"
    >>> [text[span.start:span.end] for span in spelled_spans(text)]
    ['一三八，一二三四，5678']
    """
    digits = spelled(folded)
    for search in (chat_spans, order_spans, document_spans, long_number_spans, phone_spans):
        for span in search(digits):
            written = folded[span.start : span.end]
            if sum(mark in HAN_DIGITS for mark in written) >= _LEAST:
                yield span
