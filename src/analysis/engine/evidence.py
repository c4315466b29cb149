"""Names and addresses that no pattern tells: evidence of linear models, added up.

What the numbers of characters and the weights are: `corpus/mask_names`, `corpus/mask_addresses`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import compiled, lean, spliced

_NONE = np.int64(0)
# So many characters without meaning stand before and behind a text.
PAD = 4
# The characters that are none of the table's: Chinese ones, others, digits, letters, and no more.
OTHER_HAN, OTHER, DIGIT, LETTER, NO_CHARACTER, FIRST_NUMBER = range(1, 7)
# What a character may be, and a bond between two: how strong, and whether they are a surname.
MAY_BE_GIVEN, IS_SURNAME, OPENS_SURNAME, IS_SURE_SURNAME, JOINS_NAMES, IS_MARK = (
    1 << bit for bit in range(6)
)
STRENGTHS, IS_DOUBLE = 8, 8
# How many features a name has: of its own, of what stands before it, and all.
OWN, BEFORE, OF_ALL = 6, 5, 17
# Bonds of four places for names of each length, and of two before and behind.
N_BONDS = 10
CONTEXTS = 32_749  # prime
FORMS = 4
_BOND_HASH, _BOND_BITS = 2_654_435_761, 4
_TOO_LITTLE = np.int64(-(1 << 40))
# So much likelier a name of two characters must be with a third.
_MORE = 22


@lean
def bond_of(one, other, size, bonds):
    """Return how firmly two characters belong together in ordinary text, and `IS_DOUBLE`."""
    if one < FIRST_NUMBER or other < FIRST_NUMBER:
        return _NONE
    key = np.int64(one) * size + other
    at = (key * _BOND_HASH) & (bonds.size - 1)
    while bonds[at] >= 0:
        if bonds[at] >> _BOND_BITS == key:
            return np.int64(bonds[at] & ((1 << _BOND_BITS) - 1))
        at = (at + 1) & (bonds.size - 1)
    return _NONE


def hash_bonds(pairs: npt.NDArray[np.int64], firm: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the table in which `bond_of` looks up pairs of numbers, -1 where it is empty.

    A pair and its strength are one number.
    """
    size = 4
    while size < 2 * pairs.size:
        size *= 2
    bonds = np.full(size, -1, np.int64)
    for key, strength in zip(pairs.tolist(), firm.tolist(), strict=True):
        at = (key * _BOND_HASH) & (size - 1)
        while bonds[at] >= 0:
            at = (at + 1) & (size - 1)
        bonds[at] = key << _BOND_BITS | strength
    return bonds


@spliced
def _context(one, other, third, form):
    return (one * 7_919 + other * 104_729 + third * 1_299_709 + form * 15_485_863) % CONTEXTS


@lean
def list_evidence(ids, at, surname, given, size, bonds, features):
    """Write the features of a name: those of its own characters, and of what is around it."""
    _list_own(ids, at, surname, given, size, bonds, features)
    _list_around(ids, at, surname, given, size, bonds, features)


@spliced
def _list_own(ids, at, surname, given, size, bonds, features):
    first, end = at + surname, at + surname + given
    last = end - 1
    form = 2 * (surname - 1) + given - 1
    features[0] = 1 + form
    base = 1 + FORMS
    features[1] = base + (0 if surname == 2 else ids[at])
    base += size
    features[2] = base + (ids[first] if given == 1 else size + ids[first])
    features[3] = base + 2 * size + ids[last] if given == 2 else 0
    base += 3 * size
    tie = base + given * N_BONDS * STRENGTHS
    bond = bond_of(ids[first - 1], ids[first], size, bonds) & 7
    features[4] = tie + (7 if surname == 2 else bond)
    bond = bond_of(ids[first], ids[last], size, bonds) & 7
    features[5] = tie + STRENGTHS + bond if given == 2 else 0


