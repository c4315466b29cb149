"""Weigh several kinds of evidence for many targets, without laying them side by side."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean

FloatArray = npt.NDArray[np.float64]


@lean
def _draw_in(probabilities, least, none, out):
    for row in range(probabilities.shape[0]):
        for column in range(probabilities.shape[1]):
            value = probabilities[row, column]
            if value <= least:
                out[row, column] = none
            else:
                value = min(value, 1.0 - least)
                out[row, column] = np.log(value / (1.0 - value))


def drawn_in_logits(probabilities: FloatArray, least: float) -> FloatArray:
    """Return logits of probabilities held within `least` and one minus it.

    Examples
    --------
    >>> drawn_in_logits(np.array([[0.0, 0.5, 1.0]]), 0.02).round(3).tolist()
    [[-3.892, 0.0, 3.892]]
    """
    out = np.empty(probabilities.shape)
    _draw_in(probabilities, least, float(np.log(least / (1.0 - least))), out)
    return out


@lean
def _weigh(own, rules, first, second, third, weights, shifts, out):
    for row in range(own.shape[0]):
        a, b, c = first[row], second[row], third[row]
        for target in range(own.shape[1]):
            total = own[row, target] * weights[target, 0] + rules[row, target] * weights[target, 1]
            total += a * weights[target, 2] + b * weights[target, 3] + c * weights[target, 4]
            out[row, target] = total + shifts[target]


def weigh_evidence(
    own: FloatArray,
    rules: FloatArray,
    shared: tuple[FloatArray, FloatArray, FloatArray],
    weights: FloatArray,
    shifts: FloatArray,
) -> FloatArray:
    """Return ``posts x targets``: the evidence of each target by its weights, and the shift.

    Parameters
    ----------
    own, rules
        Evidence of each target, ``posts x targets``.
    shared
        Evidence that all targets share, one number a post.
    weights
        ``targets x 5``, in this order.
    shifts
        One a target.

    Examples
    --------
    >>> one = np.ones(1)
    >>> weights = np.array([[1.0, 10, 100, 1000, 10000]])
    >>> weigh_evidence(one[:, None], one[:, None], (one, one, one), weights, one).tolist()
    [[11112.0]]
    """
    out = np.empty(own.shape)
    columns = (np.ascontiguousarray(column) for column in shared)
    own, rules = np.ascontiguousarray(own), np.ascontiguousarray(rules)
    weights, shifts = np.ascontiguousarray(weights), np.ascontiguousarray(shifts)
    _weigh(own, rules, *columns, weights, shifts, out)
    return out
