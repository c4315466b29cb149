"""Partitions: one Parquet file each, read lazily as one table, and the executors they run on.

A folder may stand on this machine or, for a cluster, in any storage that fsspec knows
(`s3://bucket/run`): it then is a `UPath`, which has the methods of `pathlib.Path`.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess, parent_process
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from analysis.errors import CaodianError
from analysis.schema.tables import table
from analysis.storage.write import to_the_end

# Columns of few values or of many nulls, which a dictionary makes small.
_REPETITIVE = (
    *("source", "source_format", "source_file", "kind", "channel", "region", "author_type"),
    *("published_precision", "like_count", "comment_count", "share_count", "title", "demand"),
    *("status", "masked"),
)


def open_folder(address: str | Path) -> Path:
    """Return a folder of this machine, or of the storage that a URL names.

    Raises
    ------
    CaodianError
        When the package for this kind of storage is not installed.

    Examples
    --------
    >>> open_folder("data/processed").as_posix()
    'data/processed'
    """
    if "://" not in str(address):
        return Path(address)
    try:
        from upath import UPath

        folder = UPath(address)
        folder.exists()
    except (ImportError, ValueError) as error:
        raise CaodianError(
            "storage by URL needs the extra `cluster` and the fsspec package of its protocol",
            value=str(address),
            where=str(error),
            remedy="pip install .[cluster], and for s3:// also s3fs.",
        ) from None
    return cast(Path, folder)


def partition_path(folder: Path, *numbers: int) -> Path:
    """Return the file of a partition, by its number or by that of its table and its own."""
    return folder / f"part-{'-'.join(f'{number:05d}' for number in numbers)}.parquet"


def renew_folder(folder: Path) -> Path:
    """Empty a folder that a step writes anew, so that no partition of an older run is left."""
    remove_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder and all in it; it need not be there."""
    if isinstance(folder, Path):
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists():
        folder.fs.rm(folder.path, recursive=True)


@contextmanager
def renewing(target: Path) -> Iterator[Path]:
    """Give a fresh folder, and put it in the place of the old one when all was written."""
    fresh = renew_folder(target.with_name(f".{target.name}.new"))
    try:
        yield fresh
        remove_folder(target)
        fresh.replace(target)
    finally:
        to_the_end(lambda: remove_folder(fresh))


def partition_files(folder: Path) -> list[Path]:
    """Return the partitions of a folder in order."""
    return sorted(folder.glob("part-*.parquet"), key=lambda path: path.name)


def largest_first(files: list[Path]) -> list[Path]:
    """Return files by size: where the last tasks are short, no worker waits long for another."""
    return sorted(files, key=lambda path: path.stat().st_size, reverse=True)


def write_partition(posts: pl.DataFrame, path: Path) -> None:
    """Write one partition; it appears when it is whole, so a killed worker leaves no half of it."""
    partial = path.with_name(f".{path.name}.partial")
    # A URL is read as a data set of Arrow, which cannot filter the newest type of strings.
    level = pl.CompatLevel.newest() if isinstance(path, Path) else pl.CompatLevel.oldest()
    with partial.open("wb") as stream:
        # Read once or twice by the next steps: speed counts more than size.
        pq.write_table(
            posts.to_arrow(compat_level=level),
            stream,
            compression="none",
            write_statistics=False,
            use_dictionary=[name for name in _REPETITIVE if name in posts.columns],
        )
    partial.rename(path)


