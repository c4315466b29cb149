"""Verified links inside a crowded bucket: variants of one text, by the thousand.

Checking all pairs would take quadratic time when most pairs are just unlike. So the sets are
centred: the *core* is what most members hold, and a member's *difference* D is the 3-grams that it
has beyond the core and those of the core that it lacks. Two sets differ in what their differences
do not share. With weight w = |D|, size n, c = (1 - t) / (1 + t) and surplus s = w - c n, two sets
are alike (Jaccard >= t) if and only if D and D' share at least o = (s + s') / 2 members:

* if o <= 0 they are alike whatever D holds; then both are alike to the member of the least surplus,
  which is checked with everyone;
* else, both being sorted rarest first, the first w - o + 1 of each have a member in common (the
  prefix filter of Chaudhuri, Ganti, Kaushik 2006). In ascending order of surplus each set looks
  into the lists of its prefix and is then entered in those of its own. The entry at place i serves
  partners of o <= w - i only; later partners have a greater surplus, so when it fails once it is
  struck out for good.

Any core is right; a good one makes the lists short. Lists are kept in groups of one component, so
that a member passes over all that it is connected with in one step.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numba as nb
import numpy as np

from analysis.kernels.minhash import gram_set, mix, table_size
from analysis.kernels.set_overlap import least_overlap, may_be_alike, overlap_reaches
from analysis.kernels.union_find import find_root

_MARGIN = 1e-9
_SAMPLE = 64
_SEARCHED_GROUPS = 64
_LACKING = np.uint64(0x5851F42D4C957F2D)


@nb.njit(cache=True, nogil=True)
def link_crowd(start, end, members, roots, side, links, count):
    """Write the links of one bucket behind the first `count` of `links`; return the new count.

    The arguments are those of `bucket_links.link_buckets`.
    """
    starts, ends = side[3], side[4]
    longest = 0
    for place in range(start, end):
        longest = max(longest, ends[place] - starts[place])
    table = np.zeros(table_size(longest), np.uint64)
    used = np.empty(longest + 1, np.uint64)
    counts = _gram_counts(start, end, side, table, used)
    core, core_held, n_core = _core(start, end, side, table, used, counts)
    weights, surplus = _weights(start, end, side, table, used, core, n_core)
    order = np.argsort(surplus)
    prefixes = _prefix_lengths(weights, surplus)
    lists = _lists(prefixes)
    scratch = (table, used, np.zeros(table.size, np.int64), np.zeros(1, np.int64))
    parents = _local_components(start, end, roots)
    keys = np.empty(longest + 1 + n_core, np.uint64)
    checked = np.full(end - start, -1, np.int64)
    least = order[0]
    for own in order:
        left = start + own
        filled, mask = gram_set(side[2], starts[left], ends[left], table, used)
        probe = (own, start, mask)
        n_keys = _difference_keys(end - start, filled, scratch, mask, core, core_held, counts, keys)
        if surplus[own] + surplus[least] <= _MARGIN and own != least:
            count = _try(probe, least, members, side, scratch, parents, links, count)
        lowest = (surplus[own] + surplus[least]) / 2
        for place in range(n_keys - max(1, int(np.ceil(lowest - _MARGIN))) + 1):
            reach = 2 * (n_keys - place) - surplus[own] + _MARGIN
            count = _probe_list(
                keys[place],
                reach,
                probe,
                surplus,
                checked,
                lists,
                members,
                side,
                scratch,
                parents,
                links,
                count,
            )
        for place in range(prefixes[own]):
            _enter(keys[place], 2 * (n_keys - place) - surplus[own], own, lists, parents)
        for slot in used[:filled]:
            table[slot] = 0
    return count


@nb.njit(cache=True, nogil=True)
def _local_components(start, end, roots):
    """Union-find over the bucket's places; members of one component stand side by side."""
    parents = np.arange(end - start)
    for place in range(start + 1, end):
        if roots[place] == roots[place - 1]:
            parents[place - start] = parents[place - start - 1]
    return parents


@nb.njit(cache=True, nogil=True)
def _gram_counts(start, end, side, table, used):
    """How many members hold each 3-gram, by the low bits of its hash (clashes do no harm)."""
    size = 1 << 12
    while size < 32 * (end - start) and size < 1 << 22:
        size *= 2
    counts = np.zeros(size, np.int32)
    for place in range(start, end):
        filled, _ = gram_set(side[2], side[3][place], side[4][place], table, used)
        for slot in used[:filled]:
            counts[mix(table[slot]) & np.uint64(size - 1)] += 1
            table[slot] = 0
    return counts


@nb.njit(cache=True, nogil=True)
def _place_of(table, gram):
    """Where a 3-gram stands in a whole table, or the free place where it would."""
    mask = np.uint64(table.size - 1)
    slot = mix(gram) & mask
    while table[slot] != 0 and table[slot] != gram:
        slot = (slot + np.uint64(1)) & mask
    return slot


