"""The grammar: files of wordings, read once and kept as templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeAlias, Union

from analysis.errors import CaodianError
from analysis.yaml_text import read_yaml

# Templates of sentences: `{a|b}` is one of several, `<slot>` is filled from the scenario.


@dataclass(frozen=True)
class _Slot:
    """A named gap in a template."""

    name: str


_Part: TypeAlias = Union[str, _Slot, "_Choice"]
Template: TypeAlias = tuple[_Part, ...]


# Words that may be left out are mostly there.
_PRESENT = 5


@dataclass(frozen=True)
class _Choice:
    """Alternatives, each a template; `{word|}` may leave the word out and mostly does not."""

    options: tuple[Template, ...]


def _parse_template(text: str) -> Template:
    """Turn a line of the grammar into a template."""
    template, end = _parse_until(text, 0, inside=False)
    if end != len(text):
        raise CaodianError("a bracket of a template must be opened before it closes", value=text)
    return template


def _parse_until(text: str, start: int, *, inside: bool) -> tuple[Template, int]:
    """Read parts up to the end, or up to the `|` or `}` that ends an alternative."""
    parts: list[_Part] = []
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
            read: Callable[[str, int], tuple[_Part, int]] = _slot if letter == "<" else _choice
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


def _slot(text: str, at: int) -> tuple[_Slot, int]:
    end = text.find(">", at)
    if end < 0:
        raise CaodianError("a slot of a template must be closed", value=text)
    return _Slot(text[at + 1 : end]), end + 1


def _choice(text: str, at: int) -> tuple[_Choice, int]:
    options: list[Template] = []
    while True:
        option, at = _parse_until(text, at + 1, inside=True)
        options.append(option)
        if text[at] == "}":
            if len(options) == 2 and options[1] == ():
                # Real posts hold far fewer 了 than sentences told one by one.
                options = [options[0]] * (1 if options[0] == ("了",) else _PRESENT) + [()]
            return _Choice(tuple(options)), at + 1


def fill(template: Template, uniform: Callable[[], float], value_of: Callable[[str], str]) -> str:
    """Return the sentence that one round of choices makes.

    Examples
    --------
    >>> fill(_parse_template("等了<days>{天|日}"), lambda: 0.9, lambda slot: "三")
    '等了三日'
    """
    words: list[str] = []
    for part in template:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, _Slot):
            words.append(value_of(part.name))
        else:
            options = part.options
            option = options[int(uniform() * len(options))]
            if len(option) == 1 and isinstance(option[0], str):  # as most are
                words.append(option[0])
            elif option:
                words.append(fill(option, uniform, value_of))
    return "".join(words)


_HIDDEN = "~"


@dataclass(frozen=True)
class Wordings:
    """Templates of one pool; hidden ones (marked `~`) tell the matter without its usual words."""

    open: tuple[Template, ...]
    hidden: tuple[Template, ...]

    @property
    def all(self) -> tuple[Template, ...]:
        """Open and hidden templates together."""
        return self.open + self.hidden


@dataclass(frozen=True)
class Grammar:
    """Pools of wordings by name, and by name and register."""

    pools: dict[str, dict[str, Wordings]]

    def wordings(self, name: str, register: str = "any") -> Wordings:
        """Return the pool of a name, with what its register adds.

        Raises
        ------
        CaodianError
            When the grammar has no pool of that name.
        """
        pool = self.pools.get(name)
        if pool is None:
            raise CaodianError("the grammar must have a pool for every name", value=name)
        return pool.get(register) or pool["any"]


@cache
def load_grammar() -> Grammar:
    """Read every file of the grammar; pools of one name in several files are joined.

    Examples
    --------
    >>> bool(load_grammar().wordings("g_delivery").open)
    True
    """
    lines: dict[str, dict[str, list[str]]] = {}
    folder = files("analysis.simulate") / "text"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            content = read_yaml(entry.read_text(encoding="utf-8"))
            for name, raw in content.items():
                for register, text in ({"any": raw} if isinstance(raw, str) else raw).items():
                    pool = lines.setdefault(str(name), {})
                    pool.setdefault(register, []).extend(_lines(text))
    return Grammar({name: _pool(by_register) for name, by_register in lines.items()})


def _pool(lines: dict[str, list[str]]) -> dict[str, Wordings]:
    common = lines.get("any", [])
    pool = {"any": _wordings(common or [line for own in lines.values() for line in own])}
    for register, own in lines.items():
        if register != "any":
            # What a register says in its own way is said there more often than the common words.
            pool[register] = _wordings(own + own + common)
    return pool


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _wordings(lines: list[str]) -> Wordings:
    return Wordings(
        tuple(_parse_template(line) for line in lines if not line.startswith(_HIDDEN)),
        tuple(_parse_template(line[1:]) for line in lines if line.startswith(_HIDDEN)),
    )
