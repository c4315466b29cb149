"""Allocation: sums, caps, floors, and Neyman's rule against brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.allocation import allocate


@given(
    posts=st.lists(st.integers(0, 500), min_size=1, max_size=12),
    size=st.integers(1, 800),
    seed=st.integers(0, 99),
)
def test_numbers_add_up_and_stay_within_the_strata(posts: list[int], size: int, seed: int) -> None:
    held = np.array(posts)
    generator = np.random.default_rng(seed)
    spread, least = generator.random(len(held)), generator.integers(0, 60, len(held))
    numbers = allocate(size, held, spread, least)
    assert numbers.sum() == min(size, held.sum())
    assert (numbers <= held).all()
    assert (numbers >= 0).all()
    if np.minimum(least, held).sum() <= size:
        assert (numbers >= np.minimum(least, held)).all()


def test_equals_the_best_of_all_allocations() -> None:
    posts, spread, size = np.array([300, 200, 100]), np.array([0.1, 0.3, 0.5]), 30
    chosen = allocate(size, posts, spread, np.ones(3, dtype=int))

    def variance(numbers: np.ndarray) -> float:
        return float(((posts * spread) ** 2 / numbers).sum())

    others = [
        np.array([a, b, size - a - b]) for a, b in product(range(1, 29), repeat=2) if a + b < size
    ]
    assert variance(chosen) <= 1.005 * min(variance(other) for other in others)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_sample_smaller_than_its_minima_still_adds_up(size: int) -> None:
    numbers = allocate(size, np.array([50, 50, 50]), np.full(3, 0.2), np.full(3, 20))
    assert numbers.sum() == size
