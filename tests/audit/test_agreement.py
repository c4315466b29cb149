"""Agreement against Krippendorff's published worked example and a slow, independent computation."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from analysis.audit.agreement import (
    CodingFacts,
    GoldFacts,
    LeftError,
    _krippendorff_alpha,
    estimate_shared_error,
    measure_agreement,
    range_shared_errors,
    tell_draw,
    tell_recoding,
    tell_scored_file,
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


@pytest.mark.parametrize(
    ("weight", "expected"),
    [([1, 1, 1, 1, 1], 1 * 1 / (2 + 1)), ([4, 2, 6, 6, 2], 4 * 2 / (12 + 4))],
)
def test_each_post_counts_with_its_weight_and_one_post_with_their_mean(weight, expected) -> None:
    """One missed by the first alone, one by the second, two by none; one is not of the code."""
    a, b, final = (np.array(one) for one in ([0, 1, 1, 1, 0], [1, 0, 1, 1, 1], [1, 1, 1, 1, 0]))
    found = estimate_shared_error(a, b, final, np.array(weight, dtype=float))
    assert (found.missed, found.invented) == pytest.approx((expected, 0.0))


def test_what_a_shared_error_moves_by_hand() -> None:
    """A tenth of 400 negative items; what one code loses the other two of three may carry."""
    audit = pd.DataFrame({"grievance": ["negative", "a", "b", "c"],
                          "estimate": [400.0, 300.0, 2.0, 450.0]})  # fmt: skip
    told = range_shared_errors(audit, 1_000).query("shared_error == 0.05")
    assert told["grievance"].tolist() == ["negative", "a", "b", "c"]
    assert told["down"].tolist() == [0.05 * 600, 0.05 * 50, 2.0, 0.0]  # none below nought
    assert told["up"].tolist() == [20.0, 15.0, 0.1, 22.5]
    assert range_shared_errors(audit, 1_000)["shared_error"].tolist() == [0.01, 0.03, 0.05] * 4
    alone = range_shared_errors(audit.head(2), 1_000).query("shared_error == 0.01")
    assert alone["down"].tolist() == [6.0, 1.0]


@pytest.mark.parametrize(
    ("twice", "overruled", "told"),
    [(50, 3, "changed 3 posts on which nobody differed"), (1, 3, "on which nobody differed"),
     (0, 3, "changed 3 posts that this person had coded otherwise"), (50, 0, None)],
)  # fmt: skip
def test_what_a_third_form_changed_is_told(twice, overruled, told) -> None:
    coding = CodingFacts(50, twice, 0, False, False, overruled)
    notes = [note["en"] for note in write_notes(coding, {}, {}, {"seed": 1}, None)]
    assert len(notes) == 2 + (told is not None)
    assert told is None or told in notes[2]


@pytest.mark.parametrize("filled_by", [None, "simulated experts"])
def test_experts_are_told_with_what_they_changed_and_no_error_is_left(filled_by) -> None:
    record = {"seed": 1, "gold": {"filled_by": filled_by} if filled_by else {}}
    coding, gold = CodingFacts(50, 50, 4, True, False), GoldFacts(30, 20, 3, 2)
    shared = {"a": LeftError(9.0, -30.0)}
    notes = write_notes(coding, shared, {}, record, None, gold=gold)
    assert "that of the audit itself" in notes[0]["en"] and "审核本身" in notes[0]["zh"]
    who = "Simulated experts, not people," if filled_by else "Experts"
    assert notes[-1]["en"].startswith(
        f"{who} coded 50 of the audited posts again: of the 30 called negative they took back 3, "
        "of the 20 others they added 2."
    )
    assert len(notes) == 3
    plain = write_notes(coding, shared, {}, record, None)
    assert plain[0]["en"].startswith("The intervals cover the coder's error, not")


def test_a_second_wave_is_told_with_its_aim() -> None:
    coding = CodingFacts(150, 150, 0, False, True)
    names = {"a": ("甲", "alpha"), "platform:乙": ("乙台", "Beta")}
    for codes, aim in (
        (["a", "platform:丙"], ", above all for “alpha”, “丙”"), (["platform:乙"], "“Beta”"),
        ([], None),
    ):  # fmt: skip
        record = {"seed": 1, "second": {"drawn": 40, "codes": codes}, "second_uncoded": 7}
        notes = [note["en"] for note in write_notes(coding, {}, names, record, None)]
        assert "once the first 110 posts were coded, 40 more were drawn" in notes[2]
        assert (aim in notes[2]) if aim else ("above all" not in notes[2])
        assert notes[3].startswith("A second wave of 7 posts was drawn")
        assert notes[4].startswith("The two sheets are equal cell for cell")


@pytest.mark.parametrize(
    ("row", "seal", "told"),
    [
        ({}, {}, "coded by two people on 300 of them and by one person on the rest; 9 disputes"),
        ({"coded_twice": 400}, {}, "coded by two people; 9 disputes on negative items, 2 of them"),
        ({"coded_twice": 0}, {}, "coded by one person; 9"),
        ({"coders": 0}, {}, "coded by simulated coders, not people; 9"),
        ({}, {"has_gold": True}, " Experts coded some of the posts again"),
        (
            {},
            {"has_gold": True, "gold": {"filled_by": "x"}},
            " Simulated experts, not people",
        ),
    ],
)
def test_an_audit_of_which_the_numbers_alone_came_along_says_what_is_known(row, seal, told) -> None:
    known = {"coders": 2, "audited": 400, "coded_twice": 300, "disputes": 9, "open": 2} | row
    note = tell_scored_file(pd.DataFrame([known]), {"seed": 7} | seal)
    assert told in note["en"] and "400 posts drawn, seed 7" in note["en"]
    assert ("again" in note["en"]) == ("重新编码" in note["zh"]) == bool(seal)
    assert "抽出 400 条，种子 7" in note["zh"] and "9 条不一致，2 条未裁定" in note["zh"]


@pytest.mark.parametrize(
    ("is_repeated", "seen", "number"), [(True, 0, 0), (True, 3, 1), (False, 0, 1), (False, 3, 2)]
)
def test_what_a_report_found_out_about_the_draw(is_repeated, seen, number) -> None:
    told = tell_draw(is_repeated=is_repeated, seen=seen)
    assert len(told) == number
    assert [note["counted"] for note in told if "counted" in note] == ["3"] * bool(seen)
    assert tell_recoding({}) == {"has_gold": True}
