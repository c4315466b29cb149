"""JSON and JSONL files as records of strings."""

from __future__ import annotations

import base64
import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from analysis.corpus.readers.column_names import fold_name, load_names
from analysis.corpus.readers.containers.confined import run_confined
from analysis.corpus.readers.containers.delimited import DelimitedText
from analysis.corpus.readers.containers.keyed import KeyedTable, Record, Reply
from analysis.errors import CaodianError

# JSON values as strings by key: nested keys joined by a dot, and no number through a float.

_MAXIMUM_DEPTH = 3
_KEYS_ASKED = 20
_MOST_REPAIRS = 1_000
_BESIDE = "stands in another list than the posts, with other keys"
_BELOW = "stands in a list within another post, with other keys"
_ANSWER = "an answer or addition within a review, without a rating of its own"
_REPLIES = re.compile(
    r"回复|回覆|评论|評論|跟帖|楼中楼|repl(?:y|ies)|comments?|child(?:ren)?", re.IGNORECASE
)
_NEXT_OBJECT = re.compile(r"\}\s*,\s*(?=\{)")
_PIECE = {"type", "text", "href", "user_id"}
_TEXT_KEYS = frozenset(("text", "content", "content_text", "desc", "正文", "内容"))
_RECORD_KEYS = _TEXT_KEYS | {"sn", "_id"}
"""An object with one of these, or with a name that only texts have, is a record itself."""


class _Decoder(json.JSONDecoder):
    """Read a value, also where tabs and line ends stand in its texts as they are.

    Numbers stay the text they were written as: an id of 16 digits is no float.
    """

    def __init__(self, *, strict: bool) -> None:
        super().__init__(
            parse_int=str, parse_float=str, parse_constant=lambda _: None, strict=strict
        )

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        """Return the value that begins at a place, and where it ends."""
        try:
            return super().raw_decode(s, idx)
        except json.JSONDecodeError as error:
            if not (self.strict and error.msg.startswith("Invalid control character")):
                raise
            return _LIBERAL.raw_decode(s, idx)


_DECODER, _LIBERAL = _Decoder(strict=True), _Decoder(strict=False)


def _flatten(value: dict[str, object], prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    """Return the values of an object as strings."""
    flat: dict[str, str | None] = {}
    for key, inner in value.items():
        if key == "_score" and "_source" in value:  # how well a search fits, and no stars
            continue
        name = f"{prefix}{key}"
        opened = _open_typed(inner)
        if isinstance(opened, dict) and depth < _MAXIMUM_DEPTH and opened:
            flat.update(_flatten(opened, f"{name}.", depth + 1))
        else:
            flat[_whole(name)] = _as_string(opened)
    return flat


def _open_typed(value: object) -> object:
    """Return what MongoDB writes with its type, as ``{"$oid": "5f…"}``, or Scrapy as ``["慢"]``."""
    while isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        value = next(iter(value.values()))
    is_wrapped = isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)
    return value[0] if is_wrapped and isinstance(value, list) else value


def _as_string(value: object) -> str | None:
    if isinstance(value, str):
        return _whole(value)
    if value is None or value == []:
        return None
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        pieces = [one.keys() <= _PIECE and one.get("text") if isinstance(one, dict) else one
                  for one in value]  # fmt: skip
        if all(isinstance(piece, str) for piece in pieces):  # a text with its look, of Telegram
            return _whole("".join(map(str, pieces)))
    if isinstance(value, bool):
        return "true" if value else "false"
    return _whole(json.dumps(value, ensure_ascii=False))


