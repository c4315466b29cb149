"""Few symbols for all characters: those that no pattern tells apart share one."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from analysis.kernels.pattern_syntax import Character

_POINTS = 0x110000
# Letters that match i, s and k without regard to case.
_ODD_CASES = "\u0130\u0131\u017f\u212a"


def number_symbols(sets: list[Character]) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.bool_]]:
    """Give one number to the characters that no set tells apart, and say which set holds which.

    Membership is asked of `re` itself, once for each stretch of code points between two that any
    set names.
    """
    starts = sorted({0, *_bounds(sets)})
    probes = "".join(map(chr, starts))
    holds = np.zeros((len(sets), len(starts)), np.bool_)
    for row, one in enumerate(sets):
        holds[row, [found.start() for found in re.finditer(one.written, probes, one.flags)]] = True
    kinds, numbers = np.unique(holds, axis=1, return_inverse=True)
    lengths = np.diff([*starts, _POINTS])
    members = np.zeros((len(sets), kinds.shape[1] + 1), np.bool_)
    members[:, :-1] = kinds
    return np.repeat(numbers.ravel(), lengths).astype(np.uint16), members


def _bounds(sets: list[Character]) -> set[int]:
    spaces = [point for point in range(0x3001) if chr(point).isspace()]
    named = {ord(mark) for one in sets for mark in _spelled_out(one.written)}
    cased = {ord(form) for point in named for form in _cases(chr(point))}
    edges = named | cased | set(map(ord, _ODD_CASES)) | set(spaces)
    return edges | {point + 1 for point in edges if point + 1 < _POINTS}


def _spelled_out(written: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), written)


def _cases(mark: str) -> str:
    return "".join(form for form in (mark.lower(), mark.upper()) if len(form) == 1)
