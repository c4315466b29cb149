"""Log-linear choices on features that hold or do not, learnt by steps of AdaGrad."""

from __future__ import annotations

import numpy as np

from analysis.engine.compiled import lean

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
        whole = np.exp(-top)
        for row in range(end - first):
            odds[row] = np.exp(odds[row] - top)
            whole += odds[row]
        for row in range(first, end):
            slope = (odds[row - first] / whole - held[row]) * cost[row]
            for place in range(features.shape[1]):
                feature = features[row, place]
                if feature:
                    squares[feature] += slope * slope
                    weights[feature] -= rate * slope / np.sqrt(squares[feature])
