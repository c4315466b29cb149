"""Where files stand: those of a study's run, the project's secret, the codebook."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import CaodianError
from analysis.storage.write import to_the_end, unfinished_prefix

# Stands in each folder of a run and says whose it is: a study's, or that of certain exports.
MARK = ".caodian-run"


def project_root() -> Path:
    """Return the folder of the checkout: it holds `studies/`, `codebook/` and `notebooks/`."""
    return Path(__file__).resolve().parents[3]


def in_project(path: str | Path) -> Path:
    """Return a path as seen from the current folder, or, where nothing is there, from the checkout.

    So that `studies/618-2020.yaml` is found from everywhere.

    Examples
    --------
    >>> in_project("studies/618-2020.yaml").exists(), in_project("absent.yaml").as_posix()
    (True, 'absent.yaml')
    """
    path = Path(path)
    shipped = project_root() / path
    return shipped if not path.exists() and shipped.exists() else path


def is_shipped_study(name: str) -> bool:
    """Tell whether a study of that name comes with the project.

    Examples
    --------
    >>> is_shipped_study("618-2020"), is_shipped_study("absent")
    (True, False)
    """
    return (project_root() / "studies" / f"{name}.yaml").is_file()


def is_local(folder: object) -> bool:
    """Tell whether a folder is one of this computer.

    Examples
    --------
    >>> is_local(Path("data"))
    True
    """
    return isinstance(folder, Path) and not hasattr(folder, "fs")


@dataclass(frozen=True)
class RunPaths:
    """The folders of one study's run.

    Parameters
    ----------
    study
        Name of the study, which its folders have.
    out
        Where the study's folder for readers goes.
    data
        Folder of the exports and of the posts between the steps.
    storage
        Another place for the posts between the steps, which may be a URL. A folder of this machine
        holds all that a run keeps for the next one.

    Examples
    --------
    >>> RunPaths("618-2020", out=Path("build")).tables.as_posix()
    'build/618-2020/tables'
    """

    study: str
    out: Path = Path("build")
    data: Path = Path("data")
    storage: Path | None = None

    @property
    def raw(self) -> Path:
        """Exports and the simulated corpus, never edited; the only place of unmasked text."""
        if isinstance(self.storage, Path):
            return self.storage / self.study / "raw"
        return self.data / "raw" / self.study

    @property
    def processed(self) -> Path:
        """All that the pipeline makes between export and tables."""
        if isinstance(self.storage, Path):
            return self.storage / self.study
        return self.data / "processed" / self.study

    @property
    def partitions(self) -> Path:
        """The posts between the steps; on a cluster a storage that every worker reaches."""
        return self.processed if self.storage is None else self.storage / self.study

    @property
    def posts(self) -> Path:
        """Cleaned and masked posts."""
        return self.partitions / "posts"

    @property
    def items(self) -> Path:
        """Which posts of each partition count, and the family of each."""
        return self.partitions / "items"

    @property
    def coded(self) -> Path:
        """The posts that count, whole, with family, sentiment, voice, grievances and platforms."""
        return self.partitions / "coded"

    @property
    def topics(self) -> Path:
        """The topic of each negative item, for the map."""
        return self.processed / "topics.parquet"

    @property
    def build(self) -> Path:
        """What a reader opens: report, figures, tables, notebooks, manifest."""
        return self.out / self.study

    @property
    def tables(self) -> Path:
        """The published tables."""
        return self.build / "tables"

    @property
    def figures(self) -> Path:
        """The figures, each with its data beside it."""
        return self.build / "figures"

    def map_of(self, language: str) -> Path:
        """Give the map of topics in a language."""
        return self.build / f"topics.{language}.html"

    @property
    def notebooks(self) -> Path:
        """The executed notebooks as HTML."""
        return self.build / "notebooks"


def is_run_folder(folder: Path) -> bool:
    """Return whether a run made the folder, so that what stands in it is no export."""
    return (folder / MARK).exists()


def open_study_folders(paths: RunPaths) -> RunPaths:
    """Mark the folders of a study's run as its own, and return them.

    Raises
    ------
    CaodianError
        When one cannot be written, or belongs to the report on a file of the same name.
    """
    mark = f"study {paths.study}"
    for folder, option in _marked(paths):
        if (_owner(folder) or mark) != mark:
            raise CaodianError(
                "a study's folder must not replace the report on a file",
                value=str(folder),
                where="made without --study",
                remedy=f"Move that folder away, or choose another place with {option} FOLDER.",
            )
    _mark([(folder, mark, option) for folder, option in _marked(paths)])
    return paths


def open_export_folders(paths: RunPaths, exports: Sequence[str]) -> RunPaths:
    """Mark and return the folders of a run on exports: those of their last run, or free ones.

    Where the name is taken by other exports, or by a study, a number is put after it. Exports are
    known by their place as seen from the folder, so that a project can be moved as a whole.

    Parameters
    ----------
    paths
        The folders under the name that is wished for.
    exports
        Absolute paths or URLs, in any order.

    Raises
    ------
    CaodianError
        When a folder cannot be written.
    """
    number = 1
    while True:
        name = paths.study if number == 1 else f"{paths.study}-{number}"
        wished = replace(paths, study=name)
        marks = [
            (folder, _identity(exports, folder.parent), option)
            for folder, option in _marked(wished)
        ]
        if all(_owner(folder) in (None, mark) for folder, mark, _ in marks) and _mark(marks):
            return wished
        number += 1


def forget_empty_folders(paths: RunPaths) -> None:
    """Remove the folders of a run that left nothing in them but their marks."""
    for folder, _ in _marked(paths):
        try:
            if [path.name for path in folder.iterdir()] == [MARK]:
                (folder / MARK).unlink()
                folder.rmdir()
        except OSError:
            continue  # it was never made, or is in use


def _marked(paths: RunPaths) -> list[tuple[Path, str]]:
    """Return the folders that carry a mark, each with the option that names another place."""
    return [(paths.build, "--out"), (paths.processed, "--storage")]


def _identity(exports: Sequence[str], folder: Path) -> str:
    places = sorted(_seen_from(folder, export) for export in exports)
    digest = hashlib.sha256("\0".join(places).encode("utf-8", "surrogateescape"))
    return f"exports {digest.hexdigest()}"


def _seen_from(folder: Path, export: str) -> str:
    if "://" in export:
        return export
    try:
        return Path(os.path.relpath(export, folder)).as_posix()
    except ValueError:  # on another drive of Windows
        return export


def _owner(folder: Path) -> str | None:
    """Return the mark of a folder, None when it is free, "" when it is somebody's without one."""
    try:
        return (folder / MARK).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "" if folder.exists() and any(folder.iterdir()) else None
    except OSError:
        return None  # that it cannot be read is told where it cannot be written


