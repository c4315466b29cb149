"""Parse patterns of `re` and compile them into one program that `regex_search` runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analysis.engine.character_scan import CharacterClass as _Character
from analysis.engine.character_scan import number_symbols

# The parts of a pattern, as a tree.


@dataclass(frozen=True)
class _Run:
    """Parts, one behind the other."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True)
class _Choice:
    """One of several options."""

    options: tuple[_Node, ...]


@dataclass(frozen=True)
class _Repeat:
    """A part so many times; `most` is -1 where there is no limit. The lazy take few first."""

    part: _Node
    least: int
    most: int
    is_lazy: bool = False


@dataclass(frozen=True)
class _Look:
    """A condition on what stands before or behind."""

    part: _Node
    is_behind: bool
    is_negative: bool


@dataclass(frozen=True)
class _Group:
    """A part of which it is told where it stands."""

    name: str
    part: _Node


@dataclass(frozen=True)
class _Same:
    """The same characters as a group has taken; `part` is what that can be."""

    name: str
    part: _Node


_Node = _Character | _Run | _Choice | _Repeat | _Look | _Group | _Same


def _walk(node: _Node) -> Iterator[_Node]:
    """Yield a part and all parts of it, in the order in which they are written."""
    yield node
    match node:
        case _Run(parts) | _Choice(parts):
            for part in parts:
                yield from _walk(part)
        case _Repeat() | _Look() | _Group():
            yield from _walk(node.part)


# Read a pattern of `re` as a tree, for the compiled search of many patterns at once.
#
# Only what text rules need is known: literals, classes, groups, what a named group has taken,
# choices, repeats, look-arounds and the end of the text. Anything else is refused, so that no
# pattern is ever searched for in another sense.

_SPECIAL = set(".^$*+?{}[]\\|()")
_REPEAT = re.compile(r"([?*+]|\{(\d+)(,?)(\d*)\})")
_UNKNOWN = re.compile(r"(?<!\\)(?:\\\\)*\\(?!s|Z|u[0-9a-fA-F]{4})[0-9A-Za-z]")
_LOOKS = {"?=": (False, False), "?!": (False, True), "?<=": (True, False), "?<!": (True, True)}
_UNBOUNDED = -1
_NOTHING_BEHIND = _Look(_Character("(?s:.)", 0), is_behind=False, is_negative=True)


def _parse(pattern: re.Pattern[str]) -> _Node:
    """Return the tree of a pattern."""
    reader = _Reader(pattern)
    tree = reader.choice()
    if reader.at != len(pattern.pattern):
        raise reader.refusal()
    return tree


class _Reader:
    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.text = pattern.pattern
        self.flags = pattern.flags
        self.at = 0
        self.depth = 0  # of look-arounds
        self.named: dict[str, _Node] = {}

    def refusal(self) -> ValueError:
        return ValueError(f"no compiled search for `{self.text[self.at :]}` of `{self.text}`")

    def choice(self) -> _Node:
        options = [self.sequence()]
        while self.text.startswith("|", self.at):
            self.at += 1
            options.append(self.sequence())
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def sequence(self) -> _Node:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self.repeated(self.part()))
        return parts[0] if len(parts) == 1 else _Run(tuple(parts))

    def repeated(self, part: _Node) -> _Node:
        found = _REPEAT.match(self.text, self.at)
        if not found:
            return part
        is_lazy = self.text.startswith("?", found.end())
        self.at = found.end() + is_lazy
        if found[1] in {"?", "*", "+"}:
            most = 1 if found[1] == "?" else _UNBOUNDED
            return _Repeat(part, int(found[1] == "+"), most, is_lazy)
        limit = found[4] or (_UNBOUNDED if found[3] else found[2])
        return _Repeat(part, int(found[2]), int(limit), is_lazy)

    def part(self) -> _Node:
        if self.text[self.at] == "(":
            return self.group()
        start = self.at
        if self.text[self.at] == "[":
            self.at = _class_end(self.text, self.at)
        elif self.text[self.at] == "\\":
            self.at += 6 if self.text[self.at + 1] == "u" else 2
        elif self.text[self.at] in _SPECIAL:
            raise self.refusal()
        else:
            self.at += 1
        written = self.text[start : self.at]
        if _UNKNOWN.search(written):
            self.at = start
            raise self.refusal()
        return _NOTHING_BEHIND if written == r"\Z" else _Character(written, self.flags)

    def group(self) -> _Node:
        self.at += 1
        name = ""
        if back := re.compile(r"\?P=(\w+)\)").match(self.text, self.at):
            self.at = back.end()
            return _Same(back[1], self.named[back[1]])
        look = next((mark for mark in _LOOKS if self.text.startswith(mark, self.at)), "")
        if look:
            self.at += len(look)
            self.depth += 1
        elif named := re.compile(r"\?P<(\w+)>").match(self.text, self.at):
            if self.depth:  # a look-around would have to take it back
                raise self.refusal()
            name, self.at = named[1], named.end()
        elif self.text.startswith("?", self.at):
            if not self.text.startswith("?:", self.at):
                raise self.refusal()
            self.at += 2
        inside = self.choice()
        if not self.text.startswith(")", self.at):
            raise self.refusal()
        self.at += 1
        if look:
            self.depth -= 1
            return _Look(inside, *_LOOKS[look])
        self.named[name] = inside
        return _Group(name, inside) if name else inside


