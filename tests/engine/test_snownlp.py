"""One step of the tagger beside all 64 sums, where paths are equal, nearly equal or impossible."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.engine.snownlp import _advance

NEARLY = math.nextafter(-1.0, 0.0)
paths = st.sampled_from([-1.0, NEARLY, math.nextafter(NEARLY, 0.0), -1.5, -40.0, -math.inf])
logs = st.sampled_from([-0.25, -3.0, -100.0, -1e4, -math.inf])


def plain_step(before, row):
    """Value and first best of the four paths into each state."""
    found = {}
    for tag in range(4):
        for new in range(4):
            sums = [before[earlier * 4 + tag] + row[tag * 4 + new] for earlier in range(4)]
            found[tag, new] = max(sums), sums.index(max(sums))
    return found


def test_a_step_takes_the_first_of_the_best_of_some():
    rng = np.random.default_rng(618)
    for _ in range(40):
        before = rng.choice([-1.0, NEARLY, -1.5, -40.0, -math.inf], 16).tolist()
        _is_first_of_best(before, rng.choice([-0.25, -3.0, -1e4, -math.inf], 16).tolist())


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.lists(paths, min_size=16, max_size=16), st.lists(logs, min_size=16, max_size=16))
def test_a_step_takes_the_first_of_the_best(before, row):
    _is_first_of_best(before, row)


def _is_first_of_best(before, row):
    room = np.array(before + [0.0] * 16)
    choices = int(_advance(room, 0, 16, np.array(row), 0, False))
    for (tag, new), (value, earlier) in plain_step(before, row).items():
        assert room[16 + tag * 4 + new] == value
        if value > -math.inf:
            bits = choices >> (new * 4 + tag)
            assert (bits >> 15 & 2 | bits & 1) == earlier
