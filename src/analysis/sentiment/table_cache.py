"""Keep computed tables as `.npy` files that all workers map into memory and share."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.errors import CaodianError

Arrays = dict[str, npt.NDArray[np.generic]]


def cache_folder() -> Path:
    """Return the user's cache folder for this program: `CAODIAN_CACHE` or the platform's.

    Examples
    --------
    >>> cache_folder().is_absolute()
    True
    """
    if chosen := os.environ.get("CAODIAN_CACHE"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "caodian"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "caodian"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "caodian"


def load_arrays(name: str, build: Callable[[], Arrays]) -> Arrays:
    """Return the arrays kept under a name, built first if they are not there yet.

    Workers that build at the same time do not disturb each other: each writes a folder of its
    own, and renaming it is one step that the first one wins.

    Parameters
    ----------
    name
        What the arrays were computed from; another content needs another name.
    build
        Computes the arrays.

    Raises
    ------
    CaodianError
        If the cache folder cannot be written.
    """
    folder = cache_folder() / name
    if not folder.is_dir():
        _keep(build(), folder)
    return {path.stem: _map(path) for path in sorted(folder.glob("*.npy"))}


def _keep(arrays: Arrays, folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise CaodianError(
            "the cache folder must be writable",
            value=error.strerror,
            where=str(folder.parent),
            remedy="Name another one in the environment variable CAODIAN_CACHE.",
        ) from error
    try:
        for name, array in arrays.items():
            np.save(draft / f"{name}.npy", array)
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():  # not another worker that was faster, then
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _map(path: Path) -> npt.NDArray[np.generic]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