def _class_end(text: str, start: int) -> int:
    """Where a class that starts with its bracket ends."""
    at = start + 1 + text.startswith("^", start + 1)
    at += text.startswith("]", at)  # a bracket directly behind the opening is a member
    while text[at] != "]":
        at += 2 if text[at] == "\\" else 1
    return at + 1


# Which characters can come next in a program of patterns: what spares the search most ways.

# Instructions: take one of a set; a run of a set; try one way, then another; go on elsewhere;
# begin a look-around; end it; found; forget all groups; note where a group begins or ends; the
# same characters as a group, behind which stands, for these ways only, what the group can be.
TAKE, RUN, SPLIT, JUMP, LOOK, LOOKED, _FOUND, FORGET, NOTE, SAME = range(10)
# A look-around that looks ahead, where others tell how many characters back; and one behind which
# more must stand than it asks for.
AHEAD, OUTDONE = -1, -2
# So many characters from its beginning on must suit a pattern before it is tried, each by itself;
# and so must, hashed, the first and the second together, and the second and the third.
DEPTH = 5
PAIRS = 1 << 15
_N_PAIRS = 2

_Instruction = tuple[int, int, int, int]
_Symbols = npt.NDArray[np.bool_]
_State = tuple[int, int]
_NOWHERE: frozenset[tuple[int, int]] = frozenset()


# Two symbols, hashed: the number of the first so many times, and the second.
PAIR_STEP = 769


