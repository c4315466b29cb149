"""Mask whole columns: find, settle what counts, and write the masked texts, all of it compiled."""

from __future__ import annotations

import numpy as np

from analysis.engine.compiled import compiled, lean
from analysis.engine.evidence import (
    FORMS,
    IS_MARK,
    IS_SURE_SURNAME,
    JOINS_NAMES,
    NO_CHARACTER,
    OTHER,
    PAD,
    bond_of,
    eased,
    forms_at,
    next_address,
    next_name,
    settle_name,
    sums_of,
)
from analysis.engine.flat_columns import code_point
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
    "opening",
    "region",
    "edge",
    "doors",
    "known",
    "again",
    "unnamed",
    "trade",
    "known_in_rows",
)
# Integers of Python would each be a type of its own, for which functions are compiled anew.
_part_places = [*map(np.int64, range(len(PARTS)))]
_WHOLE_NAME, _ROLE, _CLAUSE, _PLATFORM, *_NUMBERS, _OPENING, _REGION = _part_places[:-7]
_EDGE, _DOORS, _KNOWN, _AGAIN, _UNNAMED, _TRADE, _KNOWN_IN_ROWS = _part_places[-7:]
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
REACH = 32
# An address of which less is left, when other finds are cut off, is none.
SHORTEST = 3
_SHORTEST = np.int64(SHORTEST)


@lean
def _take_house(machine, spans, length, start, end, reached, is_room):
    """Take an address; return how far this one, or an earlier one, reaches."""
    if start < reached:
        return reached
    begin = _opening(machine, max(reached, start - REACH), start)
    if begin == start and not is_room:
        return reached
    doors = _part_at(machine, _DOORS, end, length)
    reached = end if doors == NOWHERE else doors
    _take_span(spans, machine[-1], begin, reached, _ADDRESS, _NOTHING)
    return reached


@lean
def _opening(machine, floor, anchor):
    """Where the address around `anchor` begins: after the last word that cannot be in it."""
    begin, behind = floor, floor
    while behind != NOWHERE:
        begin = behind
        _, behind = _first_part(machine, _OPENING, begin, anchor)
    region, _ = _first_part(machine, _REGION, begin, anchor)
    begin = begin if region == NOWHERE else region
    while begin < anchor and _part_at(machine, _EDGE, begin, anchor) != NOWHERE:
        begin += 1
    return begin


@lean
def _take_evident_addresses(machine, spans, length, evidence, ids):
    """Take what evidence says are addresses."""
    found = evidence[-1]
    at, end = np.int64(PAD), PAD + length
    while next_address(ids, at, end, evidence):
        at = found[1]
        _take_address(spans, machine[-1], found[0] - PAD, found[1] - PAD)


@lean
def _take_address(spans, groups, start, end):
    """Take an address with the names and addresses in it, and no more than up to other finds."""
    for row in range(1, spans[0, 0] + 1):
        first, last = spans[row, _START], spans[row, _END]
        if last <= start or end <= first:
            continue
        is_within = start <= first and last <= end
        if spans[row, _KIND] == _ADDRESS:
            start, end = min(start, first), max(end, last)
        elif spans[row, _KIND] != _NAME or not is_within:
            if first <= start:
                start = last
            else:
                end = first
    if end - start < _SHORTEST:
        return
    kept = np.int64(1)
    for row in range(1, spans[0, 0] + 1):
        if spans[row, _END] <= start or end <= spans[row, _START]:
            for column in range(spans.shape[1]):
                spans[kept, column] = spans[row, column]
            kept += 1
    spans[0, 0] = kept - 1
    _take_span(spans, groups, start, end, _ADDRESS, _NOTHING)


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
_Q = ord("Q")


@lean
def _read_ids(data, at, end, evidence, text, nothing, ids):
    """Write the numbers of a text's characters; those of tokens are `OTHER`."""
    points, place = evidence[0], np.int64(PAD)
    while at < end:
        point, at = code_point(data, at)
        number = np.int32(points[point]) if point < points.size else np.int32(OTHER)
        # Of what no pattern tells from a token only its own characters are words.
        is_token = text[place - PAD] == nothing and (point >= 0x4E00 or point == _Q)
        ids[place] = np.int32(OTHER) if is_token and point < 0xA000 else number
        place += 1
    ids[place : place + PAD] = NO_CHARACTER


@lean
def _leads_to_somebody(spans):
    """Return how many times something else stands there that leads to one person."""
    count = _NOTHING
    for row in range(1, spans[0, 0] + 1):
        kind = spans[row, _KIND]
        count += kind != _NAME and kind != _HANDLE and kind != _URL
    return np.int64(count > 0)


