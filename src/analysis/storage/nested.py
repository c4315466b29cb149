"""Lists and objects in each format: native, joined with `;`, or a JSON string."""

from __future__ import annotations

import json

import polars as pl

from analysis.schema.definition import column


def objects_to_strings(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn struct columns into JSON strings, as objects are kept in memory.

    Examples
    --------
    >>> objects_to_strings(pl.DataFrame({"scores": [{"price": 0.5}]}))["scores"][0]
    '{"price":0.5}'
    """
    structs = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]
    return frame.with_columns(
        pl.Series(name, [_without_nulls(value) for value in frame[name]], dtype=pl.String)
        for name in structs
    )


def join_lists(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn list columns into `;`-joined strings; the empty list is an empty cell.

    Examples
    --------
    >>> frame = pl.DataFrame({"grievances": [["price", "delivery"], []]})
    >>> join_lists(frame)["grievances"].to_list()
    ['price;delivery', None]
    """
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    joined = [pl.col(name).cast(pl.List(pl.String)).list.join(";") for name in lists]
    return frame.with_columns(
        pl.when(text == "").then(None).otherwise(text).name.keep() for text in joined
    )


def embed_object(name: str, value: str | None) -> object:
    """Return the object behind a JSON string when the column is one of ours, else the value.

    Examples
    --------
    >>> embed_object("scores", '{"price":0.5}')
    {'price': 0.5}
    """
    definition = column(name)
    if value is None or definition is None or definition.type != "object":
        return value
    return json.loads(value)


def _without_nulls(value: dict[str, object] | None) -> str | None:
    """Drop the nulls that a struct column invents for keys of other rows."""
    if value is None:
        return None
    kept = {key: part for key, part in value.items() if part is not None}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
