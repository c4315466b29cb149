"""Hits that do not count because a longer wording lies over them (不是假货, 苹果汁)."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from analysis.kernels.compiled import lean, spliced
from analysis.kernels.concept_notes import CANCELS, row_of
from analysis.kernels.lanes import peek
from analysis.kernels.term_trie import CONCEPT, END, HIT, START

MAX_EXCEPTIONS = 512


@spliced
def list_exceptions(tables, hits, begin, end, exceptions):
    """Gather the hits of excepted wordings (不是假货, 苹果汁); return their number."""
    found = 0
    for hit in range(begin, end):
        row = row_of(tables, peek(hits, HIT * hit + CONCEPT))
        if peek(tables, row + CANCELS) >= 0 and found < MAX_EXCEPTIONS:
            exceptions[found] = hit
            found += 1
    return found


@lean
def is_cancelled(hits, hit, exceptions, n_exceptions, exception):
    """Tell whether an excepted wording lies over this hit."""
    for item in range(n_exceptions):
        other = HIT * exceptions[item]
        if (
            hits[other + CONCEPT] == exception
            and hits[other + START] <= hits[HIT * hit + START]
            and hits[other + END] >= hits[HIT * hit + END]
        ):
            return True
    return False