class _Paths:
    """The ways through a program."""

    def __init__(self, code: list[_Instruction], members: _Symbols) -> None:
        self._code = code
        self._members = members
        self._reached: dict[int, frozenset[_State]] = {}

    def with_following(self) -> tuple[list[tuple[int, ...]], _Symbols]:
        """Return the instructions with two more numbers, and the sets with those they name.

        A run is told what can stand behind it; a split, with which character each way can begin.
        """
        rows: dict[bytes, int] = {row.tobytes(): at for at, row in enumerate(self._members)}
        sets = list(self._members)

        def number(symbols: _Symbols) -> int:
            if symbols.tobytes() not in rows:
                rows[symbols.tobytes()] = len(sets)
                sets.append(symbols)
            return rows[symbols.tobytes()]

        known: dict[frozenset[_State], int] = {}  # most ways lead to what another leads to

        def following(way: int) -> int:
            states = self._taking(way)
            if states not in known:
                known[states] = number(self._taken(states))
            return known[states]

        code: list[tuple[int, ...]] = []
        for at, instruction in enumerate(self._code):
            kind, one, other, _ = instruction
            ways = (at + 1, at + 1) if kind == RUN else (one, other) if kind == SPLIT else ()
            code.append((*instruction, *(map(following, ways) if ways else (0, 0))))
        return code, np.array(sets)

    def openings(self, entry: int) -> list[_Symbols]:
        """Return which symbols can stand before a pattern, and as its first characters."""
        openings = [self._before(entry)]
        states: AbstractSet[_State] = self._taking(entry)
        for _ in range(DEPTH):
            openings.append(self._taken(states))
            states = {after for state in states for after in self._after(*state)}
        return openings

    def pairs(self, entry: int) -> npt.NDArray[np.bool_]:
        """Return which pairs of symbols can stand at its first places, one row a place, hashed."""
        rows = np.zeros((_N_PAIRS, PAIRS), np.bool_)
        states: AbstractSet[_State] = self._taking(entry)
        for row in rows:
            behind: dict[frozenset[_State], set[_State]] = {}
            for state in states:
                behind.setdefault(self._after(*state), set()).add(state)
            for joined in self._alike(behind):
                ones, others = (np.flatnonzero(self._taken(one)) for one in joined)
                row[(ones[:, None] * PAIR_STEP + others) % PAIRS] = True
            states = {after for afters in behind for after in afters}
        return rows

    def _alike(
        self, behind: Mapping[frozenset[_State], set[_State]]
    ) -> Iterator[tuple[set[_State], set[_State]]]:
        """Join states that go on with the same sets, and then those that begin with the same.

        A list of a thousand words has a state for each, and few sets.
        """
        by_second: dict[frozenset[int], tuple[set[_State], set[_State]]] = {}
        for seconds, firsts in behind.items():
            joined = by_second.setdefault(self._sets_of(seconds), (set(), set(seconds)))
            joined[0].update(firsts)
        by_first: dict[frozenset[int], tuple[set[_State], set[_State]]] = {}
        for alike, after in by_second.values():
            by_first.setdefault(self._sets_of(alike), (alike, set()))[1].update(after)
        yield from by_first.values()

    def _sets_of(self, states: AbstractSet[_State]) -> frozenset[int]:
        """Return the numbers of the sets that states take; -1 where one ends and takes all."""
        code = self._code
        return frozenset(-1 if code[at][0] in {_FOUND, LOOKED} else code[at][1] for at, _ in states)

    def first(self, at: int) -> _Symbols:
        """Return which symbols can come next at an instruction."""
        return self._taken(self._taking(at))

    def _taken(self, states: AbstractSet[_State]) -> _Symbols:
        if any(self._code[at][0] in {_FOUND, LOOKED} for at, _ in states):
            return np.ones(self._members.shape[1], np.bool_)
        sets = [self._code[at][1] for at, _ in states]
        return np.asarray(self._members[sets].any(axis=0), np.bool_)

    def _after(self, at: int, count: int) -> frozenset[_State]:
        """Where the search can stand after one more character is taken at an instruction."""
        kind, _, least, most = self._code[at]
        if kind in {_FOUND, LOOKED}:
            return frozenset({(at, 0)})
        if kind == TAKE:
            return self._taking(at + 1)
        states: frozenset[_State] = frozenset({(at, count + 1)} if count + 1 < most else ())
        return states | (self._taking(at + 1) if count + 1 >= least else _NOWHERE)

    def _taking(self, at: int) -> frozenset[_State]:
        """Which instructions that take a character are reached first.

        What must come next is a way of its own; other look-arounds let everything pass.
        """
        chain = [at]  # of the options of a choice, walked from its end: it may have a thousand
        while self._code[chain[-1]][0] == SPLIT and self._code[chain[-1]][2] not in self._reached:
            chain.append(self._code[chain[-1]][2])
        for one in reversed(chain):
            if one not in self._reached:
                self._reached[one] = self._reach(one)
        return self._reached[at]

    def _reach(self, at: int) -> frozenset[_State]:
        kind, one, other, past = self._code[at]
        if kind == SPLIT:
            return self._taking(one) | self._taking(other)
        if kind == JUMP:
            return self._taking(one)
        if kind == LOOK:
            return self._taking(at + 1 if other == AHEAD and not one else past)
        if kind in {FORGET, NOTE, SAME}:
            return self._taking(at + 1)
        if kind == RUN and other == 0:
            return frozenset({(at, 0)}) | self._taking(at + 1)
        return frozenset({(at, 0)})

    def _before(self, at: int) -> _Symbols:
        before = np.zeros(self._members.shape[1], np.bool_)
        while self._code[at][0] == SPLIT:
            before |= self._before(self._code[at][1])
            at = self._code[at][2]
        return np.asarray(before | self._before_one(at), np.bool_)

    def _before_one(self, at: int) -> _Symbols:
        kind, one, other, past = self._code[at]
        if kind == JUMP:
            return self._before(one)
        if kind in {FORGET, NOTE, SAME}:
            return self._before(at + 1)
        if kind == LOOK:
            taken, end = self._code[at + 1], self._code[at + 2]
            is_plain = one and other == 1 and taken[0] == TAKE and end[0] == LOOKED
            return self._before(past) & ~self._members[taken[1]] if is_plain else self._before(past)
        return np.ones(self._members.shape[1], np.bool_)


