"""Numbers that are spelled with characters to get past filters (一三八…)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.corpus.mask_chats import CHAT_FINDERS
from analysis.corpus.mask_documents import DOCUMENT_FINDERS
from analysis.corpus.mask_fold import HAN_DIGITS, spelled
from analysis.corpus.mask_orders import LONG_NUMBER_FINDERS, ORDER_FINDERS
from analysis.corpus.mask_phones import PHONE_FINDERS
from analysis.corpus.mask_span import Finder, Span

_LEAST = 3
_ENOUGH = re.compile(f"[{HAN_DIGITS}](?:[^{HAN_DIGITS}]*[{HAN_DIGITS}]){{{_LEAST - 1}}}")
# What can be spelled.
SPELLED_FINDERS = (
    *CHAT_FINDERS,
    *ORDER_FINDERS,
    *DOCUMENT_FINDERS,
    *LONG_NUMBER_FINDERS,
    *PHONE_FINDERS,
)


def spelled_spans(folded: str) -> Iterator[Span]:
    """Yield numbers of which three digits or more are written as characters.

    Examples
    --------
    >>> text = "加一三八，一二三四，5678"
    >>> [text[span.start:span.end] for span in spelled_spans(text)]
    ['一三八，一二三四，5678']
    """
    digits = spelled(folded)
    for finder in SPELLED_FINDERS:
        for span in finder.spans(digits):
            written = folded[span.start : span.end]
            if sum(mark in HAN_DIGITS for mark in written) >= _LEAST:
                yield span


def _numbers(matches: Iterator[re.Match[str]]) -> Iterator[Span]:
    found = next(matches, None)
    return iter(()) if found is None else spelled_spans(found.string)


SPELLED = Finder(_ENOUGH, _numbers)
