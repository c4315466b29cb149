"""Numbers that lead to a person: papers, telephones, orders, cards and chat accounts.

Patterns run on a folded copy (`mask_finders.plain`); all of them run a second time on a copy in
which digits that are spelled (一三八) are digits, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from analysis.corpus.mask_finders import (
    HAN_DIGITS,
    AsKind,
    Finder,
    Reading,
    Span,
    spelled,
)

# Identity documents, passports and number plates (patterns run on `plain`).

_APART = r"[ \-.·_/]?"
_DATE = rf"(?:0[1-9]|1[0-2]){_APART}(?:0[1-9]|[12][0-9]|3[01])"
# GB 11643: region, birthday, serial, check. The check digit is not asked for: a typing error fails
# it and still identifies.
_CITIZEN = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)[1-9][0-9]{{2}}{_APART}[0-9]{{3}}{_APART}(?:18|19|20)[0-9]{{2}}"
    rf"{_APART}{_DATE}{_APART}[0-9]{{3}}{_APART}[0-9Xx×](?![0-9])"
    # Digit by digit eighteen are nothing else.
    r"|(?<![0-9])(?<![0-9][ \-.])[1-9](?P<each>[ \-.·]{1,2})[0-9](?:(?P=each)[0-9]){15}"
    r"(?P=each)[0-9Xx×](?![ \-.·]?[0-9])"
)
_CITIZEN_OLD = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)[1-6][0-9]{{7}}{_DATE}[0-9]{{3}}(?![0-9])(?![ ]?(?:元|块|万|亿))"
)
_CITIZEN_CUED = re.compile(
    r"(?:身份证|身分证|证件|ID卡|社保卡|社保|医保卡|居住证)(?:号码?|编号)?[: 是为(就]{0,3}"
    r"(?P<it>[0-9](?:[ \-.·/_]{0,2}[0-9]){13,16}[ \-.·/_]{0,2}[0-9Xx×])(?![ \-]?[0-9])"
)
_PERMIT = re.compile(
    r"(?:通行证|回乡证|台胞证|港澳证|居留证|军官证)(?:号码?)?[: 是为(]{0,3}"
    r"(?P<it>[A-Za-z]{0,2}[0-9]{7,10})(?![0-9A-Za-z])"
)
_PASSPORT = re.compile(
    r"(?:护照|passport)(?:号码?|编号|No\.?)?[: 是为(]{0,3}"
    r"(?P<it>[A-Za-z]{1,2}[ ]?[0-9]{7,8})(?![0-9A-Za-z])",
    re.IGNORECASE,
)

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_ON_PLATE = "A-HJ-NP-Za-hj-np-z0-9"  # I and O are not used
# Five places with at most two letters; six on new-energy cars, D or F at either end.
_PLATE = re.compile(
    rf"(?:[{_PROVINCES}]|(?<![最全出上更崭重从])新)(?:[A-Za-z][·•. \-/]{{0,2}}"
    rf"(?:[DFdf][·•. \-]?[{_ON_PLATE}][0-9]{{4}}|[0-9]{{5}}[DFdf]"
    rf"|(?=(?:[A-Z]*[0-9]){{4}})[A-HJ-NP-Z][{_ON_PLATE}]{{5}}"
    rf"|(?=(?:[A-Za-z]*[0-9]){{3}})[{_ON_PLATE}]{{4}}[{_ON_PLATE}挂学警港澳])"
    rf"|[ ]?[A-Z](?=(?:[A-Z ]*[0-9]){{3}})(?:[ ][{_ON_PLATE}]){{4}}[ ][{_ON_PLATE}挂学警港澳]"
    rf"(?:[ ][{_ON_PLATE}])?)(?![0-9A-Za-z])"
)


DOCUMENT_FINDERS = (
    Finder(_CITIZEN_CUED, AsKind("id_card", "it")),
    Finder(_PERMIT, AsKind("id_card", "it")),
    Finder(_PASSPORT, AsKind("passport", "it")),
    Finder(_CITIZEN, AsKind("id_card")),
    Finder(_CITIZEN_OLD, AsKind("id_card")),
    Finder(_PLATE, AsKind("plate")),
)


# Phone numbers: mobiles and landlines, however they are written; hotlines are none.
#
# Patterns run on a folded copy (`plain`). Boundaries are digit look-arounds, never
# `\b` or `\w`, which take Han characters for letters of the same word.

# What a reader does not see between two digits, the mark of a keycap among it.
_TAB = "\t"
_ZERO = "[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f\u20e3]"
_GAP = f"(?:(?:[ {_TAB}\\-._·~\u2600-\u27bf\U0001f300-\U0001faff]|{_ZERO}){{1,3}})"
_NO_UNIT = "(?![ ]?(?:元|块|万|亿|米|克|[¥%°℃]))"
_BEFORE = r"(?<![0-9])(?<![0-9]\.)"

_MOBILE = re.compile(
    # An 0 before a mobile dials it from another town.
    rf"(?:(?<![0-9])(?:\+|00)?86(?:{_GAP})?|\(\+?86\)[ ]?|{_BEFORE}0?)"
    rf"(?:1{_ZERO}*[3-9](?:{_ZERO}*[0-9]){{9}}(?:\ufe0f?\u20e3)?"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{4}}(?:{_GAP})?[0-9]{{4}}"
    r"|[(\[【]1[3-9][0-9][)\]】][ \-]?[0-9]{4}[ \-]?[(\[【]?[0-9]{4}[)\]】]?"
    r"|1[3-9][0-9][A-Za-z]{1,2}[0-9]{4}[A-Za-z]{1,2}[0-9]{4}(?![A-Za-z])"
    rf"|1[3-9][0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}?[0-9]{{3}}"
    rf"|1[3-9][0-9]{{3}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{2}}"
    rf"|1[3-9][0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}"
    rf"|1[3-9][0-9]{{5}}{_GAP}[0-9]{{4}}"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}"
    r"|(?<![0-9][ \-.])1[3-9][0-9][ \-._·]{1,2}[0-9](?:[ \-._·]{0,2}[0-9]){7}(?![ \-._][0-9])"
    r"|1[3-9][ \-][0-9]{3}[ \-][0-9]{3}[ \-][0-9]{3}"
    r"|1[3-9][0-9][(\[【][0-9]{4}[)\]】][0-9]{4}"
    r"|1[3-9][0-9]{2}-[0-9]{3}-[0-9]{4}"
    r"|1(?P<gap>[ \-._·,、/]{1,2})[3-9](?:(?P=gap)[0-9]){9})"
    rf"(?![0-9]){_NO_UNIT}"
)
# Behind a word for it: grouped at random, or digit by digit; and in three parts, which a cue must
# tell from prices (199、1299、1599).
_CUED_PHONE = re.compile(
    "(?:电话|座机|固话|手机|号码|联系方式|拨打?|致电|打|联系|来电|短信|呼叫|📞|📱|☎\ufe0f?|☏"
    "|(?<![A-Za-z])(?:[Tt][Ee][Ll]|[Pp]hone|[Mm]obile|[Cc]all))"
    "(?:号码?|就?是|[: 为.我他她给到(\\[]){0,4}(?P<it>1[3-9][0-9](?P<apart>[,、/|\t])[0-9]{4}"
    "(?P=apart)[0-9]{4}(?![0-9])"
    r"|(?!0?[0-9]{11})(?:0[ \-._·]{1,2})?1[ \-._·]{0,2}[3-9](?:[ \-._·,、/|~*+。]{0,2}[0-9]){9}"
    rf"(?![0-9]){_NO_UNIT}"
    r"|[2-8](?P<gap>[ \-.])[0-9](?:(?P=gap)[0-9]){5,6}(?![ \-.]?[0-9]))"
)
# Without a cue not all three parts may end as prices do.
_LISTED_ALONE = re.compile(
    rf"{_BEFORE}(?!1[3-9][089][,、/|](?:[0-9]{{3}}[089][,、/|]?){{2}})"
    r"(?P<it>1[3-9][0-9](?P<apart>[,、/|])[0-9]{4}(?P=apart)[0-9]{4})(?![0-9])(?![,、/|][0-9])"
)
# Some of its digits are written as characters (一38…, 零1二3…).
_MIXED = re.compile(
    rf"(?<![0-9{HAN_DIGITS}])(?=[一壹幺]"
    rf"|1[0-9]*[{HAN_DIGITS}])[1一壹幺][3-9三叁四肆五伍六陆七柒八捌九玖]"
    rf"[0-9{HAN_DIGITS}]{{9}}(?![0-9{HAN_DIGITS}]){_NO_UNIT}"
)
# O for 0 and l for 1, seven digits at least being real. What has eleven is `_MOBILE`'s.
_DISGUISED = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9]\.)(?=(?:[OlIo]{0,4}[0-9]){7})"
    rf"(?![0-9]{{11}}{_NO_UNIT})[1lI][3-9][0-9OolI]{{9}}(?![0-9A-Za-z])"
)
_LANDLINE = re.compile(
    rf"(?:{_BEFORE}\(0[1-9][0-9]{{1,2}}\)|{_BEFORE}0(?:10|2[0-9]|[3-9][0-9]{{2}})"
    r"|(?<![0-9])\+?86[ \-]?(?:10|2[0-9]|[3-9][0-9]{2})[ \-])"
    r"(?:[ \-]{0,2}[2-8][0-9]{2,3}[ \-]?[0-9]{4}|[ \-/]{1,2}[2-8](?:[ \-.·]?[0-9]){6,7}"
    r"(?![ \-.]?[0-9]))(?:[ ]?(?:转|分机|ext\.?|-)[ ]?[0-9]{1,5})?"
    rf"(?![0-9]){_NO_UNIT}"
)
# The word may stand behind it.
_BEFORE_CUE = (
    r"(?<![0-9.])(?<![0-9][ \-.])(?:[2-9](?P<gap>[ \-.])[0-9](?:(?P=gap)[0-9]){5,6}"
    r"|[2-8][0-9]{2,3}[ \-][0-9]{4})"
    "(?=[ ]?(?:是|这个?|就是)?(?:[你我他她您]们?)?[的家]?(?:里|单位)?的?(?:电话|座机|固话|手机"
    "|号码))"
)
_ABROAD = re.compile(
    r"(?<![0-9])(?:\+|00)(?:852|853|886)[ \-]?[0-9]{4}[ \-]?[0-9]{4,5}(?![0-9])"
    rf"|{_BEFORE_CUE}"
)
# A local number is told from a price or a code only by what stands before it.
_LOCAL = re.compile(
    r"(?:电话|座机|固话|传真|市话|小灵通|致电|来电|手机|回拨|📞|☎\ufe0f?|(?<![A-Za-z])[Tt][Ee][Ll])"
    r"(?:号码?|联系|就?是|[: 为.(]){0,3}"
    r"(?P<it>(?!400|800|95|96|106)[2-8](?:[ \-.·]{0,3}[0-9]){6,7})"
    rf"(?![0-9\-]|[ ][0-9]){_NO_UNIT}"
)


PHONE_FINDERS = (
    Finder(_MOBILE, AsKind("phone")),
    Finder(_CUED_PHONE, AsKind("phone", "it")),
    Finder(_LISTED_ALONE, AsKind("phone", "it")),
    Finder(_MIXED, AsKind("phone")),
    Finder(_LANDLINE, AsKind("phone")),
    Finder(_ABROAD, AsKind("phone")),
    Finder(_DISGUISED, AsKind("phone")),
    Finder(_LOCAL, AsKind("phone", "it")),
)


# Order and tracking numbers, bank cards, and other long numbers that lead to a person.
#
# They are masked on shape and cue; Luhn's check only names the kind, since one random number of
# 16 digits in ten passes it, and a typing error fails it and still identifies.

_CARD_CUED = re.compile(
    r"(?:银行卡|储蓄卡|信用卡|借记卡|卡号|账号|帐号|账户|帐户|(?:工|农|中|建|交|招)行|银行|邮储)"
    r"(?:号码?|卡号?|账号|卡)?[: 是为(就]{0,3}"
    r"(?P<it>[1-9](?:[ \-.·_/]{0,2}[0-9]){14,18})(?![0-9])"
)
# Sixteen to nineteen digits, in one piece or in fours. 106… is a sender of short messages.
_LONG = re.compile(
    rf"{_BEFORE}(?!106[0-9])(?:[1-9][0-9]{{3}}"
    rf"(?P<gap>[ \-.·]{{0,2}})[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)"
    rf"[0-9]{{4}}(?:(?P=gap)[0-9]{{1,3}})?|62[0-9]{{2}}(?:[ \-.·]{{0,2}}[0-9]){{12,15}}"
    rf"|6[ ]2(?:[ ][0-9]){{14,17}}|7[0-9](?:[ ][0-9]{{4}}){{3}})(?![0-9]){_NO_UNIT}"
)
_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}[ \-.·]{0,2})+\Z")
_DAY = re.compile(
    r"(?:19|20)[0-9]{2}[ \-/]?[01]?[0-9][ \-/]?[0-3]?[0-9](?:[ \-][0-2]?[0-9]"
    r"(?:[ \-]?[0-5][0-9])?)?\Z"
)
# Behind a cue: fewer than eight digits, one digit again and again, hotlines and days.
_NO_ORDER = re.compile(
    r"(?:(?:[^0-9]*[0-9]){0,6}"
    r"|[^0-9]*(?P<same>[0-9])(?:[^0-9]*(?P=same))*"
    r"|[^0-9]*[48][^0-9]*0[^0-9]*0(?:[^0-9]*[0-9]){0,7}"
    r"|[^0-9]*9[^0-9]*5(?:[^0-9]*[0-9]){0,8}"
    r"|[^0-9]*1[^0-9]*0[^0-9]*6(?:[^0-9]*[0-9]){0,7})[^0-9]*\Z"
    rf"|{_DAY.pattern}"
)
# A phone number behind the cue of a parcel.
_PARCEL = re.compile(r"(?:快递|物流)\Z")
_PARCEL_PHONE = re.compile(r"[^0-9]*1[^0-9]*[3-9](?:[^0-9]*[0-9]){9}[^0-9]*\Z")

# In groups, with letters before it and a few within.
_NUMBER = (
    r"(?P<it>#?(?:[A-Za-z]{1,8}[ \-_/]?)?[0-9](?:[ \-_/]{0,2}[0-9]|[\-_]?[A-Za-z]"
    r"(?![A-Za-z]{2})){5,30})"
    "(?:[ ][A-Z]{2})?(?![0-9A-Za-z])"
)
_ORDER = re.compile(
    r"(?P<cue>(?<![A-Za-z])[Oo]rder|[后回保货退修件签寄]单|(?:就诊|诊疗)卡|(?:门诊|住院|病历)号"
    r"|[订定]单(?:编?号码?)?|(?<![产商货]品)(?<!款式)(?<!型号)(?:[单编票案]|单子|[学考])号"
    r"|准考证号?|会员卡号?|[快运](?:递|单)"
    r"(?:编?号码?|单)?|物流(?:编?号|单)?|面单|流水号?|交易号|退款(?:编?号|单)|工单"
    r"|受理(?:编?号|单)?|投诉(?:编?号|单)|(?:取|寄)件码|保单|合同(?:编?号)|案件(?:编?号)?|户号"
    r"|[客用]户(?:编号|号码?)|会员(?:编号|号码?)|回执(?:编?号)?|流水|凭证号?|服务单)"
    rf"(?:[号码]|No\.?|NO\.?|ID)?(?:就?是|[: 为(\[【〔“\"「,]){{0,4}}{_NUMBER}{_NO_UNIT}"
)
_ONE_MORE = re.compile(rf"[和与及、,/ ]{{1,3}}{_NUMBER}{_NO_UNIT}")
_ORDER_BEHIND = re.compile(
    rf"{_BEFORE}(?P<it>[0-9](?:[ \-]?[0-9]){{9,23}})[ )】]{{0,2}}(?:这个|这笔|这单|[的是为])?"
    rf"(?:我的)?"
    r"(?:[订定]单|单号|快递单|运单|物流单|退款单)"
)
_COURIER = re.compile(
    r"(?<![0-9A-Za-z])(?:SF|YT|JT|ZT|ST|JD|JDV[A-Z0-9]{0,3}|JD[A-Z]|DPK|EMS|YD|HT|TT|EA|LP"
    r"|[ZSY]TO|CNE?)"
    r"[ \-]?[0-9](?:[ \-]?[0-9]){10,17}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])[A-Z][ ][A-Z](?:[ ][0-9]){10,17}(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_AMAZON = re.compile(rf"{_BEFORE}[0-9]{{3}}-[0-9]{{7}}-[0-9]{{7}}(?![0-9])")


def read_orders(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield the numbers behind cues, and those joined to them (订单号123和456)."""
    for found in matches:
        if _NO_ORDER.match(found["it"]):
            continue
        is_phone = _PARCEL.match(found["cue"]) and _PARCEL_PHONE.match(found["it"])
        yield Span(*found.span("it"), "phone" if is_phone else "order_no")
        more = _ONE_MORE.match(found.string, found.end("it"))
        while more and not _DAY.match(more["it"]):
            yield Span(*more.span("it"), "order_no")
            more = _ONE_MORE.match(found.string, more.end("it"))


