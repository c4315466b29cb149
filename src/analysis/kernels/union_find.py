"""Connected components by union-find (Tarjan 1975), with path halving; the least member leads."""

# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from analysis.kernels.compiled import compiled, lean


@lean
def find_root(parents, member):
    """Return the leader of a member's component, halving the path to it."""
    while parents[member] != member:
        parents[member] = parents[parents[member]]
        member = parents[member]
    return member


@compiled
def unite_pairs(parents, pairs):
    """Unite the components of each pair (a row of `pairs`)."""
    for row in range(pairs.shape[0]):
        left = find_root(parents, pairs[row, 0])
        right = find_root(parents, pairs[row, 1])
        if left < right:
            parents[right] = left
        else:
            parents[left] = right


@compiled
def flatten(parents):
    """Point each member to its leader."""
    for member in range(parents.size):
        parents[member] = find_root(parents, member)


@compiled
def note_members(members, times, counts, earliest):
    """Note for each component its number of members, up to two, and its earliest time."""
    for row in range(members.size):
        member = members[row]
        counts[member] = min(counts[member] + 1, 2)
        earliest[member] = min(earliest[member], times[row])
