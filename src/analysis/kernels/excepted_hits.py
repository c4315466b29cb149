"""Hits that do not count because a longer wording lies over them (不是假货, 苹果汁)."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.concept_notes import CANCELS, row_of

MAX_EXCEPTIONS = 512


@spliced
def list_exceptions(tables, hits, begin, end, exceptions):
    """Gather the hits of excepted wordings (不是假货, 苹果汁); return their number."""
    found = 0
    for hit in range(begin, end):
        if tables[row_of(tables, hits[hit, 0]) + CANCELS] >= 0 and found < MAX_EXCEPTIONS:
            exceptions[found] = hit
            found += 1
    return found


@lean
def is_cancelled(hits, hit, exceptions, n_exceptions, exception):
    """Tell whether an excepted wording lies over this hit."""
    for item in range(n_exceptions):
        other = exceptions[item]
        if (
            hits[other, 0] == exception
            and hits[other, 1] <= hits[hit, 1]
            and hits[other, 2] >= hits[hit, 2]
        ):
            return True
    return False