def _long_kind(written: str) -> str | None:
    """Settle the kind of a long number; None for laughter (66666…) and for rows of years."""
    digits = [int(mark) for mark in written if mark.isdigit()]
    if len(set(digits)) <= 2 or _YEARS.match(written):
        return None
    is_grouped = not written.isdigit()
    if written.startswith("62") or _passes_luhn(digits) or (is_grouped and written[0] in "3456"):
        return "bank_card"
    return "order_no"


def _passes_luhn(digits: list[int]) -> bool:
    """Check the last digit (ISO/IEC 7812-1)."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def read_long_numbers(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield long numbers as bank cards or orders."""
    for found in matches:
        kind = _long_kind(found.group())
        if kind is not None:
            yield Span(*found.span(), kind)


ORDER_FINDERS = (
    Finder(_CARD_CUED, AsKind("bank_card", "it")),
    Finder(_ORDER, read_orders),
    Finder(_ORDER_BEHIND, AsKind("order_no", "it")),
    Finder(_COURIER, AsKind("order_no")),
    Finder(_AMAZON, AsKind("order_no")),
)
LONG_NUMBER_FINDERS = (Finder(_LONG, read_long_numbers),)


# WeChat and QQ accounts behind a cue, also a disguised one (patterns run on `plain`).

