"""The inverted lists of a crowd: which members a member must be checked with.

The terms are those of `crowded_links`.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.character_grams import table_size
from analysis.kernels.compiled import compiled
from analysis.kernels.crowd_core import MARGIN
from analysis.kernels.set_overlap import least_overlap, may_be_alike, overlap_reaches
from analysis.kernels.union_find import find_root

_SEARCHED_GROUPS = 64


@compiled
def empty_lists(prefixes):
    """Make empty lists.

    They are heads by key; groups (component, first node, next group); nodes (member, next node) and
    the greatest surplus that each serves; and how many nodes and groups are in use.
    """
    total = 1
    for length in prefixes:
        total += max(length, 0)
    heads = np.full(table_size(total), -1, np.int64)
    groups, nodes = np.empty((total, 3), np.int64), np.empty((total, 2), np.int64)
    return heads, groups, nodes, np.empty(total), np.zeros(2, np.int64)


@compiled
def enter_list(key, limit, own, lists, parents):
    """Enter a member in the list of a key, in the group of its component if that is near."""
    heads, groups, nodes, limits, n_filled = lists
    root = find_root(parents, own)
    slot = key & np.uint64(heads.size - 1)
    node = n_filled[0]
    n_filled[0] += 1
    nodes[node, 0], limits[node] = own, limit
    group, searched = heads[slot], 0
    while group >= 0 and searched < _SEARCHED_GROUPS:
        if find_root(parents, groups[group, 0]) == root:
            nodes[node, 1], groups[group, 1] = groups[group, 1], node
            return
        group, searched = groups[group, 2], searched + 1
    group = n_filled[1]
    n_filled[1] += 1
    nodes[node, 1] = -1
    groups[group, 0], groups[group, 1], groups[group, 2] = own, node, heads[slot]
    heads[slot] = group


@compiled
def probe_list(key, reach, probe, surplus, checked, lists, links, count):
    """Check a member with those in the list of a key that it is not yet connected with.

    `probe` is what `link_if_alike` needs of the member; partners of a greater surplus than `reach`
    share no more of its keys from here on. Returns the new count of `links`.
    """
    heads, groups, nodes, limits, _ = lists
    own, parents = probe[0], probe[5]
    before, slot = -1, key & np.uint64(heads.size - 1)
    group = heads[slot]
    while group >= 0:
        if find_root(parents, groups[group, 0]) != find_root(parents, own):
            _strike_out(group, surplus[own] - MARGIN, groups, nodes, limits)
            node = groups[group, 1]
            while node >= 0:
                other, node = nodes[node, 0], nodes[node, 1]
                if checked[other] == own or surplus[other] > reach:
                    continue
                checked[other] = own
                found = link_if_alike(probe, other, links, count)
                node = node if found == count else -1
                count = found
        if groups[group, 1] >= 0:
            before = group
        elif before < 0:
            heads[slot] = groups[group, 2]
        else:
            groups[before, 2] = groups[group, 2]
        group = groups[group, 2]
    return count


@compiled
def _strike_out(group, least_surplus, groups, nodes, limits):
    """Take the nodes out that serve neither this partner nor any later one."""
    before, node = -1, groups[group, 1]
    while node >= 0:
        if limits[node] >= least_surplus:
            before = node
        elif before < 0:
            groups[group, 1] = nodes[node, 1]
        else:
            nodes[before, 1] = nodes[node, 1]
        node = nodes[node, 1]


@compiled
def link_if_alike(probe, other, links, count):
    """Link two members if they are alike and not yet connected.

    `probe` is the member's place in the bucket, where the bucket starts, its members, their side
    (`bucket_links.link_buckets`), the scratch that holds its 3-grams, and the union-find.
    """
    own, start, members, side, scratch, parents = probe
    sizes, bitmaps, data, starts, ends, similarity = side
    table, mask, seen, stamp = scratch
    left, right = start + own, start + other
    needed = least_overlap(np.int64(sizes[left]) + np.int64(sizes[right]), similarity)
    if not may_be_alike(sizes, bitmaps, left, right, needed):
        return count
    own_root, other_root = find_root(parents, own), find_root(parents, other)
    if own_root == other_root:
        return count
    stamp[0] += 1
    if not overlap_reaches(data, starts[right], ends[right], needed, table, mask, seen, stamp[0]):
        return count
    parents[max(own_root, other_root)] = min(own_root, other_root)
    links[count, 0], links[count, 1] = members[left], members[right]
    return count + 1
