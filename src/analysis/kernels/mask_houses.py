"""Where the address around a house begins and ends, as `corpus/mask_places` reads it."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
from __future__ import annotations

from analysis.kernels.compiled import lean
from analysis.kernels.mask_parts import DOORS, EDGE, OPENING, REGION, first_part, part_at
from analysis.kernels.mask_spans import ADDRESS, NOTHING, take_span
from analysis.kernels.pattern_match import NOWHERE

# So far before a house its address is looked for.
REACH = 32


@lean
def take_house(machine, taken, length, start, end, reached, is_room):
    """Take an address; return how far this one, or an earlier one, reaches."""
    if start < reached:
        return reached
    begin = _opening(machine, max(reached, start - REACH), start)
    if begin == start and not is_room:
        return reached
    doors = part_at(machine, DOORS, end, length)
    reached = end if doors == NOWHERE else doors
    take_span(taken, machine[-1], begin, reached, ADDRESS, NOTHING)
    return reached


@lean
def _opening(machine, floor, anchor):
    """Where the address around `anchor` begins: after the last word that cannot be in it."""
    begin, behind = floor, floor
    while behind != NOWHERE:
        begin = behind
        _, behind = first_part(machine, OPENING, begin, anchor)
    region, _ = first_part(machine, REGION, begin, anchor)
    begin = begin if region == NOWHERE else region
    while begin < anchor and part_at(machine, EDGE, begin, anchor) != NOWHERE:
        begin += 1
    return begin
