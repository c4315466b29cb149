"""The lists and texts of many rows as flat values with their bounds, as Arrow keeps them."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import lean, spliced

LongArray = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

#: Fractions are written with four decimals at most.
DECIMALS = 10_000


@lean
def _true_columns(held, bounds, columns):
    n = 0
    for row in range(held.shape[0]):
        for column in range(held.shape[1]):
            if held[row, column]:
                columns[n] = column
                n += 1
        bounds[row + 1] = n


def true_columns(held: npt.NDArray[np.bool_]) -> tuple[LongArray, npt.NDArray[np.int32]]:
    """Return where the true columns of each row begin (one more than rows), and the columns.

    Examples
    --------
    >>> bounds, columns = true_columns(np.array([[True, False, True], [False, True, False]]))
    >>> bounds.tolist(), columns.tolist()
    ([0, 2, 3], [0, 2, 1])
    """
    bounds = np.zeros(held.shape[0] + 1, np.int64)
    columns = np.empty(int(np.count_nonzero(held)), np.int32)
    _true_columns(held, bounds, columns)
    return bounds, columns


@lean
def _mapped(starts, found, number_of, bounds, numbers):
    n = 0
    for row in range(starts.size - 1):
        first = n
        for item in range(starts[row], starts[row + 1]):
            number = number_of[found[item]]
            if number < 0:
                continue
            place = n
            while place > first and numbers[place - 1] > number:
                numbers[place] = numbers[place - 1]
                place -= 1
            numbers[place] = number
            n += 1
        bounds[row + 1] = n


def mapped_in_order(
    starts: LongArray, found: npt.NDArray[np.int32], number_of: npt.NDArray[np.int32]
) -> tuple[LongArray, npt.NDArray[np.int32]]:
    """Return each row's items by their numbers, smallest first, items below zero left out.

    Examples
    --------
    >>> bounds, numbers = mapped_in_order(
    ...     np.array([0, 3]), np.array([2, 0, 1], np.int32), np.array([1, -1, 0], np.int32)
    ... )
    >>> bounds.tolist(), numbers.tolist()
    ([0, 2], [0, 1])
    """
    bounds = np.zeros(starts.size, np.int64)
    numbers = np.empty(found.size, np.int32)
    _mapped(starts, found, number_of, bounds, numbers)
    return bounds, numbers[: bounds[-1]]


def gather_rows(
    starts: LongArray, items: npt.NDArray[np.int32], rows: LongArray
) -> tuple[LongArray, npt.NDArray[np.int32]]:
    """Return the lists of some of the rows.

    Examples
    --------
    >>> bounds, items = gather_rows(
    ...     np.array([0, 1, 3]), np.array([7, 8, 9], np.int32), np.array([1, 0])
    ... )
    >>> bounds.tolist(), items.tolist()
    ([0, 2, 3], [8, 9, 7])
    """
    lengths = np.diff(starts)[rows]
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    places = np.arange(bounds[-1]) + np.repeat(starts[rows] - bounds[:-1], lengths)
    return bounds, items[places]


@spliced
def _write(source, begin, end, out, at):
    for place in range(begin, end):
        out[at] = source[place]
        at += 1
    return at


@lean
def _write_fractions(fractions, order, least, keys, key_bounds, digits, digit_bounds, bounds, out):
    at = 0
    for row in range(fractions.shape[0]):
        out[at] = 123  # {
        at += 1
        is_first = True
        for key in range(order.size):
            number = np.int64(np.rint(fractions[row, order[key]] * DECIMALS))
            if number < least:
                continue
            if not is_first:
                out[at] = 44  # ,
                at += 1
            is_first = False
            at = _write(keys, key_bounds[key], key_bounds[key + 1], out, at)
            at = _write(digits, digit_bounds[number], digit_bounds[number + 1], out, at)
        out[at] = 125  # }
        at += 1
        bounds[row + 1] = at


def write_fractions(
    fractions: npt.NDArray[np.float64],
    order: LongArray,
    least: int,
    keys: tuple[LongArray, Bytes],
    digits: tuple[LongArray, Bytes],
) -> tuple[LongArray, Bytes]:
    """Return one JSON object a row, fractions between 0 and 1 by their keys.

    Parameters
    ----------
    fractions
        One column a key, not yet rounded.
    order
        The columns in the order in which they are written.
    least
        Fractions of fewer ten-thousandths are left out.
    keys
        Bounds and bytes of each key as it is written, in that order.
    digits
        Bounds and bytes of each number of ten-thousandths as it is written.

    Returns
    -------
    tuple
        Bounds (one more than rows) and bytes.
    """
    longest = int(keys[0][-1]) + order.size * (1 + int(np.diff(digits[0]).max())) + 2
    bounds = np.zeros(fractions.shape[0] + 1, np.int64)
    out = np.empty(fractions.shape[0] * longest, np.uint8)
    _write_fractions(fractions, order, least, keys[1], keys[0], digits[1], digits[0], bounds, out)
    return bounds, out[: bounds[-1]]
