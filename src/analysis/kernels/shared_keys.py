"""Which entries share their key with another: a band's buckets, without sorting the lone ones.

Most keys stand alone. Two bits a slot (hit once, hit again) find nearly all of those in two passes
over the keys, so that only what may be shared is sorted; the memory is a byte or two an entry.
"""

# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import compiled

_LOW = np.uint64(0xFFFFFFFF)
_WORD, _IN_WORD = np.uint64(6), np.uint64(63)
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
        Only keys that leave the rest `share` when divided by `shares`: what one thread does.
    """
    size = 1 << 10
    while size < 8 * (keys.size // shares):
        size *= 2
    once, again = np.zeros(size // 64, np.uint64), np.zeros(size // 64, np.uint64)
    mask, share, shares = np.uint64(size - 1), np.uint64(share), np.uint64(shares)
    # Without branches, which a processor could only guess: what is not asked for sets no bit.
    hits = 0
    for entry in range(keys.size):
        key = np.uint64(keys[entry])
        slot = (key // shares) & mask
        bit = np.uint64(is_active[entry] and key % shares == share) << (slot & _IN_WORD)
        hit = once[slot >> _WORD] & bit
        again[slot >> _WORD] |= hit
        once[slot >> _WORD] |= bit
        hits += hit != 0
    found, count = np.empty(2 * hits + 1, np.uint64), 0
    for entry in range(keys.size):
        key = np.uint64(keys[entry])
        slot = (key // shares) & mask
        found[count] = (key << np.uint64(32)) | np.uint64(entry)
        is_hit = (again[slot >> _WORD] >> (slot & _IN_WORD)) & np.uint64(1)
        count += (is_hit != 0) & is_active[entry] & (key % shares == share)
    return found[:count]


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
