"""Names that no pattern tells: evidence of a log-linear model, added up (`corpus/mask_names`)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import lean, spliced

_NONE = np.int64(0)
# So many characters without meaning stand before and behind a text.
PAD = 4
# The characters that are none of the table's: Chinese ones, others, digits, letters, and no more.
OTHER_HAN, OTHER, DIGIT, LETTER, NO_CHARACTER, FIRST_NUMBER = range(1, 7)
# What a character may be, and a bond between two: how strong, and whether they are a surname.
MAY_BE_GIVEN, IS_SURNAME, OPENS_SURNAME = 1, 2, 4
STRENGTHS, IS_DOUBLE = 8, 8
# How many features a name has: of its own, of what stands before it, and all.
OWN, BEFORE, OF_ALL = 6, 5, 17
# Bonds of four places for names of each length, and of two before and behind.
N_BONDS = 10
CONTEXTS = 32_749  # prime
_FORMS = 4
_BOND_HASH = 2_654_435_761
_TOO_LITTLE = np.int64(-(1 << 40))
# So much likelier a name of two characters must be with a third.
_MORE = 24


@lean
def _bond(one, other, size, bonds):
    """Return how firmly two characters belong together in ordinary text, and `IS_DOUBLE`."""
    if one < FIRST_NUMBER or other < FIRST_NUMBER:
        return _NONE
    keys, strengths = bonds
    key = np.int64(one) * size + other
    at = (key * _BOND_HASH) & (keys.size - 1)
    while keys[at] >= 0:
        if keys[at] == key:
            return np.int64(strengths[at])
        at = (at + 1) & (keys.size - 1)
    return _NONE


def hash_bonds(
    pairs: npt.NDArray[np.int64], firm: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return the table in which `_bond` looks up pairs of numbers, -1 where it is empty.

    Examples
    --------
    >>> keys, strengths = hash_bonds(np.array([7, 8]), np.array([3, 1], np.uint8))
    >>> keys.size, sorted(keys[keys >= 0].tolist()), int(strengths.sum())
    (4, [7, 8], 4)
    """
    size = 4
    while size < 2 * pairs.size:
        size *= 2
    keys, strengths = np.full(size, -1, np.int32), np.zeros(size, np.uint8)
    for key, strength in zip(pairs.tolist(), firm.tolist(), strict=True):
        at = (key * _BOND_HASH) & (size - 1)
        while keys[at] >= 0:
            at = (at + 1) & (size - 1)
        keys[at], strengths[at] = key, strength
    return keys, strengths


@spliced
def _context(one, other, third, form):
    return (one * 7_919 + other * 104_729 + third * 1_299_709 + form * 15_485_863) % CONTEXTS


@lean
def list_evidence(ids, at, surname, given, size, bonds, features):
    """Write the features of a name: those of its own characters, and of what is around it.

    Parameters
    ----------
    ids, at
        Numbers of characters, padded, and where the name begins.
    surname, given
        How many characters each has.
    size, bonds
        How many numbers there are; keys and strengths of `_bond`.
    features
        Filled: places in the table of weights, 0 for none.
    """
    first, end = at + surname, at + surname + given
    last = end - 1
    form = 2 * (surname - 1) + given - 1
    features[0] = 1 + form
    base = 1 + _FORMS
    features[1] = base + (0 if surname == 2 else ids[at])
    base += size
    features[2] = base + (ids[first] if given == 1 else size + ids[first])
    features[3] = base + 2 * size + ids[last] if given == 2 else 0
    base += 3 * size
    tie = base + given * N_BONDS * STRENGTHS
    bond = _bond(ids[first - 1], ids[first], size, bonds) & 7
    features[4] = tie + (7 if surname == 2 else bond)
    bond = _bond(ids[first], ids[last], size, bonds) & 7
    features[5] = tie + STRENGTHS + bond if given == 2 else 0
    before, behind = ids[at - 1], ids[end]
    further, beyond = ids[at - 2], ids[end + 1]
    bond = _bond(before, ids[at], size, bonds) & 7
    features[6] = tie + 2 * STRENGTHS + bond
    bond = _bond(ids[last], behind, size, bonds) & 7
    features[11] = tie + 3 * STRENGTHS + bond
    features[7] = base + 4 * STRENGTHS + (_bond(further, before, size, bonds) & 7)
    features[12] = base + 5 * STRENGTHS + (_bond(behind, beyond, size, bonds) & 7)
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
    return 1 + _FORMS + 6 * size + 3 * N_BONDS * STRENGTHS + CONTEXTS