def _whole(text: str) -> str:
    """Join the halves of a character that was escaped as two; drop a half alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text


def _find_records(document: object) -> list[object]:
    """Return the records in a JSON document, whichever way it holds them.

    They are the longest list of texts in it with those of like keys, and the records of pages
    if it is a list of pages. A table by column or by row, as pandas writes it, is turned into
    records. Records of other lists that hold texts come as the reason why they are not read.
    """
    if isinstance(document, list):
        return [record for item in document for record in open_page(item)]
    if not isinstance(document, dict):
        return []
    by_id = _read_by_id(document) or _open_answers(document)
    if by_id or is_record(document):
        return by_id or _open_replies(document)
    lists = _lists(document, 0)
    texts = [found for found in lists if any(map(_holds_text, found))]
    found = _join_lists(texts) if texts else max(lists, key=len, default=[])
    return _read_columns(document) or _find_records(found) or ([document] if document else [])


def _open_answers(document: dict[str, object]) -> list[object]:
    """Return the records of the answers that a browser's log of a page (HAR) holds as JSON."""
    log = document.get("log")
    entries = log.get("entries") if isinstance(log, dict) else None
    found = []
    for entry in entries if isinstance(entries, list) else ():
        flat = _flatten(entry) if isinstance(entry, dict) else {}
        body = flat.get("response.content.text") or ""
        if flat.get("response.content.encoding") == "base64":
            body = base64.b64decode(body + "==").decode("utf-8", "replace")
        with suppress(ValueError, RecursionError):  # most answers are pages and pictures
            found.append(_find_records(_DECODER.decode(body)))
    return _join_lists([records for records in found if any(map(_holds_text, records))])


def open_page(item: object) -> list[object]:
    """Return the records of an element of a list: it and its replies, or those of its page."""
    if not isinstance(item, dict):
        return [item]
    page = [] if is_record(item) else _lists(item, 0)
    records = _join_lists([found for found in page if any(map(_holds_text, found))])
    return [one for record in records or [item] for one in _open_replies(record)]


def _open_replies(item: object) -> list[object]:
    """Return a post and, behind it, the replies and comments that stand in lists within it."""
    opened: list[object] = []
    waiting = [item]
    while waiting:
        post, replies = _take_replies(waiting.pop())
        opened.append(post)
        waiting += reversed(replies)
    return opened


class _Within(dict[str, object]):
    """An object that stood in a list within another, to be counted apart."""


def _take_replies(item: object) -> tuple[object, list[object]]:
    """Return a post with the length of its lists of replies in their place, and the replies.

    Such a list is called so, and has the post's own names for its text and for who wrote it or
    when. A reply is a reason where most of its other names are not the post's, and below a review:
    it has no rating, and is mostly the shop's answer.
    """
    if not isinstance(item, dict):
        return item, []
    lists = {key: value for key, value in item.items() if isinstance(value, list) and value}
    if not any(map(_names_replies, lists)):
        return item, []
    texts = {key for key in item if key in _TEXT_KEYS or _names_text(key)}
    signs = {key for key in item if _names_writing(key)}
    own, found = type(item)(item), list[object]()
    for key, inner in lists.items():
        names = _keys_of(inner)
        if not (_names_replies(key) and names & texts and names & signs):
            continue
        own[key] = str(len(inner))
        if any(map(_names_rating, item.keys() - names)):
            found += [_ANSWER] * len(inner)
        elif len(names & item.keys()) * 2 > len(names):
            found += [_Within(one) if isinstance(one, dict) else one for one in inner]
        else:
            found += [_BELOW] * len(inner)
    return own, found


def _join_lists(lists: list[list[object]]) -> list[object]:
    """Return the longest list with those of like keys, and a reason for each record of another."""
    longest = max(lists, key=len, default=[])
    keys = _keys_of(longest)
    joined: list[object] = []
    left = 0
    for found in lists:
        own = _keys_of(found)
        if len(own & keys) * 2 > len(own | keys):
            joined += found
        else:
            left += len(found)
    return joined + [_BESIDE] * left


def _keys_of(records: list[object]) -> set[str]:
    return {key for record in records[:_KEYS_ASKED] if isinstance(record, dict) for key in record}


def is_record(item: object, depth: int = 0) -> bool:
    """Tell whether an object is one post and no page of them: it, or a part of it, has a text."""
    if not isinstance(item, dict) or depth > _MAXIMUM_DEPTH:
        return False
    for key, value in item.items():
        if isinstance(value, dict):
            if not _read_by_id(value) and is_record(value, depth + 1):
                return True
        elif not isinstance(value, list) and (key in _RECORD_KEYS or _names_text(key, ranks=1)):
            return True
    return False


