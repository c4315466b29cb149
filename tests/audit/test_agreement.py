"""Agreement against Krippendorff's published worked example and a slow, independent computation."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from analysis.audit.agreement import (
    CodingFacts,
    _krippendorff_alpha,
    measure_agreement,
    range_shared_errors,
    write_notes,
)

_ = np.nan
# Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C: 4 observers, 12 units
WORKED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T


def alpha_by_pairs(codings: np.ndarray) -> float:
    """Alpha from the coincidence matrix, filled pair by pair as the text book does."""
    matrix: dict[tuple[float, float], float] = {}
    for unit in codings:
        given = [value for value in unit if not np.isnan(value)]
        for first, second in permutations(range(len(given)), 2):
            cell = (given[first], given[second])
            matrix[cell] = matrix.get(cell, 0.0) + 1 / (len(given) - 1)
    total = sum(matrix.values())
    margins: dict[float, float] = {}
    for (first, _second), weight in matrix.items():
        margins[first] = margins.get(first, 0.0) + weight
    observed = sum(weight for cell, weight in matrix.items() if cell[0] != cell[1]) / total
    expected = sum(margins[a] * margins[b] for a in margins for b in margins if a != b) / (
        total * (total - 1)
    )
    return 1 - observed / expected


def test_published_example() -> None:
    assert _krippendorff_alpha(WORKED) == pytest.approx(0.743, abs=5e-4)
    assert _krippendorff_alpha(WORKED) == pytest.approx(alpha_by_pairs(WORKED), abs=1e-12)


def test_random_codings_equal_the_slow_computation() -> None:
    generator = np.random.default_rng(4)
    for _number in range(30):
        codings = generator.integers(0, 3, size=(25, 3)).astype(float)
        codings[generator.random(codings.shape) < 0.25] = np.nan
        assert _krippendorff_alpha(codings) == pytest.approx(alpha_by_pairs(codings), abs=1e-12)


@pytest.mark.parametrize(
    ("codings", "expected"),
    [
        ([["ja", "ja"], ["nein", "nein"]], 1.0),
        ([["ja", None], ["nein", "nein"], ["ja", "ja"]], 1.0),  # a lone code pairs with nothing
        ([["ja", "nein"], ["nein", "ja"]], -0.5),
    ],
)
def test_words_and_gaps(codings: list[list[str | None]], expected: float) -> None:
    assert _krippendorff_alpha(pd.DataFrame(codings)) == pytest.approx(expected)


@pytest.mark.parametrize("codings", [[[0, 0], [0, 0]], [[1, np.nan], [np.nan, 0]], []])
def test_nothing_to_agree_about_is_not_a_number(codings: list[list[float]]) -> None:
    agreement = measure_agreement(np.array(codings, dtype=float).reshape(-1, 2))
    assert np.isnan(agreement.alpha)
    assert np.isnan(agreement.alpha_low)


def test_interval_covers_the_agreement_of_the_population() -> None:
    generator = np.random.default_rng(9)
    codes = (generator.random(60_000) < 0.3).astype(float)
    flipped = generator.random((60_000, 2)) < 0.08
    population = np.where(flipped, 1 - codes[:, None], codes[:, None])
    truth = _krippendorff_alpha(population)
    hits = 0
    for _number in range(200):
        drawn = population[generator.integers(0, 60_000, 150)]
        agreement = measure_agreement(drawn, bootstraps=400)
        hits += agreement.alpha_low <= truth <= agreement.alpha_high
    assert hits >= 180


def test_no_disagreement_is_no_certainty() -> None:
    agreement = measure_agreement(np.array([[1, 1]] * 5 + [[0, 0]] * 45))
    assert agreement.alpha == 1.0
    assert 0.4 < agreement.alpha_low < 0.7
    assert agreement.alpha_high == 1.0


def test_ac1_stays_high_where_a_rare_code_drags_alpha_down() -> None:
    codings = np.array([[0, 0]] * 94 + [[1, 1]] * 2 + [[1, 0]] * 4)
    agreement = measure_agreement(codings)
    share = (2 * 2 + 4) / 200
    chance = 2 * share * (1 - share)
    assert agreement.ac1 == pytest.approx((0.96 - chance) / (1 - chance))
    assert agreement.alpha < 0.5 < agreement.ac1
    assert agreement.by_value[1] == pytest.approx(4 / 8)


def test_same_seed_same_interval() -> None:
    first, second = measure_agreement(WORKED), measure_agreement(WORKED)
    assert (first.alpha_low, first.alpha_high) == (second.alpha_low, second.alpha_high)


def test_a_shared_error_moves_numbers_as_it_says() -> None:
    """A made population: both misread 3 % alike, and the truth lies within what is said."""
    generator = np.random.default_rng(4)
    posts, negative = 200_000, generator.random(200_000) < 0.2
    code = np.where(negative, generator.integers(0, 9, posts), -1)  # nine codes, one each
    slip = generator.random(posts) < 0.03
    seen_negative = np.where(slip, ~negative, negative)
    seen_code = np.where(slip & negative, generator.integers(0, 9, posts), code)
    names = ["negative", *"efghi", "a", "b", "c", "d"]
    seen = [int(seen_negative.sum()), *(int((seen_code == k).sum()) for k in range(9))]
    audit = pd.DataFrame({"grievance": names, "estimate": seen})
    told = range_shared_errors(audit, posts).query("shared_error == 0.03").set_index("grievance")
    true = [int(negative.sum()), *(int((code == k).sum()) for k in range(9))]
    for name, now, truth in zip(names, seen, true, strict=True):
        noise = 3 * np.sqrt(0.03 * now)
        assert now - told.loc[name, "down"] - noise <= truth <= now + told.loc[name, "up"] + noise
    assert seen[0] - true[0] > 0.9 * told.loc["negative", "down"] - told.loc["negative", "up"]


@pytest.mark.parametrize(("alone", "is_low"), [(26, True), (2, False)])
def test_two_who_hardly_agree_are_called_so(alone: int, is_low: bool) -> None:
    """A number between -1 and 1 says nothing to most readers."""
    codings = np.array([[1, 0]] * alone + [[1, 1]] * 10 + [[0, 0]] * 114)
    coding = CodingFacts(114 + alone + 10, 114 + alone + 10, alone, True, False)
    notes = write_notes(coding, {}, {}, {"seed": 1}, measure_agreement(codings))
    assert is_low == any("too low to rest conclusions on" in note["en"] for note in notes)
    assert is_low == any("两人对编码表的理解不同" in note["zh"] for note in notes)