# Write the tree of a pattern as instructions.

_MOST = 64  # patterns that one word of bits tells
# What follows a look-around tells more than it does if it takes so many times its characters.
_OUTDOES = 1.5
_WITHOUT_LIMIT = 1 << 30
# A choice between so many is not gone through, but tells where to go on with each symbol.
_MANY_OPTIONS = 6
# So many named groups a pattern can have; it is told where each begins and ends.
MOST_GROUPS = 4


@dataclass
class _PatternWriter:
    """Instructions as they are written, one pattern behind the other.

    `sets` numbers the sets of characters; those of `told_apart` are in groups that a pattern
    refers to, so that each of their characters needs a symbol of its own. `choices` tells of each
    choice between many where its options stand, in the order in which they are tried.
    """

    code: list[_Instruction] = field(default_factory=list)
    sets: dict[_Character, int] = field(default_factory=dict)
    told_apart: list[_Character] = field(default_factory=list)
    choices: list[list[int]] = field(default_factory=list)
    _groups: list[str] = field(default_factory=list)

    def write_pattern(self, tree: _Node) -> int:
        """Write one pattern; return where it begins."""
        entry = len(self.code)
        self._groups = _names(tree)
        if self._groups:
            if len(self._groups) > MOST_GROUPS:
                raise ValueError(f"no room for so many groups: {self._groups}")
            self.code.append((FORGET, 2 * len(self._groups), 0, 0))
        self.write(tree)
        self.code.append((_FOUND, 0, 0, 0))
        return entry

    def write(self, node: _Node, following: tuple[_Node, ...] = ()) -> None:
        """Write one part, behind which others follow."""
        match node:
            case _Character():
                self.code.append((TAKE, self._set_of(node), 0, 0))
            case _Run():
                for place, part in enumerate(node.parts, 1):
                    self.write(part, node.parts[place:] + following)
            case _Choice():
                self._write_choice(node.options, following)
            case _Repeat():
                self._write_repeat(node, following)
            case _Look():
                place = self._hold()
                self.write(node.part)
                self.code.append((LOOKED, 0, 0, 0))
                width = _width_of(node.part) if node.is_behind else _ahead(node, following)
                self.code[place] = (LOOK, node.is_negative, width, len(self.code))
            case _Group():
                begin = 1 + 2 * self._groups.index(node.name)
                self.code.append((NOTE, begin, 0, 0))
                self.write(node.part, following)
                self.code.append((NOTE, begin + 1, 0, 0))
            case _Same():
                place = self._hold()
                self.write(node.part)
                self.told_apart += _characters(node.part)
                begin = 1 + 2 * self._groups.index(node.name)
                self.code[place] = (SAME, begin, 0, len(self.code))

    def _set_of(self, character: _Character) -> int:
        return self.sets.setdefault(character, len(self.sets))

    def _hold(self) -> int:
        self.code.append((JUMP, 0, 0, 0))
        return len(self.code) - 1

    def _write_choice(self, options: tuple[_Node, ...], following: tuple[_Node, ...]) -> None:
        leaving, places = [], []
        for option in options[:-1]:
            place = self._hold()
            places.append(place)
            self.write(option, following)
            leaving.append(self._hold())
            self.code[place] = (SPLIT, place + 1, len(self.code), 0)
        if len(options) >= _MANY_OPTIONS:
            self.choices.append([*places, len(self.code)])
        self.write(options[-1], following)
        for place in leaving:
            self.code[place] = (JUMP, len(self.code), 0, 0)

    def _write_repeat(self, node: _Repeat, following: tuple[_Node, ...]) -> None:
        if isinstance(node.part, _Character) and not node.is_lazy:
            most = _WITHOUT_LIMIT if node.most < 0 else node.most
            self.code.append((RUN, self._set_of(node.part), node.least, most))
            return
        for _ in range(node.least):
            self.write(node.part, following)
        if node.most < 0:
            place = self._hold()
            self.write(node.part, following)
            self.code.append((JUMP, place, 0, 0))
            self._split(place, node)
            return
        places = []
        for _ in range(node.most - node.least):
            places.append(self._hold())
            self.write(node.part, following)
        for place in places:
            self._split(place, node)

    def _split(self, place: int, node: _Repeat) -> None:
        """Let the way at a place go on into a part, or to what is written next."""
        ways = (len(self.code), place + 1) if node.is_lazy else (place + 1, len(self.code))
        self.code[place] = (SPLIT, *ways, 0)


