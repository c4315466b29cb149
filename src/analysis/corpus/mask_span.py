"""A stretch of text that identifies a person, the thirteen kinds there are, and who finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

TOKENS = {
    "phone": "【电话】",
    "id_card": "【证件】",
    "bank_card": "【银行卡】",
    "order_no": "【订单号】",
    "plate": "【车牌】",
    "passport": "【护照】",
    "email": "【邮箱】",
    "wechat": "【微信】",
    "qq": "【QQ】",
    "url": "【网址】",
    "handle": "【账号】",
    "address": "【地址】",
    "name": "【姓名】",
}


class Span(NamedTuple):
    """Where something personal stands, and what it is (a key of `TOKENS`)."""

    start: int
    end: int
    kind: str


Reading = Callable[[list[re.Match[str]]], Iterable[Span]]


class Finder(NamedTuple):
    """One pattern, and how its matches are read; where it does not match, it finds nothing."""

    pattern: re.Pattern[str]
    read: Reading

    def spans(self, folded: str, first: int = 0, last: int | None = None) -> Iterable[Span]:
        """Return what is found in a folded text, of which matches begin between two places.

        Examples
        --------
        >>> list(Finder(re.compile("1+"), AsKind("phone")).spans("11 1 1", 1, 3))
        [Span(start=1, end=2, kind='phone'), Span(start=3, end=4, kind='phone')]
        """
        last = len(folded) if last is None else last
        matches = []
        while first <= last and (found := self.pattern.search(folded, first)):
            matches.append(found)
            first = found.end()
        return self.read(matches) if matches else ()


@dataclass(frozen=True)
class AsKind:
    """The reading of a pattern of which every match, or a group of it, is of one kind.

    Examples
    --------
    >>> list(Finder(re.compile("打(?P<it>[0-9]+)"), AsKind("phone", "it")).spans("打110"))
    [Span(start=1, end=4, kind='phone')]
    """

    kind: str
    group: str | int = 0

    def __call__(self, matches: Iterable[re.Match[str]]) -> list[Span]:
        """Return a span for each match."""
        return [Span(*found.span(self.group), self.kind) for found in matches]