def _holds_text(item: object) -> bool:
    return is_record(item) or (isinstance(item, dict) and any(map(_names_text, item)))


@lru_cache(4096)
def _names_text(key: str, ranks: int = 2) -> bool:
    """Tell whether a name stands in the first ranks of those of texts."""
    return any(fold_name(key) in rank for rank in load_names()["text"][:ranks])


@lru_cache(4096)
def _names_writing(key: str) -> bool:
    """Tell whether a name stands among those of times of publication or of authors."""
    names = load_names()
    return any(fold_name(key) in rank for rank in (*names["published_at"], *names["author"]))


def _names_replies(key: str) -> bool:
    return _REPLIES.search(key) is not None


@lru_cache(4096)
def _names_rating(key: str) -> bool:
    return any(fold_name(key) in rank for rank in load_names()["rating"])


def _lists(value: object, depth: int) -> list[list[object]]:
    if not isinstance(value, dict) or depth > _MAXIMUM_DEPTH:
        return []
    lists = []
    for inner in value.values():
        if isinstance(inner, list) and inner and all(isinstance(item, dict) for item in inner):
            lists.append(inner)
        elif isinstance(inner, dict) and (by_id := _read_by_id(inner)):
            lists.append(by_id)
            continue
        lists += _lists(inner, depth + 1)
    return lists


def _names_columns(row: object) -> bool:
    """Tell whether a list of cells names columns, a text among them."""
    return (
        isinstance(row, list)
        and all(isinstance(name, str) for name in row)
        and any(map(_names_text, row))
    )


def _name_cells(names: Sequence[str], row: object) -> object:
    """Return a list of cells as a record; anything else as it is."""
    return dict(zip(names, row, strict=False)) if isinstance(row, list) else row


def _read_columns(document: dict[str, object]) -> list[object]:
    """Return a table by column as records: cells by row, in lists, or rows under `columns`."""
    names, rows = document.get("columns"), document.get("data")
    if isinstance(names, list) and isinstance(rows, list) and _names_columns(names):
        return [_name_cells(names, row) for row in rows]
    columns = {name: cells for name, value in document.items() if (cells := _by_row(value))}
    sizes = {len(cells) for cells in columns.values()}
    if len(columns) < 2 or len(sizes) > 1 or not any(map(_names_text, columns)):
        return []
    keys = next(iter(columns.values()))
    return [{name: cells.get(key) for name, cells in columns.items()} for key in keys]


def _read_by_id(document: dict[str, object]) -> list[object]:
    """Return the records that stand under their ids, none if an object is no such list.

    A post and the one it answers have like keys, too: a few are no list unless ids name them.
    """
    records = list(document.values())
    keys = _keys_of(records)
    alike = (isinstance(one, dict) and len(one.keys() & keys) * 2 > len(keys) for one in records)
    is_list = len(records) >= _FEWEST_BY_ID or all(any(map(str.isdigit, key)) for key in document)
    if not is_list or not any(map(_names_text, keys)) or not all(alike):
        return []
    return [{"id": key, **one} for key, one in document.items() if isinstance(one, dict)]


def _by_row(column: object) -> dict[str, object]:
    """Return the cells of a column by row, none if it holds none."""
    if isinstance(column, list):
        column = {str(row): cell for row, cell in enumerate(column)}
    if not isinstance(column, dict) or any(isinstance(cell, dict) for cell in column.values()):
        return {}
    return column if all(key.isdigit() for key in column) else {}


_FEWEST_BY_ID = 4  # under names without a digit
_ADDRESS = re.compile(r"\w+://\S+$")
_ENDS_OR_GOES_ON = re.compile(r"\s*$|[ ,]*\r?\n\s*\[")
_BETWEEN, _TRAILING = re.compile(r"[ \t\r\n,]*"), re.compile(r"[\])};, \t\r\n\0]*")
_BROKEN = "not JSON"
_TOO_DEEP = "JSON nested too deeply"
_BLOCK = 1 << 22
_LONGEST = 1 << 25  # bytes of a line, characters of an element
_LONGEST_OBJECT = 1 << 28  # bytes, which take some five times as much in memory
_TOO_LONG = f"a record of more than {_LONGEST >> 20} MiB"
_LONGEST_TOKEN = 16  # characters of a name of JSON, or an escaped one
_RECORDS_A_PIECE = 1_000
_ROW_OF_TEXTS, _NEXT_ROW = re.compile(r'\[\s*"'), re.compile(rf"{_BETWEEN.pattern}\[")