@spliced
def _first_weight(ids, at, surname, given, size, weights):
    """Return what a name's characters and its neighbours weigh each by itself: told soonest."""
    first = at + surname
    end = first + given
    total = np.int64(weights[1 + 2 * (surname - 1) + given - 1])
    base = 1 + _FORMS
    total += weights[base + (0 if surname == 2 else ids[at])]
    base += size
    if given == 1:
        total += weights[base + ids[first]]
    else:
        total += weights[base + size + ids[first]] + weights[base + 2 * size + ids[end - 1]]
    base += 3 * size + 3 * N_BONDS * STRENGTHS
    return total + weights[base + ids[at - 1]] + weights[base + size + ids[end]]


@lean
def _sums(ids, at, surname, given, evidence):
    """Return how much evidence there is of a name: of its own characters, before it, behind it."""
    _, _, weights, bonds, size, _, features, _ = evidence
    list_evidence(ids, at, surname, given, size, bonds, features)
    own, before, around = _NONE, _NONE, _NONE
    for place in range(OWN):
        own += weights[features[place]]
    for place in range(OWN, OWN + BEFORE):
        before += weights[features[place]]
    for place in range(OWN + BEFORE, OF_ALL):
        around += weights[features[place]]
    return own, before, around


@lean
def _weigh(ids, at, surname, given, evidence):
    """Return how much evidence there is of a name; `_TOO_LITTLE` where it does not do."""
    _, least_own, least, announced, least_announced = evidence[5]
    own, before, around = _sums(ids, at, surname, given, evidence)
    total = own + before + around
    if own >= least_own and total >= least:
        return total
    return total if before >= announced and total >= least_announced else _TOO_LITTLE


@lean
def settle_name(ids, start, end, least, evidence):
    """Return where a name that a pattern tells ends; `start` where evidence speaks against it.

    The last of three characters may begin a word behind the name (陈蓓宣布), and what follows two
    may be of it (吴顺发).
    """
    _, flags, _, bonds, size, _, _, _ = evidence
    length = end - start
    is_double = length > 2 and _bond(ids[start], ids[start + 1], size, bonds) & IS_DOUBLE
    if length < 2 or length > 3 + is_double // IS_DOUBLE:
        return end
    surname = 2 if is_double else 1
    own, before, around = _sums(ids, start, surname, length - surname, evidence)
    total = own + before + around
    if not is_double and (length == 3 or flags[ids[end]] & MAY_BE_GIVEN):
        own, before, around = _sums(ids, start, 1, 4 - length, evidence)
        if own + before + around > total + (length == 2) * _MORE:
            total = own + before + around
            end += 5 - 2 * length
    return end if total >= least else start


@spliced
def _forms(ids, start, flags, size, bonds):
    """Return which forms of a name may begin there, a bit each: by surname, then by given names."""
    flag = flags[ids[start]]
    forms = _NONE
    if not flag & (IS_SURNAME | OPENS_SURNAME):
        return forms
    for surname in range(1, 3):
        if not flag & (IS_SURNAME if surname == 1 else OPENS_SURNAME):
            continue
        if surname == 2 and not _bond(ids[start], ids[start + 1], size, bonds) & IS_DOUBLE:
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
    _, flags, weights, bonds, size, (least_first, _, _, _, _), _, _ = evidence
    best = _TOO_LITTLE
    for start in range(at, last):
        forms = _forms(ids, start, flags, size, bonds)
        if forms and best > _TOO_LITTLE and start >= found[1]:
            break
        for form in range(_FORMS):
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
        forms = _forms(ids, start, flags, size, bonds)
        for form in range(_FORMS):
            if not forms >> form & 1:
                continue
            surname, given = 1 + (form >> 1), 1 + (form & 1)
            list_evidence(ids, start, surname, given, size, bonds, features[count])
            places[count, 0], places[count, 1] = start, start + surname + given
            count += 1
    return count
