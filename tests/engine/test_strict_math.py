"""Exponential and logarithm beside forty digits of the standard library, vectors beside LAPACK."""

import itertools
import math
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.linalg import orthogonal_procrustes

from analysis.engine.strict_math import (
    k_means,
    leading_vectors,
    strict_exp,
    strict_log,
    strict_probability,
    strict_product,
    turn_onto,
)

getcontext().prec = 40
SMALLEST = 2.0**-1022


def last_places(found, exact):
    """Return how many units of the last place a float is from an exact number."""
    return abs(float((Decimal(found) - exact) / Decimal(float(np.spacing(abs(found))))))


@given(st.floats(-700, 700))
def test_an_exponential_is_within_a_unit_of_the_last_place(number):
    assert last_places(strict_exp(number).item(), Decimal(number).exp()) < 1.0


@pytest.mark.parametrize("number", [-39.8, -39.67, -38.91, -37.75, -37.15])
def test_what_the_reduced_argument_loses_is_put_back(number):
    """Rounded as forty digits are, which without that part it is not."""
    assert strict_exp(number) == float(Decimal(number).exp())


@given(st.floats(SMALLEST, 1.7e308) | st.floats(0.5, 2.0) | st.floats(5e-324, SMALLEST))
def test_a_logarithm_is_within_a_unit_of_the_last_place(number):
    found = strict_log(number).item()
    if number == 1.0:
        assert found == 0.0
    else:
        assert last_places(found, Decimal(number).ln()) < 1.0


@pytest.mark.parametrize(
    ("number", "exponential"),
    [(0.0, 1.0), (-0.0, 1.0), (710.0, np.inf), (np.inf, np.inf), (-746.0, 0.0), (-np.inf, 0.0)],
)
def test_the_ends_of_the_exponential(number, exponential):
    assert strict_exp(number) == exponential


@pytest.mark.parametrize(("number", "logarithm"), [(1.0, 0.0), (0.0, -np.inf), (np.inf, np.inf)])
def test_the_ends_of_the_logarithm(number, logarithm):
    assert strict_log(number) == logarithm


def test_what_has_none_is_no_number():
    assert np.isnan(strict_log([-1.0, np.nan])).all()
    assert np.isnan(strict_exp(np.nan))


def test_shapes_are_kept_and_numbers_of_any_kind_are_taken():
    assert strict_exp([[0, 1], [2, 3]]).shape == (2, 2)
    assert strict_exp(np.array([[0.0, 1], [2, 3]]).T).round(9).tolist() == [
        [1.0, 7.389056099],
        [2.718281828, 20.085536923],
    ]
    assert strict_log(1).shape == ()


@given(st.floats(-30, 30))
def test_probabilities_of_opposite_odds_add_up(odds):
    assert strict_probability(odds) + strict_probability(-odds) == pytest.approx(1, abs=1e-15)


def test_a_product_is_summed_in_the_order_of_the_columns():
    left = np.array([[1e16, 1.0, -1e16], [0.1, 0.2, 0.3]])
    right = np.array([[1.0], [1.0], [1.0]])
    assert strict_product(left, right).tolist() == [[0.0], [(0.1 + 0.2) + 0.3]]
    numbers = np.random.default_rng(1).integers(-9, 9, (7, 5))
    exact = [
        [
            sum(Fraction(int(a)) * int(b) for a, b in zip(row, other, strict=True))
            for other in numbers
        ]
        for row in numbers
    ]
    assert strict_product(numbers, numbers.T).tolist() == [[float(n) for n in row] for row in exact]


def matrices():
    draw = np.random.default_rng(618)
    yield "full", draw.normal(size=(40, 60))
    yield "of rank 7", draw.random((150, 7)) @ draw.random((7, 90))
    yield "one direction stretched far", draw.random((150, 30)) + 50
    yield "alike values", np.kron(np.eye(5), np.ones((4, 3)))
    yield "more rows than steps", draw.random((300, 300)) ** 8 * (draw.random((300, 300)) < 0.05)
    yield "of nothing", np.zeros((6, 4))
    yield "one row", np.array([[3.0, 4.0]])
    yield "a row of nought", np.diag([2.0, 0.0, 1.0])


@pytest.mark.parametrize(("name", "matrix"), [*matrices()], ids=[name for name, _ in matrices()])
@pytest.mark.parametrize("number", [1, 5, 20])
def test_leading_vectors_are_those_of_lapack(name, matrix, number):
    number = min(number, len(matrix))
    vectors, sizes = leading_vectors(sparse.csr_matrix(matrix), number)
    left, expected, _ = np.linalg.svd(matrix, full_matrices=False)
    expected = np.append(expected, np.zeros(number))[:number]
    # Of three hundred rows the iteration sees a part: the first are exact, the last nearly so.
    near = 1e-9 if len(matrix) <= 2 * number + 40 or name != "more rows than steps" else 0.02
    assert sizes == pytest.approx(expected, rel=near, abs=1e-7 * max(1, expected[0]))
    held = sizes > 0
    assert vectors[:, held].T @ vectors[:, held] == pytest.approx(np.eye(held.sum()), abs=1e-9)
    # What they span, since vectors of the same value may stand turned among each other.
    kept = [n for n in range(number) if n + 1 == len(expected) or held[n]]
    gap = expected[number - 1] - np.append(np.linalg.svd(matrix, compute_uv=False), 0)[number] if (
        number < min(matrix.shape)) else 1.0  # fmt: skip
    if near < 1e-3 and gap > 1e-6 and held.all():
        mine, theirs = vectors[:, kept], left[:, :number]
        assert mine @ mine.T == pytest.approx(theirs @ theirs.T, abs=1e-6)


