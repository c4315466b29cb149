"""Copy many stretches of bytes from one array to another."""

# mypy: allow-untyped-defs
# ruff: noqa: ANN001, ANN201
from __future__ import annotations

from analysis.kernels.compiled import compiled


@compiled
def copy_stretches(source, starts, ends, places, target):
    """Copy `source[starts[i]:ends[i]]` to `target` from `places[i]` on, for every i."""
    for row in range(starts.size):
        length = ends[row] - starts[row]
        target[places[row] : places[row] + length] = source[starts[row] : ends[row]]
