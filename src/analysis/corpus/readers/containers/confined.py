"""Work in a process of its own, held to bounds of time and memory.

Workbooks, Parquet files, databases and web pages are opened by libraries that a hostile or broken
file may make panic, abort, swell or run without end. There they do it in another process: what it
finds comes back piece by piece over a pipe, and whatever becomes of it ends in one sentence here.
Nothing is written to a disk.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import analysis
from analysis.errors import CaodianError

MOST_BYTES = 1_500_000_000
"""Memory of the process, a file."""
_FREE_SECONDS, _SECONDS_A_GB = 60.0, 60.0
_START_SECONDS = 60.0
_LOOK_EVERY = 0.02  # seconds
_LONGEST_LOOK = 5 * _LOOK_EVERY  # what passes beyond it, this process did not run either
_RESERVED_BYTES = 4 << 30  # of addresses beyond those at the start, used or not
_KEPT_BYTES = 150_000_000  # a process that holds more has not given back what a file took
_MOST_IDLE = 2
_IDLE_SECONDS = 20.0  # each holds 80 MB
_LAST_SECONDS = 1.0
_ITEM, _FRAME, _REFUSAL, _FAILURE, _END = b"J", b"F", b"R", b"X", b"."
_NEXT, _STOP = b"n", b"s"
_READY = b"\0ready to open files\0"
_LINE_BYTES = 4096

Piece = Any
"""What JSON holds, or the bytes of an Arrow stream."""


def check_growth(packed: int, unpacked: int, where: str) -> None:
    """Raise when unpacking grows beyond what text can be packed to."""
    if unpacked > _UNASKED_BYTES and unpacked > _MAXIMUM_RATIO * max(packed, 1):
        raise CaodianError(
            f"a packed file must not grow more than {_MAXIMUM_RATIO}-fold",
            value=f"{packed} bytes packed, {unpacked} or more unpacked",
            where=where,
            remedy="It looks like a zip bomb; unpack it by hand if you trust it.",
        )


_MAXIMUM_RATIO = 200
_UNASKED_BYTES = 16 << 20


def run_confined(
    work: str,
    source: str | Iterable[bytes],
    *,
    kind: str,
    where: str,
    size: int,
    asked: dict[str, Any] | None = None,
) -> Iterator[Piece]:
    """Yield what a function yields that runs in another process.

    The other process works only while this one waits for it, so that it is always watched.
    """
    told = _Told(kind, where, _FREE_SECONDS + _SECONDS_A_GB * size / 1e9)
    process = _take()
    is_well = False
    try:
        process.begin(told.seconds)
        process.ask(work, asked or {}, source)
        while True:
            mark, content = process.receive()
            if mark == _END:
                is_well = True
                return
            if mark in (_REFUSAL, _FAILURE):
                is_well = mark == _REFUSAL
                raise _refusal(mark, json.loads(content), told)
            is_well = True  # it waits, should nobody want more
            yield json.loads(content) if mark == _ITEM else content
            is_well = False
            process.send(_NEXT)
    except GeneratorExit:
        with contextlib.suppress(OSError):
            process.send(_STOP)
        raise
    except (OSError, EOFError, ValueError):
        raise process.epitaph(told) from None
    finally:
        _give_back(process, is_well=is_well)


class _Told:
    """What a sentence says of a file, and how long it may take."""

    def __init__(self, kind: str, where: str, seconds: float) -> None:
        self.kind = kind
        self.where = where
        self.seconds = seconds


def _refusal(mark: bytes, said: dict[str, Any], told: _Told) -> CaodianError:
    if mark == _REFUSAL:
        return CaodianError(**said)
    return (
        _too_much_memory(told)
        if said["is_memory"]
        else unreadable(told.kind, told.where, said["why"])
    )


def unreadable(kind: str, where: str, why: str) -> CaodianError:
    """Return what is said of a file that no rule of its kind describes."""
    return CaodianError(
        f"{kind} must be one that can be read",
        value=where,
        where=(why.splitlines() or [""])[0][:200],
        remedy="Export it again, or save its table as CSV.",
    )


def _too_much_memory(told: _Told) -> CaodianError:
    return CaodianError(
        f"{told.kind} must open within {MOST_BYTES / 1e9:g} GB of memory",
        value=told.where,
        where="it asks for more",
        remedy="Save its table as CSV, which is read piece by piece, or split it.",
    )


def _too_much_time(told: _Told) -> CaodianError:
    return CaodianError(
        f"{told.kind} of this size must open within {told.seconds:.0f} seconds",
        value=told.where,
        where="it takes longer",
        remedy="Save its table as CSV, or split it.",
    )


# The processes: a few idle ones are kept, since to start one takes a fifth of a second.

_idle: list[_Process] = []
_lock = threading.Lock()


def _take() -> _Process:
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.parent == os.getpid() and process.is_alive():
                return process
    return _Process()


def _give_back(process: _Process, *, is_well: bool) -> None:
    if is_well and process.is_alive() and (process.memory() or 0) < _KEPT_BYTES:
        with _lock:
            if len(_idle) < _MOST_IDLE:
                _idle.append(process)
                return
    process.end()


@atexit.register
def end_idle() -> None:
    """End the processes that nobody uses; the next file starts a fresh one."""
    with contextlib.suppress(IndexError):  # no lock: a fork may have copied it while it was held
        while process := _idle.pop():
            if process.parent == os.getpid():
                process.end()


def _forget(process: _Process) -> bool:
    """Tell whether a process was idle, which nobody can take any more now."""
    with _lock:
        if process not in _idle:
            return False
        _idle.remove(process)
        return True


# Where this interpreter finds the project by itself, the order of places stays: a package in one of
# them may be called like a module of the standard library.
_START = """
import os, sys
os.chdir({root!r})
if {root!r} not in sys.path:
    sys.path.insert(0, {root!r})
