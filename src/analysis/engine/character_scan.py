"""Tell in one pass which characters, neighbours and runs of four the texts of a column hold.

A cheap necessary condition before a slow pattern: at a few nanoseconds a character it finds the
few texts that the pattern has to see. Classes are written as in a regex class (`A-Za-z，`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import compiled
from analysis.engine.flat_columns import TextBuffers, code_point

# Bits of a character's word: first of pair, second of pair, held, member of four.
_FIRST, _SECOND, _HELD, _MEMBER = 0, 16, 32, 48
_POINTS = 0x110000


class CharacterScan:
    """A set of questions about texts; each is a bit of the answer.

    A text is read as if a plain space stood before and behind it, unless it is empty.

    Examples
    --------
    >>> from analysis.engine.flat_columns import text_buffers
    >>> import polars as pl
    >>> scan = CharacterScan()
    >>> at = scan.holds("@")
    >>> room = scan.pair("0-9", "号室")
    >>> cries = scan.four("!！")
    >>> texts = text_buffers(pl.Series(["5号@我", "坑!！!!", "坑!!!"]))
    >>> [(word & at > 0, word & room > 0, word & cries > 0) for word in scan.ask(texts).tolist()]
    [(True, True, False), (False, False, True), (False, False, False)]
    """

    def __init__(self) -> None:
        self._classes = np.zeros(_POINTS, np.uint64)
        self._pairs = 0
        self._helds = 0
        self._fours = 0

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

    def four(self, members: str) -> int:
        """Ask whether four of these, equal or not, follow each other."""
        self._fours += 1
        return self._mark(members, _MEMBER + self._fours - 1)

    def ask(self, texts: TextBuffers) -> npt.NDArray[np.uint64]:
        """Return a word of answers for each text: the bits that the questions returned."""
        answers = np.zeros(len(texts), np.uint64)
        _scan(texts.data, texts.offsets, *self._tables, answers)
        return answers

    @cached_property
    def _tables(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
        """The word of each character, as its number among the few distinct words.

        So small a table stays in the processor's nearest memory.
        """
        starts = np.flatnonzero(np.diff(self._classes, prepend=~self._classes[:1]))
        words, numbers = np.unique(self._classes[starts], return_inverse=True)
        widths = np.diff(starts, append=_POINTS)
        return np.repeat(numbers.astype(np.uint8), widths), words

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
def _scan(data, offsets, numbers, words, answers):
    space = words[numbers[32]]
    for row in range(offsets.size - 1):
        held, pairs, fours = np.uint64(0), np.uint64(0), np.uint64(0)
        # The space before a text is its neighbour, but no member of a four.
        last = space & np.uint64(0xFFFF)
        second_last, third_last = np.uint64(0), np.uint64(0)
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            point, at = code_point(data, at)
            word = words[numbers[point]]
            held |= word
            pairs |= last & (word >> np.uint64(_SECOND))
            fours |= word & last & second_last & third_last
            last, second_last, third_last = word, last, second_last
        if end > offsets[row]:
            pairs |= last & (space >> np.uint64(_SECOND))
        answers[row] = (
            (pairs & np.uint64(0xFFFF))
            | (held & np.uint64(0xFFFF << _HELD))
            | (fours & np.uint64(0xFFFF << _MEMBER))
        )


# Tell from the first and last character of each cell which ones cleaning can change: few can.


_BLANK, _FIRST_OF_WORD = 1, 2


class CellPrefilter:
    r"""Which cells begin or end with a blank, or may be one of some short words.

    Parameters
    ----------
    blanks
        Characters.
    words
        Told by their first character and by the length of the longest.

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.engine.flat_columns import text_buffers
    >>> cells = pl.Series(["慢 慢", "慢\u3000", None, "无", "nanometre"])
    >>> CellPrefilter(" \u3000", ["", "nan", "无"]).rows(text_buffers(cells)).tolist()
    [1, 3]
    """

    def __init__(self, blanks: str, words: Collection[str]) -> None:
        self.words = list(words)
        self._classes = np.zeros(_POINTS, np.uint8)
        self.longest = max(len(word.encode()) for word in words)
        for mark in blanks:
            self._classes[ord(mark)] |= _BLANK
        for word in filter(None, words):
            self._classes[ord(word[0])] |= _FIRST_OF_WORD

    def rows(self, texts: TextBuffers) -> npt.NDArray[np.int64]:
        """Return the places of these cells; empty ones and nulls look alike and are left out."""
        is_asked = np.zeros(len(texts), np.bool_)
        _ask(texts.data, texts.offsets, self._classes, self.longest, is_asked)
        return np.flatnonzero(is_asked)


def count_empty(texts: TextBuffers) -> int:
    """Return how many texts have no character, nulls among them."""
    return int(np.count_nonzero(texts.offsets[1:] == texts.offsets[:-1]))


def holds_zero(texts: TextBuffers) -> bool:
    """Tell whether a zero byte stands in any text."""
    content = texts.data[texts.offsets[0] : texts.offsets[-1]]
    return bool(content.size) and bool(content.min() == 0)


@compiled
def _ask(data, offsets, classes, longest, is_asked):
    for row in range(offsets.size - 1):
        start, end = offsets[row], offsets[row + 1]
        if start == end:
            continue
        first, _ = code_point(data, start)
        at_start = classes[first]
        place = end - 1
        while data[place] & 0xC0 == 0x80:
            place -= 1
        last, _ = code_point(data, place)
        is_short = end - start <= longest
        is_asked[row] = (at_start | classes[last]) & _BLANK or (
            is_short and at_start & _FIRST_OF_WORD
        )


# Few symbols for all characters: those that no pattern tells apart share one.


@dataclass(frozen=True)
class CharacterClass:
    """Some characters, as a sign or a class of `re` that is kept as `re` would read it."""

    written: str
    flags: int


# Letters that match i, s and k without regard to case.
_ODD_CASES = "\u0130\u0131\u017f\u212a"


def number_symbols(
    sets: list[CharacterClass], told_apart: list[CharacterClass], apart: str = ""
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.bool_]]:
    """Give one number to the characters that no set tells apart, and say which set holds which.

    The characters of the sets `told_apart` and those `apart` have numbers of their own.

    Membership is asked of `re` itself, once for each stretch of code points between two that any
    set names.
    """
    apart = "".join({*apart, *(mark for one in told_apart for mark in _members(one))})
    alone = [CharacterClass(re.escape(mark), 0) for mark in apart]
    starts = sorted({0, *_bounds([*sets, *alone])})
    probes = "".join(map(chr, starts))
    holds = np.zeros((len(sets) + len(alone), len(starts)), np.bool_)
    for row, one in enumerate([*sets, *alone]):
        holds[row, [found.start() for found in re.finditer(one.written, probes, one.flags)]] = True
    # Stretches that are in the same sets are of one kind, numbered as they come.
    kinds: dict[bytes, int] = {}
    packed = np.ascontiguousarray(np.packbits(holds, axis=0).T)
    numbers = [kinds.setdefault(stretch.tobytes(), len(kinds)) for stretch in packed]
    first = np.unique(numbers, return_index=True)[1]
    members = np.zeros((len(sets), len(kinds) + 1), np.bool_)
    members[:, :-1] = holds[: len(sets), first]
    lengths = np.diff([*starts, _POINTS])
    return np.repeat(np.array(numbers, np.uint16), lengths), members


def _members(one: CharacterClass) -> str:
    """Return the characters of a set that holds few: all of them ASCII or written out."""
    candidates = "".join({*map(chr, range(128)), *_spelled_out(one.written)})
    members = re.findall(one.written, candidates)
    if one.flags & re.IGNORECASE and any(mark.lower() != mark.upper() for mark in members):
        raise ValueError(f"a group that is referred to is read in its own case: {one.written}")
    starts = "".join(chr(start) for start in _bounds([one]))
    if not set(re.findall(one.written, starts)) <= set(members):
        raise ValueError(f"a group that is referred to takes few characters: {one.written}")
    return "".join(members)


def _bounds(sets: list[CharacterClass]) -> set[int]:
    spaces = [point for point in range(0x3001) if chr(point).isspace()]
    named = {ord(mark) for one in sets for mark in _spelled_out(one.written)}
    cased = {ord(form) for point in named for form in _cases(chr(point))}
    edges = named | cased | set(map(ord, _ODD_CASES)) | set(spaces)
    return edges | {point + 1 for point in edges if point + 1 < _POINTS}


def _spelled_out(written: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), written)


def _cases(mark: str) -> str:
    return "".join(form for form in (mark.lower(), mark.upper()) if len(form) == 1)
