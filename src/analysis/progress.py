"""Go through many items: some of them in work ahead, and a bar for a person who watches."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

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


def prefetch(
    work: Callable[[Item], Result], items: Iterable[Item], *, ahead: int = 2
) -> Iterator[Result]:
    """Yield `work(item)` of each item in order, with a few of them in work at a time.

    Parameters
    ----------
    work
        Releases the interpreter most of the time, as Polars does.
    items
        Taken as the results are taken, so that memory stays flat.
    ahead
        Items in work; with 0 the caller itself works, one item after the other.

    Examples
    --------
    >>> list(prefetch(lambda number: number * 2, range(4)))
    [0, 2, 4, 6]
    """
    if not ahead:
        yield from map(work, items)
        return
    first, rest = _take_two(items)
    if rest is None:  # nothing can be done meanwhile, and a thread takes its time to start
        yield from map(work, first)
        return
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(max_workers=ahead) as pool:
        for item in chain(first, rest):
            waiting.append(pool.submit(work, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _take_two(items: Iterable[Item]) -> tuple[list[Item], Iterator[Item] | None]:
    """Return up to two items, and those after them where there are two."""
    rest = iter(items)
    first = list(islice(rest, 2))
    return first, rest if len(first) > 1 else None
