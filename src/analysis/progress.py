"""Progress on stderr when a person is watching, silence otherwise."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_state = {"quiet": False}


def set_quiet(quiet: bool) -> None:
    """Switch all progress bars off, as `--quiet` asks."""
    _state["quiet"] = quiet


def is_quiet() -> bool:
    """Return whether `--quiet` was asked for."""
    return _state["quiet"]


def track(
    items: Iterable[Item], *, total: int | None = None, description: str = ""
) -> Iterator[Item]:
    """Yield the items, with a bar on stderr when it is a terminal.

    Examples
    --------
    >>> list(track([1, 2], description="scoring"))
    [1, 2]
    """
    if _state["quiet"] or not sys.stderr.isatty():
        yield from items
        return
    from tqdm import tqdm

    yield from tqdm(items, total=total, desc=description, file=sys.stderr, unit_scale=True)
