"""Mask whole columns: find, settle what counts, and write the masked texts, all of it compiled."""

from __future__ import annotations

import numpy as np

from analysis.engine.compiled import compiled, lean
from analysis.engine.regex_search import DOUBT, NOWHERE, match_at, next_bit, read_symbols, search

# What is found in one text, without overlaps: where it stands, and of what kind it is.


KINDS = (
    "phone",
    "id_card",
    "bank_card",
    "order_no",
    "plate",
    "passport",
    "email",
    "wechat",
    "qq",
    "url",
    "handle",
    "address",
    "name",
)
# Integers of Python would each be a type of its own, for which functions are compiled anew.
_places = map(np.int64, range(len(KINDS)))
_PHONE, _, _BANK_CARD, _ORDER_NO, _, _, _, _WECHAT, _QQ, _URL, _HANDLE, _ADDRESS, _NAME = _places
_NOTHING, _TOO_LITTLE = np.int64(0), np.int64(-(1 << 40))
# Of each: first character, end, kind, and how many characters behind the first one are kept.
_START, _END, _KIND, _KEPT = range(4)
# A text in which more is found is left to Python.
MOST = 60
_BITS = 4


@lean
def _take_span(spans, groups, start, end, kind, kept):
    """Add what is found if it overlaps nothing."""
    count = spans[0, 0]
    for row in range(1, count + 1):
        if start < spans[row, _END] and spans[row, _START] < end:
            return
    if count == MOST:
        groups[DOUBT] = 1
        return
    row = count + 1
    # In order of their places: what stands behind it moves on.
    while row > 1 and spans[row - 1, _START] > start:
        for column in range(spans.shape[1]):
            spans[row, column] = spans[row - 1, column]
        row -= 1
    spans[row, _START], spans[row, _END] = start, end
    spans[row, _KIND], spans[row, _KEPT] = kind, kept
    spans[0, 0] = count + 1


@lean
def _packed_counts(spans):
    """Return how much is found of each kind, in four bits a kind; -1 where these are too few."""
    packed = np.int64(0)
    for row in range(1, spans[0, 0] + 1):
        shift = _BITS * spans[row, _KIND]
        if packed >> shift & 15 == 15:
            return np.int64(-1)
        packed += np.int64(1) << shift
    return packed


def counts_by_kind(packed: int) -> dict[str, int]:
    """Return the counts that are packed in a number, by the name of the kind.

    Examples
    --------
    >>> counts_by_kind(2 + (1 << 4 * 8))
    {'phone': 2, 'qq': 1}
    """
    counts = {kind: packed >> _BITS * place & 15 for place, kind in enumerate(KINDS)}
    return {kind: count for kind, count in counts.items() if count}


# The smaller patterns that settle what of a match counts, matched within a stretch of a text.


# In this order they stand behind the patterns of a program.
PARTS = (
    "whole_name",
    "role",
    "clause",
    "platform",
    "same_number",
    "qq_in_link",
    "digits",
    "mobile",
    "free_link",
    "no_account",
    "no_order",
    "parcel",
    "parcel_phone",
    "one_more",
    "day",
    "years",
)
# Integers of Python would each be a type of its own, for which functions are compiled anew.
_part_places = [*map(np.int64, range(len(PARTS)))]
_WHOLE_NAME, _ROLE, _CLAUSE, _PLATFORM, *_NUMBERS = _part_places
_SAME_NUMBER, _QQ_IN_LINK, _DIGITS, _MOBILE, _FREE_LINK, _NO_ACCOUNT, *_ORDERS = _NUMBERS
_NO_ORDER, _PARCEL, _PARCEL_PHONE, _ONE_MORE, _DAY, _YEARS = _ORDERS


@lean
def _part_at(machine, part, at, end):
    """Return where a part ends that begins at a place of a text that ends at another."""
    program, (parts, _), text, stack, groups = machine
    behind = text[end]
    text[end] = program[2].shape[1] - 1
    found = match_at(program, parts[part], text, at, stack, groups)
    text[end] = behind
    return found


@lean
def _first_part(machine, part, at, end):
    """Return where a part begins first between two places, and where it ends."""
    text, firsts = machine[2], machine[1][1]
    bit = np.uint64(1) << np.uint64(part)
    while at < end:
        if firsts[text[at]] & bit:
            found = _part_at(machine, part, at, end)
            if found != NOWHERE:
                return at, found
        at += 1
    return NOWHERE, NOWHERE


