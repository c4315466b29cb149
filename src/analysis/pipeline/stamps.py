"""Run a step again only when its inputs, parameters or code changed."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.sentiment.snownlp_tables import ModelFiles, snownlp_folder
from analysis.storage import write_text
from analysis.storage.run_paths import project_root

_CHUNK = 1 << 20


def _hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def hash_files(paths: Iterable[Path]) -> dict[str, str]:
    """Return the sha256 of each file; folders are walked, hidden files left out."""
    files = list(_walk(paths))
    if sum(path.stat().st_size for path in files) < _CHUNK:  # sooner than threads begin
        return {path.as_posix(): _hash_file(path) for path in files}
    with ThreadPoolExecutor() as pool:
        digests = pool.map(_hash_file, files)
        return {path.as_posix(): digest for path, digest in zip(files, digests, strict=True)}


_BASE = (
    "errors", "frames", "progress", "numbers", "words", "yaml_text", "minimum",
    "study", "schema", "storage", "engine", "pipeline",
)  # fmt: skip
_READ = (*_BASE, "corpus")
_CODE = (*_READ, "sentiment", "coding")
# Of later layers the module that names posts, and the one that knows what the coder learnt from.
_AUDIT = (*_CODE, "audit", "measures/conspicuous_days", "training/texts")
_MEASURE = (
    *_CODE, "audit", "clusters", "measures", "simulate", "plots", "training", "evaluation",
    # The table behind the panel is counted as the ledger is.
    "reporting/panel", "reporting/ledger", "reporting/drawer",
)  # fmt: skip
# What each step is made of: parts of the package, and modules where a step takes little of a part.
# A test keeps the lists closed under imports, another holds them to the functions that steps call.
MADE_OF = {
    "simulate": (*_BASE, "simulate"),
    "read": _READ,
    "code": _CODE,
    "audit": _AUDIT,
    "measure": _MEASURE,
    # Its manifest names the code by all of the package, the words of the terminal among it.
    "report": (*_MEASURE, "reporting", "cli"),
}


def hash_code(step: str) -> dict[str, str]:
    """Return the hash of the code and data of `analysis` that a step is made of, by file."""
    root = Path(__file__).resolve().parents[1]
    places = [root / f"{name}{end}" for name in MADE_OF[step] for end in ("", ".py", ".yaml")]
    return {path.relative_to(root).as_posix(): _hash_file(path) for path in _walk(places)}


def hash_snownlp(*, tagger: bool = False) -> dict[str, str]:
    """Return the hash of the files that SnowNLP scores with, by name.

    Who trains it again writes them in the place of those that were installed: the version stays.
    """
    files = ModelFiles.find()
    paths = [files.segmentation, files.sentiment, files.stop_words]
    paths += [snownlp_folder() / "tag" / "tag.marshal.3"] if tagger else []
    return {path.name: hashed for path in paths for hashed in hash_files([path]).values()}


@cache
def environment_hash() -> str:
    """Return the hash of interpreter and packages, so that other versions count as a change.

    Of the packages those of the lock count, as they are installed: one that a user has beside them
    changes nothing.
    """
    lock = project_root() / "requirements.lock"
    locked = lock.read_text("utf-8") if lock.exists() else ""
    names = {_same_name(name) for name in re.findall(r"^([\w.-]+)==", locked, re.MULTILINE)}
    counted = sorted(found for found in _installed() if found[0] in names)
    words = json.dumps([platform.python_version(), locked, counted])
    return hashlib.sha256(words.encode()).hexdigest()


def _installed() -> Iterator[tuple[str, str]]:
    """Give name and version of what is installed, as the names of its records have them."""
    # Each folder once, and never the one somebody happens to stand in.
    for folder in {Path(place).resolve() for place in sys.path if place}:
        for record in folder.glob("*.dist-info"):
            name, _, version = record.stem.rpartition("-")
            yield _same_name(name), version


def _same_name(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


@dataclass(frozen=True)
class Step:
    """A step of the pipeline: its name, all that it depends on, and what it writes."""

    name: str
    depends: dict[str, object]
    outputs: list[Path]

    def fingerprint(self) -> str:
        """Return one hash over all that the step depends on."""
        words = json.dumps(self.depends, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(words.encode()).hexdigest()


def run_if_changed(step: Step, stamps: Path, work: Callable[[], object]) -> bool:
    """Do the work unless the stamp says that nothing changed; return whether it was done.

    The stamp is written after the work, so that an interrupted step runs again.
    """
    stamp = stamps / f"{step.name}.json"
    expected = step.fingerprint()
    if _is_fresh(stamp, expected, step.outputs):
        return False
    stamp.unlink(missing_ok=True)
    work()
    content = {"fingerprint": expected, "outputs": hash_files(step.outputs)}
    write_text(json.dumps(content, sort_keys=True, indent=1) + "\n", stamp)
    return True


def stamped_files(stamps: Path, step: str, folder: Path) -> dict[str, str]:
    """Return the sha256 of each file of a folder that a step wrote, as its stamp tells.

    For steps that ran, or were found unchanged, a moment ago: their files need no second reading.
    """
    content = json.loads((stamps / f"{step}.json").read_text(encoding="utf-8"))
    within = f"{folder.as_posix()}/"
    return {name: hashed for name, hashed in content["outputs"].items() if name.startswith(within)}


def _is_fresh(stamp: Path, expected: str, outputs: list[Path]) -> bool:
    if not stamp.exists():
        return False
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return bool(
        content.get("fingerprint") == expected and content.get("outputs") == hash_files(outputs)
    )


def _walk(paths: Iterable[Path]) -> Iterator[Path]:
    for path in sorted(paths, key=str):
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if _counts(p, path) and p.is_file())
        elif path.is_file():
            yield path


def _counts(path: Path, folder: Path) -> bool:
    """Leave out hidden files and what interpreter and compiler keep for themselves."""
    parts = path.relative_to(folder).parts
    return not any(part.startswith(".") or part == "__pycache__" for part in parts)