@spliced
def _list_around(ids, at, surname, given, size, bonds, features):
    end = at + surname + given
    last = end - 1
    base = 1 + FORMS + 4 * size
    tie = base + given * N_BONDS * STRENGTHS
    before, behind = ids[at - 1], ids[end]
    further, beyond = ids[at - 2], ids[end + 1]
    bond = bond_of(before, ids[at], size, bonds) & 7
    features[6] = tie + 2 * STRENGTHS + bond
    bond = bond_of(ids[last], behind, size, bonds) & 7
    features[11] = tie + 3 * STRENGTHS + bond
    features[7] = base + 4 * STRENGTHS + (bond_of(further, before, size, bonds) & 7)
    features[12] = base + 5 * STRENGTHS + (bond_of(behind, beyond, size, bonds) & 7)
    base += 3 * N_BONDS * STRENGTHS
    features[8] = base + before
    features[13] = base + size + behind
    base += 2 * size
    features[9] = base + _context(further, before, 0, 1)
    features[10] = base + _context(ids[at - 3], further, before, 2)
    features[14] = base + _context(behind, beyond, 0, 3)
    features[15] = base + _context(behind, beyond, ids[end + 2], 4)
    features[16] = base + _context(before, behind, 0, 5)


def count_features(size: int) -> int:
    """Return how long the table of weights is for so many numbers of characters."""
    return 1 + FORMS + 6 * size + 3 * N_BONDS * STRENGTHS + CONTEXTS


@spliced
def _first_weight(ids, at, surname, given, size, weights):
    """Return what a name's characters and its neighbours weigh each by itself: told soonest."""
    first = at + surname
    end = first + given
    total = np.int64(weights[1 + 2 * (surname - 1) + given - 1])
    base = 1 + FORMS
    total += weights[base + (0 if surname == 2 else ids[at])]
    base += size
    if given == 1:
        total += weights[base + ids[first]]
    else:
        total += weights[base + size + ids[first]] + weights[base + 2 * size + ids[end - 1]]
    base += 3 * size + 3 * N_BONDS * STRENGTHS
    return total + weights[base + ids[at - 1]] + weights[base + size + ids[end]]


# So much less is asked where the text holds something else that leads to a person.
_EASE = 8


@lean
def eased(evidence, times):
    """Return evidence that asks for so many times less."""
    points, flags, weights, bonds, size, least, features, found = evidence
    first, own, of_all, announced, of_announced, own_announced = least[:6]
    sure, of_sure, before, around = least[6:]
    of_all -= times * _EASE
    of_announced -= times * _EASE
    least = (
        first,
        own,
        of_all,
        announced,
        of_announced,
        own_announced,
        sure,
        of_sure,
        before,
        around,
    )
    return points, flags, weights, bonds, size, least, features, found


@lean
def sums_of(ids, at, surname, given, evidence):
    """Return how much evidence there is of a name: of its own characters, before it, behind it."""
    _, _, weights, bonds, size, _, features, _ = evidence
    list_evidence(ids, at, surname, given, size, bonds, features)
    own = _sum_of(weights, features, 0, OWN)
    return own, *_sums_around(weights, features)


@spliced
def _sums_around(weights, features):
    before = _sum_of(weights, features, OWN, OWN + BEFORE)
    return before, _sum_of(weights, features, OWN + BEFORE, OF_ALL)


@spliced
def _sum_of(weights, features, first, past):
    total = _NONE
    for place in range(first, past):
        total += weights[features[place]]
    return total


