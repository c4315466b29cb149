"""XML files: the elements that are posts, and workbooks that Excel 2003 wrote.

Expat reads them piece by piece and fetches nothing; entities that a file defines may only be short.
A post has the names of its parts and attributes: `<post id="1"><text>…</text></post>` is a record
of `id` and `text`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import chain
from typing import Any, Protocol
from xml.parsers import expat

from analysis.corpus.readers.column_names import is_text_name, match_columns
from analysis.corpus.readers.containers.confined import unreadable
from analysis.corpus.readers.containers.delimited import XmlText
from analysis.corpus.readers.containers.export import Export
from analysis.corpus.readers.containers.foreign import HtmlTable, html_tables
from analysis.corpus.readers.containers.json_records import as_records, is_record, open_page
from analysis.corpus.readers.containers.keyed import KeyedTable, Record
from analysis.errors import CaodianError

_XML_ASKED = 1 << 22  # bytes in which the posts are sought
_LONGEST_ELEMENT = 1 << 25  # characters of a post, bytes of a tag
_PART_SIZE = 64  # that a part of a post counts for, however short
_DIGITS = "0123456789"
_DEEPEST_PART, _DEEPEST = 60, 10_000
_LONGEST_ENTITY, _MOST_GROWN = 64, 1 << 20  # characters: of one, and by all of them together
_MOST_MENDED = 1_000
_VALUES_ASKED = 20
_TOO_LARGE = f"a record of more than {_LONGEST_ELEMENT >> 20} MiB"
_TOO_NESTED = "XML nested too deeply"
_OTHER_LIST = "stands in another list than the posts, with other keys"

Value = str | list[Any] | dict[str, Any]
_OF_XML_ITSELF = ("xmlns", "xsi:", "xml:")
_OWN = ""  # the key of an element's own words beside its attributes

# A field that is named by an attribute, as databases and search engines write it.
_FIELDS = frozenset(
    ("field", "column", "col", "str", "int", "long", "float", "double", "date", "bool", "arr",
     "data", "property", "cell", "string")
)  # fmt: skip
_LINES_END = frozenset(("p", "br", "div", "li", "h1", "h2", "h3"))
_LAYOUT = _LINES_END | {"span", "strong", "em"}
_NO_LINKS = frozenset(("self", "replies", "edit", "enclosure", "hub", "next", "prev"))
_FEEDS = frozenset(("rss", "feed", "rdf:RDF"))
_FEED_NAMES = {
    "content:encoded": "content", "dc:date": "date", "dc:creator": "author",
    "updated": "updated at", "comments": "page of comments", "slash:comments": "comment count",
}  # fmt: skip
_VOTED = frozenset(("PostTypeId", "PostId"))
# What a bullet comment says of itself: second of the film, look, moment, pool, writer, number.
_BULLET = re.compile(r"[\d.]+,\d+,\d+,\d+,(\d{9,13}),\d+,([^,]*),(\d+)(?:,.*)?")


class _Element:
    """An element that is open: what stands in it so far."""

    __slots__ = ("attributes", "name", "parts", "said", "speaks")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = (
            {
                key.rpartition(":")[2] if ":" in key else key: value
                for key, value in attributes.items()
                if not key.startswith(_OF_XML_ITSELF)
            }
            if attributes
            else attributes
        )
        self.parts: list[tuple[str, Value]] = []
        self.said: list[str] = []
        self.speaks = attributes.get("type") == "xhtml"

    def local(self) -> str:
        """Return its name without a prefix."""
        return self.name.rpartition(":")[2] if ":" in self.name else self.name

    def close(self, *, in_feed: bool) -> Value:
        """Return what it holds: a text, or values by name, lists where a name recurs."""
        text = "".join(self.said).strip()
        if (self.speaks and self.parts) or not (self.parts or self.attributes):
            return text
        if self.attributes and (bullet := _BULLET.fullmatch(self.attributes.get("p", ""))):
            moment, writer, number = bullet.groups()
            told = {"弹幕内容": text, "弹幕时间": moment, "用户id": writer}
            return told if number == "0" else {**told, "评论id": number}
        if self.local() == "link" and not text and (target := self.attributes.get("href")):
            return "" if self.attributes.get("rel") in _NO_LINKS else target
        found: dict[str, list[Value]] = {}
        for name, value in self._named(in_feed=in_feed):
            found.setdefault(name, []).append(value)
        values = {
            name: listed[0] if len(listed) == 1 else _together(name, listed)
            for name, listed in found.items()
        }
        whole: dict[str, Value] = {
            name if name not in values else f"@{name}": value
            for name, value in self.attributes.items()
        }
        if _VOTED & whole.keys() and "Score" in whole:  # the votes of Stack Exchange are no stars
            whole["vote count"] = whole.pop("Score")
        for name, value in values.items():
            if isinstance(value, dict) and _OWN in value:
                whole[name] = value[_OWN]
                whole |= {f"{name}.{key}": one for key, one in value.items() if key != _OWN}
            else:
                whole[name] = value
        if not self.parts:
            return {_OWN: text, **whole} if text else whole
        if len(whole) == 1 and not self.attributes:
            return self._without_wrapping(*whole.items())
        return whole

    def _named(self, *, in_feed: bool) -> Iterator[tuple[str, Value]]:
        """Yield the parts by their names, without the prefix where that is clear enough."""
        if not (in_feed or any(":" in name for name, _ in self.parts)):
            yield from self.parts
            return
        own = self.name.rpartition(":")[0]
        plain = {name for name, _ in self.parts if name.rpartition(":")[0] in ("", own)}
        for name, value in self.parts:
            known = _FEED_NAMES.get(name) if in_feed and isinstance(value, str) else None
            if known == "updated at" and self.local() == "entry" and "published" not in plain:
                known = "published"
            local = name.rpartition(":")[2]
            yield known or (name if local in plain and name not in plain else local), value

    def _without_wrapping(self, only: tuple[str, Value]) -> Value:
        """Return the list that an element is: `<comments><comment>…</comment></comments>`."""
        name, value = only
        if isinstance(value, dict) and self.local().lower().startswith(name.lower()):
            return [value]
        return value if isinstance(value, list) else {name: value}


def _together(name: str, listed: list[Value]) -> Value:
    """Return the values that parts of one name have as one."""
    bare = [one.get(_OWN, one) if isinstance(one, dict) else one for one in listed]
    if all(isinstance(one, str) for one in bare):
        return ("\n" if is_text_name(name) else ";").join(one for one in map(str, bare) if one)
    named = [{_OWN: one} if isinstance(one, str) else one for one in listed]
    return [_as_post(name, one) for one in named]


class _Posts:
    """What expat finds: the elements of some paths as records, or samples of all."""

    def __init__(
        self, wanted: Mapping[str, bool] | None = None, known: Collection[str] = frozenset()
    ) -> None:
        self.wanted = wanted
        """Paths, and whether they hold posts or other records; None for a look at all paths."""
        self.known = known
        self.late: dict[str, int] = {}
        self.seen: dict[str, tuple[int, list[Value]]] = {}
        self.found: list[Value | None] = []
        self.reasons: list[str] = []
        self.root = ""
        self._paths: list[str] = []
        self._open: list[_Element] = []
        self._size = 0
        self._why = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the begin of an element."""
        above = self._paths[-1] if self._paths else ""
        self.root = self.root or name
        depth = len(self._paths)
        # Names that a program numbered (`row1`, `row2`) are one.
        path = f"{above}/{name.rstrip(_DIGITS)}" if depth < _DEEPEST_PART else above
        if depth >= _DEEPEST:
            raise CaodianError(f"elements of XML must be nested {_DEEPEST:,} deep at most")
        self._paths.append(path)
        if not (self._open or path in self.known) and above in self.known:
            self.late[path] = self.late.get(path, 0) + 1
        if self.wanted is None:
            if depth < _DEEPEST_PART:
                self._open.append(_Element(name, attributes))
            return
        if not self._open:
            if path not in self.wanted:
                return
            self._size, self._why = 0, ""
        self._size += _PART_SIZE + (sum(map(len, attributes.values())) if attributes else 0)
        if len(self._open) >= _DEEPEST_PART:
            self._why = self._why or _TOO_NESTED
        elif self._size > _LONGEST_ELEMENT:
            self._why = _TOO_LARGE
        self._open.append(_Element(name, {} if self._why else attributes))

    def say(self, text: str) -> None:
        """Take text."""
        if not self._open or self._why:
            return
        self._size += len(text)
        if self._size > _LONGEST_ELEMENT:  # in a look only where entities grow
            self._why = _TOO_LARGE if self.wanted is not None else ""
            return
        element = self._open[-1]
        element.said.append(text)
        element.speaks = element.speaks or not text.isspace()

    def end(self, name: str) -> None:
        """Take the end of an element."""
        path = self._paths.pop()
        if not self._open or (self.wanted is None and len(self._paths) >= _DEEPEST_PART):
            return
        element = self._open.pop()
        if self._why:
            if not self._open:
                self.reasons.append(self._why)
                self.found.append(None)
            return
        value = element.close(in_feed=self.root in _FEEDS)
        if self.wanted is None:
            number, values = self.seen.get(path, (0, []))
            kept = [*values, value] if len(values) < _VALUES_ASKED else values
            self.seen[path] = number + 1, kept
        elif not self._open:
            self.found.append(_as_post(element.local(), value) if self.wanted[path] else None)
            self.reasons += [] if self.wanted[path] else [_OTHER_LIST]
            return
        if self._open:
            self._hand_up(element, value)

    def _hand_up(self, element: _Element, value: Value) -> None:
        above, local = self._open[-1], element.local()
        named = element.attributes.get("name") if element.attributes else None
        if named and local in _FIELDS:
            if isinstance(value, dict):
                rest = [one for key, one in value.items() if key not in ("name", "type")]
                value = rest[0] if len(rest) == 1 else ""
            above.parts.append((named, value))
        else:
            above.parts.append((element.name, value))
        above.said += [*element.said, "\n"] if local in _LINES_END else element.said
        above.speaks = above.speaks or local in _LAYOUT

    def let_go(self, why: str) -> dict[str, Sequence[str]]:
        """Forget what is open after an error; return where reading may go on, and what is above."""
        paths = [*self.seen, *self._paths] if self.wanted is None else [*self.wanted]
        if self.wanted is None:
            self.end_all()
        self._paths, self._open, self._why = [], [], ""
        divided = [path.split("/")[1:] for path in paths]
        return {path[-1]: path[:-1] for path in divided if len(path) > 1}

    def end_all(self) -> None:
        """End what is open where the look ends."""
        while self._paths:
            self.end("")


