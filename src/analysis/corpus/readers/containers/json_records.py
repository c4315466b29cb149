"""JSON and JSONL files as records of strings."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.corpus.readers.containers.archive import MAXIMUM_HELD
from analysis.corpus.readers.containers.delimited import DelimitedText
from analysis.corpus.readers.containers.json_values import (
    DECODER,
    find_records,
    flatten,
    name_cells,
    names_columns,
    open_page,
)
from analysis.corpus.readers.containers.keyed import KeyedTable, Record
from analysis.errors import CaodianError

BROKEN = "not JSON"
TOO_DEEP = "JSON nested too deeply"


def json_table(text: DelimitedText) -> KeyedTable:
    """Return a JSON or JSONL file as a table of records."""
    path = text.export.path
    is_lines = _looks_like_lines(text)
    container = "jsonl" if is_lines else "json"
    read = _read_lines if is_lines else _read_document
    return KeyedTable(path, container, None, lambda: read(text))


def looks_like_json(start: bytes) -> bool:
    r"""Tell whether a text file begins as a JSON object or array.

    Examples
    --------
    >>> looks_like_json(b'\xef\xbb\xbf [{"id": 1}'), looks_like_json("[转发],1".encode())
    (True, False)
    """
    text = start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if text.startswith(b"{"):
        return text[1:].lstrip()[:1] in (b'"', b"}", b"")
    return text.startswith(b"[") and text[1:].lstrip()[:1] in (b"{", b"[", b"]", b"")


def _looks_like_lines(text: DelimitedText) -> bool:
    lines = [line for line in _first_lines(text) if line.strip()]
    if not lines or not lines[0].lstrip().startswith(b"{") or not _is_object(lines[0]):
        return False
    first = _decode(lines[0])
    return len(lines) > 1 or find_records(first) == [first]


def _first_lines(text: DelimitedText) -> list[bytes]:
    block = next(iter(text.blocks()), b"")
    return block.split(b"\n", 20)[:20]


def _decode(line: bytes) -> object:
    try:
        return DECODER.raw_decode(line.decode("utf-8", "ignore").strip())[0]
    except (ValueError, RecursionError):
        return None


def _is_object(line: bytes) -> bool:
    record, reason = next(_read_line(line, errors="ignore"))
    return record is not None or reason == TOO_DEEP


def _read_lines(text: DelimitedText) -> Iterator[Record]:
    carried = b""
    for block in text.blocks():
        *lines, carried = (carried + block).split(b"\n")
        for line in lines:
            yield from _read_line(line)
    if carried:
        yield from _read_line(carried)


def _read_line(content: bytes, errors: str = "strict") -> Iterator[Record]:
    """Yield the records of a line: one, or those of the page that it is."""
    line = content.decode("utf-8", errors).strip()
    if not line:
        yield None, None
        return
    try:
        value, end = DECODER.raw_decode(line)
    except (ValueError, RecursionError) as error:
        yield None, TOO_DEEP if isinstance(error, RecursionError) else BROKEN
        return
    if not isinstance(value, dict) or line[end:].strip(" ,"):
        yield None, BROKEN
    else:
        yield from _as_records(open_page(value))


def _read_document(text: DelimitedText) -> Iterator[Record]:
    content = b"".join(text.blocks())
    if len(content) > MAXIMUM_HELD:
        raise CaodianError(
            "a JSON file must be smaller than 1 GiB, since it is read as a whole",
            value=str(text.export.path),
            remedy="Write it as JSONL, one object a line.",
        )
    yield from _decode_all(content.decode().lstrip("\ufeff"))


def _decode_all(text: str) -> Iterator[Record]:
    """Yield the elements of an array one by one, or the records of each document."""
    at = _skip(text, 0)
    is_array = text.startswith("[", at)
    at += is_array
    names: list[str] | None = None
    while (at := _skip(text, at)) < len(text) and not (is_array and text[at] == "]"):
        try:
            value, at = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            deep = isinstance(error, RecursionError)
            yield None, f"{TOO_DEEP if deep else BROKEN} from character {at + 1} to the end"
            return
        if not is_array:
            yield from _as_records(find_records(value))
        elif names is None and names_columns(value):
            names = value
        else:
            yield from _as_records(open_page(value if names is None else name_cells(names, value)))


def _as_records(items: list[object]) -> Iterator[Record]:
    for item in items:
        try:
            yield (flatten(item), None) if isinstance(item, dict) else (None, "no JSON object")
        except RecursionError:
            yield None, TOO_DEEP


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at
