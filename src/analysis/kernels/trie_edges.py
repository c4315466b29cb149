"""An edge of the trie as one number: where it leaves, where it leads, and what stands there."""

# Compiled functions take their types from the call.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from analysis.kernels.compiled import spliced

# Bits of each of the three numbers of an edge.
BITS = 21
_LOW = (1 << BITS) - 1
NO_EDGE = -1


def edge_of(state: int, child: int, concepts: int) -> int:
    """Return the edge from a state to a child whose concepts stand at a place of the lists.

    Raises
    ------
    ValueError
        If a number does not fit.

    Examples
    --------
    >>> edge = edge_of(5, 7, concepts=0)
    >>> edge >> 2 * BITS, edge >> BITS & (1 << BITS) - 1
    (5, 7)
    """
    if max(state, child, concepts) > _LOW:
        raise ValueError(f"a trie holds at most {_LOW:,} places")
    return state << 2 * BITS | child << BITS | concepts


@spliced
def leaves(edge, state):
    """Tell whether an edge is one of this state."""
    return edge >> (2 * BITS) == state


@spliced
def child_of(edge):
    """Return the state to which an edge leads."""
    return (edge >> BITS) & _LOW


@spliced
def concepts_of(edge):
    """Return the place of the list of concepts behind an edge, 0 for none."""
    return edge & _LOW
