"""JSON values as strings by key: nested keys joined by a dot, and no number through a float."""

from __future__ import annotations

import json

MAXIMUM_DEPTH = 3
RECORD_KEYS = frozenset(("text", "content", "content_text", "desc", "sn", "_id", "正文", "内容"))
"""An object with one of these is a record itself, whatever lists it holds."""

DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)
"""Numbers stay the text they were written as: an id of 16 digits is no float."""


def flatten(value: dict[str, object], prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    """Return the values of an object as strings.

    Examples
    --------
    >>> flatten({"id": "1", "user": {"_id": "7"}, "pics": ["a"], "ok": True})
    {'id': '1', 'user._id': '7', 'pics': '["a"]', 'ok': 'true'}
    """
    flat: dict[str, str | None] = {}
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict) and depth < MAXIMUM_DEPTH and inner:
            flat.update(flatten(inner, f"{name}.", depth + 1))
        else:
            flat[_whole(name)] = _as_string(inner)
    return flat


def _as_string(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else _whole(value)
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


def find_records(document: object) -> list[object]:
    """Return the list of records in a JSON document: the longest list of objects.

    Examples
    --------
    >>> find_records({"code": "0", "result": {"data": {"lists": [{"id": "1"}]}}})
    [{'id': '1'}]
    >>> find_records({"text": "慢"})
    [{'text': '慢'}]
    """
    if isinstance(document, list):
        return document
    if isinstance(document, dict) and RECORD_KEYS & set(document):
        return [document]
    found = max(_lists(document, 0), key=len, default=[])
    return found or ([document] if isinstance(document, dict) and document else [])


def _lists(value: object, depth: int) -> list[list[object]]:
    if not isinstance(value, dict) or depth > MAXIMUM_DEPTH:
        return []
    lists = []
    for inner in value.values():
        if isinstance(inner, list) and inner and all(isinstance(item, dict) for item in inner):
            lists.append(inner)
        lists += _lists(inner, depth + 1)
    return lists