@lean
def _weigh(ids, at, surname, given, evidence):
    """Return how much evidence there is of a name; `_TOO_LITTLE` where it does not do."""
    _, flags, weights, bonds, size, bounds, features, _ = evidence
    _, least_own, least, announced, least_announced, least_own_announced = bounds[:6]
    sure, least_sure, least_before, least_around = bounds[6:]
    _list_own(ids, at, surname, given, size, bonds, features)
    own = _sum_of(weights, features, 0, OWN)
    if own < least_own and own < least_own_announced and own < sure:
        return _TOO_LITTLE
    _list_around(ids, at, surname, given, size, bonds, features)
    before, around = _sums_around(weights, features)
    total = own + before + around
    if own >= least_own and total >= least:
        return total
    if own >= least_own_announced and before >= announced and total >= least_announced:
        return total
    is_sure = own >= sure and flags[ids[at]] & IS_SURE_SURNAME
    if is_sure and total >= least_sure and before >= least_before and around >= least_around:
        return total
    return _TOO_LITTLE


@lean
def settle_name(ids, start, end, least, evidence):
    """Return where a name that a pattern tells ends; `start` where evidence speaks against it.

    The last of three characters may begin a word behind the name (陈蓓宣布), and what follows two
    may be of it (吴顺发).
    """
    _, flags, _, bonds, size, _, _, _ = evidence
    length = end - start
    is_double = length > 2 and bond_of(ids[start], ids[start + 1], size, bonds) & IS_DOUBLE
    if length < 2 or length > 3 + is_double // IS_DOUBLE:
        return end
    surname = 2 if is_double else 1
    own, before, around = sums_of(ids, start, surname, length - surname, evidence)
    total = own + before + around
    if not is_double and (length == 3 or flags[ids[end]] & MAY_BE_GIVEN):
        own, before, around = sums_of(ids, start, 1, 4 - length, evidence)
        if own + before + around > total + (length == 2) * _MORE:
            total = own + before + around
            end += 5 - 2 * length
    return end if total >= least else start


@spliced
def forms_at(ids, start, flags, size, bonds):
    """Return which forms of a name may begin there, a bit each: by surname, then by given names."""
    flag = flags[ids[start]]
    forms = _NONE
    if not flag & (IS_SURNAME | OPENS_SURNAME):
        return forms
    for surname in range(1, 3):
        if not flag & (IS_SURNAME if surname == 1 else OPENS_SURNAME):
            continue
        if surname == 2 and not bond_of(ids[start], ids[start + 1], size, bonds) & IS_DOUBLE:
            continue
        for given in range(1, 3):
            if not flags[ids[start + surname + given - 1]] & MAY_BE_GIVEN:
                break
            forms |= 1 << (2 * surname + given - 3)
    return forms


@lean
def next_name(ids, at, last, evidence, found):
    """Find the first name that evidence tells, of those that overlap the likeliest.

    Parameters
    ----------
    ids, at, last
        Numbers of characters, padded; between which two places a name may begin.
    evidence
        As `corpus/mask_names` writes it.
    found
        Filled with where it begins and ends.

    Returns
    -------
    bool
        Whether there is one.
    """
    _, flags, weights, bonds, size, least, _, _ = evidence
    least_first, best = least[0], _TOO_LITTLE
    for start in range(at, last):
        forms = forms_at(ids, start, flags, size, bonds)
        if forms and best > _TOO_LITTLE and start >= found[1]:
            break
        for form in range(FORMS):
            surname, given = 1 + (form >> 1), 1 + (form & 1)
            if not forms >> form & 1:
                continue
            if _first_weight(ids, start, surname, given, size, weights) < least_first:
                continue
            likely = _weigh(ids, start, surname, given, evidence)
            if likely > best:
                best, found[0], found[1] = likely, start, start + surname + given
    return best > _TOO_LITTLE


@lean
def list_names(ids, last, flags, size, bonds, places, features):
    """List whatever may be a name by its surname: first and end, and features; return how many."""
    count = _NONE
    for start in range(PAD, last):
        forms = forms_at(ids, start, flags, size, bonds)
        for form in range(FORMS):
            if not forms >> form & 1:
                continue
            surname, given = 1 + (form >> 1), 1 + (form & 1)
            list_evidence(ids, start, surname, given, size, bonds, features[count])
            places[count, 0], places[count, 1] = start, start + surname + given
            count += 1
    return count


