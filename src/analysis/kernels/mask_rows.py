"""Mask whole columns: find, settle what counts, and write the masked texts, all of it compiled."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import compiled, lean
from analysis.kernels.mask_handles import take_handle
from analysis.kernels.mask_houses import take_house
from analysis.kernels.mask_numbers import take_account, take_long_number, take_order
from analysis.kernels.mask_spans import MOST, NOTHING, packed_counts, take_span
from analysis.kernels.mask_write import copy_bytes, write_masked
from analysis.kernels.pattern_match import DOUBT, NOWHERE, match_at
from analysis.kernels.pattern_search import next_bit, read_symbols, search

# How the matches of a finder are read; SPELLED is none, but asks for the search of spelled numbers.
AS_KIND, HANDLES, ACCOUNTS, ORDERS, LONG_NUMBERS, HOUSES, ROOMS, SPELLED = range(8)


@compiled
def mask_rows(data, offsets, blotted, plain, spelled, is_spelled, least, tokens, rooms, results):
    """Mask the texts of a column in which something is found.

    Parameters
    ----------
    data, offsets, blotted
        UTF-8 texts, and the words in them that are no text.
    plain, spelled
        The tables of a program, where parts begin and with which symbols, what each symbol is as
        a digit, and how each finder is read.
    is_spelled, least
        Which plain symbols are digits written as characters; so many of them make a spelled number.
    tokens
        Lengths and bytes of what is written instead.
    rooms
        Room for a search in plain and in spelled symbols, and for spans.
    results
        Filled with rows that are masked, where their masked texts end, packed counts of what was
        found, and rows that could not be settled.

    Returns
    -------
    tuple
        The masked texts, and how many rows are masked and how many unsettled.
    """
    room, more_room, spans = rooms
    rows, ends, packed, unsettled = results
    masked = np.empty(1 << 16, np.uint8)
    text, groups, more_groups = room[0], room[2], more_room[2]
    ends[0] = 0
    count, n_unsettled, written = NOTHING, NOTHING, NOTHING
    for row in range(offsets.size - 1):
        begin, end = offsets[row], offsets[row + 1]
        spans[0, 0] = groups[DOUBT] = more_groups[DOUBT] = 0
        taken = (spans, text, is_spelled, NOTHING)
        asks = _take_all(data, begin, end, blotted, plain, room, taken)
        if asks:
            taken = (spans, text, is_spelled, least)
            _take_all(data, begin, end, blotted, spelled, more_room, taken)
        found = packed_counts(spans)
        if groups[DOUBT] or more_groups[DOUBT] or found < 0:
            unsettled[n_unsettled] = row
            n_unsettled += 1
        elif found:
            longest = written + end - begin + MOST * tokens.shape[1]
            if longest > masked.size:
                grown = np.empty(2 * longest, np.uint8)
                copy_bytes(masked, NOTHING, written, grown, NOTHING)
                masked = grown
            written = write_masked(data, begin, end, spans, tokens, masked, written)
            rows[count], packed[count], ends[count + 1] = row, found, written
            count += 1
    return masked[:written], count, n_unsettled


@lean
def _take_all(data, begin, end, blotted, bundle, room, taken):
    """Take what is found in one text; tell whether spelled numbers are to be searched for."""
    (symbols, openings, entries, shifts, code, members), parts, values, finders = bundle
    text, stack, groups, places = room
    length = read_symbols(data, begin, end, blotted, symbols, text)
    found = search(length, openings, entries, (code, members), room)
    machine = ((code, members), parts, text, stack, groups)
    asks = False
    while found:
        pattern, found = next_bit(found)
        if finders[pattern, 0] == SPELLED:
            asks = True
        else:
            first = places[pattern, 0] + shifts[pattern]
            last = min(places[pattern, 1] + shifts[pattern], length)
            reading = (finders[pattern, 0], finders[pattern, 1], finders[pattern, 2])
            finder = (entries[pattern], shifts[pattern], reading)
            _take_matches(machine, taken, finder, values, length, first, last)
    return asks


@lean
def _take_matches(machine, taken, finder, values, length, at, last):
    """Take what one finder finds, of which matches begin between two places."""
    program, _, text, stack, groups = machine
    entry, shift, (reading, kind, group) = finder
    reached = NOTHING
    while at <= last:
        end = match_at(program, entry, text, at - shift, stack, groups)
        if groups[DOUBT]:
            return
        if end == NOWHERE:
            at += 1
            continue
        if reading == AS_KIND:
            first = groups[group] if group else at
            behind = groups[group + 1] if group else end
            take_span(taken, groups, first, behind, kind, NOTHING)
        elif reading == HANDLES:
            take_handle(machine, taken, at)
        elif reading == ACCOUNTS:
            take_account(machine, taken)
        elif reading == ORDERS:
            take_order(machine, taken, length)
        elif reading == LONG_NUMBERS:
            take_long_number(machine, taken, values, at, end)
        else:
            reached = take_house(machine, taken, length, at, end, reached, reading == ROOMS)
        at = end
