"""Make a build again by the pipeline's own steps, and hold every file of it to that."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from analysis.errors import CaodianError
from analysis.pipeline.request import Request
from analysis.pipeline.run import Run
from analysis.reporting.ledger import MANIFEST, hash_outputs
from analysis.storage.run_paths import MARK
from analysis.study.names import shell_word

_TOLD = ("command", "run_in", "verify")  # what a page says of how it was made
_REMEDY = (
    "Name the export and the audit that the report was made from, as they were called; if these "
    "are they, do not use this report."
)


def rerun(
    build: Path, request: Request, audit: Path | None = None, *, other_version: bool = False
) -> int:
    """Make a build again in a temporary folder, and compare it file by file.

    Parameters
    ----------
    build
        The folder of one study under ``build/``.
    request
        What the command of the build asks for, of exports as they are found here.
    audit
        Folder of the audit, where it is not the one that the command names.
    other_version
        Compare the tables alone: other versions may draw and write otherwise.

    Returns
    -------
    int
        The number of files that are the same.

    Raises
    ------
    CaodianError
        When the command or the export is another, or a file is another, lacks, or is one too many.
    """
    manifest = json.loads((build / MANIFEST).read_text("utf-8"))
    told = {name: str(manifest.get(name)) for name in _TOLD}
    _check_told(build, request, told)
    with TemporaryDirectory() as name:
        place = Path(name)
        given = audit or request.audit
        again = replace(request, out=place / "build", storage=place / "posts", audit=given)
        run = Run(again, lambda _: None, shown=told)
        made = run.execute().paths.build
        return compare_builds(build, made, other_version=other_version)


def compare_builds(build: Path, made: Path, *, other_version: bool = False) -> int:
    """Hold every file of a build to that of another run; return how many there are."""
    mine, found = hash_outputs(build), hash_outputs(made)
    names = sorted(mine.keys() | found.keys())
    if other_version:
        names = [name for name in names if name.startswith("tables/")]
    else:
        told, due = (json.loads((one / MANIFEST).read_text("utf-8")) for one in (build, made))
        _check_manifest(told, due)
        _check_mark(build, made)
    for file in names:
        if mine.get(file) != found.get(file) and not _is_same(build / file, made / file):
            raise _refusal(file, *_first_difference(build / file, made / file))
    return len(names)


def _check_told(build: Path, request: Request, told: Mapping[str, str]) -> None:
    """Hold what a build says of its command to what its command asks for, word by word."""
    words, own = _split(told["command"]), shlex.split(request.command())
    exports = [Path(word).name for word in words[2:] if word in words[2 : _options(words)]]
    mine = [Path(word).name for word in own[2 : _options(own)]]
    if (
        " ".join(map(_spelt, words)) != told["command"]
        or words[_options(words) :] != own[_options(own) :]
    ):
        raise _refusal(MANIFEST, request.command(), "command")
    if sorted(exports) != sorted(mine):
        raise _refusal(MANIFEST, ", ".join(mine) or "no export", "command")
    due = request.again(build.resolve().name)["verify"]
    if told["verify"] != due or told["run_in"] not in ("here", "beside"):
        raise _refusal(MANIFEST, due, "verify")


def _split(command: str) -> list[str]:
    """Give the words of a command of a report, which a shell reads as they stand."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if words[:2] != ["caodian", "report"]:
        raise _refusal(MANIFEST, "caodian report …", "command")
    return words


def _options(words: list[str]) -> int:
    """Give the place of the first option."""
    return next((n for n, word in enumerate(words) if word.startswith("--")), len(words))


def _spelt(word: str) -> str:
    return word if word.startswith("--") else shell_word(word)


def _check_manifest(told: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    """Hold a manifest to that of the run, but for hashes of files, which are compared."""
    if [*told] != [*made]:
        raise _refusal(MANIFEST, ", ".join(made), "its parts")
    inputs = [
        sorted((Path(name).name, found) for name, found in one["inputs"].items())
        for one in (told, made)
    ]
    if inputs[0] != inputs[1]:
        raise _refusal(", ".join(told["inputs"]), "other files", "inputs of the manifest")
    for name in told.keys() - {"inputs", "outputs", "build"}:
        if json.dumps(told[name]) != json.dumps(made[name]):
            raise _refusal(MANIFEST, json.dumps(made[name], ensure_ascii=False)[:120], name)


def _check_mark(build: Path, made: Path) -> None:
    """Hold the mark of a folder to the study; that of exports tells where they lay."""
    one, other = (folder / MARK for folder in (build, made))
    if not one.is_file() or not one.read_bytes().strip():
        return
    kinds = [path.read_bytes().split()[:1] for path in (one, other)]
    if kinds[0] != kinds[1] or (kinds[0] == [b"study"] and one.read_bytes() != other.read_bytes()):
        raise _refusal(MARK, "another mark", "its folder")


def _is_same(told: Path, found: Path) -> bool:
    """Tell whether two tables are equal but for the last digits of fractions."""
    if told.suffix != ".csv" or not (told.is_file() and found.is_file()):
        return False
    try:
        one, other = (
            pl.read_csv(path, infer_schema=False, has_header=False) for path in (told, found)
        )
    except pl.exceptions.PolarsError:
        return False
    if (
        one.shape != other.shape
        or told.read_bytes() != one.write_csv(include_header=False).encode()
    ):
        return False
    pairs = zip(one.rows(), other.rows(), strict=True)
    return all(_is_close(*cells) for row in pairs for cells in zip(*row, strict=True))


def _is_close(told: str | None, found: str | None) -> bool:
    if told == found:
        return True
    if not (told and found and _FRACTION.fullmatch(told) and _FRACTION.fullmatch(found)):
        return False
    return math.isclose(float(told), float(found), rel_tol=1e-9, abs_tol=1e-12)


_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.([0-9]*[1-9]|0)(e-?[0-9]+)?", re.ASCII)


def _refusal(value: str, found: str, where: str) -> CaodianError:
    return CaodianError(
        "a build must be what its posts give", value=value,
        where=f"{where}: the posts give {found}", remedy=_REMEDY,
    )  # fmt: skip


def _first_difference(told: Path, found: Path) -> tuple[str, str]:
    """Give the first line of two files that differs, as found, and where it stands."""
    if not (told.is_file() and found.is_file()):
        return ("such a file" if found.is_file() else "no such file"), "in the build"
    if told.suffix not in (".csv", ".json"):
        return "another", "its bytes"
    lines = (path.read_text("utf-8", "replace").splitlines() for path in (told, found))
    pairs = enumerate(zip_longest(*lines, fillvalue="no such line"), start=1)
    number, found_line = next(((n, two) for n, (one, two) in pairs if one != two), (1, "another"))
    return found_line[:120], f"line {number}"
