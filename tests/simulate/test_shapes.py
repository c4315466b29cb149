"""Shapes and counts that add up."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.simulate.days import _apportion, _day_weights, _turning_points
from analysis.study.model import DailyShape

DAYS = [date(2020, 6, 1) + timedelta(n) for n in range(20)]


@given(st.integers(0, 10**7), st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_parts_add_up_and_stay_near_their_share(total, weights):
    parts = _apportion(total, weights)
    assert parts.sum() == total
    assert (parts >= 0).all()
    if sum(weights) > 0:
        ideal = total * np.array(weights) / sum(weights)
        assert (np.abs(parts - ideal) < 1 + 1e-6 * total).all()


def test_growth_peaks_and_fluctuation_are_those_of_the_file():
    shape = DailyShape(
        growth=0.5, peaks={DAYS[11]: 1.4}, fluctuation=0.05, turns=10, reason="an example"
    )
    levels = _day_weights(shape, DAYS, seed=3, number=1)
    calm = levels / np.where(np.arange(20) == 11, 1.4, 1.0)
    assert np.polyfit(np.arange(20), np.log(calm), 1)[0] * 19 == pytest.approx(np.log(1.5))
    noise = np.log(calm) - np.linspace(0, np.log(1.5), 20)
    assert noise.std() == pytest.approx(0.05)
    assert _turning_points(np.log(calm)) >= 10


def test_shapes_of_a_study_differ():
    shape = DailyShape(fluctuation=0.1, reason="an example")
    one, other = (_day_weights(shape, DAYS, seed=3, number=n) for n in (0, 1))
    assert not np.allclose(one, other)
