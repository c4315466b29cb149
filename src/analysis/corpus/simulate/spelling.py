"""How people type: slips, Traditional characters, and words broken up to slip past a filter."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from analysis.corpus.simulate.draws import Draws
from analysis.yaml_text import read_yaml


@cache
def _tables() -> dict[str, list[list[str]]]:
    """Read the tables of spellings, a list of words a line."""
    source = files("analysis.corpus.simulate") / "spelling.yaml"
    content = read_yaml(source.read_text(encoding="utf-8"))
    return {name: [line.split() for line in text.splitlines()] for name, text in content.items()}


@cache
def _traditional() -> dict[int, str]:
    pairs = [pair for line in _tables()["traditional"] for pair in line]
    return {ord(pair[0]): pair[1] for pair in pairs}


def slip(text: str, draws: Draws) -> str:
    """Make one typing slip, if the text holds a word that invites it.

    Examples
    --------
    >>> from analysis.corpus.simulate.draws import POSTS, generator
    >>> slip("abc", Draws(generator(1, POSTS)))
    'abc'
    """
    slips = _tables()["slips"]
    start = draws.below(0, len(slips))
    for right, wrong in slips[start:] + slips[:start]:
        if right in text:
            return text.replace(right, wrong, 1)
    return text


def evade(text: str, draws: Draws) -> str:
    """Break up the words that a filter may look for, each in one way all through the text."""
    for word, *ways in _tables()["evasions"]:
        if word in text and draws.chance(0.6):
            text = text.replace(word, draws.pick(ways))
    return text


def scatter(text: str, draws: Draws) -> str:
    """Put marks between the characters, as floods do to look different each time."""
    mark = draws.pick((".", "·", " ", "☞", "✨", "~", "丶", "❤"))
    step = draws.below(2, 6)
    return mark.join(text[n : n + step] for n in range(0, len(text), step))


def to_traditional(text: str) -> str:
    """Write with Traditional characters, as far as the table of common ones reaches.

    Examples
    --------
    >>> to_traditional("没发货")
    '沒發貨'
    """
    return text.translate(_traditional())