# Where the name of an account ends, as `corpus/mask_names` reads it.


# Names on Weibo have at most 30 bytes in GBK.
LONGEST = 15


@lean
def _take_handle(machine, spans, start):
    """Take an account, without the clause that follows; the platform it names is kept."""
    groups = machine[-1]
    name, end, is_sure = groups[1], groups[2], groups[4] > groups[3]
    end = _name_end(machine, name, end, is_sure)
    platform = _part_at(machine, _PLATFORM, start, end)
    kept = _NOTHING if platform == NOWHERE else platform - name
    _take_span(spans, groups, start, end, _HANDLE, kept)


@lean
def _name_end(machine, name, end, is_sure):
    if _part_at(machine, _WHOLE_NAME, name, end) != NOWHERE:
        return end
    if is_sure and end - name <= LONGEST:
        return end
    nearest = min(end, name + LONGEST)
    role, role_end = _first_part(machine, _ROLE, name + 1, end)
    if role != NOWHERE:
        nearest = min(nearest, role_end)
    clause, _ = _first_part(machine, _CLAUSE, name + 2, end)
    if clause != NOWHERE and (role == NOWHERE or clause >= role_end):
        nearest = min(nearest, clause)
    return nearest


# Where the address around a house begins and ends, as `corpus/mask_addresses` reads it.


# So far before a house its address is looked for.
# An address of which less is left, when other finds are cut off, is none.


# Of what kind numbers and accounts are, as `corpus/mask_numbers` says.


@lean
def _take_account(machine, spans):
    """Take an account behind 微信, unless it is a word."""
    groups = machine[-1]
    link, link_end, account, end = groups[1], groups[2], groups[3], groups[4]
    kind = _WECHAT
    if _is(machine, _MOBILE, account, end) and _holds(machine, _SAME_NUMBER, link, link_end):
        kind = _PHONE
    elif _is(machine, _DIGITS, account, end) and _holds(machine, _QQ_IN_LINK, link, link_end):
        kind = _QQ
    elif _is(machine, _FREE_LINK, link, link_end) and _is(machine, _NO_ACCOUNT, account, end):
        return
    _take_span(spans, groups, account, end, kind, _NOTHING)


@lean
def _take_order(machine, spans, length):
    """Take the number behind a cue, and those joined to it."""
    groups = machine[-1]
    cue, cue_end, number, end = groups[1], groups[2], groups[3], groups[4]
    if _is(machine, _NO_ORDER, number, end):
        return
    is_phone = _is(machine, _PARCEL, cue, cue_end) and _is(machine, _PARCEL_PHONE, number, end)
    _take_span(spans, groups, number, end, _PHONE if is_phone else _ORDER_NO, _NOTHING)
    while _part_at(machine, _ONE_MORE, end, length) != NOWHERE:
        number, end = groups[1], groups[2]
        if _is(machine, _DAY, number, end):
            return
        _take_span(spans, groups, number, end, _ORDER_NO, _NOTHING)


@lean
def _take_long_number(machine, spans, values, start, end):
    """Take a long number, unless it is laughter (66666…) or a row of years."""
    text, groups = machine[2], machine[-1]
    if _is(machine, _YEARS, start, end):
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
    second = start + 1
    while values[text[second]] < 0:
        second += 1
    first, second = values[text[start]], values[text[second]]
    is_grouped = digits < end - start
    is_card = (first == 6 and second == 2) or luhn % 10 == 0 or (is_grouped and 3 <= first <= 6)
    _take_span(spans, groups, start, end, _BANK_CARD if is_card else _ORDER_NO, _NOTHING)


@lean
def _is(machine, part, start, end):
    return _part_at(machine, part, start, end) != NOWHERE


@lean
def _holds(machine, part, start, end):
    return _first_part(machine, part, start, end)[0] != NOWHERE


# Names and addresses that no pattern tells (`engine/evidence`).


# The letter in a token.


# In a row with a name (金凤英和杜国良) less is asked of another, and least where marks end it.


# How much must speak for a name's own characters and for all, and set off; the longest name.


# Who is named once is masked wherever the name stands.


# Names as short as this may be words as well (高兴).


# Write a text with tokens in the places of what is found.


