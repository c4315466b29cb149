"""Go through many items: some of them in work ahead, and a line for a person who watches."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import parent_process
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_state = {"quiet": False, "at_work": False, "so_far": ""}


def set_quiet(quiet: bool) -> None:
    """Switch all progress off, as `--quiet` asks."""
    _state["quiet"] = quiet


def is_quiet() -> bool:
    """Return whether `--quiet` was asked for."""
    return bool(_state["quiet"])


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say on a terminal, every second, what is at work, how far, and for how long."""
    is_child = parent_process() is not None  # its parent already tells of the step
    if _state["quiet"] or _state["at_work"] or is_child or not sys.stderr.isatty():
        yield
        return
    ended, start = Event(), time.monotonic()

    def show() -> None:
        while not ended.wait(1):
            seconds = time.monotonic() - start
            _write(f"\r\x1b[K{name}{_state['so_far']} … {seconds:.0f} s")

    shown = Thread(target=show, daemon=True)
    _state.update(at_work=True, so_far="")
    shown.start()
    try:
        yield
    finally:
        ended.set()
        shown.join()
        _state["at_work"] = False
        _write("\r\x1b[K")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def track(
    items: Iterable[Item], *, total: int | None = None, description: str = ""
) -> Iterator[Item]:
    """Yield the items, and tell the stage that is at work, or one of its own, how far they are.

    Examples
    --------
    >>> list(track([1, 2], description="scoring"))
    [1, 2]
    """
    with stage(description):
        for number, item in enumerate(items, start=1):
            yield item
            _state["so_far"] = f" {number / total:.0%}" if total else f" {number:,}"
    _state["so_far"] = ""


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
