"""Small cells lean by formulas that were worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.audit.leaning import lean_on_few, lean_on_siblings, merge_thin, shrink_to_count


@pytest.mark.parametrize(
    ("estimate", "items", "audited", "expected"),
    [
        (0.0, 93, 0, 93.0),  # nobody looked at one: the coder's count stands
        (0.0, 93, 4, 74.4),
        (40.0, 80, 10, 60.0),
        (0.0, 93, 20, 0.0),  # twenty were looked at
        (1.0, 6, 6, 1.0),  # all were
        (12.0, 0, 0, 0.0),
    ],
)
def test_small_cells_lean_on_the_coders_count(
    estimate: float, items: int, audited: int, expected: float
) -> None:
    assert shrink_to_count(estimate, items, audited) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("estimate", "items", "half_width", "audited", "expected"),
    [
        # all were audited: nothing is leant on
        ([3.0, 40.0], [5, 50], [9.0, 9.0], [5, 50], [3.0, 40.0]),
        # many posts, narrow intervals: each stands by itself
        ([90.0, 200.0], [100, 100], [1.0, 1.0], [99, 99], [90.0, 200.0]),
        # nothing is known: both have what they share, 120 of 200
        ([20.0, 100.0], [100, 100], [1e6, 1e6], [50, 50], [60.0, 60.0]),
        # one is known, the other not: it takes what the first shows (200 of 100, with its own 0)
        ([200.0, 0.0], [100, 10], [1.0, 1e6], [99, 1], [200.0, 18.0]),
        # a coder that finds nothing right, and nothing was missed
        ([0.0, 0.0], [30, 20], [5.0, 5.0], [29, 19], [0.0, 0.0]),
    ],
)
def test_sub_grievances_lean_on_each_other_as_far_as_little_is_known(
    estimate: list[float],
    items: list[int],
    half_width: list[float],
    audited: list[int],
    expected: list[float],
) -> None:
    alone, width = np.array(estimate), np.array(half_width)
    leaning = lean_on_siblings(
        alone,
        np.array(items),
        low=np.maximum(alone - width, 0),
        high=alone + width,
        audited=np.array(audited),
        code_ratio=sum(estimate) / sum(items),
    )
    assert leaning == pytest.approx(expected, abs=2.5)
    assert (leaning >= np.maximum(alone - width, 0)).all()


@pytest.mark.parametrize(
    ("audited", "expected"),
    [
        # 3 audited: ratio (3 · .5 + 2 · .9 + 6) / 11, error 50² / 4; its own for .8486 of it
        (3, 55.231),
        # 9 audited: ratio (9 · .5 + 2 · .9 + 6) / 17, error 50² / 10; .9112 of it
        (9, 51.985),
        (99, 50.062),
        (100, 50.0),
    ],
)
def test_a_sub_grievance_leans_by_the_formula(audited: int, expected: float) -> None:
    """Fifty of a hundred by the audit, an interval of no width, .9 of the code."""
    fifty = np.array([50.0])
    told = lean_on_siblings(
        fifty, np.array([100]), low=fifty - 50, high=fifty - 49, audited=np.array([audited]),
        code_ratio=0.9,
    )  # fmt: skip
    assert told.tolist() == pytest.approx([expected], abs=1e-3)


@pytest.mark.parametrize(
    ("given", "items", "audited", "right", "expected"),
    [
        ([0.0], [93], [0], [0], [93.0]),  # nobody looked: the coder's count stands
        ([0.0], [100], [2], [0], [84.0]),  # (2/5)² of nothing, the rest of the coder's count
        ([0.0], [100], [5], [0], [0.0]),  # five say something, and nothing is leant
        ([0.0], [40], [1], [0], [30.0]),  # of a count of forty two would be a twentieth: (1/2)²
        ([0.0], [20], [1], [0], [0.0]),  # one of twenty is one
        ([7.0], [0], [0], [0], [0.0]),  # a coder that found none has no count to lean on
        # siblings: 12 of 26 are right, with the four of the count 16 of 30
        ([0.0, 48.0], [100, 104], [0, 26], [0, 12], [53.3, 48.0]),
        # what a cell found itself is not counted a second time, by way of what is shared
        ([0.0, 60.0], [100, 60], [1, 20], [0, 20], [96.0, 60.0]),
    ],
)
def test_where_few_were_audited_the_coders_posts_are_taken_for_right_as_those_of_siblings(
    given: list[float],
    items: list[int],
    audited: list[int],
    right: list[int],
    expected: list[float],
) -> None:
    leaning = lean_on_few(
        np.array(given), np.array(items), audited=np.array(audited), right=np.array(right)
    )
    assert leaning == pytest.approx(expected, abs=0.05)


def test_a_sub_grievance_that_the_coder_hardly_sees_is_not_leant_away() -> None:
    """The coder counts 4 where the audit found 20 that stand for 200: at least the lower end."""
    leaning = lean_on_siblings(
        np.array([200.0, 100.0]),
        np.array([4, 100]),
        low=np.array([120.0, 80.0]),
        high=np.array([310.0, 125.0]),
        audited=np.array([3, 60]),
        code_ratio=1.0,
    )
    assert leaning[0] == 120


@pytest.mark.parametrize(
    ("audited", "bands"),
    [
        ([200, 30, 5, 40], [0, 1, 2, 3]),  # five are enough
        ([200, 30, 4, 40], [0, 1, 1, 3]),
        ([200, 30, 4, 1], [0, 1, 2, 2]),  # four and one are five
        ([200, 30, 3, 1], [0, 1, 1, 1]),
        ([200, 4, 3, 2], [0, 0, 2, 2]),
        ([4, 4, 30, 9], [0, 0, 2, 3]),  # four and four are eight
        ([4, 0, 30, 9], [2, 2, 2, 3]),
        ([5, 0, 0, 0], [0, 0, 0, 0]),
        ([1, 1, 1, 1], [0, 0, 0, 0]),
        ([4], [0]),
    ],
)
def test_thin_bands_join_the_next_lower_one_and_the_lowest_the_next_higher(
    audited: list[int], bands: list[int]
) -> None:
    assert merge_thin(np.array(audited)).tolist() == bands


def test_a_sub_grievance_that_the_coder_never_gave_counts_as_one() -> None:
    """By hand: 55 of 101 with the audit, 1.8 of two posts of the code, six of the coder's count."""
    told = lean_on_siblings(
        np.array([5.0, 50.0]), np.array([0, 100]), low=np.zeros(2), high=np.array([10.0, 100.0]),
        audited=np.array([0, 9]), code_ratio=0.9,
    )  # fmt: skip
    expected = 100 * (9 * 55 / 101 + 2 * 0.9 + 6) / 17
    unlike, error = (0.7 * expected) ** 2, (100 / (2 * 1.959964)) ** 2
    own = unlike / (unlike + error)
    assert told.tolist() == pytest.approx([5.0, own * 50 + (1 - own) * expected])
