"""Read a pattern of `re` as a tree, for the compiled search of many patterns at once.

Only what text rules need is known: literals, classes, groups, what a named group has taken,
choices, repeats, look-arounds and the end of the text.
Anything else is refused, so that no pattern is ever searched for in another sense.
"""

from __future__ import annotations

import re

from analysis.kernels.pattern_tree import (
    Character,
    Choice,
    Group,
    Look,
    Node,
    Repeat,
    Same,
    Sequence,
)

_SPECIAL = set(".^$*+?{}[]\\|()")
_REPEAT = re.compile(r"([?*+]|\{(\d+)(,?)(\d*)\})")
_UNKNOWN = re.compile(r"(?<!\\)(?:\\\\)*\\(?!s|Z|u[0-9a-fA-F]{4})[0-9A-Za-z]")
_LOOKS = {"?=": (False, False), "?!": (False, True), "?<=": (True, False), "?<!": (True, True)}
_UNBOUNDED = -1
_NOTHING_BEHIND = Look(Character("(?s:.)", 0), is_behind=False, is_negative=True)


def parse(pattern: re.Pattern[str]) -> Node:
    """Return the tree of a pattern.

    Examples
    --------
    >>> parse(re.compile("a{2,}|[bc]")).options[1]
    Character(written='[bc]', flags=32)
    """
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
        self.named: dict[str, Node] = {}

    def refusal(self) -> ValueError:
        return ValueError(f"no compiled search for `{self.text[self.at :]}` of `{self.text}`")

    def choice(self) -> Node:
        options = [self.sequence()]
        while self.text.startswith("|", self.at):
            self.at += 1
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self.repeated(self.part()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, part: Node) -> Node:
        found = _REPEAT.match(self.text, self.at)
        if not found:
            return part
        is_lazy = self.text.startswith("?", found.end())
        self.at = found.end() + is_lazy
        if found[1] in {"?", "*", "+"}:
            most = 1 if found[1] == "?" else _UNBOUNDED
            return Repeat(part, int(found[1] == "+"), most, is_lazy)
        limit = found[4] or (_UNBOUNDED if found[3] else found[2])
        return Repeat(part, int(found[2]), int(limit), is_lazy)

    def part(self) -> Node:
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
        return _NOTHING_BEHIND if written == r"\Z" else Character(written, self.flags)

    def group(self) -> Node:
        self.at += 1
        name = ""
        if back := re.compile(r"\?P=(\w+)\)").match(self.text, self.at):
            self.at = back.end()
            return Same(back[1], self.named[back[1]])
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
            return Look(inside, *_LOOKS[look])
        self.named[name] = inside
        return Group(name, inside) if name else inside


def _class_end(text: str, start: int) -> int:
    """Where a class that starts with its bracket ends."""
    at = start + 1 + text.startswith("^", start + 1)
    at += text.startswith("]", at)  # a bracket directly behind the opening is a member
    while text[at] != "]":
        at += 2 if text[at] == "\\" else 1
    return at + 1