_NO_COUNT = "(?![ ]?(?:元|块|人|个|万|亿|次|条|天|年|月|分|件|折|[%.][0-9]?))"
_WECHAT_CUE = (
    r"(?:[微薇威徽维溦][\s♥❤\ufe0f]{0,3}(?:[信♥❤芯心]|[Xx](?![A-Za-z]))\ufe0f?|"
    r"[VvWw]\s?[信♥❤]\ufe0f?(?:[Xx](?![A-Za-z]))?|卫星(?:号|(?=[ ]?:))|绿泡泡?|"
    r"(?<![A-Za-z])(?:weixin|wei信|we\s?chat|[vw][ ._]?x)"
    r"|[加+➕](?:我|下|个)?[ ]?(?:[Vv](?![Ii][Pp])|[薇威微])|(?<![A-Za-z0-9大])[Vv](?=[ ]?:)"
    r"|[薇微威维溦](?=[ ]?:)|薇(?=[A-Za-z0-9])|绿(?:色软件|聊|标)|小绿|胃信|微[.·_]信?|微我"
    r"(?=[ :])|(?<=[他她我你加同])[Vv](?=[ :A-Za-z])|(?<=[他她它我你俺家的小信])号(?=[是为:叫])|"
    r"(?<=[加的我是])[小大]号(?=[ :A-Za-z])"
    r"|(?:抖音|快手|小红书|钉钉|旺旺|陌陌|闲鱼|电报|飞机|[Tt]elegram|[Ww]hats[Aa]pp|[Ss]kype)"
    r"(?:号|账号|[Ii][Dd])"
    r"|微信名?[叫是]?[\u4e00-\u9fff]{1,6},号(?=[是为:]))"
)
_LINK = (
    r"(?:号码?|账号|帐号|[Ii][Dd]|公众号|"
    r"[是为搜加找➕+(\[【“「]|我的?|同号|联系|[大小]写的?|全拼|/|QQ|[:;=➡→\-~,、 ]){0,6}"
)
_WECHAT = re.compile(
    rf"{_WECHAT_CUE}(?P<link>{_LINK})"
    r"(?P<it>(?!https?:|www\.)(?:[A-Za-z][A-Za-z0-9_\-.]{0,18}[A-Za-z0-9_\-]"
    r"(?:下划线|横杠|减号|杠|点|[\u4e00-\u9fff]{1,3}(?=[0-9]{2}))[A-Za-z0-9]{1,12}"
    r"|[A-Za-z0-9](?:[ ][A-Za-z0-9_\-]){5,19}|[A-Za-z][A-Za-z0-9]{1,9}[ ][0-9]{3,6}"
    r"|[A-Za-z][A-Za-z0-9_\-.]{3,18}[A-Za-z0-9_\-]|[0-9]{1,8}[A-Za-z_][A-Za-z0-9_\-]{3,15}"
    r"|[0-9](?:[ \-]?[0-9]){4,10}))(?![A-Za-z0-9_\-])"
    rf"{_NO_COUNT}",
    re.IGNORECASE,
)
# How the reading tells what an account is from what stands before it and from the account.
_FREE_LINK = re.compile(r"[ ,、]*\Z")
_SAME_NUMBER = re.compile("同号")
_QQ_IN_LINK = re.compile("qq", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+\Z")
_MOBILE_ACCOUNT = re.compile(r"1[3-9][0-9]{9}\Z")
_NO_ACCOUNT = re.compile(
    r"(?:(?:iphone|ipad|android|apple|wifi|https?|pay|vip|plus|windows|huawei|oppo|vivo|xiaomi|app|"
    r"mini|read|work|shop|login|bug|emoji|ios|mac|pc)[a-z0-9]*|[a-z]{1,30}|[0-9]{1,6})\Z",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"(?:(?<![A-Za-z0-9])[Qq][ ._]?[Qq]?|🐧|[加+➕]扣|扣[ ]?扣|[Qq]扣|扣[Qq]|企鹅|球球|秋秋|抠抠"
    r"|蔻蔻|叩叩|寇寇"
    r"|群号?(?=[:是为 ]{0,2}[1-9](?:[ \-]?[0-9]){7,9}(?![0-9]))|[加+➕]我"
    r"(?=[: ]{0,2}[1-9][0-9]{5,9}(?![0-9])))"
    r"(?:群|号码?|账号|[是为加:;=/ \-(\[【“]|联系|我){0,5}"
    rf"(?P<it>(?!(?:19|20)[0-9]{{2}}[ \-.][01]?[0-9](?![0-9]))[1-9]"
    rf"(?:[ \-._·]{{0,2}}[0-9]){{4,10}})"
    rf"(?![0-9A-Za-z]|[\-.][0-9]){_NO_COUNT}"
)


def _wechat_kind(link: str, account: str) -> str | None:
    """Tell an account from a word behind 微信: without 号 or a colon it needs a digit."""
    if _MOBILE_ACCOUNT.match(account) and _SAME_NUMBER.search(link):
        return "phone"
    if _DIGITS.match(account) and _QQ_IN_LINK.search(link):
        return "qq"
    return None if _FREE_LINK.match(link) and _NO_ACCOUNT.match(account) else "wechat"


def read_accounts(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield the accounts among what stands behind 微信."""
    for found in matches:
        kind = _wechat_kind(found["link"], found["it"])
        if kind is not None:
            yield Span(*found.span("it"), kind)


CHAT_FINDERS = (Finder(_WECHAT, read_accounts), Finder(_QQ, AsKind("qq", "it")))


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


# So many digits in a row, spelled and no day, are an account or a telephone.
_ROW = re.compile(
    "(?<![0-9])(?!1[3-9][0-9]{9}(?![0-9])|1234|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9](?![0-9])"
    "|[0-9]{0,4}(?:0000|1111|2222|3333|5555|6666|7777|8888|9999))[1-9][0-9]{7,10}(?![0-9])"
)
SPELLED_FINDERS = tuple(
    SpelledFinder(*finder)
    for finder in (
        *CHAT_FINDERS,
        *ORDER_FINDERS,
        *DOCUMENT_FINDERS,
        *LONG_NUMBER_FINDERS,
        *PHONE_FINDERS,
        Finder(_ROW, AsKind("qq")),
    )
)


# The smaller patterns that settle what of a match counts, by the names that `engine.masking` knows.
NUMBER_PARTS: dict[str, re.Pattern[str]] = {
    "same_number": _SAME_NUMBER,
    "qq_in_link": _QQ_IN_LINK,
    "digits": _DIGITS,
    "mobile": _MOBILE_ACCOUNT,
    "free_link": _FREE_LINK,
    "no_account": _NO_ACCOUNT,
    "no_order": _NO_ORDER,
    "parcel": _PARCEL,
    "parcel_phone": _PARCEL_PHONE,
    "one_more": _ONE_MORE,
    "day": _DAY,
    "years": _YEARS,
}
