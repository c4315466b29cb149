"""SnowNLP's counted n-grams out of Python's `marshal` format, without making Python objects.

The tagger's file holds a million nested tuples, which cost seconds and half a gigabyte as
objects. The format (Python/marshal.c): a byte tells the kind of a value, its high bit that later
values may refer to this one by number.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import lean
from analysis.kernels.segment_lookup import FIRST_HAN, LAST_HAN
from analysis.kernels.segment_viterbi import BEGIN, END, MIDDLE, SINGLE
from analysis.kernels.utf8 import code_point

#: What a string stands for, if it is not one character.
EMPTY, BOS, LONGER = 1 << 22, 1 << 23, 1 << 24
#: Numbers of tagged characters: Chinese ones by code point and tag, then the beginning of a run.
BEGINNING = (LAST_HAN - FIRST_HAN + 1) * 4
OTHER = -1
_FLAG, _KIND = 0x80, 0x7F
_REFERENCE, _TUPLE, _END = ord("r"), ord(")"), ord("0")
_INTEGER = ord("i")
# At least so many bytes are read at once, and the data end in as many that mean nothing.
MARGIN = 16


@lean
def _integer(data, at):
    low, high = np.int64(data[at]) | np.int64(data[at + 1]) << 8, np.int64(data[at + 2])
    return low | high << 16 | np.int64(data[at + 3]) << 24


@lean
def _referred(data, at, references, used):
    number = _integer(data, at)
    return references[number if number < used else 0]


@lean
def meaning(data, start, stop):
    """Return the code point of a string of one character, or what else it stands for."""
    if start == stop:
        return np.int64(EMPTY)
    point, end = code_point(data, start)
    if end == stop:
        return np.int64(point)
    is_bos = stop - start == 3 and data[start] == 66 and data[start + 1] == 79
    return np.int64(BOS) if is_bos and data[start + 2] == 83 else np.int64(LONGER)


@lean
def _read_string(data, at, references, used):
    kind, flag = data[at] & _KIND, data[at] & _FLAG
    if kind == _REFERENCE:
        return _referred(data, at + 1, references, used), at + 5, used
    is_short = (kind == 122) | (kind == 90)  # z, Z
    if not (is_short | (kind == 97) | (kind == 65) | (kind == 117) | (kind == 116)):  # a, A, u, t
        return np.int64(LONGER), np.int64(-1), used
    length = np.int64(data[at + 1]) if is_short else _integer(data, at + 1)
    start = at + (2 if is_short else 5)
    if start + length + MARGIN > data.size:
        return np.int64(LONGER), np.int64(-1), used
    found = meaning(data, start, start + length)
    if flag:
        references[used] = found
        used += 1
    return found, start + length, used


@lean
def _unit(character, tag):
    """Return the number of a tagged character."""
    if character == EMPTY and tag == BOS:
        return np.int64(BEGINNING)
    number = BEGIN if tag == 98 else MIDDLE if tag == 109 else END if tag == 101 else SINGLE
    is_tag = (tag == 98) | (tag == 109) | (tag == 101) | (tag == 115)  # b, m, e, s
    is_known = is_tag & (character >= FIRST_HAN) & (character <= LAST_HAN)
    return (character - FIRST_HAN) * 4 + number if is_known else np.int64(OTHER)


@lean
def _read_unit(data, at, references, used):
    kind, flag = data[at] & _KIND, data[at] & _FLAG
    if kind == _REFERENCE:
        return _referred(data, at + 1, references, used), at + 5, used
    if kind != _TUPLE or data[at + 1] != 2:
        return np.int64(OTHER), np.int64(-1), used
    own, used, tag = used, used + (flag != 0), np.int64(LONGER)
    character, at, used = _read_string(data, at + 2, references, used)
    if at >= 0:
        tag, at, used = _read_string(data, at, references, used)
    unit = _unit(character, tag)
    if flag:
        references[own] = unit
    return unit, at, used


@lean
def read_counts(data, at, order, references, used, parts, counts):
    """Read a dictionary of n-grams and their counts, whose first byte is at `at - 1`.

    Returns where it ends, or -1 if it is none, the references known by then, and the n-grams.
    """
    found = 0
    while at >= 0 and at + MARGIN < data.size:
        if data[at] == _END:
            return at + 1, used, found
        if order > 1:
            if data[at] & _KIND != _TUPLE or data[at + 1] != order:
                return np.int64(-1), used, found
            used += (data[at] & _FLAG) != 0
            at += 2
        for place in range(order):
            if at >= 0 and at + MARGIN < data.size:
                parts[found, place], at, used = _read_unit(data, at, references, used)
        if at < 0 or at + MARGIN >= data.size:
            return np.int64(-1), used, found
        kind, flag, number = data[at] & _KIND, data[at] & _FLAG, _integer(data, at + 1)
        if kind not in (_REFERENCE, _INTEGER):
            return np.int64(-1), used, found
        if kind == _REFERENCE:
            number = _referred(data, at + 1, references, used)
        counts[found] = number
        if flag:
            references[used] = number
            used += 1
        at += 5
        found += 1
    return np.int64(-1), used, found
