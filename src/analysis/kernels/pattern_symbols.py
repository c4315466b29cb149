"""Few symbols for all characters: those that no pattern tells apart share one."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from analysis.kernels.pattern_tree import Character

_POINTS = 0x110000
# Letters that match i, s and k without regard to case.
_ODD_CASES = "\u0130\u0131\u017f\u212a"


def number_symbols(
    sets: list[Character], told_apart: list[Character], apart: str = ""
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.bool_]]:
    """Give one number to the characters that no set tells apart, and say which set holds which.

    The characters of the sets `told_apart` and those `apart` have numbers of their own.

    Membership is asked of `re` itself, once for each stretch of code points between two that any
    set names.
    """
    apart = "".join({*apart, *(mark for one in told_apart for mark in _members(one))})
    alone = [Character(re.escape(mark), 0) for mark in apart]
    starts = sorted({0, *_bounds([*sets, *alone])})
    probes = "".join(map(chr, starts))
    holds = np.zeros((len(sets) + len(alone), len(starts)), np.bool_)
    for row, one in enumerate([*sets, *alone]):
        holds[row, [found.start() for found in re.finditer(one.written, probes, one.flags)]] = True
    kinds, numbers = np.unique(holds, axis=1, return_inverse=True)
    lengths = np.diff([*starts, _POINTS])
    members = np.zeros((len(sets), kinds.shape[1] + 1), np.bool_)
    members[:, :-1] = kinds[: len(sets)]
    return np.repeat(numbers.ravel(), lengths).astype(np.uint16), members


def _members(one: Character) -> str:
    """Return the characters of a set that holds few: all of them ASCII or written out."""
    if one.flags & re.IGNORECASE:
        raise ValueError(f"a group that is referred to is read in its own case: {one.written}")
    candidates = "".join({*map(chr, range(128)), *_spelled_out(one.written)})
    members = re.findall(one.written, candidates)
    starts = "".join(chr(start) for start in _bounds([one]))
    if not set(re.findall(one.written, starts)) <= set(members):
        raise ValueError(f"a group that is referred to takes few characters: {one.written}")
    return "".join(members)


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
