"""Where the name of an account ends, as `corpus/mask_handles` reads it."""

# Compiled functions take their types from the call, and loops need many arguments.
# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201, ANN202
from __future__ import annotations

from analysis.kernels.compiled import lean
from analysis.kernels.mask_parts import CLAUSE, PLATFORM, ROLE, WHOLE_NAME, first_part, part_at
from analysis.kernels.mask_spans import HANDLE, NOTHING, take_span
from analysis.kernels.pattern_match import NOWHERE

# Names on Weibo have at most 30 bytes in GBK.
LONGEST = 15


@lean
def take_handle(machine, taken, start):
    """Take an account, without the clause that follows; the platform it names is kept."""
    groups = machine[-1]
    name, end, is_sure = groups[1], groups[2], groups[4] > groups[3]
    end = _name_end(machine, name, end, is_sure)
    platform = part_at(machine, PLATFORM, start, end)
    kept = NOTHING if platform == NOWHERE else platform - name
    take_span(taken, groups, start, end, HANDLE, kept)


@lean
def _name_end(machine, name, end, is_sure):
    if part_at(machine, WHOLE_NAME, name, end) != NOWHERE:
        return end
    if is_sure and end - name <= LONGEST:
        return end
    nearest = min(end, name + LONGEST)
    role, role_end = first_part(machine, ROLE, name + 1, end)
    if role != NOWHERE:
        nearest = min(nearest, role_end)
    clause, _ = first_part(machine, CLAUSE, name + 2, end)
    if clause != NOWHERE and (role == NOWHERE or clause >= role_end):
        nearest = min(nearest, clause)
    return nearest
