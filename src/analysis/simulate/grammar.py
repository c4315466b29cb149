"""The grammar: files of wordings, read once and kept as templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial
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


# Words that may be left out are mostly there.
_PRESENT = 5


class Template(tuple[_Part, ...]):
    """The parts of a line, and how they are filled."""

    words: list[str]
    gaps: tuple[tuple[int, str | tuple[str | Template, ...], int], ...]
    text: str

    def __new__(cls, parts: Iterable[_Part] = ()) -> Template:
        """Note once what stays and what is filled in: millions of posts are made of it."""
        template = super().__new__(cls, parts)
        template.words = [part if isinstance(part, str) else "" for part in template]
        template.gaps = tuple(
            (place, *_gap(part)) for place, part in enumerate(template) if not isinstance(part, str)
        )
        template.text = "" if template.gaps else "".join(template.words)
        return template


def _gap(part: _Slot | _Choice) -> tuple[str | tuple[str | Template, ...], int]:
    if isinstance(part, _Slot):
        return part.name, 0
    options = tuple(map(_mere_words, part.options))
    return options, len(options) if all(isinstance(option, str) for option in options) else 0


def _mere_words(option: tuple[_Part, ...]) -> str | Template:
    if not option:
        return ""
    return option[0] if len(option) == 1 and isinstance(option[0], str) else Template(option)


@dataclass(frozen=True)
class _Choice:
    """Alternatives, each with its parts; `{word|}` may leave the word out and mostly does not."""

    options: tuple[tuple[_Part, ...], ...]


def _parse_template(text: str) -> Template:
    """Turn a line of the grammar into a template."""
    template, end = _parse_until(text, 0, inside=False)
    if end != len(text):
        raise CaodianError("a bracket of a template must be opened before it closes", value=text)
    return Template(template)


def _parse_until(text: str, start: int, *, inside: bool) -> tuple[tuple[_Part, ...], int]:
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
    options: list[tuple[_Part, ...]] = []
    while True:
        option, at = _parse_until(text, at + 1, inside=True)
        options.append(option)
        if text[at] == "}":
            if len(options) == 2 and options[1] == ():
                # Real posts hold far fewer 了 than sentences told one by one.
                options = [options[0]] * (1 if options[0] == ("了",) else _PRESENT) + [options[1]]
            return _Choice(tuple(options)), at + 1


def fill(template: Template, uniform: Callable[[], float], value_of: Callable[[str], str]) -> str:
    """Return the sentence that one round of choices makes."""
    words = template.words.copy()
    for place, filling, number in template.gaps:
        if number:
            words[place] = filling[int(uniform() * number)]  # type: ignore[assignment]
        elif isinstance(filling, str):
            words[place] = value_of(filling)
        else:
            option = filling[int(uniform() * len(filling))]
            words[place] = option if isinstance(option, str) else fill(option, uniform, value_of)
    return "".join(words)


_HIDDEN = "~"


@dataclass(frozen=True)
class Wordings:
    """Templates of one pool; hidden ones (marked `~`) tell the matter without its usual words."""

    open: tuple[Template, ...]
    hidden: tuple[Template, ...]
    mere: tuple[str, ...] = ()
    """The words of a pool that is one list of words."""

    @property
    def all(self) -> tuple[Template, ...]:
        """Open and hidden templates together."""
        return self.open + self.hidden


@dataclass(frozen=True)
class Grammar:
    """Pools of wordings by name, and by name and register."""

    pools: dict[str, dict[str, Wordings]]
    _registers: dict[str, RegisterPools] = field(default_factory=dict, init=False, repr=False)

    def wordings(self, name: str, register: str = "any") -> Wordings:
        """Return the pool of a name, with what its register adds."""
        pool = self.pools.get(name)
        if pool is None:
            raise CaodianError("the grammar must have a pool for every name", value=name)
        return pool.get(register) or pool["any"]

    def register(self, register: str) -> RegisterPools:
        """Return the pools of a register by name, each looked up once."""
        pools = self._registers.get(register)
        if pools is None:
            pools = self._registers[register] = RegisterPools(self, register)
        return pools


class RegisterPools(dict[str, Wordings]):
    """The pools of one register, by name."""

    def __init__(self, grammar: Grammar, register: str) -> None:
        super().__init__()
        self._find = partial(grammar.wordings, register=register)

    def __missing__(self, name: str) -> Wordings:
        found = self[name] = self._find(name)
        return found


@cache
def load_grammar() -> Grammar:
    """Read every file of the grammar; pools of one name in several files are joined."""
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


_Line: TypeAlias = tuple[bool, Template]


def _pool(lines: dict[str, list[str]]) -> dict[str, Wordings]:
    common = _read(lines.get("any", []))
    pool = {"any": _wordings(common or [line for own in lines.values() for line in _read(own)])}
    for register, own in lines.items():
        if register != "any":
            # What a register says in its own way is said there more often than the common words.
            pool[register] = _wordings([*_read(own), *_read(own), *common])
    return pool


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _read(lines: list[str]) -> list[_Line]:
    """Return the templates, each with whether it is a hidden one."""
    return [
        (line.startswith(_HIDDEN), _parse_template(line.removeprefix(_HIDDEN))) for line in lines
    ]


def _wordings(lines: list[_Line]) -> Wordings:
    shown = tuple(template for is_hidden, template in lines if not is_hidden)
    hidden = tuple(template for is_hidden, template in lines if is_hidden)
    return Wordings(shown, hidden, () if hidden or len(shown) != 1 else _one_list(shown[0]))


def _one_list(template: Template) -> tuple[str, ...]:
    """Return the words of a template that is one choice of words and nothing else."""
    if len(template.gaps) != 1 or len(template) != 1:
        return ()
    _, filling, number = template.gaps[0]
    return tuple(map(str, filling)) if number else ()
