"""Weigh several kinds of evidence for many targets, without laying them side by side."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean
from analysis.kernels.strict_math import exp_of, log_of, strict_log

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
                out[row, column] = log_of(value / (1.0 - value))


def drawn_in_logits(probabilities: FloatArray, least: float) -> FloatArray:
    """Return logits of probabilities held within `least` and one minus it.

    Examples
    --------
    >>> drawn_in_logits(np.array([[0.0, 0.5, 1.0]]), 0.02).round(3).tolist()
    [[-3.892, 0.0, 3.892]]
    """
    out = np.empty(probabilities.shape)
    _draw_in(probabilities, least, float(strict_log(least / (1.0 - least))), out)
    return out


@lean
def _share(learned, first_code, n_codes, rules, sentiment, out):
    n_targets = learned.shape[1]
    for row in range(learned.shape[0]):
        highest = learned[row, first_code]
        for target in range(n_targets):
            odds = learned[row, target]
            out[row, target] = odds
            out[row, n_targets + target] = 1.0 / (1.0 + exp_of(-odds))
            if first_code <= target < first_code + n_codes:
                highest = max(highest, odds)
        out[row, 2 * n_targets] = highest
        out[row, 2 * n_targets + 1] = rules[row]
        out[row, 2 * n_targets + 2] = sentiment[row]


def shared_columns(
    learned: FloatArray, codes: slice, rules: FloatArray, sentiment: FloatArray
) -> FloatArray:
    """Return what is known of a post beside the target in question, one row a post.

    Parameters
    ----------
    learned
        Log-odds, ``posts x targets``.
    codes
        Which targets are codes.
    rules, sentiment
        Two more opinions, one number a post.

    Returns
    -------
    np.ndarray
        The log-odds, the probabilities they stand for, the highest log-odds of a code, and the
        two opinions: ``posts x (2 targets + 3)``.

    Examples
    --------
    >>> columns = shared_columns(np.array([[0.0, 2, 1]]), slice(1, 3), np.ones(1), np.ones(1))
    >>> columns.round(2).tolist()
    [[0.0, 2.0, 1.0, 0.5, 0.88, 0.73, 2.0, 1.0, 1.0]]
    """
    out = np.empty((learned.shape[0], 2 * learned.shape[1] + 3))
    opinions = (np.ascontiguousarray(rules), np.ascontiguousarray(sentiment))
    n_codes = codes.stop - codes.start
    _share(np.ascontiguousarray(learned), codes.start, n_codes, *opinions, out)
    return out


@lean
def _weigh(own, rules, shared, weights, shifts, out):
    n_targets = own.shape[1]
    for row in range(own.shape[0]):
        for target in range(n_targets):
            total = own[row, target] * weights[0, target] + rules[row, target] * weights[1, target]
            out[row, target] = total + shifts[target]
        # Kind by kind: the targets of a kind lie side by side, and several are added at once.
        for kind in range(shared.shape[1]):
            value = shared[row, kind]
            for target in range(n_targets):
                out[row, target] += value * weights[2 + kind, target]


def weigh_evidence(
    own: FloatArray, rules: FloatArray, shared: FloatArray, weights: FloatArray, shifts: FloatArray
) -> FloatArray:
    """Return ``posts x targets``: the evidence of each target by its weights, and the shift.

    Parameters
    ----------
    own, rules
        Evidence of each target, ``posts x targets``.
    shared
        Evidence that all targets share, ``posts x kinds``.
    weights
        ``2 + kinds x targets``, in this order.
    shifts
        One a target.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> weights = np.array([[1.0], [10.0], [100.0]])
    >>> weigh_evidence(one, one, one, weights, np.ones(1)).tolist()
    [[112.0]]
    """
    out = np.empty(own.shape)
    parts = (np.ascontiguousarray(part) for part in (own, rules, shared, weights, shifts))
    _weigh(*parts, out)
    return out
