"""Which entries share their key with another: a band's buckets, without sorting the lone ones.

Most keys stand alone. Two bits a slot (hit once, hit again) find nearly all of those in two passes
over the keys, block by block, so that only what may be shared is sorted.
"""

# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import compiled

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
