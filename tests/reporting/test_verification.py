"""What `verify` holds without the posts: every file as the manifest has it, and nothing beside."""

import json
import os
from pathlib import Path

import pytest

from analysis.errors import CaodianError
from analysis.reporting import verification
from analysis.reporting.ledger import (
    LEDGER,
    RULES,
    code_digest,
    name_build,
    software_versions,
    write_manifest,
)
from analysis.reporting.verification import check_files, verify_build, written_files

FILES = ("run.json", LEDGER, RULES, "report.zh.html", "report.en.html", "tables/counts.csv")


@pytest.fixture
def build(tmp_path):
    """Such files as a run leaves, and their manifest; what they say is no matter here."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"what {name} holds\n")
    seal(tmp_path)
    return tmp_path


def seal(folder, **facts):
    """Write the manifest anew, as a forger would."""
    told = {"study": "s", "code": code_digest(), "software": software_versions(), **facts}
    write_manifest(folder, {**told, "build": name_build(folder, told)})


def edit_manifest(folder, change):
    path = folder / "manifest.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def test_a_whole_build_is_verified_and_says_what_that_does_not_prove(build):
    told = str(verify_build(build))
    assert told.startswith(f"{len(FILES)} files are those of the manifest")
    assert "does not prove what they say" in told and "--rerun" in told


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["changed", "removed", "renamed", "emptied", "linked", "doubled"])
def test_a_file_that_is_not_as_the_manifest_has_it_is_refused(build, name, kind):
    path = build / name
    content = path.read_bytes()
    if kind == "changed":
        path.write_bytes(content[:-1] + b"\t")
    elif kind == "emptied":
        path.write_bytes(b"")
    elif kind == "doubled":
        path.with_name(f"{path.name}~").write_bytes(content)
    else:
        path.rename(build / "other" if kind == "renamed" else build.parent / "away")
        if kind == "linked":
            path.symlink_to(build.parent / "away")
    with pytest.raises(CaodianError):
        verify_build(build)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda build: (build / "manifest.json").unlink(), "must have a manifest"),
        (lambda build: (build / "manifest.json").write_text("{"), "must be readable"),
        (lambda build: edit_manifest(build, lambda told: told.pop("outputs")), "must be readable"),
        (lambda build: edit_manifest(build, lambda told: told.pop("code")), "project's code"),
        (lambda build: edit_manifest(build, lambda told: told["software"].pop("numpy")), "numpy"),
        (lambda build: edit_manifest(build, lambda told: told.pop("build")), "must be named by"),
        (lambda build: (build / "empty").mkdir(), "folders of files"),
        (lambda build: os.mkfifo(build / "pipe"), "folders of files"),
        (lambda build: (build / "run.json").chmod(0o755), "rights 755"),
        (lambda build: (build / "manifest.json.sig").write_text("me"), "signature is one of"),
        (lambda build: (build / ".caodian-run").write_text("study s\nx y"), "mark of a folder"),
    ],
)  # fmt: skip
def test_what_is_beside_the_files_is_held_too(build, damage, told):
    damage(build)
    with pytest.raises(CaodianError, match=told):
        verify_build(build)


@pytest.mark.parametrize("name", ["notes.txt", "tables/own.csv", ".hidden", "figures/mine.svg"])
def test_no_run_writes_other_files_even_if_the_manifest_names_them(build, name):
    (build / name).parent.mkdir(exist_ok=True)
    (build / name).write_text("x")
    seal(build)
    with pytest.raises(CaodianError, match="nothing but what a run writes"):
        verify_build(build)


@pytest.mark.parametrize("name", FILES[:-1])
def test_a_build_is_whole_whatever_its_manifest_says(build, name):
    (build / name).unlink()
    seal(build)
    with pytest.raises(CaodianError, match="must be whole"):
        verify_build(build)


def test_other_versions_are_taken_when_asked_for(build):
    seal(build, code="0" * 16)
    with pytest.raises(CaodianError, match="--other-version"):
        verify_build(build)
    assert "made by other versions" in str(verify_build(build, other_version=True))


def test_an_archive_comes_without_its_evidence(build):
    for name in (LEDGER, RULES):
        (build / name).unlink()
    (build / LEDGER).parent.rmdir()
    assert check_files(build, alone=True) == len(FILES) - 2
    assert "the folder of the build" in str(verify_build(build, alone=True))
    with pytest.raises(CaodianError, match="must be there"):
        verify_build(build)


def test_marks_and_signatures_are_those_that_a_run_writes(build):
    (build / ".caodian-run").write_text("study s")
    (build / "manifest.json.sig").write_text(
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"
    )
    verify_build(build)


def test_every_file_of_a_run_is_named_by_what_writes_it():
    names = written_files()
    assert {*verification._PARTS, "tables/counts.csv", "figures/channels.zh.svg"} <= names
    assert not [name for name in names if Path(name).is_absolute() or ".." in name]
