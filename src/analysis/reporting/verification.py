"""Check a build offline: its files are those of its manifest, whole, plain and of this version.

Whoever writes the manifest anew writes its hashes, too: what files say is held by
`analysis.pipeline.rerun`, which makes the build again.
"""

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import CaodianError
from analysis.measures.quantities import REMEDY, TABLES
from analysis.reporting.drawer import EXAMPLES
from analysis.reporting.figures import figure_names
from analysis.reporting.ledger import (
    AUDIT_MARKS,
    LEDGER,
    MANIFEST,
    RULES,
    SIGNATURE,
    code_digest,
    hash_outputs,
    is_evidence,
    name_build,
    software_versions,
)
from analysis.reporting.notebooks import executed_files
from analysis.reporting.saved_run import FILE as RUN
from analysis.reporting.saved_run import read_unchanged
from analysis.storage.run_paths import MARK, RunPaths, project_root
from analysis.words import LANGUAGES

# What every build holds beside its tables, figures and notebooks.
_PARTS = (RUN, LEDGER, RULES, *(f"report.{language}.html" for language in LANGUAGES))
_SIGNED = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\r?\n(?:[A-Za-z0-9+/=]{1,76}\r?\n)+"
    rb"-----END SSH SIGNATURE-----\r?\n?"
)
_MARK = re.compile(rb"(study [^\s/]+|exports [0-9a-f]{64})?\s?")
# What desktops, downloads and shared folders write by themselves.
_OF_SYSTEMS = ("user.DOSATTRIB", "user.xdg.", "user.mime_type", "user.baloo.", "user.com.dropbox.")


@dataclass(frozen=True)
class Verification:
    """What was checked and held."""

    files: int
    is_ours: bool
    is_alone: bool = False

    def __str__(self) -> str:
        version = "made by the versions here" if self.is_ours else "made by other versions"
        proof = (
            "the folder of the build and the export"
            if self.is_alone
            else "--rerun and the export (none for a simulated study)"
        )
        return (
            f"{self.files} files are those of the manifest, whole and unchanged; {version}. This "
            "does not prove what they say, since whoever changes a file can write the manifest "
            f"anew: {proof} make the build again. Who wrote the files, and when, is told by a "
            "signature alone (--signed-by)"
        )


def verify_build(
    build_dir: str | Path, *, other_version: bool = False, alone: bool = False
) -> Verification:
    """Check that a build is whole: hashes, completeness, plain files, versions.

    Parameters
    ----------
    build_dir
        The folder of one study under ``build/``.
    other_version
        Take a build that other versions made, of which files may be others.
    alone
        The build was handed on without its evidence.

    Raises
    ------
    CaodianError
        At the first thing that does not hold, with its place.

    Examples
    --------
    >>> verify_build("no/such/build")
    Traceback (most recent call last):
    analysis.errors.CaodianError: a built report must have a manifest: ...
    """
    folder = Path(build_dir)

    def verify() -> Verification:
        files = check_files(folder, alone=alone)
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        is_ours = _check_version(manifest, other_version=other_version)
        _check_parts(folder, is_ours=is_ours, alone=alone)
        _require_plain(folder)
        if is_ours and manifest.get("build") != name_build(folder, manifest):
            raise CaodianError(
                "a build must be named by its tables and by what made them",
                value=str(manifest.get("build"))[:80], where=MANIFEST, remedy=REMEDY,
            )  # fmt: skip
        return Verification(files, is_ours, alone)

    return read_unchanged(folder, verify)


