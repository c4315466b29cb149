"""Templates of sentences: `{a|b}` is one of several, `<slot>` is filled by the telling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, Union

from analysis.errors import CaodianError


@dataclass(frozen=True)
class Slot:
    """A named gap in a template."""

    name: str


Part: TypeAlias = Union[str, Slot, "Choice"]
Template: TypeAlias = tuple[Part, ...]


# Words that may be left out are mostly there.
PRESENT = 5


@dataclass(frozen=True)
class Choice:
    """Alternatives, each a template; `{word|}` may leave the word out and mostly does not."""

    options: tuple[Template, ...]


def parse_template(text: str) -> Template:
    """Turn a line of the grammar into a template.

    Raises
    ------
    CaodianError
        When a bracket is not closed.

    Examples
    --------
    >>> parse_template("等了<days>{天|日}")
    ('等了', Slot(name='days'), Choice(options=(('天',), ('日',))))
    """
    template, end = _parse_until(text, 0, inside=False)
    if end != len(text):
        raise CaodianError("a bracket of a template must be opened before it closes", value=text)
    return template


def _parse_until(text: str, start: int, *, inside: bool) -> tuple[Template, int]:
    """Read parts up to the end, or up to the `|` or `}` that ends an alternative."""
    parts: list[Part] = []
    literal = start
    at = start
    while at < len(text):
        letter = text[at]
        if letter in "<{|}":
            if letter in "|}" and not inside and letter == "|":
                at += 1
                continue
            if literal < at:
                parts.append(text[literal:at])
            if letter in "|}":
                return tuple(parts), at
            read: Callable[[str, int], tuple[Part, int]] = _slot if letter == "<" else _choice
            part, at = read(text, at)
            parts.append(part)
            literal = at
        else:
            at += 1
    if inside:
        raise CaodianError("an alternative of a template must be closed", value=text)
    if literal < at:
        parts.append(text[literal:at])
    return tuple(parts), at


def _slot(text: str, at: int) -> tuple[Slot, int]:
    end = text.find(">", at)
    if end < 0:
        raise CaodianError("a slot of a template must be closed", value=text)
    return Slot(text[at + 1 : end]), end + 1


def _choice(text: str, at: int) -> tuple[Choice, int]:
    options: list[Template] = []
    while True:
        option, at = _parse_until(text, at + 1, inside=True)
        options.append(option)
        if text[at] == "}":
            if len(options) == 2 and options[1] == ():
                # Real posts hold far fewer 了 than sentences told one by one.
                options = [options[0]] * (1 if options[0] == ("了",) else PRESENT) + [()]
            return Choice(tuple(options)), at + 1


def fill(template: Template, uniform: Callable[[], float], value_of: Callable[[str], str]) -> str:
    """Return the sentence that one round of choices makes.

    Examples
    --------
    >>> fill(parse_template("等了<days>{天|日}"), lambda: 0.9, lambda slot: "三")
    '等了三日'
    """
    words: list[str] = []
    for part in template:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, Slot):
            words.append(value_of(part.name))
        else:
            options = part.options
            words.append(fill(options[int(uniform() * len(options))], uniform, value_of))
    return "".join(words)
