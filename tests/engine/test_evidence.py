"""Features of what may be a name: each in its part of the table, pairs as they were kept."""

from itertools import accumulate

import numpy as np
import pytest

from analysis.engine.evidence import (
    BEFORE,
    CONTEXTS,
    FIRST_NUMBER,
    IS_DOUBLE,
    IS_SURE_SURNAME,
    IS_SURNAME,
    MAY_BE_GIVEN,
    N_BONDS,
    NO_CHARACTER,
    OF_ALL,
    OPENS_SURNAME,
    OWN,
    PAD,
    STRENGTHS,
    _first_weight,
    _weigh,
    bond_of,
    count_features,
    hash_bonds,
    list_evidence,
    list_names,
    next_name,
)
from analysis.engine.logistic import climb

SIZE = 40


@pytest.fixture(scope="module")
def bonds():
    random = np.random.default_rng(3)
    pairs = np.unique(random.integers(FIRST_NUMBER, SIZE, (200, 2)) @ np.array([SIZE, 1]))
    return pairs, random.integers(1, STRENGTHS, len(pairs)).astype(np.uint8)


def test_pairs_are_found_as_firm_as_they_are_and_others_not_at_all(bonds):
    kept = dict(zip(bonds[0].tolist(), bonds[1].tolist(), strict=True))
    table = hash_bonds(*bonds)
    found = {
        one * SIZE + other: int(bond_of(one, other, SIZE, table))
        for one in range(SIZE)
        for other in range(SIZE)
    }
    assert {key: strength for key, strength in found.items() if strength} == kept