def check_files(folder: Path, *, alone: bool = False) -> int:
    """Hold every file of a build to the hash in its manifest; return how many there are.

    Without its evidence, a build is `alone`.

    Raises
    ------
    CaodianError
        When a file is missing, was changed, or is not named.

    Examples
    --------
    >>> check_files(Path("no/such/build"))
    Traceback (most recent call last):
    analysis.errors.CaodianError: a built report must have a manifest: ...
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise CaodianError(
            "a built report must have a manifest", value=path.as_posix(),
            remedy="Name the folder of one study, such as build/618-2020.",
        )  # fmt: skip
    try:
        recorded: dict[str, str] = dict(json.loads(path.read_text("utf-8"))["outputs"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CaodianError(
            "the manifest must be readable", where=path.name, remedy=REMEDY
        ) from None
    found = hash_outputs(folder)
    behind = {name for name in recorded if alone and is_evidence(name)}
    for name in sorted((recorded.keys() - behind) | found.keys()):
        if name not in found:
            raise CaodianError(
                "every file of the manifest must be there", value=name, remedy=REMEDY
            )
        if name not in recorded:
            raise CaodianError(
                "every file must be named in the manifest", value=name,
                remedy="Remove it, or make the report again.",
            )  # fmt: skip
        if recorded[name] != found[name]:
            raise CaodianError(
                "every file must have the hash of the manifest", value=name, remedy=REMEDY
            )
    return len(found)


def _require_plain(folder: Path) -> None:
    """Refuse what holds words and is no file of the manifest: folders, pipes, rights, a mark."""
    # A file system that knows no rights gives all of them to every file.
    may_run = bool((folder / MANIFEST).stat().st_mode & 0o111)
    for path in (folder, *sorted(folder.rglob("*"))):
        name, mode = path.relative_to(folder).as_posix(), path.lstat().st_mode
        is_empty = stat.S_ISDIR(mode) and not any(path.iterdir())
        if is_empty or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise CaodianError(
                "a build must hold files, and folders of files", value=name, remedy="Remove it."
            )
        if beside := _beside_content(path, may_run=may_run):
            raise CaodianError(
                "a file of a build must hold nothing beside its content, and start no program",
                value=f"{name}: {beside}",
                remedy="Copy the build without rights and attributes (cp -r --no-preserve=all).",
            )
    for name, form in ((SIGNATURE, _SIGNED), (MARK, _MARK)):
        path = folder / name
        if path.is_file() and not form.fullmatch(path.read_bytes()):
            raise CaodianError(
                "a signature is one of OpenSSH and the mark of a folder names its run, and neither "
                "holds anything else",
                value=name, remedy="Remove it.",
            )  # fmt: skip


def _beside_content(path: Path, *, may_run: bool) -> str:
    """Name a right to be run, or an attribute that somebody gave; empty where there is none."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not path.is_dir() and (mode & 0o7000 or (mode & 0o111 and not may_run)):
        return f"rights {mode:o}"
    names = os.listxattr(path) if hasattr(os, "listxattr") else []
    given = [one for one in names if one.startswith("user.") and not one.startswith(_OF_SYSTEMS)]
    return f"attribute {given[0]}" if given else ""


def _check_version(manifest: Mapping[str, Any], *, other_version: bool) -> bool:
    """Tell whether the code and the packages here made the build; others need a word for it."""
    software, ours = manifest.get("software"), software_versions()
    differs = ["the project's code"] if manifest.get("code") != code_digest() else []
    differs += sorted(
        name for name in ours if not isinstance(software, dict) or software.get(name) != ours[name]
    )
    if differs and not other_version:
        raise CaodianError(
            "a build is checked by the versions that made it",
            value=", ".join(differs),
            where="these are others here than in the manifest",
            remedy="Check it where it was made, or add --other-version: hashes are then checked, "
            "and with --rerun tables are compared, whose figures these versions may change.",
        )
    return not differs


def _check_parts(folder: Path, *, is_ours: bool, alone: bool) -> None:
    for name in _PARTS:
        if not (folder / name).is_file() and not (alone and is_evidence(name)):
            raise CaodianError("a build must be whole", value=name, remedy=REMEDY)
    strange = sorted(hash_outputs(folder).keys() - written_files())
    if is_ours and strange:
        raise CaodianError(
            "a build must hold nothing but what a run writes", value=strange[0],
            remedy="Remove it, and make the report again.",
        )  # fmt: skip


def written_files() -> frozenset[str]:
    """Name every file that a run may write into its build, as those name them that write it."""
    figures = [
        f"figures/{name}{ending}"
        for name in figure_names()
        for ending in (".csv", *(f".{one}.{kind}" for one in LANGUAGES for kind in ("svg", "png")))
    ]
    notebooks = (project_root() / "notebooks").glob("*.ipynb")
    pages = [f"notebooks/{name}" for path in notebooks for name in executed_files(path)]
    maps = [RunPaths("").map_of(language).name for language in LANGUAGES]
    tables = [f"tables/{name}.csv" for name in TABLES]
    marks = f"evidence/{AUDIT_MARKS}"
    return frozenset({*_PARTS, marks, EXAMPLES, *tables, *figures, *pages, *maps})
