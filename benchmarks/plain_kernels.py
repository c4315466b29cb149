"""What the instructions of `engine/lanes.py` and `strict_math.py` do, said in Python.

Numba runs kernels as Python where NUMBA_DISABLE_JIT=1 asks for it, but not instructions that are
written for the compiler. `use` puts these in their place; `mutants.py` does before it imports any.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numba.extending
import numpy as np


def _as_number(value: Any) -> Any:  # noqa: ANN401
    """Widen a small integer, as Numba does: NumPy would let it run over."""
    is_small = isinstance(value, np.integer) and value.dtype.itemsize < np.dtype("u8").itemsize
    return int(value) if is_small else value


def _poke(array: Any, index: int, value: Any) -> None:  # noqa: ANN401
    array[index] = value


def _store(lanes: Any, array: Any, index: int) -> None:  # noqa: ANN401
    array[index : index + 4] = lanes


def _which_above(one: Any, other: Any) -> int:  # noqa: ANN401
    return sum(int(above) << lane for lane, above in enumerate(one > other))


INSTRUCTIONS: dict[str, Callable[..., Any]] = {
    "peek": lambda array, index: _as_number(array[index]),
    "poke": _poke,
    "load": lambda array, index: array[index : index + 4].copy(),
    "store": _store,
    "spread": lambda value: np.full(4, value),
    "repeat": lambda lanes, lane: np.full(4, lanes[lane]),
    "add": lambda one, other: one + other,
    "times": lambda one, other: one * other,
    "larger": lambda one, other: np.where(one > other, one, other),
    "smaller": lambda one, other: np.where(one < other, one, other),
    "which_above": _which_above,
    "prefetch": lambda _array, _index: None,
    "_bits_of": lambda number: struct.unpack("<q", struct.pack("<d", number))[0],
    "_of_bits": lambda bits: struct.unpack("<d", struct.pack("<q", bits))[0],
}


def use() -> None:
    """Let kernels that are imported from now on take these instructions."""
    numba.extending.intrinsic = lambda function: INSTRUCTIONS[function.__name__]