# Addresses: each character begins one, goes on with one, or is in none; the likeliest row counts.


# Kinds of characters beside the first ones: those of units (号, 村, 路) come first.
FIRST_UNIT, LAST_UNIT, BREAK = 5, 20, 60
_HASHED = 1 << 18
# So far a unit tells of the one behind it; so many characters at most each one makes an address.
_FAR, _PER_UNIT = 11, 12
# The last kind of what a town or a village is called by.
_LAST_TOWN = FIRST_UNIT + 6
# What is read at once: a little before and behind what may be an address, and at most so much.
_BEFORE, _BEHIND, WINDOW = 8, 6, 160
# So many hints at addresses, in quarters of a bit, make a place worth weighing; it ends where so
# many speak against it.
_WARM, _COLD = 48, 40
# Without a cue and a door so many more: of most of these rows nothing would be left.
_HOT = 80
_OUTSIDE, _BEGINS, _INSIDE = 0, 1, 2
# Where a cue is looked for, and what numbers count; which kind Chinese numerals are of.
IS_CUE, ENDS_CUES, IS_FAINT_CUE, _CUE_REACH = 1, 2, 3, 6
_UNANNOUNCED, _FAINTLY, _PLAINLY = range(3)
# From which unit on a place is within a town or a district, up to streets; what is within these,
# and how many characters before a unit name it.
_TOWNSHIP, _STREET, _VILLAGE, _ESTATE, _NAMED = 3, 4, 7, 12, 2
# Which kinds part an address and are never at its edge: commas, and spaces.
_PARTS = (FIRST_UNIT + 24, FIRST_UNIT + 26)
_FIRST_COUNTED, _LAST_COUNTED, _NUMERAL = FIRST_UNIT + 7, FIRST_UNIT + 11, FIRST_UNIT + 17
# A weight that nothing outweighs, and how many characters too many an edge may have.
_NEVER, _EDGE = np.int64(-(1 << 20)), 5
# So much more speaks for going on than was learnt beside texts that hold few addresses: an address
# that is cut in pieces is found in none.
_BOLD = np.int64(16)
# What a window needs: units beside each character, what it weighs, and from where it is reached.
_LEFT, _LEFT_FAR, _SECOND, _RIGHT, _RIGHT_FAR, _BEGIN, _GO_ON, _CAME, _LABEL = range(9)
ADDRESS_ROWS = 9


@spliced
def _mixed(one, other, third, form):
    mixed = one * 7_919 + other * 104_729 + third * 1_299_709 + form * 15_485_863
    return (mixed ^ (mixed >> 18)) & (_HASHED - 1)


def count_address_weights(size: int) -> int:
    """Return how long the table of weights of addresses is for so many numbers of characters."""
    return 3 * size + _HASHED


@lean
def _read_units(ids, at, end, kinds, room):
    """Write which unit stands before and behind each character, and how far from it."""
    unit, second, place = _NONE, _NONE, at
    for i in range(at, end):
        far = i - place
        if far > _FAR:
            unit = second = _NONE
        room[_LEFT, i - at], room[_SECOND, i - at] = unit, second
        room[_LEFT_FAR, i - at] = far if unit else _NONE
        kind = np.int64(kinds[ids[i]])
        if FIRST_UNIT <= kind <= LAST_UNIT:
            unit, second, place = kind, unit, i
    unit, place = _NONE, end
    for i in range(end - 1, at - 1, -1):
        far = place - i
        if far > _FAR:
            unit = _NONE
        room[_RIGHT, i - at], room[_RIGHT_FAR, i - at] = unit, far if unit else _NONE
        kind = np.int64(kinds[ids[i]])
        if FIRST_UNIT <= kind <= LAST_UNIT:
            unit, place = kind, i


