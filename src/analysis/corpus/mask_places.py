"""Postal addresses that lead to a house or a room (patterns run on `mask_fold.plain`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_span import Finder, Span
from analysis.kernels.mask_houses import REACH

_HAN = "\u4e00-\u9fff"
_NUMBER = "[0-9A-Za-z一二三四五六七八九十百零〇]{1,6}"
_STREET = "(?<![0-9一二三四五六七八九十线])路|街|大道|巷|弄|胡同"
# These end other words too (知道15号, 球队15号): only within a named region.
_WEAK_STREET = "道|村|里|庄|镇|乡|屯|组|队"
_ESTATE = (
    "小区|花园|家园|公寓|苑|广场|大厦|大楼|新村|社区|大学|学校|宿舍|府|湾|庭|园|居|邸|郡|里|村|城|"
    "中心|国际"
)
_DOOR = (
    rf"(?:[ \-]?{_NUMBER}(?:号楼|号院|单元|[栋幢座层室户房弄号楼])"
    r"|(?<=[栋幢座元号层楼])[ \-]?[0-9]{3,4}(?![0-9元块.])|-[0-9]{1,4}(?![0-9元块.]))"
)
# 5号发货, 3号晚上: a day of the month; 12号链接, 5号线: the number of a thing.
_NOT_DOOR = (
    "(?!发|下单|到|收|签收|晚|早|凌晨|上午|下午|中午|前|之前|开始|付款|客服|线|链接|主播|直播|选手|"
    "技师|员工|的时候|就|才|买|店铺)"
)
_STREET_HOUSE = re.compile(rf"(?:{_STREET})[ ]?{_NUMBER}(?:号{_NOT_DOOR}|[座栋幢])")
_WEAK_HOUSE = re.compile(
    rf"(?<=[省市区县镇乡][{_HAN}])[{_HAN}]{{0,6}}(?:{_WEAK_STREET})[ ]?{_NUMBER}号{_NOT_DOOR}"
)
_ESTATE_HOUSE = re.compile(rf"(?:{_ESTATE})[ ]?{_NUMBER}(?:号楼|栋|幢|座|单元)")
ROOM = re.compile(rf"(?<![0-9A-Za-z]){_NUMBER}(?:号楼|栋|幢|单元|座)(?={_DOOR})")
DOORS = re.compile(rf"(?:[ ]?[{_HAN}A-Za-z]{{0,10}}?(?={_DOOR}))?(?:{_DOOR})+")

# Words before which no address began; 和平, 家园, 来安 and the like are parts of names.
OPENING = re.compile(
    "[在到住是寄送址往从去给的了我你他她们跟与把被这那没就都也还说找退发买店]|位于"
    rf"|[^0-9A-Za-z{_HAN}·\- ]|和(?!平|谐)|家(?![园港庄湾村口营屯沟桥坪])|来(?![广安凤宾])|不(?!夜)"
)
# What is left out where an address begins.
EDGE = re.compile(r"[ \-·]")
REGION = re.compile(
    "北京|天津|上海|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|"
    "湖北|湖南|广东|广西|海南|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆"
)


def _opening(folded: str, anchor: int, reached: int) -> int:
    """Where the address around `anchor` begins: after the last word that cannot be in it."""
    floor = max(reached, anchor - REACH)
    window = folded[floor:anchor]
    begin = 0
    for word in OPENING.finditer(window):
        begin = word.end()
    region = REGION.search(window, begin)
    begin = region.start() if region else begin
    while EDGE.match(window, begin):
        begin += 1
    return floor + begin


def read_houses(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield addresses: from the house back to where they open, and on to the last door."""
    reached = 0
    for found in matches:
        folded = found.string
        start = _opening(folded, found.start(), min(reached, found.start()))
        is_nameless = found.re is not ROOM and start == found.start()
        if found.start() < reached or is_nameless:
            continue
        doors = DOORS.match(folded, found.end())
        reached = doors.end() if doors else found.end()
        yield Span(start, reached, "address")


ADDRESS_FINDERS = tuple(
    Finder(pattern, read_houses) for pattern in (_STREET_HOUSE, _WEAK_HOUSE, _ESTATE_HOUSE, ROOM)
)
