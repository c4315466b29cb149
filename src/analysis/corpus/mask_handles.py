"""@handles: where a Weibo name ends when the clause runs on without a space."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_span import Finder, Span

# Names hold Han characters, letters, digits, `_` and `-`, at most 30 bytes in GBK.
_LONGEST = 15
_HANDLE = re.compile(
    r"(?<![A-Za-z0-9._%+\-])@(?P<name>[A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff·]{2,40})"
    r"(?P<next>[: ]?)"
)
_NOBODY = re.compile("(?:所有人|全体成员|全体)|[0-9.]+(?:元|块|折|%|个|件|/)?$")
# Accounts of firms end with their role; what follows is the clause.
_ROLE = re.compile(
    "官方旗舰店|旗舰店|官方客服|客服中心|客服小助手|客服|官方微博|官微|官方|商城|小助手|小秘书|"
    "发布|日报|晚报|早报|新闻|网警|警方|公安|消费者协会|消协|市场监管|黑猫投诉|投诉|超话|快递|速运|"
    "优选|App|APP|app"
)
# Words that open a clause, and that a name without a space behind it does not hold.
_CLAUSE = re.compile(
    "没有?|不[是要能给会让想管理发退]|[你我他她它您咱]们?|这[个样是种]?|那[个样]?|为什么|怎么|什么|"
    "请|麻烦|求|管管|出来|[说看给让把被叫找问骗坑退发卖买到在就都也还又很太真][^店吧]|"
    "是[不我你一这]|的|了|吗|呢|吧|能不|可以|赶紧|快点|到底|如何|一[直个]|客服|回复|处理|解决|"
    "求助|救命|垃圾|骗子|无良|加油"
)


def handle_spans(folded: str) -> Iterator[Span]:
    """Yield the handles of a text, each without the clause that follows.

    A colon or a space ends a name for sure. Else the name ends after the role of a firm's account
    (客服, 旗舰店), or before a word that opens a clause.

    Examples
    --------
    >>> text = "找 @小米客服没人理我。 @爱吃鱼的猫 你看"
    >>> [text[span.start:span.end] for span in handle_spans(text)]
    ['@小米客服', '@爱吃鱼的猫']
    """
    for finder in HANDLE_FINDERS:
        yield from finder.spans(folded)


def _name_length(name: str, *, ends_surely: bool) -> int:
    if name.isascii() or (ends_surely and len(name) <= _LONGEST):
        return len(name)
    cuts = [_LONGEST, len(name)]
    role = _ROLE.search(name, 1)
    if role:
        cuts.append(role.end())
    clause = _CLAUSE.search(name, 2)
    if clause and not (role and clause.start() < role.end()):
        cuts.append(clause.start())
    return min(cuts)


def _handles(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    for found in matches:
        name = found["name"]
        if not _NOBODY.match(name):
            length = _name_length(name, ends_surely=bool(found["next"]))
            yield Span(found.start(), found.start() + 1 + length, "handle")


HANDLE_FINDERS = (Finder(_HANDLE, _handles),)