@spliced
def _features_at(ids, i, at, kinds, size, room):
    """Return the features of one character: itself, its neighbours, and the units around."""
    here, one, two = np.int64(ids[i]), np.int64(ids[i - 1]), np.int64(ids[i - 2])
    next_one, next_two = np.int64(ids[i + 1]), np.int64(ids[i + 2])
    kind, before, further = np.int64(kinds[here]), np.int64(kinds[one]), np.int64(kinds[two])
    behind, beyond = np.int64(kinds[next_one]), np.int64(kinds[next_two])
    left, right = room[_LEFT, i - at], room[_RIGHT, i - at]
    left_far, right_far = room[_LEFT_FAR, i - at], room[_RIGHT_FAR, i - at]
    base = 3 * size
    return (
        here,
        size + one,
        2 * size + next_one,
        base + _mixed(one, here, 0, 1),
        base + _mixed(here, next_one, 0, 2),
        base + _mixed(two, one, 0, 3),
        base + _mixed(next_one, next_two, 0, 4),
        base + _mixed(two, one, here, 5),
        base + _mixed(one, here, next_one, 6),
        base + _mixed(here, next_one, next_two, 7),
        base + _mixed(further * 64 + before, kind, 0, 8),
        base + _mixed(before * 64 + kind, behind, 0, 9),
        base + _mixed(kind * 64 + behind, beyond, 0, 10),
        base + _mixed(further * 64 + before, kind * 64 + behind, beyond, 11),
        base + _mixed(kinds[ids[i - 3]] * 64 + further, before * 64 + kind, 0, 12),
        base + _mixed(left, left_far, kind, 13),
        base + _mixed(right, right_far, kind, 14),
        base + _mixed(left, right, kind, 15),
        base + _mixed(left, room[_SECOND, i - at], kind, 16),
        base + _mixed(np.int64(ids[i - 3]), two, one, 17),
        base + _mixed(next_one, next_two, np.int64(ids[i + 3]), 18),
        base + _mixed(left * 64 + right, left_far * 16 + right_far, kind, 19),
    )


@lean
def _weigh_places(ids, at, end, kinds, weights, size, room):
    """Write how much speaks for each character beginning an address, and for going on with one."""
    _read_units(ids, at, end, kinds, room)
    for i in range(at, end):
        begin, go_on = _NONE, _NONE
        for column in _features_at(ids, i, at, kinds, size, room):
            begin += weights[column, 0]
            go_on += weights[column, 1]
        if kinds[ids[i]] == BREAK or ids[i] == OTHER:
            begin = go_on = _NEVER
        room[_BEGIN, i - at], room[_GO_ON, i - at] = begin, go_on


@lean
def _label_places(length, bold, room):
    """Label each character so that the whole weighs most, going on by so much more."""
    outside, inside = _NONE, _TOO_LITTLE
    for i in range(length):
        going_on, beginning = inside + room[_GO_ON, i] + bold, outside + room[_BEGIN, i]
        room[_CAME, i] = (inside > outside) + 2 * (going_on > beginning)
        outside, inside = max(outside, inside), max(going_on, beginning)
    is_inside = bool(inside > outside)
    for i in range(length - 1, -1, -1):
        came = room[_CAME, i]
        if not is_inside:
            room[_LABEL, i] = _OUTSIDE
            is_inside = bool(came & 1)
        elif came & 2:
            room[_LABEL, i] = _INSIDE
        else:
            room[_LABEL, i] = _BEGINS
            is_inside = False


@lean
def _cold_from(ids, i, end, hints, heat):
    """Return from where on characters speak against an address, and how much speaks for one."""
    highest = heat
    while i < end and heat > highest - _COLD:
        heat += hints[ids[i]]
        highest = max(highest, heat)
        i += 1
    return i, highest


