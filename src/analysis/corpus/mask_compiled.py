"""What the compiled masking needs to know of the finders: it takes all of it from them.

The patterns of `mask_*.py` and what settles their matches are compiled into one program for texts
as they are (`mask_fold.plain`) and one for numbers that are spelled. The readings, functions in
Python there, are written a second time in `kernels/mask_*.py`; a test compares both ways.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.corpus import mask_chats, mask_handles, mask_orders, mask_places
from analysis.corpus.mask_fold import HAN_DIGITS, PLAIN, PLAIN_AND_SPELLED
from analysis.corpus.mask_gates import PLAIN_FINDERS
from analysis.corpus.mask_span import TOKENS, AsKind, Finder, Reading
from analysis.corpus.mask_spelled import ENOUGH, LEAST, SPELLED_FINDERS, SpelledFinder
from analysis.kernels import mask_rows
from analysis.kernels.blotted_words import words_as_points
from analysis.kernels.mask_parts import PARTS
from analysis.kernels.mask_spans import KINDS, MOST
from analysis.kernels.pattern_program import PatternProgram, build_program
from analysis.kernels.pattern_search import search_room
from analysis.kernels.utf8 import TextBuffers, read_only

_MODULES = (mask_handles, mask_chats, mask_orders, mask_places)
_DIGITS = "0123456789"
_READINGS: dict[Reading, int] = {
    mask_handles.read_handles: mask_rows.HANDLES,
    mask_chats.read_accounts: mask_rows.ACCOUNTS,
    mask_orders.read_orders: mask_rows.ORDERS,
    mask_orders.read_long_numbers: mask_rows.LONG_NUMBERS,
    mask_places.read_houses: mask_rows.HOUSES,
}


class Masked(NamedTuple):
    """Rows of texts in which something is found, and those that only Python can settle."""

    rows: npt.NDArray[np.int32]
    texts: TextBuffers
    packed: npt.NDArray[np.int64]
    unsettled: npt.NDArray[np.int32]


def mask_buffers(texts: TextBuffers) -> Masked:
    """Mask texts; the counts by kind are packed (`kernels/mask_spans.py`).

    Examples
    --------
    >>> import polars as pl
    >>> from analysis.kernels.utf8 import text_buffers
    >>> masked = mask_buffers(text_buffers(pl.Series(["好", "打13812345678"])))
    >>> masked.rows.tolist(), masked.texts.data.tobytes().decode(), masked.packed.tolist()
    ([1], '打【电话】', [1])
    """
    rooms = search_room(texts), search_room(texts), np.empty((MOST + 2, 4), np.int64)
    rows: npt.NDArray[np.int32] = np.empty(len(texts), np.int32)
    packed: npt.NDArray[np.int64] = np.empty(len(texts), np.int64)
    ends, unsettled = np.empty(len(texts) + 1, np.int64), np.empty_like(rows)
    results = rows, ends, packed, unsettled
    data, count, left = mask_rows.mask_rows(texts.data, texts.offsets, *_tables(), rooms, results)
    masked = read_only(ends[: count + 1], data)
    return Masked(rows[:count], masked, packed[:count], unsettled[:left])


@cache
def _tables() -> tuple[Any, ...]:
    plain = [*(finder.pattern for finder in PLAIN_FINDERS), ENOUGH]
    parts = [_part(name.upper()) for name in PARTS]
    programs = (
        build_program(plain, PLAIN, parts, _DIGITS + HAN_DIGITS),
        build_program([one.pattern for one in SPELLED_FINDERS], PLAIN_AND_SPELLED, parts, _DIGITS),
    )
    spelled = _values(programs[0], HAN_DIGITS) >= 0
    readings = (
        [*map(_reading, PLAIN_FINDERS), (mask_rows.SPELLED, 0, 0)],
        [*map(_reading, SPELLED_FINDERS)],
    )
    bundles = [
        (
            program.tables,
            (program.entries[len(rows) :], program.firsts),
            _values(program, _DIGITS),
            np.array(rows, np.int64),
        )
        for program, rows in zip(programs, readings, strict=True)
    ]
    return words_as_points(list(TOKENS.values())), *bundles, spelled, LEAST, _tokens()


def _part(name: str) -> re.Pattern[str]:
    found: list[re.Pattern[str]] = [vars(one)[name] for one in _MODULES if name in vars(one)]
    (pattern,) = found
    return pattern


def _values(program: PatternProgram, digits: str) -> npt.NDArray[np.int8]:
    """Return which of the digits each symbol is, -1 for others."""
    values = np.full(program.members.shape[1], -1, np.int8)
    values[program.symbols[list(map(ord, digits))]] = range(len(digits))
    return values


def _reading(finder: Finder | SpelledFinder) -> tuple[int, int, int]:
    """Return how a finder's matches are read, and for `AS_KIND` the kind and the group's place."""
    if isinstance(finder.read, AsKind):
        group = finder.read.group
        place = 2 * finder.pattern.groupindex[str(group)] - 1 if group else 0
        return mask_rows.AS_KIND, KINDS.index(finder.read.kind), place
    if finder.pattern is mask_places.ROOM:
        return mask_rows.ROOMS, 0, 0
    return _READINGS[finder.read], 0, 0


def _tokens() -> npt.NDArray[np.uint8]:
    written = [TOKENS[kind].encode() for kind in KINDS]
    rows = np.zeros((len(KINDS), 1 + max(map(len, written))), np.uint8)
    for row, token in zip(rows, written, strict=True):
        row[: 1 + len(token)] = [len(token), *token]
    return rows