def json_table(text: DelimitedText) -> KeyedTable:
    """Return a JSON or JSONL file as a table of records."""
    path = text.export.path
    is_lines = _looks_like_lines(text)
    container = "jsonl" if is_lines else "json"
    read = _read_lines if is_lines else _read_document
    return KeyedTable(path, container, None, lambda: read(text))


def looks_like_json(start: bytes) -> bool:
    r"""Tell whether a text file begins as a JSON object or array."""
    text = start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\x1e \t\r\n")
    if text.startswith(b"{"):
        return text[1:].lstrip()[:1] in (b'"', b"}", b"")
    inner = text[1:].lstrip()
    return text.startswith(b"[") and (inner[:1] in (b"{", b"[", b"]", b"") or _lists_texts(inner))


def _lists_texts(inner: bytes) -> bool:
    """Tell whether an array begins with a text; a cell of a table may begin with `["`, too."""
    try:
        _, end = _DECODER.raw_decode(text := inner.decode("utf-8", "ignore"))
    except (ValueError, RecursionError):
        return False
    if not inner.startswith(b'"') or text[end:].lstrip()[:1] not in (",", "]"):
        return False
    try:
        _, end = _DECODER.raw_decode(f"[{text}")
    except (ValueError, RecursionError):
        return True  # it goes on beyond the sample, or is broken
    return _ENDS_OR_GOES_ON.match(text, end - 1) is not None


def _looks_like_lines(text: DelimitedText) -> bool:
    lines = [line for line in _first_lines(text) if line.strip()]
    if not lines or not lines[0].lstrip(b" \t\r\x1e").startswith(b"{") or not _is_object(lines[0]):
        return False
    first = _decode(lines[0])
    return len(lines) > 1 or _find_records(first) == [first]


def _first_lines(text: DelimitedText) -> list[bytes]:
    block = next(iter(text.blocks()), b"")
    return block.split(b"\n", 20)[:20]


def _decode(line: bytes) -> object:
    try:
        return _DECODER.raw_decode(line.decode("utf-8", "ignore").strip(" \t\r\x1e"))[0]
    except (ValueError, RecursionError):
        return None


def _is_object(line: bytes) -> bool:
    record, reason = next(_read_line(line, errors="ignore"))
    return record is not None or reason == _TOO_DEEP


def _read_lines(text: DelimitedText) -> Iterator[Record]:
    for line in _whole_lines(text.blocks()):
        if line is None:
            yield None, _TOO_LONG
        else:
            yield from _read_line(line)


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes | None]:
    """Yield lines, None for one that is too long to be held."""
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        *lines, rest = block.split(b"\n")
        for line in lines:
            size += len(line)
            yield b"".join([*waiting, line]) if size <= _LONGEST else None
            waiting, size = [], 0
        size += len(rest)
        waiting = [*waiting, rest] if size <= _LONGEST else []
    if size:
        yield b"".join(waiting) if size <= _LONGEST else None


def _read_line(content: bytes, errors: str = "strict") -> Iterator[Record]:
    """Yield the records of a line: one, or those of the page that it is."""
    line = content.decode("utf-8", errors).strip().lstrip("\ufeff\x1e").lstrip()
    if not line:
        yield None, None
        return
    try:
        value, end = _DECODER.raw_decode(line)
    except (ValueError, RecursionError) as error:
        yield None, _TOO_DEEP if isinstance(error, RecursionError) else _BROKEN
        return
    if not isinstance(value, dict) or line[end:].strip(" ,"):
        yield None, _BROKEN
    else:
        yield from as_records(open_page(value))