@pytest.mark.parametrize(("surname", "given"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_features_stand_in_the_table_and_tell_the_context_apart(bonds, surname, given):
    table, features = hash_bonds(*bonds), np.zeros((2, OF_ALL), np.int64)
    ids = np.full(20, NO_CHARACTER, np.int32)
    ids[PAD : PAD + 8] = range(FIRST_NUMBER, FIRST_NUMBER + 8)
    list_evidence(ids, PAD + 2, surname, given, SIZE, table, features[0])
    ids[PAD + 1] = FIRST_NUMBER + 20
    list_evidence(ids, PAD + 2, surname, given, SIZE, table, features[1])
    assert features.min() >= 0
    assert features.max() < count_features(SIZE)
    assert (features[0, :4] == features[1, :4]).all()  # the name's own characters
    assert features[0, 8] != features[1, 8]  # the character before it


def test_what_tells_gains_weight_and_feature_0_none():
    features = np.array([[1, 3], [2, 3], [1, 0], [2, 0]] * 50, np.int32)
    held = features[:, 0] == 1
    weights, squares = np.zeros(4), np.full(4, 0.01)
    for _ in range(5):
        climb(
            features, held, np.ones(len(held)), np.arange(len(held) + 1), np.arange(len(held)),
            0.2, weights, squares, np.zeros(1),
        )  # fmt: skip
    assert weights[0] == 0
    assert weights[1] > 1 > -1 > weights[2]
    assert abs(weights[3]) < 0.5


PARTS = {
    "form": 4, "surname": SIZE, "single": SIZE, "first": SIZE, "last": SIZE,
    "tie": 3 * N_BONDS * STRENGTHS, "before": SIZE, "behind": SIZE, "context": CONTEXTS,
}  # fmt: skip
STARTS = dict(zip(PARTS, accumulate(PARTS.values(), initial=1), strict=False))
LAST = PAD + 12


def plain_features(ids, at, surname, given, kept):
    """Where each feature of a name stands, told part by part of the table of weights."""

    def tie(length, slot, one, other):
        known = min(one, other) >= FIRST_NUMBER
        strength = kept.get(one * SIZE + other, 0) & 7 if known else 0
        return STARTS["tie"] + (length * N_BONDS + slot) * STRENGTHS + strength

    def context(one, other, third, form):
        mixed = one * 7_919 + other * 104_729 + third * 1_299_709 + form * 15_485_863
        return STARTS["context"] + mixed % CONTEXTS

    first, last, behind = at + surname, at + surname + given - 1, at + surname + given
    around = {n: int(ids[at - n]) for n in (1, 2, 3)}
    after = [int(ids[behind + n]) for n in range(3)]
    return [
        STARTS["form"] + 2 * (surname - 1) + given - 1,
        STARTS["surname"] + (int(ids[at]) if surname == 1 else 0),
        STARTS["single" if given == 1 else "first"] + int(ids[first]),
        STARTS["last"] + int(ids[last]) if given == 2 else 0,
        tie(given, 0, 0, 0) + 7 if surname == 2 else tie(given, 0, ids[first - 1], ids[first]),
        tie(given, 1, ids[first], ids[last]) if given == 2 else 0,
        tie(given, 2, around[1], ids[at]),
        tie(0, 4, around[2], around[1]),
        STARTS["before"] + around[1],
        context(around[2], around[1], 0, 1),
        context(around[3], around[2], around[1], 2),
        tie(given, 3, ids[last], after[0]),
        tie(0, 5, after[0], after[1]),
        STARTS["behind"] + after[0],
        context(after[0], after[1], 0, 3),
        context(after[0], after[1], after[2], 4),
        context(around[1], after[0], 0, 5),
    ]


def text_of(random):
    ids = np.full(LAST + 2 * PAD, NO_CHARACTER, np.int64)
    ids[PAD:LAST] = random.integers(1, SIZE, 12)
    return ids


def weights_of(random):
    weights = random.integers(-9, 10, count_features(SIZE))
    weights[0] = 0
    return weights


@pytest.mark.parametrize(("surname", "given"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_each_feature_stands_where_its_part_of_the_table_says(bonds, surname, given):
    kept = dict(zip(bonds[0].tolist(), bonds[1].tolist(), strict=True))
    table, random = hash_bonds(*bonds), np.random.default_rng(8)
    assert STARTS["context"] + CONTEXTS == count_features(SIZE)
    for _ in range(12):
        ids, weights, features = text_of(random), weights_of(random), np.zeros(OF_ALL, np.int64)
        list_evidence(ids, PAD + 2, surname, given, SIZE, table, features)
        expected = plain_features(ids, PAD + 2, surname, given, kept)
        assert features.tolist() == expected
        soonest = sum(int(weights[expected[place]]) for place in (0, 1, 2, 3, 8, 13))
        assert _first_weight(ids, PAD + 2, surname, given, SIZE, weights) == soonest


@pytest.mark.parametrize(
    ("missed", "told"),
    [
        ((0, 0, 1, 1), True),  # as much as is asked of its own characters and of the sum
        ((1, 0, 1, 0), False),
        ((0, 1, 1, 0), False),
        ((1, 0, 0, 0), True),  # what stands before announces somebody
        ((0, 1, 0, 0), True),
        ((1, 1, -1, -1), True),
        ((1, 1, 1, 0), False),
        ((1, 0, 0, 1), False),  # but its own characters speak against it
        ((0, 1, -1, 1), False),
    ],
)
def test_evidence_is_weighed_by_what_is_asked_of_its_parts(bonds, missed, told):
    """Each bound is met exactly, or missed by one (`1`), or passed by one (`-1`).

    Those of its own characters, of the sum, of what announces it, and of the first where it is so.
    """
    own, total, before, own_announced = missed
    kept = dict(zip(bonds[0].tolist(), bonds[1].tolist(), strict=True))
    random = np.random.default_rng(4)
    ids, weights = text_of(random), weights_of(random)
    listed = [int(weights[place]) for place in plain_features(ids, PAD + 3, 1, 2, kept)]
    sums = sum(listed[:OWN]), sum(listed), sum(listed[OWN : OWN + BEFORE])
    asked = sums[0] + own, sums[1] + total, sums[2] + before
    least = (-99, *asked, sums[1], sums[0] + own_announced, *[999] * 4)
    flags = np.full(SIZE, IS_SURE_SURNAME, np.uint8)
    evidence = (0, flags, weights, hash_bonds(*bonds), SIZE, least, np.zeros(OF_ALL, np.int64), 0)
    found = _weigh(ids, PAD + 3, 1, 2, evidence)
    assert found == (sums[1] if told else -(1 << 40))


@pytest.mark.parametrize(
    ("flag", "missed", "told"),
    [
        (IS_SURE_SURNAME, (0, 0, 0, 0), True),
        (IS_SURE_SURNAME, (1, 0, 0, 0), False),
        (IS_SURE_SURNAME, (0, 1, 0, 0), False),
        (IS_SURE_SURNAME, (0, 0, 1, 0), False),
        (IS_SURE_SURNAME, (0, 0, 0, 1), False),
        (IS_SURNAME, (0, 0, 0, 0), False),
    ],
)
def test_behind_a_sure_surname_much_of_its_own_asks_for_less_around(bonds, flag, missed, told):
    kept = dict(zip(bonds[0].tolist(), bonds[1].tolist(), strict=True))
    random = np.random.default_rng(4)
    ids, weights = text_of(random), weights_of(random)
    listed = [int(weights[place]) for place in plain_features(ids, PAD + 3, 1, 2, kept)]
    parts = listed[:OWN], listed, listed[OWN : OWN + BEFORE], listed[OWN + BEFORE :]
    asked = [sum(part) + more for part, more in zip(parts, missed, strict=True)]
    least, flags = (-99, *[999] * 5, *asked), np.full(SIZE, flag, np.uint8)
    evidence = (0, flags, weights, hash_bonds(*bonds), SIZE, least, np.zeros(OF_ALL, np.int64), 0)
    assert _weigh(ids, PAD + 3, 1, 2, evidence) == (sum(listed) if told else -(1 << 40))


def candidates(ids, flags, kept, last):
    """What may be a name by its surname and by its given names, in their order."""
    for start in range(PAD, last):
        for surname, opens in ((1, IS_SURNAME), (2, OPENS_SURNAME)):
            pair = kept.get(int(ids[start]) * SIZE + int(ids[start + 1]), 0)
            known = min(ids[start], ids[start + 1]) >= FIRST_NUMBER
            if not flags[ids[start]] & opens or (surname == 2 and not (known and pair & IS_DOUBLE)):
                continue
            for given in (1, 2):
                if not flags[ids[start + surname + given - 1]] & MAY_BE_GIVEN:
                    break
                yield start, surname, given


def test_of_names_that_overlap_the_likeliest_is_found_and_all_are_listed():
    random, seen = np.random.default_rng(6), 0
    pairs = np.unique(random.integers(FIRST_NUMBER, SIZE, (500, 2)) @ np.array([SIZE, 1]))
    firm = random.integers(1, 2 * STRENGTHS, len(pairs)).astype(np.uint8)
    kept, table = dict(zip(pairs.tolist(), firm.tolist(), strict=True)), hash_bonds(pairs, firm)
    for _ in range(25):
        ids, weights = text_of(random), weights_of(random)
        flags = random.integers(0, 8, SIZE).astype(np.uint8)
        flags[:FIRST_NUMBER] = 0
        least_first, least = -6, int(random.integers(-20, 5))
        evidence = (0, flags, weights, table, SIZE, (least_first, least, least, *[999] * 7),
                    np.zeros(OF_ALL, np.int64), 0)  # fmt: skip
        best, end, expected = -(1 << 40), 0, None
        for start, surname, given in candidates(ids, flags, kept, LAST):
            if expected and start >= end:
                break
            listed = plain_features(ids, start, surname, given, kept)
            listed = [int(weights[place]) for place in listed]
            if sum(listed[place] for place in (0, 1, 2, 3, 8, 13)) < least_first:
                continue
            if sum(listed[:OWN]) >= least and sum(listed) >= least and sum(listed) > best:
                best, end = sum(listed), start + surname + given
                expected = [start, end]
        found = np.zeros(2, np.int64)
        assert next_name(ids, PAD, LAST, evidence, found) == (expected is not None)
        assert expected is None or found.tolist() == expected
        seen += expected is not None
        places, features = np.zeros((60, 2), np.int64), np.zeros((60, OF_ALL), np.int64)
        count = list_names(ids, LAST, flags, SIZE, table, places, features)
        every = list(candidates(ids, flags, kept, LAST))
        assert places[:count].tolist() == [[at, at + one + two] for at, one, two in every]
        assert features[:count].tolist() == [plain_features(ids, *one, kept) for one in every]
    assert 5 < seen < 25