def _width_of(node: _Node) -> int:
    """Return how many characters a part takes, always the same number."""
    match node:
        case _Character():
            return 1
        case _Run():
            return sum(map(_width_of, node.parts))
        case _Choice():
            widths = set(map(_width_of, node.options))
            if len(widths) == 1:
                return widths.pop()
        case _Group():
            return _width_of(node.part)
    raise ValueError(f"a look behind needs one width: {node}")


def _ahead(node: _Look, following: tuple[_Node, ...]) -> int:
    """Tell what is asked of a look-around ahead where not all can be: it, or what follows."""
    needed = sum(map(_least_of, following))
    return OUTDONE if needed >= _OUTDOES * max(1, _least_of(node.part)) else AHEAD


def _least_of(node: _Node) -> int:
    """Return how many characters a part takes at least."""
    match node:
        case _Character():
            return 1
        case _Run():
            return sum(map(_least_of, node.parts))
        case _Choice():
            return min(map(_least_of, node.options))
        case _Repeat():
            return node.least and node.least * _least_of(node.part)
        case _Group():
            return _least_of(node.part)
    return 0


def _names(tree: _Node) -> list[str]:
    return [node.name for node in _walk(tree) if isinstance(node, _Group)]


def _characters(tree: _Node) -> list[_Character]:
    return [node for node in _walk(tree) if isinstance(node, _Character)]


