"""Keep computed tables as `.npy` files that all workers map into memory and share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.engine.compiled import cache_folder
from analysis.errors import CaodianError
from analysis.storage.write import to_the_end

Arrays = dict[str, npt.NDArray[np.generic]]
# Which arrays a folder keeps, so that a lost one is seen.
_NAMES = "names.txt"


def load_arrays(name: str, build: Callable[[], Arrays]) -> Arrays:
    """Return the arrays kept under a name, built first if they are not there yet.

    Workers that build at the same time do not disturb each other: each writes a folder of its
    own, and renaming it is one step that the first one wins.

    Parameters
    ----------
    name
        What the arrays were computed from; another content needs another name.

    Returns
    -------
    dict
        The arrays; where the user's cache folder cannot be written, those just built, which the
        next run builds again.

    Raises
    ------
    CaodianError
        If the folder that `CAODIAN_CACHE` names cannot be written.
    """
    folder = cache_folder() / name
    kept = _read(folder)
    if kept is not None:
        return kept
    arrays = build()
    shutil.rmtree(folder, ignore_errors=True)  # what somebody damaged
    kept = _read(folder) if _keep(arrays, folder) else None
    return arrays if kept is None else kept


def _read(folder: Path) -> Arrays | None:
    """Return what a folder keeps, None where it keeps nothing or not all that was written."""
    try:
        names = (folder / _NAMES).read_text(encoding="utf-8").split()
        return {name: _map(folder / f"{name}.npy") for name in names} or None
    except (OSError, ValueError, EOFError):
        return None


def _keep(arrays: Arrays, folder: Path) -> bool:
    """Write arrays into a folder, whole or not at all; return whether they are there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        if "CAODIAN_CACHE" not in os.environ:
            return False
        raise CaodianError(
            "the cache folder must be writable",
            value=error.strerror,
            where=str(folder.parent),
            remedy="Name another one in the environment variable CAODIAN_CACHE.",
        ) from error
    try:
        (draft / _NAMES).write_text("\n".join(sorted(arrays)), encoding="utf-8")
        for name, array in arrays.items():
            np.save(draft / f"{name}.npy", array)
        draft.rename(folder)
    except OSError:
        return folder.is_dir()  # another worker was faster, or the disk is full
    finally:
        to_the_end(lambda: shutil.rmtree(draft, ignore_errors=True))
    return True


def _map(path: Path) -> npt.NDArray[np.generic]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
