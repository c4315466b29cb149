"""Read a rendered report back: every number, sentence and figure with the evidence it names."""

import base64
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Mark:
    """One marked element: what it shows, the exact value it carries, the evidence it names."""

    evidence: str
    kind: str
    value: str = ""
    over: str = ""
    text: str = ""
    image: bytes = b""


@dataclass
class _State:
    marks: list[Mark] = field(default_factory=list)
    open_marks: list[tuple[str, Mark]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.state = _State()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "data-evidence" in values:
            mark = Mark(
                values["data-evidence"], tag, values.get("value", ""), values.get("data-over", "")
            )
            self.state.marks.append(mark)
            self.state.open_marks.append((tag, mark))
        if tag == "img" and self.state.open_marks:
            _, _, content = values.get("src", "").partition("base64,")
            self.state.open_marks[-1][1].image = base64.b64decode(content)

    def handle_endtag(self, tag: str) -> None:
        if self.state.open_marks and self.state.open_marks[-1][0] == tag:
            self.state.open_marks.pop()

    def handle_data(self, data: str) -> None:
        for _, mark in self.state.open_marks:
            mark.text += data


def read_marks(page: str) -> list[Mark]:
    """Collect the marked elements of a report.

    Parameters
    ----------
    page
        The HTML of a rendered report.

    Returns
    -------
    list[Mark]
        In the order of the page.

    Examples
    --------
    >>> read_marks('<data value="3" data-evidence="counts/price/items">3</data>')[0].value
    '3'
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.state.marks
