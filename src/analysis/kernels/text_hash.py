"""128 bits that stand for a text: equal texts have equal hashes, others all but surely not."""

# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202
from __future__ import annotations

from functools import partial

import numpy as np

from analysis.kernels.character_grams import mix
from analysis.kernels.compiled import compiled, lean

_EIGHT = np.uint64(8)
_LEFT, _RIGHT = np.uint64(0x9FB21C651E98DF25), np.uint64(0xD6E8FEB86659FD93)


@partial(compiled, inline="always")
def _byte(data, at, number):
    return np.uint64(data[at + np.uint64(number)]) << np.uint64(8 * number)


@partial(compiled, inline="always")
def _word(data, at):
    """Eight bytes as one number, which the compiler makes a single load of."""
    lower = _byte(data, at, 0) | _byte(data, at, 1) | _byte(data, at, 2) | _byte(data, at, 3)
    upper = _byte(data, at, 4) | _byte(data, at, 5) | _byte(data, at, 6) | _byte(data, at, 7)
    return lower | upper


@lean
def text_hash(data, start, end):
    """Hash `data[start:end]` as two unlike chains over its words of eight bytes.

    Examples
    --------
    >>> data = np.frombuffer(b"abcabd", np.uint8)
    >>> text_hash(data, 0, 2) == text_hash(data, 3, 5)
    True
    >>> text_hash(data, 0, 3) == text_hash(data, 3, 6)
    False
    """
    left = np.uint64(0x243F6A8885A308D3)
    right = np.uint64(0x13198A2E03707344) + np.uint64(end - start)
    # Unsigned places spare the test for negative ones, without which no single load is made.
    at, end = np.uint64(start), np.uint64(end)
    while at < end:
        word = np.uint64(0)
        if at + _EIGHT <= end:
            word = _word(data, at)
        else:
            for place in range(at, end):
                word = (word << _EIGHT) | np.uint64(data[place])
        left = (left ^ word) * _LEFT
        left ^= left >> np.uint64(29)
        right = (right + word) * _RIGHT
        right ^= right >> np.uint64(32)
        at += _EIGHT
    return mix(left), mix(right)
