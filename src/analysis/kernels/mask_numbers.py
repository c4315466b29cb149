"""Of what kind numbers and accounts are, as `corpus/mask_chats` and `corpus/mask_orders` say."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202
from __future__ import annotations

from analysis.kernels.compiled import lean
from analysis.kernels.mask_parts import (
    DAY,
    DIGITS,
    FREE_LINK,
    MOBILE,
    NO_ACCOUNT,
    NO_ORDER,
    ONE_MORE,
    PARCEL,
    PARCEL_PHONE,
    QQ_IN_LINK,
    SAME_NUMBER,
    YEARS,
    first_part,
    part_at,
)
from analysis.kernels.mask_spans import BANK_CARD, NOTHING, ORDER_NO, PHONE, QQ, WECHAT, take_span
from analysis.kernels.pattern_match import NOWHERE


@lean
def take_account(machine, taken):
    """Take an account behind 微信, unless it is a word."""
    groups = machine[-1]
    link, link_end, account, end = groups[1], groups[2], groups[3], groups[4]
    kind = WECHAT
    if _is(machine, MOBILE, account, end) and _holds(machine, SAME_NUMBER, link, link_end):
        kind = PHONE
    elif _is(machine, DIGITS, account, end) and _holds(machine, QQ_IN_LINK, link, link_end):
        kind = QQ
    elif _is(machine, FREE_LINK, link, link_end) and _is(machine, NO_ACCOUNT, account, end):
        return
    take_span(taken, groups, account, end, kind, NOTHING)


@lean
def take_order(machine, taken, length):
    """Take the number behind a cue, and those joined to it."""
    groups = machine[-1]
    cue, cue_end, number, end = groups[1], groups[2], groups[3], groups[4]
    if _is(machine, NO_ORDER, number, end):
        return
    is_phone = _is(machine, PARCEL, cue, cue_end) and _is(machine, PARCEL_PHONE, number, end)
    take_span(taken, groups, number, end, PHONE if is_phone else ORDER_NO, NOTHING)
    while part_at(machine, ONE_MORE, end, length) != NOWHERE:
        number, end = groups[1], groups[2]
        if _is(machine, DAY, number, end):
            return
        take_span(taken, groups, number, end, ORDER_NO, NOTHING)


@lean
def take_long_number(machine, taken, values, start, end):
    """Take a long number, unless it is laughter (66666…) or a row of years."""
    text, groups = machine[2], machine[-1]
    if _is(machine, YEARS, start, end):
        return
    seen, digits, luhn = 0, 0, 0
    for place in range(end - 1, start - 1, -1):
        value = values[text[place]]
        if value >= 0:
            seen |= 1 << value
            doubled = value << (digits & 1)
            luhn += doubled - 9 if doubled > 9 else doubled
            digits += 1
    rest = seen & (seen - 1)
    if rest & (rest - 1) == 0:  # two digits at most, again and again
        return
    first, second = values[text[start]], values[text[start + 1]]
    is_grouped = digits < end - start
    is_card = (first == 6 and second == 2) or luhn % 10 == 0 or (is_grouped and 3 <= first <= 6)
    take_span(taken, groups, start, end, BANK_CARD if is_card else ORDER_NO, NOTHING)


@lean
def _is(machine, part, start, end):
    return part_at(machine, part, start, end) != NOWHERE


@lean
def _holds(machine, part, start, end):
    return first_part(machine, part, start, end)[0] != NOWHERE