def _as_post(name: str, value: Value) -> Value:
    """Return what an element holds by name, its own words under one that says what they are."""
    if not isinstance(value, dict):
        return {name: value}
    if _OWN not in value:
        return value
    rest = {key: one for key, one in value.items() if key != _OWN}
    return {"text" if "published_at" in match_columns([*rest]) else name: value[_OWN], **rest}


class _Taker(Protocol):
    """What takes the elements that expat finds."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the begin of an element."""

    def say(self, text: str) -> None:
        """Take text."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def let_go(self, why: str) -> dict[str, Sequence[str]]:
        """Forget what is open; return where reading may go on."""


class _Parse:
    """Expat on its way through a text, begun again behind what is not XML."""

    def __init__(self, text: XmlText, posts: _Taker) -> None:
        self.text = text
        self.posts = posts
        self.lines = 0
        self.error = ""
        self._lost_from = 0
        self._begin(0, ())

    def _begin(self, place: int, above: Sequence[str]) -> None:
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self.posts.begin
        self._expat.EndElementHandler = self.posts.end
        self._expat.CharacterDataHandler = self.posts.say
        self._expat.EntityDeclHandler = self._define
        opened = "".join(f"<{name}>" for name in above).encode()
        self._expat.Parse(opened)
        self._origin = place - len(opened)

    def _define(self, name: str, _is_parameter: int, value: str | None, *_: object) -> None:
        """Take an entity that the file defines; from then on what it grows to is counted."""
        _require_short(name, value)
        self._expat.StartElementHandler = self._begin_counted
        self._expat.CharacterDataHandler = self._say_counted

    def _begin_counted(self, name: str, attributes: dict[str, str]) -> None:
        self._count(sum(map(len, attributes.values())))
        self.posts.begin(name, attributes)

    def _say_counted(self, text: str) -> None:
        self._count(len(text))
        self.posts.say(text)

    def _count(self, characters: int) -> None:
        """Refuse a file that says far more than it holds: no text is longer than its bytes."""
        self._said += characters
        if self._said > _MOST_GROWN + self._fed:
            raise CaodianError(
                f"entities of XML may add {_MOST_GROWN:,} characters at most",
                value=str(self.text.export.path),
                where=f"line {self.lines + 1} or after",
                remedy="It may be made to fill the memory; export the posts as CSV or JSONL.",
            )

    _said = _fed = 0

    def run(self, most: int | None = None) -> Iterator[str | None]:
        """Yield, for each block, why some of it was not read, if it was not."""
        passed, carried = 0, b""
        for block in chain(self.text.mended(), [None]):
            data = carried + (block or b"")
            self._fed += len(block or b"")
            reasons, carried = self._feed(data, is_last=block is None)
            yield from reasons or (None,)
            passed += len(block or b"")
            if most is not None and passed > most:
                return

    def _feed(self, data: bytes, *, is_last: bool) -> tuple[list[str], bytes]:
        """Return what was not read of a block, and the end of it that is to be looked at again."""
        at, reasons = 0, list[str]()
        while True:
            if self._lost_from:
                found = self._find_next(data, at)
                if found is None:
                    if is_last:
                        reasons.append(f"not XML from line {self._lost_from} to the end")
                    rest = b"" if is_last else data[max(at, len(data) - _LONGEST_NAME) :]
                    self.lines += data.count(b"\n", 0, len(data) - len(rest))
                    return reasons, rest
                line = self.lines + data.count(b"\n", 0, found) + 1
                if not _PROLOGUE.fullmatch(data, at, found):
                    reasons.append(f"not XML from line {self._lost_from} to {line}")
                self._lost_from, at = 0, found
            try:
                self._expat.Parse(data[at:], is_last)
            except expat.ExpatError as error:
                at = max(self._expat.ErrorByteIndex + self._origin, at + 1)
                self._lose(self.lines + data.count(b"\n", 0, at) + 1, expat.ErrorString(error.code))
                continue
            self._require_short_tag(data)
            self.lines += data.count(b"\n")
            self._origin -= len(data)
            return reasons, b""

    def _lose(self, line: int, why: str) -> None:
        self._lost_from = line
        self.error = self.error or f"line {line}: {why}"
        self._next = self.posts.let_go(self.error)

    def _find_next(self, data: bytes, at: int) -> int | None:
        """Begin again where the next element of a known path does, and return its place."""
        names = b"|".join(re.escape(name.encode()) for name in self._next)
        found = re.compile(rb"<(%b)[0-9]*(?=[\s/>])" % names).search(data, at) if names else None
        if found is None or self._mended == _MOST_MENDED:
            return None
        self._mended += 1
        self._begin(found.start(), self._next[found[1].decode()])
        return found.start()

    _mended = 0

    def _require_short_tag(self, data: bytes) -> None:
        if len(data) - self._expat.CurrentByteIndex - self._origin > _LONGEST_ELEMENT:
            raise CaodianError(
                f"a tag of XML must have {_LONGEST_ELEMENT >> 20} MiB at most",
                value=str(self.text.export.path),
                where=f"line {self.lines + 1} or before",
                remedy="Export the posts again, or as CSV or JSONL.",
            )


_LONGEST_NAME = 256
_PROLOGUE = re.compile(rb"\s*(?:<[?!]?[^<>]*>\s*)*")


def _require_short(name: str, value: str | None) -> None:
    """Refuse entities that may grow; those of other files are never fetched."""
    if value is not None and (len(value) > _LONGEST_ENTITY or "&" in value or "%" in value):
        raise CaodianError(
            f"entities that XML defines must be texts of {_LONGEST_ENTITY} characters at most",
            value=name,
            remedy="It may be made to fill the memory; export the posts as CSV or JSONL.",
        )


def xml_table(export: Export, root: str) -> KeyedTable:
    """Return the posts of an XML file as records; in a folder or archive there may be none."""
    kind = _NO_POSTS.get(root.rpartition(":")[2])
    text = XmlText(export)
    sample = _Posts()
    parse = _Parse(text, sample)
    for _ in parse.run(_XML_ASKED):
        pass
    sample.end_all()
    wanted = {} if kind else _find_paths(sample.seen)
    if not (any(wanted.values()) or export.is_found or export.archive):
        raise CaodianError(
            "an export must be a table or JSON, or XML whose elements are posts",
            value=f"{export.path} is XML, {kind}"
            if kind
            else f"{export.path} is XML without posts",
            where=parse.error or None,
            remedy="Export the posts as CSV, XLSX, JSON, JSONL, Parquet or SQLite.",
        )
    return XmlTable(text, wanted, sample.seen)


_NO_POSTS = {
    "svg": "a drawing",
    "plist": "a property list",
    "wordDocument": "a document of a word processor",
    "package": "a document of a word processor",
    "document": "a document of OpenDocument",
}


class XmlTable(KeyedTable):
    """The elements of some paths as records."""

    def __init__(self, text: XmlText, wanted: Mapping[str, bool], known: Collection[str]) -> None:
        super().__init__(text.export.path, "xml", None, self._records)
        self.text = text
        self.wanted = wanted
        self.known = frozenset(known)
        self._behind: Mapping[str, int] = {}

    def _records(self) -> Iterator[Record]:
        posts = _Posts(self.wanted, self.known)
        for lost in _Parse(self.text, posts).run():
            reasons = iter(posts.reasons)
            for value in posts.found:
                if value is None:
                    yield None, next(reasons)
                else:
                    yield from as_records(open_page(value))
            posts.found, posts.reasons = [], []
            if lost is not None:
                yield None, lost
        self._behind = posts.late

    def notes(self) -> list[str]:
        """Say which elements are the posts, and what was left out."""
        paths = ", ".join(path[1:] for path, holds_posts in self.wanted.items() if holds_posts)
        behind = [
            f"{number} elements {path[1:]}, which begin behind the first, are not read"
            for path, number in self._behind.items()
        ]
        return [f"each element {paths} is read as a post", *behind, *super().notes()]


def _find_paths(seen: Mapping[str, tuple[int, list[Value]]]) -> dict[str, bool]:
    """Return the paths of the posts, and of other records with texts, which are none."""
    parts = {
        path: found
        for path, (_, values) in seen.items()
        if (found := [value for value in values if isinstance(value, dict)])
    }
    texts = [
        path for path, found in parts.items() if "text" in match_columns(sorted(_names_in(found)))
    ]
    surely = [path for path in texts if any(map(is_record, parts[path]))]
    for fewest in (2, 1):
        for paths in (surely, texts):
            often = [path for path in paths if seen[path][0] >= fewest]
            if often:
                # What holds posts may hold a text, too; of what stands once the innermost is one.
                depth = 1 if fewest > 1 else -1
                chosen = min(often, key=lambda path: (depth * path.count("/"), -seen[path][0]))
                return {chosen: True, **_find_beside(chosen, surely, seen, parts)}
    listed = [
        path
        for path, (number, _) in seen.items()
        if number > 1
        and (is_text_name(path.rpartition("/")[2]) or len(_names_in(parts.get(path, ()))) > 1)
    ]
    return {max(listed, key=lambda path: seen[path][0]): True} if listed else {}


def _find_beside(
    chosen: str,
    surely: Sequence[str],
    seen: Mapping[str, tuple[int, list[Value]]],
    parts: Mapping[str, list[dict[str, Value]]],
) -> dict[str, bool]:
    own = _names_in(parts[chosen])
    return {
        path: len(own & names) * 2 > len(own | names)
        for path in surely
        if seen[path][0] > 1
        and not f"{path}/".startswith(f"{chosen}/")
        and not f"{chosen}/".startswith(f"{path}/")
        if (names := _names_in(parts[path]))
    }


def _names_in(found: Iterable[dict[str, Value]]) -> set[str]:
    """Return the names of parts, those of parts of parts joined by a dot."""
    return {
        f"{name}.{inner}" if inner else name
        for values in found
        for name, value in values.items()
        for inner in (value if isinstance(value, dict) else ("",))
    }


# A workbook in XML, as Excel 2003 wrote it: its rows become those of a page.


class _Sheets:
    """What expat finds in a workbook, as HTML."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.names: list[str] = []
        self.pieces: list[str] = []
        self._name, self._column = "", 1
        self._below: list[tuple[int, int]] = []  # where cells reach down, and for how many rows
        self._is_data = self._is_note = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the begin of an element."""
        told = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        local = name.rpartition(":")[2]
        if local == "Worksheet":
            self._name = told.get("Name", "")
            self.pieces.append("<table>")
        elif local == "Row":
            if self._name:
                self.names.append(self._name)
            self._name, self._column = "", 1
            self.pieces.append("<tr>")
        elif local == "Cell":
            place = _whole_number(told.get("Index"), self._column)
            across = _whole_number(told.get("MergeAcross"), 0)
            if max(place, across) > _MOST_CELLS:
                raise unreadable(_WORKBOOK, str(self.export.path), f"a cell in column {place}")
            self.pieces.append(_gap(place - self._column))
            down = _whole_number(told.get("MergeDown"), 0)
            self.pieces.append(f"<td colspan={across + 1} rowspan={down + 1}>")
            self._column = place + across + 1
            if down:
                self._below.append((place, down + 1))
        self._is_note = self._is_note or local == "Comment"
        self._is_data = self._is_data or (local == "Data" and not self._is_note)

    def say(self, text: str) -> None:
        """Take text."""
        if self._is_data:
            self.pieces.append(escape(text))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        local = name.rpartition(":")[2]
        if local == "Row":
            # What reaches down from above stands in this row, too, however short it is.
            reached = max((place for place, _ in self._below), default=0)
            self.pieces.append(_gap(reached - self._column))
            self._below = [(place, left - 1) for place, left in self._below if left > 1]
        self.pieces.append(_ENDS_OF_SHEETS.get(local, ""))
        self._is_data = self._is_data and local != "Data"
        self._is_note = self._is_note and local != "Comment"

    def let_go(self, why: str) -> dict[str, Sequence[str]]:
        """Refuse what is not whole: rows would be lost."""
        raise unreadable(_WORKBOOK, str(self.export.path), why)


_MOST_CELLS = 16_384
_WORKBOOK = "a workbook in XML"
_ENDS_OF_SHEETS = {"Worksheet": "</table>", "Row": "</tr>", "Cell": "</td>"}


def _gap(places: int) -> str:
    """Return cells without text: few, so that what they span is seen to be more than they are."""
    return "".join(
        f"<td colspan={min(_WIDEST, places - at)}></td>" for at in range(0, places, _WIDEST)
    )


_WIDEST = 1000  # that a cell of a page is read to span


def _whole_number(told: str | None, otherwise: int) -> int:
    return int(told) if told and told.isascii() and told.isdigit() and len(told) < 10 else otherwise


def xml_sheets(export: Export) -> list[HtmlTable]:
    """Return the sheets of a workbook in XML that hold cells."""
    sheets = _Sheets(export)

    def blocks() -> Iterator[bytes]:
        for _ in _Parse(XmlText(export), sheets).run():
            yield "".join(sheets.pieces).encode()
            sheets.pieces = []

    return html_tables(export, blocks(), sheets.names)


def find_root(start: bytes, *, is_called: bool = False) -> str | None:
    r"""Return the name of the outermost element of a file that begins as XML, None for another."""
    bare = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    found = _ROOT.match(bare)
    if found is None:
        return "xml" if bare.startswith(b"<?xml") else None
    if found[1] or is_called:
        return found[2].decode("utf-8", "replace")
    begun: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda name, _: begun.append(name)
    is_second = False
    try:
        parser.Parse(_BARE_MARKS.sub(b"", bare).decode("utf-8", "ignore"))
    except expat.ExpatError as error:
        is_second = error.code == _SECOND_ROOT
    return begun[0] if len(begun) > 1 and not is_second else None


_BARE_MARKS = re.compile(rb"&(?!amp;|lt;|gt;|quot;)")
_SECOND_ROOT = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_ROOT = re.compile(
    rb"(<\?xml[^>]*>)?\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>\s*)*"
    rb"<([A-Za-z_\x80-\xff][\w.:\x80-\xff-]*)(?=[\s/>])",
    re.DOTALL,
)
