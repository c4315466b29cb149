"""@handles: where a Weibo name ends when the clause runs on without a space."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_span import Finder, Span
from analysis.kernels.mask_handles import LONGEST

_MARK = r"[A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff·]"
_NOBODY = rf"所有人|全体|[0-9]+[元块折个件]?(?!{_MARK})"
_HANDLE = re.compile(
    rf"(?<![A-Za-z0-9._%+\-])@(?!{_NOBODY})(?P<name>{_MARK}{{2,40}})(?P<next>[: ]?)"
)
# A name without Chinese characters is taken whole.
WHOLE_NAME = re.compile(r"[A-Za-z0-9_\-]+\Z")
# Accounts of firms end with their role; what follows is the clause.
ROLE = re.compile(
    "官方旗舰店|旗舰店|官方客服|客服中心|客服小助手|客服|官方微博|官微|官方|商城|小助手|小秘书|"
    "发布|日报|晚报|早报|新闻|网警|警方|公安|消费者协会|消协|市场监管|黑猫投诉|投诉|超话|快递|速运|"
    "优选|App|APP|app"
)
# Words that open a clause, and that a name without a space behind it does not hold.
CLAUSE = re.compile(
    "没有?|不[是要能给会让想管理发退]|[你我他她它您咱]们?|这[个样是种]?|那[个样]?|为什么|怎么|什么|"
    "请|麻烦|求|管管|出来|[说看给让把被叫找问骗坑退发卖买到在就都也还又很太真][^店吧]|"
    "是[不我你一这]|的|了|吗|呢|吧|能不|可以|赶紧|快点|到底|如何|一[直个]|客服|回复|处理|解决|"
    "求助|救命|垃圾|骗子|无良|加油"
)
# The name of a platform that an account begins with stays.
PLATFORM = re.compile(
    "@(?:京东|天猫|淘宝|拼多多|抖音|快手|得物|苏宁易购|苏宁|唯品会|小红书|闲鱼|转转|美团|饿了么|国美|"
    "当当|亚马逊|考拉|网易严选|支付宝|微信|哔哩哔哩|盒马|毒(?=[Aa][Pp]{2}))"
)


def _name_length(name: str, *, ends_surely: bool) -> int:
    if WHOLE_NAME.match(name) or (ends_surely and len(name) <= LONGEST):
        return len(name)
    cuts = [LONGEST, len(name)]
    role = ROLE.search(name, 1)
    if role:
        cuts.append(role.end())
    clause = CLAUSE.search(name, 2)
    if clause and not (role and clause.start() < role.end()):
        cuts.append(clause.start())
    return min(cuts)


def read_handles(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield each handle without the clause that follows."""
    for found in matches:
        name = found["name"]
        length = _name_length(name, ends_surely=bool(found["next"]))
        yield Span(found.start(), found.start() + 1 + length, "handle")


HANDLE_FINDERS = (Finder(_HANDLE, read_handles),)