@given(st.integers(0, 1000))
def test_vectors_are_turned_as_procrustes_turns_them(seed):
    draw = np.random.default_rng(seed)
    vectors, target = draw.normal(size=(30, 4)), draw.normal(size=(30, 4))
    turn, _ = orthogonal_procrustes(vectors, target)
    assert turn_onto(vectors, target) == pytest.approx(vectors @ turn, abs=1e-6)


def test_what_has_nothing_in_common_stays_as_it_is():
    vectors = np.array([[1.0, 2.0], [0.0, 0.0]])
    assert turn_onto(vectors, np.array([[0.0, 0.0], [3.0, 4.0]])).tolist() == vectors.tolist()


def test_clusters_that_stand_apart_get_their_means():
    draw = np.random.default_rng(7)
    middles = draw.normal(size=(6, 5)) * 50
    points = np.concatenate([middle + draw.normal(size=(20, 5)) for middle in middles])
    expected = points.reshape(6, 20, 5).mean(axis=1)
    for seed in range(5):
        found = k_means(points[draw.permutation(120)], 6, seed)
        order = np.argmin(((found[:, None] - expected) ** 2).sum(axis=2), axis=1)
        assert sorted(order) == list(range(6)) and found == pytest.approx(expected[order])


def test_a_centre_without_points_goes_to_the_farthest():
    points = np.array([[0.0]] * 5 + [[1.0]] * 5 + [[9.0]])
    assert sorted(k_means(points, 3, seed=0).ravel()) == [0.0, 1.0, 9.0]
    # Two places for three centres: one stays where it was drawn.
    assert set(k_means(points[:10], 3, seed=0).ravel()) == {0.0, 1.0}


def test_as_many_clusters_as_points_are_the_points():
    points = np.arange(8.0).reshape(4, 2)
    found = k_means(points, 4, seed=3)
    assert sorted(found.tolist()) == points.tolist()


@given(st.integers(0, 200), st.integers(1, 6))
def test_centres_are_the_means_of_what_is_nearest_to_them(seed, number):
    points = np.random.default_rng(seed).normal(size=(25, 3))
    found = k_means(points, number, seed, most=500)
    nearest = np.argmin(((points[:, None] - found) ** 2).sum(axis=2), axis=1)
    for cluster in range(number):
        assert found[cluster] == pytest.approx(points[nearest == cluster].mean(axis=0))


def k_means_by_loops(points, number, seed, tries, most):
    """Starts by distance, the best of a few draws each, and Lloyd's rounds, in plain Python."""
    points = [tuple(row) for row in points.tolist()]
    trials = 2 + math.floor(math.log2(number) * 0.7)

    def gap(one, other):
        return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))

    def mean(rows):
        return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))

    best, found = math.inf, None
    generator = np.random.default_rng(seed)
    for _ in range(tries):
        draws = generator.random((number, trials)).tolist()
        centres = [points[min(int(draws[0][0] * len(points)), len(points) - 1)]]
        for row in draws[1:]:
            nearest = [min(gap(point, centre) for centre in centres) for point in points]
            ends, options = list(itertools.accumulate(nearest)), []
            for draw in row:
                place = next((n for n, end in enumerate(ends) if end > draw * ends[-1]), None)
                place = len(points) - 1 if place is None else place
                left = sum(
                    min(n, gap(p, points[place])) for n, p in zip(nearest, points, strict=True)
                )
                options.append((left, place))
            centres.append(points[min(options, key=lambda one: one[0])[1]])
        labels, gaps = None, [math.inf]
        for _ in range(most):
            now = [
                min(range(number), key=lambda n, p=point: (gap(p, centres[n]), n))
                for point in points
            ]
            if now == labels:
                break
            labels = now
            gaps = [gap(p, centres[label]) for p, label in zip(points, labels, strict=True)]
            centres = [
                mean(rows) if (rows := [p for p, label in zip(points, labels, strict=True)
                                        if label == n]) else centres[n]
                for n in range(number)
            ]  # fmt: skip
        if sum(gaps) < best:
            best, found = sum(gaps), centres
    return np.array(found)


@pytest.mark.parametrize("number", [1, 2, 5, 8])
@pytest.mark.parametrize(("tries", "most"), [(1, 1), (1, 60), (3, 60)])
def test_clusters_are_those_of_plain_loops(number, tries, most):
    for seed in range(4):
        points = np.random.default_rng(seed).normal(size=(40, 6))
        found = k_means(points, number, seed, tries=tries, most=most)
        expected = k_means_by_loops(points, number, seed, tries, most)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 3, 5), (2, 7, 1), (1, 1, 9)])
def test_a_product_of_any_shape_is_that_of_numpy(shape):
    draw = np.random.default_rng(1)
    left, right = draw.normal(size=shape[:2]), draw.normal(size=shape[1:])
    np.testing.assert_allclose(strict_product(left, right), left @ right, rtol=1e-12)
