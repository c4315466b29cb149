"""Logistic regressions on one sparse table, eight at a time: same input, same bits everywhere.

The dual of each regression is ascended a row at a time (Yu, Huang and Lin 2011, algorithm 5).
Regressions that differ in what holds, or in how much a row costs, read the same rows: their
weights of a column lie side by side, in one line of the cache, and are added at once. Each is
summed in the order of its own row alone, so that none depends on those beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import lean, spliced
from analysis.engine.lanes import add, load, peek, spread, store, times
from analysis.engine.strict_math import exp_of, log_of

# A logistic regression on a few dense columns by Newton's method: same bits everywhere.
#
# A library's solver sums by the processor's own kernel of BLAS. Here every sum runs over the
# rows in their order.


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


LANES = 8
_HALF = 4
_MOST_PASSES, _MOST_NEWTON_STEPS = 1_000, 100
# A dual variable begins near zero; a step of Newton's that leaves its bounds is cut to a tenth.
_START, _START_SHARE, _CUT = 1e-8, 1e-3, 0.1
# How near to its best a dual variable is brought, at first and at last.
_FIRST_CLOSENESS, _LAST_CLOSENESS = 1e-2, 1e-8


class Rows(NamedTuple):
    """A sparse table by rows: those of `row` stand from `starts[row]` to `starts[row + 1]`."""

    starts: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int32]
    values: Floats
    n_columns: int


@spliced
def _read(starts, columns, values, row, weights, n_columns, sums):
    """Put the row's log-odds by all lanes into `sums`; the last row of `weights` is constant."""
    first, second = load(weights, n_columns * LANES), load(weights, n_columns * LANES + _HALF)
    for item in range(starts[row], starts[row + 1]):
        value, at = spread(peek(values, item)), np.int64(peek(columns, item)) * LANES
        first = add(first, times(value, load(weights, at)))
        second = add(second, times(value, load(weights, at + _HALF)))
    store(first, sums, 0)
    store(second, sums, _HALF)


@spliced
def _write(starts, columns, values, row, weights, n_columns, changes):
    """Add the row, by the change of each lane, to the weights."""
    first, second = load(changes, 0), load(changes, _HALF)
    at = n_columns * LANES
    store(add(load(weights, at), first), weights, at)
    store(add(load(weights, at + _HALF), second), weights, at + _HALF)
    for item in range(starts[row], starts[row + 1]):
        value, at = spread(peek(values, item)), np.int64(peek(columns, item)) * LANES
        store(add(load(weights, at), times(value, first)), weights, at)
        store(add(load(weights, at + _HALF), times(value, second)), weights, at + _HALF)


@lean
def _begin(starts, columns, values, cost, signs, duals, weights, n_columns, changes):
    for row in range(starts.size - 1):
        for lane in range(LANES):
            duals[row, lane] = min(_START_SHARE * cost[row, lane], _START)
            changes[lane] = signs[row, lane] * duals[row, lane]
        _write(starts, columns, values, row, weights, n_columns, changes)


@spliced
def _slope(z, dual, norm, odds, cost):
    return norm * (z - dual) + odds + log_of(z / (cost - z))


@lean
def _ascend_once(
    order, starts, columns, values, norms, cost, signs, duals, weights, n_columns,
    is_running, closeness, worst, steps, sums, changes,
):  # fmt: skip
    for row in order:
        _read(starts, columns, values, row, weights, n_columns, sums)
        norm, is_changed = norms[row], False
        for lane in range(LANES):
            changes[lane] = 0.0
            most = cost[row, lane]
            if most == 0.0 or not is_running[lane]:
                continue
            # The variable or what it lacks to its bound, whichever is the smaller at the end.
            dual, odds, turn = duals[row, lane], signs[row, lane] * sums[lane], 1.0
            if 0.5 * norm * (most - 2.0 * dual) + odds < 0.0:
                dual, odds, turn = most - dual, -odds, -1.0
            z = dual if most - dual >= 0.5 * most else _CUT * dual
            slope = _slope(z, dual, norm, odds, most)
            worst[lane] = max(worst[lane], abs(slope))
            count = 0
            while count < _MOST_NEWTON_STEPS and abs(slope) >= closeness[lane]:
                further = z - slope / (norm + most / (most - z) / z)
                z = further if further > 0.0 else z * _CUT
                slope = _slope(z, dual, norm, odds, most)
                count += 1
            if count > 0:
                steps[lane] += count
                duals[row, lane] = z if turn > 0.0 else most - z
                changes[lane] = turn * (z - dual) * signs[row, lane]
                is_changed = True
        if is_changed:
            _write(starts, columns, values, row, weights, n_columns, changes)


@lean
def _read_all(starts, columns, values, weights, n_columns, out):
    for row in range(starts.size - 1):
        _read(starts, columns, values, row, weights, n_columns, out[row])


