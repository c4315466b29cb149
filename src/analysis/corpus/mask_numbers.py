"""Numbers that identify: phones, identity documents, bank cards, orders, plates, passports.

Patterns run on a *folded* copy of the text in which each character stands at its old place
(full-width, circled and other digits as ASCII), so that spans fit the text itself. They mask on
shape; checksums only name the kind, since a typing error fails them and still identifies.
Never `\\b` or `\\w` beside Han characters: `\\w` matches those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.corpus.mask_span import Span

_ZERO = "[\u200b-\u200f\u2060\ufeff\u00ad]"
_GAP = f"(?:(?:[ \\-._·~—–]|{_ZERO}){{1,3}})"
_UNIT = "(?![ ]?(?:元|块|万|亿|米|克|[¥%°℃]))"
_BEFORE = r"(?<![0-9])(?<![0-9]\.)"
_AFTER = r"(?![0-9])"

_MOBILE = re.compile(
    rf"(?:(?<![0-9])(?:\+|00)?86{_GAP}?|(?<![0-9])(?<![0-9]\.))"
    rf"(?:1(?:{_ZERO})*[3-9](?:(?:{_ZERO})*[0-9]){{9}}"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}?[0-9]{{4}}"
    rf"|1[3-9][0-9]{{5}}{_GAP}[0-9]{{4}}"
    rf"|1[3-9][0-9]{_GAP}[0-9]{{3}}{_GAP}[0-9]{{5}}"
    rf"|1[3-9][0-9]{{2}}-[0-9]{{3}}-[0-9]{{4}}"
    rf"|1(?P<gap>[ \-._·,，、/]{{1,2}})[3-9](?:(?P=gap)[0-9]){{9}})"
    rf"{_AFTER}{_UNIT}"
)
_LANDLINE = re.compile(
    rf"{_BEFORE}(?:[(（]0[1-9][0-9]{{1,2}}[)）]|0(?:10|2[0-9]|[3-9][0-9]{{2}}|1[0-9]))[ \-—]{{0,2}}"
    rf"[2-8][0-9]{{2,3}}[ \-]?[0-9]{{4}}(?:(?:转|分机|-)[0-9]{{1,5}})?{_AFTER}{_UNIT}"
)
# A local number is told from a price or a code only by what stands before it.
_LOCAL = re.compile(
    r"(?:电话|座机|固话|致电|来电|手机|(?<![A-Za-z])[Tt][Ee][Ll])(?:号码?|联系)?[:： 是为.]{0,3}"
    rf"(?P<it>(?!400|800|95|96|106|12[0-9]{{3}}{_AFTER})[2-8][0-9]{{2,3}}[ \-]?[0-9]{{4}})"
    rf"{_AFTER}{_UNIT}"
)

_DATE = "(?:0[1-9]|1[0-2])[ ]?(?:0[1-9]|[12][0-9]|3[01])"
_CITIZEN = re.compile(
    rf"{_BEFORE}[1-9][0-9]{{5}}[ \-]?(?:18|19|20)[0-9]{{2}}[ \-]?{_DATE}[ \-]?[0-9]{{3}}[ ]?[0-9Xx]"
    rf"{_AFTER}"
)
_CITIZEN_OLD = re.compile(rf"{_BEFORE}[1-6][0-9]{{7}}{_DATE}[0-9]{{3}}{_AFTER}{_UNIT}")
_CITIZEN_CUED = re.compile(
    r"(?:身份证|身分证|证件|ID卡|社保卡|社保|医保卡|居住证)(?:号码?|编号)?[:： 是为(（]{0,3}"
    rf"(?P<it>[0-9][0-9 \-]{{13,20}}[0-9Xx]){_AFTER}"
)
_PERMIT = re.compile(
    r"(?:通行证|回乡证|台胞证|港澳证|居留证|军官证)(?:号码?)?[:： 是为]{0,3}"
    r"(?P<it>[A-Za-z]{0,2}[0-9]{7,10})(?![0-9A-Za-z])"
)

_CARD_CUED = re.compile(
    r"(?:银行卡|储蓄卡|信用卡|借记卡|卡号|账号|帐号|账户|帐户|(?:工|农|中|建|交|招)行|银行|邮储)"
    r"(?:号码?|卡号?|账号)?[:： 是为(（]{0,3}"
    rf"(?P<it>[1-9][0-9]{{3}}[ \-]?(?:[0-9]{{4}}[ \-]?){{2}}[0-9]{{3,4}}(?:[ \-]?[0-9]{{1,3}})?){_AFTER}"
)
_LONG = re.compile(
    rf"{_BEFORE}(?!106[0-9])[1-9][0-9]{{3}}(?P<gap>[ \-]?)[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)"
    rf"[0-9]{{4}}(?:(?P=gap)[0-9]{{1,3}})?{_AFTER}{_UNIT}"
)

_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}[ \-]?)+")

_ORDER_ID = (
    r"(?P<it>(?:[A-Za-z]{1,5}[0-9]{0,2}[A-Za-z]{0,2})?[0-9][0-9\-]{6,26}[0-9])(?![0-9A-Za-z])"
)
_ORDER = re.compile(
    r"(?:[订定]单(?:编?号码?)?|[单编]号|[快运](?:递|单)(?:编?号码?|单)?|物流(?:编?号|单)?|运单|面单|"
    r"流水号?|交易号|退款(?:编?号|单)|工单|受理(?:编?号|单)?|投诉(?:编?号|单)|取件码|寄件码)"
    rf"[号码]?[:： #＃是为(（【\[]{{0,4}}{_ORDER_ID}{_UNIT}"
)
_ORDER_BEHIND = re.compile(
    rf"{_BEFORE}(?P<it>[0-9]{{10,24}})[ )）】]{{0,2}}(?:这个|这笔|这单|的|是|为)?(?:我的)?"
    r"(?:[订定]单|单号|快递单|运单|物流单|退款单)"
)
_COURIER = re.compile(
    r"(?<![0-9A-Za-z])(?:SF|sf|YT|yt|JT|jt|ZT|ST|JD|JDV[A-Z0-9]{0,3}|JDX|DPK|EMS|YD|HT|TT|EA|LP)"
    r"[0-9]{11,18}(?![0-9A-Za-z])"
)
_ORDER_FOREIGN = re.compile(rf"{_BEFORE}[0-9]{{3}}-[0-9]{{7}}-[0-9]{{7}}{_AFTER}")

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_PLATE = re.compile(
    rf"(?:[{_PROVINCES}]|(?<![最全出上更崭重从])新)[A-Za-z][·•・. ]?"
    r"(?:[DFdf][A-HJ-NP-Za-hj-np-z0-9][0-9]{4}|[0-9]{5}[DFdf]"
    r"|(?=[A-Za-z]{0,2}[0-9]|[0-9])(?=(?:[A-Za-z]?[0-9]){3}|[0-9A-Za-z]*[0-9]{3}|[0-9]{2}[A-Za-z]{1,2}[0-9]{1,2})"
    r"[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![0-9A-Za-z])"
)
_PASSPORT = re.compile(
    r"(?:护照|passport|Passport|PASSPORT)(?:号码?|编号|No\.?|no\.?)?[:： 是为(（]{0,3}"
    r"(?P<it>[A-Za-z]{1,2}[0-9]{7,8})(?![0-9A-Za-z])"
)

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("id_card", _CITIZEN_CUED),
    ("id_card", _PERMIT),
    ("passport", _PASSPORT),
    ("bank_card", _CARD_CUED),
    ("order_no", _ORDER),
    ("order_no", _ORDER_BEHIND),
    ("order_no", _COURIER),
    ("order_no", _ORDER_FOREIGN),
    ("id_card", _CITIZEN),
    ("bank_card", _LONG),
    ("id_card", _CITIZEN_OLD),
    ("plate", _PLATE),
    ("phone", _MOBILE),
    ("phone", _LANDLINE),
    ("phone", _LOCAL),
)


def number_spans(folded: str) -> Iterator[Span]:
    """Yield the numbers that identify, the surest kind first; spans may overlap.

    Examples
    --------
    >>> [span.kind for span in number_spans("打13812345678没人接，12315也打过，1299元")]
    ['phone']
    """
    for kind, pattern in _RULES:
        for found in pattern.finditer(folded):
            group = "it" if "it" in pattern.groupindex else 0
            start, end = found.span(group)
            named = _name(kind, folded[start:end])
            if named is not None:
                yield Span(start, end, named)


def _name(kind: str, written: str) -> str | None:
    """Settle the kind of a long number; None for the runs that are laughter or hotlines."""
    digits = [int(mark) for mark in written if mark in "0123456789"]
    if kind in {"order_no", "bank_card"} and len(set(digits)) <= 2:
        return None
    if kind == "bank_card" and _YEARS.fullmatch(written):
        return None
    if kind == "order_no" and written.startswith(("400", "800", "955", "106")):
        return None if len(digits) <= 10 or written.startswith("106") else kind
    if kind == "bank_card" and not (written.startswith("62") or _passes_luhn(digits)):
        return "bank_card" if written[0] in "3456" and not written.isdigit() else "order_no"
    return kind


def _passes_luhn(digits: list[int]) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1)."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0
