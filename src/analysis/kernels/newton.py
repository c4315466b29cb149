"""A logistic regression on a few dense columns by Newton's method: same bits everywhere.

A library's solver sums by the processor's own kernel of BLAS. Here every sum runs over the rows in
their order.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# mypy: allow-untyped-calls
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.strict_math import exp_of, log_of

Floats = npt.NDArray[np.float64]

_MOST_STEPS, _MOST_HALVINGS = 100, 40
# Of the last step, beside weights of about one.
_NEAR = 1e-10


@spliced
def _odds(table, row, weights):
    total = 0.0
    for column in range(table.shape[1]):
        total += table[row, column] * weights[column]
    return total


@lean
def _loss(table, held, cost, weights):
    total = 0.0
    for column in range(weights.size):
        total += 0.5 * weights[column] * weights[column]
    for row in range(table.shape[0]):
        odds = _odds(table, row, weights)
        against = -odds if held[row] else odds
        # Of a large number the exponential would be infinite.
        total += cost[row] * (max(against, 0.0) + log_of(1.0 + exp_of(-abs(against))))
    return total


@lean
def _look(table, held, cost, weights, slope, bend):
    """Put the loss's derivatives into `slope`, the lower half of its second ones into `bend`."""
    for column in range(weights.size):
        slope[column] = weights[column]
        for other in range(weights.size):
            bend[column, other] = 1.0 if column == other else 0.0
    for row in range(table.shape[0]):
        chance = 1.0 / (1.0 + exp_of(-_odds(table, row, weights)))
        short = cost[row] * (chance - 1.0 if held[row] else chance)
        sway = cost[row] * chance * (1.0 - chance)
        for column in range(weights.size):
            value = table[row, column]
            slope[column] += short * value
            scaled = sway * value
            for other in range(column + 1):
                bend[column, other] += scaled * table[row, other]


@lean
def _solve(bend, slope, step):
    """Put `bend` to the power of -1 times `slope` into `step`, by Cholesky's factors in place."""
    size = slope.size
    for column in range(size):
        for other in range(column + 1):
            total = bend[column, other]
            for inner in range(other):
                total -= bend[column, inner] * bend[other, inner]
            bend[column, other] = np.sqrt(total) if column == other else total / bend[other, other]
    for column in range(size):
        total = slope[column]
        for inner in range(column):
            total -= bend[column, inner] * step[inner]
        step[column] = total / bend[column, column]
    for column in range(size - 1, -1, -1):
        total = step[column]
        for inner in range(column + 1, size):
            total -= bend[inner, column] * step[inner]
        step[column] = total / bend[column, column]


def fit_newton(table: Floats, held: npt.NDArray[np.bool_], cost: Floats) -> Floats:
    """Return the weight of each column, with the squares of the weights as penalty.

    Parameters
    ----------
    table
        ``rows x columns``; a constant column, if one is wished, stands among them.
    held
        What holds, one a row.
    cost
        How much the loss of each row counts beside the penalty.

    Examples
    --------
    >>> table, held = np.array([[1.0], [-1.0]]), np.array([True, False])
    >>> fit_newton(table, held, np.ones(2)).round(3).tolist()
    [0.675]
    """
    table, cost = np.ascontiguousarray(table), np.ascontiguousarray(cost)
    size = table.shape[1]
    weights, slope, step = np.zeros(size), np.empty(size), np.empty(size)
    bend = np.empty((size, size))
    loss = _loss(table, held, cost, weights)
    for _ in range(_MOST_STEPS):
        _look(table, held, cost, weights, slope, bend)
        _solve(bend, slope, step)
        for _ in range(_MOST_HALVINGS):
            lower = _loss(table, held, cost, weights - step)
            if lower < loss:
                break
            step *= 0.5
        else:
            break
        weights, loss = weights - step, lower
        if np.abs(step).max() <= _NEAR:
            break
    return weights
