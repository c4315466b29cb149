"""A regression by Newton's method, beside a general minimiser of the same loss."""

import numpy as np
import pytest
from scipy.optimize import minimize

from analysis.kernels.newton import fit_newton


def reference(table, held, cost):
    signs = np.where(held, 1, -1)

    def loss(weights):
        return weights @ weights / 2 + cost @ np.logaddexp(0, -signs * (table @ weights))

    def slope(weights):
        wrong = 1 / (1 + np.exp(signs * (table @ weights)))
        return weights - table.T @ (cost * signs * wrong)

    return minimize(loss, np.zeros(table.shape[1]), jac=slope, tol=1e-12).x


@pytest.mark.parametrize("size", [1, 7])
def test_the_loss_is_the_least(size):
    rng = np.random.default_rng(3)
    table, cost = rng.normal(size=(400, size)), rng.choice([0.0, 0.5, 10.0], 400)
    held = table @ rng.normal(size=size) + rng.normal(size=400) > 0
    assert np.allclose(fit_newton(table, held, cost), reference(table, held, cost), atol=1e-4)


def test_columns_that_are_alike_share_the_weight():
    table = np.repeat(np.random.default_rng(1).normal(size=(200, 1)), 2, axis=1)
    weights = fit_newton(table, table[:, 0] > 0.1, np.ones(200))
    assert weights[0] == pytest.approx(weights[1]) and weights[0] > 1


def test_targets_that_are_parted_and_large_columns_have_an_end():
    table = np.array([[1e4], [-1e4]] * 50)
    weights = fit_newton(table, table[:, 0] > 0, np.full(100, 1e3))
    assert 0 < weights[0] < 0.01
