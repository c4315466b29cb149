"""The decorator of compiled functions: no lock, no fast mathematics, kept on disk.

Numba keeps machine code by the source file of one function and does not see that a function it
calls, in another file, has changed: an edited kernel could go on running in its old form. So
the machine code is kept in a folder named after the content of all kernels together.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import FunctionType
from typing import Any

import numba as nb

_FOLDER = Path(__file__).parent


def _fingerprint() -> str:
    digest = sha256()
    for source in sorted(_FOLDER.glob("*.py")):
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:12]


def compiled(function: Callable[..., Any], **options: Any) -> Any:  # noqa: ANN401
    """Return the function compiled at its first call, for several threads at once."""
    options = {"cache": _can_keep(function), "nogil": True, "no_cfunc_wrapper": True} | options
    made = nb.njit(**options)(function)
    if isinstance(made, nb.core.dispatcher.Dispatcher):  # not where kernels run as Python
        inner = nb.njit(**(options | {"no_cpython_wrapper": True}))(_twin(function))
        _let_kernels_call(made, inner)
    return made


def _twin(function: Any) -> Callable[..., Any]:  # noqa: ANN401 - a callable may lack what is read
    """Return the function once more under a name of its own, by which its code is kept."""
    known = (function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    twin = FunctionType(function.__code__, *known)
    twin.__qualname__ = f"inner.{function.__qualname__}"
    twin.__module__ = function.__module__
    return twin


def _let_kernels_call(made: Any, inner: Any) -> None:  # noqa: ANN401
    """Have kernels that call the function compile and call its twin, which Python cannot call.

    What lets Python call a function takes a fourth of compiling it, and most are called by kernels
    alone. Constants are typed as other numbers: numba would compile a function for each of them.
    """

    def template_of(args: tuple[Any, ...], options: dict[str, Any]) -> Any:  # noqa: ANN401
        plain = {name: nb.types.unliteral(kind) for name, kind in options.items()}
        return type(inner).get_call_template(inner, tuple(map(nb.types.unliteral, args)), plain)

    made.get_call_template = template_of
    made.get_overload = inner.get_overload


def lean(function: Callable[..., Any], **options: Any) -> Any:  # noqa: ANN401
    """Return the function compiled without counting references: it may make no array.

    Numba counts a reference to each array at each call that LLVM does not inline, which takes
    longer than a short function itself. Only functions that make and return none may skip it.

    Examples
    --------
    >>> import numpy as np
    >>> lean(lambda numbers: numbers[0] + 1)(np.zeros(1, np.int64))
    1
    """
    return compiled(function, _nrt=False, **options)


def spliced(function: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Return the function as `lean` does, its body put in place of each call."""
    return lean(function, forceinline=True)


def cache_folder() -> Path:
    """Return the user's cache folder for this program: `CAODIAN_CACHE` or the platform's.

    Examples
    --------
    >>> cache_folder().is_absolute()
    True
    """
    if chosen := os.environ.get("CAODIAN_CACHE"):
        return Path(chosen).absolute()
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        return Path(chosen).absolute() / "caodian"
    try:
        home = Path.home()
    except RuntimeError:  # a number without a name, as containers give to users
        return Path(tempfile.gettempdir()) / f"caodian-of-{os.getuid()}"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local")) / "caodian"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "caodian"
    return home / ".cache" / "caodian"


def _kernel_folder(sources: Path) -> Path | None:
    """Return where machine code is kept: beside the sources, else in the user's cache folder.

    None where neither can be written: functions are then compiled in each process, which takes
    half a minute but needs no leave.
    """
    for place in (sources / "__pycache__", cache_folder() / "kernels"):
        folder = place / _fingerprint()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def _can_keep(function: Callable[..., Any]) -> bool:
    return bool(nb.config.CACHE_DIR) and Path(function.__code__.co_filename).exists()  # type: ignore[attr-defined]


if not nb.config.CACHE_DIR:  # type: ignore[attr-defined]
    nb.config.CACHE_DIR = str(_kernel_folder(_FOLDER) or "")  # type: ignore[attr-defined]
