"""Own-score bands and the merging of thin ones."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.audit.bands import THIN, cut_bands, mean_scores, merge_thin


def test_usual_cuts_lie_at_two_twenty_and_sixty_percent() -> None:
    scores = np.array([0] * 50 + [199, 200, 1999, 2000, 5999, 6000, 10_000])
    assert cut_bands(scores)[50:].tolist() == [0, 1, 1, 2, 2, 3, 3]


def test_lowest_cut_never_passes_the_second() -> None:
    certain = np.array([9_800] * 95 + [100] * 5)
    assert np.bincount(cut_bands(certain)).tolist() == [5, 0, 0, 95]


def test_timid_scores_leave_half_the_posts_surely_not() -> None:
    scores = np.arange(300, 1_300)
    assert (cut_bands(scores) == 0).mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("audited", "expected"),
    [
        ([100, 20, 20, 20], [0, 1, 2, 3]),
        ([100, 3, 20, 20], [0, 0, 2, 3]),
        ([100, 3, 3, 3], [0, 0, 2, 2]),
        ([100, 0, 0, 4], [0, 0, 0, 0]),
        ([100, 1, 1, 2], [0, 0, 0, 0]),
        ([2, 20, 20, 20], [1, 1, 2, 3]),
        ([1, 1, 1, 1], [0, 0, 0, 0]),
    ],
)
def test_thin_bands_join_a_neighbour(audited: list[int], expected: list[int]) -> None:
    merged = merge_thin(np.array(audited))
    assert merged.tolist() == expected
    sizes = np.bincount(merged, weights=audited)
    assert sizes.sum() == sum(audited)
    assert all(size == 0 or size >= min(THIN, sum(audited)) for size in sizes)


def test_mean_scores_by_group() -> None:
    means = mean_scores(np.array([1_000, 3_000, 5_000]), np.array([0, 0, 2]), 3)
    assert means.tolist() == [0.2, 0.0, 0.5]
