"""The grammar: files of wordings, read once and kept as templates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from analysis.corpus.simulate.template import Template, parse_template
from analysis.errors import CaodianError
from analysis.yaml_text import read_yaml

HIDDEN = "~"


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
    folder = files("analysis.corpus.simulate") / "text"
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
        tuple(parse_template(line) for line in lines if not line.startswith(HIDDEN)),
        tuple(parse_template(line[1:]) for line in lines if line.startswith(HIDDEN)),
    )
