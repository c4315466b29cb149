"""Regressions by ascent in the dual, beside a general minimiser of the same loss."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import random_array

from analysis.engine.logistic import LANES, Rows, _solve, ascend, fit_newton

ROWS, COLUMNS = 300, 20


@pytest.fixture
def drawn():
    rng = np.random.default_rng(5)
    table = random_array((ROWS, COLUMNS), density=0.3, rng=rng, format="csr")
    held = table.toarray() @ rng.normal(size=(COLUMNS, 3)) + rng.normal(size=(ROWS, 3)) > 0.3
    cost = rng.choice([0.0, 0.5, 4.0], (ROWS, 3))
    rows = Rows(table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data, COLUMNS)
    return rows, table.toarray(), held, cost


def reference(table, held, cost):
    """Minimise half the squares of the weights and the loss, the intercept among the weights."""
    seen, signs = np.column_stack([table, np.ones(len(table))]), np.where(held, 1, -1)

    def loss(weights):
        return weights @ weights / 2 + cost @ np.logaddexp(0, -signs * (seen @ weights))

    def slope(weights):
        wrong = 1 / (1 + np.exp(signs * (seen @ weights)))
        return weights - seen.T @ (cost * signs * wrong)

    return minimize(loss, np.zeros(seen.shape[1]), jac=slope, tol=1e-12).x


def test_the_loss_is_the_least(drawn):
    rows, table, held, cost = drawn
    fitted = ascend(rows, held, cost, 1, 1e-9)
    for lane in range(3):
        expected = reference(table, held[:, lane], cost[:, lane])
        assert np.allclose(fitted.weights[:, lane], expected, atol=1e-5)
    constant = np.column_stack([table, np.ones(ROWS)])
    assert np.allclose(fitted.log_odds, constant @ fitted.weights, atol=1e-12)


def test_no_lane_depends_on_those_beside_it(drawn):
    rows, _, held, cost = drawn
    together = ascend(rows, held, cost, 1, 1e-2)
    for lane in range(3):
        alone = ascend(rows, held[:, [lane]], cost[:, [lane]], 1, 1e-2)
        assert (alone.weights[:, 0] == together.weights[:, lane]).all()
        assert (alone.log_odds[:, 0] == together.log_odds[:, lane]).all()
    full = ascend(rows, np.tile(held[:, :1], LANES), np.tile(cost[:, :1], LANES), 1, 1e-2)
    assert (full.weights == together.weights[:, :1]).all()


def test_a_row_without_cost_is_not_learnt(drawn):
    rows, _, held, cost = drawn
    turned = np.where(cost == 0, ~held, held)
    assert (
        ascend(rows, turned, cost, 1, 1e-2).weights == ascend(rows, held, cost, 1, 1e-2).weights
    ).all()


def test_where_all_rows_that_count_are_alike_nothing_is_learnt(drawn):
    rows, _, held, cost = drawn
    cost = np.where(held[:, :1], cost, 0.0)
    fitted = ascend(rows, np.tile(held[:, :1], 3), cost, 1, 1e-2)
    assert not fitted.weights.any() and fitted.passes.tolist() == [0, 0, 0]


def test_the_order_of_rows_hangs_on_the_seed(drawn):
    rows, _, held, cost = drawn
    one, same, other = (ascend(rows, held, cost, seed, 1e-2).weights for seed in (1, 1, 2))
    assert (one == same).all() and (one != other).any()
    assert np.allclose(one, other, atol=0.05)


def reference_of_newton(table, held, cost):
    signs = np.where(held, 1, -1)

    def loss(weights):
        return weights @ weights / 2 + cost @ np.logaddexp(0, -signs * (table @ weights))

    def slope(weights):
        wrong = 1 / (1 + np.exp(signs * (table @ weights)))
        return weights - table.T @ (cost * signs * wrong)

    return minimize(loss, np.zeros(table.shape[1]), jac=slope, tol=1e-12).x


@pytest.mark.parametrize("size", [1, 7])
def test_the_loss_is_the_least_of_newton(size):
    rng = np.random.default_rng(3)
    table, cost = rng.normal(size=(400, size)), rng.choice([0.0, 0.5, 10.0], 400)
    held = table @ rng.normal(size=size) + rng.normal(size=400) > 0
    assert np.allclose(
        fit_newton(table, held, cost), reference_of_newton(table, held, cost), atol=1e-4
    )


def test_columns_that_are_alike_share_the_weight():
    table = np.repeat(np.random.default_rng(1).normal(size=(200, 1)), 2, axis=1)
    weights = fit_newton(table, table[:, 0] > 0.1, np.ones(200))
    assert weights[0] == pytest.approx(weights[1]) and weights[0] > 1


def test_targets_that_are_parted_and_large_columns_have_an_end():
    table = np.array([[1e4], [-1e4]] * 50)
    weights = fit_newton(table, table[:, 0] > 0, np.full(100, 1e3))
    assert 0 < weights[0] < 0.01


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_step_solves_its_equations(size):
    rng = np.random.default_rng(size)
    root = rng.normal(size=(size, size))
    bend, slope, step = root @ root.T + np.eye(size), rng.normal(size=size), np.empty(size)
    _solve(bend.copy(), slope, step)
    np.testing.assert_allclose(step, np.linalg.solve(bend, slope), rtol=1e-9)
