"""Verified links inside the buckets of one band: which sets are alike, without needless checks.

Within a bucket a pair is left unchecked only if its two ends are already known to be connected, or
if sizes or bitmaps prove it unlike. So the components are those of checking all pairs, while a
bucket full of variants of one text needs few checks a member: the first alike member settles it.
"""

# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.character_grams import gram_set, longest_text, table_size
from analysis.kernels.compiled import compiled, lean
from analysis.kernels.crowded_links import link_crowd
from analysis.kernels.set_overlap import least_overlap, may_be_alike, overlap_reaches

# Buckets of more members are linked by way of their differences.
CROWD = 128
# Buckets of more members are not looked through for likely pairs.
_UNSEEN = 1024
# Larger sets than these are looked at in the next step only.
_TABLED = 1 << 14


@lean
def _group_reaches(place, start, head, chain, filled, side, scratch):
    """Look for a member of a group (places `start + head`, …) that is alike `place`.

    Returns that member's place or -1, and how many slots of the table hold the set of `place`.
    """
    sizes, bitmaps, data, starts, ends, similarity = side
    table, seen, used, stamp = scratch
    mask = np.uint64(table_size(ends[place] - starts[place]) - 1)
    while head >= 0:
        other = start + head
        total = np.int64(sizes[place]) + np.int64(sizes[other])
        needed = least_overlap(total, similarity)
        head = chain[head]
        if not may_be_alike(sizes, bitmaps, place, other, needed):
            continue
        if filled == 0:
            filled, mask = gram_set(data, starts[place], ends[place], table, used)
        stamp[0] += 1
        reach = overlap_reaches(
            data, starts[other], ends[other], needed, table, mask, seen, stamp[0]
        )
        if reach:
            return other, filled
    return -1, filled


@lean
def _link_bucket(start, end, members, roots, side, scratch, groups, links, count):
    """Link the members of one bucket; members of one component stand side by side."""
    heads, tails, chain = groups
    table, _, used, _ = scratch
    n_groups, own = 0, -1
    for place in range(start, end):
        if place == start or roots[place] != roots[place - 1]:
            own = -1
        filled, group = 0, 0
        while group < n_groups:
            if group == own:
                group += 1
                continue
            other, filled = _group_reaches(place, start, heads[group], chain, filled, side, scratch)
            if other < 0:
                group += 1
                continue
            links[count, 0], links[count, 1] = members[place], members[other]
            count += 1
            if own < 0:
                own = group
                continue
            chain[tails[own]], tails[own] = heads[group], tails[group]
            n_groups -= 1
            heads[group], tails[group] = heads[n_groups], tails[n_groups]
            own = group if own == n_groups else own
        for slot in used[:filled]:
            table[slot] = 0
        if own < 0:
            own, n_groups = n_groups, n_groups + 1
            heads[own], tails[own] = -1, place - start
        chain[place - start], heads[own] = heads[own], place - start
    return count


@compiled
def link_buckets(bounds, members, roots, side):
    """Return verified links of the buckets that connect what `roots` does not.

    Parameters
    ----------
    bounds
        Bucket b holds the places `bounds[b]` to `bounds[b + 1]` of the arrays that follow.
    members, roots
        Number of each member, and of its component so far; within a bucket, members of one
        component stand side by side.
    side
        By place: number of 3-grams, bitmap; UTF-8 data, start and end of each text in it; and the
        least Jaccard similarity of alike sets.

    Returns
    -------
    array of int32, two columns
        Pairs of members.
    """
    widest = 0
    for bucket in range(bounds.size - 1):
        widest = max(widest, min(bounds[bucket + 1] - bounds[bucket], CROWD))
    longest = longest_text(side[3], side[4])
    table = np.zeros(table_size(longest), np.uint64)
    seen, stamp = np.zeros(table.size, np.int64), np.zeros(1, np.int64)
    scratch = (table, seen, np.empty(longest + 1, np.uint64), stamp)
    groups = (np.empty(widest, np.int64), np.empty(widest, np.int64), np.empty(widest, np.int64))
    links = np.empty((members.size, 2), np.int32)
    count = 0
    for bucket in range(bounds.size - 1):
        start, end = bounds[bucket], bounds[bucket + 1]
        if end - start > CROWD:
            count = link_crowd(start, end, members, roots, side, links, count)
        else:
            count = _link_bucket(start, end, members, roots, side, scratch, groups, links, count)
    return links[:count]


@compiled
def mark_partners(bounds, roots, sizes, bitmaps, similarity):
    """Mark the places that sizes and bitmaps leave a partner in another component.

    All of a bucket are marked that is too large for looking at its pairs.
    """
    marks = np.zeros(roots.size, np.bool_)
    needed_of = _least_overlaps(sizes, similarity)
    for bucket in range(bounds.size - 1):
        start, end = bounds[bucket], bounds[bucket + 1]
        if end - start > _UNSEEN:
            marks[start:end] = True
            continue
        for place in range(start, end):
            for other in range(start, place):
                if roots[other] == roots[place] or (marks[place] and marks[other]):
                    continue
                total = np.int64(sizes[place]) + np.int64(sizes[other])
                needed = needed_of[total] if total < needed_of.size else 0
                if may_be_alike(sizes, bitmaps, place, other, needed):
                    marks[place] = marks[other] = True
    return marks


@compiled
def _least_overlaps(sizes, similarity):
    """Return the least overlap for each number of members that two sets here can have together."""
    most = 2 * np.int64(sizes.max()) if sizes.size else 0
    needed_of = np.zeros(min(most, _TABLED) + 1, np.int64)
    for total in range(2, needed_of.size):
        needed_of[total] = least_overlap(total, similarity)
    return needed_of