@lean
def _trim(ids, at, start, end, kinds, room):
    """Return the part of a row that weighs most, a few characters shorter at its edges.

    No unit is cut off in front, no town or village behind, and no row begins with a unit.
    """
    best, weight, ahead = start, room[_BEGIN, start], _NONE
    for i in range(start + 1, min(start + _EDGE, end - 1) + 1):
        if _is_unit(kinds[ids[at + i - 1]]):
            break
        ahead += room[_GO_ON, i]
        if room[_BEGIN, i] - ahead > weight and not _is_unit(kinds[ids[at + i]]):
            best, weight = i, room[_BEGIN, i] - ahead
    last, weight, behind = end, _NONE, _NONE
    for i in range(end - 1, max(end - _EDGE, best + 1) - 1, -1):
        if FIRST_UNIT <= kinds[ids[at + i]] <= _LAST_TOWN:
            break
        behind -= room[_GO_ON, i] + 8
        if behind > weight:
            last, weight = i, behind
    while best < last - 1 and _is_parting(kinds[ids[at + best]]):
        best += 1
    while best < last - 1 and _is_parting(kinds[ids[at + last - 1]]):
        last -= 1
    return best, last


@spliced
def _is_parting(kind):
    return kind == _PARTS[0] or kind == _PARTS[1]


@spliced
def _is_unit(kind):
    return FIRST_UNIT <= kind <= _LAST_COUNTED


@lean
def _announced(ids, first, floor, cues):
    """Return how plainly a word for living, sending or an address announces one, just before."""
    how = _UNANNOUNCED
    for i in range(first - 1, max(first - _CUE_REACH, floor) - 1, -1):
        cue = cues[ids[i]]
        if cue == ENDS_CUES:
            return how
        if cue == IS_CUE:
            return _PLAINLY
        if cue == IS_FAINT_CUE:
            how = _FAINTLY
    return how


@lean
def _least_of(ids, first, last, floor, kinds, cues, least):
    """Return how much must speak for a row: less where it is announced or has a door."""
    least_announced, least_faintly, least_with_door, least_with_levels, least_of_all = least
    how = _announced(ids, first, floor, cues)
    if how == _PLAINLY:
        return least_announced
    if _has_levels(ids, first, last, kinds):
        return least_with_levels
    if how == _FAINTLY:
        return least_faintly
    return least_with_door if _has_door(ids, first, last, kinds) else least_of_all


@lean
def _has_levels(ids, first, last, kinds):
    """Return whether a town or district, a township or street, and what lies there follow."""
    level, place = _NONE, first
    for i in range(first + _NAMED, last):
        kind = kinds[ids[i]] - FIRST_UNIT
        if i - place < _NAMED or kind < 0:
            continue
        if level == 2 and (kind <= _VILLAGE or kind == _ESTATE):
            return True
        if 0 <= kind < _TOWNSHIP:
            level, place = np.int64(1), i
        elif level and _TOWNSHIP <= kind <= _STREET:
            level, place = np.int64(2), i
    return level == 2 and last - place > _NAMED


@lean
def _has_cue(ids, first, last, cues):
    """Return whether a word for living, sending or an address stands somewhere."""
    n_cues = _NONE
    for i in range(first, last):
        n_cues += cues[ids[i]] == IS_CUE
    return n_cues > 0


@lean
def _has_door(ids, first, last, kinds):
    """Return whether a number stands before what numbers count: houses, stairs, rooms, groups."""
    for i in range(first + 1, last):
        before = ids[i - 1]
        is_number = before == DIGIT or before == LETTER or kinds[before] == _NUMERAL
        if is_number and _FIRST_COUNTED <= kinds[ids[i]] <= _LAST_COUNTED:
            return True
    return False