@lean
def _take_evident(machine, spans, length, evidence, ids):
    """Take what evidence says are names."""
    found = evidence[7]
    at, last = np.int64(PAD), PAD + length - 1
    evidence = eased(evidence, _leads_to_somebody(spans))
    while next_name(ids, at, last, evidence, found):
        _take_name(machine, spans, length, found[0] - PAD, found[1] - PAD)
        at = found[1]


@lean
def _is_unnamed(machine, start, end, length):
    """Tell whether what nothing announces is no name by its characters or by what is behind it."""
    return _is(machine, _UNNAMED, start, length) or _is(machine, _TRADE, end, length)


@lean
def _take_told(machine, spans, length, start, end, least, is_alone, evidence, ids):
    """Take a name that a pattern tells, as far as evidence and known words let it be one."""
    end = settle_name(ids, start + PAD, end + PAD, least, evidence) - PAD
    if end <= start or _is(machine, _KNOWN, start, length):
        return
    if not is_alone or not _is_unnamed(machine, start, end, length):
        _take_span(spans, machine[-1], start, end, _NAME, _NOTHING)


@lean
def _take_name(machine, spans, length, start, end):
    """Take a name, or give the one that is taken within it its length."""
    if _is(machine, _KNOWN, start, length) or _is_unnamed(machine, start, end, length):
        return
    inner = _NOTHING
    for row in range(1, spans[0, 0] + 1):
        if start < spans[row, _END] and spans[row, _START] < end:
            is_within = start <= spans[row, _START] and spans[row, _END] <= end
            if inner or spans[row, _KIND] != _NAME or not is_within:
                return
            inner = np.int64(row)
    if inner:
        spans[inner, _START], spans[inner, _END] = start, end
    else:
        _take_span(spans, machine[-1], start, end, _NAME, _NOTHING)


# In a row with a name (金凤英和杜国良) less is asked of another, and least where marks end it.


# How much must speak for a name's own characters and for all, and set off; the longest name.
LEAST_IN_ROW, LEAST_SET_OFF, _LONGEST_NAME = (-24, -8), (-24, -24), np.int64(4)


@lean
def joined_name(ids, at, is_behind, evidence, found):
    """Find the likeliest name that a sign joins to one which ends, or begins, at a place.

    Parameters
    ----------
    ids, at, is_behind
        Numbers of characters, padded; where the one name ends, or where it begins.
    evidence
        As `corpus/mask_names` writes it.
    found
        Filled with where the other begins and ends.

    Returns
    -------
    bool
        Whether there is one.
    """
    flags, bonds, size = evidence[1], evidence[3], evidence[4]
    joint = at if is_behind else at - 1
    if not flags[ids[joint]] & JOINS_NAMES:
        return False
    first, last = joint + 1, joint + 1
    if not is_behind:
        first, last = joint - _LONGEST_NAME, joint - 2
    best = _TOO_LITTLE
    for start in range(first, last + 1):
        forms = forms_at(ids, start, flags, size, bonds)
        for form in range(FORMS):
            surname, given = 1 + (form >> 1), 1 + (form & 1)
            end = start + surname + given
            if not forms >> form & 1 or not (is_behind or end == joint):
                continue
            own, before, around = sums_of(ids, start, surname, given, evidence)
            edge = ids[end] if is_behind else ids[start - 1]
            least = LEAST_SET_OFF if flags[edge] & (IS_MARK | JOINS_NAMES) else LEAST_IN_ROW
            total = own + before + around
            if own >= least[0] and total >= max(least[1], best + 1):
                best, found[0], found[1] = total, start, end
    return best > _TOO_LITTLE


@lean
def _take_rows(machine, spans, length, evidence, ids):
    """Take the names that stand in a row with one that is taken."""
    found, row = evidence[7], np.int64(1)
    is_private = _leads_to_somebody(spans)
    while row <= spans[0, 0]:
        count = spans[0, 0]
        if spans[row, _KIND] == _NAME:
            for side in range(2):
                at = PAD + (spans[row, _END] if side else spans[row, _START])
                if joined_name(ids, at, side == 1, evidence, found):
                    start, end = found[0] - PAD, found[1] - PAD
                    if not _is_known_in_row(machine, start, end, length, is_private):
                        _take_span(spans, machine[-1], start, end, _NAME, _NOTHING)
                if spans[0, 0] > count:
                    break
        row = row + 1 if spans[0, 0] == count else np.int64(1)


@lean
def _is_known_in_row(machine, start, end, length, is_private):
    if _is(machine, _KNOWN_IN_ROWS, start, length) or _is(machine, _TRADE, end, length):
        return True
    if is_private:
        return False
    return _is(machine, _KNOWN, start, length) or _is(machine, _UNNAMED, start, length)


# Who is named once is masked wherever the name stands.


# Names as short as this may be words as well (高兴).
SHORT = 2
_SHORT, _ONE = np.int64(SHORT), np.int64(1)


