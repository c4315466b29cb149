"""Agreement against Krippendorff's published worked example and a slow, independent computation."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from analysis.audit.agreement import (
    CodingFacts,
    LeftError,
    _krippendorff_alpha,
    estimate_shared_error,
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


def test_coders_who_never_differed_may_have_done_so_unseen() -> None:
    """Of 40 posts none was disputed: a share that stays unseen in 1 of 40 samples may have been."""
    agreed = measure_agreement(np.array([[1, 1]] * 12 + [[0, 0]] * 28))
    unseen = 1 - 0.025 ** (1 / 40)
    assert (agreed.alpha, agreed.alpha_high) == (1.0, 1.0)
    assert agreed.alpha_low == pytest.approx(1 - unseen / (1 - 0.3**2 - 0.7**2))


def test_the_interval_of_alpha_is_that_of_resampled_posts() -> None:
    """Against a plain bootstrap, post by post, with a text-book alpha."""
    codings = np.array([[1, 1]] * 30 + [[0, 0]] * 60 + [[1, 0]] * 6 + [[0, 1]] * 4)
    rng = np.random.default_rng(3)
    alphas = []
    for _ in range(3_000):
        drawn = codings[rng.integers(0, 100, 100)]
        ones, differing = drawn.sum(), (drawn[:, 0] != drawn[:, 1]).sum()
        alphas.append(1 - 199 * differing / (ones * (200 - ones)))
    low, high = np.quantile(alphas, [0.025, 0.975])
    found = measure_agreement(codings)
    assert (found.alpha_low, found.alpha_high) == pytest.approx((low, high), abs=0.012)


def test_ac1_weighs_each_post_by_its_own_codes() -> None:
    """Gwet (2008) by hand: three coders, of whom one left some posts out, three values."""
    codings = np.array(
        [[1, 1, 1], [2, 2, _], [3, 3, 3], [1, 2, 1], [2, 2, 3], [3, 1, _], [1, _, _]]
    )
    pairs = [1, 1, 1, 1 / 3, 1 / 3, 0]  # of each post that two coded
    shares = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [2 / 3, 1 / 3, 0], [0, 2 / 3, 1 / 3],
                       [0.5, 0, 0.5]]).mean(axis=0)  # fmt: skip
    chance = (shares * (1 - shares)).sum() / 2
    found = measure_agreement(codings, bootstraps=9)
    assert found.units == 6
    assert found.ac1 == pytest.approx((np.mean(pairs) - chance) / (1 - chance))


@pytest.mark.parametrize(
    ("weight", "missed", "invented"), [(1.0, 3 * 2 / (10 + 1), 1 * 2 / (20 + 1)), (8.0, None, None)]
)
def test_errors_that_both_share_follow_from_those_of_one(weight, missed, invented) -> None:
    """Chapman's estimate: of true posts 10 found by both, 3 and 2 by one alone; of others 1, 2."""
    a = np.array([1] * 10 + [0] * 3 + [1] * 2 + [0] * 20 + [1] * 1 + [0] * 2)
    b = np.array([1] * 10 + [1] * 3 + [0] * 2 + [0] * 20 + [0] * 1 + [1] * 2)
    final = np.array([1] * 15 + [0] * 23)
    found = estimate_shared_error(a, b, final, np.full(38, weight))
    if missed is None:  # weights of eight: posts of the window, eight times as many
        missed, invented = 8 * 6 / 11, 8 * 2 / 21
    assert (found.missed, found.invented) == pytest.approx((missed, invented))
    assert found.net == pytest.approx(missed - invented)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({}, []),
        ({"left_out": {"posts": 7, "negative": 3}}, ["learnt from were not drawn: 7."]),
        ({"left_out": {"posts": 7, "without_words": 7}}, ["can code them: 7."]),
        ({"left_out": {"posts": 7, "without_words": 3}}, ["were not drawn: 4.", "code them: 3."]),
    ],
)
def test_what_was_not_drawn_is_told_apart(record, told) -> None:
    coding = CodingFacts(50, 0, 0, False, False)
    notes = [note["en"] for note in write_notes(coding, {}, {}, {"seed": 1} | record, None)]
    assert len(notes) == 2 + len(told)
    assert all(part in note for part, note in zip(told, notes[2:], strict=True))


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ((50, 0, 0, False), "coded by one person only"),
        ((50, 50, 0, False), "both sheets were filled in; they differ on none"),
        ((50, 50, 4, True), "they differ on 4, all of them settled"),
        ((50, 49, 4, False), "two people coded 49 of them, one the rest; they differ on 4 that"),
    ],
)
def test_who_coded_is_told_by_how_many_posts_have_two_codes(facts, told) -> None:
    notes = write_notes(CodingFacts(*facts, False), {}, {}, {"seed": 1}, None)
    assert told in notes[1]["en"]


def test_errors_are_told_from_half_a_post_on() -> None:
    shared = {name: LeftError(posts, -30.0) for name, posts in (("a", 0.5), ("b", 0.49))}
    names = {"a": ("甲", "alpha")}
    coding = CodingFacts(50, 50, 4, True, False)
    last = write_notes(coding, shared, names, {"seed": 1}, None)[-1]
    assert "alpha 0.5 (−30)" in last["en"] and "甲 0.5 条（−30）" in last["zh"]
    assert "b 0.5" not in last["en"]
