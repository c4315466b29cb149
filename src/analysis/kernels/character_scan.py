"""Tell in one pass which characters, neighbours and runs the texts of a column hold.

A cheap necessary condition before a slow pattern: at about two nanoseconds a character it finds the
few texts that the pattern has to see. Classes are written as in a regex class (`A-Za-z，`).
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN202, PLR0917
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.kernels.compiled import compiled
from analysis.kernels.utf8 import TextBuffers, code_point

# Bits of a character's word: first of pair, second of pair, held, member of run, bridge of run.
_FIRST, _SECOND, _HELD, _MEMBER, _BRIDGE = 0, 16, 32, 48, 56
_POINTS = 0x110000


class CharacterScan:
    """A set of questions about texts; each is a bit of the answer.

    A text is read as if a plain space stood before and behind it, unless it is empty.

    Examples
    --------
    >>> from analysis.kernels.utf8 import text_buffers
    >>> import polars as pl
    >>> scan = CharacterScan()
    >>> at = scan.holds("@")
    >>> room = scan.pair("0-9", "号室")
    >>> phone = scan.run("0-9", 11, bridge=" -", width=2)
    >>> texts = text_buffers(pl.Series(["5号@我", "138-1234 5678", "12-34"]))
    >>> [(word & at > 0, word & room > 0, word & phone > 0) for word in scan.ask(texts).tolist()]
    [(True, True, False), (False, False, True), (False, False, False)]
    """

    def __init__(self) -> None:
        self._classes = np.zeros(_POINTS, np.uint64)
        self._pairs = 0
        self._helds = 0
        self._runs: list[tuple[int, int]] = []

    def holds(self, characters: str) -> int:
        """Ask whether any of the characters is there."""
        self._helds += 1
        return self._mark(characters, _HELD + self._helds - 1)

    def holds_other_than(self, characters: str) -> int:
        """Ask whether any character but these is there."""
        self._helds += 1
        bit = np.uint64(1) << np.uint64(_HELD + self._helds - 1)
        self._classes |= bit
        for first, last in _ranges(characters):
            self._classes[first : last + 1] &= ~bit
        return int(bit)

    def pair(self, first: str, second: str) -> int:
        """Ask whether one of `first` stands directly before one of `second`."""
        self._pairs += 1
        self._mark(second, _SECOND + self._pairs - 1)
        return self._mark(first, _FIRST + self._pairs - 1)

    def run(self, members: str, count: int, *, bridge: str = "", width: int = 0) -> int:
        """Ask whether so many members follow each other, at most `width` of `bridge` between."""
        self._runs.append((count, width))
        self._mark(bridge, _BRIDGE + len(self._runs) - 1)
        return self._mark(members, _MEMBER + len(self._runs) - 1)

    def ask(self, texts: TextBuffers) -> npt.NDArray[np.uint64]:
        """Return a word of answers for each text: the bits that the questions returned."""
        answers = np.zeros(len(texts), np.uint64)
        limits = np.array(self._runs or [(0, 0)], np.int64)
        _scan(texts.data, texts.offsets, self._classes, limits, len(self._runs), answers)
        return answers

    def _mark(self, characters: str, bit: int) -> int:
        for first, last in _ranges(characters):
            self._classes[first : last + 1] |= np.uint64(1) << np.uint64(bit)
        return 1 << bit


def _ranges(characters: str) -> list[tuple[int, int]]:
    """Code points of a class; `-` between two characters is a range, at the ends itself."""
    ranges, place = [], 0
    while place < len(characters):
        is_range = characters[place + 1 : place + 2] == "-" and place + 2 < len(characters)
        last = place + 2 if is_range else place
        ranges.append((ord(characters[place]), ord(characters[last])))
        place = last + 1
    return ranges


@compiled
def _scan(data, offsets, classes, limits, n_runs, answers):
    counts = np.zeros(8, np.int64)
    gaps = np.zeros(8, np.int64)
    space = classes[32]
    for row in range(offsets.size - 1):
        before, held, pairs, runs = space, space, np.uint64(0), np.uint64(0)
        is_counting = False
        counts[:] = 0
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            point, at = code_point(data, at)
            word = classes[point]
            if not word and not is_counting:
                before = word
                continue
            held |= word
            pairs |= before & (word >> np.uint64(_SECOND))
            before = word
            if is_counting or word >> np.uint64(_MEMBER) & np.uint64(0xFF):
                runs, is_counting = _count(word, limits, n_runs, counts, gaps, runs)
        if end > offsets[row]:
            pairs |= before & (space >> np.uint64(_SECOND))
        answers[row] = (pairs & np.uint64(0xFFFF)) | (held & np.uint64(0xFFFF << _HELD)) | runs


@compiled
def _count(word, limits, n_runs, counts, gaps, runs):
    """Lengthen, bridge or end each run; return the runs that were long enough."""
    is_counting = False
    for run in range(n_runs):
        if word >> np.uint64(_MEMBER + run) & np.uint64(1):
            counts[run] += 1
            gaps[run] = 0
            if counts[run] >= limits[run, 0]:
                runs |= np.uint64(1) << np.uint64(_MEMBER + run)
        elif counts[run]:
            gaps[run] += 1
            if gaps[run] > limits[run, 1] or not word >> np.uint64(_BRIDGE + run) & np.uint64(1):
                counts[run] = 0
        is_counting |= counts[run] > 0
    return runs, is_counting