def read_partition(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """Read one partition, or some columns of it."""
    if isinstance(path, Path):
        return pl.read_parquet(path, columns=columns, glob=False)
    with path.open("rb") as stream:
        return pl.read_parquet(stream, columns=columns)


def scan_partitions(folder: Path) -> pl.LazyFrame:
    """Return all partitions as one lazy table."""
    files = partition_files(folder)
    if not files:
        return pl.LazyFrame(schema=table("posts").polars_schema)
    if isinstance(folder, Path):
        return pl.scan_parquet(files, glob=False)
    names = [path.path for path in files]
    return pl.scan_pyarrow_dataset(ds.dataset(names, format="parquet", filesystem=folder.fs))


def take_present(posts: pl.LazyFrame, names: Iterable[str]) -> pl.LazyFrame:
    """Take those of these columns that are there: all columns of a million posts fill memory."""
    present = posts.collect_schema()
    return posts.select(name for name in dict.fromkeys(names) if name in present)


# Where partitions run: a local pool, or the executor of a Dask cluster. One code path for both.

Result = TypeVar("Result")

# Tasks asked for ahead, a thread: enough that none idles while an earlier, longer one is awaited.
_AHEAD = 2


@contextmanager
def open_executor(scheduler: str | None = None) -> Iterator[Executor]:
    """Yield a pool of threads, or the executor of the Dask scheduler at this address.

    Threads suffice on one machine: the kernels and Polars release the interpreter's lock.
    """
    if scheduler is None:
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            yield pool
        return
    with _connect(scheduler) as client:
        yield _ClusterExecutor(client)


class _ClusterExecutor(Executor):
    """The executor of a Dask client, which knows how many threads its workers have."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - a class of an optional package
        self._client = client
        # A pure task is named by a digest of all its posts, which takes longer than masking them.
        self._executor: Executor = client.get_executor(pure=False)

    @property
    def threads(self) -> int:
        """Threads of all workers that are there now."""
        return sum(self._client.nthreads().values())

    def submit(
        self, fn: Callable[..., Result], /, *args: object, **kwargs: object
    ) -> Future[Result]:
        """Run a function on some worker."""
        return self._executor.submit(fn, *args, **kwargs)


@contextmanager
def reading_executor(executor: Executor, exports: Sequence[Path]) -> Iterator[Executor]:
    """Yield where the exports are read: where the stages run, or here if they are not seen there.

    Workers that see the exports read them alone, so unmasked posts never cross the network.
    """
    if executor.submit(_are_there, [str(path) for path in exports]).result():
        yield executor
        return
    with open_executor() as here:
        yield here


def _are_there(paths: Sequence[str]) -> bool:
    return all("://" in path or Path(path).exists() for path in paths)


@contextmanager
def open_processes(most: int | None = None) -> Iterator[Executor]:
    """Yield a pool of processes, for work that holds the interpreter's lock.

    The processes are started afresh: a fork would copy locks that a thread holds. They import
    this package and not the caller's script, so a script needs no `if __name__ == "__main__"`.
    They end with the one that started them, also where that is killed: what they go on to write
    would stand among the files of the next run.
    """
    workers = most or os.cpu_count() or 1
    context = _Afresh()
    try:
        with ProcessPoolExecutor(workers, context, _end_with_parent) as pool:
            try:
                yield pool
            except KeyboardInterrupt:  # or the pool would wait until all that was asked is done
                context.end()
                raise
    except BrokenProcessPool:
        raise CaodianError(
            "the processes that share the work must live until it is done",
            where="one of them was ended, mostly for want of memory",
            remedy="Free some memory, or ask for less at once (a smaller --scale).",
        ) from None


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_await_end, args=(parent.sentinel,), daemon=True).start()


def _await_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def run_apart(
    function: Callable[..., Result],
    *arguments: object,
    beside: Path | None = None,
    many: bool = False,
    **named: object,
) -> Result:
    """Call a function, where it works on many posts in a process of its own.

    What is freed after millions of posts does not all go back to the system, and would be held
    while the next step works; all that a process holds goes back when it ends.
    """
    if beside is not None:
        many = scan_partitions(beside).select(pl.len()).collect().item() >= MANY_POSTS
    if not many:
        return function(*arguments, **named)
    with open_processes(1) as pool:
        return pool.submit(function, *arguments, **named).result()


MANY_POSTS = 1_000_000


@contextmanager
def open_worker(
    scheduler: str | None = None, *, apart: bool = False
) -> Iterator[Callable[..., Any]]:
    """Yield what runs a function that takes an `executor` besides its arguments."""
    if apart and scheduler is None:
        yield lambda function, *given, **named: run_apart(
            _on_threads, function, *given, many=True, **named
        )
        return
    with open_executor(scheduler) as executor:
        yield lambda function, *given, **named: function(*given, **named, executor=executor)


def _on_threads(function: Callable[..., Result], *arguments: object, **named: object) -> Result:
    with open_executor() as executor:
        return function(*arguments, **named, executor=executor)


class _Process(SpawnProcess):
    """A fresh process that does not run the script of its parent again.

    A spawned process imports its parent's main module, so that a script without `if __name__ ==
    "__main__"` starts itself over and over, and one read from standard input cannot be found.
    What runs here is always a function of this package.
    """

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: ANN401, N802 - multiprocessing's hook
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            with _deaf_to_interrupts():
                return SpawnProcess._Popen(process_obj)
        finally:
            sys.modules["__main__"] = main


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes that begin now not hear Ctrl-C: the one that began them stops them.

    A terminal sends it to all of them, and each would print where it stood.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would take the mask off when it begins
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Afresh(SpawnContext):
    """Begins fresh processes, and knows them."""

    def __init__(self) -> None:
        super().__init__()
        self._begun: list[_Process] = []

    def Process(self, *given: Any, **named: Any) -> _Process:  # type: ignore[override]  # noqa: ANN401, N802
        process = _Process(*given, **named)
        self._begun.append(process)
        return process

    def end(self) -> None:
        """End all processes now."""
        for process in self._begun:
            process.terminate()


def _connect(scheduler: str) -> Any:  # noqa: ANN401 - a class of an optional package
    try:
        from distributed import Client
    except ImportError:
        raise CaodianError(
            "--scheduler needs the extra `cluster`", remedy="Install it: pip install .[cluster]"
        ) from None
    try:
        return Client(scheduler, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise CaodianError(
            "the Dask scheduler must be reachable", value=scheduler, where=str(error)
        ) from None


def map_bounded(
    executor: Executor,
    function: Callable[..., Result],
    calls: Iterable[tuple[Any, ...]],
    *,
    in_flight: int | None = None,
) -> Iterator[Result]:
    """Yield the results in the order of the calls, holding only a few partitions at once."""
    in_flight = in_flight or _AHEAD * _threads(executor)
    waiting: deque[Future[Result]] = deque()
    for call in calls:
        waiting.append(executor.submit(function, *call))
        if len(waiting) >= in_flight:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _threads(executor: Executor) -> int:
    if isinstance(executor, _ClusterExecutor):
        return max(executor.threads, 1)
    return os.cpu_count() or 1
