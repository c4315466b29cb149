"""Work ahead on a few items at once, handing the results out in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


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