@lean
def _write_masked(data, at, end, spans, tokens, masked, written):
    """Write the masked text; return where it ends."""
    place, first = _NOTHING, np.int64(1)
    for row in range(1, spans[0, 0] + 1):
        behind = _skip(data, at, spans[row, _START] - place)
        written = _copy_bytes(data, at, behind, masked, written)
        if spans[row, _KEPT]:
            kept = _skip(data, behind, first)
            written = _copy_bytes(data, kept, _skip(data, kept, spans[row, _KEPT]), masked, written)
        token = tokens[spans[row, _KIND]]
        written = _copy_bytes(token, first, first + token[0], masked, written)
        at = _skip(data, behind, spans[row, _END] - spans[row, _START])
        place = spans[row, _END]
    return _copy_bytes(data, at, end, masked, written)


@lean
def _skip(data, at, characters):
    """Return the byte behind so many characters."""
    for _ in range(characters):
        first = data[at]
        at += 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)
    return at


@lean
def _copy_bytes(data, at, end, masked, written):
    """Copy some bytes; return where they end."""
    read, write = data[at:end], masked[written:]
    for byte in range(read.size):
        write[byte] = read[byte]
    return written + read.size


# How the matches of a finder are read.
AS_KIND, HANDLES, ACCOUNTS, ORDERS, LONG_NUMBERS = range(5)


@compiled
def mask_rows(data, offsets, excluded, bundle, tokens, prospects, rooms, results):
    """Mask the texts of a column in which something is found."""
    room, spans = rooms
    rows, ends, packed, unsettled = results
    masked = np.empty(1 << 16, np.uint8)
    groups = room[2]
    ends[0] = 0
    count, n_unsettled, written = _NOTHING, _NOTHING, _NOTHING
    for row in range(offsets.size - 1):
        begin, end = offsets[row], offsets[row + 1]
        spans[0, 0] = groups[DOUBT] = 0
        _take_all(data, begin, end, excluded, bundle, prospects, room, spans)
        found = _packed_counts(spans)
        if groups[DOUBT] or found < 0:
            unsettled[n_unsettled] = row
            n_unsettled += 1
        elif found:
            longest = written + end - begin + MOST * tokens.shape[1]
            if longest > masked.size:
                grown = np.empty(2 * longest, np.uint8)
                _copy_bytes(masked, _NOTHING, written, grown, _NOTHING)
                masked = grown
            written = _write_masked(data, begin, end, spans, tokens, masked, written)
            rows[count], packed[count], ends[count + 1] = row, found, written
            count += 1
    return masked[:written], count, n_unsettled


@lean
def _take_all(data, begin, end, excluded, bundle, prospects, room, spans):
    """Take what is found in one text."""
    (symbols, openings, entries, shifts, program), parts, values, finders = bundle
    text, stack, groups, places, likely_there = room
    length = read_symbols(data, begin, end, excluded, symbols, text)
    n_places, found = search(length, openings, program, prospects, room)
    machine = (program, parts, text, stack, groups)
    while found:
        pattern, rest = next_bit(found)
        asked = (found ^ rest, places[:n_places], likely_there)
        found = rest
        reading = (finders[pattern, 0], finders[pattern, 1], finders[pattern, 2])
        finder = (entries[pattern], shifts[pattern], reading)
        _take_matches(machine, spans, finder, values, length, asked)


@lean
def _take_matches(machine, spans, finder, values, length, asked):
    """Take what one finder finds at the places where it may match."""
    program, _, text, stack, groups = machine
    entry, shift, (reading, kind, group) = finder
    bit, places, likely_there = asked
    at = _NOTHING
    for row in range(places.size):
        if not likely_there[row] & bit or places[row] + shift < at:
            continue
        at = np.int64(places[row] + shift)
        end = match_at(program, entry, text, places[row], stack, groups)
        if groups[DOUBT]:
            return
        if end == NOWHERE:
            continue
        if reading == AS_KIND:
            first = groups[group] if group else at
            behind = groups[group + 1] if group else end
            _take_span(spans, groups, first, behind, kind, _NOTHING)
        elif reading == HANDLES:
            _take_handle(machine, spans, at)
        elif reading == ACCOUNTS:
            _take_account(machine, spans)
        elif reading == ORDERS:
            _take_order(machine, spans, length)
        else:
            _take_long_number(machine, spans, values, at, end)
        at = end