@lean
def _take_again(machine, spans, data, begin, length, evidence, ids):
    """Take names that are found already wherever else they stand in the text."""
    row = np.int64(1)
    while row <= spans[0, 0]:
        start = spans[row, _START]
        if spans[row, _KIND] == _NAME:
            end = spans[row, _END]
            _take_alike(machine, spans, data, begin, length, start, end)
            if is_given_known(ids, start + PAD, end + PAD, evidence):
                _take_alike(machine, spans, data, begin, length, end - _SHORT, end)
        # What was taken before it has moved it on; what is alike behind it adds nothing.
        while row <= spans[0, 0] and spans[row, _START] <= start:
            row += 1


@lean
def is_given_known(ids, start, end, evidence):
    """Tell whether somebody is known by a given name of two characters: where they are no word."""
    flags, bonds, size = evidence[1], evidence[3], evidence[4]
    if end - start != _SHORT + 1 or not flags[ids[start]] & IS_SURE_SURNAME:
        return False
    return bond_of(ids[end - 2], ids[end - 1], size, bonds) == 0


@lean
def _take_alike(machine, spans, data, begin, length, start, end):
    """Take all places where the same characters stand as between two places."""
    groups = machine[-1]
    first = _skip(data, begin, start)
    size = _skip(data, first, end - start) - first
    byte, at, last = begin, _NOTHING, length - (end - start)
    while at <= last:
        same = _NOTHING
        while same < size and data[byte + same] == data[first + same]:
            same += 1
        if same == size and (end - start > _SHORT or _stands_again(machine, at, length)):
            _take_span(spans, groups, at, at + end - start, _NAME, _NOTHING)
        byte = _skip(data, byte, _ONE)
        at += 1


@lean
def _stands_again(machine, at, length):
    """Tell whether a short name stands there, and no word."""
    return _is(machine, _AGAIN, at, length) and not _is(machine, _KNOWN, at, length)


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
AS_KIND, HANDLES, ACCOUNTS, ORDERS, LONG_NUMBERS, HOUSES, ROOMS, NAMES = range(8)


@compiled
def mask_rows(data, offsets, excluded, bundle, evidence, tokens, prospects, rooms, results):
    """Mask the texts of a column in which something is found."""
    room, spans, ids = rooms
    ids[:PAD] = NO_CHARACTER
    rows, ends, packed, unsettled = results
    masked = np.empty(1 << 16, np.uint8)
    groups = room[2]
    ends[0] = 0
    count, n_unsettled, written = _NOTHING, _NOTHING, _NOTHING
    for row in range(offsets.size - 1):
        begin, end = offsets[row], offsets[row + 1]
        spans[0, 0] = groups[DOUBT] = 0
        _take_all(data, begin, end, excluded, bundle, prospects, room, spans, evidence, ids)
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
def _take_all(data, begin, end, excluded, bundle, prospects, room, spans, evidence, ids):
    """Take what is found in one text."""
    (symbols, openings, entries, shifts, program), parts, values, finders = bundle
    text, stack, groups, places, likely_there = room
    of_names, of_addresses = evidence
    length = read_symbols(data, begin, end, excluded, symbols, text)
    _read_ids(data, begin, end, of_names, text, symbols[0], ids)
    n_places, found = search(length, openings, program, prospects, room)
    machine = (program, parts, text, stack, groups)
    while found:
        pattern, rest = next_bit(found)
        asked = (found ^ rest, places[:n_places], likely_there)
        found = rest
        reading = (finders[pattern, 0], finders[pattern, 1], finders[pattern, 2])
        finder = (entries[pattern], shifts[pattern], reading)
        _take_matches(machine, spans, finder, values, length, asked, of_names, ids)
    _take_evident_addresses(machine, spans, length, of_addresses, ids)
    _take_evident(machine, spans, length, of_names, ids)
    _take_rows(machine, spans, length, of_names, ids)
    _take_again(machine, spans, data, begin, length, of_names, ids)


@lean
def _take_matches(machine, spans, finder, values, length, asked, evidence, ids):
    """Take what one finder finds at the places where it may match."""
    program, _, text, stack, groups = machine
    entry, shift, (reading, kind, group) = finder
    bit, places, likely_there = asked
    reached, at = _NOTHING, _NOTHING
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
        elif reading == NAMES:
            first, behind = groups[1], groups[2]
            _take_told(machine, spans, length, first, behind, kind, group, evidence, ids)
        elif reading == HANDLES:
            _take_handle(machine, spans, at)
        elif reading == ACCOUNTS:
            _take_account(machine, spans)
        elif reading == ORDERS:
            _take_order(machine, spans, length)
        elif reading == LONG_NUMBERS:
            _take_long_number(machine, spans, values, at, end)
        else:
            reached = _take_house(machine, spans, length, at, end, reached, reading == ROOMS)
        at = end
