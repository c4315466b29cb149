"""Knobs refuse what makes no sense."""

import pytest

from analysis.errors import CaodianError
from analysis.simulate import ExperimentSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"difficulty": 2.5},
        {"duplicates": -1},
        {"drift": 1.1},
        {"missing_hours": (24,)},
        {"trend": "growing"},
    ],
)
def test_refuses(wrong):
    with pytest.raises(CaodianError, match=next(iter(wrong))):
        ExperimentSettings(**wrong)


def test_drift_moves_difficulty_over_the_window():
    settings = ExperimentSettings(difficulty=0.8, drift=0.5)
    assert settings.difficulty_on(0, 20) == pytest.approx(0.4)
    assert settings.difficulty_on(19, 20) == pytest.approx(1.2)
    assert ExperimentSettings().difficulty_on(3, 20) == 1.0
