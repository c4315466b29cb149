"""Write a text with tokens in the places of what is found."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import lean
from analysis.kernels.mask_spans import END, KEPT, KIND, NOTHING, START


@lean
def write_masked(data, at, end, spans, tokens, masked, written):
    """Write the masked text; return where it ends.

    Parameters
    ----------
    data, at, end
        The text in UTF-8.
    spans
        What is found in it, in order; the first row tells how much.
    tokens
        For each kind, how many bytes its token has, and these bytes.
    masked, written
        Filled from this byte on.
    """
    place, first = NOTHING, np.int64(1)
    for row in range(1, spans[0, 0] + 1):
        behind = _skip(data, at, spans[row, START] - place)
        written = copy_bytes(data, at, behind, masked, written)
        if spans[row, KEPT]:
            kept = _skip(data, behind, first)
            written = copy_bytes(data, kept, _skip(data, kept, spans[row, KEPT]), masked, written)
        token = tokens[spans[row, KIND]]
        written = copy_bytes(token, first, first + token[0], masked, written)
        at = _skip(data, behind, spans[row, END] - spans[row, START])
        place = spans[row, END]
    return copy_bytes(data, at, end, masked, written)


@lean
def _skip(data, at, characters):
    """Return the byte behind so many characters."""
    for _ in range(characters):
        first = data[at]
        at += 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)
    return at


@lean
def copy_bytes(data, at, end, masked, written):
    """Copy some bytes; return where they end."""
    read, write = data[at:end], masked[written:]
    for byte in range(read.size):
        write[byte] = read[byte]
    return written + read.size
