"""Write the tree of a pattern as instructions."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.kernels.pattern_paths import (
    AHEAD,
    FORGET,
    FOUND,
    JUMP,
    LOOK,
    LOOKED,
    NOTE,
    RUN,
    SAME,
    SPLIT,
    TAKE,
    Instruction,
)
from analysis.kernels.pattern_tree import (
    Character,
    Choice,
    Group,
    Look,
    Node,
    Repeat,
    Same,
    Sequence,
    walk,
)

WITHOUT_LIMIT = 1 << 30
# So many named groups a pattern can have; it is told where each begins and ends.
MOST_GROUPS = 4


@dataclass
class PatternWriter:
    """Instructions as they are written, one pattern behind the other.

    `sets` numbers the sets of characters; those of `told_apart` are in groups that a pattern
    refers to, so that each of their characters needs a symbol of its own.
    """

    code: list[Instruction] = field(default_factory=list)
    sets: dict[Character, int] = field(default_factory=dict)
    told_apart: list[Character] = field(default_factory=list)
    _groups: list[str] = field(default_factory=list)

    def write_pattern(self, tree: Node) -> int:
        """Write one pattern; return where it begins."""
        entry = len(self.code)
        self._groups = _names(tree)
        if self._groups:
            if len(self._groups) > MOST_GROUPS:
                raise ValueError(f"no room for so many groups: {self._groups}")
            self.code.append((FORGET, 2 * len(self._groups), 0, 0))
        self.write(tree)
        self.code.append((FOUND, 0, 0, 0))
        return entry

    def write(self, node: Node) -> None:
        """Write one part."""
        match node:
            case Character():
                self.code.append((TAKE, self._set_of(node), 0, 0))
            case Sequence():
                for part in node.parts:
                    self.write(part)
            case Choice():
                self._write_choice(node.options)
            case Repeat():
                self._write_repeat(node)
            case Look():
                place = self._hold()
                self.write(node.part)
                self.code.append((LOOKED, 0, 0, 0))
                width = width_of(node.part) if node.is_behind else AHEAD
                self.code[place] = (LOOK, node.is_negative, width, len(self.code))
            case Group():
                begin = 1 + 2 * self._groups.index(node.name)
                self.code.append((NOTE, begin, 0, 0))
                self.write(node.part)
                self.code.append((NOTE, begin + 1, 0, 0))
            case Same():
                place = self._hold()
                self.write(node.part)
                self.told_apart += _characters(node.part)
                begin = 1 + 2 * self._groups.index(node.name)
                self.code[place] = (SAME, begin, 0, len(self.code))

    def _set_of(self, character: Character) -> int:
        return self.sets.setdefault(character, len(self.sets))

    def _hold(self) -> int:
        self.code.append((JUMP, 0, 0, 0))
        return len(self.code) - 1

    def _write_choice(self, options: tuple[Node, ...]) -> None:
        leaving = []
        for option in options[:-1]:
            place = self._hold()
            self.write(option)
            leaving.append(self._hold())
            self.code[place] = (SPLIT, place + 1, len(self.code), 0)
        self.write(options[-1])
        for place in leaving:
            self.code[place] = (JUMP, len(self.code), 0, 0)

    def _write_repeat(self, node: Repeat) -> None:
        if isinstance(node.part, Character) and not node.is_lazy:
            most = WITHOUT_LIMIT if node.most < 0 else node.most
            self.code.append((RUN, self._set_of(node.part), node.least, most))
            return
        for _ in range(node.least):
            self.write(node.part)
        if node.most < 0:
            place = self._hold()
            self.write(node.part)
            self.code.append((JUMP, place, 0, 0))
            self._split(place, node)
            return
        places = []
        for _ in range(node.most - node.least):
            places.append(self._hold())
            self.write(node.part)
        for place in places:
            self._split(place, node)

    def _split(self, place: int, node: Repeat) -> None:
        """Let the way at a place go on into a part, or to what is written next."""
        ways = (len(self.code), place + 1) if node.is_lazy else (place + 1, len(self.code))
        self.code[place] = (SPLIT, *ways, 0)


def width_of(node: Node) -> int:
    """Return how many characters a part takes, always the same number."""
    match node:
        case Character():
            return 1
        case Sequence():
            return sum(map(width_of, node.parts))
        case Choice():
            widths = set(map(width_of, node.options))
            if len(widths) == 1:
                return widths.pop()
        case Group():
            return width_of(node.part)
    raise ValueError(f"a look behind needs one width: {node}")


def _names(tree: Node) -> list[str]:
    return [node.name for node in walk(tree) if isinstance(node, Group)]


def _characters(tree: Node) -> list[Character]:
    return [node for node in walk(tree) if isinstance(node, Character)]