@lean
def _norms(starts, values, out):
    for row in range(starts.size - 1):
        total = 1.0
        for item in range(starts[row], starts[row + 1]):
            total += values[item] * values[item]
        out[row] = total


class Ascent(NamedTuple):
    """What was fitted, one regression a lane.

    Parameters
    ----------
    weights
        ``columns + 1 x LANES``; the last row holds the intercepts.
    log_odds
        ``rows x LANES``, of all rows.
    passes
        How often each lane read all rows; a lane that had nothing to learn read none.
    """

    weights: Floats
    log_odds: Floats
    passes: npt.NDArray[np.int64]


def ascend(
    rows: Rows, held: npt.NDArray[np.bool_], cost: Floats, seed: int, tolerance: float
) -> Ascent:
    """Fit up to eight logistic regressions with the squares of their weights as penalty.

    Parameters
    ----------
    rows
        The table; a constant column is added to it, its weight penalised as the others are.
    held, cost
        ``rows x lanes``: what holds, and how much the loss of the row counts beside the penalty;
        0 leaves the row out. A lane in which the rows that count are all alike learns nothing.
    tolerance
        A lane is done when no row's slope in the dual was steeper in a whole pass.

    Examples
    --------
    >>> rows = Rows(np.array([0, 1, 2]), np.array([0, 0], np.int32), np.array([1.0, -1.0]), 1)
    >>> fitted = ascend(rows, np.array([[True], [False]]), np.ones((2, 1)), 1, 1e-6)
    >>> [round(weight, 3) for weight in fitted.weights[:, 0].tolist()]
    [0.675, 0.0]
    """
    n_rows, n_lanes = held.shape
    dear, signs = np.zeros((n_rows, LANES)), np.ones((n_rows, LANES))
    dear[:, :n_lanes], signs[:, :n_lanes] = cost, np.where(held, 1.0, -1.0)
    learns = ((dear > 0) & (signs > 0)).any(axis=0) & ((dear > 0) & (signs < 0)).any(axis=0)
    dear[:, ~learns] = 0.0
    weights, duals, norms = np.zeros((rows.n_columns + 1, LANES)), dear.copy(), np.empty(n_rows)
    table, sums, changes = (
        (rows.starts, rows.columns, rows.values),
        np.empty(LANES),
        np.empty(LANES),
    )
    _norms(rows.starts, rows.values, norms)
    flat = weights.reshape(-1)
    _begin(*table, dear, signs, duals, flat, rows.n_columns, changes)
    closeness, passes = np.full(LANES, _FIRST_CLOSENESS), np.zeros(LANES, np.int64)
    is_running, random = learns, np.random.default_rng(seed)
    for _ in range(_MOST_PASSES):
        if not is_running.any():
            break
        worst, steps = np.zeros(LANES), np.zeros(LANES, np.int64)
        _ascend_once(
            random.permutation(n_rows), *table, norms, dear, signs, duals, flat, rows.n_columns,
            is_running, closeness, worst, steps, sums, changes,
        )  # fmt: skip
        passes += is_running
        is_running = is_running & (worst >= tolerance)
        nearer = np.maximum(min(_LAST_CLOSENESS, tolerance), 0.1 * closeness)
        closeness = np.where(steps <= n_rows // 10, nearer, closeness)
    log_odds = np.empty((n_rows, LANES))
    _read_all(*table, flat, rows.n_columns, log_odds)
    return Ascent(weights[:, :n_lanes], log_odds[:, :n_lanes], passes[:n_lanes])


# Log-linear choices on features that hold or do not, of which each row has as many: by the gradient
# of a choice at a time, the steps of each weight the shorter the more it has moved (AdaGrad).


@lean
def climb(features, held, cost, bounds, order, rate, weights, squares, odds):
    """Move the weights by each choice in turn; the weight of feature 0, which is none, stays 0.

    Parameters
    ----------
    features, held, cost
        Of each row its features, whether it holds, and how much it counts.
    bounds, order
        Where each choice begins and the last one ends: of its rows one holds, or none. In which
        order the choices are gone through.
    rate, weights, squares
        How far a step goes; changed: the weights, and the squares of what moved them.
    odds
        Room for as many rows as a choice has at most.
    """
    for choice in order:
        first, end = bounds[choice], bounds[choice + 1]
        top = 0.0
        for row in range(first, end):
            total = 0.0
            for place in range(features.shape[1]):
                total += weights[features[row, place]]
            odds[row - first] = total
            top = max(top, total)
        whole = exp_of(-top)
        for row in range(end - first):
            odds[row] = exp_of(odds[row] - top)
            whole += odds[row]
        for row in range(first, end):
            slope = (odds[row - first] / whole - held[row]) * cost[row]
            for place in range(features.shape[1]):
                feature = features[row, place]
                if feature:
                    squares[feature] += slope * slope
                    weights[feature] -= rate * slope / np.sqrt(squares[feature])