@nb.njit(cache=True, nogil=True)
def _core(start, end, side, table, used, counts):
    """3-grams that more than half of the members hold: a table, their exact counts, their number.

    The rough counts name candidates among the first members' 3-grams. They must be counted
    exactly: a rare one in the core would be lacked by nearly all, and so link nearly all lists.
    """
    candidates = np.zeros(table_size(4 * used.size), np.uint64)
    n_candidates, half = 0, (end - start) // 2
    for place in range(start, min(end, start + _SAMPLE)):
        filled, _ = gram_set(side[2], side[3][place], side[4][place], table, used)
        for slot in used[:filled]:
            gram = table[slot]
            table[slot] = 0
            is_often = counts[mix(gram) & np.uint64(counts.size - 1)] > half
            at = _place_of(candidates, gram)
            if is_often and candidates[at] == 0 and 2 * n_candidates < candidates.size:
                candidates[at] = gram
                n_candidates += 1
    held = np.zeros(candidates.size, np.int64)
    for place in range(start, end):
        filled, _ = gram_set(side[2], side[3][place], side[4][place], table, used)
        for slot in used[:filled]:
            at = _place_of(candidates, table[slot])
            held[at] += candidates[at] != 0
            table[slot] = 0
    core, core_held, n_core = np.zeros_like(candidates), np.zeros_like(held), 0
    for at in range(candidates.size):
        if held[at] > half:
            place = _place_of(core, candidates[at])
            core[place], core_held[place] = candidates[at], held[at]
            n_core += 1
    return core, core_held, n_core


@nb.njit(cache=True, nogil=True)
def _holds(table, mask, gram):
    slot = mix(gram) & mask
    while table[slot] != 0 and table[slot] != gram:
        slot = (slot + np.uint64(1)) & mask
    return table[slot] == gram


@nb.njit(cache=True, nogil=True)
def _weights(start, end, side, table, used, core, n_core):
    """Weight and surplus (w and s above) of every member."""
    share = (1.0 - side[5]) / (1.0 + side[5])
    weights = np.empty(end - start, np.int64)
    surplus = np.empty(end - start, np.float64)
    for place in range(start, end):
        filled, _ = gram_set(side[2], side[3][place], side[4][place], table, used)
        shared = 0
        for slot in used[:filled]:
            shared += _holds(core, np.uint64(core.size - 1), table[slot])
            table[slot] = 0
        weights[place - start] = filled + n_core - 2 * shared
        surplus[place - start] = weights[place - start] - share * filled
    return weights, surplus


@nb.njit(cache=True, nogil=True)
def _prefix_lengths(weights, surplus):
    """How many places of each set serve later partners: their surplus is at least as great."""
    lengths = np.empty(weights.size, np.int64)
    for own in range(weights.size):
        lengths[own] = weights[own] - max(1, int(np.ceil(surplus[own] - _MARGIN))) + 1
    return lengths


@nb.njit(cache=True, nogil=True)
def _difference_keys(n_members, filled, scratch, mask, core, core_held, counts, keys):
    """Write the keys of a member's difference, rarest first; return how many there are.

    A key is the frequency and then the hash, so that all members sort alike.
    """
    table, used = scratch[0], scratch[1]
    count = 0
    low = np.uint64(counts.size - 1)
    for slot in used[:filled]:
        gram = table[slot]
        if not _holds(core, np.uint64(core.size - 1), gram):
            hashed = mix(gram)
            keys[count] = (np.uint64(counts[hashed & low]) << np.uint64(40)) | (
                hashed >> np.uint64(24)
            )
            count += 1
    for place in range(core.size):
        gram = core[place]
        if gram != 0 and not _holds(table, mask, gram):
            lacking = np.uint64(n_members - core_held[place]) << np.uint64(40)
            keys[count] = lacking | (mix(mix(gram) ^ _LACKING) >> np.uint64(24))
            count += 1
    keys[:count].sort()
    return count


@nb.njit(cache=True, nogil=True)
def _lists(prefixes):
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


@nb.njit(cache=True, nogil=True)
def _enter(key, limit, own, lists, parents):
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


@nb.njit(cache=True, nogil=True)
def _probe_list(
    key, reach, probe, surplus, checked, lists, members, side, scratch, parents, links, count
):
    """Check a member with those in the list of a key that it is not yet connected with."""
    heads, groups, nodes, limits, _ = lists
    own, slot = probe[0], key & np.uint64(heads.size - 1)
    before, group = -1, heads[slot]
    while group >= 0:
        if find_root(parents, groups[group, 0]) != find_root(parents, own):
            _strike_out(group, surplus[own] - _MARGIN, groups, nodes, limits)
            node = groups[group, 1]
            while node >= 0:
                other, node = nodes[node, 0], nodes[node, 1]
                if checked[other] == own or surplus[other] > reach:
                    continue
                checked[other] = own
                found = _try(probe, other, members, side, scratch, parents, links, count)
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


@nb.njit(cache=True, nogil=True)
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


@nb.njit(cache=True, nogil=True)
def _try(probe, other, members, side, scratch, parents, links, count):
    """Link two members if they are alike and not yet connected."""
    sizes, bitmaps, data, starts, ends, similarity = side
    own, start, mask = probe
    table, _, seen, stamp = scratch
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
