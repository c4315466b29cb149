"""Allocation: sums, caps, floors, and Neyman's rule against brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.correction import FEW, merge_thin
from analysis.audit.machine_scores import _as_sets, members_of
from analysis.audit.sampling import allocate, cut_bands, mean_scores


@pytest.mark.slow
@given(
    posts=st.lists(st.integers(0, 500), min_size=1, max_size=12),
    size=st.integers(1, 800),
    seed=st.integers(0, 99),
)
def test_numbers_add_up_and_stay_within_the_strata(posts: list[int], size: int, seed: int) -> None:
    held = np.array(posts)
    generator = np.random.default_rng(seed)
    spread, least = generator.random(len(held)), generator.integers(0, 60, len(held))
    numbers = allocate(size, held * spread, at_least=least, at_most=held)
    assert numbers.sum() == min(size, held.sum())
    assert (numbers <= held).all()
    assert (numbers >= 0).all()
    if np.minimum(least, held).sum() <= size:
        assert (numbers >= np.minimum(least, held)).all()


def test_equals_the_best_of_all_allocations() -> None:
    posts, spread, size = np.array([300, 200, 100]), np.array([0.1, 0.3, 0.5]), 30
    chosen = allocate(size, posts * spread, at_least=np.ones(3, dtype=int), at_most=posts)

    def variance(numbers: np.ndarray) -> float:
        return float(((posts * spread) ** 2 / numbers).sum())

    others = [
        np.array([a, b, size - a - b]) for a, b in product(range(1, 29), repeat=2) if a + b < size
    ]
    assert variance(chosen) <= 1.005 * min(variance(other) for other in others)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_sample_smaller_than_its_minima_still_adds_up(size: int) -> None:
    posts = np.array([50, 50, 50])
    numbers = allocate(size, posts * 0.2, at_least=np.full(3, 20), at_most=posts)
    assert numbers.sum() == size


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
    assert all(size == 0 or size >= min(FEW, sum(audited)) for size in sizes)


def test_mean_scores_by_group() -> None:
    means = mean_scores(np.array([1_000, 3_000, 5_000]), np.array([0, 0, 2]), 3)
    assert means.tolist() == [0.2, 0.0, 0.5]


@pytest.mark.parametrize(
    ("lists", "held"),
    [
        ([["京东"], [], None, ["淘宝", "京东"]], {"京东": [0, 3], "淘宝": [3]}),
        ([["a;b"], ["b", "a"], ["a", "a"]], {"a": [1, 2], "a;b": [0], "b": [1]}),
        ([[None, "a"], [None], []], {"a": [0]}),
        ([None, []], {}),
        ([], {}),
    ],
)
def test_a_set_of_platforms_is_what_its_list_was(lists, held):
    posts = pl.DataFrame({"platforms": pl.Series(lists, dtype=pl.List(pl.String))})
    for column in (posts["platforms"], posts.select(_as_sets("platforms"))["platforms"]):
        found = {name: np.flatnonzero(is_held).tolist() for name, is_held in members_of(column)}
        assert list(found.items()) == list(held.items())
