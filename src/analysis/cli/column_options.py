"""Options with which users say which column of an export is what."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

SINGLES = {
    "time": "Column that holds the time of publication; `none` where there is none.",
    "title": "Column that holds the title.",
    "id": "Column that holds the post's id.",
    "rating": "Column that holds the stars.",
    "author": "Column that holds the author's id or name; only a keyed hash of it is kept.",
    "region": "Column that holds the region.",
    "keyword": "Column that holds the search word that found the post.",
    "channel": "Column that holds the platform.",
}


def named_columns(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and hand them to the command as one `choice`."""

    @wraps(function)
    def with_choice(*given: object, text_columns: tuple[str, ...], **words: object) -> object:
        from analysis.corpus.ingest import ColumnChoice

        singles: dict[str, Any] = {name: words.pop(f"{name}_column") for name in SINGLES}
        return function(*given, choice=ColumnChoice(text=text_columns, **singles), **words)

    command: Callable[..., Any] = with_choice
    for name, about in reversed(SINGLES.items()):
        command = click.option(f"--{name}-column", help=about)(command)
    return click.option(
        "--text-column",
        "text_columns",
        multiple=True,
        help="Column that holds text; may be repeated.",
    )(command)