@lean
def _first_address(ids, at, end, kinds, least, cues, floor, room, found):
    """Find the first row of labels that weighs enough and has units enough for its length."""
    i = at
    while i < end:
        if room[_LABEL, i - at] != _BEGINS:
            i += 1
            continue
        start = i - at
        i += 1
        while i < end and room[_LABEL, i - at] == _INSIDE:
            i += 1
        first, last = _trim(ids, at, start, i - at, kinds, room)
        total, n_chinese, n_units = room[_BEGIN, first], _NONE, _NONE
        for place in range(first, last):
            total += room[_GO_ON, place] if place > first else _NONE
            number = ids[at + place]
            n_chinese += number >= FIRST_NUMBER or number == OTHER_HAN
            n_units += number == DIGIT or FIRST_UNIT <= kinds[number] <= LAST_UNIT
        found[0], found[1], found[2] = at + first, at + last, total
        if n_chinese < 2 or last - first > _PER_UNIT * (1 + n_units):
            continue
        if total >= _least_of(ids, at + first, at + last, floor, kinds, cues, least):
            return True
    return False


@lean
def next_address(ids, at, end, evidence):
    """Find the first address that evidence tells.

    Parameters
    ----------
    ids, at, end
        Numbers of characters, padded; between which two places.
    evidence
        As `corpus/mask_addresses` writes it; its last part is filled with where the address begins
        and ends.

    Returns
    -------
    bool
        Whether there is one.
    """
    kinds, cues, hints, weights, size, least, room, found = evidence
    floor = at
    heat, start, i = _NONE, at, at
    while i < end:
        heat += hints[ids[i]]
        i += 1
        if heat <= 0:
            heat, start = _NONE, i
        elif heat >= _WARM:
            begin = max(floor, start - _BEFORE)
            i, hottest = _cold_from(ids, i, min(end, begin + WINDOW), hints, heat)
            if (
                hottest >= _HOT
                or _has_door(ids, begin, i, kinds)
                or _has_levels(ids, begin, i, kinds)
                or _has_cue(ids, max(begin - _CUE_REACH, floor), i, cues)
            ):
                # Names within an address may speak against one.
                i = min(i + _BEHIND, end, begin + WINDOW)
                _weigh_places(ids, begin, i, kinds, weights, size, room)
                _label_places(i - begin, _BOLD, room)
                if _first_address(ids, begin, i, kinds, least, cues, floor, room, found):
                    return True
            heat, start = _NONE, i
    return False


# Too likely what it is not by so much, an address is learnt from where it is told already.
_OF_NONE, _OF_ONE = 12, 8


@lean
def _lean_on_errors(length, labels, at, room):
    """Let what is not so weigh more, so that what is so must weigh more yet."""
    for i in range(length):
        label = labels[at + i]
        if label == _OUTSIDE:
            room[_BEGIN, i] += _OF_NONE
            room[_GO_ON, i] += _OF_NONE
        elif label == _BEGINS:
            room[_BEGIN, i] -= _OF_ONE
        else:
            room[_GO_ON, i] -= _OF_ONE


@compiled
def learn_addresses(ids, labels, offsets, order, kinds, weights, sums, turn):
    """Go through texts once, and correct weights where labels come out wrong (a perceptron).

    Parameters
    ----------
    ids, labels, offsets
        Numbers of the characters of all texts, each padded, and their labels: 1 begins, 2 goes on.
    order
        In which texts are gone through.
    kinds
        Of the numbers.
    weights, sums
        Changed: the weights, and what their average lacks of them, times the turns.
    turn
        How many texts were gone through before.

    Returns
    -------
    int
        How many texts were gone through.
    """
    room = np.zeros((ADDRESS_ROWS, np.max(np.diff(offsets))), np.int64)
    size = kinds.size
    for text in order:
        turn += 1
        at, end = offsets[text] + PAD, offsets[text + 1] - PAD
        _weigh_places(ids, at, end, kinds, weights, size, room)
        _lean_on_errors(end - at, labels, at, room)
        _label_places(end - at, _NONE, room)
        for i in range(at, end):
            told, right = room[_LABEL, i - at], labels[i]
            if told == right:
                continue
            for column in _features_at(ids, i, at, kinds, size, room):
                if right:
                    weights[column, right - 1] += 1
                    sums[column, right - 1] += turn
                if told:
                    weights[column, told - 1] -= 1
                    sums[column, told - 1] -= turn
    return turn