from analysis.corpus.readers.containers.confined import serve
serve()
"""


class _Process:
    """Another process, and what watches it while this one waits."""

    def __init__(self) -> None:
        self.parent = os.getpid()
        root = str(Path(analysis.__file__).parents[1].absolute())
        # Without buffers, what it says last is what ended it.
        command = [sys.executable, "-P", "-u", *_switches(), "-c", _START.format(root=root)]
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - this interpreter
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,  # until it is ready
                bufsize=0,
            )
        except OSError as error:
            raise _not_started(error.strerror or str(error)) from None
        self._requests = cast("io.RawIOBase", self._popen.stdin)
        self._answers = cast("io.RawIOBase", self._popen.stdout)
        self._waits = threading.Event()
        self._is_over = False
        self._waited = 0.0  # only the thread that watches writes it
        self.begin(_START_SECONDS)
        self._overstepped: Callable[[_Told], CaodianError] | None = None
        try:
            threading.Thread(target=self._watch, daemon=True).start()
            self._await_start()
        except (RuntimeError, OSError, EOFError) as error:
            self.end()
            raise _not_started(str(error)) from None
        except BaseException:
            self.end()
            raise

    def _await_start(self) -> None:
        """Wait until it is ready, past what packages print when an interpreter starts."""
        said = b""
        with self._waiting():
            while _READY not in said:
                block = self._answers.read(_LINE_BYTES)
                if not block:
                    is_late = self._overstepped is not None
                    raise EOFError("it takes longer" if is_late else _last_line(said))
                said = (said + block)[-2 * _LINE_BYTES :]

    def begin(self, seconds: float) -> None:
        """Give it so many seconds from now on."""
        self._seconds = seconds
        self._allowed = self._waited + seconds

    def ask(self, work: str, asked: dict[str, Any], source: str | Iterable[bytes]) -> None:
        """Send what is to be done."""
        path = source if isinstance(source, str) else None
        told = {"work": work, "asked": asked, "path": path, "seconds": self._seconds}
        self.send(_framed(json.dumps(told).encode()))
        if not isinstance(source, str):
            for block in source:
                if block:
                    self.send(_framed(block))
            self.send(_framed(b""))

    def send(self, content: bytes) -> None:
        """Write bytes, all of them."""
        rest = memoryview(content)
        with self._waiting():
            while rest:
                rest = rest[self._requests.write(rest) or 0 :]

    def receive(self) -> tuple[bytes, bytearray]:
        """Return the next answer: its mark and its content."""
        with self._waiting():
            mark = bytes(_read_exactly(self._answers, 1))
            return mark, _read_exactly(self._answers, _length(self._answers))

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        self._waits.set()
        try:
            yield
        finally:
            self._waits.clear()

    def _watch(self) -> None:
        while not self._is_over:
            if self._waits.wait(_IDLE_SECONDS):
                overstepped = self._look()
                if overstepped is not None:
                    self._overstepped = overstepped
                    self._popen.kill()
                    return
            elif _forget(self):
                self.end()

    def _look(self) -> Callable[[_Told], CaodianError] | None:
        begun = time.monotonic()
        time.sleep(_LOOK_EVERY)
        passed = min(time.monotonic() - begun, _LONGEST_LOOK)
        if self._is_over or not self._waits.is_set():
            return None
        self._waited += passed
        return self._find_overstepped()

    def _find_overstepped(self) -> Callable[[_Told], CaodianError] | None:
        if (self.memory() or 0) > MOST_BYTES:
            return _too_much_memory
        return _too_much_time if self._waited > self._allowed else None

    def memory(self) -> int | None:
        """Return the bytes of memory that it alone holds, None where that cannot be told."""
        return _memory(self._popen.pid)

    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self._popen.poll() is None

    def epitaph(self, told: _Told) -> CaodianError:
        """Say why it ended, when it did not mean to."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(_LAST_SECONDS)  # its pipes are closed some moments before
        ended = self._popen.poll()
        self.end()
        if self._overstepped is not None:
            return self._overstepped(told)
        if ended is None:
            return unreadable(told.kind, told.where, "what opens it has stopped answering")
        number = -ended
        if number == getattr(signal, "SIGXCPU", None):
            return _too_much_time(told)
        try:
            how = f"what opens it was ended by {signal.Signals(number).name}"
        except ValueError:
            how = "what opens it has ended"
        return unreadable(told.kind, told.where, how)

    def end(self) -> None:
        """End it, and give back what it holds."""
        self._popen.kill()
        self._popen.wait()
        self._is_over = True
        self._waits.set()
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()