def _mark(marks: list[tuple[Path, str, str]]) -> bool:
    """Mark folders; return False when another run was quicker."""
    refused = []
    for folder, mark, option in marks:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write_mark(folder / MARK, mark)
        except FileExistsError:
            if _owner(folder) != mark:
                return False
        except OSError as error:
            refused.append((folder, option, error.strerror))
    if refused:
        options = " ".join(f"{option} FOLDER" for _, option, _ in refused)
        raise CaodianError(
            "a run must be able to write its folders",
            value=", ".join(str(folder) for folder, _, _ in refused),
            where=refused[0][2],
            remedy=f"Name a folder that you may write: {options}.",
        )
    return True


def _write_mark(path: Path, mark: str) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as stream:
        try:
            stream.write(f"{mark}\n")
            stream.flush()
        except OSError:  # a full disk: a mark without a word would close the folder to everybody
            path.unlink()
            raise


# The project's secret: it keys the authors' hashes and touches no published byte.

_SECRET_FILE = ".caodian-secret"  # noqa: S105 - the name of a file, not a secret


def project_secret(folder: Path | None = None, tell: Callable[[str], None] | None = None) -> bytes:
    """Return the secret of `CAODIAN_SECRET`, else of a git-ignored file made on first use.

    Parameters
    ----------
    folder
        Where the file stands; by default the working folder.
    tell
        Takes a sentence when the folder cannot be written. The secret then lasts for this run:
        authors are told apart as well, and under other keys the next time.

    Raises
    ------
    CaodianError
        When the file is there and empty.
    """
    given = os.environ.get("CAODIAN_SECRET")
    if given:
        return given.encode("utf-8")
    path = (folder or Path()) / _SECRET_FILE
    if not path.exists():
        made = secrets.token_hex(32)
        try:
            _write_first(made + "\n", path)
        except (CaodianError, OSError):
            if tell is not None:
                tell(f"{path} cannot be written here: the keys of authors hold for this run alone")
            return made.encode("utf-8")
    return _read_secret(path)


def _read_secret(path: Path) -> bytes:
    for wait in (0.0, *_WAITS):  # another process may have made the file, and be about to write it
        time.sleep(wait)
        if secret := path.read_text(encoding="utf-8").strip():
            return secret.encode("utf-8")
    raise CaodianError(
        "the project's secret must not be empty: without it who has an id finds its key",
        value=str(path),
        remedy="Delete the file; the next run makes another one, and the keys of authors change.",
    )


_WAITS = (0.01, 0.1, 0.5)  # seconds


def _write_first(text: str, path: Path) -> None:
    """Write a file unless another process has just written it: of several at once one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=unfinished_prefix())
    own = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        try:
            os.link(own, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            _write_exclusively(text, path)
    finally:
        to_the_end(lambda: own.unlink(missing_ok=True))


def _write_exclusively(text: str, path: Path) -> None:
    """Write a file that is not there yet; who reads it a moment too early finds it empty."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError:
        path.unlink()
        raise


# Where the codebook lies.


def codebook_directory(directory: Path | None = None) -> Path:
    """Return the directory of the codebook.

    Parameters
    ----------
    directory
        A directory of one's own; else ``CAODIAN_CODEBOOK``, else ``codebook`` of the project.

    Returns
    -------
    Path
        An existing directory that holds ``codebook.yaml``.

    Raises
    ------
    CaodianError
        If there is no codebook.

    Examples
    --------
    >>> codebook_directory().name
    'codebook'
    """
    chosen = directory or os.environ.get("CAODIAN_CODEBOOK")
    root = Path(chosen) if chosen else Path(__file__).parents[3] / "codebook"
    if not (root / "codebook.yaml").is_file():
        raise CaodianError(
            "the codebook directory must hold codebook.yaml",
            value=str(root),
            remedy="Run from a clone of the project, or set CAODIAN_CODEBOOK.",
        )
    return root
