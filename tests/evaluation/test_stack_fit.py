"""How evidence is weighed, and where a target holds."""

import numpy as np

from analysis.coding.evidence import Evidence, shared_evidence
from analysis.evaluation.stack_fit import Judged, fit_stack
from analysis.kernels.evidence_sums import weigh_evidence

MAIN, SUBS = 14, 2


def judged(held, own, rules):
    posts = len(held)
    shared = shared_evidence(own[:, :MAIN], np.zeros(posts), np.zeros(posts))
    return Judged(Evidence(own, rules, shared), held, np.ones(posts))


def called(posts):
    weights, shifts = fit_stack(posts, posts)
    return weigh_evidence(*posts.seen, weights.T, shifts) > 0, weights


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
