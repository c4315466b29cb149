"""Regressions by ascent in the dual, beside a general minimiser of the same loss."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import random_array

from analysis.engine.logistic import LANES, Rows, _solve, ascend, climb, fit_newton

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


def ascent_by_hand(table, held, cost, seed, tolerance):
    """Algorithm 5 of Yu, Huang and Lin (2011) for one regression, a row and a number at a time."""
    seen, signs = [[*row, 1.0] for row in table.tolist()], [1 if one else -1 for one in held]
    duals = [min(1e-3 * most, 1e-8) for most in cost]
    weights = [
        sum(sign * dual * row[at] for sign, dual, row in zip(signs, duals, seen, strict=True))
        for at in range(len(seen[0]))
    ]
    random, closeness = np.random.default_rng(seed), 1e-2
    passes, is_running = 0, True
    while is_running and passes < 1_000:
        passes += 1
        worst, steps = 0.0, 0
        for row in random.permutation(len(seen)):
            most, norm = cost[row], sum(value * value for value in seen[row])
            if not most:
                continue
            odds = signs[row] * sum(a * b for a, b in zip(seen[row], weights, strict=True))
            is_turned = 0.5 * norm * (most - 2 * duals[row]) + odds < 0
            dual, odds = (most - duals[row], -odds) if is_turned else (duals[row], odds)
            z = dual if dual <= most / 2 else 0.1 * dual

            def slope(z, norm=norm, dual=dual, odds=odds, most=most):
                return norm * (z - dual) + odds + math.log(z / (most - z))

            worst, count = max(worst, abs(slope(z))), 0
            while count < 100 and abs(slope(z)) >= closeness:
                further = z - slope(z) / (norm + most / (z * (most - z)))
                z = further if further > 0 else 0.1 * z
                count += 1
            if count:
                steps += count
                duals[row] = most - z if is_turned else z
                change = (dual - z if is_turned else z - dual) * signs[row]
                weights = [w + change * value for w, value in zip(weights, seen[row], strict=True)]
        is_running = worst >= tolerance
        if steps <= len(seen) // 10:
            closeness = max(0.1 * closeness, min(1e-8, tolerance))
    return weights, passes


@pytest.mark.parametrize("tolerance", [1e-1, 1e-3])
def test_rows_are_ascended_as_the_algorithm_says(tolerance):
    rng = np.random.default_rng(2)
    table = random_array((40, 6), density=0.5, rng=rng, format="csr")
    rows = Rows(table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data, 6)
    held, cost = rng.random((40, 2)) < 0.4, rng.choice([0.0, 0.5, 4.0], (40, 2))
    fitted = ascend(rows, held, cost, 3, tolerance)
    for lane in range(2):
        weights, passes = ascent_by_hand(
            table.toarray(), held[:, lane], cost[:, lane].tolist(), 3, tolerance
        )
        assert fitted.passes[lane] == passes > 1
        np.testing.assert_allclose(fitted.weights[:, lane], weights, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("most", [1, 3])
def test_weights_are_moved_the_less_the_more_they_have_moved(most):
    """AdaGrad (Duchi, Hazan and Singer 2011) a feature at a time, feature 0 being none.

    Of the rows of a choice one holds or none, by the share of each in the sum of exponentials.
    """
    rng = np.random.default_rng(4)
    features, cost = rng.integers(0, 5, (30, 3)).astype(np.int32), rng.random(30)
    bounds = np.arange(0, 31, most)
    held = np.zeros(30, np.bool_)
    held[rng.permutation(30 // most)[: 15 // most] * most] = True
    order, weights, squares = rng.permutation(30 // most), np.zeros(5), np.full(5, 0.01)
    climb(features, held, cost, bounds, order, 0.2, weights, squares, np.zeros(most))
    told, seen = [0.0] * 5, [0.01] * 5
    for choice in order:
        rows = range(bounds[choice], bounds[choice + 1])
        shares = [math.exp(sum(told[feature] for feature in features[row])) for row in rows]
        for row, share in zip(rows, shares, strict=True):
            slope = (share / (1 + sum(shares)) - held[row]) * cost[row]
            for feature in features[row]:
                if feature:
                    seen[feature] += slope * slope
                    told[feature] -= 0.2 * slope / math.sqrt(seen[feature])
    np.testing.assert_allclose(weights, told, rtol=1e-9)
    np.testing.assert_allclose(squares, seen, rtol=1e-9)


def test_a_step_that_goes_too_far_is_halved_until_the_loss_falls():
    """Parted rows of great cost: Newton's first steps overshoot, and the end is the least loss."""
    table, cost = np.array([[3.0], [2.0], [-1.0], [4.0]]), np.array([50.0, 80.0, 60.0, 0.01])
    held = np.array([True, True, False, False])
    expected = reference_of_newton(table, held, cost)
    np.testing.assert_allclose(fit_newton(table, held, cost), expected, atol=1e-6)
