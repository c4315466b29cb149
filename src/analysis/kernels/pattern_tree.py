"""The parts of a pattern, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Character:
    """One character of a class, which is kept as `re` would read it."""

    written: str
    flags: int


@dataclass(frozen=True)
class Sequence:
    """Parts, one behind the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of several options."""

    options: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """A part so many times; `most` is -1 where there is no limit. The lazy take few first."""

    part: Node
    least: int
    most: int
    is_lazy: bool = False


@dataclass(frozen=True)
class Look:
    """A condition on what stands before or behind."""

    part: Node
    is_behind: bool
    is_negative: bool


@dataclass(frozen=True)
class Group:
    """A part of which it is told where it stands."""

    name: str
    part: Node


@dataclass(frozen=True)
class Same:
    """The same characters as a group has taken; `part` is what that can be."""

    name: str
    part: Node


Node = Character | Sequence | Choice | Repeat | Look | Group | Same


def walk(node: Node) -> Iterator[Node]:
    """Yield a part and all parts of it, in the order in which they are written.

    Examples
    --------
    >>> [type(part).__name__ for part in walk(Repeat(Character("a", 0), 0, 1))]
    ['Repeat', 'Character']
    """
    yield node
    match node:
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from walk(part)
        case Repeat() | Look() | Group():
            yield from walk(node.part)
