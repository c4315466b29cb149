"""Turn patterns into one program of small instructions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.kernels.pattern_paths import Paths
from analysis.kernels.pattern_symbols import number_symbols
from analysis.kernels.pattern_syntax import parse
from analysis.kernels.pattern_tree import Look, Node
from analysis.kernels.pattern_tree import Sequence as Parts
from analysis.kernels.pattern_writer import PatternWriter, width_of


@dataclass
class PatternProgram:
    """Instructions of all patterns; `entries[p]` is where pattern p begins, parts behind them.

    Matches begin `shifts[p]` characters behind the place at which they are found. With which
    symbols the patterns begin, `openings` tells, a bit for each; `firsts` tells it of the parts.
    """

    code: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    symbols: npt.NDArray[np.uint16]
    members: npt.NDArray[np.bool_]
    openings: npt.NDArray[np.uint64]
    shifts: npt.NDArray[np.int32]
    firsts: npt.NDArray[np.uint64]

    @property
    def tables(self) -> tuple[object, ...]:
        """What the kernels take: symbols, openings, entries, shifts, instructions, sets."""
        openings = tuple(self.openings)
        return self.symbols, openings, self.entries, self.shifts, self.code, self.members


def build_program(
    patterns: Sequence[re.Pattern[str]],
    folded: Mapping[int, str],
    parts: Sequence[re.Pattern[str]] = (),
    apart: str = "",
) -> PatternProgram:
    """Compile patterns that are to run on a text of which some characters are replaced.

    Parameters
    ----------
    patterns
        At most 64, as `parts`.
    folded
        Replacements of single characters, as `str.translate` takes them.
    parts
        Patterns that are not searched for with the others, but at places that are asked for.
    apart
        Characters that have symbols of their own.

    Returns
    -------
    PatternProgram
        Arrays for the kernel.
    """
    writer = PatternWriter()
    trees = [_without_look_behind(parse(pattern)) for pattern in patterns]
    trees += [(parse(part), 0) for part in parts]
    entries = [writer.write_pattern(tree) for tree, _ in trees]
    symbols, members = number_symbols(list(writer.sets), writer.told_apart, apart)
    symbols[list(folded)] = symbols[list(map(ord, folded.values()))]
    paths = Paths(writer.code, members)
    code, members = paths.with_following()
    openings = np.array([paths.openings(entry) for entry in entries[: len(patterns)]], np.bool_)
    firsts = np.array([paths.first(entry) for entry in entries[len(patterns) :]], np.bool_)
    return PatternProgram(
        np.array(code, np.int32),
        np.array(entries, np.int32),
        symbols,
        members,
        _as_bits(openings),
        np.array([shift for _, shift in trees], np.int32),
        _as_bits(firsts.reshape(-1, len(members[0]))),
    )


def _as_bits(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    bits = np.uint64(1) << np.arange(len(flags), dtype=np.uint64)
    return np.asarray((flags.T * bits).T.sum(axis=0, dtype=np.uint64))


def _without_look_behind(tree: Node) -> tuple[Node, int]:
    """Take what must stand before a pattern into it; return by how much it then begins earlier."""
    match tree:
        case Parts((Look(part, is_behind=True, is_negative=False), *others)):
            return Parts((part, *others)), width_of(part)
    return tree, 0
