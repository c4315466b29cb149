"""Get a public example export: from where it is published, or from a folder that holds a copy."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field

from analysis.errors import CaodianError, nearest
from analysis.yaml_text import read_yaml

_SECONDS = 30
_SHA256 = r"^[0-9a-f]{64}$"


class ExampleFile(BaseModel):
    """One file of an example: its path in the repository and what its bytes must hash to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    sha256: str = Field(pattern=_SHA256)

    @property
    def name(self) -> str:
        """The base name, under which the file is kept."""
        return PurePosixPath(self.path).name


class Example(BaseModel):
    """A public export, pinned to a commit of its repository, and the study that it belongs to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    study: str
    repository: str
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    licence: str
    url: str
    files: tuple[ExampleFile, ...]

    def address(self, file: ExampleFile) -> str:
        """Return where a file is published."""
        return self.url.format(repository=self.repository, commit=self.commit, path=file.path)


@cache
def _load_examples() -> dict[str, Example]:
    """Return the registered examples by name."""
    text = files("analysis.storage").joinpath("examples.yaml").read_text(encoding="utf-8")
    return {name: Example.model_validate(entry) for name, entry in read_yaml(text).items()}


def find_example(name: str) -> Example:
    """Return the example of a name; an unknown one is told with the nearest.

    Examples
    --------
    >>> find_example("618-2019-water-heater")
    Traceback (most recent call last):
    analysis.errors.CaodianError: an example must be registered: found '618-2019-water-heater' ...
    """
    known = _load_examples()
    if name not in known:
        like = nearest(name, list(known))
        raise CaodianError(
            "an example must be registered",
            value=name,
            where=f"known: {', '.join(known)}",
            remedy=f"Did you mean {like!r}?" if like else "Name one of these.",
        )
    return known[name]


def fetch_example(example: Example, target: Path, mirror: Path | None = None) -> list[Path]:
    """Put the files of an example into a folder: all of them, checked, or none.

    Parameters
    ----------
    target
        The folder; a file that already stands there with the right checksum is left alone.
    mirror
        A folder that is looked into before the network. It holds the files under their base names
        or under their paths in the repository.

    Raises
    ------
    CaodianError
        When a file can be had nowhere, or its bytes are not those that were registered.
    """
    if mirror is not None and not mirror.is_dir():
        raise CaodianError("a mirror must be a folder", value=str(mirror))
    missing = [file for file in example.files if not _is_there(target / file.name, file)]
    if missing:
        _fetch_all(example, missing, target, mirror)
    return [target / file.name for file in example.files]


def _is_there(path: Path, file: ExampleFile) -> bool:
    return path.is_file() and _checksum(path) == file.sha256


def _fetch_all(
    example: Example, missing: list[ExampleFile], target: Path, mirror: Path | None
) -> None:
    """Gather the files in a folder of their own, so that a failure leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="caodian-fetch-") as name:
        gathered = [
            _from_mirror(file, mirror, Path(name)) or _download(example, file, mirror, Path(name))
            for file in missing
        ]
        _put_in_place(gathered, target)


def _put_in_place(gathered: list[Path], target: Path) -> None:
    from analysis.storage.write import replacing

    for path in gathered:
        with replacing(target / path.name) as unfinished:
            shutil.copyfile(path, unfinished)


def _from_mirror(file: ExampleFile, mirror: Path | None, folder: Path) -> Path | None:
    if mirror is None:
        return None
    for place in (mirror / file.name, mirror / file.path):
        if place.is_file():
            _check(place, file, str(place))
            return Path(shutil.copyfile(place, folder / file.name))
    return None


def _download(example: Example, file: ExampleFile, mirror: Path | None, folder: Path) -> Path:
    import pooch  # type: ignore[import-untyped]
    from requests.exceptions import RequestException

    address, path = example.address(file), folder / file.name
    try:
        pooch.HTTPDownloader(timeout=_SECONDS)(address, str(path), None)
    except (RequestException, OSError) as error:
        raise _unreachable(address, file, mirror, error) from None
    _check(path, file, address)
    return path


def _check(path: Path, file: ExampleFile, where: str) -> None:
    found = _checksum(path)
    if found != file.sha256:
        raise CaodianError(
            f"{file.name} must have the registered checksum {file.sha256}",
            value=found,
            where=where,
            remedy="It is another version of the file, or was damaged on its way; nothing was "
            "written.",
        )


def _checksum(path: Path) -> str:
    import pooch

    return str(pooch.file_hash(str(path), alg="sha256"))


def _unreachable(
    address: str, file: ExampleFile, mirror: Path | None, error: Exception
) -> CaodianError:
    looked = "" if mirror is None else f", and {mirror} does not hold {file.name}"
    status = getattr(getattr(error, "response", None), "status_code", None)
    why = f"HTTP {status}" if status else type(error).__name__
    return CaodianError(
        "an example must be reachable over the network or in a mirror",
        value=address,
        where=f"{why}{looked}",
        remedy=f"Connect to the network, or save {file.name} from that address into a folder and "
        "name the folder with --mirror.",
    )
