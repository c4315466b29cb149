"""Order and tracking numbers, bank cards, and other long numbers that lead to a person.

They are masked on shape and cue; Luhn's check only names the kind, since one random number of 16
digits in ten passes it, and a typing error fails it and still identifies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analysis.corpus.mask_span import AsKind, Finder, Span

_NO_UNIT = "(?![ ]?(?:元|块|万|亿|米|克|[¥%°℃]))"
_BEFORE = r"(?<![0-9])(?<![0-9]\.)"

_CARD_CUED = re.compile(
    r"(?:银行卡|储蓄卡|信用卡|借记卡|卡号|账号|帐号|账户|帐户|(?:工|农|中|建|交|招)行|银行|邮储)"
    r"(?:号码?|卡号?|账号)?[: 是为(]{0,3}"
    r"(?P<it>[1-9][0-9]{3}[ \-]?(?:[0-9]{4}[ \-]?){2}[0-9]{3,4}(?:[ \-]?[0-9]{1,3})?)(?![0-9])"
)
# Sixteen to nineteen digits, in one piece or in fours. 106… is a sender of short messages.
_LONG = re.compile(
    rf"{_BEFORE}(?!106[0-9])[1-9][0-9]{{3}}(?P<gap>[ \-]?)[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)"
    rf"[0-9]{{4}}(?:(?P=gap)[0-9]{{1,3}})?(?![0-9]){_NO_UNIT}"
)
YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}[ \-]?)+\Z")
DAY = re.compile(r"(?:19|20)[0-9]{2}-?[01]?[0-9]-?[0-3]?[0-9]\Z")
# Behind a cue: fewer than eight digits, one digit again and again, hotlines and days.
NO_ORDER = re.compile(
    r"(?:(?:[^0-9]*[0-9]){0,7}"
    r"|[^0-9]*(?P<same>[0-9])(?:[^0-9]*(?P=same))*"
    r"|[^0-9]*[48][^0-9]*0[^0-9]*0(?:[^0-9]*[0-9]){0,7}"
    r"|[^0-9]*9[^0-9]*5(?:[^0-9]*[0-9]){0,8}"
    r"|[^0-9]*1[^0-9]*0[^0-9]*6(?:[^0-9]*[0-9]){0,7})[^0-9]*\Z"
    rf"|{DAY.pattern}"
)
# A phone number behind the cue of a parcel.
PARCEL = re.compile(r"(?:快递|物流)\Z")
PARCEL_PHONE = re.compile(r"[^0-9]*1[^0-9]*[3-9](?:[^0-9]*[0-9]){9}[^0-9]*\Z")

_NUMBER = r"(?P<it>(?:[A-Za-z]{1,5}[0-9]{0,2}[A-Za-z]{0,2})?[0-9][0-9\-]{6,26}[0-9])(?![0-9A-Za-z])"
_ORDER = re.compile(
    r"(?P<cue>[订定]单(?:编?号码?)?|(?<![产商货]品)(?<!款式)(?<!型号)[单编]号|[快运](?:递|单)"
    r"(?:编?号码?|单)?|物流(?:编?号|单)?|面单|流水号?|交易号|退款(?:编?号|单)|工单"
    r"|受理(?:编?号|单)?|投诉(?:编?号|单)|(?:取|寄)件码)"
    rf"[号码]?[: #是为(\[【]{{0,4}}{_NUMBER}{_NO_UNIT}"
)
ONE_MORE = re.compile(rf"[和与及、,/ ]{{1,3}}{_NUMBER}{_NO_UNIT}")
_ORDER_BEHIND = re.compile(
    rf"{_BEFORE}(?P<it>[0-9]{{10,24}})[ )】]{{0,2}}(?:这个|这笔|这单|[的是为])?(?:我的)?"
    r"(?:[订定]单|单号|快递单|运单|物流单|退款单)"
)
_COURIER = re.compile(
    r"(?<![0-9A-Za-z])(?:SF|YT|JT|ZT|ST|JD|JDV[A-Z0-9]{0,3}|JDX|DPK|EMS|YD|HT|TT|EA|LP)"
    r"[0-9]{11,18}(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_AMAZON = re.compile(rf"{_BEFORE}[0-9]{{3}}-[0-9]{{7}}-[0-9]{{7}}(?![0-9])")


def read_orders(matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Yield the numbers behind cues, and those joined to them (订单号123和456)."""
    for found in matches:
        if NO_ORDER.match(found["it"]):
            continue
        is_phone = PARCEL.match(found["cue"]) and PARCEL_PHONE.match(found["it"])
        yield Span(*found.span("it"), "phone" if is_phone else "order_no")
        more = ONE_MORE.match(found.string, found.end("it"))
        while more and not DAY.match(more["it"]):
            yield Span(*more.span("it"), "order_no")
            more = ONE_MORE.match(found.string, more.end("it"))


def _long_kind(written: str) -> str | None:
    """Settle the kind of a long number; None for laughter (66666…) and for rows of years."""
    digits = [int(mark) for mark in written if mark.isdigit()]
    if len(set(digits)) <= 2 or YEARS.match(written):
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
