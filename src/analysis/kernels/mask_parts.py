"""The smaller patterns that settle what of a match counts, matched within a stretch of a text."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

import numpy as np

from analysis.kernels.compiled import lean
from analysis.kernels.pattern_match import NOWHERE, match_at

# In this order they stand behind the patterns of a program.
PARTS = (
    "whole_name",
    "role",
    "clause",
    "platform",
    "same_number",
    "qq_in_link",
    "digits",
    "mobile",
    "free_link",
    "no_account",
    "no_order",
    "parcel",
    "parcel_phone",
    "one_more",
    "day",
    "years",
    "opening",
    "region",
    "edge",
    "doors",
)
# Integers of Python would each be a type of its own, for which functions are compiled anew.
_places = map(np.int64, range(len(PARTS)))
WHOLE_NAME, ROLE, CLAUSE, PLATFORM, *_NUMBERS, OPENING, REGION, EDGE, DOORS = _places
SAME_NUMBER, QQ_IN_LINK, DIGITS, MOBILE, FREE_LINK, NO_ACCOUNT, *_ORDERS = _NUMBERS
NO_ORDER, PARCEL, PARCEL_PHONE, ONE_MORE, DAY, YEARS = _ORDERS


@lean
def part_at(machine, part, at, end):
    """Return where a part ends that begins at a place of a text that ends at another."""
    program, (parts, _), text, stack, groups = machine
    behind = text[end]
    text[end] = program[1].shape[1] - 1
    found = match_at(program, parts[part], text, at, stack, groups)
    text[end] = behind
    return found


@lean
def first_part(machine, part, at, end):
    """Return where a part begins first between two places, and where it ends."""
    text, firsts = machine[2], machine[1][1]
    bit = np.uint64(1) << np.uint64(part)
    while at < end:
        if firsts[text[at]] & bit:
            found = part_at(machine, part, at, end)
            if found != NOWHERE:
                return at, found
        at += 1
    return NOWHERE, NOWHERE
