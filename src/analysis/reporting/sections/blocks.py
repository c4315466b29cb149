"""Parts of a section that are no plain paragraph: lists, headings, commands."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


class Block:
    """An element that stands by itself and is not put into a paragraph."""


@dataclass(frozen=True)
class Listing(Block):
    """An unordered list.

    Examples
    --------
    >>> Listing(["a < b"]).__html__()
    Markup('<ul><li>a &lt; b</li></ul>')
    """

    items: Sequence[str]

    def __html__(self) -> Markup:
        items = Markup("").join(Markup("<li>{}</li>").format(item) for item in self.items)
        return Markup("<ul>{}</ul>").format(items)


@dataclass(frozen=True)
class Heading(Block):
    """A heading inside a section."""

    text: str

    def __html__(self) -> Markup:
        return Markup("<h3>{}</h3>").format(self.text)


@dataclass(frozen=True)
class Command(Block):
    """A command to type."""

    text: str

    def __html__(self) -> Markup:
        return Markup("<pre><code>{}</code></pre>").format(self.text)


Text = Markup | Block
