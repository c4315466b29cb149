"""Exponential and logarithm beside forty digits of the standard library's decimal arithmetic."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.engine.strict_math import strict_exp, strict_log, strict_probability

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