@dataclass
class PatternProgram:
    """Instructions of all patterns; `entries[p]` is where pattern p begins, parts behind them.

    Matches begin `shifts[p]` characters behind the place at which they are found. With which
    symbols the patterns begin, `openings` tells, a bit for each, and `pairs` with which two of
    them together; `firsts` tells it of the parts. Sets are rows of bits, 32 in a number of
    `members`. How far a choice between many is to be leapt with a symbol, a row of `leaps` tells.
    Symbols of one kind no set of a pattern tells apart: `kinds[symbol, pattern]`.
    """

    code: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    symbols: npt.NDArray[np.uint16]
    members: npt.NDArray[np.int32]
    openings: npt.NDArray[np.uint64]
    pairs: npt.NDArray[np.uint64]
    shifts: npt.NDArray[np.int32]
    firsts: npt.NDArray[np.uint64]
    leaps: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.uint16]

    @property
    def tables(self) -> tuple[object, ...]:
        """What the kernels take: symbols, openings, entries, shifts; instructions, sets, leaps."""
        openings = (*self.openings, *self.pairs)
        machine = (self.code, self.members, self.leaps)
        return self.symbols, openings, self.entries, self.shifts, machine


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
    """
    if max(len(patterns), len(parts)) > _MOST:
        raise ValueError(f"{len(patterns)} patterns and {len(parts)} parts: at most {_MOST} each")
    writer = _PatternWriter()
    trees = [_without_look_behind(_parse(pattern)) for pattern in patterns]
    trees += [(_parse(part), 0) for part in parts]
    entries = [writer.write_pattern(tree) for tree, _ in trees]
    symbols, members = number_symbols(list(writer.sets), writer.told_apart, apart)
    symbols[list(folded)] = symbols[list(map(ord, folded.values()))]
    paths = _Paths(writer.code, members)
    code, members = paths.with_following()
    code, leaps = _with_leaps(code, members, writer.choices)
    openings = np.array([paths.openings(entry) for entry in entries[: len(patterns)]], np.bool_)
    pairs = np.array([paths.pairs(entry) for entry in entries[: len(patterns)]], np.bool_)
    firsts = np.array([paths.first(entry) for entry in entries[len(patterns) :]], np.bool_)
    return PatternProgram(
        np.array(code, np.int32),
        np.array(entries, np.int32),
        symbols,
        _as_words(members),
        _as_bits(openings),
        np.array([_as_bits(rows) for rows in pairs.swapaxes(0, 1)]),
        np.array([shift for _, shift in trees], np.int32),
        _as_bits(firsts.reshape(-1, len(members[0]))),
        leaps,
        _kinds(writer.code, entries, members),
    )


def _kinds(
    code: list[_Instruction], entries: list[int], members: _Symbols
) -> npt.NDArray[np.uint16]:
    """Give the symbols that no set of a pattern tells apart one number, pattern by pattern.

    The end of the text is of a kind of its own.
    """
    kinds = np.zeros((members.shape[1], len(entries)), np.uint16)
    is_end = np.arange(members.shape[1]) == members.shape[1] - 1
    for pattern, (entry, past) in enumerate(pairwise([*entries, len(code)])):
        sets = {one for kind, one, _, _ in code[entry:past] if kind in {TAKE, RUN}}
        rows = np.vstack([members[sorted(sets)], is_end])
        packed = np.ascontiguousarray(np.packbits(rows, axis=0).T)
        numbers: dict[bytes, int] = {}
        kinds[:, pattern] = [numbers.setdefault(row.tobytes(), len(numbers)) for row in packed]
    return kinds


def _with_leaps(
    code: list[tuple[int, ...]], members: _Symbols, choices: list[list[int]]
) -> tuple[list[tuple[int, ...]], npt.NDArray[np.int32]]:
    """Tell each choice between many, with each symbol, its next option that can begin with it.

    Choices that are written alike share a row.
    """
    code = list(code)
    rows = [np.zeros(members.shape[1], np.int32)]
    known: dict[tuple[int, ...], int] = {}
    for first, *others in choices:
        sets = [code[place][4] for place in others[:-1]]
        behind = np.array(others) - first
        key = (*behind.tolist(), *sets)
        if key not in known:
            begins = members[sets]
            known[key] = len(rows)
            rows.append(behind[np.where(begins.any(axis=0), begins.argmax(axis=0), len(sets))])
        kind, one, other, _, *following = code[first]
        code[first] = (kind, one, other, known[key], *following)
    return code, np.array(rows, np.int32)


def _as_bits(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    bits = np.uint64(1) << np.arange(len(flags), dtype=np.uint64)
    return np.asarray((flags.T * bits).T.sum(axis=0, dtype=np.uint64))


def _as_words(sets: _Symbols) -> npt.NDArray[np.int32]:
    """Write each set as a row of bits, 32 in a number: all of them at hand take a tenth."""
    n_words = -(-sets.shape[1] // 32)
    rows = np.zeros((len(sets), 32 * n_words), np.bool_)
    rows[:, : sets.shape[1]] = sets
    return np.packbits(rows, axis=1, bitorder="little").view("<i4").astype(np.int32)


def _without_look_behind(tree: _Node) -> tuple[_Node, int]:
    """Take what must stand before a pattern into it; return by how much it then begins earlier."""
    match tree:
        case _Run((_Look(part, is_behind=True, is_negative=False), *others)):
            return _Run((part, *others)), _width_of(part)
    return tree, 0
