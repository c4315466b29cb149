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

import numpy as np

from analysis.kernels.character_grams import gram_set, longest_text, table_size
from analysis.kernels.compiled import compiled
from analysis.kernels.crowd_core import (
    MARGIN,
    core_of_crowd,
    difference_keys,
    gram_counts,
    prefix_lengths,
    weigh_members,
)
from analysis.kernels.crowd_lists import empty_lists, enter_list, link_if_alike, probe_list


@compiled
def link_crowd(start, end, members, roots, side, links, count):
    """Write the links of one bucket behind the first `count` of `links`; return the new count.

    The arguments are those of `bucket_links.link_buckets`.
    """
    starts, ends = side[3], side[4]
    longest = longest_text(starts[start:end], ends[start:end])
    table = np.zeros(table_size(longest), np.uint64)
    used = np.empty(longest + 1, np.uint64)
    counts = gram_counts(start, end, side, table, used)
    core, core_held, n_core = core_of_crowd(start, end, side, table, used, counts)
    weights, surplus = weigh_members(start, end, side, table, used, core, n_core)
    prefixes = prefix_lengths(weights, surplus)
    lists = empty_lists(prefixes)
    seen, stamp = np.zeros(table.size, np.int64), np.zeros(1, np.int64)
    parents = _local_components(start, end, roots)
    keys = np.empty(longest + 1 + n_core, np.uint64)
    checked = np.full(end - start, -1, np.int64)
    order = np.argsort(surplus)
    least = order[0]
    for own in order:
        filled, mask = gram_set(side[2], starts[start + own], ends[start + own], table, used)
        probe = (own, start, members, side, (table, mask, seen, stamp), parents)
        n_keys = difference_keys(
            end - start, table, mask, used[:filled], core, core_held, counts, keys
        )
        if surplus[own] + surplus[least] <= MARGIN and own != least:
            count = link_if_alike(probe, least, links, count)
        lowest = (surplus[own] + surplus[least]) / 2
        for place in range(n_keys - max(1, int(np.ceil(lowest - MARGIN))) + 1):
            reach = 2 * (n_keys - place) - surplus[own] + MARGIN
            count = probe_list(keys[place], reach, probe, surplus, checked, lists, links, count)
        for place in range(prefixes[own]):
            enter_list(keys[place], 2 * (n_keys - place) - surplus[own], own, lists, parents)
        for slot in used[:filled]:
            table[slot] = 0
    return count


@compiled
def _local_components(start, end, roots):
    """Union-find over the bucket's places; members of one component stand side by side."""
    parents = np.arange(end - start)
    for place in range(start + 1, end):
        if roots[place] == roots[place - 1]:
            parents[place - start] = parents[place - start - 1]
    return parents
