"""Sums of the weights of the concepts found in each text, all targets in one pass."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean


@lean
def _sum_rows(starts, found, group, rows, out):
    for text in range(starts.size - 1):
        of = group[text]
        for target in range(out.shape[1]):
            out[text, target] = rows[of, 0, target]
        for item in range(starts[text], starts[text + 1]):
            row = found[item] + 1
            for target in range(out.shape[1]):
                out[text, target] += rows[of, row, target]


def sum_concept_weights(
    starts: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
    group: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int32],
) -> npt.NDArray[np.int32]:
    """Return ``texts x targets``: the weights of a text's group and of its concepts, added up.

    Parameters
    ----------
    starts, found
        Concepts of each text in compressed rows.
    group
        The group of each text.
    rows
        ``groups x (1 + concepts) x targets`` of whole numbers, the group's own weight first. The
        sums are exact whatever the order.

    Examples
    --------
    >>> rows = np.array([[[1], [10], [100]]], np.int32)
    >>> starts, found = np.array([0, 2, 2]), np.array([0, 1], np.int32)
    >>> sum_concept_weights(starts, found, np.zeros(2, np.int32), rows).tolist()
    [[111], [1]]
    """
    out = np.empty((starts.size - 1, rows.shape[2]), np.int32)
    _sum_rows(starts, found, group, rows, out)
    return out
