"""WeChat and QQ accounts behind a cue, also a disguised one (patterns run on `mask_fold.plain`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_span import AsKind, Finder, Span

_NO_UNIT = "(?![ ]?(?:元|块|人|个|万|亿|次|条|天|年|月|分|件|折|[%.][0-9]?))"
_WECHAT_CUE = (
    r"(?:[微薇威徽维溦]\s?[信♥❤]|[Vv]\s?[信❤]|卫星号|绿泡泡|(?<![A-Za-z])(?:weixin|wei信|we\s?chat|vx|wx)"
    r"|[加+➕](?:我|下|个)?[ ]?(?:[Vv](?![Ii][Pp])|[薇威微])|(?<![A-Za-z0-9大])[Vv](?=[ ]?:)"
    r"|[薇微威](?=[ ]?:))"
)
_LINK = (
    r"(?:号码?|账号|帐号|[Ii][Dd]|公众号|[是为搜加找➕+(]|我的?|同号|联系|/|QQ|[:;=➡→\-~,、 ]){0,6}"
)
_WECHAT = re.compile(
    rf"{_WECHAT_CUE}(?P<link>{_LINK})"
    r"(?P<it>(?!https?:|www\.)(?:[A-Za-z][A-Za-z0-9_\-]{4,19}|[0-9]{5,11}))(?![A-Za-z0-9_\-])"
    rf"{_NO_UNIT}",
    re.IGNORECASE,
)
# How the reading tells what an account is from what stands before it and from the account.
FREE_LINK = re.compile(r"[ ,、]*\Z")
SAME_NUMBER = re.compile("同号")
QQ_IN_LINK = re.compile("qq", re.IGNORECASE)
DIGITS = re.compile(r"[0-9]+\Z")
MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")
NO_ACCOUNT = re.compile(
    r"(?:(?:iphone|ipad|android|apple|wifi|https?|pay|vip|plus|windows|huawei|oppo|vivo|xiaomi|app|"
    r"mini|read|work|shop|login|bug|emoji|ios|mac|pc)[a-z0-9]*|[a-z]{1,30}|[0-9]{1,6})\Z",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"(?:(?<![A-Za-z0-9])[Qq]{1,2}|扣扣|企鹅|球球|抠抠|蔻蔻)"
    r"(?:群|号码?|账号|[是为加:;=/ \-]|联系|我){0,5}"
    rf"(?P<it>[1-9][0-9]{{4,10}})(?![0-9A-Za-z]){_NO_UNIT}"
)


def _wechat_kind(link: str, account: str) -> str | None:
    """Tell an account from a word behind 微信: without 号 or a colon it needs a digit."""
    if MOBILE.match(account) and SAME_NUMBER.search(link):
        return "phone"
    if DIGITS.match(account) and QQ_IN_LINK.search(link):
        return "qq"
    return None if FREE_LINK.match(link) and NO_ACCOUNT.match(account) else "wechat"


def read_accounts(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield the accounts among what stands behind 微信."""
    for found in matches:
        kind = _wechat_kind(found["link"], found["it"])
        if kind is not None:
            yield Span(*found.span("it"), kind)


CHAT_FINDERS = (Finder(_WECHAT, read_accounts), Finder(_QQ, AsKind("qq", "it")))
