"""Where a target holds: as many posts are called as hold."""

import numpy as np
import pytest

from analysis.coding.learned_model import StackInputs, shared_inputs
from analysis.engine.linear_sums import weigh_inputs
from analysis.training.coder_fit import Judged, fit_stack, prevalence_threshold


def bar_of(logits, held, asked=None, weight=None):
    logits, held = np.array(logits, float), np.array(held, bool)
    yes = np.ones(len(held), bool) if asked is None else np.array(asked, bool)
    return prevalence_threshold(
        logits, held, yes, np.ones(len(held)) if weight is None else np.array(weight)
    )


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
    threshold = bar_of(logits, held)
    assert (logits > threshold).sum() == pytest.approx(held.sum(), rel=0.05)


MAIN, SUBS = 14, 2


def judged(held, own, rules):
    posts = len(held)
    shared = shared_inputs(own[:, :MAIN], np.zeros(posts), np.zeros(posts))
    return Judged(StackInputs(own, rules, shared), held, np.ones(posts))


def called(posts):
    weights, shifts = fit_stack(posts, posts)
    return weigh_inputs(*posts.seen, weights.T, shifts) > 0, weights


def test_the_kind_of_evidence_that_tells_is_found():
    rng = np.random.default_rng(0)
    held = rng.random((1_500, MAIN + SUBS)) < 0.4
    held[:, 1:] &= held[:, :1]
    own, rules = rng.normal(size=(2, *held.shape))
    found, weights = called(judged(held, own, rules + 4 * held))
    assert (np.abs(weights[:, :2]).argmax(axis=1) == 1).all()
    assert (found == held).mean() > 0.9


def test_a_sure_code_makes_a_negative_item():
    rng = np.random.default_rng(0)
    held = np.zeros((2_000, MAIN + SUBS), bool)
    held[:900, 0] = held[:400, 3] = True
    own = rng.normal(size=held.shape)
    own[:, 3] += np.where(held[:, 3], 6.0, -6.0)
    found, _ = called(judged(held, own, np.zeros(held.shape)))
    assert found[:400, 0].all()
    assert found[1_000:, 0].mean() <= 0.1


def test_few_harmless_posts_are_called_negative():
    rng = np.random.default_rng(0)
    held = rng.random((2_000, MAIN + SUBS)) < 0.5
    own, rules = rng.normal(size=(2, *held.shape)) + held * 0.5
    found = called(judged(held, own, rules))[0][:, 0]
    assert 0.05 < found[~held[:, 0]].mean() <= 0.1
    assert found[held[:, 0]].mean() > 0.2


def test_the_bar_of_a_negative_item_is_not_higher_than_it_need_be():
    rng = np.random.default_rng(1)
    held = np.zeros((2_000, MAIN + SUBS), bool)
    held[:1_000, 0] = True
    own = rng.normal(size=held.shape) + 3.5 * held
    found = called(judged(held, own, np.zeros(held.shape)))[0][:, 0]
    assert found[:1_000].mean() > 0.95
