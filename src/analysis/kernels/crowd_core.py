"""The core of a crowd of alike texts, and what each member has beyond it or lacks of it.

The terms are those of `crowded_links`.
"""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.character_grams import gram_set, mix, slot_of, table_size
from analysis.kernels.compiled import compiled

MARGIN = 1e-9
_SAMPLE = 64
_LACKING = np.uint64(0x5851F42D4C957F2D)


@compiled
def gram_counts(start, end, side, table, used):
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
def core_of_crowd(start, end, side, table, used, counts):
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
def weigh_members(start, end, side, table, used, core, n_core):
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
def prefix_lengths(weights, surplus):
    """How many places of each set serve later partners: their surplus is at least as great."""
    lengths = np.empty(weights.size, np.int64)
    for own in range(weights.size):
        lengths[own] = weights[own] - max(1, int(np.ceil(surplus[own] - MARGIN))) + 1
    return lengths


@compiled
def difference_keys(n_members, table, mask, slots, core, core_held, counts, keys):
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