def _switches() -> list[str]:
    """Return what this interpreter was told of where modules may come from."""
    named = {"-I": "isolated", "-E": "ignore_environment", "-s": "no_user_site"}
    return [switch for switch, name in named.items() if getattr(sys.flags, name)]


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").split("\n")
    full = [line.strip() for line in lines if line.strip()]
    last = full[-1][:200] if full else "it has ended"
    return "".join(character if character.isprintable() else " " for character in last)


def _not_started(why: str) -> CaodianError:
    return CaodianError(
        "another process must start, to open a file in",
        where=why,
        remedy="Close other programs, or save the table as CSV.",
    )


def _memory(process: int) -> int | None:
    if sys.platform == "linux":
        try:
            _, resident, shared, *_ = Path(f"/proc/{process}/statm").read_text().split()
        except (OSError, ValueError):
            return None
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    try:
        psutil = importlib.import_module("psutil")
        return int(psutil.Process(process).memory_info().rss)
    except Exception:
        return None


# What is said over the pipes: lengths before contents.

_LENGTH_BYTES = 8


def _framed(content: bytes) -> bytes:
    return len(content).to_bytes(_LENGTH_BYTES, "little") + content


def _length(stream: io.RawIOBase | io.BufferedIOBase) -> int:
    length = int.from_bytes(_read_exactly(stream, _LENGTH_BYTES), "little")
    if length > MOST_BYTES:
        raise ValueError("longer than what may be held")
    return length


def _read_exactly(stream: io.RawIOBase | io.BufferedIOBase, length: int) -> bytearray:
    content = bytearray(length)
    rest = memoryview(content)
    while rest:
        count = stream.readinto(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return content


# The other process.


def serve() -> None:
    """Do what is asked on standard input until it is closed; only a fresh process calls this."""
    for told in (signal.SIGINT, signal.SIGTERM):  # to all processes of a run
        signal.signal(told, signal.SIG_IGN)  # the one that watches decides
    requests = cast("io.BufferedReader", sys.stdin.buffer)
    # What a library prints is no answer.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    answers.write(_READY)
    answers.flush()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            told = json.loads(_read_exactly(requests, _length(requests)))
            source = told["path"]
            if source is None:
                source = io.BytesIO()
                while length := _length(requests):
                    source.write(_read_exactly(requests, length))
                source = source.getvalue()
            _answer_all(told, source, requests, answers)
            del source


def _answer_all(
    told: dict[str, Any], source: str | bytes, requests: io.BufferedIOBase, answers: IO[bytes]
) -> None:
    try:
        module, _, name = told["work"].partition(":")
        work = getattr(importlib.import_module(module), name)
        _bound(told["seconds"])
        for piece in work(source, **told["asked"]):
            is_frame = isinstance(piece, bytes | memoryview)
            content = piece if is_frame else json.dumps(piece).encode()
            _answer(answers, _FRAME if is_frame else _ITEM, content)
            if requests.read(1) != _NEXT:
                return
        _answer(answers, _END, b"")
    except BrokenPipeError:
        raise
    except CaodianError as error:
        said = {name: getattr(error, name) for name in ("rule", "value", "where", "remedy")}
        _answer(answers, _REFUSAL, json.dumps(said, default=str).encode())
    except BaseException as error:
        why = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
        said = {"is_memory": isinstance(error, MemoryError), "why": why}
        _answer(answers, _FAILURE, json.dumps(said).encode())


def _answer(answers: IO[bytes], mark: bytes, content: bytes | memoryview) -> None:
    answers.write(mark + len(content).to_bytes(_LENGTH_BYTES, "little"))
    answers.write(content)
    answers.flush()


def _bound(seconds: float) -> None:
    """Bound this process by the system, too, should the one that watches it be killed."""
    try:
        import resource
    except ImportError:  # Windows
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime + seconds * (os.cpu_count() or 1) + 1
    _lower(resource.RLIMIT_CPU, int(cpu))
    with contextlib.suppress(OSError):  # no such file but on Linux
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * os.sysconf("SC_PAGE_SIZE") + _RESERVED_BYTES)


def _lower(what: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (most, hard))
