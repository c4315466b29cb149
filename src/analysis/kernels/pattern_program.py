"""Turn patterns into one program of small instructions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analysis.kernels.pattern_paths import (
    AHEAD,
    FOUND,
    JUMP,
    LOOK,
    LOOKED,
    RUN,
    SPLIT,
    TAKE,
    Instruction,
    Paths,
)
from analysis.kernels.pattern_symbols import number_symbols
from analysis.kernels.pattern_syntax import (
    Character,
    Choice,
    Look,
    Node,
    Repeat,
    parse,
)
from analysis.kernels.pattern_syntax import Sequence as Parts

WITHOUT_LIMIT = 1 << 30


@dataclass
class PatternProgram:
    """Instructions of all patterns; `entries[p]` is where pattern p begins.

    Matches begin `shifts[p]` characters behind the place at which they are found.
    """

    code: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    symbols: npt.NDArray[np.uint16]
    members: npt.NDArray[np.bool_]
    openings: npt.NDArray[np.uint64]
    shifts: npt.NDArray[np.int32]


def build_program(patterns: Sequence[re.Pattern[str]], folded: Mapping[int, str]) -> PatternProgram:
    """Compile patterns that are to run on a text of which some characters are replaced.

    Parameters
    ----------
    patterns
        At most 64.
    folded
        Replacements of single characters, as `str.translate` takes them.

    Returns
    -------
    PatternProgram
        Arrays for the kernel.
    """
    writer = _Writer()
    trees = [_without_look_behind(parse(pattern)) for pattern in patterns]
    entries = [writer.write_pattern(tree) for tree, _ in trees]
    symbols, members = number_symbols(list(writer.sets))
    symbols[list(folded)] = symbols[list(map(ord, folded.values()))]
    paths = Paths(writer.code, members)
    code, members = paths.with_following()
    openings = np.array([paths.openings(entry) for entry in entries], np.bool_)
    bits = np.uint64(1) << np.arange(len(patterns), dtype=np.uint64)
    return PatternProgram(
        np.array(code, np.int32),
        np.array(entries, np.int32),
        symbols,
        members,
        (openings * bits[:, None, None]).sum(axis=0, dtype=np.uint64),
        np.array([shift for _, shift in trees], np.int32),
    )


@dataclass
class _Writer:
    code: list[Instruction] = field(default_factory=list)
    sets: dict[Character, int] = field(default_factory=dict)

    def write_pattern(self, tree: Node) -> int:
        entry = len(self.code)
        self.write(tree)
        self.code.append((FOUND, 0, 0, 0))
        return entry

    def write(self, node: Node) -> None:
        match node:
            case Character():
                self.code.append((TAKE, self.set_of(node), 0, 0))
            case Parts():
                for part in node.parts:
                    self.write(part)
            case Choice():
                self.write_choice(node.options)
            case Repeat():
                self.write_repeat(node)
            case Look():
                place = self.hold()
                self.write(node.part)
                self.code.append((LOOKED, 0, 0, 0))
                width = _width(node.part) if node.is_behind else AHEAD
                self.code[place] = (LOOK, node.is_negative, width, len(self.code))

    def set_of(self, character: Character) -> int:
        return self.sets.setdefault(character, len(self.sets))

    def hold(self) -> int:
        self.code.append((JUMP, 0, 0, 0))
        return len(self.code) - 1

    def write_choice(self, options: tuple[Node, ...]) -> None:
        leaving = []
        for option in options[:-1]:
            place = self.hold()
            self.write(option)
            leaving.append(self.hold())
            self.code[place] = (SPLIT, place + 1, len(self.code), 0)
        self.write(options[-1])
        for place in leaving:
            self.code[place] = (JUMP, len(self.code), 0, 0)

    def write_repeat(self, node: Repeat) -> None:
        if isinstance(node.part, Character):
            most = WITHOUT_LIMIT if node.most < 0 else node.most
            self.code.append((RUN, self.set_of(node.part), node.least, most))
            return
        for _ in range(node.least):
            self.write(node.part)
        if node.most < 0:
            place = self.hold()
            self.write(node.part)
            self.code.append((JUMP, place, 0, 0))
            self.code[place] = (SPLIT, place + 1, len(self.code), 0)
            return
        places = []
        for _ in range(node.most - node.least):
            places.append(self.hold())
            self.write(node.part)
        for place in places:
            self.code[place] = (SPLIT, place + 1, len(self.code), 0)


def _without_look_behind(tree: Node) -> tuple[Node, int]:
    """Take what must stand before a pattern into it; return by how much it then begins earlier."""
    match tree:
        case Parts((Look(part, is_behind=True, is_negative=False), *others)):
            return Parts((part, *others)), _width(part)
    return tree, 0


def _width(node: Node) -> int:
    match node:
        case Character():
            return 1
        case Parts():
            return sum(map(_width, node.parts))
        case Choice():
            widths = set(map(_width, node.options))
            if len(widths) == 1:
                return widths.pop()
    raise ValueError(f"a look behind needs one width: {node}")
