"""Log-linear choices, beside the same steps a feature at a time."""

import math

import numpy as np
import pytest

from analysis.engine.logistic import climb


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
