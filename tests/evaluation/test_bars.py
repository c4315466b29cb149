"""Where a target holds: as many posts are called as hold."""

import numpy as np
import pytest

from analysis.evaluation.bars import even_bar


def bar_of(logits, held, asked=None, weight=None):
    logits, held = np.array(logits, float), np.array(held, bool)
    yes = np.ones(len(held), bool) if asked is None else np.array(asked, bool)
    return even_bar(logits, held, yes, np.ones(len(held)) if weight is None else np.array(weight))


@pytest.mark.parametrize(
    ("logits", "held", "expected"),
    [
        ([-5, 5], [0, 1], 0.0),
        ([0.4, 0.6, 0.8], [0, 1, 1], 0.4),
        ([-0.5, -0.9], [1, 0], -0.5 - 0.05),
        ([0.3, 0.2], [0, 0], 0.3),
        ([9, 9, 9], [1, 0, 0], 0.0),
    ],
)
def test_the_even_bar_nearest_to_zero(logits, held, expected):
    assert bar_of(logits, held) == pytest.approx(expected)


def test_posts_that_are_not_asked_are_not_called():
    assert bar_of([0.9, 0.5, -0.5], [0, 0, 1], asked=[0, 0, 1]) == pytest.approx(-0.55)


def test_weights_count():
    assert bar_of([0.8, 0.4, 0.1], [1, 0, 0], weight=[1.0, 1.0, 1.0]) == pytest.approx(0.4)
    assert bar_of([0.8, 0.4, 0.1], [1, 0, 0], weight=[3.0, 1.0, 2.0]) == pytest.approx(0.4)
    assert bar_of([0.8, 0.4, 0.1], [1, 0, 0], weight=[3.0, 0.1, 0.1]) == pytest.approx(0.4)
    assert bar_of([0.8, 0.4, 0.1], [0, 1, 1], weight=[0.1, 3.0, 3.0]) == 0.0


def test_a_noisy_target_is_counted_right():
    rng = np.random.default_rng(0)
    held = rng.random(4_000) < 0.2
    logits = rng.normal(size=4_000) + 1.5 * held - 1.0
    bar = bar_of(logits, held)
    assert (logits > bar).sum() == pytest.approx(held.sum(), rel=0.05)