def _read_document(text: DelimitedText) -> Iterator[Record]:
    window = _Window(text.blocks(_BLOCK), _LONGEST)
    if _begins_too_long(window):
        yield from _read_elsewhere(text)
    else:
        yield from _decode_all(window)


class _Window:
    """The part of a text that is held: no more of it than one element may take."""

    def __init__(self, blocks: Iterable[bytes], most: int) -> None:
        self._blocks = iter(blocks)
        self._most = most
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._passed = 0
        self._is_whole = False
        self._ahead: tuple[int, object, int] | None = None
        self.text, self.at = "", 0
        while self.text.strip("\ufeff") == "" and self.grow():
            self.text = self.text.lstrip("\ufeff")

    def place(self) -> int:
        """Count the characters before this one."""
        return self._passed + self.at

    def grow(self) -> bool:
        """Double what is held; return False where no more is there, or would be too much."""
        if self._is_whole or len(self.text) - self.at > self._most:
            return False
        held = [self.text] if self.text else []
        wanted = max(len(self.text) - self.at, 1)
        while wanted > 0 and not self._is_whole:
            block = next(self._blocks, None)
            held.append(self._decoder.decode(block or b"", final=block is None))
            wanted -= len(held[-1])
            self._is_whole = block is None
        self.text = "".join(held)
        return True

    def slide(self) -> None:
        """Let go of what is behind, where it is more than what is still to be read."""
        if self.at > len(self.text) // 2:
            self._passed += self.at
            self.text, self.at = self.text[self.at :], 0

    def skip(self, passed: re.Pattern[str] = _BETWEEN) -> bool:
        """Go on to the next character that is none of these; return False at the end."""
        while True:
            found = passed.match(self.text, self.at)
            self.at = self.at if found is None else found.end()
            if self.at < len(self.text):
                return True
            self.slide()
            if not self.grow():
                return False

    def starts(self, character: str) -> bool:
        """Tell whether this character is the next one."""
        return self.text.startswith(character, self.at)

    def decode(self) -> object:
        """Return the value that begins here, and go on behind it."""
        if self._ahead is not None and self._ahead[0] == self.place():
            (_, value, length), self._ahead = self._ahead, None
            self.at += length
            return value
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not (self._is_cut(error) and self.grow()):
                    raise
                continue
            # A number may go on: what follows it is cut, too.
            is_cut = end > len(self.text) - _LONGEST_TOKEN
            if is_cut and not isinstance(value, dict | list) and self.grow():
                continue
            self.at = end
            return value

    def look_ahead(self) -> None:
        """Decode the value that begins here, which is then to be decoded."""
        begun = self.at
        value = self.decode()
        self._ahead = (self._passed + begun, value, self.at - begun)
        self.at = begun

    def is_too_long(self, error: Exception) -> bool:
        """Tell whether a value was not read because it goes on beyond what is held."""
        is_cut = isinstance(error, json.JSONDecodeError) and self._is_cut(error)
        return is_cut and not self._is_whole

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        is_at_end = error.pos >= len(self.text) - _LONGEST_TOKEN
        return is_at_end or error.msg.startswith("Unterminated")

    def find_next(self, known: set[str]) -> bool:
        """Go to where the next element of an array begins after one that cannot be read.

        It is the next object with the keys of those before: inner objects have others.
        """
        tried = 0
        while True:
            for end in _NEXT_OBJECT.finditer(self.text, self.at):
                if tried == _MOST_REPAIRS:
                    return False
                tried += 1
                try:
                    value, _ = _DECODER.raw_decode(self.text, end.end())
                except (ValueError, RecursionError):
                    continue
                if len(_keys_of([value]) & known) * 2 >= max(len(known), 1):
                    self.at = end.end()
                    return True
            # What is cut at the end of this part may be whole in the next.
            self.at += (len(self.text) - self.at) // 2
            self.slide()
            if not self.grow():
                return False


def _begins_too_long(text: _Window) -> bool:
    """Tell whether the document, or its first element, is longer than what may be held."""
    text.skip()
    begun = text.at
    text.at += text.starts("[")
    try:
        text.look_ahead()
    except (ValueError, RecursionError) as error:
        return text.is_too_long(error)
    finally:
        text.at = begun
    return False


