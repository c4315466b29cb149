"""Logistic regressions on one sparse table, on all cores: same input, same bits everywhere."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from analysis.kernels.dual_ascent import LANES, Ascent, Rows, ascend

Floats = npt.NDArray[np.float64]

_TOLERANCE = 1e-2


class Fits(NamedTuple):
    """What was fitted.

    Parameters
    ----------
    columns
        Those of the table that hold anything; the weight of any other is zero.
    weights
        ``regressions x columns``.
    intercepts
        One a regression.
    log_odds
        ``rows x regressions``, of all rows, those that were left out among them.
    """

    columns: npt.NDArray[np.int64]
    weights: Floats
    intercepts: Floats
    log_odds: Floats


def fit_logistic(table: csr_matrix, held: npt.NDArray[np.bool_], cost: Floats, seed: int) -> Fits:
    """Fit one regression a column of `held`; see `ascend`.

    Parameters
    ----------
    table
        One row a text.
    held, cost
        ``rows x regressions``: what holds, and how much the row's loss counts; 0 leaves it out.
    seed
        Of the order in which rows are read.

    Examples
    --------
    >>> table, held = csr_matrix([[1.0], [-1.0]]), np.array([[True], [False]])
    >>> fit_logistic(table, held, np.ones((2, 1)), 1).weights.round(2).tolist()
    [[0.67]]
    """
    used = np.flatnonzero(np.bincount(table.indices, minlength=table.shape[1]))
    places = np.zeros(table.shape[1], np.int32)
    places[used] = np.arange(used.size)
    starts, values = table.indptr.astype(np.int64), np.ascontiguousarray(table.data, np.float64)
    rows = Rows(starts, places[table.indices], values, used.size)

    def fit(first: int) -> Ascent:
        lanes = slice(first, first + LANES)
        return ascend(rows, held[:, lanes], cost[:, lanes], seed, _TOLERANCE)

    # The loops hold no lock, and no regression depends on which are fitted beside it.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(fit, range(0, held.shape[1], LANES)))
    weights = np.hstack([ascent.weights for ascent in done]).T
    log_odds = np.hstack([ascent.log_odds for ascent in done])
    return Fits(used, weights[:, :-1], weights[:, -1], log_odds)
