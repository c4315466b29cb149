"""Features of what may be a name: each in its part of the table, pairs as they were kept."""

import numpy as np
import pytest

from analysis.engine.logistic import climb
from analysis.engine.evidence import (
    FIRST_NUMBER,
    NO_CHARACTER,
    OF_ALL,
    PAD,
    STRENGTHS,
    _bond,
    count_features,
    hash_bonds,
    list_evidence,
)

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
        one * SIZE + other: int(_bond(one, other, SIZE, table))
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
        climb(features, held, np.ones(len(held)), np.arange(len(held)), 0.2, weights, squares)
    assert weights[0] == 0
    assert weights[1] > 1 > -1 > weights[2]
    assert abs(weights[3]) < 0.5
