"""Numbers that are spelled with characters to get past filters (一三八…)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from analysis.corpus.mask_chats import CHAT_FINDERS
from analysis.corpus.mask_documents import DOCUMENT_FINDERS
from analysis.corpus.mask_fold import HAN_DIGITS, spelled
from analysis.corpus.mask_orders import LONG_NUMBER_FINDERS, ORDER_FINDERS
from analysis.corpus.mask_phones import PHONE_FINDERS
from analysis.corpus.mask_span import Finder, Reading, Span

LEAST = 3
# What parts two digits of one number: no Chinese characters but 分, 机 and 转, of an extension.
_PARTING = r"[^〇\u3400-\u4dbf\u4e00-\u5205\u5207-\u6739\u673b-\u8f6b\u8f6d-\u9fff]"
# A text without so many of them side by side needs no search.
ENOUGH = re.compile(f"[{HAN_DIGITS}](?:{_PARTING}*[{HAN_DIGITS}]){{{LEAST - 1}}}")


class SpelledFinder(NamedTuple):
    """A finder of numbers, for those that are spelled."""

    pattern: re.Pattern[str]
    read: Reading

    def spans(self, folded: str, first: int = 0, last: int | None = None) -> Iterable[Span]:
        """Return numbers of which three digits or more are written as characters.

        Examples
        --------
        >>> text = "加一三八，一二三四，5678"
        >>> [text[span.start:span.end] for one in SPELLED_FINDERS for span in one.spans(text)]
        ['一三八，一二三四，5678']
        """
        return [
            span
            for span in Finder(self.pattern, self.read).spans(spelled(folded), first, last)
            if sum(mark in HAN_DIGITS for mark in folded[span.start : span.end]) >= LEAST
        ]


SPELLED_FINDERS = tuple(
    SpelledFinder(*finder)
    for finder in (
        *CHAT_FINDERS,
        *ORDER_FINDERS,
        *DOCUMENT_FINDERS,
        *LONG_NUMBER_FINDERS,
        *PHONE_FINDERS,
    )
)