def _read_elsewhere(text: DelimitedText) -> Iterator[Record]:
    """Read a document that must be held whole in a process that may hold only so much."""
    where = str(text.export.path)
    pieces = run_confined(
        f"{__name__}:open_document",
        _bounded_blocks(text),
        kind="a JSON file that is one object",
        where=where,
        size=text.export.size,
    )
    for piece in pieces:
        for values, reason, is_reply in piece:
            yield (Reply(values) if is_reply else values), reason


def _bounded_blocks(text: DelimitedText) -> Iterator[bytes]:
    held = 0
    for block in text.blocks():
        held += len(block)
        if held > _LONGEST_OBJECT:
            raise CaodianError(
                f"a JSON file that is one object must have {_LONGEST_OBJECT >> 20} MiB at most",
                value=str(text.export.path),
                remedy="Write it as JSONL, one object a line.",
            )
        yield block


def open_document(source: bytes) -> Iterator[list[tuple[object, str | None, bool]]]:
    """Yield the records of a document in pieces; runs in a process of its own."""
    piece: list[tuple[object, str | None, bool]] = []
    for values, reason in _decode_all(_Window([source], len(source))):
        piece.append((values, reason, isinstance(values, Reply)))
        if len(piece) == _RECORDS_A_PIECE:
            yield piece
            piece = []
    yield piece


def _decode_all(text: _Window) -> Iterator[Record]:
    """Yield the elements of an array one by one, or the records of each document."""
    text.skip()
    is_array = text.starts("[")
    is_rows = is_array and _holds_rows(text)
    text.at += is_array and not is_rows
    names: list[str] | None = None
    known: set[str] = set()
    is_of_texts: bool | None = None
    repairs = 0
    while text.skip():
        text.slide()
        if is_array and not is_rows and text.starts("]"):
            text.at += 1
            is_more = text.skip()
            if text.starts("["):  # arrays one below the other
                text.at += 1
            elif not text.starts("{"):
                begun = text.place()
                if is_more and text.skip(_TRAILING):
                    yield None, f"{_BROKEN} from character {begun + 1} to the end"
                return
            continue
        begun = text.place()
        try:
            value = text.decode()
        except (ValueError, RecursionError) as error:
            why = _TOO_DEEP if isinstance(error, RecursionError) else _BROKEN
            why = _TOO_LONG if text.is_too_long(error) else why
            if not (is_array and repairs < _MOST_REPAIRS and text.find_next(known)):
                yield None, f"{why} from character {begun + 1} to the end"
                return
            yield None, f"{why} from character {begun + 1} to {text.place()}"
            repairs += 1
            continue
        is_of_texts = isinstance(value, str) if is_of_texts is None else is_of_texts
        if is_array and is_of_texts and isinstance(value, str) and not _ADDRESS.match(value):
            value = {"text": value}
        known = known or _keys_of([value])
        if not is_array:
            yield from as_records(_find_records(value))
        elif names is None and isinstance(value, list) and _names_columns(value):
            names = value
        else:
            yield from as_records(open_page(value if names is None else _name_cells(names, value)))


def _holds_rows(text: _Window) -> bool:
    """Tell whether lists of cells stand one below the other, as rows of a table do."""
    begun = text.at
    if _ROW_OF_TEXTS.match(text.text, begun) is None:
        return False
    try:
        text.decode()
    except (ValueError, RecursionError):
        return False
    is_followed = _NEXT_ROW.match(text.text, text.at) is not None
    text.at = begun
    return is_followed


def as_records(items: list[object]) -> Iterator[Record]:
    """Yield objects as values by key; anything else as the reason why it is none."""
    for item in items:
        try:
            if isinstance(item, dict):
                flat = _flatten(item)
                yield Reply(flat) if isinstance(item, _Within) else flat, None
            else:
                yield None, item if item in (_BESIDE, _BELOW, _ANSWER) else "no JSON object"
        except RecursionError:
            yield None, _TOO_DEEP
