"""From the keys of a band to verified links of near-duplicates: buckets, components, checks.

Within a bucket a pair is left unchecked only if its two ends are already known to be connected, or
if sizes or bitmaps prove it unlike. So the components are those of checking all pairs, while a
bucket full of variants of one text needs few checks a member: the first alike member settles it.
"""

from __future__ import annotations

import numpy as np

from analysis.engine.compiled import compiled, lean
from analysis.engine.minhash import (
    gram_set,
    least_overlap,
    longest_text,
    may_be_alike,
    mix,
    overlap_reaches,
    slot_of,
    table_size,
)

# Which entries share their key with another: a band's buckets, without sorting the lone ones.
#
# Most keys stand alone. Two bits a slot (hit once, hit again) find nearly all of those in two
# passes over the keys, block by block, so that only what may be shared is sorted.


_KEY, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_WORD, _IN_WORD = np.uint64(6), np.uint64(63)
# Entries whose slots, eight an entry, stay in the second-level cache.
_BLOCK = 1 << 17
_SMALL = 24


@compiled
def entries_that_may_share(keys, is_active, share, shares):
    """Return `key << 32 | entry` of the active entries whose key may stand twice, in no order.

    Parameters
    ----------
    keys
        uint32, one an entry.
    is_active
        Which entries to look at.
    share, shares
        Only keys whose last bits are `share`, of `shares`, a power of two: what one thread does.
    """
    blocks = 1
    while blocks * shares * _BLOCK < keys.size:
        blocks *= 2
    shift = np.uint64(0)
    while np.uint64(1) << shift < shares:
        shift += np.uint64(1)
    taken, bounds = _in_blocks(keys, is_active, np.uint64(share), shift, blocks)
    while np.uint64(1) << shift < shares * blocks:
        shift += np.uint64(1)
    shift += _KEY
    size = 1 << 10
    while size < 8 * (keys.size // (shares * blocks)):
        size *= 2
    once, again = np.zeros(size // 64, np.uint64), np.zeros(size // 64, np.uint64)
    count = 0
    for block in range(blocks):
        once[:], again[:] = 0, 0
        # What is kept goes to the front, where all has been read.
        some = taken[bounds[block, 0] : bounds[block, 1]]
        count = _keep_shared(some, shift, once, again, taken, count)
    return taken[:count].copy()


@compiled
def _in_blocks(keys, is_active, share, shift, blocks):
    """Lay the share's `key << 32 | entry` by the bits of the key above those of the share."""
    bounds = np.zeros((blocks, 2), np.int64)
    last, of_share = np.uint64(blocks - 1), (np.uint64(1) << shift) - np.uint64(1)
    for entry in range(keys.size):
        key = np.uint64(keys[entry])
        is_taken = is_active[entry] & (key & of_share == share)
        bounds[(key >> shift) & last, 1] += is_taken
    # A spare place behind each block takes what is written and not counted: no branch to guess.
    room = 0
    for block in range(blocks):
        size = bounds[block, 1]
        bounds[block, 0] = bounds[block, 1] = room
        room += size + 1
    taken = np.empty(room, np.uint64)
    for entry in range(keys.size):
        key = np.uint64(keys[entry])
        is_taken = is_active[entry] & (key & of_share == share)
        block = (key >> shift) & last
        taken[bounds[block, 1]] = (key << _KEY) | np.uint64(entry)
        bounds[block, 1] += is_taken
    return taken, bounds


@compiled
def _keep_shared(some, shift, once, again, kept, count):
    """Keep of one block what hits a slot that is hit again; return how many are kept by now."""
    mask = np.uint64(64 * once.size - 1)
    for pair in some:
        slot = (pair >> shift) & mask
        bit = np.uint64(1) << (slot & _IN_WORD)
        again[slot >> _WORD] |= once[slot >> _WORD] & bit
        once[slot >> _WORD] |= bit
    for place in range(some.size):
        pair = some[place]
        slot = (pair >> shift) & mask
        kept[count] = pair
        count += np.int64((again[slot >> _WORD] >> (slot & _IN_WORD)) & np.uint64(1))
    return count


@compiled
def mixed_buckets(ordered, roots):
    """Return the buckets that hold more than one component.

    Parameters
    ----------
    ordered
        `key << 32 | entry`, ascending.
    roots
        Component of each entry.

    Returns
    -------
    members : array of int32
        Entries, bucket by bucket; members of one component stand side by side.
    bounds : array of int64
        Bucket b holds the members `bounds[b]` to `bounds[b + 1]`.
    """
    members = np.empty(ordered.size, np.int32)
    bounds = np.zeros(ordered.size // 2 + 1, np.int64)
    count, n_buckets, start = 0, 0, 0
    while start < ordered.size:
        key, end, is_mixed = ordered[start] >> np.uint64(32), start, False
        root = roots[ordered[start] & _LOW]
        while end < ordered.size and ordered[end] >> np.uint64(32) == key:
            entry = ordered[end] & _LOW
            is_mixed |= roots[entry] != root
            members[count + end - start] = entry
            end += 1
        if is_mixed:
            _sort_by_root(members[count : count + end - start], roots)
            count += end - start
            n_buckets += 1
            bounds[n_buckets] = count
        start = end
    return members[:count], bounds[: n_buckets + 1]


@compiled
def _sort_by_root(members, roots):
    """Put the members of one component side by side."""
    if members.size > _SMALL:
        members[:] = members[np.argsort(roots[members])]
        return
    for place in range(1, members.size):
        member, at = members[place], place
        while at > 0 and roots[members[at - 1]] > roots[member]:
            members[at] = members[at - 1]
            at -= 1
        members[at] = member


# Connected components by union-find (Tarjan 1975), with path halving; the least member leads.


@lean
def _find_root(parents, member):
    """Return the leader of a member's component, halving the path to it."""
    while parents[member] != member:
        parents[member] = parents[parents[member]]
        member = parents[member]
    return member


@compiled
def unite_pairs(parents, pairs):
    """Unite the components of each pair (a row of `pairs`)."""
    for row in range(pairs.shape[0]):
        left = _find_root(parents, pairs[row, 0])
        right = _find_root(parents, pairs[row, 1])
        if left < right:
            parents[right] = left
        else:
            parents[left] = right


@compiled
def flatten(parents):
    """Point each member to its leader."""
    for member in range(parents.size):
        parents[member] = _find_root(parents, member)


@compiled
def note_members(members, times, counts, earliest):
    """Note for each component its number of members, up to two, and its earliest time."""
    for row in range(members.size):
        member = members[row]
        counts[member] = min(counts[member] + 1, 2)
        earliest[member] = min(earliest[member], times[row])


# The core of a crowd of alike texts, and what each member has beyond it or lacks of it.
# The terms are those of `_link_crowd`.


_MARGIN = 1e-9
_SAMPLE = 64
_LACKING = np.uint64(0x5851F42D4C957F2D)


@compiled
def _gram_counts(start, end, side, table, used):
    """How many members hold each 3-gram, by its low bits (clashes do no harm)."""
    size = 1 << 12
    while size < 32 * (end - start) and size < 1 << 22:
        size *= 2
    counts = np.zeros(size, np.int32)
    for place in range(start, end):
        filled, _ = gram_set(side[2], side[3][place], side[4][place], table, used)
        for slot in used[:filled]:
            counts[table[slot] & np.uint64(size - 1)] += 1
            table[slot] = 0
    return counts


@compiled
def _candidates(start, end, side, table, used, counts):
    """3-grams of the first members that by the rough counts more than half hold: a table."""
    candidates = np.zeros(table_size(4 * used.size), np.uint64)
    mask, half = np.uint64(candidates.size - 1), (end - start) // 2
    n_candidates = 0
    for place in range(start, min(end, start + _SAMPLE)):
        filled, _ = gram_set(side[2], side[3][place], side[4][place], table, used)
        for slot in used[:filled]:
            gram = table[slot]
            table[slot] = 0
            is_often = counts[gram & np.uint64(counts.size - 1)] > half
            at = slot_of(candidates, mask, gram)
            if is_often and candidates[at] == 0 and 2 * n_candidates < candidates.size:
                candidates[at] = gram
                n_candidates += 1
    return candidates


@compiled
def _core_of_crowd(start, end, side, table, used, counts):
    """3-grams that more than half of the members hold: a table, their exact counts, their number.

    Candidates must be counted exactly: a rare one in the core would be lacked by nearly all, and
    so link nearly all lists.
    """
    candidates = _candidates(start, end, side, table, used, counts)
    mask, half = np.uint64(candidates.size - 1), (end - start) // 2
    held = np.zeros(candidates.size, np.int64)
    for place in range(start, end):
        filled, _ = gram_set(side[2], side[3][place], side[4][place], table, used)
        for slot in used[:filled]:
            at = slot_of(candidates, mask, table[slot])
            held[at] += candidates[at] != 0
            table[slot] = 0
    core, core_held, n_core = np.zeros_like(candidates), np.zeros_like(held), 0
    for at in range(candidates.size):
        if held[at] > half:
            place = slot_of(core, mask, candidates[at])
            core[place], core_held[place] = candidates[at], held[at]
            n_core += 1
    return core, core_held, n_core


@compiled
def _holds(table, mask, gram):
    return table[slot_of(table, mask, gram)] == gram


@compiled
def _weigh_members(start, end, side, table, used, core, n_core):
    """Weight and surplus (w and s of the definition) of every member."""
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


@compiled
def _prefix_lengths(weights, surplus):
    """How many places of each set serve later partners: their surplus is at least as great."""
    lengths = np.empty(weights.size, np.int64)
    for own in range(weights.size):
        lengths[own] = weights[own] - max(1, int(np.ceil(surplus[own] - _MARGIN))) + 1
    return lengths


@compiled
def _difference_keys(n_members, table, mask, slots, core, core_held, counts, keys):
    """Write the keys of a member's difference, rarest first; return how many there are.

    A key is the frequency and then the 3-gram, so that all members sort alike. `table` holds the
    member's 3-grams in `slots`.
    """
    count, low = 0, np.uint64(counts.size - 1)
    for slot in slots:
        gram = table[slot]
        if not _holds(core, np.uint64(core.size - 1), gram):
            often = np.uint64(counts[gram & low]) << np.uint64(40)
            keys[count] = often | (gram >> np.uint64(24))
            count += 1
    for place in range(core.size):
        gram = core[place]
        if gram != 0 and not _holds(table, mask, gram):
            often = np.uint64(n_members - core_held[place]) << np.uint64(40)
            keys[count] = often | (mix(gram ^ _LACKING) >> np.uint64(24))
            count += 1
    keys[:count].sort()
    return count


# The inverted lists of a crowd: which members a member must be checked with.
# The terms are those of `_link_crowd`.


_SEARCHED_GROUPS = 64


@compiled
def _empty_lists(prefixes):
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
def _enter_list(key, limit, own, lists, parents):
    """Enter a member in the list of a key, in the group of its component if that is near."""
    heads, groups, nodes, limits, n_filled = lists
    root = _find_root(parents, own)
    slot = key & np.uint64(heads.size - 1)
    node = n_filled[0]
    n_filled[0] += 1
    nodes[node, 0], limits[node] = own, limit
    group, searched = heads[slot], 0
    while group >= 0 and searched < _SEARCHED_GROUPS:
        if _find_root(parents, groups[group, 0]) == root:
            nodes[node, 1], groups[group, 1] = groups[group, 1], node
            return
        group, searched = groups[group, 2], searched + 1
    group = n_filled[1]
    n_filled[1] += 1
    nodes[node, 1] = -1
    groups[group, 0], groups[group, 1], groups[group, 2] = own, node, heads[slot]
    heads[slot] = group


@compiled
def _probe_list(key, reach, probe, surplus, checked, lists, links, count):
    """Check a member with those in the list of a key that it is not yet connected with.

    `probe` is what `_link_if_alike` needs of the member; partners of a greater surplus than `reach`
    share no more of its keys from here on. Returns the new count of `links`.
    """
    heads, groups, nodes, limits, _ = lists
    own, parents = probe[0], probe[5]
    before, slot = -1, key & np.uint64(heads.size - 1)
    group = heads[slot]
    while group >= 0:
        if _find_root(parents, groups[group, 0]) != _find_root(parents, own):
            _strike_out(group, surplus[own] - _MARGIN, groups, nodes, limits)
            node = groups[group, 1]
            while node >= 0:
                other, node = nodes[node, 0], nodes[node, 1]
                if checked[other] == own or surplus[other] > reach:
                    continue
                checked[other] = own
                found = _link_if_alike(probe, other, links, count)
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
def _link_if_alike(probe, other, links, count):
    """Link two members if they are alike and not yet connected.

    `probe` is the member's place in the bucket, where the bucket starts, its members, their side
    (`link_buckets`), the scratch that holds its 3-grams, and the union-find.
    """
    own, start, members, side, scratch, parents = probe
    sizes, bitmaps, data, starts, ends, similarity = side
    table, mask, seen, stamp = scratch
    left, right = start + own, start + other
    needed = least_overlap(np.int64(sizes[left]) + np.int64(sizes[right]), similarity)
    if not may_be_alike(sizes, bitmaps, left, right, needed):
        return count
    own_root, other_root = _find_root(parents, own), _find_root(parents, other)
    if own_root == other_root:
        return count
    stamp[0] += 1
    if not overlap_reaches(data, starts[right], ends[right], needed, table, mask, seen, stamp[0]):
        return count
    parents[max(own_root, other_root)] = min(own_root, other_root)
    links[count, 0], links[count, 1] = members[left], members[right]
    return count + 1


# Verified links inside a crowded bucket: variants of one text, by the thousand.
#
# Checking all pairs would take quadratic time when most pairs are just unlike. So the sets are
# centred: the *core* is what most members hold, and a member's *difference* D is the 3-grams
# that it has beyond the core and those of the core that it lacks. Two sets differ in what their
# differences do not share. With weight w = |D|, size n, c = (1 - t) / (1 + t) and surplus s = w
# - c n, two sets are alike (Jaccard >= t) if and only if D and D' share at least o = (s + s') /
# 2 members:
#
# * if o <= 0 they are alike whatever D holds; then both are alike to the member of the least
#   surplus, which is checked with everyone;
# * else, both being sorted rarest first, the first w - o + 1 of each have a member in common (the
#   prefix filter of Chaudhuri, Ganti, Kaushik 2006). In ascending order of surplus each set looks
#   into the lists of its prefix and is then entered in those of its own. The entry at place i
#   serves partners of o <= w - i only; later partners have a greater surplus, so when it fails
#   once it is struck out for good.
#
# Any core is right; a good one makes the lists short. Lists are kept in groups of one
# component, so that a member passes over all that it is connected with in one step.


@compiled
def _link_crowd(start, end, members, roots, side, links, count):
    """Write the links of one bucket behind the first `count` of `links`; return the new count.

    The arguments are those of `link_buckets`.
    """
    starts, ends = side[3], side[4]
    longest = longest_text(starts[start:end], ends[start:end])
    table = np.zeros(table_size(longest), np.uint64)
    used = np.empty(longest + 1, np.uint64)
    counts = _gram_counts(start, end, side, table, used)
    core, core_held, n_core = _core_of_crowd(start, end, side, table, used, counts)
    weights, surplus = _weigh_members(start, end, side, table, used, core, n_core)
    prefixes = _prefix_lengths(weights, surplus)
    lists = _empty_lists(prefixes)
    seen, stamp = np.zeros(table.size, np.int64), np.zeros(1, np.int64)
    parents = _local_components(start, end, roots)
    keys = np.empty(longest + 1 + n_core, np.uint64)
    checked = np.full(end - start, -1, np.int64)
    order = np.argsort(surplus)
    least = order[0]
    for own in order:
        filled, mask = gram_set(side[2], starts[start + own], ends[start + own], table, used)
        probe = (own, start, members, side, (table, mask, seen, stamp), parents)
        n_keys = _difference_keys(
            end - start, table, mask, used[:filled], core, core_held, counts, keys
        )
        if surplus[own] + surplus[least] <= _MARGIN and own != least:
            count = _link_if_alike(probe, least, links, count)
        lowest = (surplus[own] + surplus[least]) / 2
        for place in range(n_keys - max(1, int(np.ceil(lowest - _MARGIN))) + 1):
            reach = 2 * (n_keys - place) - surplus[own] + _MARGIN
            count = _probe_list(keys[place], reach, probe, surplus, checked, lists, links, count)
        for place in range(prefixes[own]):
            _enter_list(keys[place], 2 * (n_keys - place) - surplus[own], own, lists, parents)
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


# Buckets of more members are linked by way of their differences.
_CROWD = 128
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
        widest = max(widest, min(bounds[bucket + 1] - bounds[bucket], _CROWD))
    longest = longest_text(side[3], side[4])
    table = np.zeros(table_size(longest), np.uint64)
    seen, stamp = np.zeros(table.size, np.int64), np.zeros(1, np.int64)
    scratch = (table, seen, np.empty(longest + 1, np.uint64), stamp)
    groups = (np.empty(widest, np.int64), np.empty(widest, np.int64), np.empty(widest, np.int64))
    links = np.empty((members.size, 2), np.int32)
    count = 0
    for bucket in range(bounds.size - 1):
        start, end = bounds[bucket], bounds[bucket + 1]
        if end - start > _CROWD:
            count = _link_crowd(start, end, members, roots, side, links, count)
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
