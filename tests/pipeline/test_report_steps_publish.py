"""A reader finds one whole build after the other, however the run between them ends."""

import errno
import os
import shutil
import signal
import sys
from contextlib import suppress

import pytest
from kills import Reader, counting, tree, wait

from analysis.errors import CaodianError
from analysis.pipeline import report_steps
from analysis.pipeline.report_steps import _beside, _place_beside, sweep
from analysis.reporting.ledger import write_manifest
from analysis.storage import RunPaths
from analysis.storage.run_paths import open_study_folders


@pytest.fixture
def paths(tmp_path):
    """A published build of the first kind."""
    found = open_study_folders(RunPaths("mine", out=tmp_path / "build", data=tmp_path / "data"))
    write(found.build, "1")
    return found


def write(build, words):
    for name in ("report.zh.html", "report.en.html", "tables/counts.csv", f"figures/{words}.svg"):
        path = build / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words * 1000, encoding="utf-8")
    write_manifest(build, {"study": words})


def publish(paths, words):
    with _beside(paths) as made:
        shutil.rmtree(made.figures)
        write(made.build, words)


def expected(tmp_path, words):
    """Give the files of a build of that kind, made apart."""
    apart = open_study_folders(RunPaths("mine", out=tmp_path / words, data=tmp_path / "data"))
    write(apart.build, words)
    return tree(apart.build)


@pytest.fixture(params=["at once", "by two renames"])
def swapped(request, monkeypatch):
    if request.param == "by two renames":
        monkeypatch.setattr(report_steps, "_exchange", lambda *_: False)
    return request.param


def test_a_build_is_replaced_when_the_new_one_is_whole(paths, tmp_path, swapped):
    with _beside(paths) as made:
        assert tree(made.build) == tree(paths.build)
        shutil.rmtree(made.figures)
        write(made.build, "2")
        assert tree(paths.build) == expected(tmp_path, "1")
    assert tree(paths.build) == expected(tmp_path, "2")
    assert sorted(path.name for path in paths.out.iterdir()) == ["mine"]


def test_folders_are_exchanged_at_once_on_linux(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not report_steps._exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system exchanges no folders")
    assert (tmp_path / "a" / "b").exists() and (tmp_path / "b" / "a").exists()


def test_what_did_not_change_is_not_replaced(paths):
    before = paths.build.stat().st_ino
    publish(paths, "1")
    assert paths.build.stat().st_ino == before


def test_a_run_that_fails_leaves_the_build_before(paths, tmp_path):
    with suppress(KeyboardInterrupt), _beside(paths) as made:
        write(made.build, "2")
        raise KeyboardInterrupt
    with pytest.raises(CaodianError, match="hash of the manifest"), _beside(paths) as made:
        (made.build / "report.zh.html").write_text("other", encoding="utf-8")
    assert tree(paths.build) == expected(tmp_path, "1")
    assert sorted(path.name for path in paths.out.iterdir()) == ["mine"]


def test_a_build_that_another_program_holds_stays_and_is_told(paths, tmp_path, monkeypatch):
    monkeypatch.setattr(report_steps, "_exchange", lambda *_: False)
    rename = type(paths.build).rename

    def held(path, target):
        if ".new" in str(path):  # the old one is away, and the new one cannot take its place
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return rename(path, target)

    for refuse in (held, lambda path, _: held(path / ".new", path)):
        monkeypatch.setattr(type(paths.build), "rename", refuse)
        with pytest.raises(CaodianError, match="Close the programs"):
            publish(paths, "2")
        monkeypatch.setattr(type(paths.build), "rename", rename)
        sweep(paths)
        assert tree(paths.build) == expected(tmp_path, "1")


@pytest.mark.slow
def test_a_run_killed_at_any_call_leaves_a_whole_build(paths, tmp_path, swapped):
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    start, whole = tmp_path / "start", [expected(tmp_path, "1"), expected(tmp_path, "2")]
    shutil.copytree(paths.out, start)
    ends, reader, at = [], Reader(paths.build, whole), 0
    while not ends or ends[-1]:
        at += 1
        process = os.fork()
        if not process:
            with suppress(BaseException):
                sys.addaudithook(counting(paths.out, at, lambda *_: os.kill(os.getpid(), 9)))
                publish(paths, "2")
                os._exit(0)
            os._exit(70)
        ends.append(wait(process))
        if swapped == "at once":
            reader.look()
        sweep(paths)
        reader.look()
        publish(paths, "2")
        assert tree(paths.build) == whole[1]
        assert sorted(path.name for path in paths.out.iterdir()) == ["mine"]
        shutil.rmtree(paths.out)
        shutil.copytree(start, paths.out)
    assert len(ends) > 30 and set(ends) == {-signal.SIGKILL, 0}
    assert set(reader.looks) == {"whole"}


def test_what_a_killed_run_left_is_swept_and_nothing_else(paths):
    folders = [paths.processed, paths.posts, paths.coded]
    left = [
        paths.processed / ".fingerprints" / "a",
        paths.processed / ".audit.new" / "a",
        paths.posts / ".part-00001.parquet.partial",
        _place_beside(paths.build) / "mine" / "a",
    ]
    kept = [*(folder / "part-00001.parquet" for folder in folders), paths.posts / ".keep"]
    for path in (*left, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    sweep(paths)
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)
    assert (paths.build / ".caodian-run").exists() and (paths.build / "manifest.json").exists()
