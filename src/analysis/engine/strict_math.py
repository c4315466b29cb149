"""Exponential and logarithm that are the same to the last bit on every processor.

NumPy takes another series where the processor has AVX-512, and the C library another where it has
fused multiplication; either may differ in the last bit, and a fit that goes on from there ends
elsewhere. Here both are sums, products and quotients in a written order, each rounded once, as
IEEE 754 wants them everywhere; the compiled loops fuse none of them.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from analysis.engine.compiled import lean, spliced

Floats = npt.NDArray[np.float64]

# The functions below have no types until they are compiled.
_instruction: Any = intrinsic

# The logarithm of 2 in two parts: the first has so few digits that its whole multiples are exact.
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
_PER_LN2 = float.fromhex("0x1.71547652b82fep+0")
# Highest power first, as they are summed. The terms left out are below 2 ** -56 of the sum.
_OF_EXP = tuple(1.0 / factorial(n) for n in range(13, 1, -1))
_OF_LOG = tuple(2.0 / n for n in range(21, 1, -2))
# Beyond these the result is infinite, or zero.
_MOST, _LEAST = float.fromhex("0x1.62e42fefa39efp+9"), -745.2
_SMALLEST_NORMAL = float.fromhex("0x1p-1022")
_HALF_ROOT = float.fromhex("0x1.6a09e667f3bcdp-1")
_BITS, _BIAS = 52, 1023
_FRACTION = (1 << _BITS) - 1


@_instruction
def _bits_of(typing_context, number):
    """Return the 64 bits of a float."""

    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), emit


@_instruction
def _of_bits(typing_context, bits):
    """Return the float of 64 bits."""

    def emit(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), emit


@spliced
def exp_of(number):
    """Return e to a number, within one unit of the last place."""
    if number != number:  # noqa: PLR0124 - that is what not a number means
        return number
    if number > _MOST:
        return np.inf
    if number < _LEAST:
        return 0.0
    twos = np.floor(number * _PER_LN2 + 0.5)
    above, below = number - twos * _LN2_HIGH, twos * _LN2_LOW
    rest = above - below
    lost = (above - rest) - below
    total = 0.0
    for coefficient in _OF_EXP:
        total = total * rest + coefficient
    result = 1.0 + (rest + (rest * rest * total + lost))
    # In two steps, as the power of two alone may not be a float.
    half = np.int64(twos) >> 1
    other = np.int64(twos) - half
    return result * _of_bits((half + _BIAS) << _BITS) * _of_bits((other + _BIAS) << _BITS)


@spliced
def log_of(number):
    """Return the natural logarithm of a number, within one unit of the last place."""
    if not number > 0.0:
        return -np.inf if number == 0.0 else np.nan
    if number == np.inf:
        return number
    twos = np.int64(0)
    if number < _SMALLEST_NORMAL:
        number *= 2.0**54
        twos = np.int64(-54)
    bits = _bits_of(number)
    twos += (bits >> _BITS) - (_BIAS - 1)
    fraction = _of_bits((bits & _FRACTION) | ((_BIAS - 1) << _BITS))
    if fraction < _HALF_ROOT:
        fraction *= 2.0
        twos -= 1
    over = fraction - 1.0
    ratio = over / (fraction + 1.0)
    square = ratio * ratio
    total = 0.0
    for coefficient in _OF_LOG:
        total = total * square + coefficient
    # 2 atanh(ratio), whose first term is `over - half + ratio * half` with less rounding.
    half = 0.5 * over * over
    small = half - (ratio * (half + square * total) + np.float64(twos) * _LN2_LOW)
    return np.float64(twos) * _LN2_HIGH - (small - over)


@lean
def _exp(numbers, out):
    for at in range(numbers.size):
        out[at] = exp_of(numbers[at])


@lean
def _log(numbers, out):
    for at in range(numbers.size):
        out[at] = log_of(numbers[at])


def strict_exp(numbers: npt.ArrayLike) -> Floats:
    """Return e to each number, the same bits on every processor.

    Examples
    --------
    >>> strict_exp([0.0, 1.0, -800.0]).round(12).tolist()
    [1.0, 2.718281828459, 0.0]
    """
    return _each(_exp, numbers)


def strict_log(numbers: npt.ArrayLike) -> Floats:
    """Return the natural logarithm of each number, the same bits on every processor.

    Zero gives minus infinity, and what is below it no number.

    Examples
    --------
    >>> strict_log([1.0, 2.718281828459045, 0.0]).tolist()
    [0.0, 1.0, -inf]
    """
    return _each(_log, numbers)


def _each(function: Any, numbers: npt.ArrayLike) -> Floats:  # noqa: ANN401
    given = np.asarray(numbers, np.float64, order="C")
    out = np.empty(given.shape)
    function(given.ravel(), out.reshape(-1))
    return out


def strict_probability(log_odds: npt.ArrayLike) -> Floats:
    """Return the probability of each log-odds, the same bits on every processor.

    Examples
    --------
    >>> strict_probability([0.0, 800.0, -800.0]).tolist()
    [0.5, 1.0, 0.0]
    """
    result: Floats = 1.0 / (1.0 + strict_exp(-np.asarray(log_odds, np.float64)))
    return result
