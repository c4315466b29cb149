"""What is known of each concept while a text is read: whether it was found, how often, and where.

What the lexicon says of a concept stands in one row of the table CONCEPTS, so that one look at
memory brings all of it.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, PLR0917
from __future__ import annotations

from analysis.kernels.compiled import spliced
from analysis.kernels.flat_tables import CONCEPTS
from analysis.kernels.lanes import peek

# The row of a concept: what is to be done, which concept it cancels and which cancels it (-1 for
# none), what it is after a negation, and the number of its pairs. Then come, three numbers each,
# the pairs (what must stand before, within which gap, what both are together) and the follows
# (the part that must come after, within which gap, what both are together).
TASKS, CANCELS, CANCELLED_BY, NEGATED_TO, N_PAIRS, STEPS = range(6)
STEP = 3
# The tasks: it is of interest by itself, it begins a phrase, there is more in its row.
NAMED, LEFT, MORE = 1, 2, 4
DROPPED = -1
# The record of a concept: how often it was found in this text, and its last places.
COUNT, RECENT = 0, 1
N_RECENT = 4
RECORD = RECENT + 2 * N_RECENT


@spliced
def row_of(tables, concept):
    """Return where the row of a concept begins."""
    return peek(tables, peek(tables, CONCEPTS) + concept)


@spliced
def note(tasks, seen, records, present, concept, start, end, text, n):
    """Record a hit of a concept; return the number of named concepts present so far."""
    if peek(seen, concept) != text:
        seen[concept] = text
        records[concept, COUNT] = 0
        if tasks & NAMED:
            present[n] = concept
            n += 1
    if tasks & LEFT:
        count = records[concept, COUNT]
        slot = RECENT + 2 * (count & (N_RECENT - 1))
        records[concept, slot] = start
        records[concept, slot + 1] = end
        records[concept, COUNT] = count + 1
    return n
